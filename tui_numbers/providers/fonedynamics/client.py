"""Read and change one Fone Dynamics account, or one property of it."""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Hashable, Mapping
from contextlib import aclosing
from typing import Any, TypeVar
from urllib.parse import quote

from tui_numbers.domain.changes import Change, Clear
from tui_numbers.domain.e164 import E164, is_e164
from tui_numbers.domain.numbers import Address, AvailableNumber, OwnedNumber, Target, TargetOption
from tui_numbers.domain.query import OwnedQuery, StockQuery, Total
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
from tui_numbers.providers.errors import BadReply, ConfigurationProblem, NotOffered, ProviderError
from tui_numbers.providers.fonedynamics import records
from tui_numbers.providers.fonedynamics.info import INFO, SID
from tui_numbers.providers.fonedynamics.records import (
    ADDRESSES,
    FLOWS,
    NUMBERS,
    PROJECTS,
    Envelope,
    NoSuchThing,
    confirm,
    listed,
    records_of,
)
from tui_numbers.providers.paging import Answer, Listing, gathered, listed_among, one_by_one
from tui_numbers.providers.request import Basic

T = TypeVar("T")
_SID = re.compile(SID)
_MOST_ADDRESSES = 200
_MOST_OTHERS = 50
"""The documented default of flows and projects; whether more may be asked for is not said."""
_WIRE_NAMES = {
    "friendly": "Friendly",
    "recording": "Recording",
    "attribution_source": "Attribution_Source",
    "attribution_medium": "Attribution_Medium",
    "attribution_campaign": "Attribution_Campaign",
    "attribution_content": "Attribution_Content",
    "address": "AddressSid",
    "sms_from": "SendSmsFrom",
    "sms_to": "SendSmsTo",
    "email_from": "SendEmailFrom",
    "email_to": "SendEmailTo",
}
_RECORDINGS = {"off": "Off", "call": "Call"}


class FoneDynamics(Provider):
    """One account; remembers which property each number that it read belongs to."""

    info = INFO

    def __init__(self, api: Api) -> None:
        self._name = api.account.name
        self._account_sid = api.account.fields.get("account_sid", "")
        self._property_sid = api.account.fields.get("property_sid", "")
        if not self._account_sid:
            raise ConfigurationProblem("account_sid is missing", account=self._name)
        base_url = api.account.base_url or INFO.base_url
        self._endpoint = api.endpoint(base_url, Basic(self._account_sid))
        self._property_of: dict[E164, str] = {}

    async def check(self) -> AccountCheck:
        """Read the configured property, or one project: no page shows the account itself."""
        if self._property_sid:
            reply = await self._endpoint.get(_path("Properties", self._property_sid))
        else:
            reply = await self._endpoint.get("/v2/Properties", {"Results_Count": 1})
        rows = records_of(reply, PROJECTS, self._name)
        fields = decoding.Fields(rows[0] if rows and isinstance(rows[0], dict) else {})
        told = {"account": self._account_sid}
        shown = {"property": "PropertySid", "domain": "MainDomain", "time zone": "TimeZone"}
        title = self._account_sid
        if self._property_sid:
            told |= {name: text for name, key in shown.items() if (text := fields.text(key))}
            title = fields.text("Name") or self._property_sid
        return AccountCheck(title=title, details=told)

    def owned(self, query: OwnedQuery) -> AsyncIterator[Page[OwnedNumber]]:
        """List owned numbers; the filters are sent under the names that "Get Numbers" prints."""
        filters: dict[str, str] = {}
        types = {records.wire_type(word) for word in query.types}
        # Numbers of a type that the document does not name come only where none is asked for.
        if types and None not in types:
            filters["Type"] = ",".join(
                word for word in records.WIRE_TYPES.values() if word in types
            )
        asked = [
            word for key, word in records.WIRE_CAPABILITIES.items() if key in query.capabilities
        ]
        if asked:
            filters["Capabilites"] = ",".join(asked)
        return self._owned(self._owned_number, filters)

    def _owned(
        self,
        read: Callable[[decoding.Fields], OwnedNumber | None],
        filters: Mapping[str, str] | None = None,
    ) -> AsyncGenerator[Page[OwnedNumber], None]:
        owner = ("Properties", self._property_sid) if self._property_sid else self._account
        return self._pages(
            _path(*owner, "Numbers"),
            NUMBERS,
            read,
            lambda found: found.number,
            size=INFO.page_size,
            filters=filters,
        )

    async def find(self, number: E164, known: OwnedNumber | None = None) -> OwnedNumber | None:
        """Read one number; one that belongs to another property than the configured is not ours."""
        reply = await self._endpoint.get(_path("Numbers", _digits(number)))
        try:
            rows = records_of(reply, NUMBERS, self._name)
        except NoSuchThing as missing:
            if missing.is_the_number:
                return None
            raise
        for row in rows:
            if not isinstance(row, dict) or _number_in(row) != number:
                continue
            found = records.owned_number(decoding.Fields(row), self._name, decoding.encode(row))
            self._remember(row, number)
            owner = self._property_of.get(number)
            ours = not self._property_sid or owner in (None, self._property_sid)
            return found if ours else None
        if any(_number_in(row) is None for row in rows):
            raise BadReply(f"{reply.host} sent a record without a number", account=self._name)
        return None

    async def find_many(
        self, numbers: Mapping[E164, OwnedNumber | None]
    ) -> Mapping[E164, OwnedNumber | None]:
        """Read several numbers by the pages of a short list."""

        def read(fields: decoding.Fields) -> OwnedNumber | None:
            found = records.owned_number(fields, self._name, decoding.encode(fields.record))
            if found is not None:
                self._remember(fields.record, found.number)
            return found

        return await listed_among(self._owned(read), numbers, one_by_one(len(numbers), INFO.pace))

    async def available(self, query: StockQuery) -> AsyncIterator[Page[AvailableNumber]]:
        """Refuse: no document describes a search."""
        nothing: tuple[Page[AvailableNumber], ...] = ()
        for page in nothing:
            yield page
        raise NotOffered(INFO.search.reason, account=self._name)

    async def targets(self, number: OwnedNumber | None = None) -> AsyncIterator[Page[TargetOption]]:
        """List the flows of the number's own property, or of all that may be meant."""
        own = self._property_of.get(number.number) if number is not None else None
        if own or self._property_sid:
            sids = [own or self._property_sid]
        else:
            projects = await self._projects()
            sids = [sid for sid, _ in projects.items]
            if projects.warnings:
                yield Page((), warnings=projects.warnings, dropped=projects.dropped)
        for sid in sids:
            path = _path("Properties", sid, "Flows")
            flows = self._pages(path, FLOWS, records.flow_option, lambda option: option.target)
            async with aclosing(flows) as pages:
                async for page in pages:
                    yield page

    async def buy_choices(self, key: str, number: AvailableNumber) -> tuple[PickerChoice, ...]:
        """List the account's addresses, of which the country's rules may demand one."""
        return _address_choices(await self.addresses()) if key == "address" else ()

    async def choices_for(self, setting: str, number: OwnedNumber) -> tuple[PickerChoice, ...]:
        """List the account's addresses for the setting ``address``."""
        if setting != "address":
            return ()
        return _address_choices(await self.addresses())

    async def addresses(self) -> tuple[Address, ...]:
        """List the registered addresses."""
        path = _path(*self._account, "Addresses")
        found = await gathered(
            self._pages(
                path, ADDRESSES, records.address, lambda item: item.id, size=_MOST_ADDRESSES
            )
        )
        if found.dropped and not found.items:
            raise BadReply("Fone Dynamics sent no address that can be read", account=self._name)
        return found.items

    async def update(self, number: OwnedNumber, change: Change) -> None:
        """Send what changes, and only that: some settings cannot be read, so none is repeated."""
        body = body_for(change, self._name)
        if not body:
            return
        path = _path("Numbers", _digits(number.number))
        reply = await self._endpoint.send("POST", path, json=body)
        answered = NUMBERS.records(confirm(reply, self._name))
        told = {_number_in(row) for row in answered or ()} - {None}
        if told and number.number not in told:
            raise BadReply(f"{reply.host} answered with another number", account=self._name)

    async def buy(
        self,
        number: AvailableNumber,
        target: Target | None,
        extras: Mapping[str, str] = NO_EXTRAS,
    ) -> Purchase:
        """Buy into the account's property; where none is named, the provider picks an address.

        ``Pending`` says that no address suited ("Purchase Available Numbers"): a success all
        the same. The request knows no target.
        """
        sid = self._property_sid or await self._only_property()
        body: dict[str, str] = {"Number": number.number}
        if "address" in extras:
            body["AddressSid"] = extras["address"]
        reply = await self._endpoint.send("POST", _path("Properties", sid, "Numbers"), json=body)
        for row in records_of(reply, NUMBERS, self._name):
            if isinstance(row, dict) and _number_in(row) == number.number:
                self._property_of[number.number] = sid
                return Purchase(decoding.Fields(row).word("Status"))
        raise BadReply(f"{reply.host} did not say which number was bought", account=self._name)

    async def release(self, number: OwnedNumber) -> None:
        """Refuse: no document describes it."""
        raise NotOffered(INFO.release.reason, account=self._name)

    def warnings(self, number: OwnedNumber, change: Change) -> tuple[str, ...]:
        """Say what could not be put back."""
        lines = []
        for key in change.edits:
            spec = INFO.setting(key)
            if spec is not None and not spec.readable:
                lines.append(
                    f"{spec.label}: Fone Dynamics does not return it, "
                    "so it can be neither verified nor undone"
                )
        return tuple(lines)

    def why_not(self, change: Change) -> str | None:
        """Say which setting, value or clearing Fone Dynamics does not document."""
        try:
            body_for(change, self._name)
        except NotOffered as error:
            return error.message
        return None

    @property
    def _account(self) -> tuple[str, str]:
        return ("Accounts", self._account_sid)

    def _pages(
        self,
        path: str,
        envelope: Envelope,
        read: Callable[[decoding.Fields], T | None],
        key: Callable[[T], Hashable],
        *,
        size: int = _MOST_OTHERS,
        filters: Mapping[str, str] | None = None,
    ) -> AsyncGenerator[Page[T], None]:
        """Read a listing by ``Results_Count`` and ``Results_Skip``, each record once.

        Records that move between two requests may come twice ("Get Numbers" promises no order).
        """

        async def ask(_: int, skip: int) -> Answer[T]:
            params: dict[str, str | int] = {"Results_Count": size, "Results_Skip": skip}
            reply = await self._endpoint.get(path, {**params, **(filters or {})})
            rows, total = listed(reply, envelope, self._name)
            needs = "number" if envelope is NUMBERS else envelope.key
            page = decoding.read_page(rows, read, Total(total), needs=needs)
            return Answer(page, len(reply.body))

        return Listing(self._name, f"Fone Dynamics' listing {path}", key).counted(ask, size)

    def _owned_number(self, fields: decoding.Fields) -> OwnedNumber | None:
        found = records.owned_number(fields, self._name)
        if found is not None:
            self._remember(fields.record, found.number)
        return found

    def _remember(self, record: Any, number: E164) -> None:
        sid = record.get("PropertySid")
        if isinstance(sid, str) and _SID.fullmatch(sid):
            self._property_of[number] = sid

    async def _projects(self) -> Page[tuple[str, str]]:
        """Return the projects of the account by property SID and name, as one page."""
        return await gathered(
            self._pages("/v2/Properties", PROJECTS, _project, lambda project: project[0])
        )

    async def _only_property(self) -> str:
        try:
            projects = await self._projects()
        except ProviderError as error:
            # Only the read failed; an answer that was lost bought nothing.
            error.may_have_applied = False
            raise
        found = projects.items
        if len(found) == 1 and not projects.dropped:
            return found[0][0]
        named = ", ".join(f"{sid} ({name})" if name else sid for sid, name in found[:20])
        if projects.dropped:
            named = f"{named or 'none that can be read'}, and {projects.dropped} unreadable"
        raise ConfigurationProblem(
            f"property_sid is needed to buy: the account has {named or 'no project'}",
            account=self._name,
            hint=f"add property_sid to the account {self._name}" if found else "",
        )


def _address_choices(addresses: tuple[Address, ...]) -> tuple[PickerChoice, ...]:
    return tuple(
        PickerChoice(
            address.id,
            ", ".join(part for part in (address.name, address.lines, address.country) if part),
        )
        for address in addresses
    )


def body_for(change: Change, account: str) -> dict[str, str]:
    """Return the body for ``change``; routing always comes with where it leads.

    Raises:
        NotOffered: No document knows such a setting, such a value or clearing.
    """
    body: dict[str, str] = {}
    for key, edit in change.edits.items():
        spec = INFO.setting(key)
        if spec is None:
            raise NotOffered(f"Fone Dynamics has no setting {key!r}", account=account)
        if isinstance(edit, Clear) or not edit.value:
            raise NotOffered(spec.why_not_clearable, account=account)
        if key == "voice":
            body |= _routing(Target.from_text(edit.value), account)
        elif key == "recording":
            body["Recording"] = _recording(edit.value, account)
        else:
            body[_WIRE_NAMES[key]] = edit.value
    return body


def _routing(target: Target, account: str) -> dict[str, str]:
    if target.kind == "phone" and is_e164(target.value):
        return {"RoutingMethod": "Endpoint", "EndpointNumber": target.value}
    if target.kind == "flow" and target.value:
        return {"RoutingMethod": "Flow", "Flow": target.value}
    raise NotOffered(
        f"{decoding.excerpt(target.text)} is no target here: "
        "Fone Dynamics takes phone:+… and flow:ID",
        account=account,
    )


def _recording(value: str, account: str) -> str:
    if value not in _RECORDINGS:
        raise NotOffered("recording is off or call", account=account)
    return _RECORDINGS[value]


def _project(fields: decoding.Fields) -> tuple[str, str] | None:
    sid = fields.text("PropertySid")
    return (sid, fields.text("Name") or "") if sid and _SID.fullmatch(sid) else None


def _path(*parts: str) -> str:
    return "/v2/" + "/".join(quote(part, safe="") for part in parts)


def _digits(number: E164) -> str:
    """Return the number as URLs have it: without its plus, and nothing else changed."""
    return number.removeprefix("+")


def _number_in(record: object) -> E164 | None:
    return records.number_of(record) if isinstance(record, dict) else None
