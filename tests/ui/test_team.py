"""What other operators do, as an open dashboard shows it: over one database for both."""

import asyncio
from dataclasses import replace

import pytest

from tests.support import postgres
from tests.support.dashboard import NIGHT, Seat, dashboard, small_world
from tests.support.journals import root_of
from tests.support.operations import operation
from tui_numbers.domain import clock
from tui_numbers.domain.changes import Change, Set
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.operations import Actor, Outcome
from tui_numbers.services.routing import number_after
from tui_numbers.storage.postgres_journal import PostgresJournal

NUMBER = E164("+447700900001")
ANNA = Actor("anna", "elsewhere", name="Anna")


@pytest.fixture
def server(tmp_path_factory):
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    return postgres.shared_server(root_of(tmp_path_factory))


@pytest.fixture
def url(server):
    with postgres.database(server) as made:
        yield made


@pytest.fixture
def journals(url):
    made = []

    def opened():
        made.append(PostgresJournal(url))
        return made[-1]

    yield opened
    for one in made:
        one.close()


def doing(world, identifier="a1", **more):
    """Return what Anna is about to do to a number, and the number as it will be."""
    fake = world.fakes["uk-sms"]
    before = next(one for one in fake.numbers if one.number == NUMBER)
    change = Change({"application": Set(NIGHT.text)})
    after = number_after(fake.info, before, change)
    asked = operation(
        identifier,
        account="uk-sms",
        number=NUMBER,
        before=before,
        requested=after,
        actor=ANNA,
        started_at=clock.now(),
        **more,
    )
    return asked, after


def carry_out(world, journal, *, outcome=Outcome.VERIFIED, identifier="a1"):
    """Change a number at its provider, recorded as Anna's program does it."""
    asked, after = doing(world, identifier)
    journal.begin(asked, journal.mark(asked.account, asked.number))
    fake = world.fakes["uk-sms"]
    fake.numbers = [after if one.number == NUMBER else one for one in fake.numbers]
    journal.finish(asked.id, outcome, replace(after, seen_at=clock.now()), None)


def delivered(seat: Seat) -> str | None:
    found = seat.owned.store.find(NUMBER)
    return found.settings["application"] if found else None


async def listening(seat: Seat) -> None:
    """Wait until the dashboard hears of what is done."""
    await seat.until(lambda: seat.app.main.is_mounted and _listeners(seat) == 1)


def _listeners(seat):
    journal = seat.app.session.journal
    with journal._transaction(writing=False) as statements:
        (count,) = statements.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND left(query, 6) = 'LISTEN'"
        ).fetchone()
    return count


async def test_what_anna_does_is_said_and_its_row_and_history_show_it(journals):
    world = small_world(journal=journals())
    async with dashboard(world) as seat:
        await listening(seat)
        await seat.press("3")
        await seat.shows("nothing was changed from here yet")
        await asyncio.to_thread(carry_out, world, journals())
        await seat.shows("Anna: retarget +44 7700 900001 verified")
        await seat.until(lambda: delivered(seat) == NIGHT.text)
        await seat.until(lambda: seat.app.main.open_view.table.total_count == 1)
        await seat.press("1")
        await seat.shows("app Night Desk")


async def test_what_anna_left_unknown_stands_in_the_attention_line(journals):
    world = small_world(journal=journals())
    async with dashboard(world) as seat:
        await listening(seat)
        await asyncio.to_thread(carry_out, world, journals(), outcome=Outcome.UNKNOWN)
        await seat.shows("! 1 unknown")


async def test_ones_own_doings_are_not_told_as_those_of_others(journals):
    world = small_world(journal=journals())
    async with dashboard(world) as seat:
        await listening(seat)
        await seat.press("down", "down", "down")
        await seat.pick()
        await seat.press("enter")
        await seat.until(lambda: [one.outcome for one in seat.operations()] == ["verified"])
        await seat.press("escape")
        await asyncio.to_thread(carry_out, world, journals(), identifier="b1")
        await seat.shows("Anna:")
        assert "ann:" not in "\n".join(seat.app.session_log.lines)


async def test_the_preview_says_who_changed_the_number_a_moment_ago(journals):
    world = small_world(journal=journals())
    carry_out(world, journals())
    async with dashboard(world) as seat:
        await seat.press("slash")
        await seat.type("900001")
        await seat.press("enter")
        await seat.pick("support")
        await seat.shows("changed by Anna just now (retarget, verified)")


@pytest.mark.slow
async def test_without_the_database_reading_goes_on_and_nothing_is_sent():
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    server = postgres.new_server()
    try:
        world = small_world(journal=PostgresJournal(server.url()))
        async with dashboard(world) as seat:
            await listening(seat)
            await asyncio.to_thread(server.stop)
            await seat.shows("! journal away", "nothing can be changed")
            await seat.press("!")
            await seat.shows("journal away: nothing can be changed", "History says why")
            await seat.press("escape")
            await seat.home()
            await seat.press("slash")
            await seat.type("900001")
            await seat.press("enter")
            await seat.shows("+44 7700 900001")
            await seat.pick()
            await seat.press("enter")
            await seat.shows("refused", "the journal postgresql://postgres@127.0.0.1")
            await seat.press("escape")
            await seat.home()
            assert all(fake.sent == [] for fake in world.fakes.values())
            await seat.press("3")
            await seat.shows("the journal cannot be read, so this is not known")
            await asyncio.to_thread(server.start)
            await seat.shows("nothing was changed from here yet")
            await seat.until(lambda: "journal away" not in seat.text)
            await seat.press("1")
            await seat.pick()
            await seat.press("enter")
            await seat.shows("verified")
            assert [one.outcome for one in seat.operations()] == [Outcome.VERIFIED]
    finally:
        postgres.discard(server)


async def test_a_journal_in_a_file_starts_no_thread_that_listens():
    async with dashboard(small_world()) as seat:
        await seat.press("3")
        assert not any(worker.group == "team" for worker in seat.app.workers)
