import asyncio
from contextlib import aclosing
from dataclasses import replace

import pytest

from tui_numbers.domain.query import UNKNOWN_TOTAL, Total
from tui_numbers.providers.contract import Page
from tui_numbers.providers.paging import numbered

SIZE = 10


class Book:
    """Pages over so many items, with a note of what is asked for and how much at once."""

    def __init__(self, count, *, told=True, fails=()):
        self.count, self.told, self.fails = count, told, fails
        self.asked, self.under_way, self.most = [], 0, 0

    async def __call__(self, number):
        self.asked.append(number)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await asyncio.sleep(0)
        finally:
            self.under_way -= 1
        if number in self.fails:
            raise RuntimeError(number)
        first = (number - 1) * SIZE
        items = tuple(range(first, min(first + SIZE, self.count)))
        return Page(items, Total(self.count) if self.told else UNKNOWN_TOTAL)


def as_it_is(page):
    return page


async def items_of(pages):
    return [item async for page in pages for item in page.items]


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 20, 95])
async def test_everything_comes_once(count, told):
    book = Book(count, told=told)
    assert sorted(await items_of(numbered(book, as_it_is, SIZE, widest=4))) == list(range(count))
    forced = max(-(-count // SIZE), 1)
    if (not told and count) or count == SIZE:
        # One page more proves the end: nothing tells it, or a total that may be the page's own.
        forced += 1
    assert sorted(book.asked) == list(range(1, forced + 1))


async def test_pages_are_read_side_by_side_within_the_width():
    book = Book(500)
    await items_of(numbered(book, as_it_is, SIZE, widest=4))
    assert book.most == 4


async def test_requests_leave_before_what_came_is_read():
    book = Book(500)
    asked_before = []

    def read(page):
        asked_before.append(len(book.asked))
        return page

    await items_of(numbered(book, read, SIZE, widest=4))
    # The second page read is one of four that came together: their successors are under way.
    assert asked_before[:2] == [1, 9]


async def test_a_slow_reader_lets_no_pages_pile_up():
    book = Book(500)
    async with aclosing(numbered(book, as_it_is, SIZE, widest=4)) as pages:
        for read in range(1, 12):
            await anext(pages)
            for _ in range(20):
                await asyncio.sleep(0)
            assert len(book.asked) <= read + 2 * 4


async def test_leaving_early_leaves_nothing_running():
    book = Book(500)
    async with aclosing(numbered(book, as_it_is, SIZE, widest=4)) as pages:
        await anext(pages)
        await anext(pages)
    assert book.under_way == 0
    assert len(book.asked) < 12


async def test_pages_that_fail_together_are_one_failure():
    unhandled = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: unhandled.append(context))
    book = Book(100, fails=range(2, 11))
    with pytest.raises(RuntimeError):
        await items_of(numbered(book, as_it_is, SIZE, widest=8))
    assert book.under_way == 0
    del book
    await asyncio.sleep(0)
    import gc

    gc.collect()
    assert unhandled == []


async def test_dropped_records_alone_are_no_empty_page():
    async def fetch(number):
        return Page(tuple(range(8)) if number != 2 else (), dropped=2) if number < 4 else Page(())

    assert len(await items_of(numbered(fetch, as_it_is, SIZE, widest=4))) == 16


async def test_a_total_beyond_reason_is_not_asked_to_its_end():
    book = Book(25)
    pages = [page async for page in numbered(_promising(book, 10**8), as_it_is, SIZE, widest=4)]
    assert sum(len(page.items) for page in pages) == 25
    assert len(book.asked) < 20


async def test_a_total_that_is_the_pages_own_length_is_not_believed():
    book = Book(25)
    assert len(await items_of(numbered(_promising(book, SIZE), as_it_is, SIZE, widest=4))) == 20


def _promising(book, total):
    async def fetch(number):
        return replace(await book(number), total=Total(total))

    return fetch
