"""Ask for a search of stock: country, type, features, pattern, place and account."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from tui_numbers.domain.countries import COUNTRY_NAMES, country_name, find_countries
from tui_numbers.domain.numbers import CAPABILITIES, NUMBER_TYPES
from tui_numbers.domain.query import InvalidPattern, Match, StockQuery
from tui_numbers.ui.actions import Scope, bindings_of
from tui_numbers.ui.dialogs.picker import Choice, PickerScreen
from tui_numbers.ui.form_fields import ChoiceField, Toggle
from tui_numbers.ui.line_input import LineInput
from tui_numbers.ui.text import content

ALL_ACCOUNTS = ""
_ANY = ""


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
            PickerScreen("Country", search_countries, hint="name, code or +44: king, uk, GB")
        )
        if picked is not None and picked != self.country:
            self.country = picked
            self.refresh(layout=True)
            self.post_message(self.Changed())


def search_countries(text: str) -> list[Choice]:
    """Return countries by code, name or calling code."""
    return [Choice(code, f"{code}  {COUNTRY_NAMES[code]}") for code in find_countries(text)]


class SearchChoice(ChoiceField, inherit_bindings=False):
    """One of a few words, from which Enter leads on to the results."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(Scope.CHOICE, but="enter")


class SearchToggle(Toggle, inherit_bindings=False):
    """A box to tick, from which Enter leads on to the results."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(Scope.TOGGLE, but="enter")


@dataclass
class SearchAsked(Message):
    """A search was asked for; ``query`` is None where it is not complete, ``problem`` says why."""

    query: StockQuery | None
    account: str
    """The one account to ask; empty for all."""
    problem: str = ""


class SearchForm(Vertical):
    """Three lines above the table of available numbers."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(Scope.SEARCH)

    def __init__(self, accounts: tuple[str, ...], leave: Callable[[], None]) -> None:
        """Take what moves on to the results, at once, so that the next key is meant for them."""
        super().__init__()
        self._accounts = accounts
        self._leave = leave
        self._asked: SearchAsked | None = None

    def compose(self) -> ComposeResult:
        """Lay the form out."""
        with Horizontal(classes="search-line"):
            yield Static("Country ", classes="search-label", markup=False)
            yield CountryField()
            yield Static(" Type ", classes="search-label", markup=False)
            types = tuple((kind, kind.replace("_", " ")) for kind in NUMBER_TYPES)
            yield SearchChoice(((_ANY, "any"), *types), _ANY, id="type")
        with Horizontal(classes="search-line"):
            yield Static("Pattern ", classes="search-label", markup=False)
            yield LineInput(placeholder="digits, letters", id="pattern")
            yield SearchChoice(tuple((m.value, m.value) for m in Match), Match.CONTAINS, id="match")
            yield Static(" Place ", classes="search-label", markup=False)
            yield LineInput(placeholder="city, region", id="place")
        with Horizontal(classes="search-line"):
            for word in CAPABILITIES:
                yield SearchToggle(word, id=f"feature-{word}")
            yield Static(" At ", classes="search-label", markup=False)
            accounts = tuple((name, name) for name in self._accounts)
            yield SearchChoice(((ALL_ACCOUNTS, "all accounts"), *accounts), ALL_ACCOUNTS, id="at")

    @property
    def first_field(self) -> Widget:
        """Where a search goes on: the pattern, or the country while none is picked."""
        country = self.query_one(CountryField)
        return self.query_one("#pattern") if country.country else country

    def read(self) -> SearchAsked:
        """Return what is asked for now."""
        account = self._choice("at")
        country = self.query_one(CountryField).country
        if country is None:
            return SearchAsked(None, account, "pick a country first")
        features = frozenset(
            word for word in CAPABILITIES if self.query_one(f"#feature-{word}", Toggle).value
        )
        query = StockQuery(
            country=country,
            type=self._choice("type") or None,
            capabilities=features,
            pattern=self._typed("pattern"),
            match=Match(self._choice("match")),
            place=self._typed("place"),
        )
        try:
            _ = query.digits
        except InvalidPattern as error:
            return SearchAsked(None, account, str(error))
        return SearchAsked(query, account)

    def _choice(self, name: str) -> str:
        return self.query_one(f"#{name}", ChoiceField).value

    def _typed(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value.strip()

    @on(ChoiceField.Changed)
    @on(Toggle.Changed)
    def _changed(self) -> None:
        self.ask()

    @on(CountryField.Changed)
    def _picked(self) -> None:
        self.ask()
        self.action_results()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_results()

    @on(Input.Blurred)
    def _typed_and_left(self) -> None:
        """Search for what was typed, also where it was left by Tab."""
        if self._asked is not None and self.read() != self._asked:
            self.ask()

    def action_results(self) -> None:
        """Search for what is asked now, where that is not shown already, and go to the results."""
        if self.read() != self._asked or self._asked.query is None:
            self.ask()
        self._leave()

    def ask(self) -> None:
        """Search for what is asked now."""
        self._asked = self.read()
        self.post_message(self._asked)
