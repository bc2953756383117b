"""The client of one Parakeet account."""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tui_numbers.domain.changes import Change, Clear
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import (
    Address,
    AvailableNumber,
    OwnedNumber,
    Target,
    TargetOption,
)
from tui_numbers.domain.query import OwnedQuery, StockQuery
from tui_numbers.providers import wire
from tui_numbers.providers.contract import (
    AccountCheck,
    Page,
    PickerChoice,
    ProviderInfo,
    Purchase,
)
from tui_numbers.providers.errors import (
    BadReply,
    ConfigurationProblem,
    ListingIncomplete,
    NotFound,
    NotOffered,
    ProviderError,
    Rejected,
)
from tui_numbers.providers.gathering import gathered
from tui_numbers.providers.parakeet import records
from tui_numbers.providers.parakeet.info import INFO
from tui_numbers.providers.parakeet.listing import Listing
from tui_numbers.providers.parakeet.replies import checked, list_of, object_of

if TYPE_CHECKING:
    from tui_numbers.providers.exchange import Reply
    from tui_numbers.providers.http import Api

_NUMBER_ID = re.compile(r"PN[0-9A-Za-z]+", re.ASCII)
_PAGE: Mapping[str, str | int] = {"limit": INFO.page_size}


class Parakeet:
    """One account at Parakeet; remembers the teams that its numbers were seen to point at."""

    info: ProviderInfo = INFO

    def __init__(self, api: "Api") -> None:
        from tui_numbers.providers.exchange import Basic

        self._name = api.account.name
        self._user = api.account.fields.get("account_id", "")
        if not self._user:
            raise ConfigurationProblem("account_id is missing", account=self._name)
        self._base_url = api.account.base_url or INFO.base_url
        self._endpoint = api.endpoint(self._base_url, Basic(self._user))
        self._teams: dict[str, str | None] = {}
        self._all_listed = False

    async def check(self) -> AccountCheck:
        """Read the account object, which the key alone decides."""
        reply = await self._endpoint.get("/account")
        return records.account_check(object_of(reply, self._name, "id"), self._user)

    async def owned(self, query: OwnedQuery) -> AsyncIterator[Page[OwnedNumber]]:
        """List owned numbers; "Numbers" documents no filter."""
        async with aclosing(self._pages("/numbers", _PAGE)) as pages:
            async for rows in pages:
                page = wire.read_page(rows, self._owned_number)
                for number in page.items:
                    self._learn(number)
                yield page
        self._all_listed = True

    async def find(self, number: E164, known: OwnedNumber | None = None) -> OwnedNumber | None:
        """Read by ``known``'s identifier, or else search: a number alone addresses nothing."""
        if known is not None and _NUMBER_ID.fullmatch(known.id):
            reply = await self._endpoint.get(f"/numbers/{known.id}")
            if reply.status == 404:
                return None
            return self._exactly(number, self._number_object(reply))
        unreadable = 0
        async with aclosing(self._pages("/numbers", _PAGE)) as pages:
            async for rows in pages:
                for row in rows:
                    if isinstance(row, dict) and (found := self._exactly(number, row)):
                        return found
                    unreadable += not _names_a_number(row)
        if unreadable:
            # That a number is gone, or not there yet, is proven by no such listing.
            raise ListingIncomplete(
                f"Parakeet listed {unreadable} record(s) without a number, so it is unclear "
                f"whether {number} is among them",
                account=self._name,
            )
        return None

    def _number_object(self, reply: "Reply") -> Mapping[str, Any]:
        record = object_of(reply, self._name, "number")
        if records.number_of(record) is None:
            raise BadReply(f"{reply.host} sent a record without a number", account=self._name)
        return record

    def _exactly(self, number: E164, record: Mapping[str, Any]) -> OwnedNumber | None:
        if records.number_of(record) != number:
            return None
        fields = wire.Fields(record)
        found = records.owned_number(fields, self._name, wire.encode(record))
        if found is not None:
            self._learn(found)
        return found

    async def available(self, query: StockQuery) -> AsyncIterator[Page[AvailableNumber]]:
        """List stock, one page for each type: a type must be named ("Available Numbers").

        A type that is refused counts as not in stock where another one is answered.
        """
        types = INFO.types if query.type is None else (query.type,)
        refusal: ProviderError | None = None
        answered = False
        for kind in types:
            if kind not in INFO.types:
                continue
            params = {"country": query.country, "type": kind}
            if query.digits:
                params["query"] = query.digits
            reply = await self._endpoint.get("/available_numbers", params)
            try:
                rows = list_of(reply, self._name)
            except (Rejected, NotFound) as error:
                refusal = refusal or error
                continue
            answered = True
            yield wire.read_page(rows, self._available_number)
        if refusal is not None and not answered:
            raise refusal

    async def targets(self, number: OwnedNumber | None = None) -> AsyncIterator[Page[TargetOption]]:
        """List users, and the teams that owned numbers point at: no document lists teams."""
        if self._all_listed:
            yield self._known_teams()
        async with aclosing(self._pages("/users", _PAGE)) as pages:
            async for rows in pages:
                yield wire.read_page(rows, records.user_option, needs="id")
        if self._all_listed:
            return
        trouble: ProviderError | None = None
        warnings: list[str] = []
        try:
            async for page in self.owned(OwnedQuery()):
                warnings += page.warnings
        except ProviderError as error:
            trouble = error
        yield replace(self._known_teams(), warnings=tuple(warnings))
        if trouble is not None:
            raise trouble

    async def choices_for(self, setting: str, number: OwnedNumber) -> tuple[PickerChoice, ...]:
        """Return nothing: its only setting is a target."""
        return ()

    async def addresses(self) -> tuple[Address, ...]:
        """List the registered addresses."""
        found = await gathered(self._pages("/addresses"), records.address, needs="id")
        if found.dropped and not found.items:
            raise BadReply("Parakeet sent no address that can be read", account=self._name)
        return found.items

    async def update(self, number: OwnedNumber, change: Change) -> None:
        """Point a number elsewhere; the target is all that can be changed ("Numbers")."""
        if not change:
            return
        body = self._update_body(change)
        reply = await self._endpoint.send("POST", self._path_of(number), json=body)
        if self._exactly(number.number, self._number_object(reply)) is None:
            raise BadReply(f"{reply.host} answered with another number", account=self._name)

    async def buy(self, number: AvailableNumber, target: Target | None) -> Purchase:
        """Buy a number and point it at ``target``, without which none is sold here."""
        if target is None:
            raise NotOffered(
                "Parakeet documents no purchase without a user or a team to point the number at",
                account=self._name,
            )
        body = {"number": number.number, "target": self._target_id(target)}
        reply = await self._endpoint.send("POST", "/numbers", json=body)
        bought = self._exactly(number.number, self._number_object(reply))
        if bought is None:
            raise BadReply(f"{reply.host} answered with another number", account=self._name)
        return Purchase(bought.status)

    async def release(self, number: OwnedNumber) -> None:
        """Delete a number; the promised answer has no body ("Numbers")."""
        reply = checked(await self._endpoint.send("DELETE", self._path_of(number)), self._name)
        if reply.status != 204 and reply.body.strip():
            wire.decode(reply, self._name)

    def warnings(self, number: OwnedNumber, change: Change) -> tuple[str, ...]:
        """Return nothing: the one setting moves nothing else."""
        return ()

    def _pages(
        self, path: str, params: Mapping[str, str | int] | None = None
    ) -> AsyncGenerator[list[Any], None]:
        return Listing(self._endpoint, self._name, self._base_url, path, params).pages()

    def _owned_number(self, fields: wire.Fields) -> OwnedNumber | None:
        return records.owned_number(fields, self._name)

    def _available_number(self, fields: wire.Fields) -> AvailableNumber | None:
        return records.available_number(fields, self._name)

    def _learn(self, number: OwnedNumber) -> None:
        for target in number.routing.values():
            if target is not None and target.kind == "team" and target.disclosed:
                self._teams[target.value] = target.label or self._teams.get(target.value)

    def _known_teams(self) -> Page[TargetOption]:
        return Page(tuple(records.team_option(*team) for team in self._teams.items()))

    def _path_of(self, number: OwnedNumber) -> str:
        """Return where a number is changed; without its identifier a POST would be a purchase."""
        if _NUMBER_ID.fullmatch(number.id):
            return f"/numbers/{number.id}"
        raise ConfigurationProblem(
            f"{number.number} has no identifier that begins with PN, so nothing was sent",
            account=self._name,
        )

    def _update_body(self, change: Change) -> dict[str, str]:
        body: dict[str, str] = {}
        for key, edit in change.edits.items():
            spec = INFO.setting(key)
            if spec is None:
                raise NotOffered(f"Parakeet has no setting {key!r}", account=self._name)
            if isinstance(edit, Clear):
                raise NotOffered(spec.why_not_clearable, account=self._name)
            body[key] = self._target_id(Target.from_text(edit.value))
        return body

    def _target_id(self, target: Target) -> str:
        kind = INFO.target_kind(target.kind)
        if kind is None or kind.pattern is None or not re.fullmatch(kind.pattern, target.value):
            raise NotOffered(
                f"{wire.excerpt(target.text)} is no target here: "
                "Parakeet takes user:US… and team:TM…",
                account=self._name,
            )
        return target.value


def _names_a_number(row: object) -> bool:
    return isinstance(row, dict) and records.number_of(row) is not None
