"""Without colours, what has the focus and what to beware of are told by the letters' look."""

import pytest

from tests.support.dashboard import dashboard, small_world
from tui_numbers.ui.frame import TitleBar
from tui_numbers.ui.views.search_form import CountryField


@pytest.fixture(autouse=True)
def _no_color(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")


def reversed_text(line):
    return "".join(part.text for part in line if part.style and part.style.reverse)


async def test_the_row_under_the_cursor_is_reversed_while_the_table_has_the_focus():
    async with dashboard() as seat:
        table = seat.owned.table
        await seat.press("down")
        assert [bool(reversed_text(table.render_line(y))) for y in (1, 2, 3)] == [0, 1, 0]
        await seat.press("slash")
        assert not reversed_text(table.render_line(2))


async def test_a_field_that_has_the_focus_is_underlined():
    async with dashboard() as seat:
        await seat.press("2")
        (field,) = seat.app.screen.query(CountryField)
        assert field.has_focus
        (line,) = [field.render_line(0)]
        assert all(part.style.underline for part in line if part.text.strip())


async def test_a_badge_stands_out():
    async with dashboard(small_world(read_only=True)) as seat:
        title = seat.app.main.query_one(TitleBar)
        assert reversed_text(title.render_line(0)) == " READ-ONLY "
