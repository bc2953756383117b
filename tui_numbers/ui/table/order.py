"""The order of a table's rows: one sort, as a permutation of their indices."""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final, TypeVar

from tui_numbers.ui.table.slices import SLICE, breathe, off_loop, sliced
from tui_numbers.ui.table.view import View

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
