"""Keys in any order, at any size: nothing breaks, and nothing is bought unasked."""

import asyncio
import random

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.support.dashboard import account, dashboard, many_world, ready, small_world
from tui_numbers.domain.operations import Action
from tui_numbers.ui.dialogs.confirm import ConfirmScreen
from tui_numbers.ui.views.owned import OwnedView

KEYS = (
    *"123tebuUXyYnavrsSRgGjk 0619/:?@TA",
    *("enter", "escape", "tab", "shift+tab", "up", "down", "left", "right", "pagedown", "pageup"),
    *("home", "end", "ctrl+s", "ctrl+t", "ctrl+d", "ctrl+u", "ctrl+p", "backspace"),
)  # fmt: skip
SIZES = ((80, 24), (120, 40), (60, 20), (60, 15), (40, 10), (200, 50), (99, 24), (100, 24))


class Confirmed:
    """Keeps which purchases and releases a person was asked about, and answered."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        sent = ConfirmScreen._run

        async def run(screen, answers):
            question = screen._question
            assert screen.shown
            assert not question.forbidden
            if question.type_this:
                typed = screen.query_one("#typed").value.strip()
                assert typed == question.type_this
            self.asked.append(question.verb)
            await sent(screen, answers)

        monkeypatch.setattr(ConfirmScreen, "_run", run)

    def covers(self, operations) -> None:
        """Every purchase and release has a confirmation of its own."""
        for action, verb in ((Action.BUY, "Buy"), (Action.RELEASE, "Release")):
            done = [one for one in operations if one.action is action]
            assert len(done) <= self.asked.count(verb)


_burst = st.lists(st.sampled_from(KEYS), min_size=1, max_size=12)
_step = st.one_of(_burst, st.sampled_from(SIZES))


@seed(20_26)
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(steps=st.lists(_step, min_size=3, max_size=10))
def test_any_keys_in_any_order(steps):
    with pytest.MonkeyPatch.context() as monkeypatch:
        confirmed = Confirmed(monkeypatch)
        asyncio.run(mash(steps, confirmed))


async def mash(steps, confirmed):
    world = small_world()
    async with dashboard(world, draws=True) as seat:
        monkeypatched = seat.app
        for step in steps:
            if isinstance(step, tuple):
                await seat.pilot.resize_terminal(*step)
            else:
                seat.burst(*step)
                await seat.pilot.pause()
            assert monkeypatched._exception is None
        # "q" is not among the keys, so that nothing ends it.
        assert seat.app.is_running
        await seat.app.writes.finish()
        confirmed.covers(seat.operations())
        sent = [entry for fake in world.fakes.values() for entry in fake.sent]
        assert len(seat.operations()) >= len(sent)
        known = {row.number for row in seat.owned.store.rows()}
        held = {row.number for fake in world.fakes.values() for row in fake.numbers}
        gone = {entry[1] for entry in sent if entry[0] != "update"}
        assert (known ^ held) <= gone


async def test_a_long_random_walk_loses_nothing(monkeypatch):
    confirmed = Confirmed(monkeypatch)
    dice = random.Random(7)
    async with dashboard(draws=True) as seat:
        for _ in range(40):
            seat.burst(*(dice.choice(KEYS) for _ in range(10)))
            await seat.pilot.pause()
        await seat.app.writes.finish()
        confirmed.covers(seat.operations())
        assert seat.app._exception is None


async def test_a_storm_of_sizes_keeps_cursor_filter_and_dialog():
    dice = random.Random(3)
    async with dashboard(many_world(40), draws=True) as seat:
        await seat.press("slash", *"77009", "enter", *["j"] * 17, "X")
        await seat.until(lambda: getattr(seat.app.screen, "shown", False))
        before = seat.owned.table.cursor_key
        for width, height in ((5, 3), (200, 60), (5, 60), (200, 3), *SIZES):
            await seat.pilot.resize_terminal(width, height)
            await seat.pilot.resize_terminal(dice.randint(5, 100), dice.randint(3, 30))
        await seat.pilot.resize_terminal(80, 24)
        await seat.shows("Release")
        await seat.press("escape")
        await seat.home()
        assert seat.owned.table.cursor_key == before
        assert seat.owned.table.shown_count == 40
        await seat.until(lambda: f"{before[1][-4:]}" in seat.text)


async def test_a_refresh_between_keys_moves_no_cursor():
    async with dashboard(many_world(30), draws=True) as seat:
        for _ in range(5):
            seat.burst("j", "r", "j")
            await ready(seat)
        assert seat.owned.query_one("NumberTable").model.cursor == 10
        assert isinstance(seat.owned, OwnedView)


async def test_two_quick_enters_pick_once_and_confirm_nothing():
    world = small_world(accounts=(account("uk-sms", "vonage"),))
    async with dashboard(world, draws=True) as seat:
        await seat.until(lambda: seat.app.known_targets("uk-sms"))
        seat.burst("t", "enter", "enter", "enter", "y")
        await seat.until(
            lambda: isinstance(seat.app.screen, ConfirmScreen) and seat.app.screen.shown
        )
        assert not world.fakes["uk-sms"].sent
