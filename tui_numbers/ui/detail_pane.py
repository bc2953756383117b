"""Show one number in detail: a pane beside the table, or a screen of its own."""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from tui_numbers.domain.e164 import E164, international
from tui_numbers.domain.numbers import AvailableNumber, Finding, OwnedNumber
from tui_numbers.providers.errors import ProviderError
from tui_numbers.ui.actions import Scope, bindings_of
from tui_numbers.ui.frame import NeedsRoom, StatusLine, TitleBar, VerbBar
from tui_numbers.ui.host import InDashboard, NumberChanged
from tui_numbers.ui.layout import WIDE, WITHOUT_DETAIL
from tui_numbers.ui.selection import ActsOnSelection, Selection
from tui_numbers.ui.text import content, stacked

if TYPE_CHECKING:
    from textual.timer import Timer

    from tui_numbers.domain.operations import Operation
    from tui_numbers.domain.temporary import End
    from tui_numbers.services.locations import Place
    from tui_numbers.services.session import Session


Shown = OwnedNumber | AvailableNumber


_REST_SECONDS = 0.15


Operations = Callable[[OwnedNumber], "Sequence[Operation]"]
"""Reads what was done to a number, newest first; called off the event loop."""


class DetailPane(InDashboard, VerticalScroll, can_focus=True):
    """Everything known of one number."""

    def __init__(self, session: "Session", operations: Operations | None = None) -> None:
        super().__init__()
        self._session = session
        self._read_operations = operations
        self._operations: Sequence[Operation] = ()
        self._rest: Timer | None = None
        self._number: Shown | None = None
        self._place: dict[E164, Place] = {}
        self._wrong: tuple[Finding, ...] = ()
        self._end: End | None = None
        self.record_shown = False

    def compose(self) -> ComposeResult:
        """Lay the pane out."""
        yield Static("", classes="detail-text", markup=False)

    @property
    def number(self) -> Shown | None:
        """The number that is shown."""
        return self._number

    def show(self, number: Shown | None) -> None:
        """Show a number; where it is from is looked up behind."""
        same = (
            number is not None and self._number is not None and number.number == self._number.number
        )
        self._number = number
        if not same:
            self.record_shown = False
            self._operations = ()
            self.scroll_home(animate=False)
        # Without room, drawing and looking places up would be work that nobody sees.
        if self.size.width:
            self._draw()
            self._recall_soon()

    def on_resize(self) -> None:
        """Draw what was only remembered while there was no room."""
        if self.size.width:
            self._draw()
            self._recall_soon()

    def show_findings(self) -> None:
        """Draw again where what is wrong with the number is not what it was."""
        number = self._number
        if isinstance(number, OwnedNumber) and self.size.width:
            wrong = tuple(self.dashboard.findings_of(number))
            if (wrong, self.dashboard.end_of(number)) != (self._wrong, self._end):
                self._draw()

    def _recall_soon(self) -> None:
        """Look further once the cursor rests, so that moving it costs nothing."""
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(_REST_SECONDS, self._look_further)

    def _look_further(self) -> None:
        if self._number is not None and self._number.number not in self._place:
            self._locate(self._number.number)
        self._recall()

    @work(exclusive=True, group="operations", exit_on_error=False)
    async def _recall(self) -> None:
        """Read what was done to the number from here."""
        from tui_numbers.domain.operations import JournalError

        number = self._number
        if self._read_operations is None or not isinstance(number, OwnedNumber):
            return
        try:
            found = await asyncio.to_thread(self._read_operations, number)
        except JournalError:
            return
        if self._number is number and list(found) != list(self._operations):
            self._operations = found
            self._draw()

    def _draw(self) -> None:
        number = self._number
        text = self.query_one(".detail-text", Static)
        if number is None:
            text.update(Content(""))
            return
        if self.record_shown:
            return
        from tui_numbers.services.call_path import follow
        from tui_numbers.ui.detail_facts import (
            facts_content,
            latest_facts,
            owned_facts,
            stock_facts,
        )

        info = self._session.workspace.info(number.account)
        place = self._place.get(number.number)
        width = text.size.width or self.content_size.width
        if isinstance(number, OwnedNumber):
            locked = number.number in self._session.locks
            latest = latest_facts(self._operations)
            wrong = self._wrong = tuple(self.dashboard.findings_of(number))
            end = self._end = self.dashboard.end_of(number)
            path = follow(number, self._holders, self._session.workspace.info)
            facts = owned_facts(
                number, info, place, latest, locked=locked, wrong=wrong, end=end, path=path
            )
            text.update(facts_content(facts, width))
        else:
            text.update(facts_content(stock_facts(number, info, place), width))

    @work(exclusive=True, group="place", exit_on_error=False)
    async def _locate(self, number: E164) -> None:
        from tui_numbers.services.locations import place_of

        self._place[number] = await asyncio.to_thread(place_of, number)
        if self._number is not None and self._number.number == number:
            self._draw()

    def _holders(self, number: E164) -> list[OwnedNumber]:
        held = self.dashboard.find_owned(number)
        return [held] if held is not None else []

    def toggle_record(self) -> None:
        """Switch between the facts and the record as it was received."""
        self.record_shown = not self.record_shown
        if self.record_shown:
            self._fetch_record()
        else:
            self._draw()

    @work(exclusive=True, group="record", exit_on_error=False)
    async def _fetch_record(self) -> None:
        number = self._number
        text = self.query_one(".detail-text", Static)
        if number is None:
            return
        text.update(content(f"reading {international(number.number)} from {number.account}"))
        try:
            received = await self._received(number)
        except ProviderError as error:
            received, problem = None, str(error)
        else:
            problem = "no record was kept"
        if self._number is not number or not self.record_shown:
            return
        if received is None:
            text.update(content(problem))
            return
        title = f"{number.account}: the record as received (v: details)"
        # No line break but those of the layout: in a text they are escaped, or marked when shown.
        lines = json.dumps(json.loads(received), indent=2, ensure_ascii=False).split("\n")
        text.update(stacked([title, *lines]))

    async def _received(self, number: Shown) -> bytes | None:
        if isinstance(number, AvailableNumber):
            return number.received
        client = await self._session.workspace.client(number.account)
        fresh = await client.find(number.number, number)
        return fresh.received if fresh is not None else None


_OWNED_ACTS = ("number.retarget", "number.edit", "number.undo", "number.release")


class DetailScreen(ActsOnSelection, NeedsRoom, Screen[None]):
    """Everything about one number."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(
        Scope.NUMBER, Scope.EVERYWHERE, Scope.DETAIL
    )

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
        acts = _OWNED_ACTS if owned else ("stock.buy",)
        verbs = self.verbs(("app.back", *acts, "number.record", "number.copy"))
        self.query_one(VerbBar).show(verbs)
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
        if self._gone or self.dashboard.main.has_room_for_detail:
            self._leave()

    def on_resize(self, event: events.Resize) -> None:
        """Go back to the table once there is room for both."""
        if event.size.width >= WIDE and not self.dashboard.main.has_class(WITHOUT_DETAIL):
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
