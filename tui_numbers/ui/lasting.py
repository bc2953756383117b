"""Rows that come by the thousand, and the collector of cyclic garbage, which need not walk them.

They hold no cycles, and most of them stay. A collection that walks a hundred thousand numbers
holds every thread up for half a second, and the more there are, the more of them begin.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

MANY = 4096
"""Rows that a collection walks in some milliseconds."""


@contextmanager
def lasting(count: int) -> Iterator[None]:
    """Keep what is made meanwhile from all collections, where ``count`` rows are many."""
    if count < MANY:
        yield
        return
    # What is garbage already would stay as well; there is little to walk before the rows come.
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


class Arriving:
    """Counts the rows of one listing, which come a page at a time, and keeps many of them so.

    What else is alive at that moment is kept as well, so nothing of the kind is done for a few.
    """

    def __init__(self) -> None:
        self._count = 0

    def note(self, count: int) -> None:
        """Note that so many more have come."""
        self._count += count
        if self._count >= MANY:
            self._count = 0
            gc.collect()
            gc.freeze()
