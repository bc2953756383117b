"""The state of a table: rows, filter, sort, marks and cursor. It knows no screen."""

import operator
from collections.abc import Callable, Hashable, Iterable, Sequence, Set
from typing import Any, Generic, TypeVar

from tui_numbers.domain.filtering import TextFilter
from tui_numbers.ui.column import Column
from tui_numbers.ui.table.index import Change, Index, Prepared, build
from tui_numbers.ui.table.marks import Marks
from tui_numbers.ui.table.order import Ordering, Sort

R = TypeVar("R")

_NARROW = 4
"""A view smaller than one row in this many is narrowed, even where it jumps about in memory."""

_LONGEST_TRAIL = 12
"""Views kept for going back to a filter, as erasing a character does."""
_FEW_MARKS = 1000
"""Fewer marks are looked up one by one; more are counted along the view."""


class TableModel(Generic[R]):
    """Rows of any kind, and the view of them that filter and sort leave.

    A position counts rows of the view. The cursor stays on its row by key whatever happens; when
    that row goes, it falls to the next one that is left, or the last.
    """

    def __init__(
        self,
        columns: Sequence[Column[R]],
        key_of: Callable[[R], Hashable],
        hay_of: Callable[[R], str],
        same: Callable[[R, R], bool] = operator.eq,
    ) -> None:
        self.key_of = key_of
        self.same = same
        self.hay_of = hay_of
        self.filter = TextFilter.compile("")
        self._index: Index[R] = Index()
        self._ordering = Ordering(None, (), 0)
        self._view: Sequence[int] = ()
        self._trail: dict[str, Sequence[int]] = {}
        self._position = 0
        self._anchor: Hashable | None = None
        self._pinned = False
        self._values: dict[str, list[Any]] = {}
        self.marks = Marks(self._count_shown)
        self.set_columns(columns)

    def set_columns(self, columns: Sequence[Column[R]]) -> None:
        """Use other columns; a sort by one that is gone ends."""
        self._sort_keys = {
            column.key: column.sort_key for column in columns if column.sort_key is not None
        }
        self._values.clear()
        if self.sort is not None:
            self._resort(self.sort if self.sort.key in self._sort_keys else None)

    @property
    def shown_count(self) -> int:
        """How many rows pass the filter."""
        return len(self._view)

    @property
    def total_count(self) -> int:
        """How many rows there are."""
        return len(self._index.rows)

    @property
    def sort(self) -> Sort | None:
        """The sort in force, or None where rows stand as they came."""
        return self._ordering.sort

    @property
    def cursor(self) -> int:
        """The cursor's position; 0 where no row is shown."""
        return self._position

    @property
    def cursor_key(self) -> Hashable | None:
        """The key of the row under the cursor."""
        return self.key_at(self._position) if self._view else None

    @property
    def cursor_row(self) -> R | None:
        """The row under the cursor."""
        return self.row_at(self._position) if self._view else None

    def row_at(self, position: int) -> R:
        """Return the row at a position."""
        return self._index.rows[self._view[position]]

    def key_at(self, position: int) -> Hashable:
        """Return the key of the row at a position."""
        return self._index.keys[self._view[position]]

    def shown_rows(self) -> list[R]:
        """Return all rows of the view in its order."""
        return [self._index.rows[index] for index in self._view]

    def prepare(self, rows: Iterable[R]) -> Prepared[R]:
        """Do the costly part of ``sync`` without touching anything; made for a thread."""
        base, base_version, sort = self._index, self._index.version, self.sort
        index, change = build(rows, self.key_of, self.hay_of, base, self.same)
        values = self._sort_values(index, sort)
        ordering = Ordering(sort, values, len(index.rows))
        return Prepared(index, change, base, base_version, ordering, values)

    def sync(self, rows: Iterable[R] | Prepared[R]) -> Change:
        """Put ``rows`` in the place of all others; cursor, marks, filter and sort stay."""
        ready = rows if isinstance(rows, Prepared) else self.prepare(rows)
        if ready.base is not self._index or ready.base_version != self._index.version:
            ready = self.prepare(ready.index.rows)
        before, old_view = self._index, self._view
        self._index = ready.index
        self._values.clear()
        if ready.ordering is not None and ready.ordering.sort == self.sort:
            self._ordering = ready.ordering
            if self.sort is not None:
                self._values[self.sort.key] = ready.values
        else:
            self._reorder(self.sort)
        self.marks.discard(ready.change.removed)
        self._refilter()
        self._reseat_among(before, old_view)
        return ready.change

    def extend(self, rows: Iterable[R]) -> Change:
        """Add a page of rows behind the others; what is here already is brought up to date."""
        first = self.total_count
        known = [row for row in rows if not self._append(row)]
        for key, values in self._values.items():
            values.extend(map(self._sort_keys[key], self._index.rows[first:]))
        changed = {self.key_of(row): None for row in known if self._replace(row)}
        if changed:
            self._resort(self.sort)
        else:
            self._take_in(first)
        added = dict.fromkeys(self._index.keys[first:])
        return Change(tuple(added), tuple(key for key in changed if key not in added))

    def update(self, row: R) -> bool:
        """Put another state of one row in its place, and tell whether it differs."""
        differs = self.key_of(row) in self._index.places and self._replace(row)
        if differs:
            self._resort(self.sort)
        return differs

    def set_filter(self, text: str) -> bool:
        """Show only the rows that ``text`` finds, and tell whether the filter differs."""
        if text == self.filter.text:
            return False
        self.pin()
        earlier, self.filter = self.filter, TextFilter.compile(text)
        self._refilter(earlier)
        self._reseat()
        return True

    def sort_by(self, key: str | None, *, reverse: bool = False) -> bool:
        """Sort by a column, or by none, and tell whether the order differs."""
        wanted = Sort(key, reverse) if key is not None and key in self._sort_keys else None
        if wanted == self.sort:
            return False
        self.pin()
        self._resort(wanted)
        return True

    def move_to(self, position: int) -> None:
        """Put the cursor at a position, or the nearest there is."""
        self.pin()
        self._set_cursor(max(0, min(position, self.shown_count - 1)))

    def move_to_key(self, key: Hashable) -> bool:
        """Put the cursor on the row of ``key``; False where it is not shown."""
        at = self._index.places.get(key)
        place = self.shown_count if at is None else self._ordering.place(self._view, at)
        if place == self.shown_count or self._view[place] != at:
            return False
        self.pin()
        self._set_cursor(place)
        return True

    def pin(self) -> None:
        """Hold the cursor to its row from here on; before, rows that arrive leave it on top."""
        self._pinned = self._pinned or bool(self._view)

    def toggle_mark(self, key: Hashable) -> None:
        """Mark a row, or take its mark away."""
        if key in self._index.places:
            self.marks.toggle(key)

    def toggle_shown(self) -> None:
        """Mark every row shown, or take their marks away where all have one."""
        keys = self._index.keys
        self.marks.toggle_all([keys[index] for index in self._view])

    def marked_rows(self) -> list[R]:
        """Return all marked rows, shown or not, in the order they came."""
        places = sorted(self._index.places[key] for key in self.marks)
        return [self._index.rows[place] for place in places]

    def _passes(self, key: Hashable) -> bool:
        return self.filter.matches(self._index.hays[self._index.places[key]])

    def _count_shown(self, keys: Set[Hashable]) -> int:
        if not self.filter.terms:
            return len(keys)
        if len(keys) < _FEW_MARKS:
            return sum(map(self._passes, keys))
        of = self._index.keys
        return sum(of[index] in keys for index in self._view)

    def _append(self, row: R) -> bool:
        key = self.key_of(row)
        if key in self._index.places:
            return False
        self._index.append(key, row, self.hay_of(row))
        return True

    def _replace(self, row: R) -> bool:
        at = self._index.places[self.key_of(row)]
        old = self._index.rows[at]
        if self.same(old, row) and old == row:
            return False
        self._index.replace(at, row, self.hay_of(row))
        for key, values in self._values.items():
            values[at] = self._sort_keys[key](row)
        return True

    def _take_in(self, first: int) -> None:
        """Show those of the rows from index ``first`` on that pass."""
        self._trail.clear()
        self._ordering.extend(self.total_count)
        if not self.filter.terms:
            self._set_view(self._ordering.indices)
        else:
            hits = self.filter.select(self._index.hays, range(first, self.total_count))
            if hits:
                self._set_view(self._ordering.pick(sorted([*self._view, *hits])))
        self._reseat()

    def _resort(self, sort: Sort | None) -> None:
        self._reorder(sort)
        self._refilter()
        self._reseat()

    def _sort_values(self, index: Index[R], sort: Sort | None) -> list[Any]:
        return [] if sort is None else list(map(self._sort_keys[sort.key], index.rows))

    def _reorder(self, sort: Sort | None) -> None:
        values: Sequence[Any] = ()
        if sort is not None:
            if sort.key not in self._values:
                self._values[sort.key] = self._sort_values(self._index, sort)
            values = self._values[sort.key]
        self._ordering = Ordering(sort, values, self.total_count)

    def _refilter(self, earlier: TextFilter | None = None) -> None:
        """Choose the rows that pass; without ``earlier``, nothing chosen before counts."""
        if earlier is None or len(self._trail) >= _LONGEST_TRAIL:
            self._trail.clear()
        text = self.filter.text
        if text not in self._trail:
            self._trail[text] = self._found(earlier)
        self._set_view(self._trail[text])

    def _found(self, earlier: TextFilter | None) -> Sequence[int]:
        hays = self._index.hays
        if not self.filter.terms:
            return self._ordering.indices
        # Rows far apart in memory are slow to visit, so many of them are visited in their order.
        nearby = self.sort is None or len(self._view) * _NARROW < len(hays)
        if nearby and earlier is not None and self.filter.narrows(earlier):
            return self.filter.select(hays, self._view)
        return self._ordering.pick(self.filter.select(hays))

    def _set_view(self, view: Sequence[int]) -> None:
        self._view = view
        self.marks.recount()

    def _set_cursor(self, position: int) -> None:
        self._position = position
        if self._view:
            self._anchor = self.key_at(position)

    def _reseat(self) -> None:
        """Put the cursor back on its row, or on the next that is shown."""
        at = self._index.places.get(self._anchor) if self._pinned else None
        place = 0 if at is None else self._ordering.place(self._view, at)
        self._set_cursor(max(0, min(place, len(self._view) - 1)))

    def _reseat_among(self, before: Index[R], old_view: Sequence[int]) -> None:
        """Put the cursor back on its row, or on the row that followed it and is still here."""
        if self._anchor not in self._index.places and self._pinned:
            position = self._position
            around = (*range(position, len(old_view)), *range(position - 1, -1, -1))
            keys = (before.keys[old_view[place]] for place in around)
            left = (key for key in keys if key in self._index.places and self._passes(key))
            self._anchor = next(left, None)
        self._reseat()
