"""Read what decides for a Twilio number beside its own record: its region, Messaging Services."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tui_numbers.domain import clock
from tui_numbers.domain.e164 import E164
from tui_numbers.providers import decoding
from tui_numbers.providers.contract import Page
from tui_numbers.providers.errors import (
    BadReply,
    CredentialsRejected,
    Forbidden,
    NotFound,
    ProviderError,
)
from tui_numbers.providers.paging import gathered
from tui_numbers.providers.twilio import records
from tui_numbers.providers.twilio.endpoints import Endpoints
from tui_numbers.providers.twilio.info import HOME_REGION
from tui_numbers.providers.twilio.records import Service, Services, body_of

_LONGEST_KNOWN = 60.0
"""Seconds for which a region and the members of services are taken to be as they were read."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was read, and when, in seconds since 1970."""

    value: Any
    at: float

    @property
    def is_fresh(self) -> bool:
        return 0 <= clock.timestamp() - self.at <= _LONGEST_KNOWN


class Deciders:
    """The regions of an account's numbers, and its Messaging Services; kept for a while."""

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints
        self._services: _Kept | None = None
        self._regions: dict[E164, _Kept] = {}
        self._reading = asyncio.Lock()
        self._readings = 0
        """How many readings of the services have ended."""
        self.region_untold = ""
        """Why no region could be read the last time, in words; empty where one could."""

    async def services_or_none(self) -> Services | None:
        """Return the Messaging Services, or None where they cannot be read.

        Those who ask while they are being read get what that reading tells.
        """
        ended = self._readings
        if self._services is None or not self._services.is_fresh:
            async with self._reading:
                if self._readings == ended:
                    try:
                        await self.read_services()
                    except ProviderError:
                        self._services = None
                    self._readings += 1
        if self._services is None:
            return None
        services: Services = self._services.value
        return services

    async def read_services(self) -> Services:
        """Read every Messaging Service with its numbers; there is no other way to learn them."""
        listed = await gathered(self.service_pages())
        asked = [asyncio.create_task(self._members(one.sid)) for one in listed.items]
        try:
            members = await asyncio.gather(*asked)
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
        if listed.dropped or any(len(numbers) < count for numbers, count in members):
            raise BadReply(
                "Twilio sent a service or a member without a SID", account=self._endpoints.account
            )
        services = Services(
            {one.sid: one for one in listed.items},
            {
                number: one.sid
                for one, (numbers, _) in zip(listed.items, members, strict=True)
                for number in numbers
            },
        )
        self._services = _Kept(services, clock.timestamp())
        return services

    def service_pages(self) -> AsyncGenerator[Page[Service], None]:
        """List the Messaging Services, without their numbers."""
        return self._endpoints.linked(
            "messaging", "/v1/Services", "services", records.service, lambda one: one.sid
        )

    async def _members(self, sid: str) -> tuple[tuple[str, ...], int]:
        """Return the SIDs of a service's numbers, and how many records there were."""
        path = f"/v1/Services/{quote(sid, safe='')}/PhoneNumbers"
        listed = self._endpoints.linked(
            "messaging", path, "phone_numbers", records.member, lambda number: number
        )
        found = await gathered(listed)
        return found.items, len(found.items) + found.dropped

    async def other_region_or_none(self, number: E164) -> str | None:
        """Say what ``other_region`` does, or None where that cannot be read."""
        try:
            return await self.other_region(number)
        except ProviderError:
            return None

    async def other_region(self, number: E164) -> str | None:
        """Say that calls of a number are taken in another region than the account's, or None.

        Each region has a record of its own for a number, and goes by that one alone: a change of
        any other is accepted, reads back as asked, and changes nothing for a caller.
        """
        kept, own = self._regions.get(number), self._endpoints.region
        if kept is None or not kept.is_fresh:
            path = f"/v2/PhoneNumbers/{quote(number, safe='')}"
            try:
                reply = await self._endpoints.at("routes").get(path)
                body = body_of(reply, self._endpoints.account)
            except (Forbidden, NotFound, CredentialsRejected) as error:
                # A key need not be allowed to ask, which only a warning can say.
                self.region_untold = error.message
                return None
            told = decoding.Fields(body).word("voice_region") or HOME_REGION
            kept = self._regions[number] = _Kept(told, clock.timestamp())
            self.region_untold = ""
        if kept.value == own:
            return None
        return (
            f"region {kept.value} takes the calls of this number, by a record of its own, and this "
            f"account acts in {own}: use an account with region = {kept.value}"
        )
