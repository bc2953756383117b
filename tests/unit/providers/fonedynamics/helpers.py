"""Records as Fone Dynamics sends them, and an account over scripted answers."""

from collections.abc import AsyncIterator
from typing import Any

import httpx

from tests.support.scripted_http import Answer, Desk, desk
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.providers.decoding import Fields
from tui_numbers.providers.fonedynamics.client import FoneDynamics
from tui_numbers.providers.fonedynamics.info import INFO
from tui_numbers.providers.fonedynamics.records import owned_number

NUMBER = E164("+61255501234")
ACCOUNT = "AAAAAAAAAAAAAAAA"
PROPERTY = "SAAAAAAAAAAAAAAA"


def record(**changes: Any) -> dict[str, Any]:
    return {
        "Number": NUMBER,
        "PropertySid": PROPERTY,
        "AccountSid": ACCOUNT,
        "Friendly": "Front desk",
        "RoutingMethod": "Endpoint",
        "EndpointNumber": "+61491570006",
        "Recording": "Off",
        "Attribution_Source": "web",
        "Type": "Local",
        "Capabilities": "Voice, SMS",
        "CountryCode": "AU",
        "Region": "NSW",
        "City": "Sydney",
        "Status": "Active",
        **changes,
    }


def numbered(index: int, **changes: Any) -> dict[str, Any]:
    return record(Number=f"+612555{index:05d}", **changes)


def owned(**changes: Any) -> OwnedNumber:
    number = owned_number(Fields(record(**changes)), "uk-sms")
    assert number is not None
    return number


def account(answers: Answer | list[Any], property_sid: str = "") -> tuple[FoneDynamics, Desk]:
    fields = {"account_sid": ACCOUNT}
    if property_sid:
        fields["property_sid"] = property_sid
    at = desk(answers, fields=fields, provider="fonedynamics", pace=INFO.pace)
    return FoneDynamics(at.api), at


def failure(
    code: str, message: str = "words", status: int = 400, field: str = ""
) -> httpx.Response:
    about: dict[str, Any] = {"ErrorCode": code, "Message": message}
    if field:
        about["Errors"] = [{"FieldName": field}]
    return httpx.Response(status, json={"ResponseStatus": about})


async def into(found: list[Any], pages: AsyncIterator[Any]) -> None:
    async for each in pages:
        found.extend(each.items)


async def all_of(pages: AsyncIterator[Any]) -> list[Any]:
    return [item async for found in pages for item in found.items]


def asked(at: Desk) -> list[str]:
    return [
        f"{request.method} {request.url.raw_path.decode().removeprefix('/v2')}"
        for request in at.wire.requests
    ]
