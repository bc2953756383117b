"""Waits until a loop has nothing left to do by itself, without looking how long it worked."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from textual import app, pilot

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

_SOON = 0.01
"""Seconds within which a timer is waited for, and a thread that waits itself for something."""

_LONGEST = 0.1
"""Seconds after which timers that follow one another are not waited for any more."""

_TURNS = 3
"""Turns of the loop in which nothing was ready but the one who waits."""

_AT_WORK: set[asyncio.Future[Any]] = set()


async def calm(*_given: Any) -> bool:
    """Wait until no callback is ready, no thread at work and no timer due soon."""
    loop: Any = asyncio.get_running_loop()
    latest = loop.time() + _LONGEST
    while True:
        await _nothing_is_ready(loop)
        at_work = [one for one in _AT_WORK if one.get_loop() is loop and not one.done()]
        if at_work:
            done, _ = await asyncio.wait(
                at_work, timeout=_SOON, return_when=asyncio.FIRST_COMPLETED
            )
            if done:
                continue
        now = loop.time()
        due = [one.when() for one in loop._scheduled if not one.cancelled()]
        following = min(due, default=latest)
        if following > now + _SOON or now >= latest:
            return True
        await asyncio.sleep(following - now)


async def _nothing_is_ready(loop: Any) -> None:
    quiet = 0
    while quiet < _TURNS:
        await asyncio.sleep(0)
        quiet = 0 if loop._ready else quiet + 1


def settle_by_calm(patch: pytest.MonkeyPatch) -> None:
    """Let a pilot wait for calm, where Textual looks every 20 ms how long the process worked."""
    patch.setattr(asyncio.BaseEventLoop, "run_in_executor", _counted)
    patch.setattr(app, "wait_for_idle", calm)
    patch.setattr(pilot, "wait_for_idle", calm)
    patch.setattr(pilot.Pilot, "_wait_for_screen", calm)
    patch.setattr(pilot.Pilot, "pause", _pause)


async def _pause(self: pilot.Pilot[Any], delay: float | None = None) -> None:
    """Wait for calm, or so many seconds; have every screen drawn, and all done that follows."""
    await (calm() if delay is None else asyncio.sleep(delay))
    for screen in self.app.screen_stack:
        screen._on_timer_update()
    await calm()


_run_in_executor = asyncio.BaseEventLoop.run_in_executor


def _counted(
    self: asyncio.BaseEventLoop, executor: Any, work: Callable[..., Any], *given: Any
) -> asyncio.Future[Any]:
    future = _run_in_executor(self, executor, work, *given)
    _AT_WORK.add(future)
    future.add_done_callback(_AT_WORK.discard)
    return future
