"""Vonage's listings: owned numbers side by side, stock page by page, applications."""

from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any, TypeVar

from tui_numbers.domain import clock
from tui_numbers.domain.e164 import E164, digits_of
from tui_numbers.domain.numbers import (
    NUMBER_TYPES,
    AvailableNumber,
    OwnedNumber,
    TargetOption,
)
from tui_numbers.domain.query import Match, OwnedQuery, StockQuery, TargetPattern, Total
from tui_numbers.providers import paging, wire
from tui_numbers.providers.contract import Endpoint, Page
from tui_numbers.providers.errors import BadReply, ListingIncomplete
from tui_numbers.providers.exchange import Reply
from tui_numbers.providers.paging import Answer
from tui_numbers.providers.vonage import reading
from tui_numbers.providers.vonage.info import PAGE_SIZE, WIRE_TYPES
from tui_numbers.providers.vonage.replies import body_of

T = TypeVar("T")
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
        self, numbers: Endpoint, applications: Endpoint, account: str, widest: int
    ) -> None:
        self._numbers = numbers
        self._applications = applications
        self._account = account
        self._widest = widest

    def owned_number(self, fields: wire.Fields) -> OwnedNumber | None:
        """Return the number of one record, with the record as it came."""
        return reading.owned_number(fields, self._account, clock.now(), received=True)

    def owned(self, query: OwnedQuery) -> AsyncGenerator[Page[OwnedNumber], None]:
        """Yield every owned number once.

        Raises:
            ListingIncomplete: After the last page, where the list moved while it was read.
        """
        params = _owned_params(query)

        async def fetch(index: int) -> Reply:
            return await self._numbers.get("/account/numbers", {**params, "index": index})

        def read(reply: Reply) -> Answer[OwnedNumber]:
            seen_at = clock.now()
            return self._answer(
                reply, lambda fields: reading.owned_number(fields, self._account, seen_at)
            )

        listing = paging.Listing[OwnedNumber](
            self._account, "Vonage's list of numbers", lambda found: found.number
        )
        return listing.side_by_side(fetch, read, PAGE_SIZE, self._widest)

    async def record(self, number: E164) -> wire.Fields | None:
        """Return the record of exactly this number, or None where the account has none.

        Raises:
            ListingIncomplete: Several records bear the number, or one that is meant may be missing.
        """
        digits = digits_of(number)
        params: Params = {
            "pattern": digits,
            "search_pattern": _PLACES[Match.CONTAINS],
            "size": PAGE_SIZE,
        }
        listing = paging.Listing[wire.Fields](
            self._account,
            f"Vonage's list of numbers like {number}",
            lambda each: wire.encode(each.record),
        )
        found: list[wire.Fields] = []
        unreadable = 0
        ask = self._asking("/account/numbers", params, _bearing_a_number)
        try:
            async with aclosing(listing.counted(ask, PAGE_SIZE)) as pages:
                async for page in pages:
                    # "Contains" also finds longer numbers; only an equal one is meant.
                    found += [each for each in page.items if reading.number_of(each) == number]
                    unreadable += page.dropped
                    if len(found) > 1:
                        break
        except ListingIncomplete:
            if not found:
                raise
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
        return found[0] if found else None

    async def available(self, query: StockQuery) -> AsyncGenerator[Page[AvailableNumber], None]:
        """Yield stock, each page fetched when it is asked for."""
        if query.type in NUMBER_TYPES and query.type not in WIRE_TYPES:
            yield Page((), Total(0))
            return

        def read(fields: wire.Fields) -> AvailableNumber | None:
            return reading.available_number(fields, self._account)

        # The pool moves between pages, which may show a number twice.
        listing = paging.Listing[AvailableNumber](
            self._account, "Vonage's list of stock", lambda found: found.number, moves=True
        )
        ask = self._asking("/number/search", _stock_params(query), read)
        async with aclosing(listing.counted(ask, PAGE_SIZE)) as pages:
            async for page in pages:
                yield page

    async def applications(
        self, number: OwnedNumber | None
    ) -> AsyncGenerator[Page[TargetOption], None]:
        """Yield the applications that take calls or messages, if ``number`` can carry them.

        Raises:
            ListingIncomplete: After the last page, where fewer came than were promised.
        """
        async with aclosing(self._all_applications()) as pages:
            async for page in pages:
                fit = tuple(option for option in page.items if _serves(option, number))
                yield replace(page, items=fit)

    async def application(self, value: str) -> TargetOption | None:
        """Return one application whatever it takes, or None where the account has none such.

        Raises:
            ListingIncomplete: It was not among those that came, and fewer came than were promised.
        """
        async with aclosing(self._all_applications()) as pages:
            async for page in pages:
                for option in page.items:
                    if option.target.value.casefold() == value.casefold():
                        return option
        return None

    def _all_applications(self) -> AsyncGenerator[Page[TargetOption], None]:
        listing = paging.Listing[TargetOption](
            self._account, "Vonage's list of applications", lambda option: option.target
        )
        return listing.counted(self._ask_applications, PAGE_SIZE)

    async def _ask_applications(self, index: int, _: int) -> Answer[TargetOption]:
        reply = await self._applications.get(
            "/v2/applications", {"page_size": PAGE_SIZE, "page": index}
        )
        body = body_of(reply, self._account)
        page = wire.read_page(
            self._applications_in(body),
            reading.application_option,
            reading.total_of(body.get("total_items")),
            needs="identifier",
        )
        told = reading.total_of(body.get("total_pages")).count
        return Answer(page, len(reply.body), None if told is None else told > index)

    def _applications_in(self, body: Mapping[str, Any]) -> list[Any]:
        embedded = body.get("_embedded")
        records = embedded.get("applications") if isinstance(embedded, dict) else embedded
        if records is None and reading.says_empty(body, "_embedded", "total_items"):
            return []
        if not isinstance(records, list):
            raise BadReply("Vonage sent applications that are no array", account=self._account)
        return records

    def _asking(
        self, path: str, params: Params, read: Callable[[wire.Fields], T | None]
    ) -> Callable[[int, int], Coroutine[Any, Any, Answer[T]]]:
        async def ask(index: int, _: int) -> Answer[T]:
            reply = await self._numbers.get(path, {**params, "index": index})
            return self._answer(reply, read)

        return ask

    def _answer(self, reply: Reply, read: Callable[[wire.Fields], T | None]) -> Answer[T]:
        records, total = reading.records_of(body_of(reply, self._account), self._account)
        return Answer(wire.read_page(records, read, total), len(reply.body))


def _owned_params(query: OwnedQuery) -> Params:
    params: Params = {"size": PAGE_SIZE}
    if query.country:
        params["country"] = query.country
    # A number whose calls or messages reach an application is linked to it, not the reverse.
    for asked in (query.target, query.linked):
        if asked is not None and asked.kind == "application":
            params["has_application"] = "true"
            if asked.value:
                params["application_id"] = asked.value
    if params.get("application_id"):
        del params["has_application"]
    elif query.not_linked == TargetPattern("application") and "has_application" not in params:
        params["has_application"] = "false"
    # An unrouted number may have an application, one that takes what the number cannot carry:
    # has_application=false would hide it.
    return params


def _stock_params(query: StockQuery) -> Params:
    params: Params = {"country": query.country, "size": PAGE_SIZE}
    # A type that no document names is told apart here.
    if query.type in WIRE_TYPES:
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


def _bearing_a_number(fields: wire.Fields) -> wire.Fields | None:
    """Return a record that bears a number, be it as long as no number can be."""
    msisdn = fields.record.get("msisdn")
    written = isinstance(msisdn, str) and msisdn.isdigit()
    return fields if written or reading.number_of(fields) is not None else None
