"""The owned view: listings that come, fail and overtake each other; filter, marks, keys."""

from dataclasses import replace

import pytest

from tests.support.dashboard import account, dashboard, fone, many_world, ready, small_world, vonage
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import Channel, Target
from tui_numbers.domain.query import Total
from tui_numbers.providers.errors import CredentialsRejected
from tui_numbers.services.inventory import AccountDone, OwnedPage
from tui_numbers.ui.detail_pane import DetailPane, DetailScreen
from tui_numbers.ui.dialogs.confirm import ConfirmScreen
from tui_numbers.ui.dialogs.dialog import PageScreen
from tui_numbers.ui.dialogs.picker import PickerScreen
from tui_numbers.ui.frame import VerbBar
from tui_numbers.ui.host import OwnedArrived
from tui_numbers.ui.owned_store import Progress


async def test_one_failing_account_is_named_and_hides_nothing():
    world = small_world()
    world.fakes["us-desk"].fails = CredentialsRejected("the key [/] is wrong", account="us-desk")
    async with dashboard(world) as seat:
        assert "us-desk: key rejected" in seat.status
        assert seat.owned.table.total_count == 5
        await seat.shows("+44 7700 906170")
        await seat.press("at")
        await seat.dialog(PageScreen)
        await seat.shows("us-desk: the key [/] is wrong")


async def test_all_accounts_failing_says_so_in_place_of_rows():
    world = small_world()
    for fake in world.fakes.values():
        fake.fails = CredentialsRejected("no", account="x")
        fake.numbers.clear()
    async with dashboard(world) as seat:
        await seat.shows("no account could be read", "r asks again")


async def test_rows_stay_while_they_are_asked_for_again():
    async with dashboard() as seat:
        fake = seat.world.fakes["uk-sms"]
        fake.close("owned")
        fake.numbers.pop()
        await seat.press("r")
        await seat.until(lambda: "loading" in seat.status)
        assert seat.owned.table.total_count == 6
        fake.open("owned")
        await ready(seat)
        assert seat.owned.table.total_count == 5


@pytest.mark.slow
async def test_a_refresh_that_fails_keeps_what_was_known():
    async with dashboard() as seat:
        seat.world.fakes["uk-sms"].fails = CredentialsRejected("no", account="uk-sms")
        await seat.press("r")
        await ready(seat)
        assert "uk-sms: key rejected (3 from before)" in seat.status
        assert seat.owned.table.total_count == 6


async def test_answers_to_an_overtaken_question_are_dropped():
    async with dashboard() as seat:
        old = seat.owned._generation
        await seat.press("r")
        await ready(seat)
        late = (vonage("+447700900999"),)
        seat.owned.post_message(OwnedArrived(old, OwnedPage("uk-sms", late, Total(1))))
        seat.owned.post_message(OwnedArrived(old, AccountDone("uk-sms", 1)))
        await seat.pilot.pause()
        assert seat.app.find_owned(E164("+447700900999")) is None
        assert seat.owned.store.accounts["uk-sms"].progress is Progress.DONE


@pytest.mark.slow
async def test_the_filter_takes_digits_in_any_spelling_and_words():
    async with dashboard() as seat:
        for text, count in (("0123", 1), ("07700 90 61", 1), ("ivr", 3), ("uk-sms !6170", 2)):
            await seat.press("slash")
            await seat.type(text)
            assert seat.owned.table.shown_count == count, text
            await seat.press("enter", "escape")
            assert seat.owned.table.shown_count == 6


async def test_keys_typed_in_the_filter_never_act():
    async with dashboard() as seat:
        await seat.press("slash")
        await seat.type("qtuexXbr123:?@ ")
        assert seat.owned.query_one("FilterInput").value == "qtuexXbr123:?@ "
        assert seat.app.screen is seat.app.main
        assert seat.app.main.view == "owned"
        assert seat.world.fakes["uk-sms"].listings == 1


async def test_escape_goes_one_step_back_and_never_quits():
    async with dashboard() as seat:
        await seat.press("space", "slash", *"906170", "escape")
        table = seat.owned.table
        assert seat.app.focused is seat.owned.query_one("FilterInput")
        await seat.press("escape")
        assert seat.app.focused is table
        assert len(table.marked_rows) == 1
        await seat.press("escape")
        assert not table.marked_rows
        await seat.press("2", "escape", "escape")
        assert seat.app.main.view == "owned"
        await seat.press(*["escape"] * 4)
        assert seat.app.is_running


async def test_views_are_a_key_away_except_in_a_text_field():
    async with dashboard() as seat:
        for key, view in (("2", "available"), ("3", "history"), ("1", "owned")):
            await seat.press(key)
            assert seat.app.main.view == view
        await seat.press("2", "slash", "1")
        assert seat.app.main.view == "available"


async def test_minus_goes_to_the_view_that_was_open_before_and_again_back():
    async with dashboard() as seat:
        await seat.press("3", "minus")
        assert seat.app.main.view == "owned"
        await seat.press("minus")
        assert seat.app.main.view == "history"


async def test_keys_that_arrive_with_the_slash_are_typed_into_the_filter():
    async with dashboard() as seat:
        seat.burst("slash", *"906170", "enter", "j", "t")
        await seat.dialog(PickerScreen)
        assert seat.owned.query_one("FilterInput").value == "906170"
        assert seat.owned.table.shown_count == 1


async def test_read_only_says_why_and_dims_the_verbs():
    async with dashboard(small_world(read_only=True)) as seat:
        for key in ("t", "e", "u", "X"):
            await seat.press(key)
            assert "read-only: started with --read-only" in seat.status, key
        assert seat.app.screen is seat.app.main
        verbs = {verb.word: verb.enabled for verb in seat.app.screen.query_one(VerbBar)._verbs}
        assert not verbs["retarget"]
        assert not verbs["edit"]
        assert verbs["filter"]
        await seat.shows("READ-ONLY")


@pytest.mark.slow
async def test_a_read_only_account_says_so_for_its_numbers_alone():
    accounts = (
        account("us-desk", "parakeet", read_only=True),
        account("uk-sms", "vonage"),
        account("au-sales", "fonedynamics"),
    )
    async with dashboard(small_world(accounts=accounts)) as seat:
        await seat.press("t")
        assert "account us-desk says read_only" in seat.status
        await seat.press("space", "slash", *"906170", "enter", "t")
        # The mark that the filter hides does not matter.
        await seat.dialog(PickerScreen)


async def test_not_offered_says_why():
    async with dashboard() as seat:
        await seat.press("slash", *"570110", "enter", "X")
        assert "no request that gives a number up" in seat.status
        await seat.press("b")
        assert "owned already" in seat.status


@pytest.mark.slow
async def test_a_locked_number_is_not_released_nor_changed_among_several():
    world = many_world(2, locks=frozenset({E164("+447700901000")}))
    async with dashboard(world) as seat:
        await seat.press("X")
        await seat.dialog(ConfirmScreen)
        await seat.shows("locked: the configuration says", "Close")
        await seat.press("y", "enter")
        await seat.home()
        await seat.press("a")
        await seat.pick()
        await seat.shows("refused: locked")
        await seat.press("y")
        await seat.shows("1 verified", "1 refused")
        assert [sent[1] for sent in world.fakes["uk-sms"].sent] == ["+447700901001"]


@pytest.mark.slow
async def test_below_100_columns_the_detail_is_a_screen_and_goes_when_there_is_room():
    async with dashboard() as seat:
        await seat.press("enter")
        await seat.until(lambda: isinstance(seat.app.screen, DetailScreen))
        await seat.shows("+1 212-555-0100", "Calls go to")
        await seat.pilot.resize_terminal(120, 40)
        await seat.home()
        await seat.shows("Delivery")
        await seat.press("enter")
        assert isinstance(seat.app.focused, DetailPane)
        await seat.press("escape")
        assert seat.app.focused is seat.owned.table


async def test_the_record_is_shown_as_received():
    async with dashboard() as seat:
        await seat.press("v")
        await seat.until(lambda: isinstance(seat.app.screen, DetailScreen))
        await seat.shows('"record": "as [received]"')
        await seat.press("v")
        await seat.shows("Delivery")


@pytest.mark.slow
async def test_tab_goes_between_table_detail_and_filter():
    async with dashboard(size=(120, 40)) as seat:
        await seat.press("tab")
        assert isinstance(seat.app.focused, DetailPane)
        await seat.press("tab")
        assert seat.app.focused is seat.owned.query_one("FilterInput")
        await seat.press("shift+tab")
        assert isinstance(seat.app.focused, DetailPane)


@pytest.mark.slow
async def test_below_60x15_it_says_so_and_takes_no_key():
    async with dashboard() as seat:
        await seat.press("X")
        await seat.dialog(ConfirmScreen)
        for size in ((59, 24), (80, 14)):
            await seat.pilot.resize_terminal(*size)
            await seat.shows("too small: 60x15 needed")
            seat.burst("escape", "y")
            await seat.pilot.pause()
            assert isinstance(seat.app.screen, ConfirmScreen)
        await seat.pilot.resize_terminal(60, 15)
        await seat.shows("Release")
        await seat.press("escape")
        await seat.home()
        await seat.shows("+1 212-555-0100")


@pytest.mark.slow
async def test_commands_find_a_number_and_a_command():
    async with dashboard() as seat:
        await seat.press("slash", *"sales", "enter", "colon")
        await seat.dialog(PickerScreen)
        await seat.type("906170")
        await seat.press("enter")
        await seat.home()
        await seat.until(lambda: seat.owned.table.cursor_key == ("uk-sms", "+447700906170"))
        await seat.press("ctrl+p")
        await seat.dialog(PickerScreen)
        await seat.type("what was changed")
        await seat.press("enter")
        await seat.until(lambda: seat.app.main.view == "history")


@pytest.mark.slow
async def test_help_and_log_open_and_close_with_their_own_key():
    async with dashboard() as seat:
        for key, words in (("question_mark", "Send calls somewhere else"), ("at", "nothing yet")):
            await seat.press(key)
            await seat.dialog(PageScreen)
            await seat.shows(words)
            await seat.press(key)
            await seat.home()


async def test_copy_says_that_nothing_confirms_it():
    async with dashboard() as seat:
        await seat.press("y")
        assert "+12125550100 sent to the terminal" in seat.status
        await seat.press("j")
        assert "sent to" not in seat.status


@pytest.mark.slow
async def test_themes_go_round():
    async with dashboard() as seat:
        seen = []
        for _ in range(3):
            seen.append(seat.app.theme)
            await seat.press("T")
        assert sorted(seen) == ["numbers-16", "numbers-dark", "numbers-light"]
        assert seat.app.theme == "numbers-dark"


async def test_an_empty_account_points_at_the_search():
    world = small_world()
    for fake in world.fakes.values():
        fake.numbers.clear()
    async with dashboard(world) as seat:
        await seat.shows("no numbers are owned yet: 2 searches")
        await seat.press("t")
        assert "no number is under the cursor" in seat.status


@pytest.mark.slow
async def test_a_number_of_unreadable_settings_can_be_opened():
    world = small_world()
    world.fakes["au-sales"].numbers = [fone("+61491570999", country=None, type=None, name="[/]")]
    async with dashboard(world) as seat:
        await seat.press("G", "enter")
        await seat.until(lambda: isinstance(seat.app.screen, DetailScreen))
        await seat.shows("Name                   [/]")


async def test_a_locked_number_says_so_in_the_table_the_detail_and_the_preview():
    world = many_world(2, locks=frozenset({E164("+447700901000")}))
    async with dashboard(world, size=(120, 40)) as seat:
        await seat.shows("never changed together with others")
        locked = [line for line in seat.lines if " locked " in line]
        assert len(locked) == 1
        assert "+44 7700 901000" in locked[0]
        await seat.pick()
        await seat.shows("the number is locked: never changed together")


@pytest.mark.parametrize("stored", ["+4402079460999", "+330199001234", "02079460999"])
@pytest.mark.slow_after(1)
async def test_a_number_that_is_stored_wrongly_is_shown_as_stored_and_found_out(stored):
    world = many_world(1)
    (number,) = world.fakes["uk-sms"].numbers
    phone = Target("phone", stored)
    routing = {**number.routing, Channel.VOICE: phone}
    settings = {**number.settings, "voice": phone.text}
    world.fakes["uk-sms"].numbers = [replace(number, routing=routing, settings=settings)]
    async with dashboard(world, size=(160, 40)) as seat:
        await seat.shows(f"phone {stored}", f"{stored} is no")
        await seat.pick()
        await seat.shows(f"phone {stored} -> app Night Desk", f"stored now: {stored} is no")


@pytest.mark.parametrize("code", ["96167", "61611", "303030"])
@pytest.mark.slow_after(1)
async def test_a_short_code_is_shown_bare_and_found(code):
    world = many_world(2)
    fake = world.fakes["uk-sms"]
    fake.numbers.append(replace(fake.numbers[0], number=E164(code), id=code, country="US"))
    async with dashboard(world, size=(120, 40)) as seat:
        await seat.press("slash", *code, "enter")
        await seat.until(lambda: seat.owned.table.shown_count == 1)
        assert f" {code} " in seat.text


FOUND_BY = {
    "vonage": 3,
    "toll_free": 1,
    "!vonage": 3,
    "toll free": 1,
    "kingdom": 3,
    "new jersey": 1,
    "linked:application": 3,
    "newark": 1,
    "!linked:application": 3,
    "linked:application vonage !application:": 1,
    "٠٦١٧٠": 2,
    "mms": 1,
    "": 6,
    "SB7Q": 1,
    "uk-sms": 3,
    "confirmed": 1,
}
"""How many numbers a filter finds; no two neighbours find as many."""


async def test_the_filter_finds_all_that_a_number_shows():
    world = small_world()
    uk, us, au = (world.fakes[name].numbers for name in ("uk-sms", "us-desk", "au-sales"))
    uk[1] = replace(uk[1], routing={Channel.VOICE: Target("phone", "+442079460999")})
    us[0] = replace(us[0], told={"status": "confirmed"}, country="US")
    us[1] = replace(us[1], type="toll_free", country="US")
    au[0] = replace(au[0], told={"property": "SB7Q"}, capabilities=("mms",), country="AU")
    async with dashboard(world) as seat:
        await seat.press("/")
        for text, found in FOUND_BY.items():
            await seat.press("ctrl+u", *text)
            await seat.until(lambda found=found: seat.owned.table.shown_count == found)
            await seat.until(lambda: seat.owned._areas)
            await ready(seat)
            assert seat.owned.table.shown_count == found, text
