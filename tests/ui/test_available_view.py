"""The search of stock: what is asked, what comes, what is left out, and more on demand."""

import pytest

from tests.support.dashboard import account, dashboard, small_world, stock
from tests.ui.test_flows import search
from tui_numbers.domain.query import Total
from tui_numbers.providers.errors import Unreachable
from tui_numbers.services.stock import StockPage
from tui_numbers.ui.detail.pane import DetailScreen
from tui_numbers.ui.dialogs.picker import PickerScreen
from tui_numbers.ui.messages import StockArrived
from tui_numbers.ui.views.available import AvailableView


def view(seat):
    return seat.app.main.query_one(AvailableView)


async def test_a_search_needs_a_country_and_says_so():
    async with dashboard() as seat:
        await seat.press("2", "r")
        assert "pick a country first" in seat.status
        await seat.press("slash", "2", "enter")
        assert "pick a country first" in seat.status


async def test_results_of_all_accounts_and_who_offers_none():
    async with dashboard() as seat:
        await search(seat, "united king")
        await seat.until(lambda: view(seat).table.total_count == 3)
        await seat.until(lambda: "au-sales: no search offered" in seat.status)
        await seat.shows("EUR 1.25", "—")


@pytest.mark.slow
async def test_letters_of_a_pattern_are_shown_as_the_word():
    world = small_world()
    world.fakes["uk-sms"].stock = [stock("+442079356937")]
    async with dashboard(world, size=(180, 24)) as seat:
        await search(seat, "GB", "flow")
        await seat.until(lambda: view(seat)._query.digits == "3569")
        await seat.shows("2079FLOW37")


async def test_nothing_found_is_an_honest_none():
    world = small_world()
    for fake in world.fakes.values():
        fake.stock.clear()
    async with dashboard(world) as seat:
        await search(seat, "AQ")
        await seat.shows("none: no account has such a number in stock")


@pytest.mark.slow
async def test_one_account_failing_leaves_the_others():
    world = small_world()
    world.fakes["us-desk"].fails = Unreachable("[/] cannot be reached", account="us-desk")
    async with dashboard(world) as seat:
        await search(seat, "GB")
        await seat.until(lambda: "us-desk: unreachable" in seat.status)
        assert view(seat).table.total_count == 2


@pytest.mark.slow
async def test_more_is_fetched_at_the_end_and_never_unasked():
    world = small_world(accounts=(account("uk-sms", "vonage"),))
    world.fakes["uk-sms"].stock = [stock(f"+4420794{at:05}") for at in range(130)]
    async with dashboard(world) as seat:
        await search(seat, "GB")
        table = view(seat).table
        await seat.until(lambda: table.total_count == 50)
        await seat.until(lambda: not view(seat)._busy)
        assert "uk-sms 50 of 130" in seat.status
        await seat.press("slash", "escape", "G")
        await seat.until(lambda: table.total_count == 100)
        await seat.until(lambda: not view(seat)._busy)
        await seat.press("G")
        await seat.until(lambda: table.total_count == 130)


async def test_answers_to_an_overtaken_search_are_dropped():
    async with dashboard() as seat:
        await search(seat, "GB")
        await seat.until(lambda: view(seat).table.total_count == 3)
        late = StockPage("uk-sms", (stock("+442079469999"),), Total(1))
        view(seat).post_message(StockArrived(0, late))
        await seat.pilot.pause()
        assert view(seat).table.total_count == 3


@pytest.mark.slow
async def test_everything_known_of_a_stock_number_is_shown():
    async with dashboard() as seat:
        await search(seat, "GB")
        await seat.until(lambda: view(seat).table.total_count == 3)
        await seat.press("slash", "escape", "G", "enter")
        await seat.until(lambda: isinstance(seat.app.screen, DetailScreen))
        await seat.shows("Offered by", "uk-sms (Vonage)", "EUR 1.25", "Address", "b buy")
        await seat.press("t")
        assert "b buys it" in seat.status


@pytest.mark.slow
async def test_features_type_and_account_narrow_the_search():
    async with dashboard() as seat:
        await search(seat, "GB")
        await seat.press("tab", "right", "tab", "space")
        await seat.until(lambda: view(seat)._query.capabilities == {"voice"})
        assert view(seat)._query.type == "local"
        assert not isinstance(seat.app.screen, PickerScreen)
