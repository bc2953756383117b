"""The history view: list the journal's operations, open ones first."""

import asyncio

from textual import on, work
from textual.app import ComposeResult
from textual.widgets import Input

from tui_numbers.domain.filter_terms import HISTORY
from tui_numbers.domain.operations import JournalError, Operation, Outcome
from tui_numbers.services.resume import unsent_of
from tui_numbers.services.writes import Writer
from tui_numbers.ui.detail.facts import facts_content, operation_facts
from tui_numbers.ui.dialogs.page import PageScreen
from tui_numbers.ui.frame import Part, Tone
from tui_numbers.ui.host import View
from tui_numbers.ui.messages import CursorNumber, NumberChanged
from tui_numbers.ui.selection import Selection
from tui_numbers.ui.table import CursorMoved, NumberTable, Prepared, RowOpened
from tui_numbers.ui.views.filter_line import FilterInput, FilterLine
from tui_numbers.ui.views.table_layouts import history_table
from tui_numbers.wording.search_text import Values, operation_text, operation_values

_NOTHING = "nothing was changed from here yet"
_UNMATCHED = "nothing matches the filter: Esc in the filter clears it"


class HistoryView(View):
    """The journal as a table."""

    def __init__(self, writer: Writer) -> None:
        super().__init__(id="history")
        self._writer = writer
        self._nothing = _NOTHING

    def compose(self) -> ComposeResult:
        """Lay the view out."""
        yield FilterLine(HISTORY, self._values)
        yield NumberTable[Operation](
            history_table(),
            lambda row: row.id,
            operation_text,
            layout=HISTORY,
            empty_message=_NOTHING,
            id="history-table",
        )

    @property
    def table(self) -> NumberTable[Operation]:
        """The table."""
        return self.query_one("#history-table", NumberTable)

    def selection(self) -> Selection:
        """Return the operation under the cursor."""
        return Selection("history", operation=self.table.cursor_row)

    def when_opened(self) -> None:
        """Read the journal again."""
        super().when_opened()
        self.refresh_rows()

    def number_changed(self, message: NumberChanged) -> None:
        """Read the journal again, where it is shown."""
        if self.display:
            self.refresh_rows()

    @work(exclusive=True, group="history", exit_on_error=False)
    async def refresh_rows(self) -> None:
        """Read the journal."""
        try:
            found, unsent, rows = await asyncio.to_thread(self._read)
        except JournalError as error:
            self._nothing = "the journal cannot be read, so this is not known: @ says why"
            self._count()
            self.dashboard.say(str(error), Tone.BAD)
            return
        self._nothing = _NOTHING
        self.table.sync(rows)
        self._count()
        self.post_message(CursorNumber(None))
        unknown = sum(row.outcome is Outcome.UNKNOWN for row in found)
        pending = sum(row.outcome is Outcome.PENDING for row in found)
        self.parts = (
            Part(f"{len(found):,} operation{'' if len(found) == 1 else 's'}"),
            *((Part(f"{unknown:,} unknown", Tone.WARN),) if unknown else ()),
            *((Part(f"{pending:,} pending", Tone.WARN),) if pending else ()),
            *((Part(f"{unsent:,} not sent", Tone.WARN),) if unsent else ()),
        )

    def _read(self) -> tuple[list[Operation], int, Prepared[Operation]]:
        """Return the operations, how many of them were not sent, and the rows of the table."""
        found = self._writer.journal.operations()
        unsent = len(unsent_of(found))
        found.sort(key=lambda row: row.outcome is None or not row.outcome.is_open)
        return found, unsent, self.table.prepare(found)

    def _count(self) -> None:
        shown, total = self.table.shown_count, self.table.total_count
        self.table.empty_message = _UNMATCHED if total else self._nothing
        self.query_one(FilterLine).count(
            f"{shown:,} of {total:,}" if shown != total else f"{total:,}"
        )

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        if isinstance(event.input, FilterInput):
            self.query_one(FilterLine).apply(self.table, self._count)

    def _values(self) -> Values:
        """Return what a filter can be completed with."""
        return operation_values(self.table.model.all_rows())

    @on(CursorMoved)
    def _cursor_moved(self, event: CursorMoved) -> None:
        event.stop()
        self.post_message(CursorNumber(None))

    @on(RowOpened)
    def _opened(self, event: RowOpened) -> None:
        """Show everything recorded of the operation under the cursor."""
        event.stop()
        operation: Operation = event.row
        width = min(self.app.size.width * 9 // 10, 100) - 8
        self.app.push_screen(
            PageScreen("Operation", facts_content(operation_facts(operation), width))
        )

    @on(FilterInput.Left)
    def _to_table(self) -> None:
        self.screen.set_focus(self.table)
