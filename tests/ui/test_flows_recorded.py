"""From History, by keyboard: go on with a batch, put a batch back."""

import socket
import sqlite3

from tests.support.dashboard import IVR, NIGHT, dashboard, many_world
from tui_numbers.domain.operations import Outcome
from tui_numbers.providers.errors import Rejected
from tui_numbers.storage.sqlite_journal import SqliteJournal
from tui_numbers.ui.dialogs.confirm import ConfirmScreen


async def _retarget_marked(seat, count):
    """Send the first numbers to the night desk; return the fake that took it."""
    for _ in range(count):
        await seat.press("space")
    await seat.pick()
    await seat.shows(f"Retarget {count} numbers")
    await seat.press("y")
    await seat.until(lambda: seat.app.screen._results is not None)
    await seat.press("escape")
    await seat.home()
    return seat.world.fakes["uk-sms"]


async def _history(seat):
    await seat.press("3")
    await seat.until(lambda: seat.app.main.selection().operation is not None)


def _points_at(fake, target, count):
    return [one.settings["application"] for one in fake.numbers].count(target.text) == count


async def test_a_batch_goes_on_from_history():
    async with dashboard(many_world(5)) as seat:
        fake = seat.world.fakes["uk-sms"]
        refused = fake.numbers[1].number
        fake.refuses[refused] = Rejected("not now", account="uk-sms")
        await _retarget_marked(seat, 3)
        assert _points_at(fake, NIGHT, 2)
        fake.refuses.clear()
        sent = len(fake.sent)
        await _history(seat)
        await seat.press("R")
        await seat.dialog(ConfirmScreen)
        await seat.shows("Resume", "app Support IVR -> app Night Desk")
        assert len(fake.sent) == sent
        await seat.press("y")
        await seat.shows("verified")
        await seat.press("escape")
        await seat.home()
        assert _points_at(fake, NIGHT, 3)
        assert len(fake.sent) == sent + 1
        assert len({one.batch for one in seat.operations()}) == 1
        await seat.press("R")
        await seat.until(lambda: "nothing to resume" in seat.status)


async def test_what_a_batch_changed_is_not_said_to_be_read_when_the_question_was_left():
    async with dashboard(many_world(5)) as seat:
        await _retarget_marked(seat, 3)
        await _history(seat)
        await seat.press("U")
        await seat.dialog(ConfirmScreen)
        await seat.press("escape")
        await seat.home()
        assert "Esc stops" not in seat.status


async def test_a_batch_is_put_back_from_history():
    async with dashboard(many_world(5)) as seat:
        fake = await _retarget_marked(seat, 3)
        assert _points_at(fake, NIGHT, 3)
        await _history(seat)
        await seat.press("U")
        await seat.dialog(ConfirmScreen)
        await seat.shows("Undo 3 numbers")
        await seat.press("n")
        await seat.home()
        assert _points_at(fake, NIGHT, 3)
        await seat.press("U")
        await seat.dialog(ConfirmScreen)
        await seat.press("y")
        await seat.until(lambda: seat.app.screen._results is not None)
        await seat.press("escape")
        await seat.home()
        assert _points_at(fake, IVR, 5)
        assert [one.outcome for one in seat.operations()] == [Outcome.VERIFIED] * 6


def _forget_turns(path):
    """Let it read as if the program had ended after the first of the batch."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(
            "UPDATE operation SET begun = 0, outcome = NULL, process = '1:gone', host = ? "
            "WHERE number NOT IN (SELECT min(number) FROM operation)",
            (socket.gethostname(),),
        )
    connection.close()


async def test_what_a_crash_left_is_shown_and_goes_on(tmp_path):
    path = tmp_path / "journal.db"
    world = many_world(4, journal=SqliteJournal(path))
    async with dashboard(world) as seat:
        fake = await _retarget_marked(seat, 3)
    _forget_turns(path)
    for at, one in enumerate(many_world(4).fakes["uk-sms"].numbers):
        if at in (1, 2):
            fake.numbers[at] = one
    async with dashboard(world) as seat:
        await _history(seat)
        await seat.shows("2 not sent")
        await seat.press("R")
        await seat.dialog(ConfirmScreen)
        await seat.shows("Resume 2 numbers")
        await seat.press("y")
        await seat.until(lambda: seat.app.screen._results is not None)
        await seat.press("escape")
        await seat.home()
        assert _points_at(fake, NIGHT, 3)
        await seat.until(lambda: "not sent" not in seat.text)


async def test_the_rest_is_stopped_and_goes_on_later():
    async with dashboard(many_world(5)) as seat:
        fake = seat.world.fakes["uk-sms"]
        fake.close("write")
        await seat.press("a")
        await seat.pick()
        await seat.shows("Retarget 5 numbers")
        await seat.press("y")
        await seat.until(lambda: len(fake.sent) == 4)
        await seat.shows("c stops what is not sent yet")
        await seat.press("c")
        await seat.shows("stopped: waiting for what was sent already")
        fake.open("write")
        await seat.until(lambda: seat.app.screen._results is not None)
        await seat.shows("4 verified", "1 refused")
        await seat.press("escape")
        await seat.home()
        assert len(fake.sent) == 4
        await _history(seat)
        await seat.shows("1 not sent")
        await seat.press("R")
        await seat.dialog(ConfirmScreen)
        await seat.press("y")
        await seat.shows("verified")
        assert len(fake.sent) == 5


async def test_nothing_under_the_cursor_is_said():
    async with dashboard(many_world(2)) as seat:
        for key in "RU":
            await seat.press(key)
            await seat.until(lambda: "no batch is under the cursor" in seat.status)
