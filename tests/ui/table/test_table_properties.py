"""Whatever is done to a table, its view is what filtering and sorting by hand would give."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.ui.table.table_rows import COLUMNS, Row, hay_of, key_of
from tui_numbers.domain.filtering import compile_filter
from tui_numbers.ui.table import Sort, TableModel

KEYS = st.integers(0, 60).map(lambda at: f"+44{at:03}")
ROWS = st.builds(
    Row,
    KEYS,
    st.sampled_from(["ann", "bob", "bo 44", "", "zoë", "ß"]),
    st.one_of(st.none(), st.integers(0, 4)),
    st.sampled_from(["active", "pending"]),
)
TEXTS = st.sampled_from(
    ["", "b", "bo", "bob", "bo ", "bo a", "4", "44", "+44", "+44 0", "+44 01", "0", "00", "001"]
) | st.sampled_from(["!b", "!bo", "a !b", "044", "0044", "ss", "active", "act pend", "zzz"])


def by_hand(rows: dict[str, Row], text: str, key: str | None, reverse: bool) -> list[Row]:
    compiled = compile_filter(text)
    found = [row for row in rows.values() if compiled.matches(hay_of(row))]
    sort_key = next((column.sort_key for column in COLUMNS if column.key == key), None)
    if sort_key is None:
        return found
    known = [row for row in found if sort_key(row) is not None]
    unknown = [row for row in found if sort_key(row) is None]
    return sorted(known, key=sort_key, reverse=reverse) + unknown


class Table(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.model: TableModel[Row] = TableModel(COLUMNS, key_of, hay_of)
        self.rows: dict[str, Row] = {}
        self.marked: set[str] = set()
        self.text, self.key, self.reverse = "", None, False
        self.moved = False

    def touch(self, differs: bool = True) -> None:
        self.moved = self.moved or (differs and bool(self.model.shown_count))

    def expect_cursor(self, act) -> None:
        before = self.model.cursor_key
        shown = [row.number for row in self.model.shown_rows()]
        place = self.model.cursor
        act()
        now = [row.number for row in self.model.shown_rows()]
        if not self.moved or before is None or not now:
            return
        if before in now:
            assert self.model.cursor_key == before
        elif before not in self.rows:
            kept = [key for key in (*shown[place:], *reversed(shown[:place])) if key in now]
            assert not kept or self.model.cursor_key == kept[0]
        else:
            every = [row.number for row in by_hand(self.rows, "", self.key, self.reverse)]
            following = [key for key in every[every.index(before) :] if key in now]
            assert self.model.cursor_key == (following or now[-1:])[0]

    @rule(rows=st.lists(ROWS, max_size=70), aside=st.booleans())
    def sync(self, rows: list[Row], aside: bool) -> None:
        before, self.rows = self.rows, {row.number: row for row in rows}
        self.marked &= self.rows.keys()

        def act() -> None:
            change = self.model.sync(self.model.prepare(rows) if aside else rows)
            assert set(change.added) == self.rows.keys() - before.keys()
            assert set(change.removed) == before.keys() - self.rows.keys()

        self.expect_cursor(act)

    @rule(rows=st.lists(ROWS, max_size=8))
    def extend(self, rows: list[Row]) -> None:
        self.rows |= {row.number: row for row in rows}
        self.expect_cursor(lambda: self.model.extend(rows))

    @rule(text=TEXTS)
    def filter(self, text: str) -> None:
        self.touch(differs=text != self.text)
        self.text = text
        self.expect_cursor(lambda: self.model.set_filter(text))

    @rule(key=st.sampled_from([None, "number", "name", "size", "status"]), reverse=st.booleans())
    def sort(self, key: str | None, reverse: bool) -> None:
        key = None if key == "status" else key
        reverse = reverse and key is not None
        self.touch(differs=(key, reverse) != (self.key, self.reverse))
        self.key, self.reverse = key, reverse
        self.expect_cursor(lambda: self.model.sort_by(key, reverse=reverse))

    @rule(key=st.sampled_from(["number", "name", "size", "status"]), reverse=st.booleans())
    def order_ahead(self, key: str, reverse: bool) -> None:
        self.model.order_ahead(Sort(key, reverse))

    @rule(position=st.integers(-3, 80))
    def move(self, position: int) -> None:
        self.touch()
        self.model.move_to(position)

    @rule(key=KEYS)
    def mark(self, key: str) -> None:
        self.model.toggle_mark(key)
        if key in self.rows:
            self.marked ^= {key}

    @rule()
    def mark_shown(self) -> None:
        shown = {row.number for row in self.model.shown_rows()}
        self.model.toggle_shown()
        self.marked = self.marked - shown if shown <= self.marked else self.marked | shown

    @invariant()
    def the_view_is_what_it_says(self) -> None:
        model = self.model
        expected = by_hand(self.rows, self.text, self.key, self.reverse)
        assert model.shown_rows() == expected
        assert model.total_count == len(self.rows)
        assert model.cursor in range(max(1, len(expected)))
        assert model.cursor_row == (expected[model.cursor] if expected else None)

    @invariant()
    def marks_are_rows(self) -> None:
        shown = {row.number for row in self.model.shown_rows()}
        assert {row.number for row in self.model.marked_rows()} == self.marked
        assert self.model.marks.shown == len(self.marked & shown)
        assert self.model.marks.hidden == len(self.marked - shown)


TestTable = Table.TestCase
TestTable.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
