"""Hold a table's state, without Textual: rows, filter, sort, marks and cursor."""

import operator
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence, Set
from itertools import compress, islice
from string import digits
from typing import Generic, TypeVar

from tui_numbers.domain.filter_terms import PLAIN, Layout
from tui_numbers.domain.filtering import (
    EVERYTHING,
    TARGET_KINDS,
    FilterError,
    RowFilter,
    compile_filter,
)
from tui_numbers.ui.layout import Column
from tui_numbers.ui.table.index import (
    Change,
    Index,
    Ordering,
    Prepared,
    Sort,
    View,
    breathe,
    build,
    off_loop,
)


class Marks:
    """Marked keys, told apart by whether their rows are shown."""

    def __init__(self, count_shown: Callable[[Set[Hashable]], int]) -> None:
        self._count_shown = count_shown
        self._keys: set[Hashable] = set()
        self._shown: int | None = 0
        self.version = 0
        """Grows with every change of what is marked."""

    def __contains__(self, key: Hashable) -> bool:
        return key in self._keys

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def shown(self) -> int:
        """How many marked rows pass the filter."""
        if self._shown is None:
            self._shown = self._count_shown(self._keys)
        return self._shown

    @property
    def hidden(self) -> int:
        """How many marked rows the filter hides."""
        return len(self._keys) - self.shown

    def recount(self) -> None:
        """Count the shown ones afresh when next asked."""
        self._shown = None if self._keys else 0

    def _changed(self) -> None:
        self.version += 1
        self.recount()

    def toggle(self, key: Hashable) -> None:
        """Mark a key, or take its mark away."""
        self._keys ^= {key}
        self._changed()

    def toggle_all(self, keys: Sequence[Hashable]) -> None:
        """Mark all ``keys``, or take their marks away where all have one."""
        if self._keys.issuperset(keys):
            self._keys.difference_update(keys)
        else:
            self._keys.update(keys)
        self._changed()

    def discard(self, keys: Iterable[Hashable]) -> None:
        """Take marks away."""
        self._keys.difference_update(keys)
        self._changed()

    def clear(self) -> None:
        """Take all marks away."""
        self._keys.clear()
        self._changed()


R = TypeVar("R")

_MARKED = "marked"
_MANY_ROWS = 8192
"""So many are tried with an expression within a few milliseconds."""


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
        layout: Layout = PLAIN,
    ) -> None:
        self.layout = layout
        self.target_kinds: Collection[str] = TARGET_KINDS
        """The kinds of targets that a filter knows."""
        self._flagged: dict[str, frozenset[Hashable]] = {}
        """The keys of rows of which a word of ``is:`` holds, by that word."""
        self.key_of = key_of
        self.same = same
        self.hay_of = hay_of
        self.filter = EVERYTHING
        self._index: Index[R] = Index()
        self._ordering = Ordering(None, ())
        self._ahead: tuple[Index[R], int, Ordering] | None = None
        """An order made before it is asked for, of which index and of which version of it."""
        self._passing: bytes | None = None
        """A byte for each row, 1 where it passes the filter; None where all do."""
        self._view = View(())
        self._position = 0
        self._anchor: Hashable | None = None
        self._pinned = False
        self.marks = Marks(self._count_shown)
        self._marked: list[R] = []
        self._marked_of: tuple[Index[R], int, int] | None = None
        """The index, its version and that of the marks by which the marked rows were found."""
        self._sort_keys = {
            column.key: column.sort_key for column in columns if column.sort_key is not None
        }

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
    def sortable(self) -> Sequence[str]:
        """The columns that rows can be sorted by."""
        return tuple(self._sort_keys)

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

    def all_rows(self) -> Sequence[R]:
        """Return all rows, shown or not, in the order they came."""
        return self._index.rows

    def spread_rows(self, most: int) -> list[R]:
        """Return some rows of the view, from all parts of it."""
        return [self._index.rows[index] for index in self._view.spread(most)]

    def shown_rows(self) -> list[R]:
        """Return all rows of the view in its order."""
        return [self._index.rows[index] for index in self._view]

    def every_row(self) -> Sequence[R]:
        """Return all rows in the order they came, shown or not."""
        return self._index.rows

    @property
    def untold_count(self) -> int:
        """How many rows the filter leaves out only since nobody tells what it asks for."""
        return self._index.hays.untold(self.filter) if self.filter.asks_untold else 0

    def search_ahead(self, text: str) -> Callable[[], Callable[[], None]] | None:
        """Return what finds the rows of a filter that would take long; None where none would.

        It is made for a thread, and returns what keeps for ``set_filter`` what it found.

        Raises:
            FilterError: The filter cannot be read.
        """
        wanted, hays = self._compiled(text), self._index.hays
        if len(hays) < _MANY_ROWS or hays.knows(wanted):
            return None
        return lambda: hays.search_ahead(wanted)

    def set_flag(self, word: str, keys: Iterable[Hashable]) -> bool:
        """Say of which rows a word of ``is:`` holds, and tell whether that changes the view."""
        self._flagged[word] = frozenset(keys)
        self._flag_rows(word)
        return self._refilter_for(word)

    def marks_changed(self) -> bool:
        """Choose the rows afresh where the filter asks for marks; tell whether it does."""
        return self._refilter_for(_MARKED)

    def find(self, text: str, most: int) -> list[R]:
        """Return the first rows that ``text`` finds, in the order they came, shown or not."""
        try:
            wanted = self._compiled(text)
        except FilterError:
            return []
        passing = self._index.hays.passing(wanted)
        return list(islice(compress(self._index.rows, passing), most))

    def prepare(self, rows: Iterable[R], *, afresh: bool = False) -> Prepared[R]:
        """Do the costly part of ``sync`` without touching anything; made for a thread.

        ``afresh`` is for rows that are found by other texts than before, though they are equal.
        """
        base, base_version = self._index, self._index.version
        index, change = build(
            rows, self.key_of, self.hay_of, base, self.same, afresh=afresh, later=not off_loop()
        )
        # What these find is kept there; most rows hold a digit, so it takes longest to find.
        wanted = map(compile_filter, digits) if off_loop() else ()
        for one in (*wanted, *((self.filter,) if self.filter.terms else ())):
            breathe()
            index.hays.passing(one)
        ordering = self._arranged(index, self.sort)
        return Prepared(index, change, base, base_version, ordering, afresh)

    def order_ahead(self, sort: Sort) -> None:
        """Make an order that may soon be asked for; made for a thread."""
        index, version = self._index, self._index.version
        if sort.key in self._sort_keys:
            self._ahead = (index, version, self._arranged(index, sort))

    def sync(self, rows: Iterable[R] | Prepared[R]) -> Change:
        """Put ``rows`` in the place of all others; cursor, marks, filter and sort stay."""
        ready = rows if isinstance(rows, Prepared) else self.prepare(rows)
        if ready.base is not self._index or ready.base_version != self._index.version:
            ready = self.prepare(ready.index.rows, afresh=ready.afresh)
        before, old_view, sort = self._index, self._view, self.sort
        self._index = ready.index
        same_sort = ready.ordering.sort == sort
        self._ordering = ready.ordering if same_sort else self._arranged(ready.index, sort)
        self.marks.discard(ready.change.removed)
        for word in self._flagged:
            self._flag_rows(word)
        if self.filter.hangs_on_time:
            self.filter = self._compiled(self.filter.text)
        self._refilter()
        self._reseat_among(before, old_view)
        return ready.change

    def extend(self, rows: Iterable[R]) -> Change:
        """Add a page of rows behind the others; what is here already is brought up to date."""
        first = self.total_count
        known = [row for row in rows if not self._append(row)]
        changed = {self.key_of(row): None for row in known if self._replace(row)}
        added = dict.fromkeys(self._index.keys[first:])
        if added or changed:
            for word in self._flagged:
                self._flag_rows(word)
            self._resort(self.sort)
        return Change(tuple(added), tuple(key for key in changed if key not in added))

    def set_filter(self, text: str) -> bool:
        """Show only the rows that ``text`` finds, and tell whether the filter differs.

        Raises:
            FilterError: It cannot be read; what is shown stays.
        """
        if text == self.filter.text:
            return False
        wanted = self._compiled(text)
        self.pin()
        self.filter = wanted
        self._refilter()
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
        if at is None or not self._passes(at):
            return False
        self.pin()
        self._set_cursor(self._view.position(self._ordering.rank(at)))
        return True

    def pin(self) -> None:
        """Hold the cursor to its row from here on; before, rows that arrive leave it on top."""
        self._pinned = self._pinned or bool(self._view)

    def unpin(self) -> None:
        """Leave the cursor on top of what arrives, until it is moved again."""
        self._pinned = False

    def toggle_mark(self, key: Hashable) -> None:
        """Mark a row, or take its mark away."""
        if key in self._index.places:
            self.marks.toggle(key)

    def toggle_shown(self) -> None:
        """Mark every row shown, or take their marks away where all have one."""
        keys = self._index.keys
        self.marks.toggle_all([keys[index] for index in self._view])

    def marked_rows(self) -> list[R]:
        """Return all marked rows, shown or not, in the order they came; asked for at every key."""
        found = self._index, self._index.version, self.marks.version
        if found != self._marked_of:
            places = sorted(self._index.places[key] for key in self.marks)
            self._marked = [self._index.rows[place] for place in places]
            self._marked_of = found
        return self._marked

    def marked_shown(self) -> list[R]:
        """Return the marked rows that pass the filter: what keys act on."""
        marked = self.marked_rows()
        if not self.marks.hidden:
            return marked
        places = self._index.places
        return [row for row in marked if self._passes(places[self.key_of(row)])]

    def _passes(self, index: int) -> bool:
        return self._passing is None or self._passing[index] == 1

    def _count_shown(self, keys: Set[Hashable]) -> int:
        return sum(map(self._passes, map(self._index.places.__getitem__, keys)))

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
        return True

    def _resort(self, sort: Sort | None) -> None:
        index, ahead = self._index, self._ahead
        fits = ahead is not None and ahead[0] is index and ahead[1] == index.version
        if ahead is not None and fits and ahead[2].sort == sort:
            self._ordering = ahead[2]
        else:
            self._ordering = self._arranged(index, sort)
        self._refilter()
        self._reseat()

    def _arranged(self, index: Index[R], sort: Sort | None) -> Ordering:
        return Ordering.of(index.rows, sort, self._sort_keys.get(sort.key) if sort else None)

    def _compiled(self, text: str) -> RowFilter:
        return compile_filter(text, self.layout, self.target_kinds)

    def _flag_rows(self, word: str) -> None:
        places = self._index.places
        held = (places[key] for key in self._flagged[word] if key in places)
        self._index.hays.set_flag(word, held)

    def _refilter_for(self, word: str) -> bool:
        if not self.filter.asks_flag(word):
            return False
        self._refilter()
        self._reseat()
        return True

    def _refilter(self) -> None:
        """Choose the rows that pass."""
        if self.filter.asks_flag(_MARKED):
            self._index.hays.set_flag(_MARKED, map(self._index.places.__getitem__, self.marks))
        every = not self.filter.terms
        self._passing = None if every else self._index.hays.passing(self.filter)
        self._view = self._ordering.view(self._passing)
        self.marks.recount()

    def _set_cursor(self, position: int) -> None:
        self._position = position
        if self._view:
            self._anchor = self.key_at(position)
            self._ordering.note(self._view[position], self._view.rank(position))

    def _reseat(self) -> None:
        """Put the cursor back on its row, or on the next that is shown."""
        at = self._index.places.get(self._anchor) if self._pinned else None
        place = 0 if at is None else self._view.position(self._ordering.rank(at))
        self._set_cursor(max(0, min(place, len(self._view) - 1)))

    def _reseat_among(self, before: Index[R], old_view: View) -> None:
        """Put the cursor back on its row, or on the row that followed it and is still here."""
        places = self._index.places
        if self._anchor not in places and self._pinned:
            position = self._position
            around = (*range(position, len(old_view)), *range(position - 1, -1, -1))
            keys = (before.keys[old_view[place]] for place in around)
            left = (key for key in keys if key in places and self._passes(places[key]))
            self._anchor = next(left, None)
        self._reseat()
