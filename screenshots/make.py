"""Makes the screenshots of the README from the demo: ``python screenshots/make.py [--check]``.

The demo's world has a fixed seed, and the clock, the zone and the terminal are fixed here, so that
the same program makes the same pictures anywhere.
"""

import argparse
import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
NOW = datetime(2026, 3, 2, 2, 58, tzinfo=UTC)
WIDE, NARROW = (120, 40), (80, 24)
_PATIENCE = 30
"""Seconds until something is held never to come."""

os.environ.update(TZ="UTC", TERM="xterm-256color", COLORTERM="truecolor", LC_ALL="C.UTF-8")
os.environ.pop("NO_COLOR", None)
time.tzset()

from tui_numbers.domain import clock  # noqa: E402
from tui_numbers.domain.changes import Change, Set  # noqa: E402
from tui_numbers.domain.numbers import Channel, OwnedNumber  # noqa: E402
from tui_numbers.domain.operations import Actor  # noqa: E402
from tui_numbers.services.session import open_session  # noqa: E402
from tui_numbers.ui.app import Dashboard  # noqa: E402
from tui_numbers.ui.detail_pane import DetailPane  # noqa: E402
from tui_numbers.ui.views.available import AvailableView  # noqa: E402
from tui_numbers.ui.views.history import HistoryView  # noqa: E402
from tui_numbers.ui.views.owned import OwnedView  # noqa: E402


class Camera:
    """A dashboard over the demo, someone at its keyboard, and pictures of its screen."""

    def __init__(self, app: Dashboard, pilot: Any, pictures: dict[str, str]) -> None:
        self.app = app
        self._pilot = pilot
        self._pictures = pictures

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait for a condition."""
        try:
            async with asyncio.timeout(_PATIENCE):
                while not condition():
                    await self._pilot.pause()
        except TimeoutError:
            raise SystemExit(f"never came; the screen shows: {self.text}") from None
        await self._pilot.pause()

    async def press(self, *keys: str) -> None:
        """Press keys."""
        for key in keys:
            await self._pilot.press(key)
        await self._pilot.pause()

    async def shows(self, text: str) -> None:
        """Wait until the screen shows a text."""
        await self.until(lambda: text in self.text)

    @property
    def rows(self) -> list[OwnedNumber]:
        """All owned numbers."""
        return list(self.app.main.query_one(OwnedView).store.rows())

    @property
    def text(self) -> str:
        """What the screen shows, with single spaces."""
        lines = self.app.screen._compositor.render_strips()  # noqa: SLF001 - as tests read it
        return " ".join(" ".join(strip.text for strip in lines).split())

    async def dialog(self) -> None:
        """Wait until a dialog stands."""
        await self.until(lambda: getattr(self.app.screen, "shown", False))

    async def placed(self) -> None:
        """Wait until it is known where the number beside the table is from."""
        for pane in self.app.screen.query(DetailPane):
            if pane.size.width and pane.number is not None:
                await self.shows("Time there")

    async def take(self, name: str) -> None:
        """Take a picture."""
        await self._pilot.pause()
        title = "tui-numbers --demo"
        self._pictures[f"{name}.svg"] = self.app.export_screenshot(title=title)


@contextlib.asynccontextmanager
async def camera(size: tuple[int, int], pictures: dict[str, str]) -> AsyncIterator[Camera]:
    """Open the demo, and wait until every account has answered and named its targets."""
    session = open_session(demo=True)
    session.writer.actor = Actor("ann", "bastion")
    app = Dashboard(session)
    async with app.run_test(size=size) as pilot:
        it = Camera(app, pilot, pictures)
        await it.until(lambda: len(app.screen_stack) > 1 and app.main.query(OwnedView))
        store = app.main.query_one(OwnedView).store
        await it.until(lambda: all(state.as_of for state in store.accounts.values()))
        await it.until(lambda: all(state.options for state in store.accounts.values()))
        table = app.main.query_one(OwnedView).table
        await it.until(lambda: table.total_count == len(store.rows()))
        yield it
    await app.writes.finish()
    await session.aclose()


async def owned(pictures: dict[str, str]) -> None:
    """The owned numbers, wide and narrow."""
    for name, size in (("owned", WIDE), ("owned-80x24", NARROW)):
        async with camera(size, pictures) as it:
            await it.press("j", "j")
            await it.placed()
            await it.take(name)


async def available(pictures: dict[str, str]) -> None:
    """Two numbers chosen from a search of GB for 2020, and one from a search of it for 161."""
    async with camera(WIDE, pictures) as it:
        await it.press("2", "enter")
        await it.dialog()
        await it.press(*"uk", "enter")
        await it.until(lambda: it.app.screen is it.app.main)
        view = it.app.main.query_one(AvailableView)

        async def search(*keys: str) -> None:
            await it.press("f", *keys, "enter")
            await it.until(lambda: "so far" not in it.text and "of" in it.text)
            await it.until(lambda: view.table.total_count and "searching" not in str(view.parts))

        await search(*"161")
        await it.press("space")
        await search(*["backspace"] * 3, *"2020", *["tab"] * 3, "space", "tab", "space")
        await it.press("space", "j", "space")
        await it.placed()
        await it.take("available")


async def counts(pictures: dict[str, str]) -> None:
    """Where numbers point, how many there are of what, what needs a person, and saved routes."""
    async with camera(WIDE, pictures) as it:
        await it.until(lambda: it.app.main.attention.judged is not None)
        for key, name in (("4", "targets"), ("0", "overview"), ("5", "routes")):
            await it.press(key)
            await it.until(lambda: it.app.main.open_view.table.total_count)
            await it.take(name)
        await it.press("1", "exclamation_mark")
        await it.dialog()
        await it.take("attention")


async def batch(pictures: dict[str, str]) -> None:
    """The result of a batch, of which somebody else changed two numbers in between."""
    async with camera(WIDE, pictures) as it:
        await it.press("4", "slash", *"ivr", "enter", "t")
        await it.dialog()
        await it.press(*"bridge")
        await it.shows("app Incident Bridge")
        await it.press("enter")
        await it.shows("to confirm")
        await it.dialog()
        moved = [row for row in it.rows if "Support IVR" in str(row.routing.get(Channel.VOICE))]
        client = await it.app.session.workspace.client("uk-sms")
        for number in moved[:2]:
            await client.update(number, Change({"voice": Set("phone:+442079460999")}))
        await it.press(*str(len(moved)), "enter")
        await it.shows("as asked")
        await it.take("batch")


async def form(pictures: dict[str, str]) -> None:
    """The form, with one field changed and one that cannot be used."""
    async with camera(WIDE, pictures) as it:
        await it.press("slash", *"uk-sms", "enter")
        await it.press("e")
        await it.dialog()
        await it.press("tab", "tab", *"+44 7700 900556", "tab", *"example.com")
        await it.take("form")


async def retarget(pictures: dict[str, str]) -> None:
    """From a confirmation to the verdict, and what the history says of it."""
    async with camera(WIDE, pictures) as it:
        await it.press("slash", *"0130", "enter", "t")
        await it.dialog()
        await it.press(*"night", "enter")
        await it.shows("Enter or y sends")
        await it.dialog()
        await it.placed()
        await it.take("retarget")
        await it.press("y")
        await it.shows("verified")
        await it.until(lambda: not it.app.writes.under_way)
        await it.take("verified")
        await it.press("u")
        await it.shows("Undo the retarget")
        await it.dialog()
        await it.press("r", *"IVR is back", "enter", "enter")
        await it.shows("verified: read back")
        await it.press("x", "3")
        await it.until(lambda: it.app.main.query_one(HistoryView).table.total_count == 2)
        await it.press("home")
        await it.take("history")


_SHOTS: tuple[Callable[[dict[str, str]], Awaitable[None]], ...] = (
    owned,
    available,
    form,
    retarget,
    counts,
    batch,
)


async def make() -> dict[str, str]:
    """Return every picture by its file name."""
    pictures: dict[str, str] = {}
    for shoot in _SHOTS:
        await shoot(pictures)
    return pictures


def main() -> int:
    """Write the pictures, or compare them."""
    parser = argparse.ArgumentParser(description="screenshots of the README")
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    parser.add_argument("--into", type=Path, default=HERE, help="another directory for them")
    given = parser.parse_args()
    check, home = given.check, given.into
    with clock.use(clock.Clock(NOW.timestamp, UTC)):
        pictures = asyncio.run(make())
    stale = [name for name, text in pictures.items() if _read(home / name) != text]
    for name in stale:
        if not check:
            (home / name).write_text(pictures[name], "utf-8")
        print(f"{name}: {'differs' if check else 'written'}")
    return 1 if check and stale else 0


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.exists() else None


if __name__ == "__main__":
    sys.exit(main())
