"""Search the text of very many rows at once: haystacks packed line under line."""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest
from typing import Final

from tui_numbers.domain.filter_terms import (
    CHANGED,
    LINKED,
    LONGEST_SEARCHED,
    NUMBERS,
    PHONES,
    SEPARATOR,
    SHOWN,
    TAGS,
    WITHIN,
    Comparison,
    Expression,
    Term,
    Told,
    Words,
)
from tui_numbers.domain.filtering import RowFilter

BLOCK_ROWS: Final = 2048
"""Rows that are packed together: few enough that packing or searching them takes no time."""

_DISTINCT = 256
"""A column of a block keeps each of its texts once where there are at most so many."""
_MOST_KNOWN = 24
"""Terms whose rows are kept, for the words that stay while another one is typed or erased."""
# UTF-8 has none of these bytes, so no text can hold one, and nothing is found across two lines.
_END: Final = b"\xff"
"""Ends a line."""
_HIT: Final = b"\xfe"
_AROUND: Final = b"\xfd"
"""Stands for ``WITHIN``, around each text of a line."""
_ALL_BUT_THOSE: Final = bytes(range(0xFE))
_ONE: Final = b"\x01"
_FIRST: Final = bytes(BLOCK_ROWS)
_AS_FLAGS: Final = bytes(int(byte == 1) for byte in range(256))
_WITHIN: Final = WITHIN.encode()
_TAGS: Final = TAGS.encode()
_BETWEEN: Final = "\x1f"
"""Stands between texts while an expression is tried on them; it counts as a space in them."""
_READABLE: Final = bytes.maketrans(_AROUND + _END, b"\x1f\n")
_SELECTIVE = 4
"""A literal is looked for first where not more than this share of the lines can hold it."""


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass").replace(_WITHIN, _AROUND)


def _having(texts: bytes, part: bytes) -> bytes:
    """Return a byte for each line: 1 where ``part`` is in it, and 0 elsewhere."""
    # Something as long takes its place where it stands, without a second look at the whole.
    hits = texts.replace(part, _HIT.ljust(len(part), b"\0")).translate(None, _ALL_BUT_THOSE)
    return hits.replace(_HIT + _END, _ONE).translate(_AS_FLAGS, _HIT)


def _picks(lines: Sequence[str], places: dict[str, int]) -> bytes:
    """Return a byte for each line: the place of what stands in it."""
    # Of a line that is the same in all rows, as an empty one is, one copy serves all blocks.
    return _FIRST[: len(lines)] if len(places) == 1 else bytes(map(places.__getitem__, lines))


class _Column:
    """One line of every haystack of a block; where lines repeat, each of them is kept once."""

    __slots__ = ("_count", "_holds_single_texts", "_picks", "_texts")

    def __init__(self, lines: Sequence[str]) -> None:
        places = {line: place for place, line in enumerate(dict.fromkeys(lines))}
        few = len(places) <= min(_DISTINCT, len(lines) // 2)
        self._picks = _picks(lines, places) if few else None
        kept = tuple(places) if few else lines
        # A line holds no line end, so those that stand between them become what ends a line.
        self._texts = _encoded("\n".join(kept)).replace(b"\n", _END) + _END
        self._count = len(kept)
        around = self._texts.count(_AROUND)
        self._holds_single_texts = around == 2 * (self._count - kept.count(""))

    def having(self, part: bytes) -> int:
        """Return the rows whose line holds ``part``, as an integer with a byte for each."""
        if part not in self._texts:
            return 0
        return self._spread(_having(self._texts, part))

    def holding(self, term: Comparison, known: dict[str, bool]) -> int:
        """Return the rows of which it holds; ``known`` is of which lines that is known."""
        lines = self._distinct()
        for line in lines:
            if line not in known:
                known[line] = term.holds(line)
        return self._spread(bytes(map(known.__getitem__, lines)))

    def matching(self, term: Expression, known: dict[str, bool]) -> int:
        """Return the rows with a text that it matches; ``known`` is of which that is known."""
        literals = [_encoded(literal) for literal in term.literals]
        if not all(literal in self._texts for literal in literals):
            return 0
        counted = ((self._texts.count(literal), literal) for literal in literals)
        found, rarest = min(counted, default=(self._count, b""))
        if found * _SELECTIVE < self._count:
            return self._spread(self._matching_near(rarest, term, known))
        readable = self._texts.translate(_READABLE, _TAGS).decode("utf-8", "surrogatepass")
        if not self._holds_single_texts:
            lines = readable.split("\n")[:-1]
            return self._spread(bytes(_known_match(term, known, line) for line in lines))
        texts = readable.replace(_BETWEEN, "").split("\n")[:-1]
        if max(map(len, texts)) > LONGEST_SEARCHED:
            return self._spread(bytes(text != "" and term.holds(text) for text in texts))
        search = term.pattern.search
        return self._spread(bytes([text != "" and search(text) is not None for text in texts]))

    def _matching_near(self, literal: bytes, term: Expression, known: dict[str, bool]) -> bytes:
        """Return a byte for each line: 1 where it holds a rare literal, and the term matches."""
        matching, texts = bytearray(self._count), self._texts
        row, end, hit = 0, 0, texts.find(literal)
        while hit >= 0:
            row += texts.count(_END, end, hit)
            start, end = texts.rfind(_END, 0, hit) + 1, texts.index(_END, hit)
            line = texts[start:end].translate(_READABLE, _TAGS).decode("utf-8", "surrogatepass")
            matching[row] = _known_match(term, known, line)
            hit = texts.find(literal, end)
        return bytes(matching)

    def lines(self) -> list[str]:
        """Return the lines as they came."""
        lines = self._distinct()
        return lines if self._picks is None else [lines[pick] for pick in self._picks]

    def _distinct(self) -> list[str]:
        texts = self._texts[:-1].replace(_END, b"\n").replace(_AROUND, _WITHIN)
        return texts.decode("utf-8", "surrogatepass").split("\n")

    def _spread(self, found: bytes) -> int:
        """Return the rows, as an integer, of which each line was found or not."""
        if self._picks is not None:
            found = self._picks.translate(found.ljust(256, b"\0"))
        return int.from_bytes(found, "little")


def _known_match(term: Expression, known: dict[str, bool], line: str) -> bool:
    found = known.get(line)
    if found is None:
        found = any(map(term.holds, filter(None, line.split(_BETWEEN))))
        known[line] = found
    return found


class _Times:
    """The line of times of a block, as numbers; it is asked for nothing else."""

    __slots__ = ("_seconds",)

    def __init__(self, lines: Sequence[str]) -> None:
        self._seconds = array("q", (int(line) if line else -1 for line in lines))

    def having(self, _part: bytes) -> int:
        """Return the rows that tell a time."""
        return int.from_bytes(bytes(map((0).__le__, self._seconds)), "little")

    def holding(self, term: Comparison, _known: dict[str, bool]) -> int:
        """Return the rows of which it holds."""
        limit, seconds = int(term.limit), self._seconds
        if term.operator in ("<", "<="):
            below = limit.__gt__ if term.operator == "<" else limit.__ge__
            return int.from_bytes(bytes(map(below, seconds)), "little") & self.having(b"")
        above = limit.__lt__ if term.operator == ">" else limit.__le__
        # Where no time is told stands one that is before all limits.
        return int.from_bytes(bytes(map(above, seconds)), "little")

    def lines(self) -> list[str]:
        """Return the lines as they came."""
        return ["" if one < 0 else f"{WITHIN}{one}{WITHIN}" for one in self._seconds]


class _Block:
    """Haystacks of some rows, line under line."""

    __slots__ = ("_columns", "_linked", "_times", "count")

    def __init__(self, hays: Sequence[str]) -> None:
        self.count = len(hays)
        rows = (hay.split(SEPARATOR) for hay in hays)
        lines = list(zip_longest(*rows, fillvalue=""))
        nothing = ("",) * self.count
        lines.extend([nothing] * (SHOWN + 1 - len(lines)))
        # Each target repeats more often than what a number is linked to in all.
        parts = zip_longest(*(line[2:-2].split(WITHIN) for line in lines[LINKED]), fillvalue="")
        self._linked = tuple(map(_Column, parts))
        self._times = _Times(lines[CHANGED])
        lines[LINKED] = lines[CHANGED] = nothing
        self._columns = tuple(map(_Column, lines))

    def having(self, term: Term, known: dict[str, bool]) -> int:
        """Return the rows that ``term`` is in, whether it is inverted or not.

        ``known`` is empty for the first block, and keeps what is found out for the next.
        """
        match term:
            case Words():
                return self._words(term)
            case Comparison():
                column = self._times if term.line == CHANGED else self._columns[term.line]
                return column.holding(term, known)
            case Expression():
                rows = 0
                for column in (*self._columns[NUMBERS : PHONES + 1], *self._columns[SHOWN:]):
                    rows |= column.matching(term, known)
                return rows

    def telling(self, told: Told) -> int:
        """Return the rows that tell something."""
        line, part = told
        column = self._times if line == CHANGED else self._columns[line]
        return column.having(_encoded(part))

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
        lines[CHANGED] = self._times.lines()
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
        self._known: dict[Term | Told, int] = {}
        self._flags: dict[str, frozenset[int]] = {}
        self._version = 0

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
        self._look_again(self._count - 1, hay)
        if self._count - self._packed >= BLOCK_ROWS:
            self.pack(())

    def replace(self, index: int, hay: str) -> None:
        """Put another in the place of one."""
        self._loose[index] = hay
        self._look_again(index, hay)

    def search_ahead(self, wanted: RowFilter) -> Callable[[], None]:
        """Find the rows of expressions, which may take long; made for a thread.

        What it returns keeps what was found, if nothing has changed since; called by whoever else
        calls the other methods.
        """
        version = self._version
        terms = [one for one in wanted.terms if isinstance(one, Expression)]
        found = {one: self._known.get(one) or self._searched(one) for one in terms}

        def keep() -> None:
            if version == self._version:
                for term, rows in found.items():
                    self._keep(term, rows)

        return keep

    def knows(self, wanted: RowFilter) -> bool:
        """Tell whether the rows of all expressions are known."""
        return all(one in self._known for one in wanted.terms if isinstance(one, Expression))

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

    def _telling(self, told: Told) -> int:
        """Return the rows that tell something."""
        known = self._known.pop(told, None)
        if known is None:
            found = bytearray(b"".join(self._blocks_telling(told)))
            found.extend(bytes(self._count - self._packed))
            line, part = told
            for index, hay in self._loose.items():
                found[index] = part in "".join(hay.split(SEPARATOR)[line : line + 1])
            known = int.from_bytes(found, "little")
        return self._keep(told, known)

    def _with(self, term: Term) -> int:
        """Return the rows that ``term`` is in, as an integer with a byte for each."""
        known = self._known.pop(term, None)
        if known is None:
            known = self._searched(term)
        return self._keep(term, known)

    def _searched(self, term: Term) -> int:
        return int.from_bytes(self._search(term), "little")

    def _look_again(self, index: int, hay: str) -> None:
        """Bring what is known up to date after one row has come or changed."""
        self._version += 1
        lines, place = hay.split(SEPARATOR), 8 * index
        for what, rows in self._known.items():
            if isinstance(what, tuple):
                line, part = what
                found = part in "".join(lines[line : line + 1])
            else:
                found = what.inside(lines) or self._is_flagged(what, index)
            self._known[what] = rows & ~(0xFF << place) | found << place

    def _is_flagged(self, term: Term, index: int) -> bool:
        words = term.flags if isinstance(term, Words) else ()
        return any(index in self._flags.get(word, ()) for word in words)

    def _keep(self, what: Term | Told, rows: int) -> int:
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
        known: dict[str, bool] = {}
        for block in self._blocks:
            yield block.having(term, known).to_bytes(block.count, "little")

    def _blocks_telling(self, told: Told) -> Iterator[bytes]:
        for block in self._blocks:
            yield block.telling(told).to_bytes(block.count, "little")

    def _add_block(self, hays: Sequence[str]) -> None:
        first = self._packed
        # Readers in other threads find each row all the while.
        self._blocks.append(_Block(hays))
        self._starts.append(first)
        self._packed += len(hays)
        for index in range(first, min(self._packed, self._count)):
            del self._loose[index]
        self._count = max(self._count, self._packed)
        self._version += 1
        self._known.clear()
