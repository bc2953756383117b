"""Search the text of very many rows at once: haystacks packed line under line."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest
from typing import Final

from tui_numbers.domain.filter_terms import (
    LINKED,
    NUMBERS,
    PHONES,
    SEPARATOR,
    SHOWN,
    WITHIN,
    Comparison,
    Expression,
    Term,
    Words,
)
from tui_numbers.domain.filtering import RowFilter

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
        return self._spread(_having(self._texts, part))

    def told(self) -> int:
        """Return the rows whose line is not empty."""
        if not self._texts.startswith(_END) and _END + _END not in self._texts:
            return self._spread(_ONE * self._texts.count(_END))
        return self._spread(bytes(map(bool, self._distinct())))

    def holding(self, holds: Callable[[str], bool], literal: bytes = b"") -> int:
        """Return the rows whose line ``holds`` is true of; it is asked once for each text.

        It is not asked where ``literal`` is missing.
        """
        if literal not in self._texts:
            return 0
        texts = self._distinct()
        if not literal:
            return self._spread(bytes(map(holds, texts)))
        candidates = _having(self._texts, literal)
        return self._spread(
            bytes(maybe and holds(text) for maybe, text in zip(candidates, texts, strict=True))
        )

    def lines(self) -> list[str]:
        """Return the lines as they came."""
        texts = self._distinct()
        return texts if self._picks is None else [texts[pick] for pick in self._picks]

    def _distinct(self) -> list[str]:
        texts = self._texts[:-1].replace(_END, b"\n").decode("utf-8", "surrogatepass")
        return texts.split("\n")

    def _spread(self, found: bytes) -> int:
        """Return the rows, as an integer, of which each text was found or not."""
        if self._picks is not None:
            found = self._picks.translate(found.ljust(256, b"\0"))
        return int.from_bytes(found, "little")


class _Block:
    """Haystacks of some rows, line under line."""

    __slots__ = ("_columns", "_linked", "count")

    def __init__(self, hays: Sequence[str]) -> None:
        self.count = len(hays)
        rows = (hay.split(SEPARATOR) for hay in hays)
        lines = list(zip_longest(*rows, fillvalue=""))
        lines.extend([("",) * self.count] * (SHOWN + 1 - len(lines)))
        # Each target repeats more often than what a number is linked to in all.
        parts = zip_longest(*(line[2:-2].split(WITHIN) for line in lines[LINKED]), fillvalue="")
        self._linked = tuple(map(_Column, parts))
        lines[LINKED] = ("",) * self.count
        self._columns = tuple(map(_Column, lines))

    def having(self, term: Term) -> int:
        """Return the rows that ``term`` is in, whether it is inverted or not."""
        match term:
            case Words():
                return self._words(term)
            case Comparison():
                return self._columns[term.told].holding(term.holds)
            case Expression():
                literal, rows = _encoded(term.literal), 0
                for column in (*self._columns[NUMBERS : PHONES + 1], *self._columns[SHOWN:]):
                    rows |= column.holding(term.holds, literal)
                return rows

    def told(self, line: int) -> int:
        """Return the rows that tell something on a line."""
        return self._columns[line].told()

    def _words(self, term: Words) -> int:
        rows = 0
        for needle in term.needles:
            part = _encoded(needle)
            if not part:
                return int.from_bytes(_ONE * self.count, "little")
            for column in self._looked_at(term.lines):
                rows |= column.having(part)
        for digits in term.cores:
            for at in term.numbers:
                rows |= self._columns[at].having(_encoded(digits))
        return rows

    def _looked_at(self, lines: tuple[int, ...]) -> Iterator[_Column]:
        if not lines:
            yield from self._columns[SHOWN:]
        for at in lines:
            if at == LINKED:
                yield from self._linked
            elif at < len(self._columns):
                yield self._columns[at]

    def hays(self) -> list[str]:
        """Return the haystacks; behind a shorter one of them may stand empty lines."""
        lines = [column.lines() for column in self._columns]
        parts = zip(*(column.lines() for column in self._linked), strict=True)
        texts = (WITHIN.join(filter(None, targets)) for targets in parts)
        lines[LINKED] = [f"{WITHIN}{text}{WITHIN}" if text else "" for text in texts]
        return list(map(SEPARATOR.join, zip(*lines, strict=True)))


class Haystacks:
    """The haystacks of many rows, by index; made at once, then changed row by row."""

    def __init__(self) -> None:
        self._blocks: list[_Block] = []
        self._starts: list[int] = []
        self._packed = 0
        self._loose: dict[int, str] = {}
        """What stands in no block yet, or not as it is now."""
        self._count = 0
        self._known: dict[Term | int, int] = {}
        self._flags: dict[str, frozenset[int]] = {}

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

    def set_flag(self, word: str, indices: Iterable[int]) -> None:
        """Say of which rows a word of ``is:`` holds, beside those whose haystack says so."""
        self._flags[word] = frozenset(indices)
        for term in [one for one in self._known if isinstance(one, Words) and word in one.flags]:
            del self._known[term]

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

    def passing(self, wanted: RowFilter) -> bytes:
        """Return a byte for each haystack: 1 where it passes, and 0 where it does not."""
        every = self._every()
        rows = every
        for term in wanted.terms:
            rows &= self._passing(term, every)
        if wanted.whole_number is not None:
            rows |= self._with(wanted.whole_number)
        return rows.to_bytes(self._count, "little")

    def untold(self, wanted: RowFilter) -> int:
        """Return how many pass but for what their providers do not tell."""
        every = self._every()
        rows, maybe = every, every
        for term in wanted.terms:
            passing = self._passing(term, every)
            rows &= passing
            maybe &= passing if term.told is None else passing | (every ^ self._telling(term.told))
        return (rows ^ maybe).bit_count()

    def _every(self) -> int:
        return int.from_bytes(_ONE * self._count, "little")

    def _passing(self, term: Term, every: int) -> int:
        """Return the rows that pass a term."""
        found = self._with(term)
        if not term.inverted:
            return found
        return found ^ every if term.told is None else self._telling(term.told) & (found ^ every)

    def _telling(self, line: int) -> int:
        """Return the rows that tell something on a line."""
        known = self._known.get(line)
        if known is None:
            found = bytearray(b"".join(self._blocks_telling(line)))
            found.extend(bytes(self._count - self._packed))
            for index, hay in self._loose.items():
                lines = hay.split(SEPARATOR)
                found[index] = line < len(lines) and lines[line] != ""
            known = self._keep(line, int.from_bytes(found, "little"))
        return known

    def _with(self, term: Term) -> int:
        """Return the rows that ``term`` is in, as an integer with a byte for each."""
        known = self._known.pop(term, None)
        if known is None:
            known = int.from_bytes(self._search(term), "little")
        return self._keep(term, known)

    def _keep(self, what: Term | int, rows: int) -> int:
        if len(self._known) >= _MOST_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[what] = rows
        return rows

    def _search(self, term: Term) -> bytes:
        found = bytearray(b"".join(self._search_blocks(term)))
        found.extend(bytes(self._count - self._packed))
        for index, hay in self._loose.items():
            found[index] = term.inside(hay.split(SEPARATOR))
        for word in term.flags if isinstance(term, Words) else ():
            for index in self._flags.get(word, ()):
                found[index] = 1
        return bytes(found)

    def _search_blocks(self, term: Term) -> Iterator[bytes]:
        for block in self._blocks:
            yield block.having(term).to_bytes(block.count, "little")

    def _blocks_telling(self, line: int) -> Iterator[bytes]:
        for block in self._blocks:
            yield block.told(line).to_bytes(block.count, "little")

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
