"""Commands whose standard streams are closed, full, or lost; never a traceback."""

import json
import os
import subprocess
import sys

import pytest

from tests.support.real_program import Program, operations, recorded
from tui_numbers.domain.operations import Outcome
from tui_numbers.sandbox.accounts import environment

LIST = "$TUI --demo --numbers 60 list --format csv"
RETARGET = "$TUI retarget +61255506170 --yes --to"
FULL = "standard output cannot be written: No space left on device\n"


def shell(script, **environ):
    """Run a script; return its exit code, and what came on its two streams."""
    done = subprocess.run(
        ["bash", "-c", script],
        env={**os.environ, "TUI": f"{sys.executable} -m tui_numbers", **environ},
        stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (f"{LIST} | head -1 | cut -c1-7; echo ${{PIPESTATUS[0]}}", (0, "account\n0\n", "")),
        (f"{LIST} >&-", (0, "", "")),
        (f"{LIST} >&- 2>&- <&-", (0, "", "")),
        (f"{LIST} >/dev/full", (1, "", FULL)),
        (f"{LIST} >/dev/full 2>/dev/full", (1, "", "")),
        ("$TUI --help >/dev/full", (1, "", FULL)),
        ("$TUI completion bash >&-", (0, "", "")),
        ("$TUI nonsense 2>/dev/full", (2, "", "")),
    ],
)
def test_a_stream_that_takes_nothing(script, expected):
    assert shell(script) == expected
    assert not recorded("errors.log")


@pytest.mark.parametrize(
    ("ends", "to"),
    [(">/dev/full", "+442079460901"), (">&-", "+442079460902"), ("2>&-", "+442079460903")],
)
def test_what_is_printed_decides_nothing_about_a_write(sandbox, ends, to):
    sandbox.fresh()
    code, _, told = shell(f"{RETARGET} phone:{to} {ends}", **environment())
    assert code == 0
    assert operations()[0].outcome is Outcome.VERIFIED
    assert (FULL[:-1] in told) is (ends == ">/dev/full")
    assert ("tui-numbers history" in told) is (ends == ">/dev/full")


@pytest.mark.parametrize(
    ("end", "to", "expected"),
    [
        ("SIGHUP", "+442079460911", 129),
        ("SIGTERM", "+442079460912", 143),
        ("line", "+442079460913", 129),
    ],
)
def test_a_write_whose_terminal_goes_is_recorded_all_the_same(sandbox, end, to, expected):
    sandbox.fresh()
    sandbox.hold("*:update", ":times=1")
    words = ("retarget", "+61255506170", "--to", f"phone:{to}", "--yes")
    with Program(sandbox, words=words) as program:
        program.shows("sending")
        if end == "line":
            program.hang_up()
        else:
            program.signal(end)
            program.shows("stopping: waiting until what was sent is read back")
        sandbox.let_go()
        assert program.ended() == expected
        assert end == "line" or program.is_sane()
    assert operations()[0].outcome is Outcome.VERIFIED
    assert not recorded("errors.log")


def test_an_encoding_that_lacks_characters():
    asked = "$TUI --demo --numbers 60 list --account us-desk --format "
    code, table, _ = shell(asked + "table", PYTHONIOENCODING="ascii")
    assert code == 0
    assert table.isascii()
    assert "Bjorn" in table
    code, records, _ = shell(asked + "json", PYTHONIOENCODING="ascii")
    assert code == 0
    assert records.isascii()
    assert any("Björn" in (row["name"] or "") for row in json.loads(records))


@pytest.mark.parametrize("script", ["TERM=dumb $TUI --demo", "TERM= $TUI --demo"])
def test_a_terminal_that_cannot_be_drawn_on(script):
    with Program(size=(300, 24), shell=f"{script}; echo ended $?") as program:
        program.shows("ended 2")
        assert "commands do the same: tui-numbers list" in program.text
        assert program.is_sane()
        assert b"\x1b" not in program.raw


@pytest.mark.parametrize("ends", ["2>&-", "2>/dev/null", ">&-", "<&-", "</dev/null"])
def test_a_dashboard_without_a_terminal_on_each_stream(ends):
    with Program(size=(300, 24), shell=f"$TUI --demo {ends}; echo ended $?") as program:
        program.shows("ended 2", "the dashboard")
        assert program.is_sane()
