"""The state of a table, apart from any screen."""

import asyncio
import threading
from dataclasses import replace

import pytest

from tests.ui.table.table_rows import COLUMNS, Row, hay_of, key_of, numbered
from tui_numbers.domain.haystacks import BLOCK_ROWS
from tui_numbers.ui.table import Change, Sort, TableModel


def model_of(rows: list[Row]) -> TableModel[Row]:
    model: TableModel[Row] = TableModel(COLUMNS, key_of, hay_of)
    model.sync(rows)
    return model


def names(model: TableModel[Row]) -> list[str]:
    return [row.name for row in model.shown_rows()]


A, B, C, D = (Row(f"+1200000000{at}", name) for at, name in enumerate("abcd"))


def test_rows_stand_as_they_came() -> None:
    model = model_of([B, A, C])
    assert names(model) == ["b", "a", "c"]
    assert model.cursor_row == B


def test_a_new_set_of_rows_tells_what_differs() -> None:
    model = model_of([A, B, C])
    newer = Row(B.number, "newer")
    assert model.sync([newer, C, D]) == Change((D.number,), (B.number,), (A.number,))
    assert not model.sync([newer, C, D])


def test_equal_rows_stay_the_same_objects() -> None:
    model = model_of([A, B])
    model.sync([Row(A.number, "a"), B])
    assert model.row_at(0) is A


def test_of_two_rows_with_one_key_the_later_counts() -> None:
    model = model_of([A, B, Row(A.number, "later")])
    assert names(model) == ["later", "b"]


def test_before_anyone_moves_the_cursor_stays_on_top() -> None:
    model = model_of([B, C])
    model.sort_by("name")
    assert model.cursor_key == B.number
    fresh = model_of([B, C])
    fresh.sync([A, B, C])
    assert fresh.cursor_key == A.number


def test_once_moved_the_cursor_stays_on_its_row() -> None:
    model = model_of([A, B, C])
    model.move_to(1)
    model.sync([D, C, B, A])
    assert (model.cursor, model.cursor_key) == (2, B.number)
    model.sort_by("name", reverse=True)
    assert model.cursor_key == B.number
    model.extend(numbered(5))
    assert model.cursor_key == B.number


def test_when_its_row_goes_the_cursor_falls_to_the_next() -> None:
    model = model_of([A, B, C, D])
    model.move_to(1)
    model.sync([A, D])
    assert model.cursor_key == D.number
    model.sync([A])
    assert model.cursor_key == A.number
    model.sync([])
    assert (model.cursor_key, model.cursor_row, model.cursor) == (None, None, 0)


def test_when_the_filter_hides_its_row_the_cursor_falls_to_the_next() -> None:
    model = model_of(numbered(30))
    model.move_to(12)
    model.set_filter("0002")
    assert model.cursor_row == numbered(30)[20]
    model.set_filter("")
    assert model.cursor_row == numbered(30)[20]


def test_a_filter_that_finds_nothing_loses_no_place() -> None:
    model = model_of(numbered(30))
    model.move_to(12)
    model.set_filter("nothing at all")
    assert model.cursor_row is None
    model.set_filter("")
    assert model.cursor_row == numbered(30)[12]


def test_none_sorts_last_both_ways_and_equals_keep_their_order() -> None:
    rows = [Row("+1", "x", 2), Row("+2", "none"), Row("+3", "y", 1), Row("+4", "z", 2)]
    model = model_of(rows)
    model.sort_by("size")
    assert names(model) == ["y", "x", "z", "none"]
    model.sort_by("size", reverse=True)
    assert names(model) == ["x", "z", "y", "none"]
    model.sort_by(None)
    assert names(model) == ["x", "none", "y", "z"]


def test_a_column_that_does_not_sort_leaves_rows_as_they_came() -> None:
    model = model_of([B, A])
    assert not model.sort_by("status")
    assert not model.sort_by("no such column")
    assert names(model) == ["b", "a"]


def test_marks_follow_their_rows_and_tell_how_many_are_hidden() -> None:
    model = model_of([A, B, C])
    model.toggle_mark(A.number)
    model.toggle_mark(B.number)
    model.set_filter("b")
    assert (model.marks.shown, model.marks.hidden) == (1, 1)
    assert model.marked_rows() == [A, B]
    model.sync([B, C])
    assert (model.marks.shown, model.marks.hidden) == (1, 0)
    now = replace(B, name="bb")
    model.sync([now, C])
    assert model.marked_rows() == [now]


def test_marking_all_marks_what_is_shown_then_clears_it() -> None:
    model = model_of([A, B, C])
    model.toggle_mark(C.number)
    model.set_filter("!0002")
    model.toggle_shown()
    assert model.marked_rows() == [A, B, C]
    model.toggle_shown()
    assert model.marked_rows() == [C]


def test_a_key_that_is_not_there_cannot_be_marked_or_moved_to() -> None:
    model = model_of([A])
    model.toggle_mark("no such key")
    assert not len(model.marks)
    assert not model.move_to_key("no such key")
    model.set_filter("zzz")
    assert not model.move_to_key(A.number)


def test_one_row_is_brought_up_to_date_in_its_place() -> None:
    model = model_of([A, B])
    model.sort_by("name")
    assert model.extend([Row(A.number, "zebra")])
    assert names(model) == ["b", "zebra"]
    assert not model.extend([Row(A.number, "zebra")])


def test_a_row_that_stops_matching_leaves_the_view() -> None:
    model = model_of([A, B])
    model.set_filter("active")
    assert model.extend([Row(A.number, "other", None, "pending")])
    assert names(model) == ["b"]


def test_a_page_brings_new_rows_and_newer_states() -> None:
    model = model_of([A, B])
    model.sort_by("name", reverse=True)
    change = model.extend([Row(A.number, "z"), C, C])
    assert change == Change((C.number,), (A.number,), ())
    assert names(model) == ["z", "c", "b"]
    assert not model.extend([C])


async def test_a_filter_that_is_typed_while_rows_are_prepared_aside_finds_the_right_ones() -> None:
    begun, go_on = threading.Event(), threading.Event()
    rows = numbered(BLOCK_ROWS + 300)

    def slowly(row: Row) -> str:
        aside = threading.current_thread() is not threading.main_thread()
        if aside and row is rows[BLOCK_ROWS + 100]:
            begun.set()
            go_on.wait(10)
        return hay_of(row)

    model: TableModel[Row] = TableModel(COLUMNS, key_of, slowly)
    model.sync(rows)
    aside = asyncio.create_task(asyncio.to_thread(model.prepare, rows))
    await asyncio.to_thread(begun.wait, 10)
    model.set_filter("12")
    shown = names(model)
    go_on.set()
    ready = await aside
    model.set_filter("7")
    assert names(model) == [row.name for row in rows if "7" in row.number + row.name]
    model.set_filter("12")
    assert names(model) == shown
    model.sync(ready)
    assert names(model) == shown


@pytest.mark.parametrize("meanwhile", ["extend", "update", "sync", "sort", "nothing"])
def test_rows_prepared_aside_fit_whatever_happened_meanwhile(meanwhile: str) -> None:
    model = model_of([A, B])
    ready = model.prepare([B, C])
    match meanwhile:
        case "extend":
            model.extend([D])
        case "update":
            model.extend([Row(B.number, "newer")])
        case "sync":
            model.sync([D])
        case "sort":
            model.sort_by("name", reverse=True)
    before = {row.number: row for row in model.shown_rows()}
    change = model.sync(ready)
    after = {row.number: row for row in model.shown_rows()}
    assert after == {B.number: B, C.number: C}
    assert set(change.added) == after.keys() - before.keys()
    assert set(change.removed) == before.keys() - after.keys()
    assert set(change.changed) == {
        key for key in after.keys() & before if after[key] != before[key]
    }


MANY = [
    Row(f"+44{at * 7919 % 100_003:06}", f"name {at % 300}", None if at % 11 == 0 else at * 31 % 997)
    for at in range(20_000)
]


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("key", ["number", "name", "size"])
@pytest.mark.slow_after(2)
async def test_many_rows_sorted_beside_the_event_loop_stand_in_their_order(
    key: str, reverse: bool
) -> None:
    model = model_of(MANY)
    await asyncio.to_thread(model.order_ahead, Sort(key, reverse))
    model.sort_by(key, reverse=reverse)
    value = next(column.sort_key for column in COLUMNS if column.key == key)
    assert value is not None
    known = [row for row in MANY if value(row) is not None]
    unknown = [row for row in MANY if value(row) is None]
    assert model.shown_rows() == sorted(known, key=value, reverse=reverse) + unknown


@pytest.mark.parametrize("key", [None, "name"])
def test_many_rows_are_found_at_their_positions(key: str | None) -> None:
    model = model_of(MANY)
    model.sort_by(key)
    for text in ("1", "name 12", "!7", "zzz", ""):
        model.set_filter(text)
        shown = model.shown_rows()
        assert len(shown) == model.shown_count
        for position in range(0, len(shown), 777):
            assert model.row_at(position) is shown[position]
            assert model.move_to_key(shown[position].number)
            assert model.cursor == position
        if shown:
            assert model.row_at(len(shown) - 1) is shown[-1]


async def test_an_order_made_for_other_rows_is_not_used() -> None:
    model = model_of([B, A])
    await asyncio.to_thread(model.order_ahead, Sort("name"))
    model.sync([D, C, B, A])
    model.sort_by("name")
    assert names(model) == ["a", "b", "c", "d"]
    await asyncio.to_thread(model.order_ahead, Sort("name", reverse=True))
    model.extend([Row(A.number, "z")])
    model.sort_by("name", reverse=True)
    assert names(model) == ["z", "d", "c", "b"]
