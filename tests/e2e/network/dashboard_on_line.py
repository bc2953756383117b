"""A person at the real dashboard, whose one account is reached through the proxy."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.e2e.network.leaping_clock import Clock, LeapingLoop
from tests.e2e.network.line import Line
from tests.support.dashboard import Seat, ready
from tests.support.frames import piloted
from tui_numbers.providers.pacing import Timing
from tui_numbers.services import locations
from tui_numbers.services.locations import Place
from tui_numbers.services.session import open_session
from tui_numbers.ui import detail_pane
from tui_numbers.ui.app import Dashboard
from tui_numbers.ui.views import available, owned

__all__ = ["Seat", "Table", "at_table", "ready"]

_STEP = 5.0
LONG = 4.5
"""Seconds from which on a wait is a pause that the test ends."""


@dataclass
class Table:
    """What a test holds in its hands: the seat, the line, and the pauses of the program."""

    line: Line
    seat: Seat
    pauses: list[float] = field(default_factory=list)
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await self._over.wait()

    def end_pauses(self) -> None:
        """Let every pause be over, as if its time had come."""
        self._over.set()
        self._over = asyncio.Event()

    async def time_out(self, condition: Callable[[], Any]) -> None:
        """Let the program's own time-outs come, until something shows."""
        clock = self.line.clock
        clock.leaping = True
        while not condition():
            if not clock.held_up():
                await self.seat.until(lambda: condition() or clock.held_up())
            else:
                # Of the clock that leaps: what it takes is the program's time, not ours.
                await asyncio.sleep(_STEP)
        clock.leaping = False
        await self.seat.pilot.pause()

    @property
    def log(self) -> str:
        return "\n".join(self.seat.app.session_log.lines)


def at_table(line: Line, script: Callable[[Table], Awaitable[None]], *, wait: bool = True) -> None:
    """Run a script at a dashboard in an event loop whose time leaps when it is told to."""
    line.clock.leaping = False
    with (
        pytest.MonkeyPatch.context() as patch,
        asyncio.Runner(loop_factory=lambda: LeapingLoop(line.clock)) as runner,
    ):
        # Nobody watches, so no redraw has to be spared; places take half a second to load.
        patch.setattr(owned, "_REDRAW_SECONDS", 0.001)
        patch.setattr(detail_pane, "_REST_SECONDS", 0.001)
        patch.setattr(locations, "place_of", lambda _: Place("GB", "United Kingdom", "London", ()))
        patch.setattr(available, "load_places", lambda: None)
        patch.setattr(available, "area_of", lambda _: None)
        runner.run(_run(line, script, wait=wait))


async def _run(line: Line, script: Callable[[Table], Awaitable[None]], *, wait: bool) -> None:
    async with _opened(line) as table:
        if wait:
            await ready(table.seat)
        await script(table)


@asynccontextmanager
async def _opened(line: Line) -> AsyncIterator[Table]:
    clock: Clock = line.clock
    held: list[Table] = []

    async def sleep(seconds: float) -> None:
        if seconds > LONG:
            await held[0].pause(seconds)
        else:
            await clock.sleep(seconds)

    session = open_session(timing=Timing(clock.now, clock.wall, sleep))
    session.workspace.secrets.ask = None
    app = Dashboard(session)
    try:
        async with piloted(app, (120, 30), pauses=True) as pilot:
            table = Table(line, Seat(app, pilot, None))  # type: ignore[arg-type]
            held.append(table)
            yield table
            line.proxy.heal()
            await app.writes.finish()
    finally:
        await session.aclose()
