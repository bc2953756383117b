"""Paint a table's lines: lay out columns, apply styles, cache finished lines."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui_numbers.domain.filtering import EVERYTHING, RowFilter
from tui_numbers.ui.layout import (
    GAP,
    GUTTER,
    Column,
    Needs,
    Placed,
    Wish,
    gains,
    heading,
    lay_out,
    needs_of,
)
from tui_numbers.ui.table.index import Sort
from tui_numbers.ui.text import fit, measure
from tui_numbers.wording.values import UNKNOWN

R = TypeVar("R")

CURSOR_BAR = "▌"
MARK = "*"
_MOST_KEPT = 2000

PLAIN = Style.null()

_Piece = tuple[str, Style]


@dataclass(frozen=True, slots=True)
class Palette:
    """The styles that a table is drawn in, as the theme has them."""

    base: Style = PLAIN
    heading: Style = PLAIN
    cursor: Style = PLAIN
    mark: Style = PLAIN
    match: Style = PLAIN
    empty: Style = PLAIN
    meanings: Mapping[str, Style] = field(default_factory=dict)
    """By what a column's ``style`` says."""

    @property
    def cursor_match(self) -> Style:
        """How a match reads under the cursor, where its colour might not."""
        return self.cursor + Style(bold=True, underline=True)


class Painter(Generic[R]):
    """Makes the lines of one table at one width."""

    def __init__(self, columns: Sequence[Column[R]]) -> None:
        self.columns = tuple(columns)
        self.palette = Palette()
        self._filter = EVERYTHING
        self._width = 0
        self._wish = Wish()
        self._needs: Needs = {}
        self._placed: list[Placed[R]] = []
        self._kept: dict[tuple[Hashable, bool, bool], tuple[R, Strip]] = {}

    @property
    def shown_columns(self) -> list[Column[R]]:
        """The columns that the width has room for."""
        return [placed.column for placed in self._placed]

    @property
    def empty_columns(self) -> list[str]:
        """The keys of the columns that no measured row has a value for."""
        return [key for key, need in self._needs.items() if not need.longest]

    def prepare(self, width: int, wanted: RowFilter) -> None:
        """Draw for this width and this filter from here on."""
        if width != self._width:
            self._width = width
            self._place(lay_out(self.columns, width, self._needs, self._wish))
        if wanted.text != self._filter.text:
            self._filter = wanted
            self._kept.clear()

    def measure(
        self, visible: Sequence[R], others: Sequence[R], wish: Wish, *, steady: bool = False
    ) -> bool:
        """Lay the columns out by what these rows hold, and tell whether anything moved.

        ``steady`` keeps a layout that shows them no worse than another one would.
        """
        self._needs = needs_of(self.columns, visible, others, {}) if visible else {}
        steady = steady and wish == self._wish
        self._wish = wish
        return self._lay_out(steady=steady)

    def fit_rows(self, visible: Sequence[R]) -> bool:
        """Make room for rows that come into sight, and tell whether anything moved.

        Room is made for what must not be cut, for columns that were empty so far, and for what
        is cut beside cells that are empty.
        """
        last = self._placed[-1] if self._placed else None
        is_roomy = last is not None and last.start + last.width < self._width
        placed = {one.column.key: one.width for one in self._placed}
        short = [
            column
            for column in self.columns
            if (column.key not in placed and not column.extra and not self._wish.chosen)
            or (column.key in placed and (is_roomy or not column.flex))
        ]
        if not any(self._is_cut(column, row, placed) for column in short for row in visible):
            return False
        self._needs = {**self._needs, **needs_of(short, visible, (), self._needs)}
        return self._lay_out(steady=True)

    def _is_cut(self, column: Column[R], row: R, placed: Mapping[str, int]) -> bool:
        known = self._needs.get(column.key)
        text = column.value(row)
        if known is None or text in ("", UNKNOWN):
            return False
        cells = measure(text)
        return cells > known.longest and cells > placed.get(column.key, 0)

    def _lay_out(self, *, steady: bool) -> bool:
        """Lay the columns out afresh, and tell whether anything moved."""
        then = lay_out(self.columns, self._width, self._needs, self._wish)
        if then == self._placed or (steady and not gains(self._placed, then, self._needs)):
            return False
        self._place(then)
        return True

    def _place(self, placed: list[Placed[R]]) -> None:
        self._placed = placed
        self._kept.clear()

    def restyle(self, palette: Palette) -> None:
        """Draw in other styles from here on."""
        self.palette = palette
        self._kept.clear()

    def forget(self) -> None:
        """Draw every line afresh."""
        self._kept.clear()

    def column_at(self, x: int) -> Column[R] | None:
        """Return the column drawn at cell ``x``."""
        for placed in reversed(self._placed):
            if x >= placed.start:
                return placed.column if x < placed.start + placed.width + GAP else None
        return None

    def row(self, key: Hashable, row: R, *, cursor: bool, marked: bool) -> Strip:
        """Return the line of a row, from what is kept where nothing about it differs."""
        known = self._kept.get((key, cursor, marked))
        if known is not None and known[0] is row:
            return known[1]
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        strip = self._strip(self._row_pieces(row, cursor=cursor, marked=marked))
        self._kept[(key, cursor, marked)] = (row, strip)
        return strip

    def heading(self, sort: Sort | None) -> Strip:
        """Return the line of column titles."""
        wish = Wish(sort.key, sort.reverse) if sort is not None else Wish()
        return self._strip([(heading(self._placed, wish), self.palette.heading)])

    def message(self, text: str) -> Strip:
        """Return the line that stands where rows would."""
        inside = fit(text, max(0, self._width - GUTTER))
        return self._strip([(" " * GUTTER + inside, self.palette.empty)])

    def blank(self) -> Strip:
        """Return an empty line."""
        return Strip.blank(self._width, self.palette.base)

    def _row_pieces(self, row: R, *, cursor: bool, marked: bool) -> Iterator[_Piece]:
        palette = self.palette
        plain = palette.cursor if cursor else palette.base
        yield CURSOR_BAR if cursor else " ", plain
        yield (MARK, plain if cursor else palette.mark) if marked else (" ", plain)
        gap = ""
        for placed in self._placed:
            column = placed.column
            text = fit(column.text(row, placed.width), placed.width, column.align, column.cut)
            style = plain
            if column.style is not None and not cursor:
                style = palette.meanings.get(column.style(row), plain)
            yield gap, plain
            gap = " " * GAP
            spans = [*column.spans(row, text)] if column.spans is not None else []
            if column.highlight and self._filter.terms:
                spans.extend(self._filter.spans(text, column.key))
            yield from self._with_matches(text, spans, style, cursor=cursor)

    def _with_matches(
        self, text: str, spans: list[tuple[int, int]], style: Style, *, cursor: bool
    ) -> Iterator[_Piece]:
        match = self.palette.cursor_match if cursor else self.palette.match
        done = 0
        for start, end in sorted(spans):
            if end <= done:
                continue
            yield text[done:start], style
            yield text[max(start, done) : end], match
            done = end
        yield text[done:], style

    def _strip(self, pieces: Iterator[_Piece] | list[_Piece]) -> Strip:
        """Join pieces of one style into one segment, as long as the width and no longer."""
        written = [piece for piece in pieces if piece[0]]
        segments = [
            Segment("".join(text for text, _ in run), style)
            for style, run in groupby(written, key=itemgetter(1))
        ]
        return Strip(segments).adjust_cell_length(self._width, segments[0].style)
