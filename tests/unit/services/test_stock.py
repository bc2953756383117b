"""Looking one number up in stock, before it is bought."""

from dataclasses import replace

import pytest

from tests.support.fake_provider import ACCOUNT, INFO, FakeProvider, available, session
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.query import Match, StockQuery, Total
from tui_numbers.providers.contract import Page
from tui_numbers.services.stock import AccountSearch, StockPage, find_stock

WANTED, NEAR = E164("+441534900123"), E164("+441534900124")


class _ByCountry(FakeProvider):
    """Has stock by the country that it is asked for, whatever the number's digits say."""

    async def available(self, query):
        self.asked = [*getattr(self, "asked", []), query.country]
        yield Page(tuple(self.stock.get(query.country, ())))


@pytest.mark.parametrize("country", ["GB", "JE", "GG", "IM"])
async def test_the_record_is_found_in_whichever_country_of_its_code_the_provider_has_it(country):
    record = available(WANTED)
    provider = _ByCountry(stock={country: [available(NEAR), record]})
    assert await find_stock(session(provider).workspace, ACCOUNT, WANTED) is record
    assert provider.asked[-1] == country


async def test_a_number_beside_the_one_that_is_wanted_is_not_it():
    provider = _ByCountry(stock={"JE": [available(NEAR)]})
    assert await find_stock(session(provider).workspace, ACCOUNT, WANTED) is None
    assert sorted(provider.asked) == ["GB", "GG", "IM", "JE"]


class _Searched(FakeProvider):
    """Keeps the searches that it is asked for, and has one number for each."""

    async def available(self, query):
        self.asked = [*getattr(self, "asked", []), (query.digits, query.match)]
        found = [one for one in self.stock.values() if one.number.startswith(f"+{query.digits}")]
        yield Page(tuple(found), Total(len(found)))


async def _found(provider, query, **declared):
    info = replace(INFO, **declared)
    workspace = session(provider, info=info).workspace
    search = AccountSearch(workspace, ACCOUNT, query)
    return [event async for event in search.more(50) if isinstance(event, StockPage)]


async def test_a_provider_that_looks_at_beginnings_is_asked_for_each_way_to_read_one():
    numbers = [E164("+49491000000"), E164("+49301000000"), E164("+494949100000")]
    provider = _Searched(stock={number: available(number, country="DE") for number in numbers})
    query = StockQuery("DE", pattern="4949", match=Match.STARTS)
    pages = await _found(provider, query, search_filters=frozenset({"pattern"}))
    assert provider.asked == [("4949", Match.STARTS)]
    query = StockQuery("DE", pattern="491", match=Match.STARTS)
    pages = await _found(provider, query, search_filters=frozenset({"pattern"}))
    assert provider.asked[1:] == [("491", Match.STARTS), ("49491", Match.STARTS)]
    assert [one.number for page in pages for one in page.numbers] == [numbers[0]]
    assert pages[-1].total == Total(1)


async def test_places_are_looked_at_here_and_a_number_of_no_known_place_is_left_out():
    rows = [
        available(E164("+441612000000"), city="Salford"),
        available(E164("+441612000001")),
        available(E164("+442079460000")),
        available(E164("+447700900000")),
    ]
    provider = FakeProvider(stock={one.number: one for one in rows})
    (page,) = await _found(provider, StockQuery("GB", place="manchester"))
    assert [one.number for one in page.numbers] == ["+441612000000", "+441612000001"]
    assert (page.unknown, page.filtered_here) == (1, ("place",))
    (page,) = await _found(provider, StockQuery("GB", place="SALFORD"))
    assert [one.number for one in page.numbers] == ["+441612000000"]
