"""Draw the rows of the last session before Textual is loaded, where the dashboard will."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tui_numbers.ui.layout import (
    DETAIL_WIDTH,
    GAP,
    GUTTER,
    WIDE,
    heading,
    lay_out,
    needs_of,
    spread_over,
)
from tui_numbers.ui.text import fit
from tui_numbers.ui.views import FIRST
from tui_numbers.ui.views.table_layouts import owned_table, preferred
from tui_numbers.wording.values import time_of_day

if TYPE_CHECKING:
    from tui_numbers.domain.numbers import OwnedNumber
    from tui_numbers.services.config import UiConfig
    from tui_numbers.services.session import Session


_OTHER_LINES = 5
"""Lines that hold no row: title, filter, headings, status, verbs."""


def known_lines(session: "Session", width: int, height: int) -> list[str]:
    """Return the lines from the filter to the last row; none where nothing is known yet.

    Args:
        session: Whose snapshot tells what is known.
        width: Cells of the whole terminal.
        height: Lines of the whole terminal.
    """
    kept = session.snapshot.heads() if session.snapshot is not None else {}
    rows = [
        row
        for account in session.accounts
        if account.name in kept
        for row in kept[account.name].numbers
    ]
    if not rows:
        return []
    count = sum(found.count for found in kept.values())
    as_of = time_of_day(min(found.as_of for found in kept.values()))
    told = f"{count:,} · as of {as_of} "
    room = width - DETAIL_WIDTH if width >= WIDE and session.config.ui.detail else width
    return [
        fit(" /", width - len(told)) + told,
        *_table(rows, room, height - _OTHER_LINES, session.config.ui),
    ]


def _table(rows: "Sequence[OwnedNumber]", width: int, height: int, ui: "UiConfig") -> Iterator[str]:
    columns = owned_table()
    wish, _ = preferred(ui, FIRST, columns)
    key = next((one.sort_key for one in columns if one.key == wish.sorted_by), None)
    rows = _sorted(rows, key, reverse=wish.reverse) if key is not None else rows
    visible, others = rows[:height], [rows[at] for at in spread_over(len(rows))]
    placed = lay_out(columns, width, needs_of(columns, visible, others, {}), wish)
    gap = " " * GAP
    yield heading(placed, wish)
    for at, row in enumerate(visible):
        cells = gap.join(
            fit(one.column.text(row, one.width), one.width, one.column.align, one.column.cut)
            for one in placed
        )
        yield ("▌ " if at == 0 else " " * GUTTER) + cells


def _sorted(
    rows: "Sequence[OwnedNumber]", key: "Callable[[OwnedNumber], Any]", *, reverse: bool
) -> "list[OwnedNumber]":
    """Return rows as the table sorts them: those that tell nothing stand last."""
    told = [row for row in rows if key(row) is not None]
    untold = [row for row in rows if key(row) is None]
    return sorted(told, key=key, reverse=reverse) + untold
