"""Telling whether the process that began something still runs."""

import os
import subprocess
import sys

import pytest

from tui_numbers.storage import operation_rows
from tui_numbers.storage.operation_rows import is_running, this_process


@pytest.fixture
def hidden(monkeypatch, tmp_path):
    """Show no process, as a system mounted with hidepid does for those that refuse tracing."""
    monkeypatch.setattr(operation_rows, "_stat_of", lambda pid: tmp_path / str(pid))


def test_this_process_runs():
    assert is_running(this_process())


@pytest.mark.usefixtures("hidden")
@pytest.mark.parametrize("started", ["12345@boot", ""])
def test_a_process_that_is_hidden_runs_while_its_identifier_is_taken(started):
    assert is_running(f"{os.getpid()}:{started}")
    assert is_running(f"{os.getppid()}:{started}")


@pytest.mark.usefixtures("hidden")
def test_a_process_that_is_hidden_and_gone_does_not_run():
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert not is_running(f"{ended.pid}:12345@boot")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks the kernel")
def test_a_process_that_ended_and_was_not_waited_for_does_not_run():
    ended = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
    assert not is_running(f"{ended.pid}:12345@boot")
    ended.wait()
    assert not is_running(f"{os.getpid()}:12345@boot")
