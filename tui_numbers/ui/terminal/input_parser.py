"""Parse terminal input into keys, mouse reports and pastes; drop replies to queries.

Textual's own parser types whatever it does not know. Here a sequence is told by its grammar
(ECMA-48), so that one that is unknown, unasked, or cut by a slow line never becomes keys.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from textual import constants, events
from textual.keys import Keys
from textual.message import Message

from tui_numbers.ui.textual_private import (
    ANSI_SEQUENCES_KEYS,
    FOCUSIN,
    FOCUSOUT,
    SequenceParser,
)

_ESC: Final = "\x1b"
_PASTE_BEGINS: Final = "\x1b[200~"
_PASTE_ENDS: Final = "\x1b[201~"
_SHORT: Final = 1.0
"""Seconds of silence that end a paste, and what may be a key pressed with Alt."""
_LONG: Final = 5.0
"""Seconds of silence that end an unfinished control string, during which keys are swallowed."""
_LONGEST: Final = 10.0
"""Seconds for the rest of a control sequence, which swallows one key at most."""
_LATE: Final = 2.0
"""Seconds in which the rest can come of a sequence of which only the beginning is known."""
_GIVEN_UP: Final = 30.0
"""Seconds in which what is clearly the rest of a paste or a string is still taken for it."""
_BULK: Final = 32
"""Characters that nobody types at once."""
_MOST: Final = 512
"""Characters of a sequence that are kept; none that means something is longer."""
_C1: Final = {
    "\x8f": "O", "\x90": "P", "\x98": "X", "\x9b": "[", "\x9c": "\\", "\x9d": "]", "\x9e": "^",
    "\x9f": "_",
}  # fmt: skip
"""Controls of one character, and what follows Escape in those of two."""
_INTRODUCERS: Final = _C1 | {chr(0xDC00 + ord(one)): after for one, after in _C1.items()}
"""The same also as bytes that are no UTF-8, which ``surrogateescape`` decodes so."""
_ENDS_STRING: Final = frozenset(("\x9c", "\udc9c"))
_NO_TEXT: Final = re.compile("[\ud800-\udfff]")
_NOT_PASTED: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_STRINGS: Final = {"]": "0123456789lLI", "P": "0123456789>!$+", "_": "G", "^": "", "X": ""}
"""OSC, DCS, APC, PM and SOS, each with what replies of the kind begin with."""
_LATE_START: Final = re.compile(
    r"[\[\\]|\](?:[\dlLI]|\Z)|P[\d>!$+]|_G|O[A-DFHP-S]\Z|[_^X].*\x1b\\", re.DOTALL
)
"""What continues a sequence whose Escape was taken for the key, as nobody types it."""
_PASTE_REST: Final = re.compile(r"[^\x1b]*\x1b\[201~")
_STRING_REST: Final = re.compile("[^\x1b]*(?:\x07|\x1b\\\\|\x9c|\udc9c)")
_MOUSE: Final = re.compile(r"\x1b\[<\d{1,5};-?\d{1,5};-?\d{1,5}[Mm]")
_MODE_REPORT: Final = re.compile(r"\x1b\[\?(?:2026|2048);\d\$y")
_POSITION: Final = re.compile(r"\x1b\[\d+;\d+R")
"""Where the cursor is; F3 with a modifier reads the same at some terminals."""
_SIZE: Final = re.compile(r"\x1b\[48" + 4 * r";([1-9]\d{0,4})(?::[\d:]*)?" + "t")
_KITTY_KEY: Final = re.compile(
    r"\x1b\[(?P<code>\d{0,7})(?::[\d:]*)?"
    r"(?:;(?P<modifiers>\d{0,3})(?::(?P<event>\d?))?(?:;(?P<text>[\d:]*))?)?"
    r"(?P<end>[u~ABCDEFHPQS])"
)
_RELEASED: Final = "3"
_LAST_CHARACTER: Final = 0x10FFFF
_SURROGATES: Final = range(0xD800, 0xE000)


@dataclass(frozen=True, slots=True)
class Typed:
    """A character, or a whole sequence."""

    sequence: str


@dataclass(frozen=True, slots=True)
class Pasted:
    """The text of a bracketed paste."""

    text: str


class SequenceReader:
    """Tokenise input into characters, whole sequences and pastes; drop control strings.

    The clock is the caller's: ``feed`` and ``tick`` are told the time, and ``tick`` is due at
    ``deadline``.
    """

    def __init__(self, escape_delay: float) -> None:
        self._escape_delay = escape_delay
        self._tokens: list[Typed | Pasted] = []
        self._state: Callable[[str], None] = self._ground
        self._sequence = ""
        self._pasted: list[str] = []
        self._string = ""
        """What introduced the control string."""
        self._wait = 0.0
        self._busy_at = 0.0
        """When more came at once than one character, or what is unfinished began."""
        self._late_until = 0.0
        self._given_up: Callable[[str], None] | None = None
        self._given_up_within = ""
        """The beginning of the end marker that a paste given up had."""
        self._given_up_until = 0.0
        self.deadline: float | None = None
        """When what is unfinished is given up; None where nothing is."""

    def feed(self, text: str, now: float) -> Sequence[Typed | Pasted]:
        """Tokenise what was read at once; return what is complete."""
        tokens = list(self.tick(now))
        if self._state in (self._ground, self._escape) or len(text) > 1:
            self._busy_at = now
        if self._state == self._ground:
            self._resume(text, now)
        for character in text:
            self._state(character)
        self._set_deadline(now)
        return tokens + self._taken()

    def tick(self, now: float) -> Sequence[Typed | Pasted]:
        """Give up what was not completed in time; return what it leaves."""
        if self.deadline is None or now < self.deadline:
            return ()
        state = self._state
        if state == self._escape:
            self._tokens.append(Typed(_ESC))
            self._late_until = now + _LATE
        elif state == self._string_end:
            self._late_until = now + _LONGEST
        elif state == self._control and self._sequence in ANSI_SEQUENCES_KEYS:
            self._tokens.append(Typed(self._sequence))
        elif state == self._paste:
            self._end_paste()
        if state in (self._paste, self._string_body):
            self._given_up, self._given_up_within = state, self._sequence
            self._given_up_until = now + _GIVEN_UP
        self._begin(self._ground)
        self._set_deadline(now)
        return self._taken()

    def _taken(self) -> list[Typed | Pasted]:
        tokens, self._tokens = self._tokens, []
        return tokens

    def _begin(self, state: Callable[[str], None], sequence: str = "", wait: float = 0.0) -> None:
        self._state, self._sequence, self._wait = state, sequence, wait

    def _set_deadline(self, now: float) -> None:
        if self._state == self._ground:
            self.deadline = None
        elif self._state in (self._escape, self._string_end):
            self.deadline = now + self._escape_delay
        else:
            # Single characters may be keys, which must not be swallowed for ever.
            self.deadline = min(now + self._wait, self._busy_at + 2 * self._wait)

    def _resume(self, text: str, now: float) -> None:
        """Go on with what was given up, where ``text`` can only be its rest."""
        if now < self._late_until and _LATE_START.match(text):
            self._begin(self._escape, _ESC)
        elif self._given_up is not None and now < self._given_up_until:
            cut = self._given_up_within
            rest = _PASTE_REST if self._given_up == self._paste else _STRING_REST
            in_bulk = len(text) >= _BULK and _ESC not in text
            if in_bulk or rest.match(text) or (cut and text.startswith(_PASTE_ENDS[len(cut) :])):
                self._begin(self._given_up, cut, _SHORT)
                self._given_up = None
        self._late_until = 0.0

    def _ground(self, character: str) -> None:
        if character == _ESC:
            self._begin(self._escape, _ESC)
        elif character in _INTRODUCERS:
            self._escape(_INTRODUCERS[character])
        else:
            self._tokens.append(Typed(_NO_TEXT.sub("\ufffd", character)))

    def _escape(self, character: str) -> None:
        if character == _ESC:
            self._tokens.append(Typed(_ESC))
        elif character == "[":
            self._begin(self._control, "\x1b[", _LATE)
        elif character == "O":
            self._begin(self._single_shift, "\x1bO", _SHORT)
        elif character in _STRINGS:
            self._string = character
            self._begin(self._string_start, wait=_SHORT)
        elif character < " " and _ESC + character not in ANSI_SEQUENCES_KEYS:
            # Two keys that came together: Enter after Escape must not become Enter alone.
            self._tokens.append(Typed(_ESC))
            self._begin(self._ground)
            self._ground(character)
        else:
            self._begin(self._ground)
            # The end of a control string that was given up is no key.
            if character != "\\":
                self._tokens.append(Typed(_ESC + _NO_TEXT.sub("\ufffd", character)))

    def _control(self, character: str) -> None:
        """In a control sequence, up to its final character."""
        before = self._sequence
        if character == "[" and before == "\x1b[":
            # The Linux console's own function keys.
            self._sequence += character
        elif " " <= character <= "?":
            self._sequence, self._wait = (before + character)[:_MOST], _LONGEST
            if character == "$" and re.fullmatch(r"\x1b\[\d+", before):
                # A key of rxvt; a reply with this character has two parameters or a mark.
                self._end_control()
        elif "@" <= character <= "~":
            self._sequence += character
            self._end_control()
        else:
            # No sequence holds it, so the rest will not come.
            self._begin(self._ground)
            self._ground(character)

    def _end_control(self) -> None:
        sequence = self._sequence
        self._begin(self._ground)
        if sequence == _PASTE_BEGINS:
            self._pasted.clear()
            self._begin(self._paste, wait=_SHORT)
        elif sequence == "\x1b[M":
            self._begin(self._old_mouse, sequence, _SHORT)
        elif sequence != _PASTE_ENDS:
            self._tokens.append(Typed(sequence))

    def _old_mouse(self, character: str) -> None:
        """In a mouse report of the first kind: three characters of any sort."""
        self._sequence += character
        if len(self._sequence) == len("\x1b[M") + 3:
            self._begin(self._ground)

    def _single_shift(self, character: str) -> None:
        if character.isdecimal() or character == ";":
            self._sequence = (self._sequence + character)[:_MOST]
        else:
            sequence = self._sequence + character
            self._begin(self._ground)
            if " " < character <= "~":
                self._tokens.append(Typed(sequence))
            else:
                self._ground(character)

    def _string_start(self, character: str) -> None:
        """At the first character of a control string, which tells a reply from keys."""
        self._wait = _LONG if character in _STRINGS[self._string] else _SHORT
        self._state = self._string_body
        self._string_body(character)

    def _string_body(self, character: str) -> None:
        if character == _ESC:
            self._state = self._string_end
        elif character in _ENDS_STRING or (character == "\a" and self._string == "]"):
            self._begin(self._ground)

    def _string_end(self, character: str) -> None:
        self._begin(self._escape, _ESC)
        if character != _ESC:
            self._escape(character)

    def _paste(self, character: str) -> None:
        candidate = self._sequence + character
        if candidate == _PASTE_ENDS:
            self._end_paste()
            self._begin(self._ground)
        elif _PASTE_ENDS.startswith(candidate):
            self._sequence = candidate
        else:
            self._pasted.append(self._sequence)
            self._sequence = character if character == _ESC else ""
            self._pasted.append("" if self._sequence else character)

    def _end_paste(self) -> None:
        text = _NO_TEXT.sub("\ufffd", "".join(self._pasted))
        self._pasted.clear()
        self._given_up = None
        if text:
            self._tokens.append(Pasted(_NOT_PASTED.sub("", text)))


class InputParser:
    """Turn input into Textual's messages; drop what is no key, paste or awaited report."""

    def __init__(self, *, mouse: bool = True, escape_delay: float = constants.ESCAPE_DELAY) -> None:
        self._reader = SequenceReader(escape_delay)
        self._textual = SequenceParser()
        self._mouse = mouse
        self.takes_sizes = False
        """Whether the terminal was asked to report its size among the input."""

    @property
    def deadline(self) -> float | None:
        """Return when ``tick`` is due; None where nothing is unfinished."""
        return self._reader.deadline

    def feed(self, text: str, now: float) -> Iterator[Message]:
        """Parse what was read at once."""
        for token in self._reader.feed(text, now):
            yield from self._messages(token)

    def tick(self, now: float) -> Iterator[Message]:
        """Give up what was not completed in time."""
        for token in self._reader.tick(now):
            yield from self._messages(token)

    def _messages(self, token: Typed | Pasted) -> Iterator[Message]:
        if isinstance(token, Pasted):
            yield events.Paste(token.text)
            return
        sequence = token.sequence
        if sequence == _ESC:
            yield events.Key("escape", _ESC)
        elif self._is_awaited(sequence):
            yield from self._textual.feed(sequence)
        elif size := _SIZE.fullmatch(sequence):
            if self.takes_sizes:
                yield from self._textual.feed(f"\x1b[48;{';'.join(size.groups())}t")
        elif not _POSITION.fullmatch(sequence):
            yield from self._keys(sequence)

    def _is_awaited(self, sequence: str) -> bool:
        return bool(
            sequence in (FOCUSIN, FOCUSOUT)
            or _MODE_REPORT.fullmatch(sequence)
            or (self._mouse and _MOUSE.fullmatch(sequence))
        )

    def _keys(self, sequence: str) -> Iterator[events.Key]:
        alt = len(sequence) == 2 and sequence not in ANSI_SEQUENCES_KEYS
        if alt:
            sequence = sequence[1:]
        elif len(sequence) > 1 and sequence not in ANSI_SEQUENCES_KEYS:
            sequence = _plain_kitty_key(sequence)
        if sequence:
            for key in self._textual.keys_of(sequence, alt=alt):
                if key.key != Keys.Ignore:
                    yield key


def _plain_kitty_key(sequence: str) -> str:
    """Return a key of the kitty protocol as far as Textual reads it, or nothing for others.

    Alternate keys and repeats, which were not asked for, are left out; a key let go is none.
    """
    match = _KITTY_KEY.fullmatch(sequence)
    if match is None or match["event"] == _RELEASED:
        return ""
    text = [int(code) for code in (match["text"] or "").split(":") if code]
    for code in (int(match["code"] or 1), *text):
        if code > _LAST_CHARACTER or code in _SURROGATES:
            return ""
    fields = [match["code"], match["modifiers"] or "", ":".join(map(str, text))]
    return f"\x1b[{';'.join(fields).rstrip(';')}{match['end']}"
