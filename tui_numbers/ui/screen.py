"""The main screen: title, views, status line, footer."""

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import ContentSwitcher

from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.ui.actions import DASHBOARD, bindings_of
from tui_numbers.ui.attention import AttentionChanged, AttentionLine
from tui_numbers.ui.detail_pane import DetailPane, DetailScreen
from tui_numbers.ui.frame import NeedsRoom, StatusLine, TitleBar, Tone, VerbBar, too_small
from tui_numbers.ui.host import CursorNumber, NumberChanged, OpenNumber, OwnedSettled, View
from tui_numbers.ui.layout import WIDE, WITHOUT_DETAIL
from tui_numbers.ui.owned_store import NumberKey
from tui_numbers.ui.selection import ActsOnSelection, Selection
from tui_numbers.ui.table import NumberTable, SortChosen
from tui_numbers.ui.views import FIRST, PREVIOUS, VIEWS
from tui_numbers.ui.views.filter_line import FilterLine
from tui_numbers.ui.views.owned import OwnedView

if TYPE_CHECKING:
    from tui_numbers.providers.pacing import Waiting
    from tui_numbers.ui.host import Host


class MainScreen(ActsOnSelection, NeedsRoom, Screen[None]):
    """The views on everything; one of them is open, and is made when it is first opened."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(*DASHBOARD)
    AUTO_FOCUS = "#owned-table"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - as Textual has it

    def __init__(self, *, classes: str) -> None:
        super().__init__(classes=classes)
        self._previous = FIRST

    def compose(self) -> ComposeResult:
        """Lay the screen out."""
        yield TitleBar(self.dashboard.session)
        yield AttentionLine(self.dashboard.session, lambda: self.owned.store)
        with ContentSwitcher(initial=FIRST):
            yield _view(FIRST, self.dashboard)
        yield StatusLine()
        yield VerbBar()

    @on(events.ScreenResume)
    def _style_once(self, event: events.ScreenResume) -> None:
        """Style nothing again as it is first shown: all of it was just styled."""
        event.refresh_styles &= self.is_drawn

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
    def open_view(self) -> View:
        """The view that is open."""
        return self.query_one(ContentSwitcher).get_child_by_id(self.view, View)

    def selection(self) -> Selection:
        """Return what the keys act on."""
        return self.open_view.selection()

    def leave_fields(self) -> None:
        """Go to the table."""
        self.set_focus(self.open_view.table)

    def on_key(self, event: events.Key) -> None:
        """Take a message away with the next key."""
        self.query_one(StatusLine).settle()

    @on(CursorNumber)
    def tell_frame(self) -> None:
        """Bring status and verbs up to date."""
        self.query_one(StatusLine).show(self.open_view.parts)
        self.query_one(VerbBar).show(self.verbs(VIEWS[self.view].verbs))

    @property
    def attention(self) -> AttentionLine:
        """The line of what needs a person."""
        return self.query_one(AttentionLine)

    @on(OwnedSettled)
    def _owned_settled(self) -> None:
        self.attention.look_at_numbers()
        for view in self.views:
            view.owned_settled()

    @on(AttentionChanged)
    def _attention_changed(self) -> None:
        """Show wherever numbers stand what is wrong with them by now."""
        self.owned.take_findings(self.attention.findings)
        for view in self.views:
            pane = view.pane()
            if pane is not None:
                pane.show_findings()
            view.owned_settled()

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
        above = self.app.screen
        if isinstance(above, DetailScreen):
            above.action_back()
        wanted = self._previous if name == PREVIOUS else name
        switcher = self.query_one(ContentSwitcher)
        if not switcher.query_children(f"#{wanted}"):
            self.dashboard.read_other_styles()
            await switcher.add_content(_view(wanted, self.dashboard))
        if wanted != self.view:
            self._previous = self.view
        switcher.current = wanted
        self.query_one(TitleBar).show_view(wanted)
        self.open_view.when_opened()
        self.tell_frame()

    def action_filter(self) -> None:
        """Go to the filter, or to the search."""
        self.open_view.focus_filter()

    def action_sort(self) -> None:
        """Sort by the next column."""
        self.open_view.table.cycle_sort()

    def action_reverse(self) -> None:
        """Sort the other way round."""
        self.open_view.table.reverse_sort()

    @on(NumberTable.SortChosen)
    def _sort_chosen(self, event: SortChosen) -> None:
        self.dashboard.preferences.keep_sort(self.view, event.sort)

    def action_fold(self) -> None:
        """Close what was opened under the cursor."""
        self.open_view.fold()

    def action_columns(self) -> None:
        """Let the columns of the open view be chosen."""
        from tui_numbers.ui.dialogs.picker import choose_columns

        self.dashboard.begin(choose_columns(self.dashboard, self.view, self.open_view.table))

    def action_detail(self) -> None:
        """Hide the detail beside the table, or show it again."""
        if self.open_view.pane() is None:
            self.dashboard.say("there is no detail beside this table: Enter opens it")
        elif self.size.width < WIDE:
            self.dashboard.say(f"the detail stands beside the table from {WIDE} columns on")
        else:
            self.toggle_class(WITHOUT_DETAIL)
            if isinstance(self.focused, DetailPane):
                self.set_focus(self.open_view.table)
            self.dashboard.preferences.keep("ui", detail=not self.has_class(WITHOUT_DETAIL))

    def action_refresh(self) -> None:
        """Ask again."""
        self.open_view.refresh_rows()
        self.attention.look_at_journal()

    def refresh_account(self, name: str) -> None:
        """Ask one account again; all of them while others are being asked."""
        self.owned.refresh_rows(None if self.owned.store.loading else (name,))

    async def action_back(self) -> None:
        """Go one step back: out of the fields, then out of the filter, then to the first view."""
        view = self.open_view
        typed = view.filter_input()
        if self.focused is not view.table:
            self.set_focus(view.table)
        elif typed is not None and typed.value:
            typed.value = ""
        elif view.table.has_marks:
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
        await self.go_to_key((number.account, number.number))

    async def go_to_key(self, key: NumberKey) -> None:
        """Put the cursor on the owned number of that key, whatever the filter hides."""
        await self.show_filtered(FIRST, "")
        if not self.owned.table.move_to_key(key):
            self.dashboard.say(f"{key[1]} is not listed at {key[0]}", Tone.WARN)

    async def show_filtered(self, name: str, text: str) -> None:
        """Open a view with a filter."""
        await self.action_view(name)
        view = self.open_view
        line = view.query_one(FilterLine)
        line.input.value = text
        line.apply(view.table)
        self.set_focus(view.table)

    async def show_accounts(self) -> None:
        """Show how each account stands."""
        await self.run_action("app.accounts")

    def detail(self) -> DetailPane | None:
        """Return the detail beside the table, if there is room for it."""
        return self.open_view.pane() if self.has_room_for_detail else None

    @property
    def has_room_for_detail(self) -> bool:
        """Whether the detail stands beside the table."""
        return self.size.width >= WIDE and not self.has_class(WITHOUT_DETAIL)

    def action_record(self) -> None:
        """Show the record as received."""
        pane = self.detail()
        number = self.selection().number
        if pane is not None:
            pane.toggle_record()
        elif number is not None:
            self.app.push_screen(DetailScreen(number, record=True))


def _view(name: str, host: "Host") -> View:
    """Make a view when it is first opened; imported then, since the first frame shows but one."""
    session = host.session
    match name:
        case "owned":
            return OwnedView(session, host.operations_of)
        case "available":
            from tui_numbers.ui.views.available import AvailableView

            return AvailableView(session)
        case "history":
            from tui_numbers.ui.views.history import HistoryView

            return HistoryView(session.writer)
        case "targets":
            from tui_numbers.ui.views.targets import TargetsView

            return TargetsView(session)
        case "routes":
            from tui_numbers.ui.views.routes import RoutesView

            return RoutesView(session)
        case "overview":
            from tui_numbers.ui.views.overview import OverviewView

            return OverviewView(session)
    raise KeyError(name)
