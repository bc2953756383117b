"""A Vonage client over scripted answers, and invented records."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import httpx

from tests.support.scripted_http import Answer, Desk, desk
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import AvailableNumber, OwnedNumber
from tui_numbers.providers.contract import Page
from tui_numbers.providers.vonage import PLUGIN
from tui_numbers.providers.vonage.client import Vonage

APP = "00000000-1111-4222-8333-444444444444"
OTHER_APP = "99999999-1111-4222-8333-444444444444"
KEY = "a1b2c3d4"
NUMBER = E164("+447700900555")
OK = {"error-code": "200", "error-code-label": "success"}


def record(msisdn: str = "447700900555", **changes: Any) -> dict[str, Any]:
    made = {
        "country": "GB",
        "msisdn": msisdn,
        "type": "mobile-lvn",
        "features": ["VOICE", "SMS"],
    } | changes
    return {key: value for key, value in made.items() if value is not None}


def listed(*records: Any, count: int | None = None) -> dict[str, Any]:
    return {"count": len(records) if count is None else count, "numbers": list(records)}


def vonage(answers: Answer | list[Any], **fields: str) -> tuple[Vonage, Desk]:
    base_url = fields.pop("base_url", None)
    opened = desk(answers, fields={"api_key": KEY, **fields}, base_url=base_url)
    client = PLUGIN.connect(opened.api)
    assert isinstance(client, Vonage)
    return client, opened


async def found(changes: dict[str, Any], ago: timedelta = timedelta(minutes=1)) -> OwnedNumber:
    """Return a number that was read a while ago, so that it is read again before it is sent."""
    client, _ = vonage([listed(record(**changes))])
    number = await client.find(NUMBER)
    assert number is not None
    return replace(number, seen_at=number.seen_at - ago)


def query_of(request: httpx.Request) -> dict[str, str]:
    return dict(parse_qsl(request.url.query.decode(), keep_blank_values=True))


def form_of(request: httpx.Request) -> dict[str, str]:
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    return dict(parse_qsl(request.content.decode(), keep_blank_values=True))


async def collect(pages: Any) -> list[Page[Any]]:
    return [page async for page in pages]


async def into(found: list[Any], pages: Any) -> None:
    async for page in pages:
        found.extend(page.items)


def stock(number: str = "+442079460123", country: str | None = "GB") -> AvailableNumber:
    return AvailableNumber("uk-sms", "vonage", E164(number), country, "local", ("voice",))
