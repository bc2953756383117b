"""What to search the stock for: country, type, features, pattern, accounts."""

from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from tui_numbers.domain.countries import COUNTRY_NAMES, country_name, find_countries
from tui_numbers.domain.numbers import CAPABILITIES, NUMBER_TYPES
from tui_numbers.domain.query import InvalidPattern, Match, StockQuery
from tui_numbers.ui.detail.fields import ChoiceField, Toggle
from tui_numbers.ui.dialogs.picker import Choice, PickerScreen
from tui_numbers.ui.line_input import LineInput
from tui_numbers.ui.text import content

_ANY = ""
ALL_ACCOUNTS = ""


class CountryField(Widget, can_focus=True):
    """A country, picked from a list that narrows as you type."""

    class Changed(Message):
        """Another country was picked."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space,down", "pick", "pick a country", show=False, id="country.pick")
    ]

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
