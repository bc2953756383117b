"""Help that is written down is the help of the commands, and loads none of them."""

import subprocess
import sys

import pytest

from tui_numbers.cli import help_pages
from tui_numbers.cli.help_pages import page_for, path_of, written


@pytest.fixture(autouse=True)
def _eighty(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


def test_every_page_says_what_its_command_says():
    stale = [
        " ".join(names) or "tui-numbers"
        for names, text in written()
        if page_for([*names, "--help"]) != text
    ]
    assert not stale, "python -m tui_numbers.cli.help_pages writes them"


def test_no_page_is_left_of_a_command_that_is_gone():
    from pathlib import Path

    kept = {Path(path_of(names)) for names, _ in written()}
    assert set(Path(help_pages.FOLDER).iterdir()) == kept


@pytest.mark.parametrize(
    "arguments",
    [[], ["list"], ["--demo", "--help"], ["no", "-h"], ["../list", "-h"], ["x" * 300, "-h"]],
)
def test_anything_else_is_left_to_the_commands(arguments):
    assert page_for(arguments) is None


def test_a_narrow_terminal_gets_help_of_its_own_width(monkeypatch):
    monkeypatch.setenv("COLUMNS", "79")
    assert page_for(["list", "-h"]) is None


def test_showing_a_page_loads_no_command():
    program = """
import sys
sys.argv = ["tui-numbers", "accounts", "add", "--help"]
from tui_numbers.__main__ import main
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "Usage: tui-numbers accounts add" in done.stdout
    assert {"click", "asyncio", "dataclasses"}.isdisjoint(done.stderr.split())
