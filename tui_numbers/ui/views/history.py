"""List the journal's operations, open ones first, a batch as one row."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from textual import on, work
from textual.app import ComposeResult
from textual.widgets import Input

from tui_numbers.domain.e164 import international
from tui_numbers.domain.filter_terms import HISTORY
from tui_numbers.domain.operations import JournalError, Operation, Outcome
from tui_numbers.services.batch import unsent_of
from tui_numbers.services.settling import may_change, newest_page
from tui_numbers.services.writes import Writer
from tui_numbers.ui.detail_facts import facts_content, operation_facts
from tui_numbers.ui.dialogs.dialog import PageScreen
from tui_numbers.ui.frame import Part, Tone
from tui_numbers.ui.host import CursorNumber, NumberChanged, View
from tui_numbers.ui.layout import Column
from tui_numbers.ui.selection import Selection
from tui_numbers.ui.table import CursorMoved, NumberTable, Prepared, RowOpened
from tui_numbers.ui.views.filter_line import FilterInput, FilterLine
from tui_numbers.ui.views.table_layouts import history_table
from tui_numbers.wording.search_text import (
    Values,
    batch_text,
    operation_text,
    operation_values,
)
from tui_numbers.wording.values import outcome_tone, outcome_words

_NOTHING = "nothing was changed from here yet"
_UNMATCHED = "nothing matches the filter: Esc in the filter clears it"


PAGE = 100
"""How many of the newest operations are shown at once."""
MOST = 5000
"""How many are shown in the end, besides those that are open; a journal may hold a million."""
_FOLDED, _UNFOLDED = "▸", "▾"
_INSIDE = "  "
"""Stands before the number of an operation that is shown below its batch."""
_SEVERAL = {"account": "{} accounts", "change": "{} different changes"}
"""What a batch says whose operations differ in a column."""
_WORST_FIRST = ("bad", "warn", "dim", "", "good")


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A line of the history: an operation, or a batch of several."""

    operation: Operation
    """The operation, or the first of the batch: one that is open, or else the newest."""
    batch: tuple[Operation, ...] = ()
    """All of the batch; empty for a single operation."""
    unfolded: bool = False
    """Whether the operations of the batch are shown below it."""
    head: Operation | None = None
    """The first operation of the batch that this one is shown below, by which it is sorted."""

    @property
    def key(self) -> str:
        """What the row is known by."""
        return f"batch {self.operation.batch}" if self.batch else self.operation.id

    @property
    def sorted_as(self) -> Operation:
        """The operation by whose values the row is sorted: those of a batch stay together."""
        return self.head or self.operation

    def words(self, of: Callable[[Operation], str], several: str) -> str:
        """Return what all operations of the row say, or that it is ``several`` things."""
        said = dict.fromkeys(map(of, self.batch or (self.operation,)))
        return next(iter(said)) if len(said) == 1 else several.format(len(said))


def rows_of(operations: Iterable[Operation], unfolded: set[str]) -> list[HistoryRow]:
    """Return the lines for operations in their order; of a batch, at the place of its first."""
    batches: dict[str, list[Operation]] = {}
    for one in operations:
        batches.setdefault(one.batch or one.id, []).append(one)
    rows = []
    for name, found in batches.items():
        if len(found) == 1:
            rows.append(HistoryRow(found[0]))
            continue
        is_open = name in unfolded
        rows.append(HistoryRow(found[0], tuple(found), unfolded=is_open))
        if is_open:
            rows.extend(HistoryRow(one, head=found[0]) for one in found)
    return rows


def row_text(row: HistoryRow) -> str:
    """Return what a line is found by."""
    return batch_text(row.batch) if row.batch else operation_text(row.operation)


def outcomes_words(operations: Sequence[Operation]) -> str:
    """Return how the operations of a batch ended, the worst first: ``2 failed, 12 verified``."""
    counted = Counter(map(outcome_words, operations))
    worst = sorted(operations, key=lambda one: _WORST_FIRST.index(outcome_tone(one.outcome)))
    return ", ".join(f"{counted[word]} {word}" for word in dict.fromkeys(map(outcome_words, worst)))


def _numbers_words(row: HistoryRow) -> str:
    sign = _UNFOLDED if row.unfolded else _FOLDED
    numbers = {one.number for one in row.batch}
    if len(numbers) == 1:
        return f"{sign} {international(row.operation.number)} x{len(row.batch)}"
    return f"{sign} {len(numbers)} numbers"


def _batch_tone(row: HistoryRow) -> str:
    return min((outcome_tone(one.outcome) for one in row.batch), key=_WORST_FIRST.index)


def rows_table() -> tuple[Column[HistoryRow], ...]:
    """Return the columns of the history's lines: those of operations, and what batches say."""
    return tuple(map(_of_rows, history_table()))


def _of_rows(column: Column[Operation]) -> Column[HistoryRow]:
    several = {"account": "{} accounts", "change": "{} different changes"}.get(
        column.key, "several"
    )

    def value(row: HistoryRow) -> str:
        if not row.batch:
            inside = _INSIDE if row.head is not None and column.key == "number" else ""
            return inside + column.value(row.operation)
        if column.key == "number":
            return _numbers_words(row)
        if column.key == "outcome":
            return outcomes_words(row.batch)
        if column.key == "when":
            return column.value(row.operation)
        said = row.words(column.value, "")
        # Several that were elsewhere before may all go to one place.
        return said or row.words(column.brief or column.value, several)

    def brief(row: HistoryRow) -> str:
        return row.words(column.brief, several) if column.brief else value(row)

    def tone(row: HistoryRow) -> str:
        if row.batch and column.key == "outcome":
            return _batch_tone(row)
        return column.style(row.operation) if column.style else ""

    key, laid_out = column.sort_key, cast("Column[Any]", column)
    return replace(
        laid_out,
        value=value,
        brief=brief if column.brief else None,
        sort_key=(lambda row: key(row.sorted_as)) if key is not None else None,
        style=tone if column.style else None,
    )


class HistoryView(View):
    """The journal as a table."""

    def __init__(self, writer: Writer) -> None:
        super().__init__(id="history")
        self._writer = writer
        self._nothing = _NOTHING
        self._found: list[Operation] = []
        self._is_whole = False
        """Whether what comes before the newest page was read, as far as it is shown."""
        self._unfolded: set[str] = set()
        """The batches whose operations are shown."""

    def compose(self) -> ComposeResult:
        """Lay the view out."""
        yield FilterLine(HISTORY, self._values)
        yield NumberTable[HistoryRow](
            rows_table(),
            lambda row: row.key,
            row_text,
            layout=HISTORY,
            empty_message=_NOTHING,
            id="history-table",
        )

    def exported_rows(self) -> "Sequence[HistoryRow]":
        """Return a row for each operation, those of batches that are folded among them."""
        rows = self.table.exported_rows
        found = {one.id: one for row in rows for one in row.batch or (row.operation,)}
        return [HistoryRow(operation) for operation in found.values()]

    def subject_of(self, row: HistoryRow) -> Operation:
        """Return the operation of a row."""
        return row.operation

    @property
    def table(self) -> NumberTable[HistoryRow]:
        """The table."""
        return self.query_one("#history-table", NumberTable)

    def selection(self) -> Selection:
        """Return the operation or the batch under the cursor."""
        row = self.table.cursor_row
        if row is None:
            return Selection("history")
        return Selection("history", operation=row.operation, batch=row.batch)

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
        """Read the journal: its newest page, and behind it the earlier ones the first time."""
        try:
            await self._show(self._read_page)
            if not self._is_whole:
                await self._show(self._read_all)
        except JournalError as error:
            self._nothing = "the journal cannot be read, so this is not known: @ says why"
            self._count()
            self.dashboard.say(str(error), Tone.BAD)

    async def _show(self, read: Callable[[], list[Operation]]) -> None:
        def prepare() -> tuple[list[Operation], int, Prepared[HistoryRow]]:
            found = read()
            unsent = len(unsent_of(found))
            found.sort(key=lambda row: row.outcome is None or not row.outcome.is_open)
            return found, unsent, self.table.prepare(rows_of(found, self._unfolded))

        found, unsent, rows = await asyncio.to_thread(prepare)
        self._nothing = _NOTHING
        self._found = found
        self.table.sync(rows)
        self._count()
        self.post_message(CursorNumber(None))
        unknown = sum(row.outcome is Outcome.UNKNOWN for row in found)
        pending = sum(row.outcome is Outcome.PENDING for row in found)
        newest = "newest " if len(found) >= MOST else ""
        self._told = (
            Part(f"{len(found):,} {newest}operation{'' if len(found) == 1 else 's'}"),
            *((Part(f"{unknown:,} unknown", Tone.WARN),) if unknown else ()),
            *((Part(f"{pending:,} pending", Tone.WARN),) if pending else ()),
            *((Part(f"{unsent:,} not sent", Tone.WARN),) if unsent else ()),
        )

    def _read_page(self) -> list[Operation]:
        """Return the newest page, and the earlier operations as far as they are known."""
        journal = self._writer.journal
        known = {one.id: one for one in self._found}
        page = newest_page(journal, PAGE)
        if len(page) < PAGE:
            self._is_whole = True
            return page
        if not any(one.id in known for one in page[:PAGE]):
            self._is_whole = False
            return page
        shown = {one.id for one in page}
        earlier = [one for one in self._found if one.id not in shown]
        fresh = [journal.get(one.id) if may_change(one) else one for one in earlier]
        return [*page, *filter(None, fresh)]

    def _read_all(self) -> list[Operation]:
        """Return all that is shown of the journal."""
        self._is_whole = True
        return newest_page(self._writer.journal, MOST)

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
        return operation_values(self._found)

    @on(CursorMoved)
    def _cursor_moved(self, event: CursorMoved) -> None:
        event.stop()
        self.post_message(CursorNumber(None))

    @on(RowOpened)
    def _opened(self, event: RowOpened) -> None:
        """Unfold a batch, or show everything recorded of an operation."""
        event.stop()
        row: HistoryRow = event.row
        operation = row.operation
        if row.batch:
            self._fold(operation.batch, unfolded=not row.unfolded)
            return
        width = min(self.app.size.width * 9 // 10, 100) - 8
        self.app.push_screen(
            PageScreen("Operation", facts_content(operation_facts(operation), width))
        )

    def fold(self) -> None:
        """Fold the batch under the cursor, or the one that the operation there stands below."""
        row = self.table.cursor_row
        if row is not None and (row.unfolded or row.head is not None):
            self._fold(row.operation.batch, unfolded=False)

    def _fold(self, batch: str, *, unfolded: bool) -> None:
        """Show the operations of a batch below it, or its one line alone, with the cursor on it."""
        if unfolded:
            self._unfolded.add(batch)
        else:
            self._unfolded.discard(batch)
        self.table.move_to_key(f"batch {batch}")
        self.table.sync(rows_of(self._found, self._unfolded))
        self._count()
        self.post_message(CursorNumber(None))

    @on(FilterInput.Left)
    def _to_table(self) -> None:
        self.screen.set_focus(self.table)
