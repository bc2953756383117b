"""A table's rows with what finding them takes, built anywhere and put to use at once."""

import operator
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from tui_numbers.domain.haystacks import BLOCK_ROWS, Haystacks
from tui_numbers.ui.table.order import Ordering
from tui_numbers.ui.table.slices import sliced

R = TypeVar("R")


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
    hays: Haystacks = field(default_factory=Haystacks)
    places: dict[Hashable, int] = field(default_factory=dict)
    version: int = 0
    """Counts what was done to it since it was built."""

    def append(self, key: Hashable, row: R, hay: str) -> None:
        """Add a row whose key is not here yet."""
        self.places[key] = len(self.rows)
        self.rows.append(row)
        self.keys.append(key)
        self.hays.append(hay)
        self.version += 1

    def replace(self, at: int, row: R, hay: str) -> None:
        """Put another state of the row in its place."""
        self.rows[at] = row
        self.hays.replace(at, hay)
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
) -> tuple[Index[R], Change]:
    """Index ``rows`` and tell what differs from ``base``, whose equal rows are used again.

    ``same`` tells whether two states of a row read the same. ``afresh`` makes the text of equal
    rows anew as well, where ``hay_of`` says other things than it did.

    Of several rows with one key the last counts, at the place of the first.
    """
    index = _placed(rows, key_of, base)
    added: list[Hashable] = []
    changed: list[Hashable] = []
    old_rows, old_place, old_hay = base.rows, base.places.get, base.hays.reader()

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
        known = None if afresh else old_hay(place)
        return hay_of(row) if known is None else known

    for part in sliced(range(len(index.rows)), BLOCK_ROWS):
        index.hays.pack(map(hay_at, part))
    removed = tuple(key for key in base.keys if key not in index.places)
    return index, Change(tuple(added), tuple(changed), removed)


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
