"""Disks that are full or read-only, and programs that run on them."""

import os
import sqlite3
import subprocess
import sys
from contextlib import contextmanager, suppress

import pytest

from tests.support.operations import operation
from tests.support.served import journal

ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
_NOBODY = ("unshare", "--user", "--map-user=54321")
"""Makes the program's user one whom no list of users names, and who so has no home."""
needs_root = pytest.mark.skipif(not ROOT, reason="mounting, and being somebody else, is root's")


@contextmanager
def mounted(path, size="1m"):
    """Give a small file system of its own; skips where the system does not let us."""
    path.mkdir(exist_ok=True)
    words = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path)]
    try:
        done = subprocess.run(words, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("mount is not installed")
    if done.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)


def fill(disk):
    written = 1
    with (disk / "ballast").open("wb", buffering=0) as ballast, suppress(OSError):
        while written:
            written = ballast.write(b"x" * 512)


def make_read_only(disk):
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)


def as_nobody(*words, home=None, cwd="/"):
    """Run the program as a user without a home, or with this one."""
    own = ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")
    variables = {name: text for name, text in os.environ.items() if name not in own}
    if home is not None:
        variables["HOME"] = str(home)
    return subprocess.run(
        [*_NOBODY, sys.executable, "-m", "tui_numbers", *words],
        env=variables,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def begun():
    """Begin this user's journal, with one operation."""
    file = journal()
    file.begin(operation())
    file.close()


def later(path):
    """Let a file of SQLite's be one of a later version of the program."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
