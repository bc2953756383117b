"""Looking one number up in stock, before it is bought."""

import pytest

from tests.support.fake_provider import ACCOUNT, FakeProvider, available, session
from tui_numbers.domain.e164 import E164
from tui_numbers.providers.contract import Page
from tui_numbers.services.stock import find_stock

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
