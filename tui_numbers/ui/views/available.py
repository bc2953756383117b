"""The stock view: search all accounts at once, and fetch more on demand."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from tui_numbers.domain.countries import COUNTRY_NAMES, country_name, find_countries
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.filter_terms import STOCK
from tui_numbers.domain.numbers import CAPABILITIES, NUMBER_TYPES, AvailableNumber
from tui_numbers.domain.query import InvalidPattern, Match, StockQuery
from tui_numbers.providers.errors import NotOffered
from tui_numbers.services import recovery
from tui_numbers.services.inventory import merge
from tui_numbers.services.locations import area_of, load_places
from tui_numbers.services.session import Session
from tui_numbers.services.stock import AccountSearch, StockDone, StockFailed, StockPage
from tui_numbers.ui.actions import Scope, bindings_of
from tui_numbers.ui.detail.fields import ChoiceField, Toggle
from tui_numbers.ui.detail.pane import DetailPane
from tui_numbers.ui.dialogs.picker import Choice, PickerScreen
from tui_numbers.ui.frame import Part, Tone
from tui_numbers.ui.host import View
from tui_numbers.ui.line_input import LineInput
from tui_numbers.ui.messages import CursorNumber, NumberChanged, OpenNumber, StockArrived
from tui_numbers.ui.selection import Selection
from tui_numbers.ui.table import CursorMoved, NearEnd, NumberTable, RowOpened
from tui_numbers.ui.text import content
from tui_numbers.ui.views.table_layouts import stock_table
from tui_numbers.wording.search_text import stock_text
from tui_numbers.wording.values import failure_words, place_words

if TYPE_CHECKING:
    from tui_numbers.domain.query import Total
    from tui_numbers.providers.pacing import Waiting


_ANY = ""


ALL_ACCOUNTS = ""


class CountryField(Widget, can_focus=True):
    """A country, picked from a list that narrows as you type."""

    class Changed(Message):
        """Another country was picked."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(Scope.COUNTRY)

    def __init__(self) -> None:
        super().__init__(id="country", classes="choice-field")
        self.country: str | None = None

    def render(self) -> Content:
        """Draw the code and the name."""
        if self.country is None:
            return Content("[ Enter picks ▾ ]")
        return content(f"[{self.country} {country_name(self.country)} ▾]")

    def on_click(self) -> None:
        """Open the list with the mouse."""
        self.action_pick()

    @work
    async def action_pick(self) -> None:
        """Open the list."""
        picked = await self.app.push_screen_wait(
            PickerScreen("Country", search_countries, hint="name or code, such as king or GB")
        )
        if picked is not None and picked != self.country:
            self.country = picked
            self.refresh(layout=True)
            self.post_message(self.Changed())


def search_countries(text: str) -> list[Choice]:
    """Return countries by code or name."""
    return [Choice(code, f"{code}  {COUNTRY_NAMES[code]}") for code in find_countries(text)]


@dataclass
class SearchAsked(Message):
    """A search was asked for; ``query`` is None where it is not complete, ``problem`` says why."""

    query: StockQuery | None
    account: str
    """The one account to ask; empty for all."""
    problem: str = ""


class SearchBar(Vertical):
    """Two lines above the table of available numbers."""

    def __init__(self, accounts: tuple[str, ...]) -> None:
        super().__init__()
        self._accounts = accounts

    def compose(self) -> ComposeResult:
        """Lay the bar out."""
        with Horizontal(classes="search-line"):
            yield Static("Country ", classes="search-label", markup=False)
            yield CountryField()
            yield Static(" Type ", classes="search-label", markup=False)
            types = tuple((kind, kind.replace("_", " ")) for kind in NUMBER_TYPES)
            yield ChoiceField(((_ANY, "any"), *types), _ANY, id="type")
            for word in CAPABILITIES:
                yield Toggle(word, id=f"feature-{word}")
        with Horizontal(classes="search-line"):
            yield Static("Pattern ", classes="search-label", markup=False)
            yield LineInput(placeholder="digits or letters, Enter", id="pattern")
            yield ChoiceField(tuple((m.value, m.value) for m in Match), Match.CONTAINS, id="match")
            yield Static(" At ", classes="search-label", markup=False)
            accounts = tuple((name, name) for name in self._accounts)
            yield ChoiceField(((ALL_ACCOUNTS, "all accounts"), *accounts), ALL_ACCOUNTS, id="at")
            yield Static("", classes="search-count", markup=False)

    def count(self, text: str) -> None:
        """Say how much was found."""
        self.query_one(".search-count", Static).update(content(text))

    @property
    def pattern(self) -> str:
        """The pattern as typed."""
        return self.query_one("#pattern", Input).value.strip()

    def read(self) -> SearchAsked:
        """Return what is asked for now."""
        account = self.query_one("#at", ChoiceField).value
        country = self.query_one(CountryField).country
        if country is None:
            return SearchAsked(None, account, "pick a country first")
        features = frozenset(
            word for word in CAPABILITIES if self.query_one(f"#feature-{word}", Toggle).value
        )
        query = StockQuery(
            country=country,
            type=self.query_one("#type", ChoiceField).value or None,
            capabilities=features,
            pattern=self.pattern,
            match=Match(self.query_one("#match", ChoiceField).value),
        )
        try:
            _ = query.digits
        except InvalidPattern as error:
            return SearchAsked(None, account, str(error))
        return SearchAsked(query, account)

    @on(CountryField.Changed)
    @on(ChoiceField.Changed)
    @on(Toggle.Changed)
    def _changed(self) -> None:
        self.post_message(self.read())

    @on(Input.Submitted, "#pattern")
    def _asked(self) -> None:
        self.post_message(self.read())


_SEARCHING = " searching"


_AGAIN = ", asking again"


_PAGE = 50
"""Numbers fetched from each account at a time."""


class AvailableView(View):
    """The search, its results, and the detail beside them."""

    def __init__(self, session: Session) -> None:
        super().__init__(id="available")
        self._session = session
        self._workspace = session.workspace
        self._generation = 0
        self._query: StockQuery | None = None
        self._searches: dict[str, AccountSearch] = {}
        self._parts: dict[str, Part] = {}
        self._counts: dict[str, int] = {}
        self._left_out: dict[str, int] = {}
        self._dropped = 0
        self._totals: dict[str, Total] = {}
        self._busy = False
        self._places_known = False

    def compose(self) -> ComposeResult:
        """Lay the view out."""
        yield SearchBar(tuple(account.name for account in self._workspace.accounts))
        with Horizontal(classes="table-and-detail"):
            yield NumberTable[AvailableNumber](
                stock_table(self._place, lambda: self._query),
                lambda row: (row.account, row.number),
                self._text,
                layout=STOCK,
                empty_message="pick a country, then Enter in the pattern searches",
                id="stock-table",
            )
            yield DetailPane(self._session)

    @property
    def table(self) -> NumberTable[AvailableNumber]:
        """The table."""
        return self.query_one("#stock-table", NumberTable)

    @property
    def parts(self) -> tuple[Part, ...]:  # type: ignore[override]
        """What the status line says of the accounts."""
        return tuple(self._parts.values())

    def selection(self) -> Selection:
        """Return the number under the cursor."""
        return Selection("available", self.table.cursor_row)

    def when_opened(self) -> None:
        """Put the focus where a search begins, or on what it found."""
        if self.table.total_count:
            self.table.focus()
        else:
            self.query_one(CountryField).focus()

    def focus_filter(self) -> None:
        """Go to the pattern."""
        self.screen.set_focus(self.query_one("#pattern", Input))

    def number_changed(self, message: NumberChanged) -> None:
        """Take a number away that was bought."""
        if message.number is not None:
            self._forget(message.account, message.e164)

    def refresh_rows(self) -> None:
        """Search again."""
        self._ask(self.query_one(SearchBar).read())

    @on(SearchAsked)
    def _asked(self, message: SearchAsked) -> None:
        message.stop()
        self._ask(message)

    def _ask(self, asked: SearchAsked) -> None:
        if asked.query is None:
            self.dashboard.say(asked.problem, Tone.WARN)
            return
        self._generation += 1
        self._query = asked.query
        chosen = [
            account for account in self._workspace.accounts if asked.account in ("", account.name)
        ]
        self._searches = {
            account.name: AccountSearch(self._workspace, account, asked.query) for account in chosen
        }
        self._parts = {account.name: Part(f"{account.name}{_SEARCHING}") for account in chosen}
        self._counts = dict.fromkeys(self._searches, 0)
        self._left_out = {}
        self._dropped = 0
        self._totals = {}
        self.table.sync(())
        self.table.empty_message = "searching"
        self._fetch(self._generation)

    @work(exclusive=True, group="stock", exit_on_error=False)
    async def _fetch(self, generation: int) -> None:
        """Ask every account for its next numbers."""
        self._busy = True
        self._tell()
        searches = [search for search in self._searches.values() if not search.exhausted]
        async for event in merge([recovery.stock(search, _PAGE) for search in searches]):
            self.post_message(StockArrived(generation, event))

    @on(StockArrived)
    def _take(self, message: StockArrived) -> None:
        message.stop()
        if message.generation != self._generation:
            return
        event = message.event
        match event:
            case StockPage():
                self._take_page(event)
            case StockDone():
                shown = f"{event.account} {self._counts[event.account]:,}"
                of = self._total_words(event.account, more=event.more)
                left_out = self._left_out.get(event.account, 0)
                note = f", {left_out:,} left out: not told" if left_out else ""
                self._parts[event.account] = Part(f"{shown}{of}{note}")
            case StockFailed(error=NotOffered()):
                self._parts[event.account] = Part(f"{event.account}: no search offered", Tone.WARN)
                self.dashboard.log_line(f"{event.account}: {event.error}")
            case StockFailed():
                again = _AGAIN if event.again is not None else ""
                self._parts[event.account] = Part(
                    f"{event.account}: {failure_words(event.error)}{again}", Tone.BAD
                )
                self.dashboard.log_line(f"{event.account}: {event.error}")
        self._busy = any(_SEARCHING in part.text for part in self._parts.values())
        self._tell()

    def _take_page(self, page: StockPage) -> None:
        self._counts[page.account] += len(page.numbers)
        self._totals[page.account] = page.total
        self._dropped += page.dropped
        if page.unknown:
            self._left_out[page.account] = self._left_out.get(page.account, 0) + page.unknown
        for line in page.warnings:
            self.dashboard.log_line(f"{page.account}: {line}")
        if page.filtered_here:
            self.dashboard.log_line(
                f"{page.account}: its API cannot filter by {', '.join(page.filtered_here)}: "
                "done here"
            )
        self.table.extend(page.numbers)
        if page.numbers and not self._places_known:
            self._load_places()

    @work(exclusive=True, group="places", exit_on_error=False)
    async def _load_places(self) -> None:
        """Name the places of the numbers, once the tables that know them are loaded."""
        await asyncio.to_thread(load_places)
        self._places_known = True
        self.table.forget_lines()

    def _place(self, row: AvailableNumber) -> str:
        return place_words(row.city, row.region, self._area(row))

    def _area(self, row: AvailableNumber) -> str | None:
        return area_of(row.number) if self._places_known and not row.city else None

    def _text(self, row: AvailableNumber) -> str:
        return stock_text(row, self._area(row))

    def _total_words(self, account: str, *, more: bool) -> str:
        total = self._totals.get(account)
        if total is None or total.count is None:
            return ", total unknown" if more else ""
        return f" of {total}" if more else ""

    def _tell(self) -> None:
        table = self.table
        if not table.total_count:
            table.empty_message = "searching" if self._busy else self._none()
        self.query_one(SearchBar).count(f"{table.total_count:,}")
        self.post_message(CursorNumber(table.cursor_row))

    def wait(self, waiting: "Waiting") -> None:
        """Say why an account that is being searched lets us wait."""
        part = self._parts.get(waiting.account)
        words = f"{waiting.account}{_SEARCHING}: {waiting.word}{_AGAIN}"
        if part is not None and _SEARCHING in part.text and part.text != words:
            self._parts[waiting.account] = Part(words, Tone.WARN)
            self._tell()

    def _none(self) -> str:
        failed = [name for name in self._parts if self._fails(name)]
        if failed:
            return f"none so far: {', '.join(failed)} could not be searched"
        if self._dropped:
            return f"{self._dropped:,} records came, and none holds a usable number: @ shows them"
        if self._left_out:
            accounts = ", ".join(self._left_out)
            return f"none that is known to fit; {accounts} does not tell what was asked for"
        return "none: no account has such a number in stock"

    def _forget(self, account: str, number: E164) -> None:
        rows = self.table.model.shown_rows()
        kept = [row for row in rows if (row.account, row.number) != (account, number)]
        if len(kept) != len(rows):
            self.table.sync(kept)
            self._tell()

    @on(NearEnd)
    def _further(self, event: NearEnd) -> None:
        event.stop()
        searches = [one for name, one in self._searches.items() if not self._fails(name)]
        if not self._busy and any(not search.exhausted for search in searches):
            for name, search in self._searches.items():
                if not search.exhausted:
                    self._parts[name] = Part(f"{name}{_SEARCHING}")
            self._fetch(self._generation)

    def _fails(self, name: str) -> bool:
        part = self._parts.get(name)
        return part is not None and part.tone is Tone.BAD

    @on(CursorMoved)
    def _cursor_moved(self, event: CursorMoved) -> None:
        event.stop()
        self.query_one(DetailPane).show(event.row)
        self.post_message(CursorNumber(event.row))

    @on(RowOpened)
    def _opened(self, event: RowOpened) -> None:
        event.stop()
        self.post_message(OpenNumber())
