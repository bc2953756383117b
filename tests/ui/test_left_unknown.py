"""What a killed program left unknown stands below the title from the first frame on."""

import socket
import sqlite3

import pytest

from tests.support.clock import age
from tests.support.dashboard import dashboard, many_world
from tests.support.operations import operation
from tui_numbers.domain.operations import Outcome
from tui_numbers.providers.errors import NoAnswer
from tui_numbers.storage.sqlite_journal import SqliteJournal

STATES = {
    "recorded as unknown": "outcome = 'unknown'",
    "begun by a process that is gone": "outcome = NULL, process = '1:gone'",
}
ENDED = ["verified", "failed", "different", "unchanged", "refused"]


def _kept(tmp_path, change, count=1):
    """Record operations and have them look as a program that ended left them."""
    path = tmp_path / "journal.db"
    journal = SqliteJournal(path)
    world = many_world(4, journal=journal)
    for at, number in enumerate(world.fakes["uk-sms"].numbers[:count]):
        one = operation(
            f"a{at}",
            number=number.number,
            account="uk-sms",
            provider="vonage",
            before=number,
            requested=number,
            keys=("application",),
        )
        journal.begin(one, journal.mark("uk-sms", number.number))
    with sqlite3.connect(path) as connection:
        connection.execute(f"UPDATE operation SET {change}, host = ?", (socket.gethostname(),))
    connection.close()
    # A reading settles what is older than a request may take.
    age(path)
    return world


@pytest.mark.parametrize("size", [(80, 24), (60, 15), (120, 40)])
@pytest.mark.parametrize("change", STATES.values(), ids=STATES)
@pytest.mark.slow_after(2)
async def test_it_stands_there_before_any_account_has_answered(tmp_path, change, size):
    world = _kept(tmp_path, change)
    world.fakes["uk-sms"].close("owned")
    async with dashboard(world, size, wait=False) as seat:
        await seat.until(lambda: seat.app.screen is seat.app.main and seat.app.main.is_drawn)
        assert seat.lines[1].startswith(" ! 1 unknown  (!)")
        assert "loading" in seat.text


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("change", STATES.values(), ids=STATES)
@pytest.mark.slow_after(1)
async def test_several_are_counted(tmp_path, change, count):
    async with dashboard(_kept(tmp_path, change, count)) as seat:
        await seat.shows(f"{count} unknown")


@pytest.mark.parametrize("outcome", ENDED)
@pytest.mark.slow_after(2)
async def test_what_ended_is_not_left_unknown(tmp_path, outcome):
    async with dashboard(_kept(tmp_path, f"outcome = '{outcome}'")) as seat:
        await seat.press("j")
        assert not seat.app.main.attention.display


async def test_it_stays_until_it_is_settled(tmp_path):
    async with dashboard(_kept(tmp_path, STATES["recorded as unknown"])) as seat:
        await seat.press("j")
        await seat.shows("1 unknown")
        await seat.press("3")
        await seat.until(lambda: seat.app.main.selection().operation is not None)
        await seat.press("S")
        await seat.until(lambda: seat.operations()[0].outcome is not Outcome.UNKNOWN)
        await seat.press("1", "j")
        await seat.until(lambda: not seat.app.main.attention.display)


async def test_what_this_program_leaves_unknown_stands_there_too():
    async with dashboard(many_world(4)) as seat:
        fake = seat.world.fakes["uk-sms"]
        fake.refuses[fake.numbers[0].number] = NoAnswer("lost", account="uk-sms")
        await seat.pick()
        await seat.shows("Enter or y")
        assert not seat.app.main.attention.display
        await seat.press("y")
        await seat.until(lambda: seat.app.screen._results is not None)
        await seat.press("escape")
        await seat.home()
        await seat.shows("! 1 unknown")
