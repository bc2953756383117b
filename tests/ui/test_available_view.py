"""The search of stock: what is asked, what comes, what is left out, and more on demand."""

from decimal import Decimal

import pytest

from tests.support.dashboard import NIGHT, account, dashboard, small_world, stock
from tests.ui.test_flows import search
from tui_numbers.domain.numbers import Money
from tui_numbers.domain.operations import Outcome
from tui_numbers.domain.query import Total
from tui_numbers.providers.errors import Rejected, Unreachable
from tui_numbers.services.stock import StockDone, StockPage
from tui_numbers.ui.detail_pane import DetailScreen
from tui_numbers.ui.dialogs.confirm import ConfirmScreen
from tui_numbers.ui.dialogs.picker import PickerScreen
from tui_numbers.ui.host import StockArrived
from tui_numbers.ui.views.available import AvailableView


def view(seat):
    return seat.app.main.query_one(AvailableView)


async def test_a_search_needs_a_country_and_says_so():
    async with dashboard() as seat:
        await seat.press("2", "r")
        assert "pick a country first" in seat.status
        await seat.press("M")
        assert "pick a country first" in seat.status


async def test_results_of_all_accounts_and_who_offers_none():
    async with dashboard() as seat:
        await search(seat, "united king")
        await seat.until(lambda: view(seat).table.total_count == 3)
        await seat.until(lambda: "au-sales: no search offered" in seat.status)
        await seat.shows("EUR 1.25", "—")


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
@pytest.mark.slow_after(1)
async def test_letters_of_a_pattern_are_shown_as_the_word_and_stand_out(size):
    world = small_world()
    world.fakes["uk-sms"].stock = [stock("+442079356937")]
    async with dashboard(world, size=size) as seat:
        await search(seat, "GB", "flow")
        await seat.shows("2079FLOW37")
        match = view(seat).table._painter.palette.cursor_match
        drawn = [
            segment.text
            for strip in seat.app.screen._compositor.render_strips()
            for segment in strip
            if segment.style and segment.style.underline and segment.style.bold
        ]
        assert match.underline
        assert "FLOW" in drawn
        assert "35 69" in drawn


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


async def test_more_is_never_said_to_be_loaded_than_there_is():
    async with dashboard() as seat:
        await search(seat, "GB")
        await seat.until(lambda: view(seat).table.total_count == 3 and not view(seat)._busy)
        came = tuple(stock(f"+4420794699{at:02}") for at in range(20))
        view(seat).post_message(
            StockArrived(view(seat)._generation, StockPage("uk-sms", came, Total(5, capped=True)))
        )
        view(seat).post_message(
            StockArrived(view(seat)._generation, StockDone("uk-sms", more=True))
        )
        await seat.until(lambda: view(seat).table.total_count == 23)
        await seat.until(lambda: "total unknown" in seat.status)
        assert "first 5" not in seat.status
        assert view(seat)._total_words() == "at least 23"


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
        await seat.press("f", "shift+tab", "right", *["tab"] * 4, "space")
        await seat.until(lambda: view(seat)._query.capabilities == {"voice"})
        assert view(seat)._query.type == "local"
        assert not isinstance(seat.app.screen, PickerScreen)


def chosen(seat):
    return [one.number for one in view(seat).basket.numbers]


async def found(seat, country, count, pattern=""):
    """Search, and wait until all accounts have answered."""
    await search(seat, country, pattern)
    await seat.until(lambda: not view(seat)._busy and view(seat).table.total_count == count)


async def again(seat, pattern):
    """Search for another pattern in the same country."""
    await seat.press("f", *["backspace"] * 6, *pattern, "enter")
    await seat.until(lambda: view(seat)._query.pattern == pattern and not view(seat)._busy)


@pytest.mark.parametrize("keys", [["f", "1"], ["f", "tab"], ["f", "tab", "tab", "x"]])
@pytest.mark.slow_after(1)
async def test_enter_in_any_field_goes_to_the_results_where_keys_are_actions(keys):
    async with dashboard() as seat:
        await found(seat, "GB", 3)
        await seat.press(*keys)
        seat.burst("enter", "s", "j")
        await seat.until(lambda: view(seat).table.model.sort is not None)
        assert seat.app.focused is view(seat).table
        await seat.press("b")
        await seat.until(lambda: "s" not in view(seat)._query.pattern)


@pytest.mark.parametrize("typed", ["uk", "44", "+44", "engl"])
@pytest.mark.slow_after(1)
async def test_a_country_is_found_by_what_people_call_it(typed):
    async with dashboard() as seat:
        await search(seat, typed)
        await seat.until(lambda: view(seat)._query is not None)
        assert view(seat)._query.country == "GB"


async def test_a_country_that_nobody_knows_by_that_name_is_said_to_match_nothing():
    async with dashboard() as seat:
        await seat.press("2", "enter")
        await seat.dialog(PickerScreen)
        await seat.type("atlantis")
        await seat.shows("nothing matches")


async def test_how_a_beginning_is_read_and_what_is_filtered_here_is_said():
    async with dashboard(size=(120, 40)) as seat:
        await found(seat, "GB", 3)
        await seat.press("f", *"020", "tab", "left", "enter")
        await seat.shows("020 read as +4420, without the trunk 0", "pattern filtered here")
        await seat.until(lambda: view(seat).table.total_count == 2)


async def test_results_are_filtered_in_the_same_language_and_say_how_many_of_how_many():
    world = small_world(accounts=(account("uk-sms", "vonage"),))
    world.fakes["uk-sms"].stock = [stock(f"+4420794{at:05}") for at in range(130)]
    async with dashboard(world) as seat:
        await found(seat, "GB", 50)
        await seat.shows("50 of 130, M loads more")
        await seat.press("M")
        await seat.until(lambda: view(seat).table.total_count == 100)
        await seat.until(lambda: not view(seat)._busy)
        await seat.press("s")
        await seat.shows("sorted within 100 of 130, M loads more")
        await seat.press("slash", *"79400012", "enter")
        await seat.shows("1 shown, sorted within 100 of 130")
        assert view(seat).table.shown_count == 1
        await seat.press("slash", *" -type:local", "enter")
        await seat.shows("the filter hides all 100: Esc clears it")
        await seat.press("escape")
        await seat.until(lambda: view(seat).table.shown_count == 100)


async def test_the_cheapest_come_first_within_a_currency_and_unknown_prices_last():
    world = small_world(accounts=(account("uk-sms", "vonage"),))
    prices = [None, ("2.50", "EUR"), ("0.90", "USD"), ("10", "EUR")]
    world.fakes["uk-sms"].stock = [
        stock(f"+44207946000{at}", monthly_cost=price and Money(Decimal(price[0]), price[1]))
        for at, price in enumerate(prices)
    ]
    async with dashboard(world) as seat:
        await found(seat, "GB", 4)
        await seat.press(*"sssss")
        table = view(seat).table
        assert table.model.sort.key == "monthly"
        shown = [str(one.monthly_cost) for one in table.model.shown_rows()]
        assert shown == ["EUR 2.50", "EUR 10", "USD 0.90", "None"]
        assert table.model.cursor == 0


async def test_what_is_chosen_outlives_searches_and_is_summed_up():
    async with dashboard() as seat:
        await found(seat, "GB", 3)
        await seat.press("j", "space")
        await seat.shows("1 chosen · EUR 1.25 a month · set-up unknown")
        await again(seat, "2021")
        await seat.press("space")
        await seat.shows("2 chosen · EUR 2.50 a month · set-up unknown")
        await again(seat, "1255")
        await seat.press("space")
        await seat.shows("3 chosen · EUR 2.50 a month, 1 unknown · set-up unknown")
        assert chosen(seat) == ["+442079462020", "+442079462021", "+12125552020"]
        await seat.press("B")
        await seat.shows("only what is chosen: 3 shown")
        await seat.press("g", "space")
        assert chosen(seat) == ["+442079462021", "+12125552020"]
        await seat.until(lambda: view(seat).table.total_count == 2)
        await seat.press("B")
        await seat.until(lambda: view(seat).table.total_count == 1)
        assert len(view(seat).table.marked_rows) == 1


async def test_three_numbers_from_two_searches_are_bought_in_one_batch_by_keyboard():
    async with dashboard() as seat:
        await found(seat, "GB", 3)
        await seat.press("j", "space", "space")
        await again(seat, "1255")
        await seat.press("space", "b")
        picker = await seat.dialog(PickerScreen)
        await seat.shows("Buy 2 numbers at uk-sms: where to?")
        await seat.type("night")
        await seat.press("enter")
        await seat.until(lambda: seat.app.screen is not picker)
        await seat.dialog(PickerScreen)
        await seat.shows("Buy +1 212-555-2020 at us-desk: where to?")
        await seat.type("support")
        await seat.press("enter")
        screen = await seat.dialog(ConfirmScreen)
        await seat.shows("Buy 3 numbers", "EUR 2.50 a month, 1 unknown", "us-desk: price unknown")
        assert screen.focused.id == "cancel"
        await seat.press("y")
        await seat.shows("3 of 3 bought, 2 of 2 pointed")
        await seat.press("x")
        await seat.home()
        sent = seat.world.fakes["uk-sms"].sent
        bought = sorted(number for what, number, *_ in sent if what == "buy")
        assert bought == ["+442079462020", "+442079462021"]
        for number in bought:
            assert seat.app.find_owned(number).routing["voice"] == NIGHT
        assert [one[:2] for one in seat.world.fakes["us-desk"].sent] == [("buy", "+12125552020")]
        operations = seat.operations()
        assert len({one.batch for one in operations}) == 1
        assert {one.outcome for one in operations} == {Outcome.VERIFIED}
        assert chosen(seat) == []
        assert view(seat).table.total_count == 0


async def test_what_was_not_bought_stays_chosen_with_the_reason():
    world = small_world()
    world.fakes["uk-sms"].refuses["+442079462021"] = Rejected("no funds", account="uk-sms")
    async with dashboard(world) as seat:
        await found(seat, "GB", 3)
        await seat.press("j", "space", "space", "b")
        await seat.dialog(PickerScreen)
        await seat.press("enter")
        await seat.dialog(ConfirmScreen)
        await seat.press("y")
        await seat.shows("1 of 2 bought", "1 failed")
        await seat.press("x")
        await seat.home()
        assert chosen(seat) == ["+442079462021"]
        await seat.press("B")
        await seat.shows(
            "1 chosen · EUR 1.25 a month · set-up unknown · 1 not bought", "failed: no"
        )


async def test_an_empty_basket_is_said_and_b_buys_the_row():
    async with dashboard() as seat:
        await found(seat, "GB", 3)
        await seat.press("B")
        assert "nothing is chosen yet: Space chooses a number" in seat.status
        await seat.press("a")
        assert "one by one" in seat.status
        await seat.press("j", "b")
        await seat.dialog(PickerScreen)
        await seat.shows("Buy +44 20 7946 2020 at uk-sms: where to?")
        await seat.press("enter")
        screen = await seat.dialog(ConfirmScreen)
        assert screen.focused.id == "cancel"
        await seat.press("enter")
        await seat.home()
        assert seat.world.fakes["uk-sms"].sent == []


async def test_a_production_account_is_typed_before_what_is_chosen_is_bought():
    accounts = (account("uk-sms", "vonage", production=True),)
    async with dashboard(small_world(accounts=accounts)) as seat:
        await found(seat, "GB", 2)
        await seat.press("space", "space", "b")
        await seat.dialog(PickerScreen)
        await seat.press("enter")
        screen = await seat.dialog(ConfirmScreen)
        await seat.shows("PRODUCTION", "2 together", "type uk-sms")
        assert screen.focused.id == "cancel"
        await seat.press("y")
        await seat.shows("not sent: production: type uk-sms")
        assert seat.world.fakes["uk-sms"].sent == []
        await seat.type("uk-sms")
        await seat.press("enter", "escape")
        await seat.home()
        assert seat.world.fakes["uk-sms"].sent == []
        assert len(chosen(seat)) == 2


async def test_what_is_chosen_is_still_there_after_another_view_and_another_account():
    async with dashboard() as seat:
        await found(seat, "GB", 3)
        await seat.press("j", "space", "1", "2")
        await seat.shows("1 chosen · EUR 1.25 a month · set-up unknown")
        await seat.press("f", *["tab"] * 6, "right")
        await seat.until(lambda: view(seat)._searches.keys() == {"us-desk"})
        await seat.until(lambda: view(seat).table.total_count == 1)
        assert chosen(seat) == ["+442079462020"]
        await seat.press("enter", "B")
        await seat.until(lambda: view(seat).table.cursor_row.number == "+442079462020")
