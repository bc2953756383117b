"""The filter line above a table, with the count of rows it leaves."""

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Static

from tui_numbers.domain.filtering import FilterError
from tui_numbers.ui.actions import Scope, bindings_of
from tui_numbers.ui.line_input import LineInput
from tui_numbers.ui.table import NumberTable
from tui_numbers.ui.text import content


class FilterInput(LineInput):
    """Keeps the filter on Enter, clears it on Escape, and hands Down to the table."""

    class Left(Message):
        """The person is done with the filter."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(Scope.FILTER)

    def __init__(self) -> None:
        super().__init__(
            placeholder="number, last digits, name, target, account, place",
            select_on_focus=False,
        )

    def action_leave(self) -> None:
        """Go back to the table and keep the filter."""
        self.post_message(self.Left())

    def action_clear(self) -> None:
        """Empty the filter; with nothing left to empty, go back to the table."""
        if self.value:
            self.value = ""
        else:
            self.post_message(self.Left())


class FilterLine(Horizontal):
    """The filter and, at its right, how many rows are shown, or why the filter cannot be read."""

    def __init__(self) -> None:
        super().__init__()
        self._count = ""
        self._problem = ""

    def compose(self) -> ComposeResult:
        """Lay the line out."""
        yield Static("/", classes="filter-sign", markup=False)
        yield FilterInput()
        yield Static("", classes="filter-count", markup=False)

    @property
    def input(self) -> FilterInput:
        """Where the filter is typed."""
        return self.query_one(FilterInput)

    def apply(self, table: NumberTable[Any]) -> None:
        """Show the rows that the filter finds; while it cannot be read, what was shown stays."""
        try:
            table.set_filter(self.input.value)
        except FilterError as error:
            self._problem = str(error)
        else:
            self._problem = ""
        self._tell()

    def count(self, text: str) -> None:
        """Say how many rows are shown."""
        self._count = text
        self._tell()

    def _tell(self) -> None:
        side = self.query_one(".filter-count", Static)
        side.set_class(bool(self._problem), "-problem")
        side.update(content(self._problem or self._count))
