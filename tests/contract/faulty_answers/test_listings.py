"""Listings that do not end, go in circles or lie about how much there is."""

import dataclasses
import json

import pytest

from tests.contract.cases import CASES
from tests.contract.faulty_answers.assertions import assert_told_well
from tests.contract.faulty_answers.paged_listings import PAGING, PageAnswer, number, read
from tests.contract.faulty_answers.rig import EVERY, WRITES, plugins
from tui_numbers.providers import request
from tui_numbers.providers.errors import ListingIncomplete

MOST_PAGES = 15
FEWER_PAGES = 6
"""As good where nothing but their number ends a listing."""


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    monkeypatch.setattr(request, "MOST_PAGES", MOST_PAGES)


def whole(count, *, total=None, size=None):
    """Return an honest listing, but for its total or its own page size."""

    def book(ask):
        length = size or ask.size
        first = ask.skip if size is None or ask.skip % ask.size else ask.index * length
        rows = list(range(min(first, count), min(first + length, count)))
        told = count if total is None else total(ask.index)
        return PageAnswer(rows, first + length < count, told)

    return book


def numbers(count):
    return {number(row) for row in range(count)}


def assert_never_short(rig, reading, wanted):
    """All of it came, once, or the listing says that it is incomplete."""
    assert len(reading.numbers) == len(set(reading.numbers))
    assert set(reading.numbers) <= wanted
    assert reading.requests <= MOST_PAGES + 20
    if reading.error is None:
        assert set(reading.numbers) == wanted
    else:
        assert_told_well(rig, reading.error)
        assert isinstance(reading.error, ListingIncomplete)


def test_every_provider_pages_somehow():
    assert set(PAGING) == set(plugins())


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 200, 201, 450])
async def test_an_honest_listing_is_complete(rig, count):
    reading = await read(rig, whole(count))
    assert reading.error is None
    assert set(reading.numbers) == numbers(count)


ENDLESS = {
    "new records": lambda ask: PageAnswer(list(range(ask.skip, ask.skip + ask.size)), True, 10**8),
    "one page again and again": lambda ask: PageAnswer(list(range(ask.size)), True, 10**8),
    "two pages in turn": lambda ask: PageAnswer(
        list(range(ask.index % 2 * ask.size, (ask.index % 2 + 1) * ask.size)), True, 10**8
    ),
    "a cursor that stays": lambda ask: PageAnswer(
        list(range(ask.skip, ask.skip + ask.size)), "c-1", 10**8
    ),
    "records without a number": lambda ask: PageAnswer([{"odd": 1}] * ask.size, True, 10**8),
    "one record a page": lambda ask: PageAnswer([ask.index], True, 10**8),
    "nothing at all": lambda ask: PageAnswer([], True, 10**8),
    "no total either": lambda ask: PageAnswer([{"odd": ask.index}] * ask.size, True),
    "no new ones, and no total": lambda ask: PageAnswer(list(range(ask.size)), True),
}


@pytest.mark.parametrize("name", ENDLESS)
async def test_a_listing_without_end_is_left(rig, name, monkeypatch):
    monkeypatch.setattr(request, "MOST_PAGES", FEWER_PAGES)
    reading = await read(rig, ENDLESS[name])
    assert_told_well(rig, reading.error)
    assert isinstance(reading.error, ListingIncomplete)
    assert reading.requests <= FEWER_PAGES + 20
    assert len(reading.numbers) == len(set(reading.numbers))


LIES = {
    "none": None,
    "nothing": 0,
    "negative": -1,
    "one": 1,
    "one short of a page": 99,
    "one page": 100,
    "two pages": 200,
    "one too many": 251,
    "a page too many": 350,
    "a million": 1_000_000,
    "beyond counting": 10**400,
    "text": "250",
    "long text": "9" * 5_000,
    "a word": "many",
    "a list": [250],
    "true": True,
}


LIED_TO = [
    (case, name)
    for case in CASES
    for name in LIES
    if PAGING[case.key].tells_total or name == "none"
]


@pytest.mark.parametrize(("case", "name"), LIED_TO, ids=lambda each: getattr(each, "key", each))
async def test_a_total_that_lies_hides_nothing(rig, case, name):
    def total(_):
        return LIES[name]

    reading = await read(rig, whole(250, total=total))
    if (rig.case.key, name) in UNDETECTABLE:
        return
    assert_never_short(rig, reading, numbers(250))


UNDETECTABLE = {("vonage", "two pages")}
"""A total of whole pages, told alike on each of them, looks as an honest one does."""


async def test_a_total_that_changes_hides_nothing(rig):
    for totals in ([250, 251, 252], [100, 250, 250], [1_000_000, 250, 250], [250, 0, None]):
        reading = await read(rig, whole(250, total=lambda index, told=totals: told[min(index, 2)]))
        assert_never_short(rig, reading, numbers(250))


@pytest.mark.parametrize("size", [9, 10, 20, 25, 45, 50, 99, 100, 128, 1_000])
async def test_pages_of_another_size_hide_nothing(rig, size):
    reading = await read(rig, whole(120, size=size))
    assert reading.error is None
    assert_never_short(rig, reading, numbers(120))


@pytest.mark.parametrize("rows", [(1, 1, 2), (0, 1, 0, 2, 1), (5, 5)])
async def test_a_number_twice_on_one_page_is_shown_once(rig, rows):
    reading = await read(rig, lambda ask: PageAnswer([] if ask.index or ask.skip else list(rows)))
    assert reading.numbers == [number(row) for row in dict.fromkeys(rows)]


@pytest.mark.parametrize("held", [1, 45, 100])
async def test_a_page_that_comes_again_is_told(rig, held):
    rows = list(range(held))
    reading = await read(rig, lambda ask: PageAnswer(rows, ask.index == 0, 2 * held))
    assert set(reading.numbers) == numbers(held)
    assert isinstance(reading.error, ListingIncomplete)


async def test_pages_that_overlap_show_nothing_twice(rig):
    def book(ask):
        first = max(ask.skip - 3 * ask.index, 0)
        rows = list(range(first, min(first + ask.size, 300)))
        return PageAnswer(rows, first + ask.size < 300, 300)

    assert_never_short(rig, await read(rig, book), numbers(300))


async def test_an_empty_page_in_the_middle_is_not_the_end(rig):
    if PAGING[rig.case.key].empty_is_the_end:
        return

    sizes = set()

    def book(ask):
        sizes.add(ask.size)
        count = 3 * ask.size + 50
        rows = [] if ask.index == 1 else list(range(ask.skip, min(ask.skip + ask.size, count)))
        return PageAnswer(rows, ask.index < 3, count)

    reading = await read(rig, book)
    (size,) = sizes
    kept = {number(row) for row in range(3 * size + 50) if row // size != 1}
    assert set(reading.numbers) == kept


PROMISES = ("count", "total_items", "total_pages", "TotalCount", "total_results")


@pytest.mark.parametrize(("case", "operation"), EVERY, ids=lambda each: getattr(each, "key", each))
async def test_nothing_asks_without_end(rig, case, operation):
    """Every answer promises that more follows, and nothing new ever does."""

    def spoil(asked, told):
        if asked.method != "GET":
            return told.raw()
        body = json.loads(told.body)
        if isinstance(body, dict):
            for promising in (body, body.get("meta", {})):
                promising |= {key: 10**8 for key in PROMISES if key in promising}
        cursor = f"c-{len(rig.server.asked)}"
        link = ("link", f'<{rig.server.origin}{asked.path}?cursor={cursor}>; rel="next"')
        headers = (*((name, text) for name, text in told.headers if name != "link"), link)
        spoilt = dataclasses.replace(told, headers=headers, body=json.dumps(body).encode())
        first.setdefault(asked.path, spoilt)
        return first[asked.path].raw()

    first = {}
    await rig.rehearse(operation)
    _, error = await rig.attempt(operation, spoil)
    assert len(rig.server.asked) <= 3 * request.MOST_BARREN_PAGES + 20
    if error is not None:
        assert_told_well(rig, error)
    writes = [asked for asked in rig.server.asked if asked.method != "GET"]
    assert len(writes) <= (operation in WRITES)
