"""Makes the screenshots of the README from the demo: ``python screenshots/make.py [--check]``.

The demo's world has a fixed seed, and the clock, the zone and the terminal are fixed here, so that
the same program makes the same pictures anywhere.
"""

import argparse
import asyncio
import contextlib
import importlib
import os
import pkgutil
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any
from unittest import mock

HERE = Path(__file__).parent
NOW = datetime(2026, 3, 2, 2, 58, tzinfo=UTC)
WIDE, NARROW = (120, 40), (80, 24)
_PATIENCE = 60
"""Seconds until something is held never to come."""

os.environ.update(TZ="UTC", TERM="xterm-256color", COLORTERM="truecolor", LC_ALL="C.UTF-8")
os.environ.pop("NO_COLOR", None)
time.tzset()

from tui_numbers import providers, sandbox, services, storage  # noqa: E402
from tui_numbers.domain.operations import Actor  # noqa: E402
from tui_numbers.services.session import open_session  # noqa: E402
from tui_numbers.ui.app import Dashboard  # noqa: E402
from tui_numbers.ui.detail.pane import DetailPane  # noqa: E402
from tui_numbers.ui.views.available import AvailableView  # noqa: E402
from tui_numbers.ui.views.history import HistoryView  # noqa: E402
from tui_numbers.ui.views.owned import OwnedView  # noqa: E402


class _Kind(type):
    """Lets a standing clock pass for the class it stands for."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, datetime)


class _Standing(datetime, metaclass=_Kind):
    """The time of day that every module of the program reads."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        """Return the same moment, always."""
        return NOW.astimezone(tz)


@contextlib.contextmanager
def standing_clock() -> Iterator[None]:
    """Stop the clock of every module; loaded first, since it only stops for what is."""
    for package in (providers, sandbox, services, storage):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(found.name)
    with contextlib.ExitStack() as stack:
        for name, module in list(sys.modules.items()):
            if name.startswith("tui_numbers") and getattr(module, "datetime", None) is datetime:
                stack.enter_context(mock.patch.object(module, "datetime", _Standing))
        yield


class Camera:
    """A dashboard over the demo, someone at its keyboard, and pictures of its screen."""

    def __init__(self, app: Dashboard, pilot: Any, pictures: dict[str, str]) -> None:
        self.app = app
        self._pilot = pilot
        self._pictures = pictures

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait for a condition."""
        async with asyncio.timeout(_PATIENCE):
            while not condition():
                await self._pilot.pause()
        await self._pilot.pause()

    async def press(self, *keys: str) -> None:
        """Press keys."""
        for key in keys:
            await self._pilot.press(key)
        await self._pilot.pause()

    async def shows(self, text: str) -> None:
        """Wait until the screen shows a text."""
        await self.until(lambda: text in " ".join(self._text().split()))

    def _text(self) -> str:
        lines = self.app.screen._compositor.render_strips()  # noqa: SLF001 - as tests read it
        return " ".join(strip.text for strip in lines)

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
    """A search of stock: GB, voice and sms, 2020."""
    async with camera(WIDE, pictures) as it:
        await it.press("2", "enter")
        await it.dialog()
        await it.press(*"GB", "enter")
        await it.until(lambda: it.app.screen is it.app.main)
        await it.press("f", *"2020", *["tab"] * 3, "space", "tab", "space", "enter")
        view = it.app.main.query_one(AvailableView)
        await it.until(lambda: view.table.total_count and "searching" not in str(view.parts))
        await it.press("space", "j", "space")
        await it.placed()
        await it.take("available")


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
        await it.shows("Enter or y does it")
        await it.dialog()
        await it.placed()
        await it.take("retarget")
        await it.press("y")
        await it.shows("verified")
        await it.until(lambda: not it.app.writes.under_way)
        await it.shows("Changed from here")
        await it.take("verified")
        await it.press("u")
        await it.shows("Undo the retarget")
        await it.dialog()
        await it.press("tab", "tab", *"IVR is back", "enter", "enter")
        await it.shows("verified: read back")
        await it.press("x", "3")
        await it.until(lambda: it.app.main.query_one(HistoryView).table.total_count == 2)
        await it.press("home")
        await it.take("history")


_SHOTS: tuple[Callable[[dict[str, str]], Awaitable[None]], ...] = (owned, available, form, retarget)


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
    check = parser.parse_args().check
    with standing_clock():
        pictures = asyncio.run(make())
    stale = [name for name, text in pictures.items() if _read(HERE / name) != text]
    for name in stale:
        if not check:
            (HERE / name).write_text(pictures[name], "utf-8")
        print(f"{name}: {'differs' if check else 'written'}")
    return 1 if check and stale else 0


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.exists() else None


if __name__ == "__main__":
    sys.exit(main())
