"""Lay out a line of columns in a given width, and hold the widths that screens share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from tui_numbers.wording.cells import Align

WIDE = 100
"""The narrowest terminal, in cells, with the detail beside the table."""


DETAIL_WIDTH = 40
"""Cells of that detail, its border among them; styles/responsive.tcss has it too."""


R = TypeVar("R")


GUTTER = 2
"""Cells before the first column: the cursor's bar and the mark."""


GAP = 2
"""Cells between two columns."""


@dataclass(frozen=True)
class Column(Generic[R]):
    """One column of a table: how a row's cell reads, sorts and looks."""

    key: str
    title: str
    width: int
    """Cells it takes at least."""
    value: Callable[[R], str]
    sort_key: Callable[[R], Any] | None = None
    """What rows are compared by; None among the results sorts last. Without it, no sorting."""
    smallest: int = 0
    """The narrowest table, in cells, that shows it."""
    flex: int = 0
    """Its share of the cells that are left over."""
    align: Align = "left"
    style: Callable[[R], str] | None = None
    """The meaning of a row's cell: "good", "warn", "bad", "dim", or "" for none."""
    highlight: bool = False
    """Whether what the filter matched is shown in it."""
    spans: Callable[[R, str], Sequence[tuple[int, int]]] | None = None
    """Where else a row's text stands out, such as what a search of stock matched."""


@dataclass(frozen=True)
class Placed(Generic[R]):
    """A column where it is drawn."""

    column: Column[R]
    start: int
    """Its first cell in the line."""
    width: int


def lay_out(columns: Sequence[Column[R]], width: int) -> list[Placed[R]]:
    """Choose the columns that a line of ``width`` cells holds, and share what is left over.

    The last columns give way where there is not enough; the first is cut rather than left out.
    """
    chosen = [column for column in columns if column.smallest <= width]
    chosen = chosen or list(columns[:1])
    room = width - GUTTER
    while len(chosen) > 1 and _least(chosen) > room:
        chosen.pop()
    spare = max(0, room - _least(chosen)) if chosen else 0
    shares = sum(column.flex for column in chosen)
    placed = []
    start = GUTTER
    for column in chosen:
        extra = spare * column.flex // shares if shares else 0
        spare -= extra
        shares -= column.flex
        cells = max(0, min(column.width + extra, width - start))
        placed.append(Placed(column, start, cells))
        start += cells + GAP
    return placed


def _least(columns: Sequence[Column[R]]) -> int:
    """Return the cells that ``columns`` take with no share of what is left over."""
    return sum(column.width for column in columns) + GAP * (len(columns) - 1)
