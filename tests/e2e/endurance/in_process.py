"""The dashboard in this process, over the real clients and a real port, without a terminal."""

import asyncio
import contextlib
import gc
import re
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any

from textual import events
from textual.keys import _character_to_key

from tests.e2e.endurance.keys import way_out
from tests.e2e.endurance.surroundings import Surroundings
from tui_numbers.providers.pacing import Timing
from tui_numbers.services.session import Session, open_session
from tui_numbers.ui.app import Dashboard
from tui_numbers.ui.dialogs.dialog import Dialog

_QUICKER = 50.0
"""How much sooner a wait of the program is over."""
_PATIENCE = 40.0
"""Seconds after which the program is held to have hung; nothing is measured by it."""
_A_WHILE = 0.1
"""Seconds in which something begins that a key has asked for."""
_NAMED = {"space": " "}


@dataclass
class QuickClock:
    """Time in which waits are short, and the clocks agree that they were long."""

    ahead: float = 0.0

    async def sleep(self, seconds: float) -> None:
        self.ahead += seconds * (1 - 1 / _QUICKER)
        await asyncio.sleep(seconds / _QUICKER)

    def now(self) -> float:
        return time.monotonic() + self.ahead

    @property
    def timing(self) -> Timing:
        return Timing(self.now, lambda: time.time() + self.ahead, self.sleep)


class InProcess:
    """One dashboard after another in this process."""

    name = "in process"

    def __init__(self, stage: Surroundings, clock: QuickClock) -> None:
        self._stage = stage
        self._clock = clock
        self._stack = AsyncExitStack()
        self._pilot: Any = None
        self.app: Any = None
        self.size = (80, 24)
        self.pressed = 0
        self.while_ = _A_WHILE

    def _session(self) -> Session:
        session = open_session(timing=self._clock.timing)
        return self._patient(session)

    def _patient(self, session: Session) -> Session:
        http = session.workspace.http
        http.limits = replace(http.limits, read=3.0, whole=4.0)
        session.workspace.secrets.ask = None
        return session

    async def start(self, session: Session | None = None) -> None:
        """Open the dashboard."""
        if session is None:
            self._stage.configure()
            session = self._session()
        self.app = Dashboard(session)
        running = self.app.run_test(size=self.size, notifications=True, tooltips=True)
        self._pilot = await self._stack.enter_async_context(running)
        await self._pause()

    @property
    def ended(self) -> bool:
        """Whether the dashboard was left."""
        app = self.app
        return app is None or not app.is_running or app._exit or app._exception is not None

    async def after(self) -> str | None:
        """Take leave of a dashboard that ended; opens the next one. Says what was wrong."""
        app = self.app
        failure = app.failure
        try:
            await self._stack.aclose()
        except Exception as error:  # noqa: BLE001 - whatever ended it is reported
            failure = failure or error
        async with asyncio.timeout(_PATIENCE):
            await app.writes.finish()
        following = app.next_session
        await app.session.aclose()
        self.app = self._pilot = None
        # What is frozen would keep every dashboard of this process alive.
        gc.unfreeze()
        gc.collect()
        if failure is not None:
            return f"the program failed: {failure!r}\n{_trace(failure)}"
        await self.start(self._patient(following) if following is not None else None)
        return None

    async def abandon(self) -> None:
        """Close what is open, whatever became of it."""
        with contextlib.suppress(Exception):
            await self.stop()

    async def stop(self) -> str | None:
        """Leave for good."""
        self.app.exit()
        starting, self.start = self.start, _nothing  # type: ignore[method-assign, assignment]
        try:
            return await self.after()
        finally:
            self.start = starting  # type: ignore[method-assign]

    @property
    def text(self) -> str:
        """What the screen shows."""
        if self.ended:
            return ""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in strips)

    async def press(self, *keys: str) -> None:
        """Press keys together, as over a slow line, and let the program take them in."""
        for key in keys:
            if self.ended:
                return
            self.pressed += 1
            character = key if len(key) == 1 else _NAMED.get(key)
            name = _character_to_key(character) if character else key
            self.app.post_message(events.Key(name, character))
        await self._pause()

    async def _pause(self) -> None:
        async with asyncio.timeout(_PATIENCE):
            while not self.ended and self.app.key_queue.under_way:  # noqa: ASYNC110 - no event for it
                await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def sees(self, pattern: re.Pattern[str], patience: float = 1.0) -> bool:
        """Wait for words to appear, as long as something is on its way; tells whether they did."""
        begun = time.monotonic()
        while not self.ended:
            if pattern.search(self.text):
                return True
            waited = time.monotonic() - begun
            if waited > _PATIENCE or (waited > patience * self.while_ and not self._is_busy):
                return False
            await asyncio.sleep(0.02)
        return False

    @property
    def _is_busy(self) -> bool:
        """Whether a dialog is on its way, or a write is under way."""
        screen = self.app.screen
        coming = self.app.type_ahead._flows and not (isinstance(screen, Dialog) and screen.shown)
        return bool(coming or self.app.writes.under_way)

    async def resize(self, width: int, height: int) -> None:
        """Change the size of the terminal."""
        self.size = (width, height)
        if not self.ended:
            await self._pilot.resize_terminal(width, height)
            await self._pause()

    async def disturb(self, dice: Any) -> str | None:
        """Nothing can be done to this process from outside."""
        return None

    async def answers(self) -> str | None:
        """Go back to the main screen and open the help; says what is wrong, or nothing."""
        await self.resize(80, 24)
        try:
            async with asyncio.timeout(_PATIENCE):
                while not self.ended and self.app.screen is not self.app.main:
                    await self.press(*way_out(self.text))
                    await asyncio.sleep(0.01)
                while not self.ended and "under the cursor" not in self.text:
                    # One empties a filter, the other leaves it.
                    await self.press("escape", "escape", "?")
                    await asyncio.sleep(0.01)
                while not self.ended and self.app.screen is not self.app.main:
                    await self.press("escape")
                    await asyncio.sleep(0.01)
        except TimeoutError:
            return f"the program does not answer; {self.app.screen} shows:\n{self.text}"
        return None

    def resources(self) -> dict[str, int]:
        """Return how much of the machine is in use."""
        return usage("self") | {"tasks": len(asyncio.all_tasks())}

    def left_over(self) -> list[str]:
        """Return the tasks that still run when no dashboard does."""
        mine = asyncio.current_task()
        return [str(task) for task in asyncio.all_tasks() if task is not mine]


async def _nothing(*_: Any) -> None:
    return


def _trace(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(error))


def usage(process: str) -> dict[str, int]:
    """Return megabytes, threads and descriptors of a process."""
    from pathlib import Path

    status = Path(f"/proc/{process}/status").read_text()
    found = dict(line.split(":", 1) for line in status.splitlines())
    return {
        "MB": int(found["VmRSS"].split()[0]) // 1024,
        "threads": int(found["Threads"]),
        "descriptors": len(list(Path(f"/proc/{process}/fd").iterdir())),
    }
