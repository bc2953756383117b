"""Filter rows by text, for `/` and `list --filter`: one row or a hundred thousand."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from typing import Final

from tui_numbers.domain.e164 import digits_of, number_text, partial_digits

SEPARATOR = "\n"
"""Stands between the lines of a haystack: the digits of numbers, the targets that are stored, and
then what words are found in."""
WITHIN = "  "
"""Stands between texts that share a line; no word and no number of a filter holds two spaces."""

_LINKED = "linked:"
# The last one stands where a character was that is not shown.
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufffd]+"
)
_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")


def normalised(text: str) -> str:
    """Return ``text`` as it is compared: NFC, case folded, ASCII digits, nothing invisible."""
    if text.isascii():
        return text.lower()
    visible = _INVISIBLE.sub("", text)
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", visible).casefold())
    return _FOREIGN_DIGIT.sub(lambda digit: str(unicodedata.digit(digit[0])), folded)


def haystack(
    number: str,
    texts: Iterable[str | None],
    phones: Iterable[str] = (),
    linked: Iterable[str] = (),
) -> str:
    """Join what a row can be found by into one string, made once a row.

    ``number`` and ``phones`` are E.164: their digits match in any spelling. ``linked`` are the
    targets that are stored (``kind:value``), which ``linked:`` finds. Each of ``texts`` has a line
    of its own, whether it is there or not; a line end within it becomes a space.
    """
    lines = [WITHIN.join(map(digits_of, (number, *phones)))]
    lines.append(_line(WITHIN.join(_LINKED + target for target in linked)))
    lines.extend(_line(text) if text else "" for text in texts)
    return SEPARATOR.join(lines) if len(lines) > 2 else SEPARATOR.join((*lines, ""))


def _line(text: str) -> str:
    return normalised(text).replace(SEPARATOR, " ")


def _digit_spellings(text: str) -> tuple[str, ...]:
    """Return the digit runs that a number written as ``text``, in ASCII, may stand for."""
    digits = digits_of(text)
    if digits.startswith("00") and len(digits) > 2 and "+" not in text:
        return (digits[2:], digits)
    if digits.startswith("0") and len(digits) > 1 and "+" not in text:
        return (digits, digits[1:])
    return (digits,)


def _whole_number(text: str) -> "Term | None":
    """Return the whole text as one number, where its words alone would say less."""
    number = number_text(text)
    if number is None:
        return None
    digits = digits_of(number)
    if number.lstrip("([ ").startswith("+") or digits.startswith("00"):
        meant = partial_digits(number)
        if meant not in digits:
            return _term(f"+{meant}")
    return _term(text) if len(text.split()) > 1 else None


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a filter, or a whole phone number typed with spaces."""

    text: str
    spellings: tuple[str, ...] = ()
    """The digit runs it may stand for; none where it is no part of a number."""
    inverted: bool = False
    """Whether rows pass that it is not found in."""
    linked: bool = False
    """Whether it is looked for among the targets that are stored, and nowhere else."""

    @property
    def cores(self) -> tuple[str, ...]:
        """The spellings that hold no other one: where none of these is found, none is."""
        return tuple(
            one
            for one in self.spellings
            if not any(other in one for other in self.spellings if other != one)
        )

    def inside(self, hay: str) -> bool:
        """Tell whether it is found in ``hay``; whether that is wanted, ``inverted`` tells."""
        numbers, linked, texts = hay.split(SEPARATOR, 2)
        if self.linked:
            return self.text in linked
        return self.text in texts or any(core in numbers for core in self.cores)

    def matches(self, hay: str) -> bool:
        """Tell whether a row found by ``hay`` passes."""
        return self.inside(hay) is not self.inverted


def _term(word: str) -> Term:
    inverted = word.startswith("!") and len(word) > 1
    bare = word[1:] if inverted else word
    if bare.startswith(_LINKED):
        return Term(bare, (), inverted, linked=True)
    number = number_text(bare)
    if number is None:
        return Term(bare, (), inverted)
    return Term(number, _digit_spellings(number), inverted)


@dataclass(frozen=True, slots=True)
class TextFilter:
    """A compiled filter: words must be found, ``!word`` must not; digits match any spelling.

    ``linked:KIND`` and ``linked:KIND:VALUE`` find the targets that are stored for a number,
    including those that another setting overrides.
    """

    text: str
    terms: tuple[Term, ...]
    whole_number: Term | None
    """The text read as one phone number, where that says more than its words; else None."""

    @classmethod
    def compile(cls, text: str) -> "TextFilter":
        """Read what a person typed; never fails, and empty text matches everything."""
        words = normalised(text).split()
        return cls(text, tuple(map(_term, words)), _whole_number(" ".join(words)))

    def matches(self, hay: str) -> bool:
        """Tell whether a row whose ``haystack`` is ``hay`` passes."""
        if self.whole_number is not None and self.whole_number.matches(hay):
            return True
        return all(term.matches(hay) for term in self.terms)

    def spans(self, shown: str) -> list[tuple[int, int]]:
        """Return the (start, end) character spans of ``shown`` that made the row match.

        Digits are found through the spaces and dashes of a formatted number.
        """
        found: list[tuple[int, int]] = []
        folded = normalised(shown)
        if len(folded) != len(shown):
            return found
        places = [index for index, character in enumerate(folded) if character.isdecimal()]
        digits = "".join(folded[index] for index in places)
        terms = (self.whole_number,) if self.whole_number is not None else self.terms
        for term in terms:
            if term.inverted or not term.text:
                continue
            at = folded.find(term.text)
            if at >= 0:
                found.append((at, at + len(term.text)))
                continue
            for spelling in term.spellings:
                start = digits.find(spelling)
                if start >= 0:
                    found.append((places[start], places[start + len(spelling) - 1] + 1))
                    break
        return found


BLOCK_ROWS: Final = 2048
"""Rows that are packed together: few enough that packing or searching them takes no time."""

_DISTINCT = 256
"""A column of a block keeps each of its texts once where there are at most so many."""
_MOST_KNOWN = 24
"""Terms whose rows are kept, for the words that stay while another one is typed or erased."""
# UTF-8 has neither byte, so no text can hold one, and nothing is found across two texts.
_END: Final = b"\xff"
_HIT: Final = b"\xfe"
_ALL_BUT_THOSE: Final = bytes(range(0xFE))
_ONE: Final = b"\x01"
_AS_FLAGS: Final = bytes(int(byte == 1) for byte in range(256))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _having(texts: bytes, part: bytes) -> bytes:
    """Return a byte for each text: 1 where ``part`` is in it, and 0 elsewhere."""
    hits = texts.replace(part, _HIT).translate(None, _ALL_BUT_THOSE)
    return hits.replace(_HIT + _END, _ONE).translate(_AS_FLAGS, _HIT)


class _Column:
    """One line of every haystack of a block; where texts repeat, each of them is kept once."""

    __slots__ = ("_picks", "_texts")

    def __init__(self, lines: Sequence[str]) -> None:
        places = {line: place for place, line in enumerate(dict.fromkeys(lines))}
        few = len(places) <= min(_DISTINCT, len(lines) // 2)
        self._picks = bytes(map(places.__getitem__, lines)) if few else None
        joined = "\n".join(places if few else lines)
        # A line holds no line end, so those that stand between them become what ends a text.
        self._texts = _encoded(joined).replace(b"\n", _END) + _END

    def having(self, part: bytes) -> int:
        """Return the rows whose line holds ``part``, as an integer with a byte for each."""
        if part not in self._texts:
            return 0
        found = _having(self._texts, part)
        if self._picks is not None:
            found = self._picks.translate(found.ljust(256, b"\0"))
        return int.from_bytes(found, "little")

    def lines(self) -> list[str]:
        """Return the lines as they came."""
        texts = self._texts[:-1].replace(_END, b"\n").decode("utf-8", "surrogatepass").split("\n")
        return texts if self._picks is None else [texts[pick] for pick in self._picks]


class _Block:
    """Haystacks of some rows, line under line; the first line holds digits of numbers."""

    __slots__ = ("_columns", "_linked", "count")

    def __init__(self, hays: Sequence[str]) -> None:
        self.count = len(hays)
        rows = (hay.split(SEPARATOR) for hay in hays)
        numbers, linked, *texts = zip_longest(*rows, fillvalue="")
        self._columns = tuple(map(_Column, (numbers, *texts)))
        # Each target repeats more often than what a number is linked to in all.
        parts = zip_longest(*(line.split(WITHIN) for line in linked), fillvalue="")
        self._linked = tuple(map(_Column, parts))

    def having(self, term: Term) -> int:
        """Return the rows that ``term`` is in, whether it is inverted or not."""
        text = _encoded(term.text)
        numbers, *others = self._columns
        rows = 0
        if term.linked:
            for column in self._linked:
                rows |= column.having(text)
            return rows
        for digits in term.cores:
            rows |= numbers.having(_encoded(digits))
        for column in others:
            rows |= column.having(text)
        return rows

    def hays(self) -> list[str]:
        """Return the haystacks; behind a shorter one of them may stand empty lines."""
        numbers, *texts = (column.lines() for column in self._columns)
        parts = zip(*(column.lines() for column in self._linked), strict=True)
        linked = [WITHIN.join(filter(None, targets)) for targets in parts]
        return list(map(SEPARATOR.join, zip(numbers, linked, *texts, strict=True)))


class Haystacks:
    """The haystacks of many rows, by index; made at once, then changed row by row."""

    def __init__(self) -> None:
        self._blocks: list[_Block] = []
        self._starts: list[int] = []
        self._packed = 0
        self._loose: dict[int, str] = {}
        """What stands in no block yet, or not as it is now."""
        self._count = 0
        self._known: dict[Term, int] = {}

    def __len__(self) -> int:
        return self._count

    def pack(self, hays: Iterable[str]) -> None:
        """Add haystacks behind the others, in blocks; meant for many of them."""
        waiting = [self._loose[index] for index in range(self._packed, self._count)]
        every = chain(waiting, hays)
        while block := list(islice(every, BLOCK_ROWS)):
            self._add_block(block)

    def append(self, hay: str) -> None:
        """Add one."""
        self._loose[self._count] = hay
        self._count += 1
        self._known.clear()
        if self._count - self._packed >= BLOCK_ROWS:
            self.pack(())

    def replace(self, index: int, hay: str) -> None:
        """Put another in the place of one."""
        self._loose[index] = hay
        self._known.clear()

    def reader(self) -> Callable[[int], str | None]:
        """Return what reads one by its index, or None where that would take a while.

        A block is unpacked where reading comes to its first row: whoever reads one after another
        gets most of them, and whoever jumps about waits for none.
        """
        first, hays = 0, list[str]()

        def read(index: int) -> str | None:
            nonlocal first, hays
            loose = self._loose.get(index)
            if loose is not None:
                return loose
            if not first <= index < first + len(hays):
                block = bisect_right(self._starts, index) - 1
                if self._starts[block] != index:
                    return None
                first, hays = self._starts[block], self._blocks[block].hays()
            return hays[index - first]

        return read

    def passing(self, wanted: TextFilter) -> bytes:
        """Return a byte for each haystack: 1 where it passes, and 0 where it does not."""
        every = int.from_bytes(_ONE * self._count, "little")
        rows = every
        for term in wanted.terms:
            found = self._with(term)
            rows &= found ^ every if term.inverted else found
        if wanted.whole_number is not None:
            rows |= self._with(wanted.whole_number)
        return rows.to_bytes(self._count, "little")

    def _with(self, term: Term) -> int:
        """Return the rows that ``term`` is in, as an integer with a byte for each."""
        known = self._known.pop(term, None)
        if known is None:
            known = int.from_bytes(self._search(term), "little")
            if len(self._known) >= _MOST_KNOWN:
                del self._known[next(iter(self._known))]
        self._known[term] = known
        return known

    def _search(self, term: Term) -> bytes:
        found = bytearray(b"".join(self._search_blocks(term)))
        found.extend(bytes(self._count - self._packed))
        for index, hay in self._loose.items():
            found[index] = term.inside(hay)
        return bytes(found)

    def _search_blocks(self, term: Term) -> Iterator[bytes]:
        for block in self._blocks:
            yield block.having(term).to_bytes(block.count, "little")

    def _add_block(self, hays: Sequence[str]) -> None:
        first = self._packed
        # Readers in other threads find each row all the while.
        self._blocks.append(_Block(hays))
        self._starts.append(first)
        self._packed += len(hays)
        for index in range(first, min(self._packed, self._count)):
            del self._loose[index]
        self._count = max(self._count, self._packed)
        self._known.clear()
