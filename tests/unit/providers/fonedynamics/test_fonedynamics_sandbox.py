"""The client against the emulation, in process."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from tests.unit.providers.fonedynamics.helpers import all_of
from tui_numbers.domain.accounts import Account, Secret
from tui_numbers.domain.changes import Change, Set
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import AvailableNumber, Undisclosed
from tui_numbers.domain.query import OwnedQuery
from tui_numbers.providers.errors import NoAnswer
from tui_numbers.providers.fonedynamics.client import FoneDynamics
from tui_numbers.providers.fonedynamics.info import INFO
from tui_numbers.providers.http import Api, Http
from tui_numbers.providers.transport import in_process
from tui_numbers.sandbox.accounts import ACCOUNTS
from tui_numbers.sandbox.app import Sandbox, build_world
from tui_numbers.sandbox.faults import ConnectionDropped, parse_fault

DESK = E164("+61255501234")


@dataclass(repr=False)  # asyncio would write out what a fixture gives, with its world
class Place:
    sandbox: Sandbox
    client: FoneDynamics
    everything: FoneDynamics


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    sandbox = Sandbox(build_world(numbers=1500))
    sandbox.limits.clear()
    http = Http(transport=in_process(sandbox, ConnectionDropped))
    (given,) = [account for account in ACCOUNTS if account.provider == "fonedynamics"]
    base = "http://127.0.0.1:8470" + given.base_path
    clients = []
    for fields in (given.fields, {"account_sid": given.fields["account_sid"]}):
        account = Account(given.name, given.provider, fields, base)
        clients.append(FoneDynamics(Api(http, account, Secret(given.secret), INFO.pace)))
    yield Place(sandbox, *clients)
    await http.aclose()


async def test_the_whole_account_in_as_few_requests_as_pages_and_an_empty_one(place: Place) -> None:
    found = await all_of(place.everything.owned(OwnedQuery()))
    size = place.sandbox.world.size("fonedynamics")
    assert len({number.number for number in found}) == size
    assert len(place.sandbox.requests) == -(-size // 200) + 1
    assert len(await all_of(place.client.owned(OwnedQuery()))) == size


async def test_an_undisclosed_flow_is_kept_by_other_changes(place: Place) -> None:
    numbers = await all_of(place.client.owned(OwnedQuery()))
    hidden = next(number for number in numbers if number.settings["voice"] == Undisclosed("flow"))
    await place.client.update(hidden, Change({"friendly": Set("New")}))
    read = await place.client.find(hidden.number)
    assert read is not None
    assert read.settings == {**hidden.settings, "friendly": "New"}


async def test_buy_and_its_lost_answer(place: Place) -> None:
    number = E164("+61270109999")
    stock = AvailableNumber("au-sales", "fonedynamics", number, "AU", None, ())
    place.sandbox.faults.add(parse_fault("fonedynamics:buy:reset-after:times=1"))
    with pytest.raises(NoAnswer):
        await place.client.buy(stock, None)
    assert await place.client.find(number) is not None
    assert [seen.route for seen in place.sandbox.requests].count("buy") == 1


async def test_flows_that_are_not_named_cost_no_number(place: Place) -> None:
    place.sandbox.faults.add(parse_fault("fonedynamics:list:hide-flow"))
    pages = [page async for page in place.everything.owned(OwnedQuery())]
    held = sum(len(page.items) + page.dropped for page in pages)
    assert held == place.sandbox.world.size("fonedynamics")
