"""Reading a listing page by page: cursors and offsets in order, numbered pages side by side."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TypeVar

from tui_numbers.providers.contract import Page

T = TypeVar("T")

_MOST_PAGES = 20_000


async def numbered(
    fetch: Callable[[int], Awaitable[Page[T]]], size: int, *, widest: int
) -> AsyncGenerator[Page[T], None]:
    """Yield pages 1, 2, … as they arrive; the first one's total tells how many there are.

    Without a total, pages are read in order until one is shorter than ``size``.
    """
    first = await fetch(1)
    yield first
    if first.total.count is None:
        number, page = 1, first
        while len(page.items) + page.dropped >= size and number < _MOST_PAGES:
            number += 1
            page = await fetch(number)
            yield page
        return
    last = min(-(-first.total.count // size), _MOST_PAGES)
    waiting = iter(range(2, last + 1))
    running: set[asyncio.Task[Page[T]]] = set()
    try:
        while True:
            for number in waiting:
                running.add(asyncio.ensure_future(fetch(number)))
                if len(running) >= widest:
                    break
            if not running:
                return
            done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                page = task.result()
                running.discard(task)
                yield page
    finally:
        # Pages that failed beside the first failure are gathered too, or asyncio would log them.
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def by_offset(
    fetch: Callable[[int], Awaitable[Page[T]]], size: int
) -> AsyncGenerator[Page[T], None]:
    """Yield pages by the number of records to skip, until one is shorter than ``size``."""
    for number in range(_MOST_PAGES):
        page = await fetch(number * size)
        yield page
        if len(page.items) + page.dropped < size:
            return
