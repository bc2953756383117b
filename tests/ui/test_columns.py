"""Columns, sorting, detail and theme are chosen by keys and mouse, and kept for the next start."""

import tomllib
from dataclasses import replace

import pytest
from textual.widgets import OptionList

from tests.support.dashboard import dashboard, ready, small_world, vonage
from tui_numbers.services.config import Config, UiConfig
from tui_numbers.services.config_keys import THEMES as THEME_NAMES
from tui_numbers.services.config_keys import UI
from tui_numbers.ui.detail_pane import DetailPane, DetailScreen
from tui_numbers.ui.dialogs.confirm import ConfirmScreen
from tui_numbers.ui.dialogs.dialog import PageScreen
from tui_numbers.ui.dialogs.picker import ColumnsScreen, PickerScreen
from tui_numbers.ui.frame import TitleBar, VerbBar
from tui_numbers.ui.themes import THEMES, starting_theme


def shown(seat):
    return [column.key for column in seat.app.main.open_view.table.shown_columns]


def preferring(**ui):
    return small_world(config=Config(ui=UiConfig(**ui)))


async def written(seat):
    """What stands in the file once everything is written."""
    await seat.app.preferences.finish()
    path = seat.app.session.paths.config_file
    return path.read_text() if path.exists() else ""


async def test_columns_are_hidden_moved_and_kept():
    async with dashboard(size=(120, 30)) as seat:
        await seat.press("z", "C")
        await seat.dialog(ColumnsScreen)
        await seat.press("space", "j", "space", "greater_than_sign", "k", "k", "space", "enter")
        await seat.home()
        await seat.until(lambda: shown(seat)[:2] == ["number", "target"])
        assert "name" not in shown(seat)
        assert "detail = false" in await written(seat)
        assert 'columns = ["number", "target", ' in await written(seat)


async def test_escape_leaves_the_columns_as_they_were():
    async with dashboard() as seat:
        before = shown(seat)
        await seat.press("C")
        await seat.dialog(ColumnsScreen)
        await seat.press("space", "down", "space", "escape")
        await seat.home()
        assert shown(seat) == before
        assert await written(seat) == ""


async def test_the_usual_columns_come_back_and_nothing_is_kept_of_them():
    async with dashboard(preferring(columns=("status", "number"))) as seat:
        assert shown(seat) == ["status", "number"]
        await seat.press("C")
        await seat.dialog(ColumnsScreen)
        await seat.press("u", "enter")
        await seat.home()
        await seat.until(lambda: "target" in shown(seat))
        assert "columns" not in await written(seat)


async def test_the_last_column_stays():
    async with dashboard(preferring(columns=("number",))) as seat:
        await seat.press("C")
        screen = await seat.dialog(ColumnsScreen)
        await seat.press("space")
        await seat.shows("one column stays")
        assert screen._chosen == ("number",)


async def test_what_has_no_room_or_no_value_says_so():
    world = small_world()
    async with dashboard(world, size=(60, 20)) as seat:
        await seat.press("C")
        await seat.dialog(ColumnsScreen)
        await seat.shows("SMS goes to  no room here")
        await seat.press("escape")
        await seat.home()
        await seat.press("slash")
        await seat.type("uk-sms")
        await seat.press("enter", "C")
        await seat.dialog(ColumnsScreen)
        await seat.shows("Name  empty here")


async def test_an_unknown_column_is_said_and_passed_over():
    async with dashboard(preferring(columns=("numbr", "status"), sort="-acount")) as seat:
        assert shown(seat) == ["status"]
        await seat.press("at")
        await seat.shows("columns: no column 'numbr'; did you mean 'number'?")
        await seat.shows("sort: no column 'acount'; did you mean 'account'?")


async def test_sorting_is_kept_and_turned_round():
    async with dashboard() as seat:
        await seat.press("s", "I")
        assert "Number ▼" in seat.text
        assert 'sort = "-number"' in await written(seat)
        await seat.press("I")
        assert "Number ▲" in seat.text
        await seat.press("s", "s", "s", "s")
        assert "sort" in await written(seat)


async def test_turning_round_what_is_not_sorted_begins_with_the_first_column():
    async with dashboard() as seat:
        await seat.press("I")
        assert "Number ▼" in seat.text


async def test_a_kept_sort_is_there_at_the_start_and_shows_its_column():
    async with dashboard(preferring(sort="-changed")) as seat:
        assert "Changed ▼" in seat.text
        assert shown(seat)[-1] == "changed"


async def test_a_kept_sort_puts_the_cursor_on_what_comes_first_of_rows_that_are_there_already():
    async with dashboard(preferring(sort="-number")) as seat:
        table = seat.owned.table
        table.sort_by(None)
        table.action_first()
        assert table.cursor_row.number == "+12125550100"
        seat.app.preferences.apply("owned", table)
        assert table.model.cursor == 0
        assert table.cursor_row.number == "+61491570110"


async def test_a_heading_that_is_clicked_sorts_and_again_the_other_way_round():
    async with dashboard() as seat:
        table = seat.owned.table
        at = next(one for one in table._painter._placed if one.column.key == "account")
        await seat.pilot.click(table, offset=(at.start + 1, 0))
        assert "Account ▲" in seat.text
        await seat.pilot.click(table, offset=(at.start + 1, 0))
        assert "Account ▼" in seat.text
        assert 'sort = "-account"' in await written(seat)


async def test_a_tab_that_is_clicked_opens_its_view():
    async with dashboard() as seat:
        bar = seat.app.main.query_one(TitleBar)
        for view in ("history", "available", "owned"):
            cells = next(cells for cells, name in bar.tabs if name == view)
            await seat.pilot.click(bar, offset=(cells.start + 1, 0))
            await seat.until(lambda view=view: seat.app.main.view == view)


async def test_a_verb_of_the_footer_that_is_clicked_does_what_its_key_does():
    async with dashboard() as seat:
        bar = seat.app.main.query_one(VerbBar)
        text = bar.render().plain
        await seat.pilot.click(bar, offset=(text.index("/ filter") + 3, 0))
        await seat.until(lambda: seat.app.focused is seat.owned.filter_input())
        await seat.pilot.click(bar, offset=(text.index("? help") + 1, 0))
        page = await seat.dialog(PageScreen)
        assert "Shift and drag select text" in page._text.plain


async def test_the_mouse_alone_sends_calls_elsewhere_and_gets_out_of_every_dialog():
    async with dashboard() as seat:
        bar = seat.app.main.query_one(VerbBar)
        verb = bar.render().plain.index("t retarget")
        await seat.pilot.click(bar, offset=(verb + 1, 0))
        picker = await seat.dialog(PickerScreen)
        await seat.pilot.click(picker, offset=(0, 0))
        await seat.home()
        await seat.pilot.click(bar, offset=(verb + 1, 0))
        picker = await seat.dialog(PickerScreen)
        await seat.until(lambda: len(picker._choices) > 1)
        await seat.pilot.click(picker.query_one(OptionList), offset=(4, 0))
        confirm = await seat.dialog(ConfirmScreen)
        await seat.pilot.click("#send")
        await seat.shows("verified", "any key closes")
        await seat.pilot.click(confirm.query_one(".dialog-verdict"), offset=(1, 0))
        await seat.home()
        assert len(seat.operations()) == 1


async def test_the_detail_is_hidden_and_opens_as_a_screen_then():
    async with dashboard(size=(120, 30)) as seat:
        narrow = seat.owned.table.size.width
        await seat.press("z")
        await seat.until(lambda: seat.owned.table.size.width > narrow)
        assert "detail = false" in await written(seat)
        await seat.press("enter")
        await seat.until(lambda: isinstance(seat.app.screen, DetailScreen))
        await seat.press("escape")
        await seat.home()
        await seat.press("z")
        await seat.until(lambda: seat.owned.table.size.width == narrow)
        await seat.press("enter")
        assert isinstance(seat.app.focused, DetailPane)
        await seat.press("z")
        assert seat.app.focused is seat.owned.table


async def test_without_room_for_the_detail_the_key_says_where_it_is():
    async with dashboard() as seat:
        await seat.press("z")
        assert "from 100 columns on" in seat.status
        assert await written(seat) == ""


async def test_a_hidden_detail_stays_hidden_at_the_next_start():
    async with dashboard(preferring(detail=False), size=(120, 30)) as seat:
        assert seat.owned.table.size.width == 120


async def test_the_theme_that_is_chosen_is_the_next_one_s():
    async with dashboard(preferring(theme="numbers-light")) as seat:
        assert seat.app.theme == "numbers-light"
        await seat.press("T")
        assert f'theme = "{seat.app.theme}"' in await written(seat)


async def test_what_cannot_be_kept_is_said():
    async with dashboard() as seat:
        path = seat.app.session.paths.config_file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("[ui\n")
        await seat.press("T")
        await seat.until(lambda: "kept for this session only" in seat.status)
        assert path.read_text() == "[ui\n"


async def test_the_demo_keeps_nothing_on_disk():
    world = small_world(demo=True)
    async with dashboard(world) as seat:
        await seat.press("T", "s")
        assert await written(seat) == ""
        assert seat.app.session.config.ui.theme == seat.app.theme


def test_the_themes_that_the_configuration_takes_are_those_that_there_are():
    assert tuple(theme.name for theme in THEMES) == THEME_NAMES


def test_no_colours_are_chosen_where_none_are_wanted():
    assert starting_theme({"NO_COLOR": "1"}, "numbers-light") == "numbers-16"
    assert starting_theme({"TERM": "vt100"}, "numbers-light") == "numbers-light"
    assert starting_theme({"TERM": "vt100"}) == "numbers-16"


async def test_accounts_are_asked_again_by_themselves_and_unchanged_rows_draw_nothing(monkeypatch):
    async with dashboard(preferring(refresh_seconds=300)) as seat:
        timers = []
        monkeypatch.setattr(seat.owned, "set_timer", lambda *asked: timers.append(asked))
        status, lines = seat.status, seat.lines[2:-2]
        fake = seat.world.fakes["uk-sms"]
        before = fake.listings
        fake.close("owned")
        seat.owned._ask_again()
        await seat.until(lambda: fake.listings > before)
        await seat.pilot.pause()
        assert seat.status == status
        seat.owned._ask_again()
        assert fake.listings == before + 1
        fake.open("owned")
        await seat.until(lambda: not seat.owned.store.loading)
        assert (seat.status, seat.lines[2:-2]) == (status, lines)
        assert timers[0] == (300, seat.owned._ask_again)


async def test_what_asking_again_finds_is_shown_and_a_failure_is_told():
    world = preferring(refresh_seconds=300)
    async with dashboard(world) as seat:
        world.fakes["uk-sms"].numbers.append(vonage("+447700900002"))
        seat.owned._ask_again()
        await ready(seat)
        assert seat.owned.table.total_count == 7


async def test_nobody_is_asked_again_unless_that_is_wanted(monkeypatch):
    async with dashboard() as seat:
        timers = []
        monkeypatch.setattr(seat.owned, "set_timer", lambda *asked: timers.append(asked))
        seat.owned._ask_later()
        assert timers == []


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
@pytest.mark.slow_after(2)
async def test_the_sorted_column_keeps_its_name_at_every_width(width):
    world = small_world()
    world.fakes["uk-sms"].numbers[0] = replace(vonage("+447700906170"), name="Front desk " * 9)
    async with dashboard(world, size=(width, 24)) as seat:
        for title in ("Number", "Calls go to", "Account", "Status"):
            column = next(one for one in seat.owned.table.columns if one.title == title)
            seat.owned.table.sort_by(column.key)
            await seat.pilot.pause()
            assert f"{title} ▲" in seat.text


async def test_the_columns_that_the_reference_gives_as_examples_are_columns_of_their_views():
    async with dashboard(size=(120, 30)) as seat:
        for key in UI:
            view, _, what = key.key.rpartition("_")
            if what not in ("columns", "sort"):
                continue
            await seat.app.main.action_view(view or "owned")
            table = seat.app.main.open_view.table
            example = tomllib.loads(f"example = {key.example}")["example"]
            words = [example.removeprefix("-")] if isinstance(example, str) else example
            assert set(words) <= {column.key for column in table.columns}, key.key
