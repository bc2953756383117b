"""The jobs of the dashboard, by keyboard: from a key to a verdict."""

import asyncio
import time
from dataclasses import replace

import pytest

from tests.support.dashboard import (
    IVR,
    NIGHT,
    OTHER_TEAM,
    Fake,
    World,
    account,
    dashboard,
    many_world,
    ready,
    small_world,
    vonage,
)
from tui_numbers.domain.changes import CLEAR, Set
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import Channel, Target
from tui_numbers.domain.operations import Outcome
from tui_numbers.providers.errors import NoAnswer, Rejected, SecretMissing
from tui_numbers.providers.pacing import Timing
from tui_numbers.services.config import Config
from tui_numbers.ui.detail_pane import DetailScreen
from tui_numbers.ui.dialogs.confirm import ConfirmScreen
from tui_numbers.ui.dialogs.picker import PickerScreen


async def find_and_pick(seat, digits="906170", target="night"):
    await seat.press("slash", *digits, "enter")
    await seat.until(lambda: seat.owned.table.shown_count == 1)
    return await seat.pick(target)


async def leave_a_write(seat):
    """Have a write under way that is not answered, its dialog left; return who is to answer."""
    fake = seat.world.fakes["uk-sms"]
    fake.close("write")
    await find_and_pick(seat)
    await seat.press("y")
    await seat.until(lambda: fake.sent)
    await seat.press("escape")
    await seat.home()
    return fake


async def test_retarget_takes_three_keys_and_a_confirmation():
    async with dashboard() as seat:
        await seat.press("slash", *"906170", "enter")
        await seat.until(lambda: seat.owned.table.shown_count == 1)
        await seat.press("t")
        await seat.dialog(PickerScreen)
        await seat.press("enter")
        await seat.dialog(ConfirmScreen)
        await seat.shows("app Support IVR -> app Night Desk")
        assert not seat.world.fakes["uk-sms"].sent
        await seat.press("enter")
        await seat.shows("verified: read back, and as asked", "u puts it back")
        assert seat.world.fakes["uk-sms"].sent == [
            ("update", "+447700906170", {"application": Set(NIGHT.value and NIGHT.text)})
        ]
        (operation,) = seat.operations()
        assert operation.outcome is Outcome.VERIFIED
        await seat.press("space")
        await seat.home()
        await seat.shows("app Night Desk")
        assert seat.owned.query_one("FilterInput").value == "906170"


@pytest.mark.parametrize("takes", [(Channel.SMS,), ()])
async def test_a_target_that_takes_no_calls_is_not_offered_for_them(takes):
    world = small_world()
    world.fakes["uk-sms"].serves = {NIGHT: takes}
    async with dashboard(world) as seat:
        await seat.press("slash", *"906170", "enter")
        await seat.until(lambda: seat.owned.table.shown_count == 1)
        await seat.press("t")
        await seat.dialog(PickerScreen)
        await seat.shows("app Support IVR")
        assert "Night Desk" not in seat.text
        await seat.type(NIGHT.value)
        await seat.shows("app Night Desk takes", "alone")
        await seat.press("enter")
        assert isinstance(seat.app.screen, PickerScreen)
        assert not seat.world.fakes["uk-sms"].sent


@pytest.mark.parametrize("takes", [(Channel.SMS,), ()])
async def test_a_target_that_takes_no_calls_is_refused_where_it_was_offered(takes):
    async with dashboard() as seat:
        fake = seat.world.fakes["uk-sms"]
        await seat.press("slash", *"906170", "enter")
        await seat.until(lambda: seat.owned.table.shown_count == 1)
        await seat.press("t")
        await seat.dialog(PickerScreen)
        await seat.shows("app Night Desk")
        # Its owner takes the capability away while the list stands.
        fake.serves = {NIGHT: takes}
        await seat.type("night")
        await seat.press("enter")
        await seat.dialog(ConfirmScreen)
        await seat.shows("refused", "Night Desk takes", "calls would not arrive")
        await seat.press("y", "enter")
        assert not fake.sent


async def test_keys_typed_ahead_reach_the_picker_and_never_the_confirmation():
    async with dashboard() as seat:
        await seat.press("slash", *"906170", "enter")
        await seat.until(lambda: seat.owned.table.shown_count == 1)
        seat.burst("t", "n", "i", "g", "enter", "enter", "y", "enter")
        screen = await seat.dialog(ConfirmScreen)
        await seat.shows("app Night Desk")
        assert not screen._sending
        assert not seat.world.fakes["uk-sms"].sent


async def test_undo_from_the_verdict_concerns_the_number_that_was_changed():
    async with dashboard() as seat:
        await seat.press("slash", *"support ivr", "enter")
        await seat.until(lambda: seat.owned.table.shown_count == 3)
        changed = seat.owned.table.cursor_row.number
        await seat.pick()
        await seat.press("y")
        await seat.shows("verified")
        # The filter hides it by now, so that the cursor stands on another.
        await seat.until(lambda: seat.owned.table.cursor_row.number != changed)
        await seat.press("u")
        await seat.shows("Undo the retarget", "app Night Desk -> app Support IVR")
        await seat.press("y")
        await seat.shows("verified")
        now = seat.world.fakes["uk-sms"]._named(changed)
        assert now.routing[Channel.VOICE] == IVR
        assert [row.action for row in seat.operations()] == ["undo", "retarget"]


async def test_undo_puts_back_the_latest_change_of_the_number_under_the_cursor():
    async with dashboard() as seat:
        await find_and_pick(seat)
        await seat.press("y")
        await seat.shows("verified")
        await seat.press("escape")
        await seat.home()
        await seat.press("u")
        await seat.dialog(ConfirmScreen)
        await seat.press("y")
        await seat.shows("verified")
        await seat.press("escape")
        await seat.home()
        await seat.shows("app Support IVR")


async def test_nothing_to_undo_is_said():
    async with dashboard() as seat:
        await seat.press("u")
        await seat.until(lambda: "nothing was changed from here" in seat.status)


async def test_a_verdict_is_whole_in_a_window_that_became_smaller():
    async with dashboard() as seat:
        await find_and_pick(seat)
        moved = vonage("+447700906170", settings={"voice": "phone:+447700900556"})
        seat.world.fakes["uk-sms"].numbers[0] = moved
        await seat.press("y")
        await seat.shows("Calls forwarded to: was empty, is", "phone:+447700900556")
        await seat.pilot.resize_terminal(60, 20)
        await seat.shows("Calls forwarded to: was", "empty, is phone:+447700900556")


async def test_conflict_is_refused_shown_and_gone_on_from():
    async with dashboard() as seat:
        await find_and_pick(seat)
        fake = seat.world.fakes["uk-sms"]
        elsewhere = vonage("+447700906170", settings={"voice": "phone:+447700900556"})
        fake.numbers[0] = elsewhere
        await seat.press("y")
        await seat.shows("refused: nothing was sent", "changed since it was shown", "g goes on")
        assert not fake.sent
        (refused,) = seat.operations()
        assert (refused.outcome, refused.begun) == (Outcome.REFUSED, False)
        await seat.press("g")
        await seat.shows("phone +44 7700 900556 -> app Night Desk")
        await seat.until(lambda: not seat.app.screen._results and seat.app.screen.shown)
        await seat.press("y")
        await seat.shows("verified")
        assert fake.sent == [
            ("update", "+447700906170", {"application": Set(NIGHT.text), "voice": CLEAR})
        ]


async def test_failure_is_said_in_the_providers_words():
    async with dashboard() as seat:
        fake = seat.world.fakes["uk-sms"]
        fake.refuses["+447700906170"] = Rejected("Application [/] is gone", account="uk-sms")
        await find_and_pick(seat)
        await seat.press("y")
        await seat.shows("failed: it was not done", "Application [/] is gone")
        await seat.press("u")
        await seat.home()
        assert "u puts it back" not in seat.text


async def test_unknown_is_kept_open_and_settled_from_the_history():
    async with dashboard() as seat:
        fake = seat.world.fakes["uk-sms"]
        fake.refuses["+447700906170"] = NoAnswer("no answer", account="uk-sms")
        await find_and_pick(seat)
        await seat.press("y")
        await seat.shows("unknown: it may have been done")
        await seat.press("escape")
        await seat.home()
        await seat.press("3")
        await seat.shows("unknown", "1 unknown")
        await seat.press("S")
        await seat.shows("stays unknown: too early, asked again at")
        assert seat.operations()[0].outcome is Outcome.UNKNOWN
        seat.app.session.workspace.http.timing = Timing(wall=lambda: time.time() + 3600)
        await seat.press("S")
        await seat.until(lambda: seat.operations()[0].outcome is Outcome.FAILED)
        await seat.shows("failed")


async def test_a_write_over_an_open_one_is_confirmed_twice_and_says_whose_it_is():
    async with dashboard() as seat:
        fake = seat.world.fakes["uk-sms"]
        fake.refuses["+447700906170"] = NoAnswer("no answer", account="uk-sms")
        await find_and_pick(seat)
        await seat.press("y")
        await seat.shows("unknown: it may have been done")
        await seat.press("escape")
        await seat.home()
        fake.refuses.clear()
        (earlier,) = seat.operations()
        sent = len(fake.sent)
        await seat.pick("night")
        await seat.shows("it may still change this number", earlier.actor.user)
        await seat.press("y", "y")
        await seat.shows("o sends all the same")
        assert len(fake.sent) == sent
        await seat.press("enter")
        await seat.home()
        assert len(fake.sent) == sent
        await seat.pick("night")
        await seat.shows("it may still change this number")
        await seat.press("o")
        assert len(fake.sent) == sent
        await seat.press("y")
        await seat.shows("o sends all the same")
        await seat.press("o")
        await seat.shows("verified")
        assert len(fake.sent) == sent + 1


async def test_a_write_under_way_survives_leaving_its_dialog_and_is_told():
    async with dashboard() as seat:
        fake = await leave_a_write(seat)
        assert seat.app.writes.under_way == 1
        fake.open("write")
        await seat.until(lambda: "verified" in seat.status)
        assert seat.operations()[0].outcome is Outcome.VERIFIED
        await seat.shows("app Night Desk")


async def test_steps_that_come_while_the_dialog_is_taken_away_break_nothing():
    world = many_world(3)
    fake = world.fakes["uk-sms"]
    async with dashboard(world) as seat:
        fake.close("write")
        await seat.press("a", "t")
        await seat.dialog(PickerScreen)
        await seat.press("enter")
        screen = await seat.dialog(ConfirmScreen)
        await seat.press("y")
        await seat.until(lambda: len(fake.sent) == 3)
        screen.leave()
        while screen.is_attached:
            for place in range(3):
                screen._step(place, "reading back")
            await asyncio.sleep(0)
        fake.open("write")
        await seat.home()
        await seat.app.writes.finish()
        assert {one.outcome for one in seat.operations()} == {Outcome.VERIFIED}


async def test_a_step_never_says_more_than_has_happened():
    async with dashboard() as seat:
        fake = seat.world.fakes["uk-sms"]
        fake.close("write")
        await find_and_pick(seat)
        await seat.press("y")
        await seat.until(lambda: fake.sent)
        await seat.shows("sending")
        fake.close("find")
        fake.open("write")
        await seat.shows("reading back")
        fake.open("find")
        await seat.shows("verified")


async def test_quitting_during_a_write_asks():
    async with dashboard() as seat:
        fake = await leave_a_write(seat)
        for keys in (["q", "n"], ["ctrl+q", "escape"], ["q", "enter"]):
            await seat.press(keys[0])
            await seat.shows("A write is under way", "1 not finished")
            await seat.until(lambda: getattr(seat.app.screen, "shown", False))
            await seat.press(keys[1])
            await seat.home()
        await seat.press("q")
        await seat.until(lambda: getattr(seat.app.screen, "shown", False))
        await seat.press("y")
        await seat.until(lambda: seat.app._exit)
        fake.open("write")
        await seat.app.writes.finish()
        assert seat.operations()[0].outcome is Outcome.VERIFIED


async def test_the_question_on_quitting_follows_the_write_to_its_end():
    async with dashboard() as seat:
        fake = await leave_a_write(seat)
        await seat.press("q")
        await seat.shows("A write is under way", "1 not finished")
        fake.open("write")
        await seat.shows("Nothing is under way any more")
        assert "not finished" not in seat.text


async def test_buying_shows_the_price_and_ends_owned():
    async with dashboard() as seat:
        await search(seat, "GB")
        await seat.until(lambda: seat.app.main.open_view.table.shown_count >= 2)
        await seat.press("slash", "escape", "j")
        table = seat.app.main.open_view.table
        await seat.until(lambda: table.cursor_row.number == "+442079462020")
        await seat.press("b")
        await seat.dialog(PickerScreen)
        await seat.press("enter")
        await seat.dialog(ConfirmScreen)
        await seat.shows("Buy +44 20 7946 2020", "EUR 1.25 a month", "EUR 9.99", "no undo")
        await seat.press("y")
        await seat.shows("verified")
        assert seat.world.fakes["uk-sms"].sent == [("buy", "+442079462020", None)]
        await seat.press("x")
        await seat.home()
        await seat.until(lambda: table.cursor_row.number == "+442079462021")
        await seat.press("1")
        assert seat.app.find_owned(E164("+442079462020"))


async def test_what_is_being_asked_is_not_said_any_more_when_it_has_answered():
    async with dashboard() as seat:
        await search(seat, "GB")
        await seat.until(lambda: seat.app.main.open_view.table.shown_count >= 2)
        fake = seat.world.fakes["uk-sms"]
        fake.close("check")
        await seat.press("slash", "escape", "j", "b")
        await seat.dialog(PickerScreen)
        await seat.press("enter")
        await seat.until(lambda: "asking uk-sms for its balance" in seat.status)
        fake.open("check")
        await seat.dialog(ConfirmScreen)
        await seat.press("y")
        await seat.shows("verified")
        await seat.press("x")
        await seat.home()
        assert "Esc stops" not in seat.status


@pytest.mark.parametrize("leave", ["n", "y"])
async def test_that_a_number_is_read_is_not_said_when_its_undo_was_answered(leave):
    async with dashboard() as seat:
        await find_and_pick(seat)
        await seat.press("y")
        await seat.shows("verified")
        await seat.press("x")
        await seat.home()
        seat.world.fakes["uk-sms"].close("find")
        await seat.press("u")
        await seat.until(lambda: "afresh; Esc stops" in seat.status)
        seat.world.fakes["uk-sms"].open("find")
        await seat.dialog(ConfirmScreen)
        await seat.press(leave)
        if leave == "y":
            await seat.shows("verified")
            await seat.press("x")
        await seat.home()
        assert "Esc stops" not in seat.status


async def search(seat, country, pattern=""):
    await seat.press("2")
    await seat.until(lambda: seat.app.focused and seat.app.focused.id == "country")
    await seat.press("enter")
    await seat.dialog(PickerScreen)
    await seat.type(country)
    await seat.press("enter")
    await seat.home()
    if pattern:
        await seat.press("f", *pattern, "enter")


async def test_unknown_price_is_said_and_a_target_may_be_required():
    world = small_world()
    del world.fakes["uk-sms"].stock[:]
    async with dashboard(world) as seat:
        await search(seat, "GB")
        table = seat.app.main.open_view.table
        await seat.until(lambda: table.shown_count == 1)
        await seat.press("slash", "escape", "b")
        await seat.dialog(PickerScreen)
        assert "nowhere yet" not in seat.text
        await seat.press("enter")
        await seat.dialog(ConfirmScreen)
        await seat.shows("price unknown")
        await seat.press("n")
        await seat.home()
        assert not world.fakes["us-desk"].sent


async def test_release_wants_four_digits_and_has_cancel_focused():
    async with dashboard() as seat:
        await seat.press("slash", *"906170", "enter", "X")
        screen = await seat.dialog(ConfirmScreen)
        assert screen.focused.id == "cancel"
        await seat.shows("gone from the account", "no undo")
        await seat.press("y")
        await seat.shows("not sent: type the last four digits")
        await seat.type("6171")
        await seat.press("tab", "tab", "enter")
        await seat.shows("not sent")
        assert not seat.world.fakes["uk-sms"].sent
        await seat.press(*"6170", "tab", "tab")
        assert screen.focused.id == "send"
        await seat.press("enter")
        await seat.shows("verified")
        await seat.press("escape")
        await seat.home()
        assert seat.world.fakes["uk-sms"].sent == [("release", "+447700906170")]
        await seat.until(lambda: seat.owned.table.total_count == 5)


async def test_releasing_from_the_detail_goes_back_to_the_table():
    async with dashboard() as seat:
        await seat.press("slash", *"906170", "enter", "enter")
        await seat.until(lambda: isinstance(seat.app.screen, DetailScreen))
        await seat.press("X")
        await seat.dialog(ConfirmScreen)
        await seat.press("shift+tab", "shift+tab", "shift+tab")
        await seat.until(lambda: seat.app.screen.focused.id == "typed")
        await seat.press(*"6170", "tab", "tab", "enter")
        await seat.shows("verified")
        await seat.press("escape")
        await seat.home()
        await seat.until(lambda: seat.owned.table.total_count == 5)


async def test_several_numbers_end_each_in_its_own_way():
    world = many_world(3)
    fake = world.fakes["uk-sms"]
    fake.refuses["+447700901001"] = Rejected("no such application", account="uk-sms")
    async with dashboard(world) as seat:
        fake.close("write")
        await seat.press("a")
        await seat.pick()
        text = await seat.shows("Retarget 3 numbers")
        for at in range(3):
            assert f"+44 7700 90100{at}" in text
        await seat.press("y")
        await seat.until(lambda: len(fake.sent) == 3)
        await seat.shows("+44 7700 901000 sending", "+44 7700 901002 sending")
        fake.open("write")
        await seat.shows("2 verified", "1 failed", "no such application")
        await seat.shows("+44 7700 901000 verified", "+44 7700 901001 failed")
        await seat.press("escape")
        await seat.home()


async def test_conflict_among_several_goes_on_with_that_one_alone():
    world = many_world(3)
    fake = world.fakes["uk-sms"]
    async with dashboard(world) as seat:
        await seat.press("a")
        await seat.pick()
        fake.numbers[1] = replace(
            vonage("+447700901001"), **_settings(fake.numbers[1], sms="webhook:https://x.example/")
        )
        await seat.press("y")
        await seat.shows("2 verified", "1 refused", "g goes on")
        await seat.press("g")
        await seat.shows("Retarget +44 7700 901001")


def _settings(number, **values):
    return {"settings": dict(number.settings) | values}


async def test_above_five_the_count_is_typed():
    world = many_world(6)
    async with dashboard(world) as seat:
        await seat.press("a")
        screen = await seat.pick()
        assert screen.focused.id == "typed"
        await seat.press("5", "enter")
        await seat.shows("not sent: type 6 to confirm")
        assert not world.fakes["uk-sms"].sent
        await seat.press("backspace", "6")
        assert "not sent" not in seat.text
        await seat.press("enter")
        await seat.shows("6 of 6 as asked: 6 verified")


async def test_marks_at_several_providers_are_told_apart():
    async with dashboard() as seat:
        await seat.press("a", "t")
        await seat.until(lambda: "several providers" in seat.status)


async def test_production_wants_the_name_of_its_account_typed():
    world = small_world(
        accounts=(
            account("us-desk", "parakeet", production=True, require_reason=True),
            account("uk-sms", "vonage"),
            account("au-sales", "fonedynamics"),
        )
    )
    async with dashboard(world) as seat:
        await seat.press("slash", *"3676170", "enter", "t")
        await seat.dialog(PickerScreen)
        await seat.type("billing")
        await seat.press("enter")
        screen = await seat.dialog(ConfirmScreen)
        await seat.shows("PRODUCTION", "reason (required)", "type us-desk; Enter then sends")
        await seat.type("us-desc")
        await seat.press("enter")
        await seat.shows("not sent: production: type us-desk")
        await seat.press("backspace", "k")
        assert "not sent" not in seat.text
        await seat.press("enter")
        await seat.shows("not sent: this account requires a reason")
        assert screen.focused.id == "reason"
        await seat.type("y outage")
        assert "not sent" not in seat.text
        assert not world.fakes["us-desk"].sent
        await seat.press("enter")
        assert screen.focused.id == "send"
        await seat.shows("Enter or y sends")
        await seat.press("enter")
        await seat.shows("verified")
        assert seat.operations()[0].reason == "y outage"
        assert seat.operations()[0].requested.routing[Channel.VOICE] == OTHER_TEAM


async def test_each_production_account_of_a_batch_is_typed():
    fakes = {
        name: Fake("vonage", [vonage(number, name)], [], [IVR, NIGHT])
        for name, number in (("uk-sms", "+447700906170"), ("uk-two", "+447700906171"))
    }
    accounts = tuple(account(name, "vonage", production=True) for name in fakes)
    async with dashboard(World(fakes, accounts)) as seat:
        await seat.press("a")
        await seat.pick()
        await seat.type("uk-sms")
        await seat.press("enter")
        await seat.shows("not sent: production: type uk-two")
        assert not any(fake.sent for fake in fakes.values())
        await seat.type("uk-two")
        await seat.press("enter")
        await seat.shows("2 of 2 as asked")


async def test_the_hint_under_the_buttons_says_what_enter_does_where_the_focus_is():
    async with dashboard() as seat:
        screen = await find_and_pick(seat)
        await seat.shows("Enter or y sends, Esc or n cancels, r gives a reason")
        await seat.press("right")
        assert screen.focused.id == "cancel"
        await seat.shows("Enter or Esc cancels, y sends")
        await seat.press("r")
        assert screen.focused.id == "reason"
        await seat.shows("Enter goes on, Esc cancels")


async def test_a_batch_shows_failures_first_and_puts_the_rest_back():
    world = many_world(4)
    fake = world.fakes["uk-sms"]
    fake.refuses[fake.numbers[2].number] = Rejected("no such application", account="uk-sms")
    async with dashboard(world) as seat:
        await seat.press("a")
        await seat.pick()
        await seat.press("y")
        await seat.shows("3 of 4 as asked: 3 verified", "1 failed", "U puts all of it back")
        lines = [line for line in seat.lines if "failed" in line or "verified " in line]
        assert "no such application" in lines[0]
        await seat.press("U")
        await seat.dialog(ConfirmScreen)
        await seat.shows("Undo 3 numbers")
        await seat.press("y")
        await seat.shows("3 of 3 as asked")
    assert {number.routing[Channel.VOICE] for number in fake.numbers} == {IVR}


async def test_warnings_of_a_batch_stand_above_its_list():
    async with dashboard(many_world(4)) as seat:
        await seat.press("a")
        await seat.pick()
        text = await seat.shows("warning", "Retarget 4 numbers")
        assert text.index("warning") < text.index("app Support IVR -> app Night Desk")


async def test_no_key_acts_on_a_mark_that_the_filter_hides():
    async with dashboard() as seat:
        fake = seat.world.fakes["uk-sms"]
        await seat.press("slash", *"uk-sms", "enter", "space", "space")
        await seat.press("slash", *["backspace"] * 6, *"906170", "enter")
        await seat.until(lambda: seat.owned.table.shown_count == 1)
        await seat.shows("2 marked, 2 hidden", "t retarget  e edit")
        await seat.pick()
        await seat.shows("Retarget +44 7700 906170")
        await seat.press("y")
        await seat.shows("verified")
        await seat.press("escape")
        await seat.home()
        assert [sent[1] for sent in fake.sent] == ["+447700906170"]
        await seat.shows("2 marked, 2 hidden")


async def test_marks_are_gone_after_their_batch():
    async with dashboard(many_world(3)) as seat:
        await seat.press("space", "space")
        await seat.pick()
        await seat.press("escape")
        await seat.home()
        await seat.shows("2 marked")
        await seat.pick()
        await seat.press("y")
        await seat.shows("2 of 2 as asked")
        await seat.press("escape")
        await seat.home()
        assert not seat.owned.table.has_marks
        assert "marked" not in seat.text


async def test_release_says_that_it_takes_one_number_before_anything_else():
    async with dashboard() as seat:
        await seat.press("slash", *"uk-sms", "enter", "space", "space", "X")
        assert "release takes one number, and 2 are marked" in seat.status
        assert seat.app.screen is seat.app.main


async def test_the_latest_change_of_each_marked_number_is_put_back():
    async with dashboard(many_world(3)) as seat:
        fake = seat.world.fakes["uk-sms"]
        for number in ("1000", "1001"):
            await seat.press("slash", *number, "enter")
            await seat.until(lambda: seat.owned.table.shown_count == 1)
            await seat.pick()
            await seat.press("y")
            await seat.shows("verified")
            await seat.press("escape")
            await seat.home()
            await seat.press("escape")
        await seat.press("a", "u")
        await seat.dialog(ConfirmScreen)
        await seat.shows("Undo the latest change of 2 numbers")
        await seat.press("y")
        await seat.shows("2 of 2 as asked")
    assert {number.routing[Channel.VOICE] for number in fake.numbers} == {IVR}


async def test_the_detail_screen_follows_a_change():
    async with dashboard() as seat:
        await seat.press("slash", *"906170", "enter", "enter")
        await seat.until(lambda: isinstance(seat.app.screen, DetailScreen))
        await seat.shows("app Support IVR")
        await seat.pick()
        await seat.press("y")
        await seat.shows("verified")
        await seat.press("escape")
        await seat.until(lambda: isinstance(seat.app.screen, DetailScreen))
        await seat.shows("Calls go to app Night Desk")
        await seat.shows("retarget verified, ann")


async def test_refreshing_after_a_change_keeps_cursor_and_filter():
    async with dashboard() as seat:
        await seat.press("j", "j", "j")
        before = seat.owned.table.cursor_key
        await seat.press("r")
        await ready(seat)
        assert seat.owned.table.cursor_key == before


@pytest.mark.parametrize(
    ("typed", "value", "note"),
    [
        ("+44 020 7946 0999", "+442079460999", "the 0 after +44 was taken off"),
        ("0033 01 99 00 12 34", "+33199001234", "the 0 after +33 was taken off"),
        ("2673676170", "+2673676170", "written without +, read as +267 367 6170"),
    ],
)
async def test_how_a_typed_target_was_read_is_said_before_it_is_sent(typed, value, note):
    async with dashboard(size=(120, 40)) as seat:
        await seat.press("slash", *"906170", "enter", "t")
        await seat.dialog(PickerScreen)
        await seat.type(typed)
        await seat.press("enter")
        await seat.dialog(ConfirmScreen)
        await seat.shows(note)
        await seat.press("y")
        await seat.shows("verified")
        (sent,) = seat.world.fakes["uk-sms"].sent
        assert sent[2]["voice"] == Set(f"phone:{value}")


async def test_a_mangled_target_is_not_taken_and_the_reason_is_shown():
    async with dashboard(size=(120, 40)) as seat:
        await seat.press("slash", *"906170", "enter", "t")
        picker = await seat.dialog(PickerScreen)
        for typed, reason in (
            ("+4930123 +4930124", "two plus signs"),
            ("4930901820.0", "decimal fraction"),
            ("+442079460999;ext=12", "an extension"),
            ("+1 267 367 6170/71", "more than one number"),
        ):
            await seat.press("ctrl+u", *typed)
            await seat.shows(reason)
            await seat.press("enter")
            assert seat.app.screen is picker, typed


async def test_a_change_has_an_end_that_is_typed_and_read_back_in_words():
    async with dashboard() as seat:
        screen = await find_and_pick(seat)
        await seat.press("f")
        assert screen.focused.id == "until"
        await seat.type("soon")
        await seat.press("enter")
        assert screen.focused.id == "send"
        await seat.press("enter")
        await seat.shows("not sent: 'soon' is no time of day")
        assert not seat.world.fakes["uk-sms"].sent
        await seat.press(*["backspace"] * 4, "2", "h")
        await seat.shows("put back ", "nothing is put back unless something runs")
        await seat.press("enter")
        assert screen.focused.id == "send"
        await seat.shows("put back ", "Enter or y sends")
        await seat.press("enter")
        await seat.shows("verified", "until ")
        (operation,) = seat.operations()
        assert operation.until is not None


async def test_whether_an_earlier_end_stands_is_asked_before_anything_is_sent():
    async with dashboard() as seat:
        fake = seat.world.fakes["uk-sms"]
        await find_and_pick(seat)
        await seat.press("f", *"2h", "enter", "enter")
        await seat.shows("verified")
        await seat.press("escape")
        await seat.home()
        await seat.pick("support")
        await seat.press("y")
        await seat.shows("it is temporary until", "l lifts that end", "p or l answers")
        assert len(fake.sent) == 1
        await seat.press("y")
        assert len(fake.sent) == 1
        await seat.press("l")
        await seat.shows("verified")
        assert len(fake.sent) == 2
        assert seat.operations()[0].until is None


async def test_people_of_the_configuration_are_offered_with_their_names():
    world = small_world(config=Config(people={"Dana (primary)": E164("+447400123456")}))
    async with dashboard(world) as seat:
        await find_and_pick(seat, target="dana")
        await seat.shows("app Support IVR -> phone +44 7400 123456 Dana (primary)")
        text = await seat.shows("is a mobile: where nobody answers, its own mailbox may")
        assert "warning people" not in text
        await seat.press("y")
        await seat.shows("verified")
        await seat.press("escape")
        await seat.home()
        row = seat.owned.table.cursor_row
        assert row.routing[Channel.VOICE].label == "Dana (primary)"


async def test_a_target_that_would_lose_messages_is_dim_and_says_why():
    world = small_world()
    fake = world.fakes["uk-sms"]
    fake.serves = {IVR: (Channel.VOICE, Channel.SMS), NIGHT: (Channel.VOICE,)}
    async with dashboard(world) as seat:
        await seat.press("slash", *"906170", "enter", "t")
        picker = await seat.dialog(PickerScreen)
        await seat.type("night")
        await seat.shows("app Night Desk", "takes no SMS; SMS would move too")
        await seat.press("enter")
        assert seat.app.screen is picker


async def test_a_letter_finds_names_and_never_an_identifier():
    world = small_world()
    alerts = Target("application", "b" * 8 + "-1111-4222-8333-444444444444", "Alerts")
    bridge = Target("application", "a" * 8 + "-1111-4222-8333-444444444444", "Incident Bridge")
    world.fakes["uk-sms"].options = [alerts, bridge]
    world.fakes["uk-sms"].serves = dict.fromkeys((alerts, bridge), (Channel.VOICE, Channel.SMS))
    async with dashboard(world) as seat:
        await seat.press("slash", *"906170", "enter", "t")
        picker = await seat.dialog(PickerScreen)
        await seat.until(lambda: len(picker._choices) > 1)
        await seat.type("b")
        assert [one.label for one in picker._choices] == ["app Incident Bridge"]
        await seat.press(*["backspace"], *"bridges")
        await seat.shows("nothing that can be picked is called 'bridges'", "phone:…")
        await seat.press(*["backspace"] * 7, *"bbbb")
        assert picker._choices[0].label == "app Alerts"


async def test_a_picker_says_why_nothing_is_listed_and_what_helps():
    world = small_world()
    async with dashboard(world) as seat:
        fake = world.fakes["uk-sms"]

        def locked(number=None):
            problem = "no place that may hold the secret of uk-sms has one " * 2
            raise SecretMissing(problem, account="uk-sms", hint="export it")

        fake.targets = locked
        await seat.press("slash", *"906170", "enter", "t")
        await seat.dialog(PickerScreen)
        await seat.shows("targets cannot be listed: no secret for uk-sms: A, then s, takes it")
