"""What is seen is written to a file, or copied as text."""

import csv
import json

import pytest

from tests.support.dashboard import dashboard, many_world
from tests.ui.test_flows_recorded import _history, _retarget_marked
from tui_numbers.ui.dialogs.dialog import AskScreen, LineScreen
from tui_numbers.ui.flows.export import Seen


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


async def write(seat, name):
    await seat.press("w")
    await seat.dialog(LineScreen)
    await seat.type(name)
    await seat.press("enter")


async def test_what_the_filter_leaves_is_written_as_csv_whose_first_column_holds_numbers(here):
    async with dashboard() as seat:
        await seat.press("slash", *"uk-sms", "enter")
        await write(seat, "out.csv")
        await seat.until(lambda: "wrote 3 rows of owned" in seat.status)
    heading, *rows = csv.reader((here / "out.csv").read_text().splitlines())
    assert heading[:3] == ["Number", "Name", "Calls go to"]
    assert [row[0] for row in rows] == ["+442079460123", "+447700900001", "+447700906170"]
    assert rows[0][2] == "app Support IVR"


async def test_of_what_is_seen_the_marked_are_written(here):
    async with dashboard() as seat:
        await seat.press("slash", *"uk-sms", "enter", "space")
        await write(seat, "out.json")
        await seat.until(lambda: "wrote 1 row of owned" in seat.status)
    (record,) = json.loads((here / "out.json").read_text())
    assert record["number"] == "+442079460123"
    assert record["routing"]["voice"]["label"] == "Support IVR"


async def test_a_name_is_offered_and_its_ending_is_explained(here):
    async with dashboard() as seat:
        await seat.press("w")
        screen = await seat.dialog(LineScreen)
        assert screen.query_one("Input").value.startswith("owned-2")
        await seat.type("out.txt")
        await seat.press("enter")
        await seat.shows("end the name in .csv, .json or .md")
        await seat.press("escape")
        await seat.home()
    assert not list(here.iterdir())


async def test_a_file_that_is_there_is_replaced_only_when_asked(here):
    (here / "out.md").write_text("mine")
    async with dashboard() as seat:
        await write(seat, "out.md")
        await seat.dialog(AskScreen)
        await seat.press("n")
        await seat.dialog(LineScreen)
        assert (here / "out.md").read_text() == "mine"
        await seat.press("enter")
        await seat.dialog(AskScreen)
        await seat.press("y")
        await seat.until(lambda: "wrote 6 rows" in seat.status)
    assert (here / "out.md").read_text().startswith("| Number |")


async def test_history_is_written_as_well(here):
    async with dashboard() as seat:
        await seat.press("slash", *"906170", "enter")
        await seat.pick()
        await seat.press("y")
        await seat.shows("verified")
        await seat.press("escape", "3")
        await seat.until(lambda: seat.app.main.selection().operation is not None)
        await write(seat, "out.csv")
        await seat.until(lambda: "wrote 1 row of history" in seat.status)
    assert "+447700906170" in (here / "out.csv").read_text()


async def test_what_is_seen_is_copied_as_text(monkeypatch):
    async with dashboard() as seat:
        copied = []
        monkeypatch.setattr(seat.app, "_to_clipboard", lambda text: copied.append(text) or True)
        await seat.press("slash", *"uk-sms", "enter", "Y")
        await seat.until(lambda: copied)
        lines = copied[0].splitlines()
        assert lines[0].startswith("Number ")
        assert lines[1].startswith("+44 20 7946 0123")
        assert "3 rows of owned sent to the terminal's clipboard" in seat.status
        await seat.press("space", "space", "y")
        assert copied[1].split() == ["+442079460123", "+447700900001"]
        assert "2 numbers sent" in seat.status


async def test_a_batch_in_the_history_is_written_as_its_operations(here):
    async with dashboard(many_world(5)) as seat:
        await _retarget_marked(seat, 3)
        await _history(seat)
        for folded in (True, False):
            view = seat.app.main.open_view
            rows = view.exported_rows()
            assert len(rows) == 3
            seen = Seen("history", view.table.exported_columns, rows, view.subject_of)
            records = json.loads(seen.text(".json"))
            assert sorted(one["operation"] for one in records) == sorted(
                one.id for one in seat.operations()
            )
            assert "+447700901001" in seen.text(".csv")
            if folded:
                await seat.press("enter")
                await seat.shows("▾ 3 numbers")


async def test_every_view_that_shows_rows_can_be_written(here):
    async with dashboard() as seat:
        for key in ("4", "0"):
            await seat.press(key)
            await seat.until(lambda: seat.app.main.open_view.table.shown_count)
            await write(seat, f"view{key}.json")
            await seat.until(lambda: "wrote " in seat.status)
    assert all(json.loads(path.read_text()) for path in here.iterdir())
    assert len(list(here.iterdir())) == 2
