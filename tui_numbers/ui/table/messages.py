"""Tell the screen what happened in its table."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.message import Message

if TYPE_CHECKING:
    from tui_numbers.ui.table.index import Sort
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
class RowOpened(TableMessage, namespace="number_table"):
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
class SortChosen(TableMessage, namespace="number_table"):
    """A person had the rows sorted otherwise."""

    sort: "Sort | None"


@dataclass
class NearEnd(TableMessage, namespace="number_table"):
    """Someone came within a page of the end; told once for each count of rows."""

    total: int
