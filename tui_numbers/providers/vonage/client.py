"""Read and change one Vonage account: listings, stock, applications, writes."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Mapping
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from tui_numbers.domain import clock
from tui_numbers.domain.changes import Change
from tui_numbers.domain.e164 import E164, digits_of
from tui_numbers.domain.numbers import (
    NUMBER_TYPES,
    AvailableNumber,
    Money,
    OwnedNumber,
    Target,
    TargetOption,
)
from tui_numbers.domain.query import Match, OwnedQuery, StockQuery, TargetPattern, Total
from tui_numbers.providers import decoding
from tui_numbers.providers.contract import NO_EXTRAS, AccountCheck, Api, Page, Provider, Purchase
from tui_numbers.providers.errors import (
    BadReply,
    ListingIncomplete,
    NotFound,
    ProviderError,
    Rejected,
)
from tui_numbers.providers.paging import Answer, Listing, listed_among, one_by_one
from tui_numbers.providers.request import Basic, Credentials, QueryCredentials, Reply
from tui_numbers.providers.vonage.info import (
    APPLICATIONS_URL,
    AUTH_QUERY,
    CURRENCY,
    INFO,
    PAGE_SIZE,
    WIRE_TYPES,
)
from tui_numbers.providers.vonage.records import (
    application_option,
    available_number,
    body_of,
    confirm,
    number_of,
    owned_number,
    records_of,
    says_empty,
    total_of,
)
from tui_numbers.providers.vonage.writing import update_form, warnings, why_not

T = TypeVar("T")
_FRESH = timedelta(seconds=3)
"""How old a record may be into which a change is put, since all of it is sent again."""
Params = dict[str, str | int]
_PLACES = {Match.STARTS: 0, Match.CONTAINS: 1, Match.ENDS: 2}
_FEATURES = {
    frozenset(words.lower().split(",")): words
    for words in ("SMS", "VOICE", "MMS", "SMS,VOICE", "SMS,MMS", "VOICE,MMS", "SMS,MMS,VOICE")
}
"""The only spellings that a search takes (Numbers API 1.0.20); their order counts."""
_QUERY_HINT = 'or, for a server that wants them in the query, write auth = "query" for {}'
"""Vonage's own host takes HTTP Basic; one that goes by its document alone may not."""


class Vonage(Provider):
    """A client of one API key: its numbers, its applications, and stock."""

    info = INFO

    def __init__(self, api: Api) -> None:
        account = api.account
        self._account = account.name
        self._key = account.fields.get("api_key", "")
        self._subaccount = account.fields.get("target_api_key") or None
        basic = Basic(self._key)
        credentials: Credentials = basic
        if account.fields.get("auth") == AUTH_QUERY:
            credentials = QueryCredentials("api_key", self._key, "api_secret")
        base_url = account.base_url or INFO.base_url
        asks_otherwise = account.base_url is not None and credentials is basic
        self._numbers = api.endpoint(
            base_url,
            credentials,
            if_rejected=_QUERY_HINT.format(account.name) if asks_otherwise else "",
        )
        # The Application API knows HTTP Basic alone.
        applications_url = (
            account.fields.get("applications_url") or account.base_url or APPLICATIONS_URL
        )
        self._applications = api.endpoint(applications_url, basic, named="applications_url")

    async def check(self) -> AccountCheck:
        """Ask for the balance, which every key may see."""
        reply = await self._numbers.get("/account/get-balance")
        body = body_of(reply, self._account)
        if "value" not in body:
            raise BadReply(f"{reply.host} sent JSON without a balance", account=self._account)
        reload = body.get("autoReload")
        details = {"Auto reload": "on" if reload else "off"} if isinstance(reload, bool) else {}
        return AccountCheck(
            f"Vonage {self._key}", details, balance=Money.read(body.get("value"), CURRENCY)
        )

    def owned(self, query: OwnedQuery) -> AsyncIterator[Page[OwnedNumber]]:
        """List owned numbers, each once; country and application are filtered by the API.

        Raises:
            ListingIncomplete: After the last page, where the list moved while it was read.
        """
        return self._listed(_owned_params(query))

    def _listed(
        self, params: Params, *, received: bool = False
    ) -> AsyncGenerator[Page[OwnedNumber], None]:
        async def fetch(index: int) -> Reply:
            return await self._numbers.get("/account/numbers", {**params, "index": index})

        def read(reply: Reply) -> Answer[OwnedNumber]:
            seen_at = clock.now()
            return self._answer(
                reply,
                lambda fields: owned_number(fields, self._account, seen_at, received=received),
            )

        listing = Listing[OwnedNumber](
            self._account, "Vonage's list of numbers", lambda found: found.number
        )
        return listing.side_by_side(fetch, read, PAGE_SIZE, INFO.pace.widest)

    async def find(self, number: E164, known: OwnedNumber | None = None) -> OwnedNumber | None:
        """Read exactly this number afresh: there is no call for one number, so it is listed."""
        fields = await self._record(number)
        if fields is None:
            return None
        return owned_number(fields, self._account, clock.now(), received=True)

    async def find_many(
        self, numbers: Mapping[E164, OwnedNumber | None]
    ) -> Mapping[E164, OwnedNumber | None]:
        """Read several numbers by the pages of a short list, which are asked side by side."""
        pages = self._listed({"size": PAGE_SIZE}, received=True)
        return await listed_among(pages, numbers, one_by_one(len(numbers), INFO.pace, abreast=True))

    async def available(self, query: StockQuery) -> AsyncIterator[Page[AvailableNumber]]:
        """Search stock, each page fetched when it is asked for."""
        if query.type in NUMBER_TYPES and query.type not in WIRE_TYPES:
            yield Page((), Total(0))
            return

        def read(fields: decoding.Fields) -> AvailableNumber | None:
            return available_number(fields, self._account)

        # The pool moves between pages, which may show a number twice.
        listing = Listing[AvailableNumber](
            self._account, "Vonage's list of stock", lambda found: found.number, moves=True
        )
        ask = self._asking("/number/search", _stock_params(query), read)
        async with aclosing(listing.counted(ask, PAGE_SIZE)) as pages:
            async for page in pages:
                yield page

    async def targets(self, number: OwnedNumber | None = None) -> AsyncIterator[Page[TargetOption]]:
        """List the applications; for one number, those that take what it carries.

        Raises:
            ListingIncomplete: After the last page, where fewer came than were promised.
        """
        async with aclosing(self._all_applications()) as pages:
            async for page in pages:
                fit = tuple(option for option in page.items if _serves(option, number))
                yield replace(page, items=fit)

    async def target(self, target: Target) -> TargetOption | None:
        """Read what one application can serve, or None where the account has none such.

        Raises:
            ListingIncomplete: It was not among those that came, and fewer came than were promised.
        """
        async with aclosing(self._all_applications()) as pages:
            async for page in pages:
                for option in page.items:
                    if option.target.value.casefold() == target.value.casefold():
                        return option
        return None

    async def update(self, number: OwnedNumber, change: Change) -> None:
        """Put the change into the record as it was just read, and send the whole, once.

        A record that was not read within the last seconds is read again.
        """
        if not change:
            return
        fields = _just_read(number) or await self._record_again(number.number)
        country = self._country_of(number.number, fields.country("country"))
        msisdn = digits_of(number.number)
        form = update_form(fields.record, country, msisdn, change, self._account)
        await self._send("/number/update", form)

    async def buy(
        self,
        number: AvailableNumber,
        target: Target | None,
        extras: Mapping[str, str] = NO_EXTRAS,
    ) -> Purchase:
        """Buy ``number`` from the prepaid balance; a target is set by an update afterwards."""
        await self._send("/number/buy", self._named(number.number, number.country))
        return Purchase("active")

    async def release(self, number: OwnedNumber) -> None:
        """Cancel ``number``; the API knows no way back."""
        await self._send("/number/cancel", self._named(number.number, number.country))

    def warnings(self, number: OwnedNumber, change: Change) -> tuple[str, ...]:
        """Say what an update may lose because Vonage does not show it."""
        return warnings(number, change)

    def why_not(self, change: Change) -> str | None:
        """Say which setting, target or clearing Vonage does not document."""
        return why_not(change)

    async def _record_again(self, number: E164) -> decoding.Fields:
        try:
            fields = await self._record(number)
        except ProviderError as error:
            # Only the read failed; an answer that was lost changed nothing.
            error.may_have_applied = False
            raise
        if fields is None:
            raise NotFound(f"{number} is not among the account's numbers", account=self._account)
        return fields

    async def _record(self, number: E164) -> decoding.Fields | None:
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
        listing = Listing[decoding.Fields](
            self._account,
            f"Vonage's list of numbers like {number}",
            lambda each: decoding.encode(each.record),
        )
        found: list[decoding.Fields] = []
        unreadable = 0
        ask = self._asking("/account/numbers", params, _bearing_a_number)
        try:
            async with aclosing(listing.counted(ask, PAGE_SIZE)) as pages:
                async for page in pages:
                    # "Contains" also finds longer numbers; only an equal one is meant.
                    found += [each for each in page.items if number_of(each) == number]
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

    def _all_applications(self) -> AsyncGenerator[Page[TargetOption], None]:
        listing = Listing[TargetOption](
            self._account, "Vonage's list of applications", lambda option: option.target
        )
        return listing.counted(self._ask_applications, PAGE_SIZE)

    async def _ask_applications(self, index: int, _: int) -> Answer[TargetOption]:
        reply = await self._applications.get(
            "/v2/applications", {"page_size": PAGE_SIZE, "page": index}
        )
        body = body_of(reply, self._account)
        page = decoding.read_page(
            self._applications_in(body),
            application_option,
            total_of(body.get("total_items")),
            needs="identifier",
        )
        told = total_of(body.get("total_pages")).count
        return Answer(page, len(reply.body), None if told is None else told > index)

    def _applications_in(self, body: Mapping[str, Any]) -> list[Any]:
        embedded = body.get("_embedded")
        records = embedded.get("applications") if isinstance(embedded, dict) else embedded
        if records is None and says_empty(body, "_embedded", "total_items"):
            return []
        if not isinstance(records, list):
            raise BadReply("Vonage sent applications that are no array", account=self._account)
        return records

    def _asking(
        self, path: str, params: Params, read: Callable[[decoding.Fields], T | None]
    ) -> Callable[[int, int], Coroutine[Any, Any, Answer[T]]]:
        async def ask(index: int, _: int) -> Answer[T]:
            reply = await self._numbers.get(path, {**params, "index": index})
            return self._answer(reply, read)

        return ask

    def _answer(self, reply: Reply, read: Callable[[decoding.Fields], T | None]) -> Answer[T]:
        records, total = records_of(body_of(reply, self._account), self._account)
        return Answer(decoding.read_page(records, read, total), len(reply.body))

    def _named(self, number: E164, country: str | None) -> dict[str, str]:
        form = {"country": self._country_of(number, country), "msisdn": digits_of(number)}
        if self._subaccount is not None:
            form["target_api_key"] = self._subaccount
        return form

    def _country_of(self, number: E164, country: str | None) -> str:
        """Return the country of the record; a prefix does not tell it, +1 being many."""
        if country is None:
            raise Rejected(
                f"nothing was sent: Vonage does not tell the country of {number}, "
                "which it wants to be told in turn",
                account=self._account,
            )
        return country

    async def _send(self, path: str, form: Mapping[str, str]) -> None:
        confirm(await self._numbers.send("POST", path, form=form), self._account)


def _just_read(number: OwnedNumber) -> decoding.Fields | None:
    """Return the record of a number that was read a moment ago, or None."""
    age = clock.now() - number.seen_at
    if number.received is None or not timedelta(0) <= age <= _FRESH:
        return None
    record = decoding.parsed(number.received)
    return decoding.Fields(record) if isinstance(record, dict) else None


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
    if number is None:
        return True
    if not number.capabilities:
        return bool(option.channels)
    return any(channel in number.capabilities for channel in option.channels)


def _bearing_a_number(fields: decoding.Fields) -> decoding.Fields | None:
    """Return a record that bears a number, be it as long as no number can be."""
    msisdn = fields.record.get("msisdn")
    written = isinstance(msisdn, str) and msisdn.isdigit()
    return fields if written or number_of(fields) is not None else None
