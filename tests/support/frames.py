"""Runs a dashboard without a terminal, and draws only the frames that somebody looks at."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from textual._compositor import Compositor, LayoutUpdate
from textual.css.stylesheet import Stylesheet
from textual.message_pump import MessagePump

from tests.support.calm import settle_by_calm

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.app import App
    from textual.pilot import Pilot
    from textual.timer import Timer


R = TypeVar("R")

_MOMENTS = {
    "app._FRAMES": 0.001,
    "attention._REST_SECONDS": 0.005,
    "detail_pane._REST_SECONDS": 0.001,
    "views.owned._REDRAW_SECONDS": 0.001,
    "views.targets._REST_SECONDS": 0.005,
}
"""Seconds that a dashboard waits before it goes on, as short as keeps what follows apart."""


@asynccontextmanager
async def piloted(
    app: App[R], size: tuple[int, int], *, draws: bool = False, pauses: bool = False
) -> AsyncIterator[Pilot[R]]:
    """Run a dashboard; ``draws`` has the frames drawn that nobody looks at too.

    Without a terminal Textual throws frames away, after a third of the time has gone into them.
    Those that a dashboard begins with are drawn, and then what a test asks for: text, lines and
    pictures. Layout, styles and every message stay as they are. ``pauses`` has the
    dashboard and the pilot wait as long as they do for a person: a test's own loop goes by that.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MessagePump, "set_timer", _ticks_at_all)
        patch.setattr(Stylesheet, "_parse_rules", _parsed_once)
        if not pauses:
            settle_by_calm(patch)
            for name, seconds in _MOMENTS.items():
                patch.setattr(f"tui_numbers.ui.{name}", seconds)
        if not draws:
            patch.setattr(Compositor, "render_update", _leave_out)
        async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
            yield pilot


_draw = Compositor.render_update


def _leave_out(self: Compositor, full: bool = False, *given: Any, **named: Any) -> Any:
    begun = self.root is not None and getattr(self.root.app, "_begun", False)
    if full or not begun:
        return _draw(self, full, *given, **named)
    self._dirty_regions.clear()
    return LayoutUpdate([], self.size.region)


_set_timer = MessagePump.set_timer


def _ticks_at_all(self: MessagePump, *given: Any, **named: Any) -> Timer:
    """Set a timer that ticks once, however late its turn comes.

    Textual skips ticks that are late before the timer waits for them, the only one too. A test's
    millisecond is over that soon where other processes have their turn.
    """
    timer = _set_timer(self, *given, **named)
    timer._skip = False
    return timer


_parse_rules = Stylesheet._parse_rules


def _parsed_once(self: Stylesheet, *source: Any, **more: Any) -> Any:
    """Parse each style sheet once for all dashboards that give its variables the same values."""
    key = tuple(self._variables.items()), source, tuple(more.items())
    if key not in _PARSED:
        _PARSED[key] = _parse_rules(self, *source, **more)
    return _PARSED[key]


_PARSED: dict[tuple[Any, ...], Any] = {}
