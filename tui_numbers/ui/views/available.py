"""Search the stock of all accounts at once, choose numbers, and fetch more on demand."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Static

from tui_numbers.domain.filter_terms import STOCK
from tui_numbers.domain.numbers import AvailableNumber
from tui_numbers.domain.operations import Action, Outcome
from tui_numbers.providers.errors import NotOffered
from tui_numbers.services.inventory import merge
from tui_numbers.services.locations import area_of, load_places
from tui_numbers.services.session import Session
from tui_numbers.services.stock import (
    AccountSearch,
    Basket,
    StockDone,
    StockFailed,
    StockKey,
    StockPage,
    more_with_retries,
)
from tui_numbers.ui.actions import Scope, bindings_of
from tui_numbers.ui.detail_pane import DetailPane
from tui_numbers.ui.frame import Part, Tone
from tui_numbers.ui.host import (
    CursorNumber,
    InDashboard,
    NumberChanged,
    OpenNumber,
    StockArrived,
    View,
)
from tui_numbers.ui.selection import Selection
from tui_numbers.ui.table import CursorMoved, NearEnd, NumberTable, RowOpened
from tui_numbers.ui.table.index import Sort
from tui_numbers.ui.text import content
from tui_numbers.ui.views.filter_line import FilterInput, FilterLine
from tui_numbers.ui.views.search_form import SearchAsked, SearchForm
from tui_numbers.ui.views.table_layouts import stock_table
from tui_numbers.wording.search_text import stock_text, stock_values
from tui_numbers.wording.values import basket_words, failure_words, place_words

if TYPE_CHECKING:
    from tui_numbers.domain.query import StockQuery, Total
    from tui_numbers.providers.pacing import Waiting
    from tui_numbers.services.planning import Result

_SEARCHING = " searching"


_AGAIN = ", asking again"


_PAGE = 50
"""Numbers fetched from each account at a time."""


_BOUGHT = frozenset({Outcome.VERIFIED, Outcome.UNCHANGED, Outcome.PENDING, Outcome.DIFFERENT})
"""Outcomes of a purchase after which the number is held, or ordered."""


_SORTS = ("number", "reads", "monthly", "type", "account", "place")
"""By which columns the key sorts, one after the other."""


class StockTable(InDashboard, NumberTable[AvailableNumber]):
    """Available numbers, whose marks stand for what is chosen."""

    def __init__(
        self,
        *args: Any,
        choose: Callable[[AvailableNumber], None],
        sorted_anew: Callable[[], None],
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self._choose = choose
        self._sorted_anew = sorted_anew

    def action_mark(self) -> None:
        """Choose the number under the cursor, or take it out again."""
        if self.cursor_row is not None:
            self._choose(self.cursor_row)

    def action_mark_all(self) -> None:
        """Say how numbers are chosen: a whole page of them is never meant."""
        self.dashboard.say("numbers are chosen one by one: Space", Tone.WARN)

    def _next_sort(self) -> Sort | None:
        """Return the sort that follows, the same at every width and whatever the rows say."""
        steps = [None, *(Sort(key, way) for key in _SORTS for way in (False, True))]
        now = self.model.sort
        return steps[(steps.index(now) + 1) % len(steps)] if now in steps else None

    def sort_by(self, key: str | None, *, reverse: bool = False) -> None:
        """Sort, go to what comes first then, and have it said among how many."""
        super().sort_by(key, reverse=reverse)
        self.action_first()
        self._sorted_anew()

    def show_chosen(self, keys: Collection[Hashable]) -> None:
        """Mark the rows of these keys, and no others."""
        marks = self.model.marks
        for key in {*marks} ^ {*keys}:
            self.model.toggle_mark(key)
        self._marks_changed()


class AvailableView(View):
    """The search, its results, what is chosen of them, and the detail beside them."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(Scope.STOCK)

    def __init__(self, session: Session) -> None:
        super().__init__(id="available")
        self._session = session
        self._workspace = session.workspace
        self._generation = 0
        self._query: StockQuery | None = None
        self._searches: dict[str, AccountSearch] = {}
        self._parts: dict[str, Part] = {}
        self._found: dict[StockKey, AvailableNumber] = {}
        self._left_out: dict[str, int] = {}
        self._dropped = 0
        self._totals: dict[str, Total] = {}
        self._filtered: dict[str, tuple[str, ...]] = {}
        self._busy = False
        self._places_known = False
        self._chosen_alone = False
        """Whether the table shows what is chosen, in the place of what was found."""
        self.basket = Basket()

    def compose(self) -> ComposeResult:
        """Lay the view out."""
        names = tuple(account.name for account in self._workspace.accounts)
        yield SearchForm(names, self._to_table)
        yield Static("", classes="stock-count", markup=False)
        yield Static("", classes="stock-basket", markup=False)
        yield FilterLine(STOCK, lambda: stock_values(self.table.model.all_rows()))
        with Horizontal(classes="table-and-detail"):
            yield StockTable(
                stock_table(self._place, lambda: self._query, self._problem),
                _key,
                self._text,
                layout=STOCK,
                choose=self._choose,
                sorted_anew=self._tell,
                empty_message="pick a country; Enter in the pattern searches",
                id="stock-table",
            )
            yield DetailPane(self._session)

    def on_mount(self) -> None:
        """Show only what says something."""
        line = self.query_one(FilterLine)
        line.display = False
        line.input.placeholder = "number, last digits, type, account, place, cost<2"
        self.query_one(".stock-basket").display = False

    @property
    def table(self) -> StockTable:
        """The table."""
        return self.query_one(StockTable)

    @property
    def parts(self) -> tuple[Part, ...]:
        """What the status line says of the accounts, those that fail first."""
        return tuple(sorted(self._parts.values(), key=lambda part: part.tone is not Tone.BAD))

    def selection(self) -> Selection:
        """Return the number under the cursor, and what is chosen."""
        return Selection("available", self.table.cursor_row, basket=self.basket.numbers)

    def when_opened(self) -> None:
        """Put the focus where a search begins, or on what it found."""
        self.screen.set_focus(
            self.table if self.table.total_count else self.query_one(SearchForm).first_field
        )

    def _to_table(self) -> None:
        # At once, where ``focus()`` would let keys typed right behind still reach a field.
        self.screen.set_focus(self.table)

    def focus_filter(self) -> None:
        """Go to the filter, which stands there from then on."""
        self.query_one(FilterLine).display = True
        super().focus_filter()

    def action_search(self) -> None:
        """Go to the form."""
        self.screen.set_focus(self.query_one(SearchForm).first_field)

    def action_mark(self) -> None:
        """Choose the number under the cursor, wherever the focus is."""
        self.table.action_mark()

    def number_changed(self, message: NumberChanged) -> None:
        """Take a number away that was bought."""
        key = (message.account, message.e164)
        if message.number is not None and (key in self._found or key in self.basket.keys):
            self._found.pop(key, None)
            self.basket.take_out(key)
            self._show_rows()

    def take_results(self, results: "Sequence[Result]") -> None:
        """Take out what was bought or ordered; what was not stays chosen, with the reason."""
        for result in results:
            if result.plan.action is not Action.BUY:
                continue
            key = (result.plan.account.name, result.plan.number)
            if result.outcome in _BOUGHT:
                self.basket.take_out(key)
            else:
                reason = f": {result.error}" if result.error else ""
                self.basket.keep_with(key, f"{result.outcome}{reason}")
        self._show_rows()

    def refresh_rows(self) -> None:
        """Search again."""
        self.query_one(SearchForm).ask()

    @on(SearchAsked)
    def _asked(self, asked: SearchAsked) -> None:
        asked.stop()
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
        self._found, self._left_out, self._totals, self._filtered = {}, {}, {}, {}
        self._dropped = 0
        self._chosen_alone = False
        self._busy = True
        self._show_rows()
        self.table.model.unpin()
        self._fetch(self._generation)

    @work(exclusive=True, group="stock", exit_on_error=False)
    async def _fetch(self, generation: int) -> None:
        """Ask every account for its next numbers."""
        self._busy = True
        self._tell()
        searches = [search for search in self._searches.values() if not search.exhausted]
        async for event in merge([more_with_retries(search, _PAGE) for search in searches]):
            self.post_message(StockArrived(generation, event))

    @on(StockArrived)
    def _take(self, message: StockArrived) -> None:
        message.stop()
        if message.generation != self._generation:
            return
        event = message.event
        name = event.account
        match event:
            case StockPage():
                self._take_page(event)
            case StockDone():
                self._parts[name] = Part(f"{name} {self._account_words(name, more=event.more)}")
            case StockFailed(error=NotOffered()):
                self._parts[name] = Part(f"{name}: no search offered", Tone.WARN)
                self.dashboard.log_line(f"{name}: {event.error}")
            case StockFailed():
                again = _AGAIN if event.again is not None else ""
                self._parts[name] = Part(f"{name}: {failure_words(event.error)}{again}", Tone.BAD)
                self.dashboard.log_line(f"{name}: {event.error}")
        self._busy = any(_SEARCHING in part.text for part in self._parts.values())
        self._tell()

    def _take_page(self, page: StockPage) -> None:
        self._totals[page.account] = page.total
        self._dropped += page.dropped
        if page.unknown:
            self._left_out[page.account] = self._left_out.get(page.account, 0) + page.unknown
        for line in page.warnings:
            self.dashboard.log_line(f"{page.account}: {line}")
        if page.filtered_here:
            self._filtered[page.account] = page.filtered_here
        self._found |= {_key(row): row for row in page.numbers}
        if not self._chosen_alone:
            self.table.extend(page.numbers)
            self.table.show_chosen(self.basket.keys)
        if page.numbers and not self._places_known:
            self._load_places()

    def _account_words(self, name: str, *, more: bool) -> str:
        """Return how much came of one account, of how much, and what was done to it here."""
        count = sum(row.account == name for row in self._found.values())
        total = self._totals.get(name)
        words = f"{count:,}"
        if more:
            # What pages told one by one may be less than what came of all of them.
            known = total is not None and total.count is not None and total.count >= count
            words += f" of {total}" if known else ", total unknown"
        if self._filtered.get(name):
            words += f", {' and '.join(self._filtered[name])} filtered here"
        if self._left_out.get(name):
            words += f", {self._left_out[name]:,} left out: not told"
        return words

    def _show_rows(self) -> None:
        """Show what was found, or what is chosen alone."""
        if not len(self.basket):
            self._chosen_alone = False
        rows = self.basket.numbers if self._chosen_alone else self._found.values()
        self.table.sync(rows)
        self.table.show_chosen(self.basket.keys)
        self.table.forget_lines()
        self._tell()

    def _choose(self, row: AvailableNumber) -> None:
        """Put a number into the basket, or take it out."""
        self.basket.toggle(row)
        if self._chosen_alone:
            self._show_rows()
            return
        self.table.show_chosen(self.basket.keys)
        self.table.action_cursor_down()
        self._tell()

    def action_basket(self) -> None:
        """Show what is chosen alone, or what was found again."""
        if not len(self.basket):
            self.dashboard.say("nothing is chosen yet: Space chooses a number", Tone.WARN)
            return
        self._chosen_alone = not self._chosen_alone
        self._to_table()
        self._show_rows()

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

    def _problem(self, row: AvailableNumber) -> str:
        return self.basket.problem(_key(row))

    def _tell(self) -> None:
        table, form = self.table, self.query_one(".stock-count", Static)
        if not table.total_count:
            table.empty_message = "searching" if self._busy else self._none()
        elif not table.shown_count:
            table.empty_message = f"the filter hides all {table.total_count:,}: Esc clears it"
        form.update(content(self._count_words()))
        basket = self.query_one(".stock-basket", Static)
        basket.display = len(self.basket) > 0
        if len(self.basket):
            keys = "b buys" if self._chosen_alone else "b buys, B shows"
            words = basket_words(self.basket.numbers, self.basket.failed)
            basket.update(content(f"{words} · {keys}"))
        self.post_message(CursorNumber(table.cursor_row))

    def _count_words(self) -> str:
        """Return how much is shown, of how much, and how to see more."""
        table = self.table
        if self._chosen_alone:
            return f"only what is chosen: {table.shown_count:,} shown, B shows all found"
        if self._query is None:
            return ""
        read_as = f" · {self._query.read_as}" if self._query.read_as else ""
        shown = "" if table.shown_count == table.total_count else f"{table.shown_count:,} shown, "
        sorted_words = "sorted within " if table.model.sort is not None else ""
        within = "within " if shown and not sorted_words else ""
        loaded = f"{shown}{sorted_words}{within}{table.total_count:,}"
        if self._busy:
            return f"{loaded} so far{read_as}"
        failed = [name for name in self._searches if self._fails(name)]
        missing = f", {', '.join(failed)} not searched" if failed else ""
        if not self._unread:
            return f"{loaded} found{missing}{read_as}"
        return f"{loaded} of {self._total_words()}, M loads more{missing}{read_as}"

    def _total_words(self) -> str:
        totals = {name: self._totals[name] for name in self._searches if name in self._totals}
        if all(total.count is None for total in totals.values()):
            return "an unknown total"
        loaded = Counter(row.account for row in self._found.values())
        is_least = any(
            total.capped or total.count is None or total.count < loaded[name]
            for name, total in totals.items()
        )
        count = sum(max(total.count or 0, loaded[name]) for name, total in totals.items())
        return f"{'at least ' if is_least else ''}{count:,}"

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

    @on(NearEnd)
    def _further(self, event: NearEnd) -> None:
        event.stop()
        # Among few that a filter leaves, every step is near the end.
        if not self._chosen_alone and not self.query_one(FilterLine).input.value:
            self._load_more()

    def action_more(self) -> None:
        """Fetch the next numbers of every account that has more."""
        if self._query is None:
            self.dashboard.say("pick a country first", Tone.WARN)
        elif self._busy:
            self.dashboard.say("still searching", Tone.WARN)
        elif not self._load_more():
            self.dashboard.say("no account has more of these", Tone.WARN)

    def _load_more(self) -> bool:
        """Fetch more, unless it is under way; tell whether there may be any."""
        if self._busy or not self._unread:
            return False
        for name in self._unread:
            self._parts[name] = Part(f"{name}{_SEARCHING}")
        self._fetch(self._generation)
        return True

    @property
    def _unread(self) -> list[str]:
        """The accounts that may have more, and can be asked for it."""
        return [
            name
            for name, one in self._searches.items()
            if not one.exhausted and not self._fails(name)
        ]

    def _fails(self, name: str) -> bool:
        part = self._parts.get(name)
        return part is not None and part.tone is Tone.BAD

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        if isinstance(event.input, FilterInput):
            self.query_one(FilterLine).apply(self.table, self._tell)

    @on(FilterInput.Left)
    def _leave_filter(self) -> None:
        line = self.query_one(FilterLine)
        line.display = bool(line.input.value)
        self._to_table()

    @on(CursorMoved)
    def _cursor_moved(self, event: CursorMoved) -> None:
        event.stop()
        self.query_one(DetailPane).show(event.row)
        self.post_message(CursorNumber(event.row))

    @on(RowOpened)
    def _opened(self, event: RowOpened) -> None:
        event.stop()
        self.post_message(OpenNumber())


def _key(row: AvailableNumber) -> StockKey:
    return row.account, row.number
