"""A table that draws only the lines it shows, and repaints only those that changed."""

import operator
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from tui_numbers.ui.column import Column
from tui_numbers.ui.table import bindings, messages
from tui_numbers.ui.table.index import Change, Prepared
from tui_numbers.ui.table.model import TableModel
from tui_numbers.ui.table.navigation import Navigation
from tui_numbers.ui.table.painter import Painter, Palette
from tui_numbers.ui.table.sorting import Sorting

R = TypeVar("R")

_MEANINGS = ("good", "warn", "bad", "dim")
_PREFIX = "number-table--"


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """What a line of the body shows; two that are equal look the same."""

    row: Any
    key: Hashable
    cursor: bool
    marked: bool
    text: str
    """The filter's text, or the message where there is no row."""

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Line)
            and self.row is other.row
            and (self.key, self.cursor, self.marked, self.text)
            == (other.key, other.cursor, other.marked, other.text)
        )

    def __hash__(self) -> int:
        return hash((self.key, self.cursor, self.marked, self.text))


class NumberTable(
    Navigation, Sorting, ScrollView, Generic[R], can_focus=True, inherit_bindings=False
):
    """Rows of any kind under a heading, with a cursor, marks, a sort and a filter."""

    CursorMoved = messages.CursorMoved
    Opened = messages.Opened
    MarksChanged = messages.MarksChanged
    NearEnd = messages.NearEnd

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = list(bindings.BINDINGS)
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        _PREFIX + name for name in ("heading", "cursor", "mark", "match", "empty", *_MEANINGS)
    }
    DEFAULT_CSS = "NumberTable { overflow: hidden hidden; }"
    """Scrollbars would ask for a layout with every change of the number of rows."""

    def __init__(
        self,
        columns: Sequence[Column[R]],
        key_of: Callable[[R], Hashable],
        hay_of: Callable[[R], str],
        *,
        same: Callable[[R, R], bool] = operator.eq,
        empty_message: str = "",
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.model: TableModel[R] = TableModel(columns, key_of, hay_of, same)
        self._painter: Painter[R] = Painter(columns)
        self.is_drawn = False
        self._empty_message = empty_message
        self._drawn: list[_Line] = []
        self._told: tuple[Hashable | None, R | None] = (None, None)
        self._palette_known = False

    @property
    def cursor_row(self) -> R | None:
        """The row under the cursor."""
        return self.model.cursor_row

    @property
    def cursor_key(self) -> Hashable | None:
        """The key of the row under the cursor."""
        return self.model.cursor_key

    @property
    def shown_count(self) -> int:
        """How many rows pass the filter."""
        return self.model.shown_count

    @property
    def total_count(self) -> int:
        """How many rows there are."""
        return self.model.total_count

    @property
    def marked_rows(self) -> list[R]:
        """All marked rows, shown or not."""
        return self.model.marked_rows()

    @property
    def empty_message(self) -> str:
        """The text that stands where there is no row."""
        return self._empty_message

    @empty_message.setter
    def empty_message(self, text: str) -> None:
        self._empty_message = text
        self._repaint()

    def prepare(self, rows: Iterable[R], *, afresh: bool = False) -> Prepared[R]:
        """Do the costly part of ``sync``; safe in a thread."""
        return self.model.prepare(rows, afresh=afresh)

    def sync(self, rows: Iterable[R] | Prepared[R]) -> Change:
        """Show ``rows`` in the place of all others; nothing else changes."""
        before = self.model.cursor
        change = self.model.sync(rows)
        self._after_change(before)
        self._look_ahead()
        return change

    def extend(self, rows: Iterable[R]) -> Change:
        """Show a page of rows behind the others."""
        before = self.model.cursor
        change = self.model.extend(rows)
        self._after_change(before)
        return change

    def set_filter(self, text: str) -> None:
        """Show only the rows that ``text`` finds."""
        before = self.model.cursor
        if self.model.set_filter(text):
            self._after_change(before)

    def clear_marks(self) -> None:
        """Take all marks away, also of rows the filter hides."""
        if len(self.model.marks):
            self.model.marks.clear()
            self._marks_changed()

    def forget_lines(self) -> None:
        """Draw every row afresh, where what its columns say depends on more than the row."""
        self._painter.forget()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw line ``y`` of what is visible; the first is the heading."""
        painter, model = self._painter, self.model
        self.is_drawn = True
        if not self._palette_known:
            self._palette_known = True
            painter.restyle(self._palette())
        painter.prepare(self.size.width, model.filter)
        if y == 0:
            return painter.heading(model.sort)
        position = self.top + y - 1
        if position < model.shown_count:
            key = model.key_at(position)
            return painter.row(
                key,
                model.row_at(position),
                cursor=position == model.cursor,
                marked=key in model.marks,
            )
        if model.shown_count == 0 and y == 1 and self._empty_message:
            return painter.message(self._empty_message)
        return painter.blank()

    def notify_style_update(self) -> None:
        """Take the styles afresh when the theme or the focus changes."""
        super().notify_style_update()
        self._palette_known = False

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Repaint what differs, where the whole widget would be by default."""
        if round(old_value) != round(new_value):
            self._repaint()

    def _on_resize(self) -> None:
        # Another size is painted as a whole, so only what scrolling then changes is left to do.
        self._drawn = self._lines()
        self.reveal()

    def _palette(self) -> Palette:
        style = self.get_component_rich_style
        return Palette(
            base=self.rich_style,
            heading=style(_PREFIX + "heading"),
            cursor=style(_PREFIX + "cursor"),
            mark=style(_PREFIX + "mark"),
            match=style(_PREFIX + "match"),
            empty=style(_PREFIX + "empty"),
            meanings={name: style(_PREFIX + name) for name in _MEANINGS},
        )

    def _after_change(self, cursor_before: int) -> None:
        """Keep the cursor on its line of the screen after rows came, went or moved."""
        line = cursor_before - self.top
        # Set without a layout: the number of rows never changes the table's own size.
        self.set_reactive(Widget.virtual_size, Size(self.size.width, self.shown_count + 1))
        self.scroll_y = self.model.cursor - line
        self.reveal()
        self._moved()

    def _moved(self) -> None:
        """Repaint and tell after the cursor may have moved."""
        self._repaint()
        now = (self.model.cursor_key, self.model.cursor_row)
        if now[0] != self._told[0] or now[1] is not self._told[1]:
            self._told = now
            self.post_message(messages.CursorMoved(self, *now))

    def _marks_changed(self) -> None:
        self._repaint()
        marks = self.model.marks
        self.post_message(messages.MarksChanged(self, marks.shown, marks.hidden))

    def _lines(self) -> list[_Line]:
        """Tell what each line of the body shows now."""
        model, text = self.model, self.model.filter.text
        if not model.shown_count:
            return [_Line(None, None, False, False, self._empty_message)]
        last = min(self.top + self.page, model.shown_count)
        return [
            _Line(model.row_at(at), key, at == model.cursor, key in model.marks, text)
            for at in range(self.top, last)
            for key in (model.key_at(at),)
        ]

    def _repaint(self) -> None:
        """Refresh the lines that do not show any more what they should."""
        before, now = self._drawn, self._lines()
        self._drawn = now
        height = max(len(before), len(now))
        start: int | None = None
        for y in range(height + 1):
            differs = y < height and before[y : y + 1] != now[y : y + 1]
            if differs and start is None:
                start = y
            elif not differs and start is not None:
                self.refresh(Region(0, start + 1, self.size.width, y - start))
                start = None
        if before != now and self.is_attached:
            # A frame that another widget has under way takes these lines along: the next one
            # may be two ticks of the screen's timer later.
            self.screen._dirty_widgets.add(self)  # noqa: SLF001
