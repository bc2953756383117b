"""Write what a view shows to a file, or copy it as text."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tui_numbers.domain import clock
from tui_numbers.domain.numbers import AvailableNumber, OwnedNumber
from tui_numbers.domain.operations import Operation
from tui_numbers.domain.records import available_record, operation_record, owned_record
from tui_numbers.services.export import (
    ExportError,
    csv_text,
    ending_of,
    json_text,
    keep,
    markdown_text,
)
from tui_numbers.ui.dialogs.dialog import AskScreen, LineScreen
from tui_numbers.ui.frame import Tone
from tui_numbers.ui.host import Host
from tui_numbers.ui.layout import Column
from tui_numbers.ui.selection import Selection
from tui_numbers.wording.cells import cell_width, fit, shown
from tui_numbers.wording.values import UNKNOWN

_HINT = "the ending says how: .csv .json .md · Enter writes · Esc cancels"

_GAP = "  "


@dataclass(frozen=True, slots=True)
class Seen:
    """What is exported of a view: its rows, under the columns that it has."""

    view: str
    columns: Sequence[Column[Any]]
    rows: Sequence[Any]
    subject_of: Callable[[Any], Any]
    """Returns what a row is of."""

    @property
    def words(self) -> str:
        """How much that is."""
        count = len(self.rows)
        return f"{count:,} row{'' if count == 1 else 's'} of {self.view}"

    def text(self, ending: str) -> str:
        """Return it in the format that the ending of a file name stands for."""
        if ending == ".json":
            return json_text([self._record(row) for row in self.rows])
        headings = [column.title for column in self.columns]
        write: Callable[..., str] = csv_text if ending == ".csv" else markdown_text
        return write(headings, [self._cells(row, bare=ending == ".csv") for row in self.rows])

    def plain(self) -> str:
        """Return it as a table of plain text."""
        lines = [[column.title for column in self.columns]]
        lines += [[shown(column.value(row)) for column in self.columns] for row in self.rows]
        widths = [max(map(cell_width, cells)) for cells in zip(*lines, strict=True)]
        return "".join(_GAP.join(map(fit, cells, widths)).rstrip() + "\n" for cells in lines)

    def _cells(self, row: Any, *, bare: bool) -> dict[str, str]:
        """Return the cells of a row by their titles, and numbers in E.164 where a program reads."""
        cells = {column.title: column.value(row) for column in self.columns}
        if bare:
            cells = {title: "" if text == UNKNOWN else text for title, text in cells.items()}
            for column in self.columns:
                number = getattr(self.subject_of(row), "number", None)
                if column.key == "number" and number is not None:
                    cells[column.title] = str(number)
        return cells

    def _record(self, row: Any) -> dict[str, Any]:
        """Return a row as commands write it, or else its cells."""
        match self.subject_of(row):
            case OwnedNumber() as number:
                return owned_record(number)
            case AvailableNumber() as number:
                return available_record(number)
            case Operation() as operation:
                return operation_record(operation)
            case _:
                return dict(self._cells(row, bare=True))


async def export(host: Host, chosen: Selection) -> None:
    """Ask for the name of a file, and write there what is seen, or what of it is marked."""
    seen = _seen(host, chosen, host.main.open_view.table.exported_columns)
    if seen is None:
        return
    name, problem = f"{seen.view}-{clock.now():%Y-%m-%d}.csv", ""
    while True:
        title = f"Write {seen.words} to a file"
        typed = await host.push_screen_wait(LineScreen(title, name, _HINT, problem))
        if typed is None:
            return
        name = typed
        try:
            text = await asyncio.to_thread(seen.text, ending_of(name))
            path = await _kept(host, name, text)
        except ExportError as error:
            problem = str(error)
            continue
        if path is not None:
            host.say(f"wrote {seen.words} to {path}", Tone.GOOD)
            return
        problem = ""


async def _kept(host: Host, name: str, text: str) -> str | None:
    """Write a file, and ask before one is replaced; return where, or None where it stays."""
    try:
        return str(await asyncio.to_thread(keep, name, text))
    except FileExistsError as error:
        question = AskScreen("Replace the file?", f"{error} is there already", "Replace", "Keep it")
        if not await host.push_screen_wait(question):
            return None
    return str(await asyncio.to_thread(keep, name, text, replacing=True))


async def copy_all(host: Host, chosen: Selection) -> None:
    """Copy what is seen, or what of it is marked, as a table of plain text."""
    seen = _seen(host, chosen, host.main.open_view.table.shown_columns)
    if seen is not None:
        host.copy(await asyncio.to_thread(seen.plain), seen.words)


def _seen(host: Host, chosen: Selection, columns: Sequence[Column[Any]]) -> Seen | None:
    """Return what the open view shows; None where it shows nothing, which is said."""
    view = host.main.open_view
    rows = view.exported_rows()
    if not rows:
        host.say("nothing is shown here that could be written", Tone.WARN)
        return None
    return Seen(chosen.view, columns, rows, view.subject_of)
