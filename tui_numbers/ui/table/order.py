"""The order of a table's rows: one sort, as a permutation of their indices."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

_FEW = 16
"""Fewer hits than one row in this many are sorted by themselves."""


@dataclass(frozen=True, slots=True)
class Sort:
    """By which column rows are sorted, and which way."""

    key: str
    reverse: bool = False


def arrange(indices: Iterable[int], values: Sequence[Any], *, reverse: bool) -> list[int]:
    """Sort ``indices`` by their values: equal ones keep their order, None stands last."""
    given = list(indices)
    known = [index for index in given if values[index] is not None]
    known_count = len(known)
    known.sort(key=values.__getitem__, reverse=reverse)
    if known_count < len(given):
        known.extend(index for index in given if values[index] is None)
    return known


class Ordering:
    """All rows in the order of one sort, or in their own where there is none."""

    def __init__(self, sort: Sort | None, values: Sequence[Any], count: int) -> None:
        self.sort = sort
        self.indices: Sequence[int] = range(count)
        self._values = values
        self._ranks: list[int] | None = None
        if sort is not None:
            self.indices = arrange(range(count), values, reverse=sort.reverse)

    def extend(self, count: int) -> None:
        """Take in the rows that came behind the others; their values are there already."""
        if self.sort is None:
            self.indices = range(count)
            return
        # Rows in order followed by some that are not: sorting is then little more than merging.
        every = [*self.indices, *range(len(self.indices), count)]
        self.indices = arrange(every, self._values, reverse=self.sort.reverse)
        self._ranks = None

    def pick(self, hits: list[int]) -> list[int]:
        """Return ``hits``, given as ascending indices, in this order."""
        if self.sort is None:
            return hits
        if len(hits) * _FEW < len(self.indices):
            return arrange(hits, self._values, reverse=self.sort.reverse)
        chosen = bytearray(len(self.indices))
        for index in hits:
            chosen[index] = 1
        return list(compress(self.indices, map(chosen.__getitem__, self.indices)))

    def place(self, view: Sequence[int], index: int) -> int:
        """Return where in ``view``, some rows in this order, row ``index`` stands or would."""
        if self.sort is None:
            return bisect_left(view, index)
        if self._ranks is None:
            self._ranks = [0] * len(self.indices)
            for rank, each in enumerate(self.indices):
                self._ranks[each] = rank
        return bisect_left(view, self._ranks[index], key=self._ranks.__getitem__)
