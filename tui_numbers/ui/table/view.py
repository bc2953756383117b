"""The rows that filter and sort leave, in the order in which they are shown."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, compress
from typing import overload

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
