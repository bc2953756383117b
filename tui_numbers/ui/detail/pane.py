"""The detail beside the table, or on a screen of its own: facts, or the record as received."""

import asyncio
import json

from textual import work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import AvailableNumber, OwnedNumber
from tui_numbers.domain.text import clean
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.places import Place, place_of
from tui_numbers.services.workspace import Workspace
from tui_numbers.ui.detail.facts import Fact, owned_facts, stock_facts
from tui_numbers.ui.text import content, fit

Shown = OwnedNumber | AvailableNumber

_LABEL_WIDTH = 12


class DetailPane(VerticalScroll, can_focus=False):
    """Everything known of one number."""

    COMPONENT_CLASSES = {  # noqa: RUF012 - Textual's own declaration
        "detail-pane--heading",
        "detail-pane--label",
        "detail-pane--good",
        "detail-pane--warn",
        "detail-pane--bad",
        "detail-pane--dim",
    }

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
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
            self.scroll_home(animate=False)
        # Without room, drawing and looking places up would be work that nobody sees.
        if self.size.width:
            self._draw()

    def on_resize(self) -> None:
        """Draw what was only remembered while there was no room."""
        self._draw()

    def _draw(self) -> None:
        number = self._number
        text = self.query_one(".detail-text", Static)
        if number is None:
            text.update(Content(""))
            return
        if self.record_shown:
            return
        info = self._workspace.info(number.account)
        place = self._place.get(number.number)
        if place is None:
            self._locate(number.number)
        if isinstance(number, OwnedNumber):
            text.update(self._content(owned_facts(number, info, place)))
        else:
            text.update(self._content(stock_facts(number, info, place)))

    @work(exclusive=True, group="place", exit_on_error=False)
    async def _locate(self, number: E164) -> None:
        self._place[number] = await asyncio.to_thread(place_of, number)
        if self._number is not None and self._number.number == number:
            self._draw()

    def _content(self, facts: list[Fact]) -> Content:
        label_style = self.get_visual_style("detail-pane--label")
        heading = self.get_visual_style("detail-pane--heading")
        lines: list[Content] = []
        for fact in facts:
            if not fact.label and not fact.tone:
                if lines:
                    lines.append(Content(""))
                lines.append(content(fact.value).stylize(heading))
                continue
            value = content(fact.value)
            if fact.tone:
                value = value.stylize(self.get_visual_style(f"detail-pane--{fact.tone}"))
            label = Content.styled(fit(fact.label, _LABEL_WIDTH) + " ", label_style)
            lines.append(label + value)
        return Content("\n").join(lines)

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
        text.update(content(f"reading {number.number} from {number.account}"))
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
        lines = json.dumps(json.loads(received), indent=2, ensure_ascii=False).splitlines()
        title = content(f"{number.account}: the record as received (v: details)")
        text.update(Content("\n").join([title, *(Content(clean(line)) for line in lines)]))

    async def _received(self, number: Shown) -> bytes | None:
        if isinstance(number, AvailableNumber):
            return number.received
        client = await self._workspace.client(number.account)
        fresh = await client.find(number.number, number)
        return fresh.received if fresh is not None else None
