import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_numbers.cli.output import Column, cell_width, fit, table
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
