"""How keys and the mouse move through a table and act on it."""

from typing import TYPE_CHECKING, Any, cast

from textual import events
from textual.widget import Widget

from tui_numbers.ui.table import messages

if TYPE_CHECKING:
    from tui_numbers.ui.table.model import TableModel
    from tui_numbers.ui.table.painter import Painter
    from tui_numbers.ui.table.widget import NumberTable

_WHEEL_LINES = 3


class Navigation(Widget):
    """The part of a table that turns keys and clicks into movement, marks and messages."""

    model: "TableModel[Any]"
    _painter: "Painter[Any]"
    _asked_at: int | None = None
    """The count of rows for which more were asked for."""
    _click_opened = False

    @property
    def table(self) -> "NumberTable[Any]":
        """The whole table that this is part of."""
        return cast("NumberTable[Any]", self)

    @property
    def top(self) -> int:
        """The position of the first row that is visible."""
        return round(self.scroll_y)

    @property
    def page(self) -> int:
        """How many rows are visible at once."""
        return max(1, self.size.height - 1)

    def reveal(self) -> None:
        """Scroll until the cursor is visible: half a page at once, or around it from afar."""
        cursor, page = self.model.cursor, self.page
        below = cursor - (self.top + page - 1)
        above = self.top - cursor
        half = max(1, page // 2)
        if below > 0:
            self.scroll_y = self.top + half if below <= half else cursor - half
        elif above > 0:
            self.scroll_y = self.top - half if above <= half else cursor - half

    def move_to_key(self, key: object) -> bool:
        """Put the cursor on the row of ``key``; False where it is not shown."""
        found = self.model.move_to_key(key)
        if found:
            self.reveal()
            self._moved()
        return found

    def action_cursor_down(self) -> None:
        """Go one row down."""
        self._step(1)

    def action_cursor_up(self) -> None:
        """Go one row up."""
        self._step(-1)

    def action_page_down(self) -> None:
        """Go one page down, the cursor staying on its line."""
        self._step(self.page, scroll=True)

    def action_page_up(self) -> None:
        """Go one page up, the cursor staying on its line."""
        self._step(-self.page, scroll=True)

    def action_half_down(self) -> None:
        """Go half a page down, the cursor staying on its line."""
        self._step(max(1, self.page // 2), scroll=True)

    def action_half_up(self) -> None:
        """Go half a page up, the cursor staying on its line."""
        self._step(-max(1, self.page // 2), scroll=True)

    def action_first(self) -> None:
        """Go to the first row."""
        self._step(-self.model.shown_count)

    def action_last(self) -> None:
        """Go to the last row."""
        self._step(self.model.shown_count)

    def action_mark(self) -> None:
        """Mark the row under the cursor, or take its mark away, and go on to the next."""
        if self.model.shown_count:
            self.model.toggle_mark(self.model.cursor_key)
            self._marks_changed()
            self._step(1)

    def action_mark_all(self) -> None:
        """Mark every row shown, or take their marks away where all have one."""
        if self.model.shown_count:
            self.model.toggle_shown()
            self._marks_changed()

    def action_open(self) -> None:
        """Open the row under the cursor."""
        if self.model.shown_count:
            key, row = self.model.cursor_key, self.model.cursor_row
            self.post_message(messages.Opened(self.table, key, row))

    def on_key(self) -> None:
        """Hold the cursor to its row from the first key on, whatever the key means."""
        self.model.pin()

    def on_click(self, event: events.Click) -> None:
        """Go to the row clicked, open the one under the cursor, or sort by a title."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        event.stop()
        position = self.top + offset.y - 1
        if offset.y == 0:
            self._sort_at(offset.x)
        elif position >= self.model.shown_count:
            return
        elif position != self.model.cursor:
            self._click_opened = False
            self._step(position - self.model.cursor)
        elif event.chain == 1 or not self._click_opened:
            # The second click of a pair opens only what the first has not opened already.
            self._click_opened = True
            self.action_open()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll down, and take the cursor along where it would go out of sight."""
        event.stop()
        self._wheel(_WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll up, and take the cursor along where it would go out of sight."""
        event.stop()
        self._wheel(-_WHEEL_LINES)

    def _sort_at(self, x: int) -> None:
        column = self._painter.column_at(x)
        if column is not None and column.sort_key is not None:
            now = self.model.sort
            same = now is not None and now.key == column.key
            self.table.sort_by(column.key, reverse=same and now is not None and not now.reverse)

    def _wheel(self, lines: int) -> None:
        self.scroll_y = self.top + lines
        visible = range(self.top, self.top + self.page)
        cursor = max(visible.start, min(self.model.cursor, visible.stop - 1))
        self._step(cursor - self.model.cursor)

    def _step(self, rows: int, *, scroll: bool = False) -> None:
        """Move the cursor by some rows, and with ``scroll`` what is visible as well."""
        self.model.move_to(self.model.cursor + rows)
        if scroll:
            self.scroll_y = self.top + rows
        self.reveal()
        self._moved()
        self._ask_near_end()

    def _ask_near_end(self) -> None:
        near = self.top + 2 * self.page >= self.model.shown_count
        if near and self._asked_at != self.model.total_count:
            self._asked_at = self.model.total_count
            self.post_message(messages.NearEnd(self.table, self.model.total_count))

    def _moved(self) -> None:
        raise NotImplementedError

    def _marks_changed(self) -> None:
        raise NotImplementedError
