"""Programs that start at once, before there is a file, take nothing of each other for foreign."""

import contextlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.operations import operation
from tests.unit.storage.test_snapshot import SAME, save
from tui_numbers.domain.operations import JournalError, Outcome
from tui_numbers.storage import snapshot, sqlite_journal
from tui_numbers.storage.snapshot import Snapshot, SnapshotError
from tui_numbers.storage.sqlite_journal import SqliteJournal

_STATEMENTS = 24
"""More than either file takes to be opened for the first time."""


@pytest.fixture
def interrupt(monkeypatch):
    """Let something happen once, right before a statement of the connections made from then on."""
    real = sqlite3.connect
    monkeypatch.setattr(sqlite_journal, "_BUSY_SECONDS", 0.0)
    monkeypatch.setattr(snapshot, "_BUSY_SECONDS", 0.0)

    def before(place, happen):
        left = iter(range(place + 1))

        class Interrupted(sqlite3.Connection):
            def execute(self, *words):
                if next(left, None) == place:
                    with monkeypatch.context() as patch:
                        patch.setattr(sqlite3, "connect", real)
                        happen()
                return super().execute(*words)

        def connect(*words, **more):
            return real(*words, **more, factory=Interrupted)

        monkeypatch.setattr(sqlite3, "connect", connect)

    return before


@pytest.mark.parametrize("place", range(_STATEMENTS))
@pytest.mark.parametrize("reading", [True, False], ids=["read", "write"])
@pytest.mark.slow_after(12)
def test_another_start_at_any_statement_leaves_the_journal_ours(
    tmp_path, interrupt, place, reading
):
    path = tmp_path / "journal.db"

    def quicker():
        # It may be kept out for as long as this one makes the file.
        with contextlib.suppress(JournalError), contextlib.closing(SqliteJournal(path)) as other:
            other.begin(operation("quicker"))

    path.touch()
    interrupt(place, quicker)
    with contextlib.closing(SqliteJournal(path)) as journal:
        if reading:
            journal.operations()
        journal.begin(operation("slower"))
        assert "slower" in {one.id for one in journal.operations()}


@pytest.mark.parametrize("place", range(_STATEMENTS))
@pytest.mark.parametrize("reading", [True, False], ids=["read", "write"])
@pytest.mark.slow_after(12)
def test_another_start_at_any_statement_leaves_the_snapshot_in_its_place(
    tmp_path, interrupt, place, reading
):
    path = tmp_path / "snapshot.sqlite"

    def quicker():
        with contextlib.suppress(SnapshotError), contextlib.closing(Snapshot(path)) as other:
            save(other, 3)

    path.touch()
    interrupt(place, quicker)
    with contextlib.closing(Snapshot(path)) as snapshot:
        if reading:
            snapshot.read(SAME)
        save(snapshot, 2)
        assert len(snapshot.read(SAME)["desk"].numbers) in (2, 3)
    assert [file.name for file in tmp_path.iterdir() if "aside" in file.name] == []


_STARTER = """
import sys
from pathlib import Path
from tests.support.operations import operation
from tests.unit.storage.test_snapshot import SAME, save
from tui_numbers.domain.operations import Outcome
from tui_numbers.storage.sqlite_journal import SqliteJournal
from tui_numbers.storage.snapshot import Snapshot
print("ready", flush=True)
for line in sys.stdin:
    folder = Path(line.strip())
    journal, snapshot = SqliteJournal(folder / "journal.db"), Snapshot(folder / "snapshot.sqlite")
    for at in range(3):
        name = f"{sys.argv[1]}-{at}"
        journal.begin(operation(name))
        journal.finish(name, Outcome.VERIFIED, None, None)
        assert journal.get(name).outcome is Outcome.VERIFIED
        journal.close()
    save(snapshot, 2)
    assert len(snapshot.read(SAME)["desk"].numbers) == 2
    snapshot.close()
    print("done", flush=True)
"""
_STARTERS, _ROUNDS = 6, 5


@pytest.mark.slow
def test_processes_share_one_journal_and_one_snapshot_from_their_first_moment(tmp_path):
    """Several begin at once, before there is a file; none is turned away, nothing is lost."""
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", _STARTER, str(place)],
            cwd=Path(__file__).parents[3],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for place in range(_STARTERS)
    ]
    assert [one.stdout.readline() for one in programs] == ["ready\n"] * _STARTERS
    for turn in range(_ROUNDS):
        for one in programs:
            one.stdin.write(f"{tmp_path / str(turn)}\n")
            one.stdin.flush()
        said = [one.stdout.readline() for one in programs]
        assert said == ["done\n"] * _STARTERS, [one.communicate()[1] for one in programs]
    for one in programs:
        assert (one.communicate(timeout=60)[1], one.returncode) == ("", 0)
    for turn in range(_ROUNDS):
        with contextlib.closing(SqliteJournal(tmp_path / str(turn) / "journal.db")) as journal:
            found = journal.operations()
        assert len({one.id for one in found}) == 3 * _STARTERS
        assert {one.outcome for one in found} == {Outcome.VERIFIED}
        assert not list((tmp_path / str(turn)).glob("*aside*"))
