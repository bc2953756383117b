"""The client against the emulation, in process."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from tests.unit.providers.parakeet.helpers import all_of
from tui_numbers.domain.accounts import Secret
from tui_numbers.domain.changes import Change, Set
from tui_numbers.domain.query import OwnedQuery, StockQuery
from tui_numbers.providers.errors import NoAnswer
from tui_numbers.providers.http import Api, Http
from tui_numbers.providers.parakeet.client import Parakeet
from tui_numbers.providers.parakeet.info import INFO
from tui_numbers.providers.transport import in_process
from tui_numbers.sandbox.accounts import ACCOUNTS
from tui_numbers.sandbox.app import Sandbox, build_world
from tui_numbers.sandbox.faults import ConnectionDropped, parse_fault

ANY = OwnedQuery()


@dataclass(repr=False)  # asyncio would write out what a fixture gives, with its world
class Place:
    sandbox: Sandbox
    client: Parakeet


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    sandbox = Sandbox(build_world(numbers=800))
    sandbox.limits.clear()
    http = Http(transport=in_process(sandbox, ConnectionDropped))
    (given,) = [account for account in ACCOUNTS if account.provider == "parakeet"]
    account = given.at("http://127.0.0.1:8470")
    yield Place(sandbox, Parakeet(Api(http, account, Secret(given.secret), INFO.pace)))
    await http.aclose()


async def test_the_whole_account_in_as_few_requests_as_pages(place: Place) -> None:
    found = await all_of(place.client.owned(ANY))
    size = place.sandbox.world.size("parakeet")
    assert len({number.id for number in found}) == len(found) == size
    assert len(place.sandbox.requests) == -(-size // 100)


async def test_an_expired_cursor_costs_a_second_beginning(place: Place) -> None:
    place.sandbox.faults.add(parse_fault("parakeet:list:expired-cursor:times=1,after=1"))
    found = await all_of(place.client.owned(ANY))
    assert len({number.id for number in found}) == len(found)
    assert len(found) == place.sandbox.world.size("parakeet")


async def test_retarget_and_read_back(place: Place) -> None:
    (first, *_) = await all_of(place.client.owned(ANY))
    for option in (await all_of(place.client.targets()))[::40]:
        await place.client.update(first, Change({"target": Set(option.target.text)}))
        read = await place.client.find(first.number, first)
        assert read is not None
        assert read.settings == {"target": option.target.text}
        assert read.name == option.target.label


async def test_buy_and_its_lost_answer(place: Place) -> None:
    stock = await all_of(place.client.available(StockQuery("US", pattern="55")))
    assert {number.type for number in stock} <= {"local", "mobile", "toll_free"}
    assert all("55" in number.number for number in stock)
    (option, *_) = await all_of(place.client.targets())
    place.sandbox.faults.add(parse_fault("parakeet:buy:reset-after:times=1"))
    with pytest.raises(NoAnswer):
        await place.client.buy(stock[0], option.target)
    found = await place.client.find(stock[0].number)
    assert found is not None
    assert found.settings == {"target": option.target.text}
    assert (await place.client.buy(stock[1], option.target)).status == "active"
