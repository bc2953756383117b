"""README.md: in order, true where it is made from the code, and complete by itself."""

import re

import pytest

from tests.cli.readme import PARTS, README, part

TEXT = README.read_text("utf-8")


@pytest.mark.parametrize("name", PARTS)
def test_what_is_made_from_the_code_is_as_the_code_has_it(name):
    assert part(name) == PARTS[name](), "run: python tests/cli/readme.py"


def test_the_order_is_that_in_which_a_reader_needs_it():
    assert re.findall(r"^## (.+)$", TEXT, re.MULTILINE) == [
        "Why", "Install", "60 seconds with the demo", "Keys", "Providers", "Accounts and secrets",
        "Configuration", "A team", "The command line", "Safety rules", "Speed", "Troubleshooting",
        "Development",
    ]  # fmt: skip
    assert TEXT.index("![") < TEXT.index("## Why")


def test_what_it_names_is_there():
    for path in re.findall(r"\]\(([^)#:]+)\)|`((?:tui_numbers|tests|\.ci)/[\w./-]+)`", TEXT):
        assert (README.parent / (path[0] or path[1])).exists(), path


@pytest.mark.parametrize("command", ["demo command", "test command"])
def test_the_two_commands_stand_where_the_checks_look(command):
    found = re.search(f"<!-- {command} -->\n```\n(.+)\n```\n<!-- /{command} -->", TEXT)
    assert found
    assert found[1].startswith("python3 -m venv .venv && .venv/bin/pip install")
