"""How a table is sorted, and the next order made before it is asked for."""

import asyncio
from typing import TYPE_CHECKING, Any

from textual import work
from textual.geometry import Region
from textual.widget import Widget

from tui_numbers.ui.table.order import Sort

if TYPE_CHECKING:
    from textual.timer import Timer

    from tui_numbers.ui.table.model import TableModel
    from tui_numbers.ui.table.painter import Painter

_MANY_ROWS = 20_000
"""From so many rows on, sorting takes longer than a frame."""
_STILL_SECONDS = 0.5
"""How long rows and sort stay as they are before the next order is made."""


class Sorting(Widget):
    """The part of a table that puts its rows in order."""

    model: "TableModel[Any]"
    _painter: "Painter[Any]"
    _soon: "Timer | None" = None

    def sort_by(self, key: str | None, *, reverse: bool = False) -> None:
        """Sort by a column, or leave the rows as they came."""
        before = self.model.cursor
        if self.model.sort_by(key, reverse=reverse):
            self._after_change(before)
            self.refresh(Region(0, 0, self.size.width, 1))
            self._look_ahead()

    def cycle_sort(self) -> None:
        """Sort by the next column shown: up, then down, and after the last not at all."""
        following = self._next_sort()
        if following is None:
            self.sort_by(None)
        else:
            self.sort_by(following.key, reverse=following.reverse)

    def _next_sort(self) -> Sort | None:
        keys = [column.key for column in self._painter.shown_columns if column.sort_key]
        steps = [None, *(Sort(key, way) for key in keys for way in (False, True))]
        now = self.model.sort
        return steps[(steps.index(now) + 1) % len(steps)] if now in steps else None

    def _look_ahead(self) -> None:
        """Have the order that the next press of the key asks for made beside the event loop."""
        if self._soon is not None:
            self._soon.stop()
            self._soon = None
        if self.model.total_count >= _MANY_ROWS and self.is_attached:
            self._soon = self.set_timer(_STILL_SECONDS, self._order_ahead)

    @work(exclusive=True, group="order", exit_on_error=False)
    async def _order_ahead(self) -> None:
        following = self._next_sort()
        if following is not None:
            await asyncio.to_thread(self.model.order_ahead, following)

    def _after_change(self, cursor_before: int) -> None:
        raise NotImplementedError
