"""The detail beside the table, or on a screen of its own: facts, or the record as received."""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui_numbers.domain.e164 import E164, international
from tui_numbers.domain.numbers import AvailableNumber, OwnedNumber
from tui_numbers.providers.errors import ProviderError
from tui_numbers.ui.inside import InDashboard
from tui_numbers.ui.text import content, stacked

if TYPE_CHECKING:
    from textual.timer import Timer

    from tui_numbers.domain.operations import Operation
    from tui_numbers.services.places import Place
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
        from tui_numbers.ui.detail.drawing import facts_content
        from tui_numbers.ui.detail.facts import owned_facts, stock_facts
        from tui_numbers.ui.detail.operations import latest_facts

        info = self._session.workspace.info(number.account)
        place = self._place.get(number.number)
        width = text.size.width or self.content_size.width
        if isinstance(number, OwnedNumber):
            locked = number.number in self._session.locks
            latest = latest_facts(self._operations)
            facts = owned_facts(number, info, place, latest, locked=locked)
            text.update(facts_content(facts, width))
        else:
            text.update(facts_content(stock_facts(number, info, place), width))

    @work(exclusive=True, group="place", exit_on_error=False)
    async def _locate(self, number: E164) -> None:
        from tui_numbers.services.places import place_of

        self._place[number] = await asyncio.to_thread(place_of, number)
        if self._number is not None and self._number.number == number:
            self._draw()

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
