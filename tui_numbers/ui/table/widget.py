"""Draw a table's visible lines, and repaint only those that changed."""

import asyncio
import operator
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from textual import events, work
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from tui_numbers.domain.filter_terms import PLAIN, Layout
from tui_numbers.ui.actions import Scope, bindings_of
from tui_numbers.ui.layout import SPREAD, Column, Wish
from tui_numbers.ui.table import messages
from tui_numbers.ui.table.index import Change, Prepared, Sort
from tui_numbers.ui.table.model import TableModel
from tui_numbers.ui.table.painter import Painter, Palette
from tui_numbers.ui.textual_private import repaint_with_frame

if TYPE_CHECKING:
    from textual.timer import Timer

R = TypeVar("R")

_MANY_ROWS = 20_000
"""From so many rows on, sorting takes longer than a frame."""

_STILL_SECONDS = 0.5
"""How long rows and sort stay as they are before the next order is made."""

_WHEEL_LINES = 3

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


class NumberTable(ScrollView, Generic[R], can_focus=True, inherit_bindings=False):
    """Rows of any kind under a heading, with a cursor, marks, a sort and a filter."""

    CursorMoved = messages.CursorMoved
    RowOpened = messages.RowOpened
    MarksChanged = messages.MarksChanged
    NearEnd = messages.NearEnd
    SortChosen = messages.SortChosen

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(Scope.TABLE)
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
        layout: Layout = PLAIN,
        empty_message: str = "",
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.model: TableModel[R] = TableModel(columns, key_of, hay_of, same, layout)
        self._painter: Painter[R] = Painter(columns)
        self.is_drawn = False
        self._empty_message = empty_message
        self._drawn: list[_Line] = []
        self._chosen: tuple[str, ...] = ()
        self._measured = False
        """Whether the columns are laid out by the rows that there are."""
        self._told: tuple[Hashable | None, R | None] = (None, None)
        self._palette_known = False
        self._soon: Timer | None = None
        self._asked_at: int | None = None
        """The count of rows for which more were asked for."""
        self._click_opened = False

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
        """The marked rows that are shown; those that the filter hides are acted on by no key."""
        return self.model.marked_shown()

    @property
    def has_marks(self) -> bool:
        """Whether any row is marked, shown or not."""
        return len(self.model.marks) > 0

    @property
    def empty_message(self) -> str:
        """The text that stands where there is no row."""
        return self._empty_message

    @empty_message.setter
    def empty_message(self, text: str) -> None:
        self._empty_message = text
        self._repaint()

    @property
    def top(self) -> int:
        """The position of the first row that is visible."""
        return round(self.scroll_y)

    @property
    def page(self) -> int:
        """How many rows are visible at once."""
        return max(1, self.size.height - 1)

    @property
    def columns(self) -> tuple[Column[R], ...]:
        """All columns that the table can show."""
        return self._painter.columns

    @property
    def shown_columns(self) -> list[Column[R]]:
        """The columns that are shown, in their order."""
        return self._painter.shown_columns

    @property
    def empty_columns(self) -> list[str]:
        """The keys of the columns that no row shown has a value for, as far as was measured."""
        return self._painter.empty_columns

    @property
    def chosen(self) -> tuple[str, ...]:
        """The keys of the columns that somebody chose; none where those that fit are shown."""
        return self._chosen

    @property
    def exported_columns(self) -> list[Column[R]]:
        """The columns that were chosen, or else all of them, whether or not there is room."""
        known = {column.key: column for column in self._painter.columns}
        return [known[key] for key in self._chosen if key in known] or list(known.values())

    @property
    def exported_rows(self) -> list[R]:
        """The rows that are marked, or else all that are shown, in their order."""
        rows, marks = self.model.shown_rows(), self.model.marks
        return [row for row in rows if self.model.key_of(row) in marks] if marks.shown else rows

    def choose_columns(self, keys: Iterable[str]) -> None:
        """Show these columns in this order, as far as there is room; those that fit for none."""
        self._chosen = tuple(keys)
        self._lay_out()

    def prepare(self, rows: Iterable[R], *, afresh: bool = False) -> Prepared[R]:
        """Do the costly part of ``sync``; safe in a thread."""
        return self.model.prepare(rows, afresh=afresh)

    def sync(self, rows: Iterable[R] | Prepared[R]) -> Change:
        """Show ``rows`` in the place of all others; nothing else changes."""
        before = self.model.cursor
        change = self.model.sync(rows)
        self._after_change(before)
        self._lay_out()
        self._look_ahead()
        return change

    def extend(self, rows: Iterable[R]) -> Change:
        """Show a page of rows behind the others."""
        before = self.model.cursor
        change = self.model.extend(rows)
        self._after_change(before)
        self._lay_out()
        return change

    def set_filter(self, text: str) -> None:
        """Show only the rows that ``text`` finds.

        Raises:
            FilterError: It cannot be read; what is shown stays.
        """
        before = self.model.cursor
        if self.model.set_filter(text):
            self._after_change(before)
            self._lay_out(steady=True)

    def set_flag(self, word: str, keys: Iterable[Hashable]) -> None:
        """Say of which rows, by their keys, a word of ``is:`` holds beside what their text says.

        ``temporary`` and ``finding`` are told in this way; ``marked`` is known here.
        """
        before = self.model.cursor
        if self.model.set_flag(word, keys):
            self._after_change(before)

    def redraw_rows(self) -> None:
        """Draw all rows anew, since what their cells say comes from beside them too."""
        self._painter.forget()
        self._measured = False
        self.refresh()

    def sort_by(self, key: str | None, *, reverse: bool = False) -> None:
        """Sort by a column, or leave the rows as they came."""
        before = self.model.cursor
        if self.model.sort_by(key, reverse=reverse):
            self._after_change(before)
            self._lay_out(steady=True)
            self.refresh(Region(0, 0, self.size.width, 1))
            self._look_ahead()

    def cycle_sort(self) -> None:
        """Sort by the next column shown: up, then down, and after the last not at all."""
        self._choose_sort(self._next_sort())

    def reverse_sort(self) -> None:
        """Sort the other way round; by the first column where the rows stand as they came."""
        now = self.model.sort
        if now is None:
            keys = [column.key for column in self.shown_columns if column.sort_key]
            now = Sort(keys[0]) if keys else None
        if now is not None:
            self._choose_sort(Sort(now.key, not now.reverse))

    def _choose_sort(self, sort: Sort | None) -> None:
        """Sort as a person asked for."""
        if sort is None:
            self.sort_by(None)
        else:
            self.sort_by(sort.key, reverse=sort.reverse)
        self.post_message(messages.SortChosen(self, self.model.sort))

    def clear_marks(self) -> None:
        """Take all marks away, also of rows the filter hides."""
        if len(self.model.marks):
            self.model.marks.clear()
            self._marks_changed()

    def unmark(self, keys: Iterable[Hashable]) -> None:
        """Take the marks of some rows away."""
        marked = [key for key in keys if key in self.model.marks]
        if marked:
            self.model.marks.discard(marked)
            self._marks_changed()

    def move_to_key(self, key: object) -> bool:
        """Put the cursor on the row of ``key``; False where it is not shown."""
        found = self.model.move_to_key(key)
        if found:
            self.reveal()
            self._moved()
        return found

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

    def forget_lines(self) -> None:
        """Draw every row afresh, where what its columns say depends on more than the row."""
        self._painter.forget()
        self._lay_out()
        self.refresh()

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
            self.post_message(messages.RowOpened(self, key, row))

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

    def render_line(self, y: int) -> Strip:
        """Draw line ``y`` of what is visible; the first is the heading."""
        painter, model = self._painter, self.model
        self.is_drawn = True
        if not self._palette_known:
            self._palette_known = True
            painter.restyle(self._palette())
        painter.prepare(self.size.width, model.filter)
        if not self._measured:
            self._measure(steady=False)
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
            rows = [line.row for line in self._drawn if line.key is not None]
            if self._measured and self._painter.fit_rows(rows):
                self.refresh()

    def _on_resize(self) -> None:
        # Another size is painted as a whole, so only what scrolling then changes is left to do.
        self._measured = False
        self._drawn = self._lines()
        self.reveal()

    def _step(self, rows: int, *, scroll: bool = False) -> None:
        """Move the cursor by some rows, and with ``scroll`` what is visible as well."""
        self.model.move_to(self.model.cursor + rows)
        if scroll:
            self.scroll_y = self.top + rows
        self.reveal()
        self._moved()
        self._ask_near_end()

    def _wheel(self, lines: int) -> None:
        self.scroll_y = self.top + lines
        visible = range(self.top, self.top + self.page)
        cursor = max(visible.start, min(self.model.cursor, visible.stop - 1))
        self._step(cursor - self.model.cursor)

    def _ask_near_end(self) -> None:
        near = self.top + 2 * self.page >= self.model.shown_count
        if near and self._asked_at != self.model.total_count:
            self._asked_at = self.model.total_count
            self.post_message(messages.NearEnd(self, self.model.total_count))

    def _sort_at(self, x: int) -> None:
        column = self._painter.column_at(x)
        if column is not None and column.sort_key is not None:
            now = self.model.sort
            again = now is not None and now.key == column.key and not now.reverse
            self._choose_sort(Sort(column.key, reverse=again))

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
        before = self.model.cursor
        if self.model.marks_changed():
            self._after_change(before)
        self._repaint()
        marks = self.model.marks
        self.post_message(messages.MarksChanged(self, marks.shown, marks.hidden))

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

    def _lay_out(self, *, steady: bool = False) -> None:
        """Lay the columns out by the rows there are now; at once where they are on screen."""
        self._measured = False
        if self.size.width and self.is_drawn and self._measure(steady=steady):
            self.refresh()

    def _measure(self, *, steady: bool) -> bool:
        model = self.model
        first = max(0, min(self.top, model.shown_count - self.page))
        visible = range(first, min(first + self.page, model.shown_count))
        sorted_by = model.sort.key if model.sort is not None else None
        wish = Wish(sorted_by, chosen=self._chosen)
        self._measured = True
        self._painter.prepare(self.size.width, model.filter)
        return self._painter.measure(
            [model.row_at(at) for at in visible],
            model.spread_rows(SPREAD),
            wish,
            steady=steady,
        )

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
            repaint_with_frame(self)
