"""The dashboard while the line to one account is bad, and a person keeps typing."""

import pytest

from tests.e2e.network.dashboard_on_line import at_table, ready
from tests.e2e.network.line import TO, UK
from tests.e2e.network.screens import BY_NAME, LEFT, LISTED, SEARCHED, VERDICTS, stalls, words_of
from tests.support.clock import age
from tui_numbers.domain.e164 import international
from tui_numbers.domain.operations import Outcome
from tui_numbers.services.paths import Paths
from tui_numbers.ui.dialogs.confirm import ConfirmScreen
from tui_numbers.ui.dialogs.picker import PickerScreen
from tui_numbers.ui.views.available import AvailableView

US_SHOWN, UK_SHOWN = "+1 267-367-6170", "+44 7400 906170"


async def filtered(seat, line, text, *, shows, stalled):
    """Type a filter, and see its result before anything else can have come."""
    await seat.press("slash", *text, "enter")
    await seat.shows(shows)
    assert not stalled or line.proxy.stalled


async def unfiltered(seat):
    await seat.press("escape")
    await seat.until(lambda: not seat.owned.table.model.filter_text)


def chosen(names):
    return pytest.mark.parametrize("fault", [BY_NAME[name] for name in names], ids=names)


@chosen(LISTED)
def test_a_listing_recovers_by_itself_and_keys_are_answered_meanwhile(line_for, fault):
    line = line_for(fault)
    says = f"uk-sms: {words_of(fault)}"

    async def fails_and_recovers(table, before):
        seat = table.seat
        if stalls(fault):
            await seat.until(lambda: line.proxy.stalled)
            await filtered(seat, line, "267367", shows="1 of", stalled=True)
            await seat.press("escape")
        await table.time_out(lambda: table.pauses)
        await seat.until(lambda: says in seat.status)
        assert f"{before}, asking again" in seat.status
        await filtered(seat, line, "6170", shows="+61 2 5550 6170", stalled=False)
        assert US_SHOWN in seat.text
        assert (UK_SHOWN in seat.text) == bool(before)
        assert f"{fault.says}" in table.log
        line.proxy.heal()

    async def script(table):
        seat = table.seat
        with fault.on(line):
            await seat.until(lambda: seat.app.screen_stack and seat.app.main.query("#owned-table"))
            await seat.until(lambda: "us-desk 13" in seat.status)
            await fails_and_recovers(table, "")
        # Nothing but time goes by from here on.
        table.end_pauses()
        await seat.shows(UK_SHOWN)
        await seat.until(lambda: "uk-sms 10" in seat.status)
        await ready(seat)
        await seat.press("escape")
        table.pauses.clear()
        with fault.on(line):
            await seat.press("r")
            await fails_and_recovers(table, " (10 from before)")
        table.end_pauses()
        await seat.until(lambda: "uk-sms 10" in seat.status)
        assert line.proxy.writes() == []

    at_table(line, script, wait=False)


@chosen(SEARCHED)
def test_a_search_recovers_by_itself_and_keys_are_answered_meanwhile(line_for, fault):
    line = line_for(fault)

    async def script(table):
        seat = table.seat
        with fault.on(line):
            await seat.press("2")
            view = seat.app.main.query_one(AvailableView)
            await search_gb(seat)
            if stalls(fault):
                await seat.until(lambda: line.proxy.stalled)
                await seat.press("escape", "1")
                await filtered(seat, line, "267367", shows="1 of", stalled=True)
                await seat.press("2")
            await table.time_out(lambda: table.pauses)
            await seat.until(lambda: f"uk-sms: {words_of(fault)}, asking again" in seat.status)
            if not view.table.total_count:
                await seat.shows("none so far: uk-sms could not be searched")
        if "beyond" in fault.name:
            assert set(table.pauses) == {120.0}
        table.end_pauses()
        await seat.until(
            lambda: any(row.account == "uk-sms" for row in view.table.model.shown_rows())
        )
        await seat.until(lambda: "asking again" not in seat.status)

    at_table(line, script)


async def search_gb(seat):
    await seat.press("enter")
    await seat.dialog(PickerScreen)
    await seat.press(*"united king", "enter")
    await seat.home()
    await seat.press("f", "enter")


async def confirmed(seat, line):
    """Go as far as the question before a retarget of the number behind the proxy."""
    await seat.until(lambda: any("applications" in one.path for one in line.proxy.passed))
    await ready(seat)
    await seat.press("slash", *"7400906170", "enter")
    await seat.shows(UK_SHOWN)
    line.proxy.passed.clear()
    await seat.press("t")
    await seat.dialog(PickerScreen)
    await seat.until(lambda: line.proxy.passed and line.proxy.passed[0].forwarded)
    await seat.pilot.pause()
    await seat.press(*f"phone:{TO}", "enter")
    await seat.dialog(ConfirmScreen)


BEFORE_THE_WRITE = 1
"""The number is read afresh, and the provider's module sends back what was read just then."""


@chosen(VERDICTS)
def test_a_retarget_that_is_hit_ends_as_is_true(line_for, fault):
    line = line_for(fault)
    words, outcome, made = VERDICTS[fault.name]

    async def script(table):
        seat = table.seat
        await confirmed(seat, line)
        with fault.on(line, BEFORE_THE_WRITE, 1):
            await seat.press("y")
            await seat.shows(words)
        assert [one.outcome for one in seat.operations()] == [outcome]
        assert len(line.made) == made
        assert len(line.proxy.writes()) <= 1
        if outcome is Outcome.VERIFIED:
            await seat.press("u")
            await seat.shows("Undo the retarget")
            await seat.press("y")
            await seat.shows("verified: read back")
            assert line.made == ["update", "update"]

    at_table(line, script)


@pytest.mark.parametrize(("name", "settled"), LEFT.items())
def test_a_retarget_that_stalls_is_left_told_and_settled(line, name, settled):
    fault = BY_NAME[name]

    async def script(table):
        seat = table.seat
        await confirmed(seat, line)
        with fault.on(line, BEFORE_THE_WRITE):
            await seat.press("y")
            await seat.until(lambda: line.proxy.stalled)
            await seat.shows("sending")
            await seat.press("escape")
            await seat.home()
            await seat.press("escape")
            await filtered(seat, line, "267367", shows=US_SHOWN, stalled=True)
            assert seat.app.writes.under_way == 1
            await table.time_out(lambda: not seat.app.writes.under_way)
            await seat.shows(f"retarget {international(UK)} unknown: it may have been done")
        assert [one.outcome for one in seat.operations()] == [Outcome.UNKNOWN]
        assert len(line.proxy.writes()) == 1
        assert line.clock.waited < 130
        age(Paths.of_user().journal)
        await seat.press("3")
        await seat.shows("1 unknown")
        await seat.press("S")
        await seat.until(lambda: seat.operations()[0].outcome is settled)
        await seat.shows(settled.value)

    at_table(line, script)


def test_what_cannot_be_read_afresh_is_not_sent(line):
    async def script(table):
        seat = table.seat
        await confirmed(seat, line)
        with BY_NAME["stall before the answer"].on(line):
            await seat.press("y")
            await seat.until(lambda: line.proxy.stalled)
            await seat.shows("reading afresh")
            await table.time_out(lambda: "not sent" in seat.text)
            await seat.shows("failed: it was not done", "did not answer in time")
        assert line.proxy.writes() == []
        assert [(one.outcome, one.begun) for one in seat.operations()] == [(Outcome.FAILED, False)]

    at_table(line, script)
