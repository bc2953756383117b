"""A small app around a table, which keeps what the table told it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.geometry import Region

import tui_numbers
from tests.ui.table.table_rows import COLUMNS, Row, hay_of, key_of
from tui_numbers.ui.table import (
    Column,
    CursorMoved,
    MarksChanged,
    NearEnd,
    NumberTable,
    RowOpened,
    TableMessage,
)

STYLES = Path(tui_numbers.__file__).parent.parent / "styles" / "table.tcss"


class Watched(NumberTable[Row]):
    """A table that keeps which of its lines were asked to be painted again."""

    painted: list[range]

    def refresh(self, *regions: Region, **options: Any) -> "Watched":
        self.__dict__.setdefault("painted", []).extend(region.line_range for region in regions)
        if not regions and options.get("repaint", True):
            self.painted.append(range(self.size.height))
        super().refresh(*regions, **options)
        return self


class Host(App[None]):
    CSS_PATH = STYLES

    def __init__(
        self, rows: Sequence[Row] = (), columns: Sequence[Column[Row]] = COLUMNS, message: str = ""
    ) -> None:
        super().__init__()
        self.rows = rows
        self.told: list[TableMessage] = []
        self.table = Watched(columns, key_of, hay_of, empty_message=message)

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.table.sync(self.rows)
        self.table.focus()

    def keep(self, message: TableMessage) -> None:
        self.told.append(message)

    def on_number_table_cursor_moved(self, message: CursorMoved) -> None:
        self.keep(message)

    def on_number_table_row_opened(self, message: RowOpened) -> None:
        self.keep(message)

    def on_number_table_marks_changed(self, message: MarksChanged) -> None:
        self.keep(message)

    def on_number_table_near_end(self, message: NearEnd) -> None:
        self.keep(message)

    def last(self, kind: type[TableMessage]) -> Any:
        """The latest message of a kind."""
        return [message for message in self.told if isinstance(message, kind)][-1]

    def lines(self) -> list[str]:
        """What the table shows, each line checked to fill the width and no more."""
        table = self.table
        drawn = [table.render_line(y) for y in range(table.size.height)]
        for strip in drawn:
            assert strip.cell_length == table.size.width
            assert sum(cell_len(segment.text) for segment in strip) == table.size.width
        return [strip.text for strip in drawn]
