"""Files that cannot be used: one sentence each, and nothing is sent."""

import os
import sqlite3
import subprocess
import sys
from contextlib import contextmanager

import pytest

from tests.support.disks import ROOT, fill, make_read_only, mounted
from tests.support.fake_provider import (
    ACCOUNT,
    INFO,
    NUMBER,
    OTHER,
    FakeProvider,
    owned,
    phone,
    session,
)
from tests.support.operations import operation
from tui_numbers.domain.operations import JournalError, Outcome
from tui_numbers.services.batch import Batch
from tui_numbers.services.planning import Consent, plan_retarget
from tui_numbers.storage import schema
from tui_numbers.storage.sqlite_journal import SqliteJournal, is_remote


async def _refused(path):
    """Try a lone write and a batch; return what is said of them, having checked nothing left."""
    told = set()
    for count in (1, 2):
        numbers = [NUMBER, NUMBER.replace("123", "124")][:count]
        provider = FakeProvider({number: owned(number) for number in numbers})
        changes = session(provider, journal=SqliteJournal(path))
        plans = [
            plan_retarget(ACCOUNT, INFO, one, phone("+442079460000"))
            for one in provider.numbers.values()
        ]
        results = await Batch(changes, plans, Consent(given=True)).run()
        assert {result.outcome for result in results} == {Outcome.REFUSED}
        assert provider.sent == []
        told.update(result.error for result in results)
    (error,) = told
    prefix = f"not sent, since it cannot be recorded: the journal {path} cannot be used: "
    assert error.startswith(prefix)
    assert "\n" not in error
    return error.removeprefix(prefix)


@pytest.mark.skipif(not ROOT, reason="mounting is root's")
async def test_a_full_disk(tmp_path):
    with mounted(tmp_path / "disk", "256k") as disk:
        journal = SqliteJournal(disk / "state" / "journal.db")
        journal.begin(operation())
        journal.close()
        fill(disk)
        assert "the disk is full" in await _refused(disk / "state" / "journal.db")


@pytest.mark.skipif(not ROOT, reason="mounting is root's")
async def test_a_full_disk_before_the_first_record(tmp_path):
    with mounted(tmp_path / "disk", "4k") as disk:
        (disk / "state").mkdir()
        fill(disk)
        assert "the disk is full" in await _refused(disk / "state" / "journal.db")


def test_a_limit_on_the_size_of_files(tmp_path):
    """As a full disk, for those who cannot mount one."""
    resource = pytest.importorskip("resource")
    path = tmp_path / "journal.db"
    child = os.fork()
    if not child:
        code = 1
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
            SqliteJournal(path).begin(operation())
        except JournalError as error:
            code = 0 if "the disk is full" in str(error) else 2
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


@contextmanager
def _as_nobody(path):
    """Without root's rights, under which every file can be written."""
    if not ROOT:
        yield
        return
    before = path.stat()
    os.chown(path, 65534, 65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        os.chown(path, before.st_uid, before.st_gid)


@pytest.fixture
def folder():
    """A directory that others than its maker can reach."""
    import shutil
    import tempfile
    from pathlib import Path

    made = Path(tempfile.mkdtemp(prefix="tui-numbers-"))
    made.chmod(0o755)
    yield made
    made.chmod(0o755)
    shutil.rmtree(made)


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
async def test_a_directory_that_may_not_be_written_to(folder):
    folder.chmod(0o555)
    with _as_nobody(folder):
        assert "Permission denied" in await _refused(folder / "state" / "journal.db")


@pytest.mark.skipif(not ROOT, reason="mounting is root's")
async def test_a_read_only_file_system_is_read_and_not_written(tmp_path):
    with mounted(tmp_path / "disk", "2m") as disk:
        path = disk / "state" / "journal.db"
        journal = SqliteJournal(path)
        journal.begin(operation(number=OTHER))
        journal.close()
        make_read_only(disk)
        journal = SqliteJournal(path)
        assert [one.id for one in journal.operations()] == ["a1"]
        assert journal.note == "the journal can be read, and not written to"
        journal.close()
        assert "Read-only file system" in await _refused(path)


async def test_a_path_under_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "state" / "journal.db"
    assert SqliteJournal(path).operations() == []
    assert "Not a directory" in await _refused(path)


@pytest.mark.parametrize(
    "content", [b"this is no database" * 400, b"SQLite format 3\0" + b"\7" * 5000]
)
async def test_a_damaged_file_is_left_as_it_is(tmp_path, content):
    path = tmp_path / "journal.db"
    path.write_bytes(content)
    assert "move it away" in await _refused(path)
    with pytest.raises(JournalError, match="move it away"):
        SqliteJournal(path).operations()
    assert path.read_bytes() == content


async def test_a_file_of_a_later_version(tmp_path):
    path = tmp_path / "journal.db"
    _sqlite(path, "CREATE TABLE operation (x)", "PRAGMA user_version = 9")
    assert (
        f"later version (schema 9, this one knows {schema.SCHEMA_VERSION}): update the program"
        in await _refused(path)
    )
    with pytest.raises(JournalError, match="update the program"):
        SqliteJournal(path).operations()


async def test_a_database_of_something_else(tmp_path):
    path = tmp_path / "journal.db"
    _sqlite(path, "CREATE TABLE bookmarks (url)")
    assert "a database of something else" in await _refused(path)
    assert _sqlite(path, "SELECT name FROM sqlite_master") == [("bookmarks",)]


async def test_a_file_that_another_program_keeps_locked(tmp_path, monkeypatch):
    from tui_numbers.storage import sqlite_journal

    monkeypatch.setattr(sqlite_journal, "_BUSY_SECONDS", 0.01)
    path = tmp_path / "journal.db"
    SqliteJournal(path).begin(operation(number=OTHER))
    keeper = sqlite3.connect(path, isolation_level=None)
    keeper.execute("BEGIN IMMEDIATE")
    assert await _refused(path) == "another process keeps it locked"
    keeper.close()


def _sqlite(path, *statements):
    connection = sqlite3.connect(path)
    try:
        with connection:
            return [connection.execute(one).fetchall() for one in statements][-1]
    finally:
        connection.close()


_OLD = (
    "INSERT INTO operation (id, batch, started_at, user, host, process, account, provider, number,"
    " action, reason, keys, outcome) VALUES ('old', 'b0', '2026-01-02T03:04:05.000Z', 'ann',"
    " 'host', '1:gone', 'desk', 'fake', '+447700900123', 'retarget', '', 'voice', ?)"
)


def _version_one(path, outcome="verified"):
    connection = sqlite3.connect(path)
    connection.executescript(schema._FIRST + "PRAGMA user_version = 1;")
    with connection:
        connection.execute(_OLD, (outcome,))
    connection.close()


def test_a_file_of_the_first_version_is_brought_up_with_all_it_holds(tmp_path):
    path = tmp_path / "journal.db"
    _version_one(path)
    journal = SqliteJournal(path)
    (old,) = journal.operations()
    assert (old.id, old.outcome, old.asked, old.begun) == ("old", Outcome.VERIFIED, None, True)
    journal.begin(operation("new"))
    assert [one.id for one in journal.operations()] == ["new", "old"]
    assert _sqlite(path, "PRAGMA user_version") == [(schema.SCHEMA_VERSION,)]


def test_a_migration_that_breaks_off_changes_nothing(tmp_path, monkeypatch):
    path = tmp_path / "journal.db"
    _version_one(path)
    broken = (schema._FIRST, "ALTER TABLE operation ADD COLUMN asked TEXT; SELECT nonsense")
    monkeypatch.setattr(schema, "_STEPS", broken)
    with pytest.raises(JournalError):
        SqliteJournal(path).operations()
    monkeypatch.undo()
    assert _sqlite(path, "PRAGMA user_version") == [(1,)]
    assert len(SqliteJournal(path).operations()) == 1


def test_nothing_secret_is_in_it(tmp_path):
    path = tmp_path / "journal.db"
    journal = SqliteJournal(path)
    journal.begin(operation())
    journal.close()
    assert b"sandbox-vonage-secret" not in path.read_bytes()
    columns = {row[1] for row in _sqlite(path, "PRAGMA table_info(operation)")}
    assert not {name for name in columns if "secret" in name or "received" in name}


def test_file_systems_are_told_by_the_longest_mount(tmp_path):
    mounts = tmp_path / "mounts"
    home = (tmp_path / "home").resolve()
    (home / "ann").mkdir(parents=True)
    mounts.write_text(f"/dev/a / ext4 rw 0 0\nserver:/x {home} nfs4 rw 0 0\nbroken\n")
    assert is_remote(home / "ann" / "journal.db", mounts)
    assert not is_remote(tmp_path / "journal.db", mounts)
    mounts.write_text(f"server:/x {home} nfs4 rw 0 0\n/dev/b {home}/ann xfs rw 0 0\n")
    assert not is_remote(home / "ann" / "journal.db", mounts)
    assert not is_remote(home, tmp_path / "absent")


def test_a_second_journal_of_one_process_takes_no_lock_from_the_first(tmp_path):
    """Another process that comes and goes must not take the file for one that nobody uses."""
    path = tmp_path / "journal.sqlite"
    first, second = SqliteJournal(path), SqliteJournal(path)
    for at in range(3):
        first.begin(operation(f"a{at}", number=f"+4420794600{at}0"), 0)
        assert len(second.operations()) == at + 1
        second.close()
        look = "sqlite3.connect(sys.argv[1]).execute('SELECT 1 FROM operation')"
        words = [sys.executable, "-c", f"import sqlite3, sys; {look}", str(path)]
        subprocess.run(words, check=True)
    first.close()
    assert len(SqliteJournal(path).operations()) == 3
