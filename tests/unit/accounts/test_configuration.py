"""The configuration under other programs' hands, and rights that are missing."""

import os
import stat
import subprocess
import sys
import tempfile
import tomllib
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.fake_provider import INFO
from tui_numbers.services.accounts import add_account, change_fields, remove_account
from tui_numbers.services.config import ConfigError, load_config

_ADD = """
import sys
from pathlib import Path
from tui_numbers.services.accounts import add_account
for n in range(5):
    add_account(Path(sys.argv[1]), f"{sys.argv[2]}-{n}", "fake", {"user": "abc"})
"""


@pytest.mark.slow
def test_two_processes_that_add_at_once_lose_nothing(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text("# kept\n")
    processes = [
        subprocess.Popen([sys.executable, "-c", _ADD, str(path), name]) for name in ("a", "b", "c")
    ]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    names = set(tomllib.loads(path.read_text())["accounts"])
    assert names == {f"{name}-{n}" for name in "abc" for n in range(5)}
    assert path.read_text().startswith("# kept\n")
    assert list(tmp_path.iterdir()) == [path]


@contextmanager
def _as_nobody():
    """Let the rights of files count, also where the tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def shared():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o700)


@pytest.mark.skipif(os.name == "nt", reason="rights of another kind")
def test_a_directory_that_cannot_be_written_is_said_and_left_alone(shared):
    path = shared / "config.toml"
    path.write_text("# kept\n")
    path.chmod(0o644)
    shared.chmod(0o555)
    with _as_nobody(), pytest.raises(ConfigError, match="cannot be written: Permission denied"):
        add_account(path, "new", "fake", {})
    assert path.read_text() == "# kept\n"
    assert list(shared.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="rights of another kind")
def test_a_file_that_cannot_be_read_is_said_and_left_alone(shared):
    path = shared / "config.toml"
    path.write_text("# kept\n")
    path.chmod(0)
    shared.chmod(0o777)
    with _as_nobody():
        with pytest.raises(ConfigError, match="cannot be read: Permission denied"):
            load_config(path, {"fake": INFO})
        with pytest.raises(ConfigError, match="cannot be read: Permission denied"):
            add_account(path, "new", "fake", {})
    assert stat.S_IMODE(path.stat().st_mode) == 0
    assert path.read_text() == "# kept\n"


def test_a_symbolic_link_into_another_directory_stays_one(tmp_path):
    real = tmp_path / "dotfiles" / "config.toml"
    real.parent.mkdir()
    real.write_text("# kept\n")
    link = tmp_path / "config" / "config.toml"
    link.parent.mkdir()
    link.symlink_to(Path("..") / "dotfiles" / "config.toml")
    add_account(link, "desk", "fake", {"user": "abc"})
    remove_account(link, "desk")
    add_account(link, "sms", "fake", {"user": "abc"})
    assert link.readlink() == Path("..") / "dotfiles" / "config.toml"
    assert list(tomllib.loads(real.read_text())["accounts"]) == ["sms"]
    assert list(link.parent.iterdir()) == [link]
    assert list(real.parent.iterdir()) == [real]


def test_other_fields_leave_options_and_comments_as_they_are(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(
        '[accounts.desk]\nprovider = "fake"\nuser = "abc"  # ours\nmode = "one"\nread_only = true\n'
    )
    change_fields(path, "desk", INFO, {"user": "xyz"})
    assert path.read_text() == (
        '[accounts.desk]\nprovider = "fake"\nuser = "xyz"  # ours\nread_only = true\n'
    )
    change_fields(path, "desk", INFO, {"user": "xyz", "mode": "two"})
    assert tomllib.loads(path.read_text())["accounts"]["desk"] == {
        "provider": "fake",
        "user": "xyz",
        "mode": "two",
        "read_only": True,
    }
