"""Vonage's listings: owned numbers side by side, stock page by page, applications."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tui_numbers.domain import clock
from tui_numbers.domain.e164 import E164, digits_of
from tui_numbers.domain.numbers import AvailableNumber, OwnedNumber, TargetOption
from tui_numbers.domain.query import Match, OwnedQuery, StockQuery, Total
from tui_numbers.providers import paging, wire
from tui_numbers.providers.contract import Page
from tui_numbers.providers.errors import BadReply, ListingIncomplete
from tui_numbers.providers.limits import Allowance
from tui_numbers.providers.vonage import reading
from tui_numbers.providers.vonage.info import PAGE_SIZE, WIRE_TYPES
from tui_numbers.providers.vonage.replies import body_of

if TYPE_CHECKING:
    from tui_numbers.providers.exchange import Reply
    from tui_numbers.providers.http import Endpoint

Params = dict[str, str | int]

_PLACES = {Match.STARTS: 0, Match.CONTAINS: 1, Match.ENDS: 2}
_FEATURES = {
    frozenset(words.lower().split(",")): words
    for words in ("SMS", "VOICE", "MMS", "SMS,VOICE", "SMS,MMS", "VOICE,MMS", "SMS,MMS,VOICE")
}
"""The only spellings that a search takes (Numbers API 1.0.20); their order counts."""


class Listing:
    """The reading half of the client."""

    def __init__(
        self, numbers: "Endpoint", applications: "Endpoint", account: str, widest: int
    ) -> None:
        self._numbers = numbers
        self._applications = applications
        self._account = account
        self._widest = widest

    def owned_number(self, fields: wire.Fields) -> OwnedNumber | None:
        """Return the number of one record, with the record as it came."""
        return reading.owned_number(fields, self._account, clock.now(), received=True)

    async def owned(self, query: OwnedQuery) -> AsyncGenerator[Page[OwnedNumber], None]:
        """Yield every owned number once.

        Raises:
            ListingIncomplete: After the last page, where the list moved while it was read.
        """
        params = _owned_params(query)
        allowance = self._allowance("numbers")
        tally = _Tally(self._account, allowance)

        async def fetch(index: int) -> "Reply":
            return await self._numbers.get("/account/numbers", {**params, "index": index})

        def read(reply: "Reply") -> Page[OwnedNumber]:
            records, total = reading.records_of(body_of(reply, self._account), self._account)
            allowance.take(len(records), len(reply.body))
            seen_at = clock.now()
            return wire.read_page(
                records,
                lambda fields: reading.owned_number(fields, self._account, seen_at),
                total,
            )

        pages_of = paging.numbered(fetch, read, PAGE_SIZE, widest=self._widest)
        async with aclosing(pages_of) as pages:
            async for page in pages:
                yield tally.without_repeated(page)
        tally.check()

    async def record(self, number: E164) -> wire.Fields | None:
        """Return the record of exactly this number, or None where the account has none.

        Raises:
            ListingIncomplete: Several records bear the number, or one that is meant may be missing.
        """
        digits = digits_of(number)
        params: Params = {"pattern": digits, "search_pattern": _PLACES[Match.CONTAINS]}
        found: list[wire.Fields] = []
        read = unreadable = index = 0
        promised: int | None = None
        allowance = self._allowance(f"numbers like {number}")
        seen: set[object] = set()
        while True:
            index += 1
            records, total = await self._page(
                "/account/numbers", {**params, "size": PAGE_SIZE, "index": index}, allowance
            )
            new = _add_all(seen, map(_digits_in, records))
            read += new + sum(_digits_in(record) is None for record in records)
            promised = total.count
            fields = [wire.Fields(record) for record in records if isinstance(record, dict)]
            # "Contains" also finds longer numbers; only an equal one is meant.
            found += [each for each in fields if reading.number_of(each) == number]
            unreadable += sum(not (_digits_in(record) or "").isdigit() for record in records)
            if len(found) > 1 or _is_last(len(records), read, promised):
                break
            allowance.brought(new)
        if len(found) > 1:
            raise ListingIncomplete(
                f"Vonage lists {number} {len(found)} times, so it is unclear which is meant",
                account=self._account,
            )
        if not found and unreadable:
            # That a number is gone, or not there yet, is proven by no such answer.
            raise ListingIncomplete(
                f"Vonage sent {unreadable} record(s) without a number, so it is unclear whether "
                f"{number} is among them",
                account=self._account,
            )
        if not found and promised is not None and read < promised:
            raise allowance.incomplete(
                f"ends early, so it is unclear whether it is there: {read:,} of {promised:,} came"
            )
        return found[0] if found else None

    async def available(self, query: StockQuery) -> AsyncGenerator[Page[AvailableNumber], None]:
        """Yield stock, each page fetched when it is asked for."""
        if query.type is not None and query.type not in WIRE_TYPES:
            yield Page((), Total(0))
            return
        params = _stock_params(query)
        allowance = self._allowance("stock")
        seen: set[object] = set()
        read = index = 0
        while True:
            index += 1
            records, total = await self._page(
                "/number/search", {**params, "index": index}, allowance
            )
            page = wire.read_page(
                records, lambda fields: reading.available_number(fields, self._account), total
            )
            # The pool moves between pages, which may show a number twice.
            fresh = tuple(item for item in page.items if item.number not in seen)
            new = _add_all(seen, (item.number for item in fresh))
            yield replace(page, items=fresh)
            read += len(records)
            if _is_last(len(records), read, total.count):
                return
            allowance.brought(new)

    async def applications(
        self, number: OwnedNumber | None
    ) -> AsyncGenerator[Page[TargetOption], None]:
        """Yield the applications that take calls or messages, if ``number`` can carry them.

        Raises:
            ListingIncomplete: After the last page, where fewer came than were promised.
        """
        allowance = self._allowance("applications")
        seen: set[object] = set()
        read = index = 0
        while True:
            index += 1
            reply = await self._applications.get(
                "/v2/applications", {"page_size": PAGE_SIZE, "page": index}
            )
            body = body_of(reply, self._account)
            records = self._applications_in(body)
            allowance.take(len(records), len(reply.body))
            page = wire.read_page(records, reading.application_option, needs="identifier")
            new = _add_all(seen, (option.target.value for option in page.items))
            yield replace(
                page, items=tuple(option for option in page.items if _serves(option, number))
            )
            read += len(records)
            promised = reading.total_of(body.get("total_items")).count
            told = body.get("total_pages")
            further = records and isinstance(told, int) and told > index
            if not further and _is_last(len(records), read, promised):
                break
            allowance.brought(new)
        if promised is not None and read < promised:
            raise allowance.incomplete(f"ends early: {read:,} of {promised:,} came")

    def _applications_in(self, body: Mapping[str, Any]) -> list[Any]:
        embedded = body.get("_embedded")
        records = embedded.get("applications") if isinstance(embedded, dict) else embedded
        if records is None and reading.says_empty(body, "_embedded", "total_items"):
            return []
        if not isinstance(records, list):
            raise BadReply("Vonage sent applications that are no array", account=self._account)
        return records

    async def _page(
        self, path: str, params: Params, allowance: Allowance
    ) -> tuple[list[Any], Total]:
        reply = await self._numbers.get(path, params)
        records, total = reading.records_of(body_of(reply, self._account), self._account)
        allowance.take(len(records), len(reply.body))
        return records, total

    def _allowance(self, what: str) -> Allowance:
        return Allowance(self._account, f"Vonage's list of {what}")


class _Tally:
    """Notices a list that moves under its reader, as numbered pages cannot prevent."""

    def __init__(self, account: str, allowance: Allowance) -> None:
        self._account = account
        self._allowance = allowance
        self._seen: set[E164] = set()
        self._totals: set[int | None] = set()
        self._dropped = 0
        self._repeated = 0

    def without_repeated(self, page: Page[OwnedNumber]) -> Page[OwnedNumber]:
        """Count a page, and return it without the numbers that an earlier one had."""
        fresh = []
        for item in page.items:
            if item.number in self._seen:
                self._repeated += 1
                continue
            self._seen.add(item.number)
            fresh.append(item)
        self._dropped += page.dropped
        held = len(page.items) + page.dropped
        # A page beyond the last one need not repeat what the others told.
        if held or page.total.count:
            self._totals.add(page.total.count)
        if held:
            self._allowance.brought(len(fresh))
        return replace(page, items=tuple(fresh))

    def check(self) -> None:
        """Raise where the pages do not add up to what they promised."""
        read = len(self._seen) + self._dropped
        promised = max((total for total in self._totals if total is not None), default=read)
        if len(self._totals) > 1 or self._repeated or read != promised:
            raise ListingIncomplete(
                f"the list changed while it was read: {read:,} of {promised:,} numbers came",
                account=self._account,
                hint="refresh to read it again",
            )


def _is_last(held: int, read: int, promised: int | None) -> bool:
    """Tell whether a page that held so many records ends a list read one page after another."""
    if held == 0:
        return True
    if promised is None or read > promised:
        return held < PAGE_SIZE
    # A total of one whole page may be no more than the length of the page that it stands on.
    return read == promised and not held == read == PAGE_SIZE


def _add_all(seen: set[object], keys: Iterable[object]) -> int:
    """Add what tells records apart, and return how much of it is new."""
    before = len(seen)
    seen.update(key for key in keys if key is not None)
    return len(seen) - before


def _owned_params(query: OwnedQuery) -> Params:
    params: Params = {"size": PAGE_SIZE}
    if query.country:
        params["country"] = query.country
    if query.target_kind == "application":
        if query.target_value:
            params["application_id"] = query.target_value
        else:
            params["has_application"] = "true"
    # An unrouted number may have an application, one that takes what the number cannot carry:
    # has_application=false would hide it.
    return params


def _stock_params(query: StockQuery) -> Params:
    params: Params = {"country": query.country, "size": PAGE_SIZE}
    if query.type is not None:
        params["type"] = WIRE_TYPES[query.type]
    if features := _FEATURES.get(query.capabilities):
        params["features"] = features
    if digits := query.digits:
        params |= {"pattern": digits, "search_pattern": _PLACES[query.match]}
    return params


def _serves(option: TargetOption, number: OwnedNumber | None) -> bool:
    if number is None or not number.capabilities:
        return bool(option.channels)
    return any(channel in number.capabilities for channel in option.channels)


def _digits_in(record: object) -> str | None:
    """Return how a record writes its number, be it as long as no number can be."""
    msisdn = record.get("msisdn") if isinstance(record, dict) else None
    return msisdn if isinstance(msisdn, str) else None
