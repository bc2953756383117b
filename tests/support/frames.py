"""Runs a dashboard without a terminal, and draws only the frames that somebody looks at."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from textual._compositor import Compositor, LayoutUpdate
from textual.message_pump import MessagePump

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.pilot import Pilot
    from textual.timer import Timer

    from tui_numbers.ui.app import Dashboard


@asynccontextmanager
async def piloted(
    app: Dashboard, size: tuple[int, int], *, draws: bool = False
) -> AsyncIterator[Pilot[int]]:
    """Run a dashboard; ``draws`` has the frames drawn that nobody looks at too.

    Without a terminal Textual throws frames away, after a third of the time has gone into them.
    Those that a dashboard begins with are drawn, and then what a test asks for: text, lines and
    pictures. Layout, styles and every message stay as they are.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MessagePump, "set_timer", _ticks_at_all)
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
