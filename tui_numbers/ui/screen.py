"""The main screen: title, views, status line, footer."""

import asyncio
import contextlib
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import ContentSwitcher

from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.domain.operations import JournalError, Operation
from tui_numbers.ui.actions import DASHBOARD, bindings_of
from tui_numbers.ui.detail.pane import DetailPane, DetailScreen
from tui_numbers.ui.frame import NeedsRoom, Part, StatusLine, TitleBar, Tone, VerbBar, too_small
from tui_numbers.ui.host import View
from tui_numbers.ui.layout import WIDE
from tui_numbers.ui.messages import CursorNumber, NumberChanged, OpenNumber
from tui_numbers.ui.selection import ActsOnSelection, Selection
from tui_numbers.ui.table import NumberTable
from tui_numbers.ui.views import FIRST, PREVIOUS, VIEWS
from tui_numbers.ui.views.filter_line import FilterLine
from tui_numbers.ui.views.owned import OwnedView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_numbers.providers.pacing import Waiting


class MainScreen(ActsOnSelection, NeedsRoom, Screen[None]):
    """The views on everything; one of them is open, and is made when it is first opened."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(*DASHBOARD)
    AUTO_FOCUS = "#owned-table"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - as Textual has it

    def __init__(self, *, classes: str) -> None:
        super().__init__(classes=classes)
        self._previous = FIRST
        self._left_unknown: Sequence[Operation] = self.dashboard.session.left_open() or ()

    def compose(self) -> ComposeResult:
        """Lay the screen out."""
        yield TitleBar(self.dashboard.session)
        with ContentSwitcher(initial=FIRST):
            yield OwnedView(self.dashboard.session, self.dashboard.operations_of)
        yield StatusLine()
        yield VerbBar()

    @property
    def is_drawn(self) -> bool:
        """Whether the owned numbers have had their place on the terminal."""
        tables = self.query("#owned-table").results(NumberTable)
        return too_small(self.app.size) or any(table.is_drawn for table in tables)

    @property
    def view(self) -> str:
        """Which view is open."""
        return self.query_one(ContentSwitcher).current or FIRST

    @property
    def owned(self) -> OwnedView:
        """The view of owned numbers, which is always there."""
        return self.query_one(OwnedView)

    @property
    def views(self) -> list[View]:
        """The views that were opened so far."""
        return list(self.query_one(ContentSwitcher).query_children(View).results(View))

    @property
    def _open_view(self) -> View:
        return self.query_one(ContentSwitcher).get_child_by_id(self.view, View)

    def selection(self) -> Selection:
        """Return what the keys act on."""
        return self._open_view.selection()

    def on_key(self, event: events.Key) -> None:
        """Take a message away with the next key."""
        self.query_one(StatusLine).settle()

    @on(CursorNumber)
    def tell_frame(self) -> None:
        """Bring status and verbs up to date."""
        self.query_one(StatusLine).show((*self._unknown_parts, *self._open_view.parts))
        self.query_one(VerbBar).show(self.verbs(VIEWS[self.view].verbs))

    @property
    def _unknown_parts(self) -> tuple[Part, ...]:
        """What the status line says of operations that were left unknown; History says it too."""
        count = len(self._left_unknown)
        if not count or self.view == "history":
            return ()
        return (Part(f"{count:,} left unknown: S in History (3)", Tone.BAD),)

    @work(exclusive=True, group="left unknown", exit_on_error=False)
    async def look_for_unknown(self) -> None:
        """Read again which operations are left unknown."""
        journal = self.dashboard.session.journal
        with contextlib.suppress(JournalError):
            self._left_unknown = await asyncio.to_thread(journal.left_open)
        self.tell_frame()

    @on(OpenNumber)
    def _open_number(self) -> None:
        number = self.selection().number
        pane = self.detail()
        if pane is not None:
            self.set_focus(pane)
        elif number is not None:
            self.app.push_screen(DetailScreen(number))

    async def action_view(self, name: str) -> None:
        """Open a view; ``PREVIOUS`` stands for the one before."""
        wanted = self._previous if name == PREVIOUS else name
        switcher = self.query_one(ContentSwitcher)
        if not switcher.query_children(f"#{wanted}"):
            await switcher.add_content(VIEWS[wanted].make(self.dashboard))
        if wanted != self.view:
            self._previous = self.view
        switcher.current = wanted
        self.query_one(TitleBar).show_view(wanted)
        self._open_view.when_opened()
        self.tell_frame()

    def action_filter(self) -> None:
        """Go to the filter, or to the search."""
        self._open_view.focus_filter()

    def action_sort(self) -> None:
        """Sort by the next column."""
        self._open_view.table.cycle_sort()

    def action_refresh(self) -> None:
        """Ask again."""
        self._open_view.refresh_rows()
        self.look_for_unknown()

    def refresh_account(self, name: str) -> None:
        """Ask one account again; all of them while others are being asked."""
        self.owned.refresh_rows(None if self.owned.store.loading else (name,))

    async def action_back(self) -> None:
        """Go one step back: out of the fields, then out of the filter, then to the first view."""
        view = self._open_view
        typed = view.filter_input()
        if self.focused is not view.table:
            self.set_focus(view.table)
        elif typed is not None and typed.value:
            typed.value = ""
        elif self.selection().marked:
            view.table.clear_marks()
        elif self.view != FIRST:
            await self.action_view(FIRST)

    @on(NumberChanged)
    def _number_changed(self, message: NumberChanged) -> None:
        for view in self.views:
            view.number_changed(message)

    def wait(self, waiting: "Waiting") -> None:
        """Say why a request waits, where what it is for is shown."""
        for view in self.views:
            view.wait(waiting)

    async def go_to(self, number: OwnedNumber) -> None:
        """Put the cursor on an owned number, whatever the filter hides."""
        await self.action_view(FIRST)
        view = self.owned
        view.query_one(FilterLine).input.value = ""
        view.table.set_filter("")
        view.table.move_to_key((number.account, number.number))

    def detail(self) -> DetailPane | None:
        """Return the detail beside the table, if there is room for it."""
        return self._open_view.pane() if self.size.width >= WIDE else None

    def action_record(self) -> None:
        """Show the record as received."""
        pane = self.detail()
        number = self.selection().number
        if pane is not None:
            pane.toggle_record()
        elif number is not None:
            self.app.push_screen(DetailScreen(number, record=True))
