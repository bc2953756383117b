"""The dashboard's one screen: title, three views, status, verbs; and the detail's own screen."""

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import ContentSwitcher, Input

from tui_numbers.domain.numbers import AvailableNumber, OwnedNumber
from tui_numbers.ui import bindings
from tui_numbers.ui.actions import NumberActions, Selection
from tui_numbers.ui.detail.pane import DetailPane
from tui_numbers.ui.frame.layout import WIDE
from tui_numbers.ui.frame.room import NeedsRoom, too_small
from tui_numbers.ui.frame.status import StatusLine
from tui_numbers.ui.frame.title import TitleBar
from tui_numbers.ui.frame.verbs import Verb, VerbBar
from tui_numbers.ui.messages import CursorNumber, NumberChanged, OpenNumber
from tui_numbers.ui.table import NumberTable
from tui_numbers.ui.views.filter_line import FilterLine
from tui_numbers.ui.views.owned import OwnedView

if TYPE_CHECKING:
    from tui_numbers.ui.views.available import AvailableView
    from tui_numbers.ui.views.history import HistoryView

_VERBS = {
    "owned": ("retarget", "edit", "filter", "undo", "help", "commands"),
    "available": ("buy", "refresh", "sort", "help", "commands"),
    "history": ("undo", "settle", "resume", "filter", "sort", "help", "commands"),
}
_BY_ACTION = {binding.action.removeprefix("app."): binding for binding in bindings.DASHBOARD}


def verb(action: str, *, enabled: bool) -> Verb:
    """Return an action's key and word for the line of verbs."""
    binding = _BY_ACTION[action]
    return Verb(bindings.key_name(binding), binding.description, enabled)


class MainScreen(NumberActions, NeedsRoom, Screen[None]):
    """Three views on everything; one of them is open, and is made when it is first opened."""

    BINDINGS: ClassVar[list[BindingType]] = list(bindings.DASHBOARD)
    AUTO_FOCUS = "#owned-table"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - as Textual has it

    def compose(self) -> ComposeResult:
        """Lay the screen out."""
        yield TitleBar(self.dashboard.scope, self.dashboard.badges)
        with ContentSwitcher(initial="owned"):
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
        return self.query_one(ContentSwitcher).current or "owned"

    @property
    def owned(self) -> OwnedView:
        """The view of owned numbers, which is always there."""
        return self.query_one(OwnedView)

    @property
    def available(self) -> "AvailableView | None":
        """The view of stock, once it was opened."""
        found: AvailableView | None = next(iter(self.query("#available")), None)  # type: ignore[assignment]
        return found

    @property
    def history(self) -> "HistoryView | None":
        """The view of what was done, once it was opened."""
        found: HistoryView | None = next(iter(self.query("#history")), None)  # type: ignore[assignment]
        return found

    @property
    def _open_view(self) -> "OwnedView | AvailableView | HistoryView":
        views = {"available": self.available, "history": self.history}
        return views.get(self.view) or self.owned

    def selection(self) -> Selection:
        """Return what the keys act on."""
        if self.view == "history" and self.history is not None:
            return Selection(self.view, operation=self.history.table.cursor_row)
        if self.view == "available" and self.available is not None:
            return Selection(self.view, self.available.table.cursor_row)
        table = self.owned.table
        return Selection(self.view, table.cursor_row, tuple(table.marked_rows))

    def on_key(self, event: events.Key) -> None:
        """Take a message away with the next key."""
        self.query_one(StatusLine).settle()

    @on(CursorNumber)
    def tell_frame(self) -> None:
        """Bring status and verbs up to date."""
        self.query_one(StatusLine).show(self._open_view.parts)
        verbs = [verb(action, enabled=self.why_not(action) is None) for action in _VERBS[self.view]]
        if self.view == "owned":
            verbs.insert(0, Verb("Enter", "details"))
        self.query_one(VerbBar).show(verbs[:7])

    @on(OpenNumber)
    def _open_number(self) -> None:
        number = self.selection().number
        pane = self.detail()
        if pane is not None:
            self.set_focus(pane)
        elif number is not None:
            self.app.push_screen(DetailScreen(number))

    async def action_view(self, name: str) -> None:
        """Open a view."""
        await self._make(name)
        self.query_one(ContentSwitcher).current = name
        self.query_one(TitleBar).show_view(name)
        if name == "available" and self.available is not None:
            self.available.focus_first()
        else:
            self.set_focus(self._open_view.table)
        if name == "history" and self.history is not None:
            self.history.refresh_rows()
        self.tell_frame()

    async def _make(self, name: str) -> None:
        """Make a view that was not opened before."""
        session, switcher = self.dashboard.session, self.query_one(ContentSwitcher)
        if name == "available" and self.available is None:
            from tui_numbers.ui.views.available import AvailableView

            await switcher.add_content(AvailableView(session))
        elif name == "history" and self.history is None:
            from tui_numbers.ui.views.history import HistoryView

            await switcher.add_content(HistoryView(session.changes))

    def action_filter(self) -> None:
        """Go to the filter, or to the search."""
        if self.view == "available":
            self.set_focus(self._open_view.query_one("#pattern", Input))
        else:
            self.set_focus(self._open_view.query_one(FilterLine).input)

    def action_sort(self) -> None:
        """Sort by the next column."""
        self._open_view.table.cycle_sort()

    def action_refresh(self) -> None:
        """Ask again."""
        self._open_view.refresh_rows()

    def refresh_account(self, name: str) -> None:
        """Ask one account again; all of them while others are being asked."""
        self.owned.refresh_rows(None if self.owned.store.loading else (name,))

    async def action_back(self) -> None:
        """Go one step back: out of the fields, then out of the filter, then to the first view."""
        view = self._open_view
        if self.focused is not view.table:
            self.set_focus(view.table)
        elif self.view != "available" and view.query_one(FilterLine).input.value:
            view.query_one(FilterLine).input.value = ""
        elif self.selection().marked:
            view.table.clear_marks()
        elif self.view != "owned":
            await self.action_view("owned")

    @on(NumberChanged)
    def _number_changed(self, message: NumberChanged) -> None:
        self.owned.show_number(message.account, message.e164, message.number)
        if message.number is not None and self.available is not None:
            self.available.forget(message.account, message.e164)
        if self.view == "history" and self.history is not None:
            self.history.refresh_rows()

    async def go_to(self, number: OwnedNumber) -> None:
        """Put the cursor on an owned number, whatever the filter hides."""
        await self.action_view("owned")
        view = self.owned
        view.query_one(FilterLine).input.value = ""
        view.table.set_filter("")
        view.table.move_to_key((number.account, number.number))

    def detail(self) -> DetailPane | None:
        """Return the detail beside the table, if there is room for it."""
        if self.size.width < WIDE or self.view == "history":
            return None
        return self._open_view.query_one(DetailPane)

    def action_record(self) -> None:
        """Show the record as received."""
        pane = self.detail()
        number = self.selection().number
        if pane is not None:
            pane.toggle_record()
        elif number is not None:
            self.app.push_screen(DetailScreen(number, record=True))


class DetailScreen(NumberActions, NeedsRoom, Screen[None]):
    """Everything about one number, where there is no room beside the table."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings.NUMBER,
        *bindings.FRAME,
        Binding("enter", "back", "back", show=False, id="detail.back"),
        Binding("down,j", "scroll_by(1)", "down", show=False, id="detail.down"),
        Binding("up,k", "scroll_by(-1)", "up", show=False, id="detail.up"),
        Binding("pagedown,space", "scroll_by(15)", "page down", show=False, id="detail.page_down"),
        Binding("pageup", "scroll_by(-15)", "page up", show=False, id="detail.page_up"),
    ]

    def __init__(self, number: OwnedNumber | AvailableNumber, *, record: bool = False) -> None:
        super().__init__()
        self._number = number
        self._record = record
        self._gone = False
        self._left = False

    def selection(self) -> Selection:
        """Return what the keys act on."""
        view = "owned" if isinstance(self._number, OwnedNumber) else "available"
        return Selection(view, self._number)

    def compose(self) -> ComposeResult:
        """Lay the screen out."""
        yield TitleBar(self.dashboard.scope, self.dashboard.badges)
        yield DetailPane(self.dashboard.session, self.dashboard.operations_of)
        yield StatusLine()
        yield VerbBar()

    def on_mount(self) -> None:
        """Show the number."""
        pane = self.query_one(DetailPane)
        pane.show(self._number)
        if self._record:
            pane.toggle_record()
        owned = isinstance(self._number, OwnedNumber)
        actions = ["retarget", "edit", "undo", "release"] if owned else ["buy"]
        verbs = [
            verb(action, enabled=self.why_not(action) is None)
            for action in (*actions, "record", "copy")
        ]
        self.query_one(VerbBar).show([Verb("Esc", "back"), *verbs])
        self.query_one(TitleBar).show_view(self.selection().view)

    def on_key(self, event: events.Key) -> None:
        """Take a message away with the next key."""
        self.query_one(StatusLine).settle()

    def action_back(self) -> None:
        """Go back to the table."""
        self._leave()

    def _leave(self) -> None:
        if self.is_active and not self._left:
            self._left = True
            self.dismiss()

    def on_screen_resume(self) -> None:
        """Go back where the number was released meanwhile, or there is room beside the table."""
        if self._gone or self.app.size.width >= WIDE:
            self._leave()

    def on_resize(self, event: events.Resize) -> None:
        """Go back to the table once there is room for both."""
        if event.size.width >= WIDE:
            self._leave()

    async def action_view(self, name: str) -> None:
        """Go back, and open a view."""
        self._leave()
        await self.dashboard.main.action_view(name)

    def action_scroll_by(self, lines: int) -> None:
        """Scroll."""
        self.query_one(DetailPane).scroll_relative(y=lines, animate=False)

    def action_record(self) -> None:
        """Show the record as received."""
        self.query_one(DetailPane).toggle_record()

    @on(NumberChanged)
    def _number_changed(self, message: NumberChanged) -> None:
        if (self._number.account, self._number.number) != (message.account, message.e164):
            return
        if message.number is None:
            self._gone = True
            self._leave()
            return
        self._number = self.dashboard.find_owned(message.number.number) or message.number
        self.query_one(DetailPane).show(self._number)
