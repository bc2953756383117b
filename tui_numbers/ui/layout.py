"""Lay out a line of columns by what is in them, and hold the widths that screens share."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from tui_numbers.ui.text import fit, measure
from tui_numbers.wording.cells import Align, Cut
from tui_numbers.wording.values import UNKNOWN

WIDE = 100
"""The narrowest terminal, in cells, with the detail beside the table."""


DETAIL_WIDTH = 40
"""Cells of that detail, its border among them; styles/detail.tcss has it too."""


WITHOUT_DETAIL = "-no-detail"
"""The class of a screen on which it is hidden."""


R = TypeVar("R")


GUTTER = 2
"""Cells before the first column: the cursor's bar and the mark."""


GAP = 2
"""Cells between two columns."""

_ASCENDING, _DESCENDING = " ▲", " ▼"
"""Stand behind the title of the column that rows are sorted by."""

SPREAD = 48
"""Rows beside the visible ones by which a column is measured, from all of them."""
_SLACK = 6
"""Cells that a column gets beyond what was measured, where nobody else needs them."""
_LONGEST = 300
"""Characters of a value that are measured; no terminal shows more of one."""
_TYPICAL = 0.9
"""The share of rows that a column is to hold uncut before any column gets more."""


@dataclass(frozen=True)
class Column(Generic[R]):
    """One column of a table: how a row's cell reads, sorts and looks."""

    key: str
    title: str
    width: int
    """Cells that it is not cut below; it is left out where there are fewer."""
    value: Callable[[R], str]
    sort_key: Callable[[R], Any] | None = None
    """What rows are compared by; None among the results sorts last. Without it, no sorting."""
    smallest: int = 0
    """The narrowest table, in cells, that shows it unasked."""
    flex: int = 0
    """Who gets room first, the highest before the others; 0 is never cut."""
    optional: int = 0
    """Where there is too little room the highest of these leave first; 0 leaves last."""
    align: Align = "left"
    style: Callable[[R], str] | None = None
    """The meaning of a row's cell: "good", "warn", "bad", "dim", or "" for none."""
    highlight: bool = False
    """Whether what the filter matched is shown in it."""
    spans: Callable[[R, str], Sequence[tuple[int, int]]] | None = None
    """Where else a row's text stands out, such as what a search of stock matched."""
    cut: Cut = "end"
    """Where a cell that is too long gives way."""
    brief: Callable[[R], str] | None = None
    """What stands in a cell that ``value`` is too long for."""
    meaning: str = ""
    """What it tells, where columns are chosen; the title where it is empty."""
    extra: bool = False
    """Whether it is shown only where somebody chose it, or sorts by it."""
    costly: bool = False
    """Whether its values take long to make, as the spelling of a number does."""

    def text(self, row: R, width: int) -> str:
        """Return what a row's cell of so many cells says, cut or not."""
        text = self.value(row)
        if self.brief is not None and len(text) > width and measure(text) > width:
            return self.brief(row)
        return text


@dataclass(frozen=True)
class Placed(Generic[R]):
    """A column where it is drawn."""

    column: Column[R]
    start: int
    """Its first cell in the line."""
    width: int


@dataclass(frozen=True, slots=True)
class Need:
    """How many cells the values of a column take."""

    typical: int = 0
    longest: int = 0
    """None of them is told where it is 0."""


Needs = Mapping[str, Need]
"""By the column's key; empty where there is no row to measure."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks of a table's columns."""

    sorted_by: str | None = None
    """The column that rows are sorted by, whose arrow stands behind its title."""
    reverse: bool = False
    chosen: tuple[str, ...] = ()
    """The columns to show, in their order; empty for those that fit."""


def spread_over(count: int, most: int = SPREAD) -> range:
    """Return places of about ``most`` rows out of ``count``, one as far from the next."""
    return range(0, count, max(1, count // most))


def needs_of(
    columns: Iterable[Column[R]], visible: Sequence[R], others: Sequence[R], before: Needs
) -> dict[str, Need]:
    """Measure the values of columns over some rows.

    A costly column is measured over the visible rows alone, whose values are drawn in any case.
    What was needed ``before`` is needed still.
    """
    found = {}
    for column in columns:
        rows = visible if column.costly else (*visible, *others)
        widths = _widths(column.value, rows)
        known = before.get(column.key, Need())
        if widths:
            # Where there is a brief text, others get their room before the whole one does.
            usual = widths if column.brief is None else _widths(column.brief, rows) or widths
            typical = usual[min(len(usual) - 1, int(len(usual) * _TYPICAL))]
            known = Need(max(known.typical, typical), max(known.longest, widths[-1]))
        found[column.key] = known
    return found


def _widths(value: Callable[[R], str], rows: Iterable[R]) -> list[int]:
    """Return the cells of what rows say, in order, without those that say nothing."""
    return sorted(
        measure(text[:_LONGEST]) for row in rows if (text := value(row)) not in ("", UNKNOWN)
    )


def lay_out(
    columns: Sequence[Column[R]], width: int, needs: Needs | None = None, wish: Wish | None = None
) -> list[Placed[R]]:
    """Choose the columns that a line of ``width`` cells holds, and share the cells among them.

    A column that no row has a value for gives its room away. Where there is not enough, optional
    columns leave, then the last ones; the first is cut rather than left out, unless it is optional.
    The others get what most rows need, and then what all need, each time in the order of ``flex``.
    """
    line = _Line(needs or {}, wish or Wish(), width - GUTTER)
    chosen = line.fitting(line.candidates(columns, width))
    widths = line.shared(chosen)
    placed: list[Placed[R]] = []
    start = GUTTER
    for column in chosen:
        cells = max(0, min(widths[column.key], width - start))
        if placed and not cells:
            continue
        placed.append(Placed(column, start, cells))
        start += cells + GAP
    return placed


def heading(placed: Sequence[Placed[Any]], wish: Wish) -> str:
    """Return the line of titles, with the arrow behind that of the column sorted by."""
    cells = []
    for one in placed:
        column, width = one.column, one.width
        if wish.sorted_by != column.key or width < len(_ASCENDING):
            cells.append(fit(column.title, width, column.align))
            continue
        arrow = _DESCENDING if wish.reverse else _ASCENDING
        title = fit(column.title, width - len(arrow)).rstrip() + arrow
        cells.append(title.ljust(width) if column.align == "left" else title.rjust(width))
    return " " * GUTTER + (" " * GAP).join(cells)


def gains(now: Sequence[Placed[R]], then: Sequence[Placed[R]], needs: Needs) -> bool:
    """Tell whether another layout shows more than the present one: else this one may stay."""
    if [one.column.key for one in now] != [one.column.key for one in then]:
        return True
    return any(
        before.width < min(after.width, needs.get(after.column.key, Need()).longest)
        or before.width < measure(before.column.title) <= after.width
        for before, after in zip(now, then, strict=True)
    )


@dataclass(frozen=True)
class _Line:
    """What a layout is made by."""

    needs: Needs
    wish: Wish
    room: int
    _empty: Need = field(default_factory=Need)

    def candidates(self, columns: Sequence[Column[R]], width: int) -> list[Column[R]]:
        """Return the columns to show where there is room for all of them."""
        if self.wish.chosen:
            known = {column.key: column for column in columns}
            picked = [known[key] for key in self.wish.chosen if key in known]
            if picked:
                return picked
        shown = [column for column in columns if self._is_wanted(column, width)]
        return shown or list(columns[:1])

    def _is_wanted(self, column: Column[Any], width: int) -> bool:
        if column.key == self.wish.sorted_by:
            return True
        if column.extra or column.smallest > width:
            return False
        return not self.needs or self.needs.get(column.key, self._empty).longest > 0

    def fitting(self, columns: list[Column[R]]) -> list[Column[R]]:
        """Leave out columns until the others fit, each in the fewest cells that it may have."""
        kept = list(columns)
        while len(kept) > 1 and _total(map(self.least, kept)) > self.room:
            droppable = [
                column
                for at, column in enumerate(kept)
                if (at or column.optional) and column.key != self.wish.sorted_by
            ]
            if not droppable:
                break
            # The last of those that leave first.
            kept.remove(max(reversed(droppable), key=lambda column: column.optional))
        return kept

    def least(self, column: Column[Any]) -> int:
        """Return the fewest cells that a column may have."""
        title = self._title(column)
        need = self._need(column)
        return max(title, min(column.width, need.longest) if column.flex else need.longest)

    def shared(self, columns: Sequence[Column[Any]]) -> dict[str, int]:
        """Return the cells of each column by its key."""
        widths = {column.key: self.least(column) for column in columns}
        spare = self.room - _total(widths.values())
        for typical in (True, False):
            # What can be told in brief waits for what cannot.
            for column in sorted(
                columns, key=lambda one: (one.brief is not None and not typical, -one.flex)
            ):
                need = self._need(column)
                wanted = need.typical if typical else need.longest
                more = max(0, min(spare, wanted - widths[column.key]))
                widths[column.key] += more
                spare -= more
        # A little for rows that were not measured, or columns would move as those come in sight.
        for column in sorted(columns, key=lambda column: -column.flex):
            more = max(0, min(spare, _SLACK)) if column.flex else 0
            widths[column.key] += more
            spare -= more
        return widths

    def _need(self, column: Column[Any]) -> Need:
        if not self.needs:
            return Need(column.width, column.width)
        return self.needs.get(column.key, self._empty)

    def _title(self, column: Column[Any]) -> int:
        mark = len(_ASCENDING) if column.key == self.wish.sorted_by else 0
        return measure(column.title) + mark


def _total(widths: Iterable[int]) -> int:
    """Return the cells of columns with the gaps between them."""
    cells = list(widths)
    return sum(cells) + GAP * (len(cells) - 1)
