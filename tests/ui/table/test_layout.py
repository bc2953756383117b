"""Columns take their width from what is in them, and give way in an order that people can bear."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.fake_provider import owned
from tui_numbers.domain.numbers import Channel, Target
from tui_numbers.ui.layout import (
    GAP,
    GUTTER,
    Column,
    Need,
    Wish,
    gains,
    lay_out,
    needs_of,
    spread_over,
)
from tui_numbers.ui.table.index import View
from tui_numbers.ui.text import fit
from tui_numbers.ui.views.table_layouts import owned_table

UUID = "5f2b7e1c-93aa-4b52-9d7e-c61f1f5b2a10"
TARGETS = (
    Target("application", UUID),
    Target("phone", "+442079460083"),
    Target("team", "TM1", "Customer Service"),
)


def held(**changes):
    """Numbers with names and targets of several lengths."""
    rows = [
        replace(
            owned(f"+4420794600{at:02}"),
            name=None if at % 3 else "Front desk of the Manchester office",
            account="customer-support",
            routing={Channel.VOICE: TARGETS[at % 3], Channel.SMS: None},
        )
        for at in range(30)
    ]
    return [replace(row, **changes) for row in rows]


def drawn(rows, width, wish=None):
    """The cells of each row, by the key of their column."""
    columns = owned_table()
    placed = lay_out(columns, width, needs_of(columns, rows[:20], rows, {}), wish or Wish())
    return [
        {
            one.column.key: fit(
                one.column.text(row, one.width), one.width, one.column.align, one.column.cut
            )
            for one in placed
        }
        for row in rows
    ]


@pytest.mark.parametrize("width", range(56, 201, 5))
def test_account_and_status_are_there_at_every_width(width):
    assert {"number", "target", "account", "status"} <= set(drawn(held(), width)[0])


@pytest.mark.parametrize("width", [58, 60, 80, 100, 120, 160])
def test_the_last_digits_of_a_target_are_legible_at_every_width(width):
    uuid, phone, _ = (row["target"].strip() for row in drawn(held(), width)[:3])
    assert uuid.startswith("app 5f2b")
    assert uuid.endswith(UUID[-4:])
    assert phone.startswith("phone +44")
    assert phone.endswith("0083")


def test_a_number_is_never_cut():
    for width in range(60, 200, 7):
        assert all("…" not in row["number"] for row in drawn(held(), width))


def test_a_column_that_no_row_has_a_value_for_gives_its_room_away():
    with_names, without = drawn(held(), 80)[0], drawn(held(name=None), 80)[0]
    assert "name" in with_names
    assert "name" not in without
    assert len(without["target"]) > len(with_names["target"])


def test_what_fits_is_not_cut():
    assert not any("…" in cell for row in drawn(held(), 200) for cell in row.values())


def test_the_sorted_column_is_there_and_keeps_its_name():
    columns = owned_table()
    needs = needs_of(columns, held(), held(), {})
    for key in ("country", "changed", "name", "number"):
        placed = lay_out(columns, 60, needs, Wish(sorted_by=key))
        (found,) = (one for one in placed if one.column.key == key)
        assert found.width >= len(found.column.title) + 2


def test_chosen_columns_stand_in_their_order_as_far_as_there_is_room():
    wish = Wish(chosen=("status", "changed", "number", "target"))
    assert list(drawn(held(), 120, wish)[0]) == ["status", "changed", "number", "target"]
    narrow = list(drawn(held(), 40, wish)[0])
    assert narrow[0] == "status"
    assert set(narrow) < set(wish.chosen)


def test_columns_that_nobody_knows_any_more_are_passed_over():
    assert list(drawn(held(), 80, Wish(chosen=("gone", "number")))[0]) == ["number"]
    assert "target" in drawn(held(), 80, Wish(chosen=("gone",)))[0]


def test_a_layout_stays_while_another_shows_no_more():
    columns = owned_table()
    long, short = held(), held(name="x")
    wide = needs_of(columns, long, long, {})
    narrow = needs_of(columns, short, short, {})
    now = lay_out(columns, 120, wide)
    assert not gains(now, lay_out(columns, 120, narrow), narrow)
    assert gains(lay_out(columns, 120, narrow), now, wide)


def test_some_rows_of_all_are_measured_however_many_there_are():
    assert len(spread_over(100_000)) < 60
    assert list(spread_over(3)) == [0, 1, 2]
    assert list(spread_over(0)) == []


def test_of_the_rows_that_a_filter_leaves_some_of_all_parts_are_measured():
    passing = bytes(at % 10 == 3 for at in range(1000))
    found = View(range(1000), passing).spread(10)
    assert found == [3, 103, 203, 303, 403, 503, 603, 703, 803, 903]
    assert View(range(1000), bytes(1000)).spread(10) == []
    assert View(range(999, -1, -1)).spread(4) == [999, 749, 499, 249]
    assert View(range(1000), bytes(at == 999 for at in range(1000))).spread(10) == [999]


@dataclass(frozen=True)
class Cells:
    texts: tuple[str, ...]


COLUMNS = st.lists(
    st.builds(
        lambda width, flex, optional, smallest: (width, flex, optional, smallest),
        st.integers(1, 20),
        st.integers(0, 5),
        st.integers(0, 4),
        st.sampled_from([0, 0, 60, 100]),
    ),
    min_size=1,
    max_size=9,
)
NEEDS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=9, max_size=9)


@given(COLUMNS, NEEDS, st.integers(1, 200), st.integers(0, 8))
def test_a_line_is_never_longer_than_the_table_whatever_is_in_it(shapes, needs, width, sorting):
    columns = [
        Column[Cells](
            f"c{at}",
            "Title"[: 1 + at % 5],
            least,
            lambda row: "",
            smallest=smallest,
            flex=flex,
            optional=optional,
        )
        for at, (least, flex, optional, smallest) in enumerate(shapes)
    ]
    known = {
        column.key: Need(min(need), max(need)) for column, need in zip(columns, needs, strict=False)
    }
    placed = lay_out(columns, width, known, Wish(sorted_by=f"c{sorting}"))
    assert placed
    at = GUTTER
    for one in placed:
        assert one.start == at
        at += one.width + GAP
    assert placed[-1].start + placed[-1].width <= max(width, GUTTER)
