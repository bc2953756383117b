"""What a table tells its owner, and the keys of every table."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from textual.binding import Binding
from textual.message import Message

if TYPE_CHECKING:
    from tui_numbers.ui.table.widget import NumberTable


@dataclass
class TableMessage(Message, namespace="number_table"):
    """Something that happened in a table."""

    table: "NumberTable[Any]"

    @property
    def control(self) -> "NumberTable[Any]":
        """The table, for ``on`` with a selector."""
        return self.table


@dataclass
class CursorMoved(TableMessage, namespace="number_table"):
    """The cursor stands on another row, on none, or its row is not what it was."""

    key: Hashable | None
    row: Any

    def can_replace(self, message: Message) -> bool:
        """Let only the latest of several in a row be handled."""
        return isinstance(message, CursorMoved) and message.table is self.table


@dataclass
class Opened(TableMessage, namespace="number_table"):
    """A row was opened."""

    key: Hashable
    row: Any


@dataclass
class MarksChanged(TableMessage, namespace="number_table"):
    """Rows were marked, or marks taken away."""

    shown: int
    hidden: int
    """Marked rows that the filter hides."""


@dataclass
class NearEnd(TableMessage, namespace="number_table"):
    """Someone came within a page of the end; told once for each count of rows."""

    total: int


DOWN: Final = Binding("down,j", "cursor_down", "Down", show=False, id="table.down")


UP: Final = Binding("up,k", "cursor_up", "Up", show=False, id="table.up")


PAGE_DOWN: Final = Binding("pagedown", "page_down", "Page down", show=False, id="table.page_down")


PAGE_UP: Final = Binding("pageup", "page_up", "Page up", show=False, id="table.page_up")


HALF_DOWN: Final = Binding(
    "ctrl+d", "half_down", "Half a page down", show=False, id="table.half_down"
)


HALF_UP: Final = Binding("ctrl+u", "half_up", "Half a page up", show=False, id="table.half_up")


HOME: Final = Binding("home,g", "first", "First row", show=False, id="table.home")


END: Final = Binding("end,G", "last", "Last row", show=False, id="table.end")


MARK: Final = Binding("space", "mark", "Mark", id="table.mark")


MARK_ALL: Final = Binding(
    "a", "mark_all", "Mark all shown, or none", show=False, id="table.mark_all"
)


OPEN: Final = Binding("enter", "open", "details", id="table.open")


BINDINGS: Final = (
    OPEN,
    MARK,
    MARK_ALL,
    DOWN,
    UP,
    PAGE_DOWN,
    PAGE_UP,
    HALF_DOWN,
    HALF_UP,
    HOME,
    END,
)
