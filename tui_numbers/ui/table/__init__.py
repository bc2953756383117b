"""A virtual table for rows of any kind, quick at a hundred thousand of them."""

from tui_numbers.ui.layout import Column
from tui_numbers.ui.table.index import Change, Prepared, Sort
from tui_numbers.ui.table.messages import (
    CursorMoved,
    MarksChanged,
    NearEnd,
    RowOpened,
    SortChosen,
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
    "Prepared",
    "RowOpened",
    "Sort",
    "SortChosen",
    "TableMessage",
    "TableModel",
]
