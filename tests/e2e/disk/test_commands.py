"""Commands on disks that fail: what reads goes on, and what cannot be recorded is never sent."""

import os
import shutil
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.command_line import run
from tests.support.disks import as_nobody, begun, fill, later, make_read_only, mounted, needs_root
from tests.support.operations import operation
from tests.support.served import journal, writes
from tui_numbers.domain import clock
from tui_numbers.services.paths import Paths
from tui_numbers.storage.journal import JournalQuery

RETARGET = ("retarget", "+61255506170", "--to", "phone:+442079460999", "--yes")


def _is_refused(served, words):
    """Try a write; it is refused with these words, nothing is sent, and reading goes on."""
    ran = run(*RETARGET)
    assert (ran.code, ran.outcomes) == (6, ["refused"]), ran.err
    (row,) = ran.json
    assert row["error"].startswith("not sent, since it cannot be recorded: the journal")
    assert str(Paths.of_user().journal) in row["error"]
    assert words in row["error"]
    assert writes(served) == []
    listed = run("list")
    assert (listed.code, len(listed.json)) == (0, 60)


@needs_root
def test_a_full_disk(served, tmp_path, monkeypatch):
    with mounted(tmp_path / "disk", "64k") as disk:
        monkeypatch.setenv("XDG_STATE_HOME", str(disk))
        fill(disk)
        _is_refused(served, "the disk is full")


@needs_root
def test_a_read_only_disk(served, tmp_path, monkeypatch):
    with mounted(tmp_path / "disk") as disk:
        monkeypatch.setenv("XDG_STATE_HOME", str(disk))
        begun()
        make_read_only(disk)
        _is_refused(served, "Read-only file system")
        assert len(run("history").json) == 1


@needs_root
def test_a_configuration_on_a_read_only_disk(served, tmp_path, monkeypatch):
    text = Paths.of_user().config_file.read_text()
    with mounted(tmp_path / "disk") as disk:
        monkeypatch.setenv("XDG_CONFIG_HOME", str(disk))
        file = served.configure()
        make_read_only(disk)
        ran = run("accounts", "rename", "uk-sms", "uk")
        assert (ran.code, ran.err) == (2, f"{file}: cannot be written: Read-only file system\n")
        assert file.read_text() == text
        assert run("list").code == 0


@pytest.mark.skipif(os.name != "posix", reason="the limit is POSIX's")
def test_no_file_may_grow(served):
    """As a full disk, for those who cannot mount one; the real program, its output a pipe."""
    script = 'ulimit -f 0; exec "$0" -m tui_numbers "$@"'
    done = subprocess.run(
        ["bash", "-c", script, sys.executable, *RETARGET],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 6, done.stderr
    assert "the disk is full" in done.stdout
    assert "Traceback" not in done.stderr
    assert writes(served) == []


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.write_bytes(os.urandom(4096)), "move it away"),
        (lambda path: path.write_bytes(b"SQLite format 3\0" + bytes(80)), "move it away"),
        (lambda path: path.mkdir(), "Is a directory"),
        (
            lambda path: path.parent.rmdir() or path.parent.write_text("x"),
            "move away what stands there",
        ),
        (os.mkfifo, "is no file"),
    ],
    ids=["random", "truncated", "a directory", "under a file", "a pipe"],
)
def test_a_journal_that_is_none(served, make, words):
    path = Paths.of_user().journal
    path.parent.mkdir(parents=True)
    make(path)
    before = path.read_bytes() if path.is_file() else None
    _is_refused(served, words)
    doctor = run("doctor", "--format", "table")
    assert doctor.code == 1 or before
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_journal_of_a_later_version_is_left_as_it_is(served):
    path = Paths.of_user().journal
    begun()
    later(path)
    _is_refused(served, "update the program")
    ran = run("history")
    assert (ran.code, ran.out) == (1, "")
    assert "update the program" in ran.err
    assert _versions(path) == 99


def _versions(path):
    import sqlite3

    connection = sqlite3.connect(path)
    try:
        return connection.execute("PRAGMA user_version").fetchone()[0]
    finally:
        connection.close()


def test_an_empty_journal_is_begun(served):
    path = Paths.of_user().journal
    path.parent.mkdir(parents=True)
    path.touch()
    assert run(*RETARGET).outcomes == ["verified"]
    assert len(run("history").json) == 1


@pytest.fixture
def outside():
    """A directory outside of all that is private; skips where no other user can be played."""
    made = Path(tempfile.mkdtemp(prefix="tui-numbers-"))
    try:
        if shutil.which("unshare") is None or as_nobody("--version").returncode:
            pytest.skip("nobody can be somebody else here")
        yield made
    finally:
        shutil.rmtree(made)


def test_nobody_s_home(outside):
    for words in (("list",), ("history",), ("doctor",), ("accounts", "list")):
        done = as_nobody(*words, cwd=outside)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("there is no home directory to keep files in: set HOME")
    done = as_nobody("--demo", "--numbers", "60", "list", "--format", "csv", cwd=outside)
    assert (done.returncode, done.stderr, len(done.stdout.splitlines())) == (0, "", 61)
    # Nothing was made in the place of a home, as a directory named ~ would be.
    assert list(outside.iterdir()) == []


@needs_root
def test_a_home_that_may_not_be_written_to(outside):
    outside.chmod(0o555)
    os.chown(outside, 1, 1)
    done = as_nobody("doctor", "--format", "table", home=outside)
    assert "cannot be made, so nothing can be recorded" in done.stdout
    done = as_nobody("history", home=outside)
    assert (done.returncode, done.stdout) == (0, "[]\n")
    done = as_nobody(
        "accounts", "add", "uk", "--provider", "vonage", "api_key=a1b2c3d4", home=outside
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_clock_that_goes_back_changes_no_order():
    now = clock.now()
    file = journal()
    for at, back in enumerate((0, 3, 1)):
        file.begin(operation(f"a{at}", started_at=now - timedelta(days=back)))
    assert [one.id for one in file.operations()] == ["a2", "a1", "a0"]
    since = JournalQuery(since=now - timedelta(days=2))
    assert [one.id for one in file.operations(since)] == ["a2", "a0"]
    file.close()
    assert [row["operation"] for row in run("history").json] == ["a2", "a1", "a0"]
