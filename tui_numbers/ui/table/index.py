"""A table's rows with what finding them takes, built anywhere and put to use at once."""

import operator
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from tui_numbers.ui.table.order import Ordering

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Change:
    """Which keys a new set of rows added, changed and removed."""

    added: tuple[Hashable, ...] = ()
    changed: tuple[Hashable, ...] = ()
    removed: tuple[Hashable, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


@dataclass(slots=True)
class Index(Generic[R]):
    """Rows, their keys, the text each is found by, and where each key stands."""

    rows: list[R] = field(default_factory=list)
    keys: list[Hashable] = field(default_factory=list)
    hays: list[str] = field(default_factory=list)
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
        self.hays[at] = hay
        self.version += 1


@dataclass(frozen=True)
class Prepared(Generic[R]):
    """Rows made ready off the event loop; putting them to use costs next to nothing."""

    index: Index[R]
    change: Change
    """What differs from ``base``."""
    base: Index[R]
    base_version: int
    ordering: Ordering | None
    """The order under the sort in force when it was made."""
    values: list[Any]
    """What that order compares."""


def build(
    rows: Iterable[R],
    key_of: Callable[[R], Hashable],
    hay_of: Callable[[R], str],
    base: Index[R],
    same: Callable[[R, R], bool] = operator.eq,
) -> tuple[Index[R], Change]:
    """Index ``rows`` and tell what differs from ``base``, whose equal rows are used again.

    ``same`` tells whether two states of a row read the same.

    Of several rows with one key the last counts, at the place of the first.
    """
    latest: dict[Hashable, R] = {key_of(row): row for row in rows}
    index: Index[R] = Index(rows=list(latest.values()), keys=list(latest))
    index.places = {key: place for place, key in enumerate(index.keys)}
    added: list[Hashable] = []
    changed: list[Hashable] = []
    place_of, old_rows, old_hays = base.places.get, base.rows, base.hays
    keep = index.hays.append
    for at, (key, row) in enumerate(latest.items()):
        place = place_of(key)
        if place is None:
            added.append(key)
            keep(hay_of(row))
            continue
        old = old_rows[place]
        if old is row or same(old, row):
            if old == row:
                index.rows[at] = old
            keep(old_hays[place])
        else:
            changed.append(key)
            keep(hay_of(row))
    removed = tuple(key for key in base.keys if key not in index.places)
    return index, Change(tuple(added), tuple(changed), removed)
