"""Runs a dashboard without a terminal, and draws only the frames that somebody looks at."""

from __future__ import annotations

from contextlib import asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import pytest
from textual._compositor import Compositor, LayoutUpdate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.pilot import Pilot

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
    patches = nullcontext() if draws else pytest.MonkeyPatch.context()
    with patches as patch:
        if patch is not None:
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
