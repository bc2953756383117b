"""The filter line: completed by Tab, recalled by Up, kept as a view, and never in the way."""

import asyncio

from tests.support.dashboard import dashboard, fone, many_world, small_world, vonage
from tui_numbers.providers.errors import CredentialsRejected
from tui_numbers.services.config import Config, ViewConfig
from tui_numbers.ui.dialogs.picker import PickerScreen
from tui_numbers.ui.table import model
from tui_numbers.ui.views.filter_line import FilterInput


def filter_of(seat):
    return seat.app.screen.query_one(FilterInput).value


def shown(seat):
    return [row.number for row in seat.owned.table.model.shown_rows()]


async def test_tab_completes_a_field_then_its_values():
    async with dashboard() as seat:
        await seat.press("slash", *"acc", "tab")
        assert filter_of(seat) == "account:"
        await seat.press("u", "tab")
        await seat.shows("uk-sms us-desk")
        await seat.press("k", "tab")
        assert filter_of(seat) == "account:uk-sms "
        assert len(shown(seat)) == 3


async def test_tab_goes_through_what_may_stand_there():
    async with dashboard() as seat:
        await seat.press("slash", *"account:", "tab", "tab")
        assert filter_of(seat) == "account:au-sales "
        await seat.press("tab")
        assert filter_of(seat) == "account:uk-sms "
        await seat.type("is:un")
        await seat.press("tab")
        assert filter_of(seat) == "account:uk-sms is:unrouted "


async def test_a_name_of_two_words_is_completed_in_quotes():
    async with dashboard() as seat:
        await seat.press("slash", *"to:sup", "tab", "tab", "tab")
        assert filter_of(seat) == 'to:"Support IVR" '
        assert shown(seat) == ["+442079460123", "+447700900001", "+447700906170"]


async def test_up_recalls_the_filters_of_this_run_and_down_goes_on():
    async with dashboard() as seat:
        for text in ("6170", "account:uk"):
            await seat.press("slash")
            seat.app.screen.query_one(FilterInput).value = ""
            await seat.type(text)
            await seat.press("enter")
        await seat.press("slash", "escape", *"new", "up", "up")
        assert filter_of(seat) == "6170"
        assert len(shown(seat)) == 2
        await seat.press("down")
        assert filter_of(seat) == "account:uk"
        await seat.press("down")
        assert filter_of(seat) == "new"
        await seat.press("down")
        assert seat.app.focused is seat.owned.table


async def test_an_unknown_field_is_named_and_what_was_shown_stays():
    async with dashboard() as seat:
        await seat.press("slash", *"uk-sms")
        before = shown(seat)
        assert len(before) == 3
        filter_line = seat.app.screen.query_one(FilterInput)
        filter_line.value = "acount:us"
        await seat.shows("no field 'acount': did you mean 'account'?")
        assert shown(seat) == before
        filter_line.value = "account:us"
        await seat.shows("2 of 6")
        assert "no field" not in seat.text


async def test_a_broken_expression_says_what_is_wrong_with_it():
    async with dashboard() as seat:
        await seat.press("slash", *"re:[0-9")
        await seat.shows("re: cannot be read")
        await seat.press("]")
        await seat.shows("6 · as of")


async def test_an_expression_over_many_rows_is_tried_beside_the_keys(monkeypatch):
    monkeypatch.setattr(model, "_MANY_ROWS", 4)
    world = many_world(8)
    async with dashboard(world) as seat:
        await seat.press("slash", *"re:[02468]$")
        await seat.shows("4 of 8")
        await seat.press("backspace", *"|3$")
        await seat.shows("re:[02468]|3$")
        await seat.until(lambda: len(shown(seat)) == 8)
        await seat.press("escape")
        await seat.shows("8 · as of")


async def test_what_nobody_tells_is_counted():
    world = small_world()
    world.fakes["au-sales"].numbers.append(fone("+61491570111", type=None))
    async with dashboard(world) as seat:
        await seat.press("slash", *"-type:mobile")
        await seat.shows("5 of 7 · 1 not told")


async def test_marked_numbers_are_a_filter_that_follows_the_marks():
    async with dashboard() as seat:
        await seat.press("space", "space", "slash", *"is:marked", "enter")
        await seat.shows("2 of 6")
        await seat.press("g", "space")
        await seat.shows("1 of 6")


async def test_flags_told_from_outside_are_found():
    async with dashboard() as seat:
        table = seat.owned.table
        table.set_flag("temporary", [("uk-sms", "+447700906170")])
        await seat.press("slash", *"is:temporary")
        assert shown(seat) == ["+447700906170"]
        table.set_flag("temporary", [])
        await seat.until(lambda: not shown(seat))


async def test_where_nothing_matches_an_account_that_is_missing_is_named():
    world = small_world()
    world.fakes["au-sales"].fails = CredentialsRejected("the key is refused")
    async with dashboard(world) as seat:
        await seat.press("slash", *"zzz")
        await seat.shows("nothing matches; 1 account missing: au-sales (A says why)")


async def palette(seat, text):
    await seat.press("colon")
    await seat.dialog(PickerScreen)
    await seat.type(text)
    await seat.press("enter")
    await seat.home()


async def test_a_filter_and_its_sort_are_kept_and_opened_by_name():
    async with dashboard() as seat:
        await seat.press("slash", *"account:uk", "enter", "s", "I")
        await palette(seat, "save night")
        await seat.shows("view night is kept as [views.night]: :night opens it")
        await seat.shows("view night · 3 of 6")
        path = seat.app.session.paths.config_file
        written = await asyncio.to_thread(path.read_text)
        assert "[views.night]\n" in written
        assert 'filter = "account:uk"' in written
        assert 'sort = "-number"' in written
        await seat.press("s", "slash", "escape", *"6170", "enter")
        await seat.shows("2 of 6")
        await palette(seat, "night")
        await seat.shows("view night · 3 of 6", "Number ▼")
        assert shown(seat) == ["+447700906170", "+447700900001", "+442079460123"]
        await seat.press("slash", "backspace")
        assert "view night" not in seat.text.splitlines()[1]


async def test_a_configured_view_is_opened_from_another_one():
    views = {"oncall": ViewConfig("account:us,au", "-number")}
    async with dashboard(small_world(config=Config(views=views))) as seat:
        await seat.press("3")
        await palette(seat, "oncall")
        await seat.shows("view oncall · 3 of 6")
        assert seat.app.main.view == "owned"


async def test_a_view_that_cannot_be_read_says_so():
    views = {"old": ViewConfig("acount:us", "-nobody")}
    async with dashboard(small_world(config=Config(views=views))) as seat:
        await palette(seat, "old")
        await seat.shows("no field 'acount'", "view old: no column 'nobody'")


async def test_a_demo_keeps_a_view_for_itself():
    async with dashboard(small_world(demo=True)) as seat:
        await seat.press("slash", *"uk", "enter")
        await palette(seat, "save uk")
        await seat.shows("view uk is kept for this demo")
        assert not seat.app.session.paths.config_file.exists()
        assert seat.app.session.config.views == {"uk": ViewConfig("uk", None)}


async def test_a_name_that_no_view_can_have_is_not_taken():
    async with dashboard() as seat:
        await seat.press("colon")
        await seat.dialog(PickerScreen)
        await seat.type("save Bad Name")
        await seat.shows("save Bad Name: lower-case letters, digits")


async def test_hostile_values_complete_to_what_can_be_typed():
    world = small_world()
    evil = vonage("+447700900555", city='a "b" [red]x', region="\u202ey")
    world.fakes["uk-sms"].numbers.append(evil)
    async with dashboard(world) as seat:
        await seat.press("slash", *"place:a", "tab")
        assert shown(seat) == ["+447700900555"]
