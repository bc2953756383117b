"""The snapshot in the dashboard: at once, refreshed behind, and kept while a provider is down."""

import asyncio
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.frames import piloted
from tests.unit.storage.test_snapshot import number
from tui_numbers.domain import clock
from tui_numbers.domain.query import Total
from tui_numbers.providers.errors import Unreachable
from tui_numbers.services.inventory import AccountDone, AccountFailed, OwnedPage
from tui_numbers.services.owned_snapshot import Kept
from tui_numbers.services.session import open_session
from tui_numbers.ui.app import Dashboard
from tui_numbers.ui.owned_store import OwnedStore, Progress
from tui_numbers.ui.views.owned import OwnedView

THEN = datetime(2026, 3, 1, 14, 2, tzinfo=UTC)
CONFIG = """
[accounts.desk]
provider = "vonage"
api_key = "5b0c7d1e"
base_url = "http://127.0.0.1:9"
"""


@pytest.fixture
def configured(monkeypatch):
    def write(text=CONFIG):
        path = Path(os.environ["XDG_CONFIG_HOME"], "tui-numbers", "config.toml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        monkeypatch.setenv("TUI_NUMBERS_SECRET_DESK", "x")
        return open_session()

    return write


async def test_with_its_provider_down_an_account_shows_what_was_known_and_when(configured):
    session = configured()
    numbers = [number(at) for at in range(700)]
    session.snapshot.save("desk", numbers, THEN)
    app = Dashboard(session)
    async with piloted(app, (80, 24)) as pilot:
        view = app.main.query_one(OwnedView)
        state = view.store.accounts["desk"]
        while state.progress is not Progress.FAILED or view.table.total_count < 700:
            await pilot.pause(0.005)
        assert view.store.as_of == THEN
        assert [row.number for row in view.store.rows()] == [row.number for row in numbers]
        assert "from before" in state.part().text
    await session.aclose()


def test_the_demo_and_a_switched_off_snapshot_have_none(configured):
    assert configured("snapshot = false\n" + CONFIG).snapshot is None
    assert open_session(demo=True).snapshot is None


async def test_a_start_without_a_snapshot_makes_no_file_before_a_listing_is_complete(configured):
    session = configured()
    assert session.snapshot.heads() == {}
    await session.aclose()
    assert not session.paths.snapshot.exists()


def test_a_broken_file_never_stops_the_dashboard(configured):
    session = configured()
    session.paths.state.mkdir(parents=True)
    session.paths.snapshot.write_bytes(b"x" * 9_000)
    assert session.snapshot.heads() == {}
    session.snapshot.save("desk", [number(1)], THEN)
    assert session.snapshot.whole()["desk"].numbers == [number(1)]


def test_a_directory_in_its_place_is_told_and_nothing_else(configured):
    session = configured()
    session.paths.snapshot.mkdir(parents=True)
    assert session.snapshot.heads() == {}
    assert "snapshot" in session.snapshot.problem


def listed(store, numbers):
    store.begin(["desk"])
    store.take(OwnedPage("desk", tuple(numbers), Total(len(numbers))), THEN)
    store.take(AccountDone("desk", len(numbers)), THEN + timedelta(hours=1))


def test_what_was_written_while_a_listing_ran_is_not_lost_to_an_older_page():
    store, old = OwnedStore(["desk"]), number(1)
    store.restore({"desk": Kept(THEN, 1, [old])})
    store.begin(["desk"])
    new = replace(old, name="Night line", seen_at=old.seen_at + timedelta(minutes=1))
    store.take(OwnedPage("desk", (old,), Total(1)), THEN)
    store.replace("desk", old.number, new)
    store.take(AccountDone("desk", 1), THEN)
    assert [row.name for row in store.rows()] == ["Night line"]


def test_an_account_that_has_answered_is_not_put_back_in_time():
    store = OwnedStore(["desk"])
    listed(store, [number(2)])
    store.restore({"desk": Kept(THEN, 1, [number(1)])})
    assert store.rows() == [number(2)]


def test_names_of_targets_stay_until_newer_ones_come():
    store, named = OwnedStore(["desk"]), number(1)
    bare = replace(
        named,
        routing={channel: to and replace(to, label=None) for channel, to in named.routing.items()},
    )
    store.restore({"desk": Kept(THEN, 1, [named])})
    listed(store, [bare])
    assert [to and to.label for to in store.rows()[0].routing.values()] == ["Team 1", None]


def test_an_account_that_fails_keeps_what_was_known():
    store = OwnedStore(["desk"])
    store.restore({"desk": Kept(THEN, 2, [number(1), number(2)])})
    store.begin(["desk"])
    store.take(AccountFailed("desk", Unreachable("down", account="desk")), clock.now())
    assert len(store.rows()) == 2
    assert store.as_of == THEN


async def test_differences_come_in_place_under_a_cursor_that_stays(configured):
    session = configured()
    numbers = [number(at) for at in range(600)]
    session.snapshot.save("desk", numbers, THEN)
    app = Dashboard(session)
    async with piloted(app, (80, 24)) as pilot:
        view = app.main.query_one(OwnedView)
        while view.store.accounts["desk"].progress is not Progress.FAILED:
            await pilot.pause(0.005)
        while view.table.total_count < 600:
            await pilot.pause(0.005)
        view.table.model.move_to_key(("desk", numbers[5].number))
        listed(view.store, [number(at) for at in range(2, 600)])
        view.table.sync(await asyncio.to_thread(view.table.prepare, view.store.rows()))
        assert view.table.cursor_row.number == numbers[5].number
        assert view.table.total_count == 598
    await session.aclose()
