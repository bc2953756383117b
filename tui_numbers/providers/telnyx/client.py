"""Read and change one Telnyx account: listings of two sweeps, stock, orders, writes."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar, cast

from tui_numbers.domain import clock
from tui_numbers.domain.changes import Change, Set
from tui_numbers.domain.e164 import E164, country_digits, digits_of
from tui_numbers.domain.numbers import (
    AvailableNumber,
    Money,
    OwnedNumber,
    Target,
    TargetOption,
    ordered_capabilities,
)
from tui_numbers.domain.query import Match, OwnedQuery, StockQuery, Total
from tui_numbers.domain.records import time_text
from tui_numbers.providers import decoding
from tui_numbers.providers.contract import (
    NO_EXTRAS,
    AccountCheck,
    Api,
    OrderState,
    OrderStatus,
    Page,
    PickerChoice,
    Provider,
    Purchase,
)
from tui_numbers.providers.errors import (
    BadReply,
    ListingIncomplete,
    NotFound,
    ProviderError,
    Rejected,
)
from tui_numbers.providers.paging import (
    Answer,
    Listing,
    SecondSweep,
    gathered,
    one_by_one,
    short_listing,
)
from tui_numbers.providers.request import Bearer, Reply
from tui_numbers.providers.telnyx import records
from tui_numbers.providers.telnyx.info import INFO, ON_FAILURE_ALONE, PAGE_SIZE, REQUIREMENT_GROUP
from tui_numbers.providers.telnyx.records import Voice, listed, object_of
from tui_numbers.providers.telnyx.writing import bodies_for, why_not

A = TypeVar("A")
B = TypeVar("B")
T = TypeVar("T")
Params = dict[str, str | int]
_NUMBERS = "/phone_numbers"
_VOICE = "/phone_numbers/voice"
_NAMED_BY_ORDER = {"connection": "connection_id", "profile": "messaging_profile_id"}
_MOST_FOUND = 100
"""Offers that a search asks for; the API has no further page."""
_SORTED: Params = {"sort": "phone_number"}
"""By default the newest come first, and a number that is bought would move every page."""


class Telnyx(Provider):
    """A client of one API key: its numbers, stock, connections and messaging profiles."""

    info = INFO

    def __init__(self, api: Api) -> None:
        self._name = api.account.name
        self._endpoint = api.endpoint(api.account.base_url or INFO.base_url, Bearer())

    async def check(self) -> AccountCheck:
        """Ask for the balance, which every key may see."""
        reply = await self._endpoint.get("/balance")
        fields = decoding.Fields(object_of(reply, self._name, "balance"))
        shown = {"Available credit": "available_credit", "Credit limit": "credit_limit"}
        details = {name: text for name, key in shown.items() if (text := fields.text(key))}
        currency = fields.text("currency") or ""
        balance = Money.read(fields.record["balance"], currency) if currency else None
        return AccountCheck("Telnyx account", details, balance=balance)

    async def owned(self, query: OwnedQuery) -> AsyncIterator[Page[OwnedNumber]]:
        """List owned numbers: their records, and beside them their voice settings.

        Only the second of the two sweeps tells where calls are forwarded.

        Raises:
            ListingIncomplete: After the last page, where numbers were missed, or where it is not
                known where their calls go.
        """
        params = _owned_params(query)
        first = await self._page_of(_NUMBERS, params, 1)
        sweep = SecondSweep(self._voices(), "where calls are forwarded is not known")
        try:
            async with aclosing(self._joined(params, first, sweep)) as pages:
                async for page in pages:
                    yield page
        finally:
            await sweep.aclose()

    async def _joined(
        self, params: Params, first: Reply, sweep: "SecondSweep[dict[str, Voice]]"
    ) -> AsyncGenerator[Page[OwnedNumber], None]:
        voices: dict[str, Voice] | None = {}
        pages = self._record_pages(params, first)
        async with aclosing(pages) as answers:
            async for answer in answers:
                voices = await sweep.told()
                yield self._numbers(answer, voices)
        if voices is None:
            raise ListingIncomplete("; ".join(sweep.warning()), account=self._name)

    def _record_pages(
        self, params: Params, first: Reply | None = None
    ) -> AsyncGenerator[Page[decoding.Fields], None]:
        """List records, several pages at once; ``first`` is page 1 where it came already."""
        ready = {} if first is None else {1: first}

        async def fetch(number: int) -> Reply:
            kept = ready.pop(number, None)
            return kept or await self._page_of(_NUMBERS, params, number)

        def read(reply: Reply) -> Answer[decoding.Fields]:
            return self._answer(reply, _usable)

        listing = Listing[decoding.Fields](self._name, "Telnyx's list of numbers", _identity)
        return listing.side_by_side(fetch, read, PAGE_SIZE, INFO.pace.widest)

    def _numbers(
        self, page: Page[decoding.Fields], voices: Mapping[str, Voice] | None
    ) -> Page[OwnedNumber]:
        """Return the numbers of some records; one without voice settings was moved just now."""
        seen_at = clock.now()

        def read(fields: decoding.Fields) -> OwnedNumber | None:
            voice = (
                voices.get(records.identity_of(fields.record) or "") if voices is not None else None
            )
            return records.owned_number(fields, self._name, seen_at, voice)

        held = [row.record for row in page.items if not _is_gone(row)]
        numbers = decoding.read_page(held, read, page.total)
        warnings = page.warnings + numbers.warnings
        return replace(numbers, warnings=warnings, dropped=page.dropped)

    async def _voices(self, params: Params | None = None) -> dict[str, Voice]:
        """Return the voice settings of all numbers, by identifier."""
        return _by_identity(await gathered(self._voice_pages(params or {})))

    def _voice_pages(self, params: Params) -> AsyncGenerator[Page[decoding.Fields], None]:
        async def fetch(number: int) -> Reply:
            return await self._page_of(_VOICE, params, number)

        def read(reply: Reply) -> Answer[decoding.Fields]:
            return self._answer(reply, _identified, needs="id")

        listing = Listing[decoding.Fields](self._name, "Telnyx's list of voice settings", _identity)
        return listing.side_by_side(fetch, read, PAGE_SIZE, INFO.pace.widest)

    async def _page_of(self, path: str, params: Params, number: int) -> Reply:
        return await self._endpoint.get(
            path, {"page[number]": number, "page[size]": PAGE_SIZE, **_SORTED, **params}
        )

    def _answer(
        self,
        reply: Reply,
        read: Callable[[decoding.Fields], T | None],
        needs: str = "number",
    ) -> Answer[T]:
        rows, total, wrong = listed(reply, self._name)
        page = decoding.read_page(rows, read, Total(total), needs=needs)
        if wrong:
            # A broken messaging profile costs its numbers what they tell of it, and no more.
            page = replace(page, warnings=(*page.warnings, f"not all could be read: {wrong}"))
        return Answer(page, len(reply.body))

    async def find(self, number: E164, known: OwnedNumber | None = None) -> OwnedNumber | None:
        """Read the record and the voice settings side by side; the identifier spares a search."""
        if known is not None and known.id.isalnum():
            path = f"{_NUMBERS}/{known.id}"
            asked = (self._endpoint.get(path), self._endpoint.get(f"{path}/voice"))
            first, second = await _both(*asked)
            try:
                found = object_of(first, self._name, "phone_number")
            except NotFound:
                return None
            if records.number_of(found) is None:
                raise BadReply(f"{first.host} sent a record without a number", account=self._name)
            return self._exactly(number, found, self._voice_in(second))
        # The filter takes digits alone, and finds longer numbers that hold them too.
        params: Params = {
            "filter[phone_number]": digits_of(number),
            "handle_messaging_profile_error": "true",
        }
        listing = self._records(params)
        voices = self._voices({"filter[phone_number]": digits_of(number)})
        rows, by_id = await _both(gathered(listing), voices)
        for row in rows.items:
            if records.number_of(row.record) == number and not _is_gone(row):
                voice = by_id.get(records.identity_of(row.record) or "")
                return self._exactly(number, row.record, voice)
        if rows.dropped:
            # That a number is gone, or not there yet, is proven by no such listing.
            raise ListingIncomplete(
                f"Telnyx listed {rows.dropped} record(s) that cannot be read, so it is unclear "
                f"whether {number} is among them",
                account=self._name,
            )
        return None

    async def find_many(
        self, numbers: Mapping[E164, OwnedNumber | None]
    ) -> Mapping[E164, OwnedNumber | None]:
        """Read several numbers by the two lists, side by side, where both are short and whole."""
        most = one_by_one(len(numbers), INFO.pace, abreast=True)
        rows, voices = await _both(
            short_listing(self._record_pages(_owned_params(OwnedQuery())), most),
            short_listing(self._voice_pages({}), most),
        )
        if rows is None or voices is None or rows.warnings:
            # What a broken messaging profile hides is told by no list.
            return {}
        by_id = _by_identity(voices)
        found: dict[E164, list[decoding.Fields]] = {number: [] for number in numbers}
        for row in rows.items:
            same = found.get(records.number_of(row.record) or E164(""))
            if same is not None and not _is_gone(row):
                same.append(row)
        read: dict[E164, OwnedNumber | None] = {}
        for number, same in found.items():
            voice = by_id.get(records.identity_of(same[0].record) or "") if same else None
            if not same:
                read[number] = None
            elif len(same) == 1 and voice is not None:
                read[number] = self._exactly(number, same[0].record, voice)
        return read

    def _voice_in(self, reply: Reply) -> Voice | None:
        """Return voice settings; a number that was ordered just now may have none yet."""
        try:
            return object_of(reply, self._name)
        except NotFound:
            return None

    def _records(self, params: Params) -> AsyncGenerator[Page[decoding.Fields], None]:
        async def ask(page: int, _: int) -> Answer[decoding.Fields]:
            return self._answer(await self._page_of(_NUMBERS, params, page), _usable)

        listing = Listing[decoding.Fields](self._name, "Telnyx's list of numbers", _identity)
        return listing.counted(ask, PAGE_SIZE)

    def _exactly(
        self, number: E164, record: Mapping[str, Any], voice: Voice | None
    ) -> OwnedNumber | None:
        fields = decoding.Fields(record)
        if records.number_of(record) != number or _is_gone(fields):
            return None
        received = decoding.encode({"record": record, "voice": voice})
        return records.owned_number(fields, self._name, clock.now(), voice, received)

    async def available(self, query: StockQuery) -> AsyncIterator[Page[AvailableNumber]]:
        """List stock; one page for each way in which the digits may stand in a number."""
        listing = Listing[AvailableNumber](
            self._name, "Telnyx's stock", lambda found: found.number, moves=True
        )

        def read(fields: decoding.Fields) -> AvailableNumber | None:
            return records.available_number(fields, self._name, query.country, query.type)

        for params in _stock_searches(query):
            reply = await self._endpoint.get(
                "/available_phone_numbers", {"filter[limit]": _MOST_FOUND, **params}
            )
            rows, _, _ = listed(reply, self._name)
            page = listing.take(Answer(decoding.read_page(rows, read), len(reply.body)))
            # The total that is told counts no further than the answer goes.
            full = len(rows) >= _MOST_FOUND
            yield replace(page, total=Total(len(rows), capped=True) if full else Total())

    async def targets(self, number: OwnedNumber | None = None) -> AsyncIterator[Page[TargetOption]]:
        """List connections of every kind, and messaging profiles."""
        for path, read in (
            ("/connections", records.connection_option),
            ("/messaging_profiles", records.profile_option),
        ):
            async with aclosing(self._options(path, read)) as pages:
                async for page in pages:
                    yield page

    async def target(self, target: Target) -> TargetOption | None:
        """Read whether a connection or a profile takes anything; None where there is none."""
        connection = target.kind == "connection"
        path = "/connections" if connection else "/messaging_profiles"
        read = records.connection_option if connection else records.profile_option
        async with aclosing(self._options(path, read)) as pages:
            async for page in pages:
                for option in page.items:
                    if option.target == target:
                        return option
        return None

    def _options(
        self, path: str, read: Callable[[decoding.Fields], TargetOption | None]
    ) -> AsyncGenerator[Page[TargetOption], None]:
        async def ask(page: int, _: int) -> Answer[TargetOption]:
            params = {"page[number]": page, "page[size]": PAGE_SIZE}
            return self._answer(await self._endpoint.get(path, params), read, needs="id")

        listing = Listing[TargetOption](
            self._name, f"Telnyx's listing {path}", lambda option: option.target
        )
        return listing.counted(ask, PAGE_SIZE)

    async def update(self, number: OwnedNumber, change: Change) -> None:
        """Send what changes to each of the three addresses that settings are spread over.

        They are no transaction: the error of a later one says that an earlier was accepted.
        """
        accepted = False
        for path, body in bodies_for(number.settings, change, self._name):
            try:
                reply = await self._endpoint.send(
                    "PATCH", f"{_NUMBERS}/{number.id}{path}", json=body
                )
                answered = object_of(reply, self._name)
            except ProviderError as error:
                error.may_have_applied = error.may_have_applied or accepted
                raise
            if records.number_of(answered) not in (None, number.number):
                raise BadReply(f"{reply.host} answered with another number", account=self._name)
            accepted = True

    async def buy(
        self,
        number: AvailableNumber,
        target: Target | None,
        extras: Mapping[str, str] = NO_EXTRAS,
    ) -> Purchase:
        """Order ``number``; only what a search has just returned can be ordered.

        Orders may take days; ``order`` tells what became of one. A connection or a profile is
        named by the order itself, so that the number points there from its first moment.

        Raises:
            Rejected: The stock does not have it any more, or the order failed at once.
        """
        await self._search_for(number)
        wanted: dict[str, str] = {"phone_number": number.number}
        if REQUIREMENT_GROUP in extras:
            wanted["requirement_group_id"] = extras[REQUIREMENT_GROUP]
        body: dict[str, Any] = {"phone_numbers": [wanted]}
        if target is not None and target.kind in _NAMED_BY_ORDER:
            body[_NAMED_BY_ORDER[target.kind]] = target.value
        reply = await self._endpoint.send("POST", "/number_orders", json=body)
        record = object_of(reply, self._name, "id")
        state = records.order_state(record, number.number)
        if state.status is OrderStatus.FAILED:
            raise Rejected(f"the order failed: {state.words}", account=self._name)
        status = "active" if state.status is OrderStatus.DONE else "pending"
        return Purchase(status, records.identity_of(record))

    async def _search_for(self, number: AvailableNumber) -> None:
        """Search for exactly this number, without which no order of it is taken.

        Raises:
            Rejected: The stock does not have it.
        """
        query = StockQuery(number.country or "", pattern=digits_of(number.number))
        try:
            async for page in self.available(query):
                if any(one.number == number.number for one in page.items):
                    return
        except ProviderError as error:
            # Only the search failed; an answer that was lost bought nothing.
            error.may_have_applied = False
            raise
        raise Rejected(
            f"Telnyx has {number.number} no longer in stock",
            account=self._name,
            hint="search again: the number may be gone",
        )

    async def buy_choices(self, key: str, number: AvailableNumber) -> tuple[PickerChoice, ...]:
        """List the approved groups of requirements, where the number's country demands any."""
        if key != REQUIREMENT_GROUP:
            return ()
        reply = await self._endpoint.get(
            "/phone_numbers_regulatory_requirements", {"filter[phone_number]": number.number}
        )
        demanded = [
            one
            for one in listed(reply, self._name)[0]
            if isinstance(one, dict) and one.get("regulatory_requirements")
        ]
        if not demanded:
            return ()
        params: Params = {
            "filter[country_code]": number.country or "",
            "filter[action]": "ordering",
            "filter[status]": "approved",
        }
        kind = number.type or decoding.Fields(demanded[0]).word("phone_number_type")
        if kind is not None:
            params["filter[phone_number_type]"] = kind
        reply = await self._endpoint.get("/requirement_groups", params)
        rows = [
            decoding.Fields(row) for row in records.bare_list(reply, self._name) if _is_record(row)
        ]
        return tuple(
            PickerChoice(group, row.text("customer_reference") or group)
            for row in rows
            if (group := row.exact("id")) and row.word("status") in (None, "approved")
        )

    async def order(self, reference: str) -> OrderState:
        """Ask what became of an order."""
        if not reference.replace("-", "").isalnum():
            raise NotFound(f"{reference} is no order of Telnyx", account=self._name)
        reply = await self._endpoint.get(f"/number_orders/{reference}")
        return records.order_state(object_of(reply, self._name, "id"))

    async def order_since(self, number: E164, since: datetime) -> str | None:
        """Find the latest order of ``number`` made since a time, among those of the account."""

        async def ask(page: int, _: int) -> Answer[decoding.Fields]:
            params: Params = {"page[number]": page, "page[size]": PAGE_SIZE}
            params["filter[created_at][gt]"] = time_text(since) or ""
            reply = await self._endpoint.get("/number_orders", params)
            return self._answer(reply, _identified, needs="id")

        listing = Listing[decoding.Fields](self._name, "Telnyx's list of orders", _identity)
        found = await gathered(listing.counted(ask, PAGE_SIZE))
        meant = [
            row
            for row in found.items
            if any(records.number_of(one) == number for one in records.numbers_in(row.record))
        ]
        meant.sort(key=lambda row: row.text("created_at") or "")
        return records.identity_of(meant[-1].record) if meant else None

    async def release(self, number: OwnedNumber) -> None:
        """Delete a number; the answer is its last record."""
        reply = await self._endpoint.send("DELETE", f"{_NUMBERS}/{number.id}")
        answered = object_of(reply, self._name)
        if records.number_of(answered) not in (None, number.number):
            raise BadReply(f"{reply.host} answered with another number", account=self._name)

    def warnings(self, number: OwnedNumber, change: Change) -> tuple[str, ...]:
        """Say which calls a forwarding on failure does not take."""
        if isinstance(change.edits.get("forward_on_failure"), Set):
            return (ON_FAILURE_ALONE,)
        return ()

    def why_not(self, change: Change) -> str | None:
        """Say which setting, value or clearing Telnyx does not document."""
        return why_not(change, self._name)


async def _both(one: Awaitable[A], other: Awaitable[B]) -> tuple[A, B]:
    """Wait for two answers side by side; where both fail, the first failure is told."""
    first, second = await asyncio.gather(one, other, return_exceptions=True)
    for each in (first, second):
        if isinstance(each, BaseException):
            raise each
    return cast("A", first), cast("B", second)


def _by_identity(page: Page[decoding.Fields]) -> dict[str, Voice]:
    return {records.identity_of(row.record) or "": row.record for row in page.items}


def _usable(fields: decoding.Fields) -> decoding.Fields | None:
    """Return a record that a number can be made of."""
    whole = records.number_of(fields.record) is not None
    return _identified(fields) if whole else None


def _identified(fields: decoding.Fields) -> decoding.Fields | None:
    return fields if records.identity_of(fields.record) is not None else None


def _identity(fields: decoding.Fields) -> str | None:
    return records.identity_of(fields.record)


def _is_record(value: object) -> bool:
    return isinstance(value, dict)


def _is_gone(fields: decoding.Fields) -> bool:
    return fields.word("status") == records.GONE


def _owned_params(query: OwnedQuery) -> Params:
    # Without it one broken messaging profile costs the whole page.
    params: Params = {"handle_messaging_profile_error": "true"}
    if query.country is not None:
        params["filter[country_iso_alpha2]"] = query.country
    return params


def _stock_searches(query: StockQuery) -> list[Params]:
    """Return the searches that find what ``query`` asks for.

    The API looks at numbers without their country code, while a pattern here may begin within it.
    Wildcards are never sent: they find nothing.
    """
    params: Params = {"filter[country_code]": query.country}
    if query.type is not None:
        if query.type not in INFO.types:
            return []
        params["filter[phone_number_type]"] = query.type
    if query.capabilities:
        params["filter[features]"] = ",".join(ordered_capabilities(query.capabilities))
    if not query.digits:
        return [params]
    return [{**params, **where} for where in _patterns(query)]


def _patterns(query: StockQuery) -> list[Params]:
    """Return the filters for the ways in which the digits may stand in a number."""
    digits, code = query.digits, country_digits(query.country)
    begins: list[Params] = []
    for cut in range(len(code)):
        # The digits may begin anywhere in the country code, at its start where that is asked for.
        rest = digits[len(code) - cut :]
        if digits.startswith(code[cut:]) and rest and (cut == 0 or query.match is not Match.STARTS):
            begins.append({"filter[phone_number][starts_with]": rest})
    match query.match:
        case Match.STARTS:
            if code.startswith(digits):
                return [{}]
            return begins or [{"filter[phone_number][starts_with]": digits}]
        case Match.ENDS:
            return [{"filter[phone_number][ends_with]": digits}]
        case _:
            return [*begins, {"filter[phone_number][contains]": digits}]
