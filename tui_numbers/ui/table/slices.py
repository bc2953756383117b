"""Long work in a thread, done a slice at a time so that keys are answered meanwhile."""

import threading
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

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
