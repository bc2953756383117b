"""Read and change one Twilio account: numbers, stock, targets, purchases, regions."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from tui_numbers.domain import clock
from tui_numbers.domain.changes import Change, Set
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import (
    Address,
    AvailableNumber,
    Channel,
    Money,
    OwnedNumber,
    Target,
    TargetOption,
)
from tui_numbers.domain.query import Match, OwnedQuery, StockQuery, Total
from tui_numbers.providers import decoding
from tui_numbers.providers.contract import (
    NO_EXTRAS,
    AccountCheck,
    Api,
    Page,
    PickerChoice,
    Provider,
    Purchase,
)
from tui_numbers.providers.errors import (
    BadReply,
    Forbidden,
    ListingIncomplete,
    NotFound,
    NotOffered,
    ProviderError,
)
from tui_numbers.providers.paging import SecondSweep, gathered
from tui_numbers.providers.twilio import records
from tui_numbers.providers.twilio.deciders import Deciders
from tui_numbers.providers.twilio.endpoints import Endpoints, Params
from tui_numbers.providers.twilio.info import BUY_NAMES, INFO, LISTED_KINDS, WIRE_KINDS
from tui_numbers.providers.twilio.records import Services, body_of, form_for

_PATTERN_DIGITS = range(2, 17)
_NO_BALANCE = frozenset({400, 403, 404})
"""How a subaccount may be refused its balance, which only its parent has."""
_LEAST_PAGE = 50
_RECORDS_FOR_ONE = 25
"""How many records of a page cost no more than a request for one number."""
_NO_SERVICES = "where messages go is not known, since Messaging Services could not be read"
_FEATURES = {"voice": "VoiceEnabled", "sms": "SmsEnabled", "mms": "MmsEnabled"}


class Twilio(Provider):
    """One account, whose hosts share one credential."""

    info = INFO

    def __init__(self, api: Api) -> None:
        self._account = api.account.name
        self._endpoints = Endpoints(api)
        self._deciders = Deciders(self._endpoints)
        self._prices: dict[str, dict[str, Money]] = {}

    async def check(self) -> AccountCheck:
        """Ask for the balance; a subaccount has none of its own, and lists a number instead."""
        reply = await self._endpoints.main.get(self._endpoints.path("Balance.json"))
        told = {"account": self._endpoints.sid, "region": self._endpoints.region}
        body = {} if reply.status in _NO_BALANCE else body_of(reply, self._account)
        fields = decoding.Fields(body)
        currency = (fields.text("currency") or "").upper()
        amount = fields.record.get("balance")
        if not currency or amount is None:
            await self._one_page({})
            return AccountCheck(f"Twilio {self._endpoints.sid}", told | {"balance": "its parent's"})
        return AccountCheck(f"Twilio {self._endpoints.sid}", told, Money.read(amount, currency))

    async def owned(self, query: OwnedQuery) -> AsyncIterator[Page[OwnedNumber]]:
        """List owned numbers with the Messaging Services that decide for them.

        The types that Twilio lists by are asked for as such, since a record need not tell its own.

        Raises:
            ListingIncomplete: After the last page, where the services could not be read this time.
        """
        sweep = SecondSweep(self._deciders.read_services(), _NO_SERVICES)
        by_type = bool(query.types) and query.types <= LISTED_KINDS
        kinds: list[str | None] = [*sorted(query.types)] if by_type else [None]
        try:
            for kind in kinds:
                async with aclosing(self._owned(kind, sweep)) as pages:
                    async for page in pages:
                        yield replace(page, warnings=(*page.warnings, *sweep.warning()))
            if sweep.failure is not None and not isinstance(sweep.failure, Forbidden | NotFound):
                # What a key may never read is told once; what failed this time may be read again.
                raise ListingIncomplete(f"{_NO_SERVICES}: {sweep.failure}", account=self._account)
        finally:
            await sweep.aclose()

    def _owned(
        self, kind: str | None, sweep: SecondSweep[Services]
    ) -> AsyncGenerator[Page[OwnedNumber], None]:
        services: Services | None = None
        seen_at = clock.now()

        def read(fields: decoding.Fields) -> OwnedNumber | None:
            return records.owned_number(fields, self._account, seen_at, services, kind=kind)

        async def ready() -> None:
            nonlocal services, seen_at
            services, seen_at = await sweep.told(), clock.now()

        part = "IncomingPhoneNumbers" + (f"/{WIRE_KINDS[kind]}" if kind else "")
        return self._endpoints.linked(
            self._endpoints.numbers,
            self._endpoints.path(f"{part}.json"),
            "incoming_phone_numbers",
            read,
            lambda found: found.id,
            before_reading=ready,
        )

    async def find(self, number: E164, known: OwnedNumber | None = None) -> OwnedNumber | None:
        """Read exactly this number afresh, by its SID where that is known."""
        row = await self._record(number, known)
        if row is None:
            return None
        found = await self._with_deciders({number: decoding.Fields(row)}, {number: known})
        return found[number]

    async def find_many(
        self, numbers: Mapping[E164, OwnedNumber | None]
    ) -> Mapping[E164, OwnedNumber | None]:
        """Read several numbers by the list, as long as its pages tell more than they cost.

        A number that is on one of them is told whether or not the list is read to its end; that
        one is not held, the whole list alone tells.
        """
        found: dict[E164, list[decoding.Fields]] = {number: [] for number in numbers}
        asked = dropped = told = 0
        is_whole = True

        def goes_on() -> bool:
            nonlocal is_whole
            # In the time that a page takes, so many can be asked for by themselves.
            is_whole = told >= asked * INFO.pace.widest
            return is_whole

        size = min(INFO.page_size, max(_LEAST_PAGE, _RECORDS_FOR_ONE * len(numbers)))
        async with aclosing(self._rows({"PageSize": size}, goes_on)) as pages:
            async for page in pages:
                asked, dropped = asked + 1, dropped + page.dropped
                for row in page.items:
                    same = found.get(records.number_of(row.record) or E164(""))
                    if same is not None:
                        same.append(row)
                        told += 1
        held = {number: rows[0] for number, rows in found.items() if len(rows) == 1}
        absent = [number for number, rows in found.items() if not rows]
        read = await self._with_deciders(held, numbers)
        return read | dict.fromkeys(absent if is_whole and not dropped else ())

    def _rows(
        self, params: Params, goes_on: Callable[[], bool]
    ) -> AsyncGenerator[Page[decoding.Fields], None]:
        return self._endpoints.linked(
            self._endpoints.numbers,
            self._endpoints.path("IncomingPhoneNumbers.json"),
            "incoming_phone_numbers",
            _usable,
            lambda row: row.text("sid"),
            params=params,
            goes_on=goes_on,
        )

    async def _with_deciders(
        self,
        rows: Mapping[E164, decoding.Fields],
        known: Mapping[E164, OwnedNumber | None],
    ) -> dict[E164, OwnedNumber | None]:
        """Return the numbers of records that were just read; the region is asked for of each."""
        if not rows:
            return {}
        # Of the two, only the services take a second request behind the first.
        asked = asyncio.create_task(self._deciders.services_or_none())
        try:
            regions = await asyncio.gather(*map(self._deciders.other_region_or_none, rows))
            services = await asked
        finally:
            asked.cancel()
        found: dict[E164, OwnedNumber | None] = {}
        for (number, row), region in zip(rows.items(), regions, strict=True):
            before = known[number]
            found[number] = records.owned_number(
                row,
                self._account,
                clock.now(),
                services,
                kind=before.type if before is not None else None,
                received=decoding.encode(row.record),
                region=region,
            )
        return found

    async def _record(self, number: E164, known: OwnedNumber | None) -> dict[str, Any] | None:
        if known is not None and known.id:
            path = self._endpoints.path("IncomingPhoneNumbers", f"{known.id}.json")
            reply = await self._endpoints.main.get(path)
            try:
                row = body_of(reply, self._account)
            except NotFound:
                # It may have been given up and bought again, and then has another SID.
                pass
            else:
                told = records.number_of(row)
                if told is None:
                    raise BadReply(
                        f"{reply.host} sent a record without a number", account=self._account
                    )
                if told == number:
                    return row
        rows = await self._one_page({"PhoneNumber": number})
        for row in rows:
            if isinstance(row, dict) and records.number_of(row) == number:
                return row
        if any(records.number_of(row) is None for row in rows):
            raise BadReply("Twilio sent a record without a number", account=self._account)
        return None

    async def _one_page(self, params: Params) -> list[Any]:
        path = self._endpoints.path("IncomingPhoneNumbers.json")
        reply = await self._endpoints.main.get(path, {**params, "PageSize": 50})
        rows: list[Any] = body_of(reply, self._account, "incoming_phone_numbers")[
            "incoming_phone_numbers"
        ]
        return rows

    async def decided_elsewhere(self, number: OwnedNumber) -> Mapping[Channel, str]:
        """Say which channels another region or a Messaging Service decides.

        Raises:
            ProviderError: It could not be read now, and may be later.
        """
        said = dict(number.elsewhere)
        said.pop(Channel.VOICE, None)
        region = await self._deciders.other_region(number.number)
        if region is not None:
            said[Channel.VOICE] = region
        return said

    async def available(self, query: StockQuery) -> AsyncIterator[Page[AvailableNumber]]:
        """Search stock, one page of each type that the country has; Twilio shows about thirty."""
        if query.type is not None and query.type not in WIRE_KINDS:
            yield Page((), Total(0))
            return
        prices = asyncio.create_task(self._prices_in(query.country))
        try:
            for kind in [query.type] if query.type else await self._kinds_in(query.country):
                yield await self._stock_page(query, kind, prices)
        finally:
            # Nothing is awaited here: a search that was left is closed when the program ends.
            prices.cancel()

    async def _stock_page(
        self, query: StockQuery, kind: str, prices: "asyncio.Task[dict[str, Money]]"
    ) -> Page[AvailableNumber]:
        path = self._endpoints.path(
            "AvailablePhoneNumbers", query.country, f"{WIRE_KINDS[kind]}.json"
        )
        reply = await self._endpoints.main.get(path, _stock_params(query))
        try:
            body = body_of(reply, self._account, "available_phone_numbers")
        except NotFound:
            # So a country is told that has no numbers of this type.
            return Page((), Total(0))
        costs = await prices
        if query.place and not body["available_phone_numbers"]:
            # Twilio knows whole names alone; a part of one is looked for in what it shows.
            return await self._stock_page(replace(query, place=""), kind, prices)
        page = decoding.read_page(
            body["available_phone_numbers"],
            lambda fields: records.available_number(fields, self._account, kind, costs),
        )
        return replace(page, total=Total(len(page.items), capped=True))

    async def _kinds_in(self, country: str) -> list[str]:
        path = self._endpoints.path("AvailablePhoneNumbers", f"{country}.json")
        try:
            return records.kinds_of(body_of(await self._endpoints.main.get(path), self._account))
        except NotFound:
            return []

    async def _prices_in(self, country: str) -> dict[str, Money]:
        """Return a country's price list; where it cannot be read, no price is known."""
        if country not in self._prices:
            path = f"/v1/PhoneNumbers/Countries/{quote(country, safe='')}"
            try:
                reply = await self._endpoints.at("pricing").get(path)
                self._prices[country] = records.prices_of(body_of(reply, self._account))
            except ProviderError:
                return {}
        return self._prices[country]

    async def targets(self, number: OwnedNumber | None = None) -> AsyncIterator[Page[TargetOption]]:
        """List trunks, applications and Messaging Services, as far as the key may see them."""
        for listing in (self._trunks, self._applications, self._service_options):
            try:
                async with aclosing(listing()) as pages:
                    async for page in pages:
                        fit = tuple(one for one in page.items if _serves(one, number))
                        yield replace(page, items=fit)
            except Forbidden as error:
                yield Page((), warnings=(error.message,))

    def _trunks(self) -> AsyncGenerator[Page[TargetOption], None]:
        return self._endpoints.linked(
            "trunking", "/v1/Trunks", "trunks", records.trunk_option, lambda one: one.target
        )

    def _applications(self) -> AsyncGenerator[Page[TargetOption], None]:
        return self._endpoints.linked(
            self._endpoints.numbers,
            self._endpoints.path("Applications.json"),
            "applications",
            records.application_option,
            lambda one: one.target,
        )

    async def _service_options(self) -> AsyncGenerator[Page[TargetOption], None]:
        async with aclosing(self._deciders.service_pages()) as pages:
            async for page in pages:
                yield Page(tuple(map(records.service_option, page.items)), warnings=page.warnings)

    async def target(self, target: Target) -> TargetOption | None:
        """Read which channels an application has an address for; None where there is none such."""
        if target.kind != "application":
            return await super().target(target)
        async with aclosing(self._applications()) as pages:
            async for page in pages:
                for option in page.items:
                    if option.target.value.casefold() == target.value.casefold():
                        return option
        return None

    async def addresses(self) -> tuple[Address, ...]:
        """List the addresses registered with the account."""
        path = self._endpoints.path("Addresses.json")
        listed = self._endpoints.linked(
            self._endpoints.numbers, path, "addresses", records.address, lambda one: one.id
        )
        return (await gathered(listed)).items

    async def buy_choices(self, key: str, number: AvailableNumber) -> tuple[PickerChoice, ...]:
        """List addresses or approved bundles, where the number's country demands an address."""
        if number.address_requirement in (None, "none"):
            return ()
        if key == "address":
            found = await self.addresses()
            local = number.address_requirement == "local"
            return tuple(
                PickerChoice(one.id, ", ".join(filter(None, (one.name, one.lines, one.country))))
                for one in found
                if not local or one.country == number.country
            )
        if key != "bundle" or number.country is None:
            return ()
        params: Params = {"Status": "twilio-approved", "IsoCountry": number.country}
        if number.type is not None:
            params["NumberType"] = number.type.replace("_", "-")
        listed = self._endpoints.linked(
            "numbers",
            "/v2/RegulatoryCompliance/Bundles",
            "results",
            records.bundle,
            lambda one: one.value,
            params=params,
        )
        return (await gathered(listed)).items

    async def update(self, number: OwnedNumber, change: Change) -> None:
        """Send what changes, and only that, in one request; what is emptied is sent as empty."""
        form = form_for(change, self._account)
        if not form:
            return
        path = self._endpoints.path("IncomingPhoneNumbers", f"{number.id}.json")
        reply = await self._endpoints.main.send("POST", path, form=form)
        if records.number_of(body_of(reply, self._account)) != number.number:
            raise BadReply(f"{reply.host} did not say what was changed", account=self._account)

    async def buy(
        self,
        number: AvailableNumber,
        target: Target | None,
        extras: Mapping[str, str] = NO_EXTRAS,
    ) -> Purchase:
        """Buy ``number`` with what is named for it; a target is set afterwards."""
        form = {"PhoneNumber": str(number.number)}
        form |= {BUY_NAMES[key]: value for key, value in extras.items() if key in BUY_NAMES}
        path = self._endpoints.path("IncomingPhoneNumbers.json")
        reply = await self._endpoints.main.send("POST", path, form=form)
        if records.number_of(body_of(reply, self._account)) != number.number:
            raise BadReply(f"{reply.host} did not say what was bought", account=self._account)
        return Purchase("active")

    async def release(self, number: OwnedNumber) -> None:
        """Give ``number`` up; for ten days the console can take it back, and no request can."""
        path = self._endpoints.path("IncomingPhoneNumbers", f"{number.id}.json")
        reply = await self._endpoints.main.send("DELETE", path)
        if reply.status == 204 or (reply.status == 200 and not reply.body.strip()):
            return
        body_of(reply, self._account)

    def warnings(self, number: OwnedNumber, change: Change) -> tuple[str, ...]:
        """Say what is set and not used, and where the region could not be asked."""
        after, lines = change.applied_to(number.settings), []
        for order in INFO.precedence.values():
            winner = next((key for key in order if after.get(key) is not None), None)
            lines += [
                f"{key} is not used while {winner} has a value"
                for key, edit in change.edits.items()
                if isinstance(edit, Set) and key in order and winner not in change.edits
            ]
        elsewhere = Channel.VOICE in number.elsewhere
        if elsewhere and {"voice_fallback", "status_callback"} & change.edits.keys():
            lines.append(number.elsewhere[Channel.VOICE])
        voice = {*INFO.precedence[Channel.VOICE]} & change.edits.keys()
        if voice and self._deciders.region_untold:
            lines.append(
                "which region takes its calls could not be read: unless it is "
                f"{self._endpoints.region}, this changes nothing"
            )
        return tuple(lines)

    def why_not(self, change: Change) -> str | None:
        """Say which setting, or clearing, Twilio does not take from here."""
        try:
            form_for(change, self._account)
        except NotOffered as error:
            return error.message
        return None


def _usable(fields: decoding.Fields) -> decoding.Fields | None:
    """Return a record that a number can be made of."""
    whole = records.number_of(fields.record) is not None and fields.text("sid") is not None
    return fields if whole else None


def _stock_params(query: StockQuery) -> Params:
    params: Params = {name: "true" for key, name in _FEATURES.items() if key in query.capabilities}
    digits = query.digits
    if len(digits) in _PATTERN_DIGITS:
        marks = {Match.STARTS: f"+{digits}", Match.ENDS: f"{digits}$", Match.CONTAINS: digits}
        params["Contains"] = marks[query.match]
    place = query.place.strip()
    if place:
        # A state or province is told by two letters, and matched as a whole as towns are.
        region = len(place) == 2 and query.country in ("US", "CA")
        params["InRegion" if region else "InLocality"] = place.upper() if region else place
    params["PageSize"] = INFO.page_size
    return params


def _serves(option: TargetOption, number: OwnedNumber | None) -> bool:
    """Tell whether a target takes something that ``number``, or any number, can carry."""
    if number is None or not number.capabilities:
        return bool(option.channels)
    return any(channel.value in number.capabilities for channel in option.channels)
