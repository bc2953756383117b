"""Read and change one Twilio account: numbers, stock, targets, purchases, regions."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Hashable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import quote

from tui_numbers.domain import clock
from tui_numbers.domain.changes import Change, Clear, Set
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
    Endpoint,
    Page,
    PickerChoice,
    Provider,
    Purchase,
)
from tui_numbers.providers.errors import (
    BadReply,
    ConfigurationProblem,
    CredentialsRejected,
    Forbidden,
    ListingIncomplete,
    NotFound,
    NotOffered,
    ProviderError,
)
from tui_numbers.providers.origins import Hosts
from tui_numbers.providers.paging import Answer, Listing, SecondSweep, gathered
from tui_numbers.providers.request import Basic
from tui_numbers.providers.twilio import records
from tui_numbers.providers.twilio.info import (
    BUY_NAMES,
    DOMAIN,
    HOME_REGION,
    INFO,
    LISTED_KINDS,
    REGIONAL_HOSTS,
    WIRE_KINDS,
    WIRE_NAMES,
)
from tui_numbers.providers.twilio.records import Service, Services, body_of

T = TypeVar("T")
Params = dict[str, str | int]
_LONGEST_KNOWN = 60.0
"""Seconds for which a region and the members of services are taken to be as they were read."""
_PATTERN_DIGITS = range(2, 17)
_NO_BALANCE = frozenset({400, 403, 404})
"""How a subaccount may be refused its balance, which only its parent has."""
_NO_SERVICES = "where messages go is not known, since Messaging Services could not be read"
_FEATURES = {"voice": "VoiceEnabled", "sms": "SmsEnabled", "mms": "MmsEnabled"}


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was read, and when, in seconds since 1970."""

    value: Any
    at: float

    @property
    def is_fresh(self) -> bool:
        return 0 <= clock.timestamp() - self.at <= _LONGEST_KNOWN


class Twilio(Provider):
    """One account, whose hosts share one credential."""

    info = INFO

    def __init__(self, api: Api) -> None:
        account = api.account
        self._account = account.name
        self._sid = account.fields.get("account_sid", "")
        if not self._sid:
            raise ConfigurationProblem("account_sid is missing", account=self._account)
        self._region = account.fields.get("region") or HOME_REGION
        if self._region not in REGIONAL_HOSTS:
            known = ", ".join(REGIONAL_HOSTS)
            raise ConfigurationProblem(f"region is one of {known}", account=self._account)
        self._api = api
        self._credentials = Basic(account.fields.get("key_id") or self._sid)
        self._hosts = Hosts(DOMAIN, account.base_url)
        self._endpoints: dict[str, Endpoint] = {}
        self._numbers = REGIONAL_HOSTS[self._region]
        self._at(self._numbers)
        self._services_kept: _Kept | None = None
        self._regions: dict[E164, _Kept] = {}
        self._prices: dict[str, dict[str, Money]] = {}
        self._region_untold = ""

    def _at(self, name: str) -> Endpoint:
        """Return one of the hosts, by the first part of its name."""
        if name not in self._endpoints:
            address = self._hosts.address(name)
            self._endpoints[name] = self._api.endpoint(address, self._credentials)
        return self._endpoints[name]

    async def check(self) -> AccountCheck:
        """Ask for the balance; a subaccount has none of its own, and lists a number instead."""
        reply = await self._at(self._numbers).get(self._path("Balance.json"))
        told = {"account": self._sid, "region": self._region}
        body = {} if reply.status in _NO_BALANCE else body_of(reply, self._account)
        fields = decoding.Fields(body)
        currency = (fields.text("currency") or "").upper()
        amount = fields.record.get("balance")
        if not currency or amount is None:
            await self._one_page({})
            return AccountCheck(f"Twilio {self._sid}", told | {"balance": "its parent's"})
        return AccountCheck(f"Twilio {self._sid}", told, Money.read(amount, currency))

    async def owned(self, query: OwnedQuery) -> AsyncIterator[Page[OwnedNumber]]:
        """List owned numbers with the Messaging Services that decide for them.

        The types that Twilio lists by are asked for as such, since a record need not tell its own.

        Raises:
            ListingIncomplete: After the last page, where the services could not be read this time.
        """
        sweep = SecondSweep(self._read_services(), _NO_SERVICES)
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
        return self._linked(
            self._numbers,
            self._path(f"{part}.json"),
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
        services, region = await asyncio.gather(
            self._services_or_none(), self._other_region_or_none(number)
        )
        return records.owned_number(
            decoding.Fields(row),
            self._account,
            clock.now(),
            services,
            kind=known.type if known is not None else None,
            received=decoding.encode(row),
            region=region,
        )

    async def _record(self, number: E164, known: OwnedNumber | None) -> dict[str, Any] | None:
        if known is not None and known.id:
            path = self._path("IncomingPhoneNumbers", f"{known.id}.json")
            reply = await self._at(self._numbers).get(path)
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
        path = self._path("IncomingPhoneNumbers.json")
        reply = await self._at(self._numbers).get(path, {**params, "PageSize": 50})
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
        region = await self._other_region(number.number)
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
        path = self._path("AvailablePhoneNumbers", query.country, f"{WIRE_KINDS[kind]}.json")
        reply = await self._at(self._numbers).get(path, _stock_params(query))
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
        path = self._path("AvailablePhoneNumbers", f"{country}.json")
        try:
            return records.kinds_of(body_of(await self._at(self._numbers).get(path), self._account))
        except NotFound:
            return []

    async def _prices_in(self, country: str) -> dict[str, Money]:
        """Return a country's price list; where it cannot be read, no price is known."""
        if country not in self._prices:
            path = f"/v1/PhoneNumbers/Countries/{quote(country, safe='')}"
            try:
                reply = await self._at("pricing").get(path)
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
        return self._linked(
            "trunking", "/v1/Trunks", "trunks", records.trunk_option, lambda one: one.target
        )

    def _applications(self) -> AsyncGenerator[Page[TargetOption], None]:
        return self._linked(
            self._numbers,
            self._path("Applications.json"),
            "applications",
            records.application_option,
            lambda one: one.target,
        )

    async def _service_options(self) -> AsyncGenerator[Page[TargetOption], None]:
        async with aclosing(self._service_pages()) as pages:
            async for page in pages:
                yield Page(tuple(map(records.service_option, page.items)), warnings=page.warnings)

    def _service_pages(self) -> AsyncGenerator[Page[Service], None]:
        return self._linked(
            "messaging", "/v1/Services", "services", records.service, lambda one: one.sid
        )

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
        path = self._path("Addresses.json")
        listed = self._linked(self._numbers, path, "addresses", records.address, lambda one: one.id)
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
        listed = self._linked(
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
        path = self._path("IncomingPhoneNumbers", f"{number.id}.json")
        reply = await self._at(self._numbers).send("POST", path, form=form)
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
        path = self._path("IncomingPhoneNumbers.json")
        reply = await self._at(self._numbers).send("POST", path, form=form)
        if records.number_of(body_of(reply, self._account)) != number.number:
            raise BadReply(f"{reply.host} did not say what was bought", account=self._account)
        return Purchase("active")

    async def release(self, number: OwnedNumber) -> None:
        """Give ``number`` up; for ten days the console can take it back, and no request can."""
        path = self._path("IncomingPhoneNumbers", f"{number.id}.json")
        reply = await self._at(self._numbers).send("DELETE", path)
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
        if voice and self._region_untold:
            lines.append(
                f"which region takes its calls could not be read: unless it is {self._region}, "
                "this changes nothing"
            )
        return tuple(lines)

    def why_not(self, change: Change) -> str | None:
        """Say which setting, or clearing, Twilio does not take from here."""
        try:
            form_for(change, self._account)
        except NotOffered as error:
            return error.message
        return None

    async def _services_or_none(self) -> Services | None:
        try:
            if self._services_kept is None or not self._services_kept.is_fresh:
                await self._read_services()
        except ProviderError:
            return None
        assert self._services_kept is not None
        services: Services = self._services_kept.value
        return services

    async def _read_services(self) -> Services:
        """Read every Messaging Service with its numbers; there is no other way to learn them."""
        listed = await gathered(self._service_pages())
        asked = [asyncio.create_task(self._members(one.sid)) for one in listed.items]
        try:
            members = await asyncio.gather(*asked)
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
        if listed.dropped or any(len(numbers) < count for numbers, count in members):
            raise BadReply("Twilio sent a service or a member without a SID", account=self._account)
        services = Services(
            {one.sid: one for one in listed.items},
            {
                number: one.sid
                for one, (numbers, _) in zip(listed.items, members, strict=True)
                for number in numbers
            },
        )
        self._services_kept = _Kept(services, clock.timestamp())
        return services

    async def _members(self, sid: str) -> tuple[tuple[str, ...], int]:
        """Return the SIDs of a service's numbers, and how many records there were."""
        path = f"/v1/Services/{quote(sid, safe='')}/PhoneNumbers"
        listed = self._linked(
            "messaging", path, "phone_numbers", records.member, lambda number: number
        )
        found = await gathered(listed)
        return found.items, len(found.items) + found.dropped

    async def _other_region_or_none(self, number: E164) -> str | None:
        try:
            return await self._other_region(number)
        except ProviderError:
            return None

    async def _other_region(self, number: E164) -> str | None:
        """Say that calls of a number are taken in another region than the account's, or None.

        Each region has a record of its own for a number, and goes by that one alone: a change of
        any other is accepted, reads back as asked, and changes nothing for a caller.
        """
        kept = self._regions.get(number)
        if kept is None or not kept.is_fresh:
            path = f"/v2/PhoneNumbers/{quote(number, safe='')}"
            try:
                body = body_of(await self._at("routes").get(path), self._account)
            except (Forbidden, NotFound, CredentialsRejected) as error:
                # A key need not be allowed to ask, which only a warning can say.
                self._region_untold = error.message
                return None
            told = decoding.Fields(body).word("voice_region") or HOME_REGION
            kept = self._regions[number] = _Kept(told, clock.timestamp())
            self._region_untold = ""
        if kept.value == self._region:
            return None
        return (
            f"region {kept.value} takes the calls of this number, by a record of its own, and this "
            f"account acts in {self._region}: use an account with region = {kept.value}"
        )

    async def _linked(
        self,
        host: str,
        path: str,
        key: str,
        read: Callable[[decoding.Fields], T | None],
        identity: Callable[[T], Hashable],
        *,
        params: Params | None = None,
        before_reading: Callable[[], Any] | None = None,
    ) -> AsyncGenerator[Page[T], None]:
        """Yield the pages of a listing, each where the one before it says."""
        first = {**(params or {}), "PageSize": INFO.page_size}

        async def ask(place: str) -> tuple[Answer[T], Callable[[], str | None]]:
            endpoint = self._at(host)
            reply = await (endpoint.follow(place) if place else endpoint.get(path, first))
            body = body_of(reply, self._account, key)
            if before_reading is not None:
                await before_reading()
            page = decoding.read_page(body[key], read, needs="identifier")
            return Answer(page, len(reply.body)), lambda: self._next(host, body)

        listing = Listing[T](self._account, f"Twilio's list of {key.replace('_', ' ')}", identity)
        async with aclosing(listing.linked(ask, "")) as pages:
            async for page in pages:
                yield page

    def _next(self, host: str, body: Mapping[str, Any]) -> str | None:
        link = records.next_link(body, self._account)
        return None if link is None else self._hosts.link(host, link)

    def _path(self, *parts: str) -> str:
        every = ("2010-04-01", "Accounts", self._sid, *parts)
        return "/" + "/".join(quote(part, safe="/") for part in every)


def form_for(change: Change, account: str) -> dict[str, str]:
    """Return the form of an update; an empty value empties.

    Raises:
        NotOffered: Twilio has no such setting, or it is not changed from here.
    """
    form: dict[str, str] = {}
    for key, edit in change.edits.items():
        spec = INFO.setting(key)
        if spec is None:
            raise NotOffered(f"Twilio has no setting {key!r}", account=account)
        if not spec.settable:
            raise NotOffered(spec.why_not_settable, account=account)
        if isinstance(edit, Clear):
            if not spec.clearable:
                raise NotOffered(spec.why_not_clearable, account=account)
            form[WIRE_NAMES[key]] = ""
            continue
        if both := [one for one in spec.displaces if isinstance(change.edits.get(one), Set)]:
            raise NotOffered(f"{key} and {both[0]} exclude each other", account=account)
        target = Target.from_text(edit.value) if spec.target_kinds else None
        if target is not None and (target.kind not in spec.target_kinds or not target.value):
            shown = decoding.excerpt(edit.value)
            raise NotOffered(f"{shown} is no target of {key} at Twilio", account=account)
        form[WIRE_NAMES[key]] = target.value if target is not None else edit.value
    return form


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
