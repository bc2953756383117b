"""Reading a listing page by page: cursors and offsets in order, numbered pages side by side."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TypeVar

from tui_numbers.providers import limits
from tui_numbers.providers.contract import Page

T = TypeVar("T")


async def numbered(
    fetch: Callable[[int], Awaitable[Page[T]]], size: int, *, widest: int
) -> AsyncGenerator[Page[T], None]:
    """Yield pages 1, 2, … as they arrive; the first one's total tells how many there are.

    Without a total, pages are read in order until one is empty: a shorter one may be a server's
    own idea of a page. Where a total promises pages that turn out empty, no more are asked for.
    """
    first = await fetch(1)
    yield first
    if first.total.count is None:
        number, page = 1, first
        while _held(page) and number < limits.MOST_PAGES:
            number += 1
            page = await fetch(number)
            yield page
        return
    last = min(-(-first.total.count // size), limits.MOST_PAGES)
    if first.total.count == _held(first) == size:
        # Such a total may be no more than the length of the page that it stands on.
        last = 2
    waiting = iter(range(2, last + 1))
    empty = 0
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
                empty += not _held(page)
                if empty >= limits.MOST_BARREN_PAGES:
                    waiting = iter(())
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
    for number in range(limits.MOST_PAGES):
        page = await fetch(number * size)
        yield page
        if _held(page) < size:
            return


def _held(page: Page[T]) -> int:
    return len(page.items) + page.dropped
