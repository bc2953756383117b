"""What needs a person: the line below the title, and the list behind it."""

import asyncio
import weakref
from dataclasses import replace

import pytest

from tests.support.dashboard import INFOS, IVR, NIGHT, TEAM, account, dashboard, small_world, vonage
from tui_numbers.domain.numbers import Channel
from tui_numbers.providers.errors import CredentialsRejected, NoAnswer
from tui_numbers.services.findings import Known
from tui_numbers.ui.accounts_screen import AccountsScreen
from tui_numbers.ui.attention import AttentionLine, Judging
from tui_numbers.ui.detail_pane import DetailScreen
from tui_numbers.ui.dialogs.picker import PickerScreen
from tui_numbers.ui.frame import StatusLine

GONE = "application:33333333-1111-4222-8333-444444444444"


def attention(seat):
    return seat.app.main.attention


async def judged(seat):
    """Wait until all numbers were judged."""
    await seat.until(lambda: attention(seat).judged is not None)
    await seat.pilot.pause()


async def test_where_nobody_is_needed_there_is_no_line():
    world = small_world()
    both = (Channel.VOICE, Channel.SMS)
    world.fakes["uk-sms"].serves = world.fakes["us-desk"].serves = {IVR: both, TEAM: both}
    async with dashboard(world) as seat:
        await judged(seat)
        assert not attention(seat).display
        await seat.press("exclamation_mark")
        await seat.until(lambda: "nothing needs a person now" in seat.status)


async def test_what_can_wait_is_no_line_but_stands_in_the_list():
    async with dashboard() as seat:
        await judged(seat)
        await seat.until(lambda: attention(seat).findings.counts)
        assert not attention(seat).display
        await seat.press("exclamation_mark")
        await seat.dialog(PickerScreen)
        await seat.shows("more findings that can wait")
        await seat.press("enter")
        await seat.home()
        assert seat.owned.query_one("FilterInput").value == "is:finding"
        assert 0 < seat.owned.table.shown_count < seat.owned.table.total_count


async def test_an_account_that_fails_is_seen_at_80_columns_however_many_there_are():
    world = small_world()
    names = ["a-first", "b-second", "c-third", "d-fourth", "e-fifth", "z-last"]
    fake = world.fakes["uk-sms"]
    world.fakes = {name: replace(fake, numbers=[]) for name in names}
    world.accounts = tuple(account(name, "vonage") for name in names)
    world.fakes["z-last"].fails = CredentialsRejected("no", account="z-last")
    async with dashboard(world) as seat:
        await seat.shows("! z-last: ", "(!)")
        words = seat.app.screen.query_one(StatusLine).render().plain
        assert words.startswith(" z-last: ")


async def test_several_accounts_that_fail_are_counted_and_listed_by_name():
    world = small_world()
    for name in ("us-desk", "uk-sms"):
        world.fakes[name].fails = CredentialsRejected("no", account=name)
    async with dashboard(world) as seat:
        await seat.shows("! 2 accounts missing  (!)")
        await seat.press("exclamation_mark")
        await seat.dialog(PickerScreen)
        await seat.shows("us-desk: ", "uk-sms: ", "A says why")
        await seat.press("enter")
        await seat.until(lambda: isinstance(seat.app.screen, AccountsScreen))


async def test_a_finding_comes_with_the_listing_and_goes_with_what_mends_it():
    world = small_world()
    world.fakes["uk-sms"].numbers[1] = vonage("+447700900001", settings={"application": GONE})
    world.fakes["uk-sms"].serves = {NIGHT: (Channel.VOICE, Channel.SMS)}
    async with dashboard(world, (120, 40)) as seat:
        await seat.shows("! 1 finding  (!)")
        await seat.press("exclamation_mark")
        await seat.dialog(PickerScreen)
        await seat.shows("+44 7700 900001: calls and SMS go to application", "t retargets")
        await seat.press("enter")
        await seat.home()
        assert seat.owned.table.cursor_row.number == "+447700900001"
        await seat.shows("What is wrong", "which the account does not list")
        await seat.press("slash", *"is:finding", "enter")
        assert "+447700900001" in [row.number for row in seat.owned.table.model.shown_rows()]
        await seat.pick()
        await seat.press("y")
        await seat.shows("verified")
        await seat.press("escape")
        await seat.home()
        await seat.until(lambda: not attention(seat).display)


async def test_what_is_wrong_is_read_to_its_end_at_60_columns():
    world = small_world()
    world.fakes["uk-sms"].numbers[1] = vonage("+447700900001", settings={"application": GONE})
    async with dashboard(world, (60, 20)) as seat:
        await seat.shows("! 1 finding  (!)")
        await seat.press("exclamation_mark")
        await seat.dialog(PickerScreen)
        await seat.shows("+44 7700 900001", "which the account does not list", "t retargets")


async def test_from_the_detail_of_a_number_the_list_leads_to_its_view_too():
    async with dashboard() as seat:
        await judged(seat)
        await seat.until(lambda: attention(seat).findings.counts)
        await seat.press("enter")
        await seat.until(lambda: isinstance(seat.app.screen, DetailScreen))
        await seat.press("exclamation_mark")
        await seat.dialog(PickerScreen)
        await seat.press("enter")
        await seat.home()
        assert seat.owned.query_one("FilterInput").value == "is:finding"


async def test_what_is_open_is_listed_and_enter_shows_it_in_history():
    async with dashboard() as seat:
        fake = seat.world.fakes["uk-sms"]
        fake.refuses[fake.numbers[0].number] = NoAnswer("lost", account="uk-sms")
        await seat.press("slash", *"906170", "enter", "g", "j")
        await seat.pick()
        await seat.press("y")
        await seat.until(lambda: seat.app.screen._results is not None)
        await seat.press("escape")
        await seat.home()
        await seat.shows("! 1 unknown")
        await seat.press("exclamation_mark")
        await seat.dialog(PickerScreen)
        await seat.shows("unknown: retarget", "S in History (3)")
        await seat.press("enter")
        await seat.until(lambda: seat.app.main.view == "history")
        await seat.until(lambda: seat.app.main.selection().operation is not None)


async def test_a_click_on_the_line_lists_it_too():
    world = small_world()
    world.fakes["us-desk"].fails = CredentialsRejected("no", account="us-desk")
    async with dashboard(world) as seat:
        await seat.shows("! us-desk: ")
        await seat.pilot.click(AttentionLine, offset=(4, 0))
        await seat.dialog(PickerScreen)
        await seat.shows("us-desk: ", "A says why")


@pytest.mark.parametrize("width", [60, 80, 120])
async def test_the_line_keeps_its_key_at_any_width(width):
    world = small_world()
    for name, fake in world.fakes.items():
        fake.fails = CredentialsRejected("no", account=name)
    async with dashboard(world, (width, 20)) as seat:
        await seat.shows("accounts missing")
        line = seat.lines[1].rstrip()
        assert line.endswith("(!)")
        assert len(line) <= width


def test_a_look_at_all_numbers_that_is_given_up_keeps_none_of_them():
    class Rows(list):
        """A list that tells when it is gone."""

    rows = Rows([vonage("+447700906170")])
    kept, judging = weakref.ref(rows), Judging(Known(rows, {"uk-sms": INFOS["vonage"]}))
    del rows
    judging.stop()
    with pytest.raises(asyncio.CancelledError):
        judging.judge()
    assert kept() is None
