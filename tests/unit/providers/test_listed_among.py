"""Several numbers by one listing: only what it tells for certain, and only where it is short."""

from tests.support.fake_provider import owned
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.query import Total
from tui_numbers.providers.contract import Page
from tui_numbers.providers.errors import ListingIncomplete
from tui_numbers.providers.paging import listed_among

ONE, TWO, THREE = (E164(f"+44770090010{last}") for last in range(3))
HELD = {number: owned(number) for number in (ONE, TWO)}


async def _pages(*pages, error=None):
    for page in pages:
        yield page
    if error is not None:
        raise error


def _page(*numbers, total=None, dropped=0):
    return Page(tuple(map(HELD.get, numbers)), Total(total), dropped=dropped)


async def test_a_listing_tells_what_is_held_and_what_is_not():
    found = await listed_among(_pages(_page(ONE), _page(TWO)), [ONE, THREE], 2)
    assert found == {ONE: HELD[ONE], THREE: None}


async def test_a_listing_that_is_longer_than_worth_while_tells_nothing():
    assert await listed_among(_pages(_page(ONE), _page(TWO)), [ONE], 1) == {}
    assert await listed_among(_pages(_page(ONE, total=9), _page(TWO)), [ONE], 5) == {}


async def test_a_listing_that_is_not_whole_tells_nothing():
    error = ListingIncomplete("it moved", account="uk-sms")
    assert await listed_among(_pages(_page(ONE), error=error), [ONE], 5) == {}


async def test_a_number_listed_twice_and_one_that_may_be_unreadable_are_asked_for_singly():
    assert await listed_among(_pages(_page(ONE), _page(ONE, TWO)), [ONE, TWO], 5) == {
        TWO: HELD[TWO]
    }
    assert await listed_among(_pages(_page(ONE, dropped=1)), [ONE, TWO], 5) == {ONE: HELD[ONE]}
