from dataclasses import replace

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.fake_provider import owned
from tests.support.operations import operation
from tui_numbers.cli.output import Column, cell_width, fit, operation_table, table
from tui_numbers.domain.numbers import Channel, Target
from tui_numbers.domain.operations import Outcome
from tui_numbers.services.export import csv_cell

COLUMNS = (
    Column[tuple[str, str, str]]("Number", lambda row: row[0]),
    Column[tuple[str, str, str]]("Name", lambda row: row[1], narrowest=6),
    Column[tuple[str, str, str]]("Note", lambda row: row[2], narrowest=4, optional=1),
)


@pytest.mark.parametrize(
    ("heading", "value", "cell"),
    [
        ("number", "+442079460000", "+442079460000"),
        ("name", "=1+1", "'=1+1"),
        ("name", "+44", "'+44"),
        ("name", "+442079460000", "'+442079460000"),
        ("number", "=1", "'=1"),
        ("name", "-x", "'-x"),
        ("name", "@x", "'@x"),
        ("name", "\tx", "'␉x"),
        ("name", "\rx", "'␍x"),
        ("name", "a=b", "a=b"),
        ("capabilities", ["voice", "sms"], "voice,sms"),
        ("read_only", True, "true"),
        ("name", None, ""),
    ],
)
def test_no_cell_is_a_formula(heading, value, cell):
    assert csv_cell(heading, value) == cell


def test_columns_stand_one_below_the_other_by_cells():
    shown = table(COLUMNS, [("+1", "日本", "a"), ("+44", "Ann", "b")], None)
    assert shown == "Number  Name  Note\n+1      日本  a\n+44     Ann   b\n"


def test_a_narrow_terminal_loses_optional_columns_then_cuts():
    rows = [("+442079460000", "A very long name indeed", "note")]
    assert table(COLUMNS, rows, 22) == "Number         Name\n+442079460000  A very…\n"
    wide = table(COLUMNS, rows, 40)
    assert all(cell_width(line) <= 40 for line in wide.splitlines())
    assert "Note" in wide


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"])), st.integers(1, 30))
def test_a_cell_takes_exactly_its_width(text, width):
    assert cell_width(fit(text, width)) == width


def test_control_characters_never_reach_the_terminal():
    shown = table(COLUMNS, [("+1", "\x1b[31mred\u202e", "a\nb")], None)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert shown.count("\n") == 2


def test_what_is_too_long_is_told_in_brief_and_keeps_its_end():
    shape = (
        Column[str](
            "Change", lambda row: f"calls: {row} -> {row}", narrowest=8, cut="middle",
            brief=lambda row: f"-> {row}",
        ),
    )  # fmt: skip
    assert table(shape, ["desk"], 19).splitlines()[1] == "calls: desk -> desk"
    assert table(shape, ["desk"], 10).splitlines()[1] == "-> desk"
    assert table(shape, ["phone +44 20 7946 0083"], 14).splitlines()[1] == "-> phone …0083"


def test_the_history_shows_what_was_changed_to_and_the_outcome_at_60_columns():
    before = owned()
    was, will = (
        replace(before, routing={Channel.VOICE: Target("phone", number)})
        for number in ("+442079460001", "+442079460083")
    )
    done = operation(before=was, requested=will, outcome=Outcome.VERIFIED)
    printed = click.unstyle(table(operation_table(), [done], 60))
    assert all(cell_width(line) <= 60 for line in printed.splitlines())
    assert "0083" in printed.splitlines()[1]
    assert "verified" in printed.splitlines()[1]
