import os
import socket
import sqlite3
import stat

import pytest

from tests.support.fake_provider import ACCOUNT, NUMBER, owned
from tests.support.operations import operation
from tui_numbers.domain.operations import JournalError, Outcome
from tui_numbers.storage import sqlite_journal
from tui_numbers.storage.sqlite_journal import SqliteJournal

HERE = socket.gethostname()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "journal.db"


@pytest.fixture
def journal(path):
    made = SqliteJournal(path)
    yield made
    made.close()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_every_file_is_private_whatever_the_mask_says(journal, path):
    before = os.umask(0)
    try:
        journal.begin(operation())
        files = sorted(path.parent.iterdir())
    finally:
        os.umask(before)
    assert [file.name for file in files] == ["journal.db", "journal.db-shm", "journal.db-wal"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_file_that_others_can_read_is_made_private(path):
    SqliteJournal(path).begin(operation())
    path.chmod(0o644)
    path.parent.chmod(0o755)
    journal = SqliteJournal(path)
    journal.begin(operation("a2"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_reading_makes_no_file(journal, path):
    assert journal.operations() == []
    assert journal.get("a1") is None
    assert journal.mark(ACCOUNT.name, NUMBER) == 0
    assert not path.parent.exists()


def test_a_file_that_was_taken_away_is_begun_anew(journal, path):
    journal.begin(operation("a1"))
    for file in list(path.parent.iterdir()):
        file.unlink()
    journal.begin(operation("a2"))
    assert [one.id for one in SqliteJournal(path).operations()] == ["a2"]


@pytest.mark.parametrize("outcome", [Outcome.VERIFIED, Outcome.DIFFERENT, Outcome.PENDING])
def test_an_outcome_that_could_not_be_recorded_is_recorded_at_the_end(
    journal, path, monkeypatch, outcome
):
    monkeypatch.setattr(sqlite_journal, "_BUSY_SECONDS", 0.01)
    journal.begin(operation("a1", host=HERE))
    journal.close()
    journal.operations()
    keeper = sqlite3.connect(path, isolation_level=None)
    keeper.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalError, match="another process keeps it locked"):
        journal.finish("a1", outcome, owned(), None)
    keeper.close()
    journal.close()
    _set_process_in(path, "1:gone")
    read = SqliteJournal(path)
    assert read.get("a1").outcome is outcome
    read.close()


def _set_process_in(path, text):
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE operation SET process = ?", (text,))
    connection.close()


def test_an_end_at_which_it_still_cannot_be_recorded_is_an_end(journal, path, monkeypatch):
    monkeypatch.setattr(sqlite_journal, "_BUSY_SECONDS", 0.01)
    journal.begin(operation("a1", host=HERE))
    journal.close()
    keeper = sqlite3.connect(path, isolation_level=None)
    keeper.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalError):
        journal.finish("a1", Outcome.VERIFIED, owned(), None)
    journal.close()
    keeper.close()


def test_without_wal_it_is_kept_all_the_same_and_said(path, monkeypatch):
    monkeypatch.setattr(sqlite_journal, "is_remote", lambda path: True)
    journal = SqliteJournal(path)
    journal.begin(operation())
    assert journal.note == sqlite_journal.WITHOUT_WAL
    assert [file.name for file in path.parent.iterdir()] == ["journal.db"]
    assert _mode(journal) == "delete"
    assert len(journal.operations()) == 1


def _mode(journal):
    return journal._opened.connection.execute("PRAGMA journal_mode").fetchone()[0]


def test_durability_is_full_in_the_usual_mode(journal):
    journal.begin(operation())
    assert _mode(journal) == "wal"
    assert journal._opened.connection.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert journal.note is None


@pytest.mark.parametrize("outcome", [None, "unknown", "pending", "verified"])
def test_what_was_left_open_is_told_without_waiting(tmp_path, outcome):
    path = tmp_path / "journal.sqlite"
    assert SqliteJournal(path).left_open_at_once() == ()
    assert not path.exists()
    journal = SqliteJournal(path)
    journal.begin(operation(), journal.mark(ACCOUNT.name, NUMBER))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE operation SET process = '1:gone', outcome = ?", (outcome,))
    connection.close()
    # Another process may be in the midst of writing.
    writing = sqlite3.connect(path, isolation_level=None)
    writing.execute("BEGIN IMMEDIATE")
    told = SqliteJournal(path).left_open_at_once()
    writing.rollback()
    writing.close()
    assert told == journal.left_open()
    assert [one.id for one in told] == ([] if outcome == "verified" else ["a1"])
    journal.close()


@pytest.mark.parametrize("content", [b"", b"no journal", b"SQLite format 3\x00" + b"x" * 200])
def test_a_file_that_is_no_journal_tells_nothing_at_once(tmp_path, content):
    path = tmp_path / "journal.sqlite"
    path.write_bytes(content)
    assert not SqliteJournal(path).left_open_at_once()
    assert path.read_bytes() == content


@pytest.mark.parametrize("query", ["open", "due", "number", "since"])
def test_a_large_journal_is_read_by_its_indexes(journal, path, query):
    journal.begin(operation())
    from tui_numbers.storage import sql_journal as module

    statements = {
        "open": module.LEFT_OPEN,
        "due": f"{module._OPEN_ENDS} AND ending.until <= '' {module._EARLIEST_FIRST}",
        "number": f"{module._OPEN_ENDS} AND ending.number = '' AND ending.account = ''",
        "since": "SELECT 1 FROM operation WHERE started_at >= '' ORDER BY +position DESC",
    }
    with sqlite3.connect(path) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {statements[query]}").fetchall()
    connection.close()
    assert all("INDEX" in line[3] or "TEMP B-TREE" in line[3] for line in plan), plan
