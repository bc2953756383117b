"""Tune the garbage collector while many rows load, so that it need not walk them."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

MANY = 4096
"""Rows that a collection walks in some milliseconds."""


@contextmanager
def collection_paused(count: int) -> Iterator[None]:
    """Pause garbage collection, and freeze what was made, where ``count`` rows are many."""
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


class ArrivalFreezer:
    """Freezes the rows of one listing as they arrive page by page, each time that many have come.

    Whatever else is alive at that moment is frozen as well, so a few rows do not trigger it.
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
