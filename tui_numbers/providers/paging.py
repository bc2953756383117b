"""Reading a listing whose pages are numbered: side by side where a total is told."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from contextlib import aclosing
from itertools import islice
from typing import Any, TypeVar

from tui_numbers.providers import limits
from tui_numbers.providers.contract import Page

R = TypeVar("R")
T = TypeVar("T")


async def numbered(
    fetch: Callable[[int], Coroutine[Any, Any, R]],
    read: Callable[[R], Page[T]],
    size: int,
    *,
    widest: int,
) -> AsyncGenerator[Page[T], None]:
    """Yield pages 1, 2, … as they arrive; the first one's total tells how many there are.

    ``fetch`` brings the answer that holds a page, ``read`` makes the page of it. Without a total,
    pages are read in order until one is empty: a shorter one may be a server's own idea of a page.
    Where a total promises pages that turn out empty, no more are asked for.
    """
    first = read(await fetch(1))
    yield first
    if first.total.count is None:
        number, page = 1, first
        while _held(page) and number < limits.MOST_PAGES:
            number += 1
            page = read(await fetch(number))
            yield page
        return
    last = min(-(-first.total.count // size), limits.MOST_PAGES)
    if first.total.count == _held(first) == size:
        # Such a total may be no more than the length of the page that it stands on.
        last = 2
    barren = 0

    def further() -> Iterator[int]:
        for number in range(2, last + 1):
            if barren >= limits.MOST_BARREN_PAGES:
                return
            yield number

    async with aclosing(_side_by_side(fetch, further(), widest)) as answers:
        async for answer in answers:
            page = read(answer)
            barren += not _held(page)
            yield page


async def _side_by_side(
    fetch: Callable[[int], Coroutine[Any, Any, R]], waiting: Iterator[int], widest: int
) -> AsyncGenerator[R, None]:
    """Yield answers as they come, ``widest`` of them under way and twice as many unread at most."""
    running: set[asyncio.Task[R]] = set()
    came: deque[asyncio.Task[R]] = deque()

    def arrive(task: asyncio.Task[R]) -> None:
        running.discard(task)
        came.append(task)

    try:
        while True:
            room = widest - len(running) if len(came) <= widest else 0
            for number in islice(waiting, room):
                task = asyncio.create_task(fetch(number))
                running.add(task)
                task.add_done_callback(arrive)
            if came:
                # Reading keeps the processor busy, so the next requests leave before it.
                await asyncio.sleep(0)
                yield came.popleft().result()
            elif running:
                await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            else:
                return
    finally:
        # Pages that failed beside the first failure are gathered too, or asyncio would log them.
        for task in running:
            task.cancel()
        await asyncio.gather(*running, *came, return_exceptions=True)


def _held(page: Page[T]) -> int:
    return len(page.items) + page.dropped
