"""The dashboard over files that cannot be used: it says so, shows the numbers, sends nothing."""

import os
from contextlib import asynccontextmanager

import pytest

from tests.support.dashboard import Seat, ready
from tests.support.disks import begun, fill, later, make_read_only, mounted, needs_root
from tests.support.frames import piloted
from tests.support.served import writes
from tui_numbers.services.paths import Paths
from tui_numbers.services.session import open_session
from tui_numbers.ui.app import Dashboard
from tui_numbers.ui.dialogs.confirm import ConfirmScreen
from tui_numbers.ui.dialogs.picker import PickerScreen


@asynccontextmanager
async def opened():
    """Sit down at a dashboard over the sandbox, and wait for its numbers."""
    session = open_session()
    session.workspace.secrets.ask = None
    app = Dashboard(session)
    try:
        async with piloted(app, (120, 30)) as pilot:
            seat = Seat(app, pilot, None)
            await ready(seat)
            assert seat.owned.table.total_count == 60
            yield seat
            await app.writes.finish()
    finally:
        await session.aclose()


def _damaged(path):
    path.write_bytes(os.urandom(4096))


async def _says(seat, *sentences):
    """Wait for words, each by itself, since long paths break the lines of a dialog anywhere."""
    await seat.shows(*" ".join(sentences).split())


async def _is_refused(served, seat, words):
    """Try a retarget; it is refused with these words, and nothing is sent."""
    await seat.press("1", "t")
    await seat.dialog(PickerScreen)
    await seat.press("down", "enter")
    await seat.dialog(ConfirmScreen)
    await seat.press("y")
    await _says(seat, "refused", "not sent, since it cannot be recorded", words)
    await seat.press("escape")
    await seat.home()
    assert writes(served) == []


async def _history_says(seat, words):
    await seat.press("3")
    text = await seat.shows("the journal cannot be read")
    assert "nothing was changed" not in text
    await seat.press("at")
    await _says(seat, "cannot be used", words)
    await seat.press("escape")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [(_damaged, "move it away"), (later, "update the program")],
    ids=["damaged", "of a later version"],
)
async def test_a_journal_that_cannot_be_read(served, spoil, words):
    begun()
    path = Paths.of_user().journal
    spoil(path)
    before = path.read_bytes()
    async with opened() as seat:
        await _history_says(seat, words)
        await _is_refused(served, seat, words)
    assert path.read_bytes() == before


@needs_root
async def test_a_full_disk(served, tmp_path, monkeypatch):
    with mounted(tmp_path / "disk", "256k") as disk:
        monkeypatch.setenv("XDG_STATE_HOME", str(disk))
        begun()
        fill(disk)
        async with opened() as seat:
            await _is_refused(served, seat, "the disk is full")
            await _history_says(seat, "the disk is full")


@needs_root
async def test_a_read_only_disk(served, tmp_path, monkeypatch):
    with mounted(tmp_path / "disk") as disk:
        monkeypatch.setenv("XDG_STATE_HOME", str(disk))
        begun()
        make_read_only(disk)
        async with opened() as seat:
            await _is_refused(served, seat, "Read-only file system")
            await seat.press("3")
            await seat.shows("INC-7")


def _directory(path):
    path.mkdir(parents=True)


def _under_a_file(path):
    path.parent.parent.mkdir(parents=True)
    path.parent.write_text("x")


@pytest.mark.parametrize("make", [_directory, _under_a_file])
async def test_a_snapshot_that_cannot_be_used_is_told(served, make):
    make(Paths.of_user().snapshot)
    async with opened() as seat:
        await seat.until(lambda: "the snapshot" in "\n".join(seat.app.session_log.lines))
        await seat.press("at")
        await _says(seat, "cannot be used")


@pytest.mark.parametrize("spoil", [_damaged, later], ids=["damaged", "of a later version"])
async def test_a_snapshot_that_cannot_be_read_is_made_anew(served, spoil):
    path = Paths.of_user().snapshot
    async with opened() as seat:
        await seat.until(path.exists)
    spoil(path)
    async with opened():
        pass
    again = open_session()
    assert sum(kept.count for kept in again.snapshot.heads().values()) == 60
    await again.aclose()
