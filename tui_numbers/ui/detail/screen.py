"""The detail on a screen of its own, where there is no room beside the table."""

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui_numbers.domain.numbers import AvailableNumber, OwnedNumber
from tui_numbers.ui import bindings
from tui_numbers.ui.actions import NumberActions, Selection
from tui_numbers.ui.detail.pane import DetailPane
from tui_numbers.ui.frame.layout import WIDE
from tui_numbers.ui.frame.room import NeedsRoom
from tui_numbers.ui.frame.status import StatusLine
from tui_numbers.ui.frame.title import TitleBar
from tui_numbers.ui.frame.verbs import VerbBar
from tui_numbers.ui.messages import NumberChanged


class DetailScreen(NumberActions, NeedsRoom, Screen[None]):
    """Everything about one number."""

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
        yield TitleBar(self.dashboard.session)
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
        self.query_one(VerbBar).show(self.verbs(("back", *actions, "record", "copy")))
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
