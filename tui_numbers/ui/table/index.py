"""Index a table's rows for filter and sort: searched text, sorted order, visible view."""

import operator
import threading
import time
from array import array
from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, compress, islice
from operator import itemgetter
from typing import Any, Final, Generic, TypeVar, overload

from tui_numbers.domain.haystacks import BLOCK_ROWS, Haystacks
from tui_numbers.ui.layout import spread_over

T = TypeVar("T")


SLICE: Final = 4096
"""Rows that are worked on before anyone else gets a turn: some milliseconds."""


_TURN = 0.0005


def off_loop() -> bool:
    """Tell whether this is a thread beside the event loop's."""
    return threading.current_thread() is not threading.main_thread()


def breathe() -> None:
    """Give way to the event loop for a moment, where this is not the event loop itself."""
    if off_loop():
        time.sleep(_TURN)


def sliced(items: Iterable[T], size: int = SLICE) -> Iterator[list[T]]:
    """Yield ``items`` as lists of ``size``, with a turn for the event loop before each."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        breathe()
        yield part


_BLOCK = 1024
"""Ranks that are counted together."""


class View(Sequence[int]):
    """Indices of rows by position, without a list of them: all rows, and which of them pass.

    A rank counts all rows in their order, a position only those that are shown.
    """

    __slots__ = ("_at", "_inside", "_order", "_passing", "_sums")

    def __init__(self, order: Sequence[int], passing: bytes | None = None) -> None:
        """Show ``order``, or those whose byte in ``passing``, by rank, is 1."""
        self._order = order
        self._passing = passing
        self._sums: list[int] = []
        self._at = -1
        self._inside: list[int] = []
        if passing is not None:
            starts = range(0, len(passing), _BLOCK)
            counts = (passing.count(1, start, start + _BLOCK) for start in starts)
            self._sums = list(accumulate(counts, initial=0))

    def __len__(self) -> int:
        return len(self._order) if self._passing is None else self._sums[-1]

    def __iter__(self) -> Iterator[int]:
        return iter(self._order) if self._passing is None else compress(self._order, self._passing)

    @overload
    def __getitem__(self, position: int) -> int: ...
    @overload
    def __getitem__(self, position: slice) -> list[int]: ...
    def __getitem__(self, position: int | slice) -> int | list[int]:
        if isinstance(position, slice):
            return [self[at] for at in range(*position.indices(len(self)))]
        if not 0 <= position < len(self):
            raise IndexError(position)
        return self._order[self.rank(position)]

    def spread(self, most: int) -> list[int]:
        """Return indices of about so many rows from all parts, found without counting the others.

        Where few rows are shown, those are fewer.
        """
        count = len(self._order)
        ranks: Iterable[int] = spread_over(count, most)
        if self._passing is not None:
            found = dict.fromkeys(self._passing.find(1, rank) for rank in ranks)
            found.pop(-1, None)
            ranks = found
        return [self._order[rank] for rank in ranks]

    def position(self, rank: int) -> int:
        """Return how many of the rows shown stand before ``rank``."""
        if self._passing is None:
            return rank
        block = rank // _BLOCK
        return self._sums[block] + self._passing.count(1, block * _BLOCK, rank)

    def rank(self, position: int) -> int:
        """Return how many of all rows stand before the one that is shown at ``position``."""
        if self._passing is None:
            return position
        block = bisect_right(self._sums, position) - 1
        if block != self._at:
            start = block * _BLOCK
            ranks = range(start, start + _BLOCK)
            self._inside = list(compress(ranks, self._passing[start : start + _BLOCK]))
            self._at = block
        return self._inside[position - self._sums[block]]


R = TypeVar("R")


_SAMPLES: Final = 8
"""Values looked at for each share, so that the shares come out about as large."""


@dataclass(frozen=True, slots=True)
class Sort:
    """By which column rows are sorted, and which way."""

    key: str
    reverse: bool = False


def arrange(values: Sequence[Any], *, reverse: bool = False) -> "array[int]":
    """Return the indices of ``values`` in order: equal ones keep theirs, None stands last."""
    known: list[int] = []
    unknown = array("I")
    for part in sliced(range(len(values))):
        found = [index for index in part if values[index] is not None]
        known.extend(found)
        if len(found) < len(part):
            unknown.extend(index for index in part if values[index] is None)
    order = array("I")
    for share in _shares(known, values, reverse=reverse):
        breathe()
        share.sort(key=values.__getitem__, reverse=reverse)
        order.extend(share)
    return order + unknown


def _shares(indices: list[int], values: Sequence[Any], *, reverse: bool) -> list[list[int]]:
    """Part many indices so that those of a share come before those of the next."""
    count = len(indices) // SLICE if off_loop() else 0
    if count < 2:
        return [indices]
    sample = sorted(values[index] for index in indices[:: len(indices) // (count * _SAMPLES)])
    ends = list(dict.fromkeys(sample[_SAMPLES::_SAMPLES]))
    shares: list[list[int]] = [[] for _ in range(len(ends) + 1)]
    for part in sliced(indices):
        for index in part:
            shares[bisect_right(ends, values[index])].append(index)
    return shares[::-1] if reverse else shares


class Ordering:
    """All rows in the order of one sort, or in their own where there is none."""

    def __init__(self, sort: Sort | None, indices: Sequence[int]) -> None:
        self.sort = sort
        self.indices = indices
        self._by_rank = itemgetter(*indices) if sort is not None and len(indices) > 1 else None
        self._latest = (-1, -1)

    @classmethod
    def of(
        cls, rows: Sequence[R], sort: Sort | None, sort_key: Callable[[R], Any] | None
    ) -> "Ordering":
        """Sort ``rows``; off the event loop, a slice at a time."""
        if sort is None or sort_key is None:
            return cls(None, range(len(rows)))
        values: list[Any] = []
        for part in sliced(rows):
            values.extend(map(sort_key, part))
        return cls(sort, arrange(values, reverse=sort.reverse))

    def view(self, passing: bytes | None) -> View:
        """Return the rows that pass, by their index, in this order; None passes all."""
        if passing is None or self._by_rank is None:
            return View(self.indices, passing)
        return View(self.indices, bytes(self._by_rank(passing)))

    def rank(self, index: int) -> int:
        """Return where among all rows the row of ``index`` stands."""
        if self.sort is None:
            return index
        if self._latest[0] != index:
            self.note(index, self.indices.index(index))
        return self._latest[1]

    def note(self, index: int, rank: int) -> None:
        """Remember the rank of a row that is likely to be asked for, as the cursor's is."""
        self._latest = (index, rank)


@dataclass(frozen=True, slots=True)
class Change:
    """Which keys a new set of rows added, changed and removed."""

    added: tuple[Hashable, ...] = ()
    changed: tuple[Hashable, ...] = ()
    removed: tuple[Hashable, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


@dataclass(slots=True, eq=False)
class Index(Generic[R]):
    """Rows, their keys, the text each is found by, and where each key stands."""

    rows: list[R] = field(default_factory=list)
    keys: list[Hashable] = field(default_factory=list)
    places: dict[Hashable, int] = field(default_factory=dict)
    version: int = 0
    """Counts what was done to it since it was built."""
    _hays: Haystacks = field(default_factory=Haystacks)
    _hay_of: Callable[[R], str] | None = None
    """Makes the text of each row, where that waits for the first filter."""

    @property
    def has_hays(self) -> bool:
        """Whether the text of the rows is made, and no asking makes it."""
        return self._hay_of is None

    @property
    def hays(self) -> Haystacks:
        """What each row is found by."""
        if self._hay_of is not None:
            self._hays.pack(map(self._hay_of, self.rows))
            self._hay_of = None
        return self._hays

    def make_hays_later(self, hay_of: Callable[[R], str]) -> None:
        """Leave the text of all rows until it is asked for; the first frame asks for none."""
        self._hay_of = hay_of

    def append(self, key: Hashable, row: R, hay: str) -> None:
        """Add a row whose key is not here yet."""
        self.hays.append(hay)
        self.places[key] = len(self.rows)
        self.rows.append(row)
        self.keys.append(key)
        self.version += 1

    def replace(self, at: int, row: R, hay: str) -> None:
        """Put another state of the row in its place."""
        self.hays.replace(at, hay)
        self.rows[at] = row
        self.version += 1


@dataclass(frozen=True)
class Prepared(Generic[R]):
    """Rows made ready off the event loop; putting them to use costs next to nothing."""

    index: Index[R]
    change: Change
    """What differs from ``base``."""
    base: Index[R]
    base_version: int
    ordering: Ordering
    """The order under the sort in force when it was made."""
    afresh: bool = False
    """Whether the text of every row was made anew."""


def build(
    rows: Iterable[R],
    key_of: Callable[[R], Hashable],
    hay_of: Callable[[R], str],
    base: Index[R],
    same: Callable[[R, R], bool] = operator.eq,
    *,
    afresh: bool = False,
    later: bool = False,
) -> tuple[Index[R], Change]:
    """Index ``rows`` and tell what differs from ``base``, whose equal rows are used again.

    ``same`` tells whether two states of a row read the same. ``afresh`` makes the text of equal
    rows anew as well, where ``hay_of`` says other things than it did. ``later`` leaves the text to
    whoever asks for it first, where all rows are new.

    Of several rows with one key the last counts, at the place of the first.
    """
    index = _placed(rows, key_of, base)
    if later and not base.rows:
        index.make_hays_later(hay_of)
        return index, Change(tuple(index.keys))
    added: list[Hashable] = []
    changed: list[Hashable] = []
    old_rows, old_place = base.rows, base.places.get
    # A thread may be at this, and what is made later is made by the event loop alone.
    old_hay = base.hays.reader() if base.has_hays and not afresh else _nothing_of

    def hay_at(at: int) -> str:
        key, row = index.keys[at], index.rows[at]
        place = old_place(key)
        if place is None:
            added.append(key)
            return hay_of(row)
        old = old_rows[place]
        if old is not row and not same(old, row):
            changed.append(key)
            return hay_of(row)
        if old == row:
            index.rows[at] = old
        known = old_hay(place)
        return hay_of(row) if known is None else known

    for part in sliced(range(len(index.rows)), BLOCK_ROWS):
        index.hays.pack(map(hay_at, part))
    removed = tuple(key for key in base.keys if key not in index.places)
    return index, Change(tuple(added), tuple(changed), removed)


def _nothing_of(_place: int) -> None:
    """Return no text of before, where all of it is made anew."""


def _placed(rows: Iterable[R], key_of: Callable[[R], Hashable], base: Index[R]) -> Index[R]:
    """Index the latest row of each key; keys that are known already are not kept twice."""
    index: Index[R] = Index()
    places, kept, keys = index.places, index.rows, index.keys
    for part in sliced(rows):
        for row in part:
            key = key_of(row)
            at = places.get(key)
            if at is not None:
                kept[at] = row
                continue
            known = base.places.get(key)
            key = key if known is None else base.keys[known]
            places[key] = len(kept)
            kept.append(row)
            keys.append(key)
    return index
