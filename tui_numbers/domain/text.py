"""Clean text from outside, and replace characters that an encoding lacks."""

from __future__ import annotations

import codecs
import unicodedata

# Loading typing takes as long as starting Python does, and the first frame waits for it.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final


_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and symbols that Unicode calls printable although they draw nothing."""
_NAMED = {"\x7f": "␡", "\x85": "␤", "\u2028": "␤", "\u2029": "␤"}

UNREADABLE = "\ufffd"
"""Stands for a character that could not be read, and for one that is not shown."""

_LONGEST = 4000
_UNSTORABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Categories of what no value of one line holds: controls, half characters and line ends."""


def _visible(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    if ord(character) < 0x20:
        return chr(0x2400 + ord(character))
    if character in _BLANK_LETTERS or not character.isprintable():
        return " " if character.isspace() else UNREADABLE
    return character


def clean(text: str, longest: int = _LONGEST) -> str:
    """Return ``text`` on one line with every unprintable character replaced by a visible mark.

    Control, bidirectional, zero-width and private characters become pictures or U+FFFD, unusual
    spaces become a space, and what is longer than ``longest`` characters is cut with an ellipsis.
    """
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    if text.isprintable() and (text.isascii() or _BLANK_LETTERS.isdisjoint(text)):
        return text
    return "".join(map(_visible, text))


def is_storable(text: str) -> bool:
    """Tell whether ``text`` can be a value of one line, to be stored exactly as it stands.

    Joiners, direction marks and no-break spaces are part of words and emoji; controls are not.
    """
    return text.isprintable() or all(map(_is_storable, text))


def storable(text: str) -> str:
    """Return ``text`` with a visible mark for each character that no value may hold."""
    if text.isprintable():
        return text
    return "".join(one if _is_storable(one) else _visible(one) for one in text)


def _is_storable(character: str) -> bool:
    return unicodedata.category(character) not in _UNSTORABLE


def was_altered(shown: str) -> bool:
    """Tell whether ``shown``, the result of ``clean``, may have been another text before.

    Unusual spaces became plain ones, so that a plain space tells nothing.
    """
    return len(shown) >= _LONGEST or any(
        one in (" ", UNREADABLE) or 0x2400 <= ord(one) <= 0x2424 for one in shown
    )


HANDLER: Final = "tui-numbers-plain"
"""The error handler by which streams and ``str.encode`` replace what they cannot encode."""

_DRAWN: Final = str.maketrans(
    "—–―‐·•…→←↑↓▸▾▼▲›‹▌▎▊▍▐▕▏█▀▄▔▁─━═│┃║“”„‘’✓✔✗×\u00a0",
    '----.*.><^v>vv^><>||||||##=-_---|||"""\'\'++xx ',
)
_BOX: Final = range(0x2500, 0x2580)
_BLOCKS: Final = range(0x2580, 0x25A0)


def plain(character: str) -> str:
    """Return ASCII that reads like ``character`` and takes as many cells."""
    drawn = character.translate(_DRAWN)
    if drawn.isascii():
        return drawn
    if ord(character) in _BOX:
        return "+"
    if ord(character) in _BLOCKS:
        return "#"
    if unicodedata.combining(character):
        return ""
    base = unicodedata.normalize("NFKD", character)[0]
    if base.isascii() and base.isprintable():
        return base
    return "??" if unicodedata.east_asian_width(character) in "WF" else "?"


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(plain, error.object[error.start : error.end])), error.end


codecs.register_error(HANDLER, _replaced)


def nearest(word: str, known: Iterable[str], listed: Iterable[str] | None = None) -> str:
    """Suggest the known word nearest to ``word``, or list all known ones, or those ``listed``."""
    import difflib

    choices = sorted(known)
    close = difflib.get_close_matches(word, choices, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"known are {', '.join(choices if listed is None else listed)}"


def word_key(word: str) -> str:
    """Return what a word of a vocabulary is compared by: case, hyphens and spaces do not count."""
    return "_".join(word.casefold().replace("-", " ").replace("_", " ").split())
