"""A virtual table for any kind of rows, quick at a hundred thousand of them."""

from tui_numbers.ui.layout import Column
from tui_numbers.ui.table.index import Change, Prepared, Sort
from tui_numbers.ui.table.messages import (
    CursorMoved,
    MarksChanged,
    NearEnd,
    Opened,
    TableMessage,
)
from tui_numbers.ui.table.model import TableModel
from tui_numbers.ui.table.widget import NumberTable

__all__ = [
    "Change",
    "Column",
    "CursorMoved",
    "MarksChanged",
    "NearEnd",
    "NumberTable",
    "Opened",
    "Prepared",
    "Sort",
    "TableMessage",
    "TableModel",
]
