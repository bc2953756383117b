import asyncio
from contextlib import aclosing
from dataclasses import replace

import pytest

from tui_numbers.domain.query import UNKNOWN_TOTAL, Total
from tui_numbers.providers.contract import Page
from tui_numbers.providers.errors import Forbidden, ListingIncomplete
from tui_numbers.providers.paging import Answer, Listing, SecondSweep

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


def listing(**options):
    return Listing("desk", "Their list", lambda item: item, **options)


def side_by_side(fetch, read=lambda page: page, widest=4):
    return listing().side_by_side(fetch, lambda page: Answer(read(page), 1), SIZE, widest)


async def items_of(pages):
    return [item async for page in pages for item in page.items]


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 20, 95])
async def test_everything_comes_once(count, told):
    book = Book(count, told=told)
    assert sorted(await items_of(side_by_side(book))) == list(range(count))
    forced = max(-(-count // SIZE), 1)
    if (not told and count) or count == SIZE:
        # One page more proves the end: nothing tells it, or a total that may be the page's own.
        forced += 1
    assert sorted(book.asked) == list(range(1, forced + 1))


async def test_pages_are_read_side_by_side_within_the_width():
    book = Book(500)
    await items_of(side_by_side(book))
    assert book.most == 4


async def test_requests_leave_before_what_came_is_read():
    book = Book(500)
    asked_before = []

    def read(page):
        asked_before.append(len(book.asked))
        return page

    await items_of(side_by_side(book, read))
    # The second page read is one of four that came together: their successors are under way.
    assert asked_before[:2] == [1, 9]


async def test_a_slow_reader_lets_no_pages_pile_up():
    book = Book(500)
    async with aclosing(side_by_side(book)) as pages:
        for read in range(1, 12):
            await anext(pages)
            for _ in range(20):
                await asyncio.sleep(0)
            assert len(book.asked) <= read + 2 * 4


async def test_leaving_early_leaves_nothing_running():
    book = Book(500)
    async with aclosing(side_by_side(book)) as pages:
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
        await items_of(side_by_side(book, widest=8))
    assert book.under_way == 0
    del book
    await asyncio.sleep(0)
    import gc

    gc.collect()
    assert unhandled == []


async def test_dropped_records_alone_are_no_empty_page():
    async def fetch(number):
        items = tuple(range(number * 10, number * 10 + 8))
        return Page(items if number != 2 else (), dropped=2) if number < 4 else Page(())

    assert len(await items_of(side_by_side(fetch))) == 16


async def read_incomplete(pages):
    found = []

    async def read():
        async for page in pages:
            found.extend(page.items)

    with pytest.raises(ListingIncomplete) as failure:
        await read()
    assert failure.value.account == "desk"
    return found, str(failure.value)


async def test_a_total_beyond_reason_is_not_asked_to_its_end():
    book = Book(25)
    found, _ = await read_incomplete(side_by_side(_promising(book, 10**8)))
    assert len(found) == 25
    assert len(book.asked) < 20


async def test_a_total_that_is_the_pages_own_length_is_not_believed():
    book = Book(25)
    found, _ = await read_incomplete(side_by_side(_promising(book, SIZE)))
    assert len(found) == 20


def capped(count, cap, *, told=True):
    """Answer pages that hold ``cap`` records, however many are asked for."""

    async def fetch(number):
        items = tuple(range((number - 1) * cap, min(number * cap, count)))
        return Page(items, Total(count) if told else UNKNOWN_TOTAL)

    return fetch


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("cap", [1, 3, 4, 7, 9])
async def test_a_server_with_shorter_pages_of_its_own_is_read_to_the_end(cap, told):
    assert sorted(await items_of(side_by_side(capped(23, cap, told=told)))) == list(range(23))
    fetch = capped(23, cap, told=told)

    async def ask(number, before):
        assert before == (number - 1) * cap or before == 23
        return Answer(await fetch(number), 1)

    assert await items_of(listing().counted(ask, SIZE)) == list(range(23))


REPEATING = {
    "the first page again": [(0, 1, 2), (0, 1, 2)],
    "in another order": [(0, 1, 2), (2, 0, 1)],
    "after one that was new": [(0, 1, 2), (3, 4, 5), (0, 1, 2)],
    "full pages": [tuple(range(SIZE)), tuple(range(SIZE))],
}


@pytest.mark.parametrize("total", [None, 7, 12, 21])
@pytest.mark.parametrize("name", REPEATING)
async def test_a_page_that_comes_again_is_never_taken_for_more(name, total):
    pages = REPEATING[name]

    async def ask(number, _):
        return Answer(Page(pages[(number - 1) % len(pages)], Total(total)), 1)

    async def fetch(number):
        return (await ask(number, 0)).page

    known = sorted({item for page in pages for item in page})
    for moves in (False, True):
        found, words = await read_incomplete(listing(moves=moves).counted(ask, SIZE))
        assert sorted(found) == known
        assert "the same records again" in words
    found, _ = await read_incomplete(side_by_side(fetch))
    assert len(found) == len(set(found))


@pytest.mark.parametrize("pages", [[(0, 0, 1)], [(0, 1), (1, 2)], [(0, 1, 0), (1, 2, 2), (2, 3)]])
async def test_a_record_is_shown_once_on_one_page_and_over_pages(pages):
    came = sum(map(len, pages))

    async def ask(number, _):
        return Answer(Page(pages[number - 1], Total(came)), 1)

    found = await items_of(listing(moves=True).counted(ask, SIZE))
    assert found == sorted(set(found)) == list(range(max(found) + 1))
    # Where nothing is bought meanwhile, one that came twice stands for one that did not come.
    assert (await read_incomplete(listing().counted(ask, SIZE)))[0] == found


@pytest.mark.parametrize("promised", [4, 11, 4_000])
async def test_a_listing_that_breaks_off_before_its_total_is_incomplete(promised):
    pages = [(0, 1, 2), ()]

    async def ask(number, _):
        return Answer(Page(pages[number - 1], Total(promised)), 1)

    for moves in (False, True):
        found, words = await read_incomplete(listing(moves=moves).counted(ask, SIZE))
        assert found == [0, 1, 2]
        assert f"3 of {promised:,}" in words


def _promising(book, total):
    async def fetch(number):
        return replace(await book(number), total=Total(total))

    return fetch


async def test_a_second_listing_that_fails_is_not_known_and_told_once():
    async def fails():
        raise Forbidden("no")

    sweep = SecondSweep(fails(), "where it goes is not known")
    assert sweep.warning() == ()
    assert await sweep.told() is None
    assert sweep.warning() == ("where it goes is not known: no",)
    assert sweep.warning() == ()
    await sweep.aclose()


async def test_a_second_listing_is_read_once_and_left_with_the_first():
    read, waiting = [], asyncio.Event()

    async def reads():
        read.append(1)
        await waiting.wait()

    sweep = SecondSweep(reads(), "x")
    await asyncio.sleep(0)
    await sweep.aclose()
    assert read == [1]
    assert sweep.warning() == ()
    assert len(asyncio.all_tasks()) == 1
