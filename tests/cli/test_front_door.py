import os
import re
import stat
import subprocess
import sys

import click
import pytest

from tests.support.command_line import run, write_config
from tui_numbers import __version__
from tui_numbers.cli import app, terminal
from tui_numbers.cli.app import _COMMANDS
from tui_numbers.services.paths import Paths

HEAVY = ("textual", "rich", "httpx", "phonenumbers", "starlette", "uvicorn", "keyring", "asyncio")

_PROBE = f"""
import os, sys
import tui_numbers.cli.app
from tui_numbers.__main__ import main

def loads():
    try:
        main()
    except SystemExit as end:
        code = end.code
    loaded = [name for name in {HEAVY!r} if name in sys.modules]
    sys.exit(f"loaded {{loaded}}" if loaded else code)

# A fork for each, so that none is told what another has loaded.
for line in sys.stdin:
    sys.argv = ["tui-numbers", *line.split()]
    child = os.fork()
    if not child:
        loads()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(f"END {{code}} {{line}}", end="", flush=True)
"""
_HELPS = (
    "--version",
    "--help",
    "accounts add --help",
    *(f"{name} --help" for name in _COMMANDS),
)


def test_help_loads_nothing_heavy():
    done = subprocess.run(
        [sys.executable, "-c", _PROBE],
        input="".join(f"{words}\n" for words in _HELPS),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    *said, rest = re.split(r"^END (.*)\n", done.stdout, flags=re.MULTILINE)
    assert (said[1::2], rest) == ([f"0 {words}" for words in _HELPS], "")
    assert all(said[::2])


def test_the_version_is_said():
    assert run("--version").out == f"tui-numbers {__version__}\n"


@pytest.mark.parametrize("name", _COMMANDS)
def test_every_command_has_help(name):
    ran = run(name, "--help")
    assert ran.code == 0
    assert "--demo" in ran.out
    assert "Before or after any command" in ran.out
    assert _COMMANDS[name][1] in run("--help").out


def test_an_unknown_command_names_the_nearest():
    ran = run("lst")
    assert (ran.code, ran.out) == (2, "")
    assert "did you mean 'list'?" in ran.err


def test_without_a_terminal_the_dashboard_does_not_open():
    ran = run("--demo")
    assert (ran.code, ran.out) == (2, "")
    assert "needs a terminal" in ran.err


def test_a_number_for_the_demo_needs_the_demo():
    assert "add --demo" in run("--numbers", "60", "list").err
    assert run("--demo", "--numbers", "100001", "list").code == 2


def test_no_account_gives_three_ways_on_and_makes_no_file():
    ran = run("list")
    assert (ran.code, ran.out) == (2, "")
    for said in ("--demo", "accounts add", str(Paths.of_user().config_file)):
        assert said in ran.err
    assert not Paths.of_user().config.exists()
    assert not Paths.of_user().state.exists()


def test_every_problem_of_the_configuration_is_listed():
    path = write_config('[accounts.a]\nprovider = "vonge"\n[lock]\n')
    ran = run("list")
    assert (ran.code, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == 2
    assert f"{path}, line 2: " in ran.err
    assert "did you mean 'vonage'" in ran.err
    path.write_text("[accounts\n")
    broken = run("list")
    assert broken.code == 2
    assert len(broken.err.splitlines()) == 1


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_call_the_program(shell):
    ran = run("completion", shell)
    assert ran.code == 0
    assert "_TUI_NUMBERS_COMPLETE" in ran.out


def test_an_unexpected_error_is_one_line_and_a_private_log(monkeypatch):
    def broken(flags):
        raise ZeroDivisionError("odd")

    monkeypatch.setattr(app, "_dashboard", broken)
    ran = run("--demo")
    log = Paths.of_user().log
    assert ran.code == 1
    assert ran.err == f"the program failed: ZeroDivisionError; the details are in {log}\n"
    assert "ZeroDivisionError: odd" in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o666, 0o644, 0o620])
def test_a_log_that_others_can_use_becomes_private_before_it_is_written_to(monkeypatch, mode):
    def broken(flags):
        raise ZeroDivisionError("odd")

    monkeypatch.setattr(app, "_dashboard", broken)
    log = Paths.of_user().log
    log.parent.mkdir(parents=True)
    log.write_text("before\n")
    log.chmod(mode)
    assert run("--demo").code == 1
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert log.read_text().startswith("before\n")
    assert "odd" in log.read_text()


@pytest.mark.parametrize("kind", ["link", "queue"])
def test_a_log_that_is_no_file_of_the_user_is_not_written_to(monkeypatch, tmp_path, kind):
    def broken(flags):
        raise ZeroDivisionError("odd")

    monkeypatch.setattr(app, "_dashboard", broken)
    log, other = Paths.of_user().log, tmp_path / "other"
    log.parent.mkdir(parents=True)
    other.write_text("kept")
    if kind == "link":
        log.symlink_to(other)
    else:
        os.mkfifo(log)
    ran = run("--demo")
    assert ran.code == 1
    assert f"and {log} cannot be written" in ran.err
    assert other.read_text() == "kept"


@pytest.mark.parametrize(
    ("error", "code"), [(KeyboardInterrupt(), 130), (click.Abort(), 130), (BrokenPipeError(), 0)]
)
def test_interruptions_end_calmly(monkeypatch, error, code):
    def stop(flags):
        raise error

    monkeypatch.setattr(app, "_dashboard", stop)
    monkeypatch.setattr("tui_numbers.cli.errors.silence", lambda _stream: None)
    ran = run("--demo")
    assert ran.code == code
    assert ran.err.strip() == ("stopped; nothing further was sent" if code else "")


@pytest.mark.slow
def test_a_reader_that_goes_away_is_no_error():
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "tui_numbers", "--demo", "--numbers", "60", "list"],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_a_locale_without_the_characters_gets_plain_ones():
    done = subprocess.run(
        [sys.executable, "-m", "tui_numbers", "--demo", "--numbers", "60", "list", "--format",
         "table"],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert b"\\u2014" not in done.stdout
    assert b" - " in done.stdout


def test_colours_go_only_to_a_terminal(monkeypatch):
    class Screen:
        def isatty(self):
            return True

    monkeypatch.setenv("TERM", "xterm")
    assert terminal.colours(Screen())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not terminal.colours(Screen())
    assert not terminal.colours(object())
