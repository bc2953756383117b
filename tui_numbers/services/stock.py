"""Search available numbers of all accounts page by page, never to exhaustion unasked."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

from tui_numbers.domain.accounts import Account
from tui_numbers.domain.e164 import E164, country_of, digits_of
from tui_numbers.domain.numbers import AvailableNumber
from tui_numbers.domain.query import UNKNOWN_TOTAL, Match, StockQuery, Total
from tui_numbers.providers.contract import Page, Provider
from tui_numbers.providers.errors import NotOffered, ProviderError
from tui_numbers.services.containment import contained
from tui_numbers.services.inventory import merge, until_answered
from tui_numbers.services.workspace import Workspace

_MOST_PAGES_AT_ONCE = 20
"""Pages read for one request for more, where the filter applied here leaves little of each."""


@dataclass(frozen=True, slots=True)
class StockPage:
    """Stock of one account that passed the search, as it arrived."""

    account: str
    numbers: tuple[AvailableNumber, ...]
    total: Total
    """What the provider says there is for what it was asked, before filtering here."""
    unknown: int = 0
    """Left out because the provider does not tell what the search asks for."""
    warnings: tuple[str, ...] = ()
    filtered_here: tuple[str, ...] = ()
    """Parts of the search that the provider does not honour: applied here."""
    dropped: int = 0
    """Records that hold no usable number."""


@dataclass(frozen=True, slots=True)
class StockDone:
    """One request for more is answered; ``more`` tells whether there may be further numbers."""

    account: str
    more: bool


@dataclass(frozen=True, slots=True)
class StockFailed:
    """An account could not answer, or does not offer a search (``NotOffered``)."""

    account: str
    error: ProviderError
    again: float | None = None
    """Seconds until it is asked again by itself; None where it is not."""


StockEvent = StockPage | StockDone | StockFailed


@dataclass
class AccountSearch:
    """A search at one account that can be continued."""

    workspace: Workspace
    account: Account
    query: StockQuery
    _pages: AsyncIterator[Page[AvailableNumber]] | None = field(default=None, repr=False)
    _spare: list[AvailableNumber] = field(default_factory=list, repr=False)
    _total: Total = UNKNOWN_TOTAL
    _begun: bool = False
    exhausted: bool = False

    async def more(self, wanted: int) -> AsyncIterator[StockEvent]:
        """Yield up to ``wanted`` further numbers, then that this request is answered."""
        info = self.workspace.info(self.account)
        if not info.search.offered:
            self.exhausted = True
            yield StockFailed(
                self.account.name, NotOffered(info.search.reason, account=self.account.name)
            )
            return
        try:
            async for page in self._more(wanted):
                yield page
        except ProviderError as error:
            # What was given already cannot be told from what would come a second time.
            self.exhausted = self._begun or not error.passes
            self._pages = None
            yield StockFailed(self.account.name, error)
        else:
            yield StockDone(self.account.name, more=not self.exhausted or bool(self._spare))

    async def _more(self, wanted: int) -> AsyncIterator[StockPage]:
        if self._spare:
            ready, self._spare = self._spare[:wanted], self._spare[wanted:]
            wanted -= len(ready)
            yield StockPage(self.account.name, tuple(ready), self._total)
        if self._pages is None and not self.exhausted:
            self._pages = self._asked_pages(await self.workspace.client(self.account))
        for _ in range(_MOST_PAGES_AT_ONCE):
            if wanted <= 0 or self.exhausted or self._pages is None:
                return
            try:
                page = await anext(self._pages)
            except StopAsyncIteration:
                self.exhausted = True
                return
            self._begun = True
            with contained(self.account.name):
                read = self._read(page)
            self._spare = list(read.numbers[wanted:])
            kept = read.numbers[:wanted]
            wanted -= len(kept)
            yield replace(read, numbers=kept)

    async def _asked_pages(self, client: Provider) -> AsyncIterator[Page[AvailableNumber]]:
        """Yield the pages of all searches that together find what is asked for."""
        if self.query.place:
            from tui_numbers.services.locations import load_places

            await asyncio.to_thread(load_places)
        honoured = self.workspace.info(self.account).search_filters
        starts = bool(honoured & {"pattern", f"pattern:{Match.STARTS}"})
        before: int | None = 0
        for query in self.query.wire_queries(starts=starts):
            total = UNKNOWN_TOTAL
            async for page in client.available(query):
                total = page.total
                yield replace(page, total=_added(before, total)) if before != 0 else page
            before = None if before is None or total.count is None else before + total.count

    def _accepts(self, number: AvailableNumber) -> bool | None:
        """Tell whether a number passes, its place looked at as well; None where it is not known."""
        verdict = self.query.accepts(number)
        if verdict is False or not self.query.place:
            return verdict
        placed = is_placed(number, self.query.place)
        return False if placed is False else None if placed is None else verdict

    def _read(self, page: Page[AvailableNumber]) -> StockPage:
        self._total = page.total
        passed, unknown = [], 0
        for number in page.items:
            verdict = self._accepts(number)
            if verdict:
                passed.append(number)
            elif verdict is None:
                unknown += 1
        return StockPage(
            self.account.name,
            tuple(passed),
            page.total,
            unknown,
            page.warnings,
            filtered_here(self.query, self.workspace.info(self.account).search_filters),
            page.dropped,
        )


def filtered_here(query: StockQuery, honoured: frozenset[str]) -> tuple[str, ...]:
    """Name the filters of a search that a provider does not apply itself."""
    asked = []
    if query.type is not None and "type" not in honoured:
        asked.append("type")
    if query.capabilities and "features" not in honoured:
        asked.append("features")
    if query.digits and not honoured & {"pattern", f"pattern:{query.match}"}:
        asked.append("pattern")
    if query.place and "place" not in honoured:
        asked.append("place")
    return tuple(asked)


def is_placed(number: AvailableNumber, wanted: str) -> bool | None:
    """Tell whether city, region or area of a number hold all ``wanted`` words; None for no place.

    The tables of areas must be loaded.
    """
    from tui_numbers.services.locations import area_of

    texts = filter(None, (number.city, number.region, area_of(number.number)))
    known = " ".join(texts).casefold()
    return all(word in known for word in wanted.casefold().split()) if known else None


def _added(before: int | None, total: Total) -> Total:
    """Return the total of several searches, of which earlier ones found ``before``."""
    known = before is not None and total.count is not None
    return Total((before or 0) + (total.count or 0), total.capped) if known else UNKNOWN_TOTAL


def search(workspace: Workspace, query: StockQuery, limit: int) -> AsyncIterator[StockEvent]:
    """Yield up to ``limit`` numbers per account, all accounts asked side by side."""
    searches = [AccountSearch(workspace, account, query) for account in workspace.accounts]
    return merge([one.more(limit) for one in searches])


async def find_stock(
    workspace: Workspace, account: Account, number: E164
) -> AvailableNumber | None:
    """Return the stock record of exactly this number, or None where there is none.

    The country is the record's own; the number only suggests where to look, since several
    countries may share a calling code.
    """
    client = await workspace.client(account)
    for country in _countries_to_ask(number):
        query = StockQuery(country, pattern=digits_of(number))
        async for page in client.available(query):
            for item in page.items:
                if item.number == number:
                    return item
    return None


def _countries_to_ask(number: E164) -> tuple[str, ...]:
    import phonenumbers

    likely = country_of(number)
    sharing = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(
        phonenumbers.parse(number, None).country_code or 0, ()
    )
    others = [region for region in sharing[:4] if region not in (likely, "001")]
    return tuple(([likely] if likely else []) + others)


StockKey = tuple[str, E164]
"""The account that offers a number, and the number."""


class Basket:
    """Numbers chosen to be bought, whatever is searched for next."""

    def __init__(self) -> None:
        self._chosen: dict[StockKey, AvailableNumber] = {}
        self._problems: dict[StockKey, str] = {}

    def __len__(self) -> int:
        return len(self._chosen)

    @property
    def numbers(self) -> tuple[AvailableNumber, ...]:
        """What is chosen, in the order it was."""
        return tuple(self._chosen.values())

    @property
    def keys(self) -> frozenset[StockKey]:
        """What is chosen, by account and number."""
        return frozenset(self._chosen)

    @property
    def failed(self) -> int:
        """How many of the chosen were asked for and not bought."""
        return len(self._problems)

    def toggle(self, number: AvailableNumber) -> None:
        """Put a number in, or take it out."""
        key = (number.account, number.number)
        if key in self._chosen:
            self.take_out(key)
        else:
            self._chosen[key] = number

    def take_out(self, key: StockKey) -> None:
        """Take a number out, because it was bought or is not wanted any more."""
        self._chosen.pop(key, None)
        self._problems.pop(key, None)

    def keep_with(self, key: StockKey, problem: str) -> None:
        """Note why a chosen number was not bought; it stays chosen."""
        if key in self._chosen:
            self._problems[key] = problem

    def problem(self, key: StockKey) -> str:
        """Return why a number was not bought, or nothing."""
        return self._problems.get(key, "")


def more_with_retries(search: AccountSearch, wanted: int) -> AsyncIterator[StockEvent]:
    """Yield further numbers of a search; one that failed before its first page goes on."""

    def passing(event: StockEvent) -> ProviderError | None:
        return event.error if isinstance(event, StockFailed) and not search.exhausted else None

    return until_answered(lambda: search.more(wanted), passing, search.workspace.http.timing)
