"""The table as a person meets it: keys, mouse, lines and messages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from tests.support.frames import piloted
from tests.ui.table.table_host import Host
from tests.ui.table.table_rows import Row, numbered
from tui_numbers.ui.table import (
    Column,
    CursorMoved,
    MarksChanged,
    NearEnd,
    NumberTable,
    RowOpened,
    Sort,
)


@asynccontextmanager
async def running(app: Host, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
    async with piloted(app, size, draws=True) as pilot:
        await pilot.pause()
        yield pilot


def place(app: Host) -> int:
    return app.table.model.cursor


async def test_the_heading_and_the_first_page_are_shown() -> None:
    app = Host(numbered(100))
    async with running(app):
        lines = app.lines()
        assert lines[0].split() == ["Number", "Name", "Size", "Status"]
        assert lines[1].startswith("▌ +442000000000")
        assert lines[23].startswith("  +442000000022")


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["down", "j", "j", "k"], 2),
        (["up"], 0),
        (["pagedown"], 23),
        (["pagedown", "pagedown", "pageup"], 23),
        (["ctrl+d", "ctrl+d", "ctrl+u"], 11),
        (["end"], 99),
        (["G", "up"], 98),
        (["G", "g"], 0),
        (["end", "home", "down"], 1),
        (["pagedown"] * 9, 99),
    ],
)
@pytest.mark.slow_after(4)
async def test_keys_move_the_cursor(keys: list[str], expected: int) -> None:
    app = Host(numbered(100))
    async with running(app) as pilot:
        await pilot.press(*keys)
        assert place(app) == expected
        assert [line[:1] for line in app.lines()].count("▌") == 1
        assert app.last(CursorMoved).row == numbered(100)[expected] if expected else True


async def test_leaving_the_page_by_a_line_scrolls_half_a_page() -> None:
    app = Host(numbered(100))
    async with running(app) as pilot:
        await pilot.press(*["down"] * 22)
        assert app.table.top == 0
        await pilot.press("down")
        assert app.table.top == 11
        await pilot.press(*["up"] * 13)
        assert (place(app), app.table.top) == (10, 0)


async def test_a_move_inside_the_page_repaints_two_lines() -> None:
    app = Host(numbered(100))
    async with running(app) as pilot:
        await pilot.press("down")
        app.table.painted.clear()
        await pilot.press("down")
        assert sorted(y for lines in app.table.painted for y in lines) == [2, 3]


def alike(count: int, first: int = 0) -> list[Row]:
    """Rows whose names are of one width, so that no column moves for one of them."""
    return [replace(row, name=f"{row.name:_<9}") for row in numbered(count, first)]


async def test_what_changes_out_of_sight_repaints_nothing() -> None:
    app = Host(alike(100))
    async with running(app) as pilot:
        app.table.painted.clear()
        app.table.sync([*alike(60), Row("+4420" + "9" * 8, "new"), *alike(30, 70)])
        app.table.extend(alike(50, 200))
        app.table.extend([Row(alike(60)[50].number, "newer")])
        await pilot.pause()
        assert app.table.painted == []
        app.table.extend([Row(alike(60)[4].number, "newer")])
        assert app.table.painted == [range(5, 6)]


async def test_rows_that_come_above_leave_the_cursor_on_its_line() -> None:
    app = Host(numbered(50, 50))
    async with running(app) as pilot:
        await pilot.press(*["down"] * 5)
        app.table.sync(numbered(100))
        await pilot.pause()
        assert (place(app), app.table.top) == (55, 50)
        assert app.lines()[6].startswith("▌ +442000000055")


async def test_space_marks_and_goes_on() -> None:
    app = Host(numbered(10))
    async with running(app) as pilot:
        await pilot.press("space", "space", "up", "space")
        assert app.table.marked_rows == numbered(1)
        assert place(app) == 2
        assert app.lines()[1].startswith(" *+44")
        assert (app.last(MarksChanged).shown, app.last(MarksChanged).hidden) == (1, 0)


async def test_a_marks_all_shown_and_hidden_marks_are_told() -> None:
    app = Host(numbered(30))
    async with running(app) as pilot:
        app.table.set_filter("0002")
        await pilot.press("a")
        assert app.last(MarksChanged).shown == 11
        app.table.set_filter("00021")
        await pilot.press("space")
        assert (app.last(MarksChanged).shown, app.last(MarksChanged).hidden) == (0, 10)
        app.table.clear_marks()
        assert app.table.marked_rows == []


async def test_enter_opens_the_row_under_the_cursor() -> None:
    app = Host(numbered(10))
    async with running(app) as pilot:
        await pilot.press("down", "enter")
        assert app.last(RowOpened).row == numbered(10)[1]


async def test_a_click_moves_and_a_double_click_opens() -> None:
    app = Host(numbered(10))
    async with running(app) as pilot:
        await pilot.click(app.table, offset=(10, 4))
        assert place(app) == 3
        assert not [message for message in app.told if isinstance(message, RowOpened)]
        await pilot.click(app.table, offset=(10, 6), times=2)
        opened = [message for message in app.told if isinstance(message, RowOpened)]
        assert [message.row for message in opened] == [numbered(10)[5]]


async def test_a_click_on_the_cursor_opens_once_however_often() -> None:
    app = Host(numbered(10))
    async with running(app) as pilot:
        await pilot.click(app.table, offset=(10, 1), times=2)
        assert len([message for message in app.told if isinstance(message, RowOpened)]) == 1


async def test_a_click_on_nothing_does_nothing() -> None:
    app = Host(numbered(2))
    async with running(app) as pilot:
        await pilot.click(app.table, offset=(10, 20))
        assert place(app) == 0


async def test_a_click_on_a_title_sorts_and_again_turns_round() -> None:
    app = Host(numbered(10))
    async with running(app) as pilot:
        await pilot.click(app.table, offset=(3, 0))
        assert app.table.model.sort == Sort("number")
        assert "Number ▲" in app.lines()[0]
        await pilot.click(app.table, offset=(3, 0))
        assert app.table.model.sort == Sort("number", reverse=True)
        assert "Number ▼" in app.lines()[0]
        assert app.lines()[1].split()[0] == "+442000000009"
        await pilot.click(app.table, offset=(76, 0))
        assert app.table.model.sort == Sort("number", reverse=True)


async def test_sorting_goes_round_the_columns_shown() -> None:
    app = Host(numbered(10))
    async with running(app, (45, 10)):
        seen = []
        for _ in range(5):
            app.table.cycle_sort()
            seen.append(app.table.model.sort)
        both = [Sort(key, way) for key in ("number", "name") for way in (False, True)]
        assert seen == [*both, None]


async def test_the_wheel_scrolls_and_takes_the_cursor_along() -> None:
    app = Host(numbered(100))
    async with running(app) as pilot:
        await pilot._post_mouse_events(_wheel(down=True), app.table, offset=(5, 5), button=0)
        await pilot.pause()
        assert (app.table.top, place(app)) == (3, 3)
        await pilot._post_mouse_events(_wheel(down=False), app.table, offset=(5, 5), button=0)
        await pilot.pause()
        assert (app.table.top, place(app)) == (0, 3)


def _wheel(*, down: bool):
    from textual import events

    return [events.MouseScrollDown if down else events.MouseScrollUp]


async def test_near_the_end_is_told_once_for_each_count_of_rows() -> None:
    app = Host(numbered(100))
    async with running(app) as pilot:
        await pilot.press("down")
        assert not [message for message in app.told if isinstance(message, NearEnd)]
        await pilot.press("end", "up", "end")
        assert [m.total for m in app.told if isinstance(m, NearEnd)] == [100]
        app.table.extend(numbered(60, 100))
        await pilot.press("pagedown", "pagedown", "pagedown")
        assert [m.total for m in app.told if isinstance(m, NearEnd)] == [100, 160]


async def test_a_short_list_asks_for_more_only_when_someone_moves() -> None:
    app = Host(numbered(3))
    async with running(app) as pilot:
        assert not [message for message in app.told if isinstance(message, NearEnd)]
        await pilot.press("down")
        assert app.last(NearEnd).total == 3


async def test_matches_are_told_by_their_style() -> None:
    app = Host(numbered(30))
    async with running(app) as pilot:
        app.table.set_filter("0021")
        await pilot.pause()
        match = [segment for segment in app.table.render_line(1) if segment.text == "0021"]
        assert match
        assert match[0].style is not None
        assert match[0].style.underline


async def test_an_empty_table_says_why() -> None:
    app = Host(message="loading")
    async with running(app) as pilot:
        assert app.lines()[1].strip() == "loading"
        await pilot.press("down", "up", "pagedown", "end", "space", "a", "enter")
        app.table.sync(numbered(5))
        app.table.empty_message = "nothing matches"
        app.table.set_filter("zzz")
        assert app.lines()[1].strip() == "nothing matches"
        await pilot.pause()
        assert app.last(CursorMoved).row is None


async def test_columns_come_and_go_with_the_width() -> None:
    app = Host(numbered(5))
    async with running(app) as pilot:
        for width, count in ((80, 4), (60, 3), (40, 2), (16, 1), (3, 1), (120, 4)):
            await pilot.resize_terminal(width, 12)
            await pilot.pause()
            assert len(app.table._painter.shown_columns) == count
            app.lines()


@pytest.mark.slow
async def test_resizing_keeps_the_cursor_in_sight() -> None:
    app = Host(numbered(500))
    async with running(app) as pilot:
        await pilot.press("end", *["up"] * 20)
        for size in ((40, 5), (200, 60), (1, 1), (80, 2), (60, 20), (10, 3), (80, 24)) * 3:
            await pilot.resize_terminal(*size)
            await pilot.press("up")
            assert app.table.top <= place(app) < app.table.top + app.table.page
            app.lines()


HOSTILE = [
    "東京オフィス本社ビル受付",
    "e\u0301a\u0300" * 20,
    "[/] [b]bold[/b] [@click=app.quit]x[/]",
    "\x1b[2J\x07\x9b31m",
    "👩‍👩‍👧☎\ufe0f",
    "\u202eolleh\u2066",
    "tab\there\nline",
    "y" * 4000,
    "",
]


@pytest.mark.parametrize("width", [80, 41, 17, 5])
@pytest.mark.slow_after(1)
async def test_no_text_ever_moves_a_line_out_of_place(width: int) -> None:
    rows = [Row(f"+{at}", text, at, text) for at, text in enumerate(HOSTILE)]
    app = Host(rows)
    async with running(app, (width, 14)) as pilot:
        for text in ("", "東京", "e", "[b]", "y"):
            app.table.set_filter(text)
            await pilot.press("down", "space", "up")
            assert all(line.isprintable() for line in app.lines())


async def test_a_row_is_drawn_from_what_is_kept_until_it_differs() -> None:
    calls: list[str] = []

    def style(row: Row) -> str:
        calls.append(row.number)
        return ""

    app = Host(alike(3), [Column("name", "Name", 10, lambda row: row.name, style=style)])
    async with running(app) as pilot:
        app.lines()
        calls.clear()
        app.lines()
        assert calls == []
        app.table.extend([Row(numbered(3)[1].number, "newer")])
        assert app.lines()[2].strip() == "newer"
        assert set(calls) == {numbered(3)[1].number}
        app.theme = "textual-light"
        await pilot.pause()
        app.lines()
        assert len(calls) > 1


async def test_going_to_a_key_shows_it() -> None:
    app = Host(numbered(500))
    async with running(app) as pilot:
        assert app.table.move_to_key(numbered(500)[400].number)
        await pilot.pause()
        assert app.table.cursor_row == numbered(500)[400]
        assert app.table.top < 400 < app.table.top + app.table.page
        assert not app.table.move_to_key("no such key")


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "ansi-dark"])
@pytest.mark.slow_after(1)
async def test_the_cursor_is_told_without_colour_in_every_theme(theme: str) -> None:
    app = Host(numbered(5))
    async with running(app) as pilot:
        app.theme = theme
        await pilot.pause()
        for focused in (True, False):
            app.set_focus(app.table if focused else None)
            await pilot.pause()
            first = app.table.render_line(1)
            assert first.text.startswith("▌")
            assert all(segment.style is not None and segment.style.bold for segment in first)


def test_every_key_has_an_id_and_says_what_it_does() -> None:
    bindings = list(NumberTable._merged_bindings)
    ids = {binding.id for _, binding in bindings}
    assert None not in ids
    assert all(binding.description for _, binding in bindings)
    assert len({key for key, _ in bindings}) == len(bindings) == 15
