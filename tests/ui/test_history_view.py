"""The history: a batch is one row that opens, and what was changed to is legible at every width."""

from dataclasses import replace

import pytest

from tests.support.dashboard import dashboard, many_world
from tests.support.operations import operation
from tests.ui.test_flows_recorded import _history, _retarget_marked
from tui_numbers.domain.operations import Outcome
from tui_numbers.providers.errors import NoAnswer, Rejected
from tui_numbers.ui.dialogs.confirm import ConfirmScreen
from tui_numbers.ui.dialogs.dialog import PageScreen
from tui_numbers.ui.views import history
from tui_numbers.ui.views.history import HistoryRow, outcomes_words, rows_of, rows_table


async def test_a_batch_is_one_row_that_opens_and_closes():
    async with dashboard(many_world(5), size=(100, 24)) as seat:
        await _retarget_marked(seat, 3)
        await _history(seat)
        await seat.shows("▸ 3 numbers", "3 verified", "app Night Desk")
        assert seat.app.main.open_view.table.total_count == 1
        await seat.press("enter")
        await seat.shows("▾ 3 numbers", "+44 7700 901000", "+44 7700 901002")
        assert seat.app.main.selection().batch
        await seat.press("down", "enter")
        await seat.dialog(PageScreen)
        await seat.press("escape")
        await seat.home()
        await seat.press("left")
        await seat.shows("▸ 3 numbers")
        assert seat.app.main.open_view.table.total_count == 1
        await seat.press("enter")
        await seat.shows("▾ 3 numbers")
        await seat.press("enter")
        await seat.shows("▸ 3 numbers")


async def test_a_batch_says_what_went_wrong_first_and_u_says_what_puts_it_back():
    async with dashboard(many_world(5), size=(100, 24)) as seat:
        fake = seat.world.fakes["uk-sms"]
        fake.refuses[fake.numbers[1].number] = Rejected("not now", account="uk-sms")
        await _retarget_marked(seat, 3)
        await _history(seat)
        await seat.shows("1 failed, 2 verified")
        await seat.press("u")
        await seat.until(lambda: "a batch of 3: U puts all of it back" in seat.status)
        await seat.press("U")
        await seat.dialog(ConfirmScreen)
        await seat.shows("Undo 2 numbers")


async def test_an_open_operation_brings_its_batch_to_the_top_and_s_settles_all_of_it():
    async with dashboard(many_world(6), size=(100, 24)) as seat:
        fake = seat.world.fakes["uk-sms"]
        for one in fake.numbers[:2]:
            fake.refuses[one.number] = NoAnswer("gone", account="uk-sms")
        await _retarget_marked(seat, 3)
        fake.refuses.clear()
        await _history(seat)
        await seat.shows("2 unknown, 1 verified")
        await seat.press("enter")
        await seat.shows("▾ 3 numbers")
        outcomes = [
            row.operation.outcome for row in seat.app.main.open_view.table.model.shown_rows()
        ]
        assert outcomes[1:] == [Outcome.UNKNOWN, Outcome.UNKNOWN, Outcome.VERIFIED]
        await seat.press("S")
        await seat.until(lambda: "0 of 2 settled" in seat.status)
        assert "stays unknown" in seat.status


async def test_the_filter_finds_a_batch_by_one_of_its_numbers():
    async with dashboard(many_world(5), size=(100, 24)) as seat:
        await _retarget_marked(seat, 3)
        await _history(seat)
        await seat.press("slash")
        await seat.type("901002")
        await seat.shows("▸ 3 numbers")
        await seat.type("9")
        await seat.shows("nothing matches")


async def test_operations_of_a_batch_stay_below_it_however_the_rows_are_sorted():
    async with dashboard(many_world(6), size=(120, 24)) as seat:
        await _retarget_marked(seat, 3)
        await _history(seat)
        operations = seat.operations()
        other = replace(operations[0], id="other", batch="b2", account="a-first")
        view = seat.app.main.open_view
        view.table.sync(rows_of([*operations, other], {operations[0].batch}))
        for key in ("number", "account", "outcome", "who"):
            for reverse in (False, True):
                view.table.sort_by(key, reverse=reverse)
                rows = view.table.model.shown_rows()
                at = next(place for place, row in enumerate(rows) if row.batch)
                assert [row.head is not None for row in rows[at + 1 : at + 4]] == [True] * 3


@pytest.mark.parametrize("width", [60, 80, 100, 120])
@pytest.mark.slow_after(2)
async def test_what_it_was_changed_to_and_the_outcome_are_legible_at_every_width(width):
    world = many_world(3)
    async with dashboard(world, size=(width, 24)) as seat:
        await seat.pick()
        await seat.press("y")
        await seat.until(lambda: seat.app.screen._results is not None)
        await seat.press("escape")
        await seat.home()
        await _history(seat)
        shown = await seat.shows("Night Desk", "verified")
        if width >= 110:
            assert "ann@bastion" in shown


async def test_a_batch_of_different_changes_says_so():
    async with dashboard(many_world(5)) as seat:
        await _retarget_marked(seat, 3)
        first, second, third = seat.operations()
        mixed = [first, second, replace(third, requested=third.before, outcome=Outcome.FAILED)]
        (row,) = rows_of(mixed, set())
        change, outcome = (
            next(one for one in rows_table() if one.key == key) for key in ("change", "outcome")
        )
        assert change.value(row) == "2 different changes"
        assert outcome.value(row) == "1 failed, 2 verified"
        assert outcome.style(row) == "bad"
        assert outcomes_words([first]) == "1 verified"
        assert rows_of([first], set()) == [HistoryRow(first)]


async def test_the_newest_page_comes_first_then_the_earlier_ones_and_later_only_what_is_new(
    monkeypatch,
):
    monkeypatch.setattr(history, "PAGE", 4)
    monkeypatch.setattr(history, "MOST", 8)
    world = many_world(3)
    journal = world.journal

    def done(name, outcome=Outcome.VERIFIED):
        journal.begin(operation(name, batch=name), None)
        journal.finish(name, outcome, None, None)

    done("old", Outcome.UNKNOWN)
    for at in range(10):
        done(f"a{at}")
    asked = []
    real = journal.operations

    def read(query):
        asked.append(query.limit)
        return real(query)

    monkeypatch.setattr(journal, "operations", read)
    async with dashboard(world) as seat:
        asked.clear()
        await _history(seat)
        await seat.until(lambda: asked == [4, 8])
        # What is open stands first, however old it is.
        await seat.until(lambda: _shown(seat) == ["old", *(f"a{at}" for at in range(9, 1, -1))])
        await seat.shows("9 newest operations", "1 unknown")
        done("b1")
        await seat.press("r")
        await seat.until(lambda: _shown(seat)[:3] == ["old", "b1", "a9"])
        assert asked == [4, 8, 4]
        assert len(_shown(seat)) == 10
        # So many at once are no continuation of what is shown.
        for at in range(5):
            done(f"c{at}")
        await seat.press("r")
        await seat.until(lambda: asked == [4, 8, 4, 4, 8])
        await seat.until(lambda: _shown(seat)[1:7] == ["c4", "c3", "c2", "c1", "c0", "b1"])


def _shown(seat):
    return [row.operation.id for row in seat.app.main.open_view.table.model.shown_rows()]
