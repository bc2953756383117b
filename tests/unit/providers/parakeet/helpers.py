"""Records as Parakeet sends them, and an account over scripted answers."""

from collections.abc import AsyncIterator
from typing import Any

import httpx

from tests.support.scripted_http import Answer, Desk, desk
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.providers.decoding import Fields
from tui_numbers.providers.parakeet.client import Parakeet
from tui_numbers.providers.parakeet.info import INFO
from tui_numbers.providers.parakeet.records import owned_number

BASE = "https://api.parakeet.is/api/v1"
NUMBER = E164("+13105550142")
ID = "PN0a1b2c3d4e5f60718293a4b5c6d7e8f9"
USER = "US00112233445566778899aabbccddeeff"
TEAM = "TM00112233445566778899aabbccddeeff"


def record(**changes: Any) -> dict[str, Any]:
    return {
        "href": f"/api/v1/numbers/{ID}",
        "id": ID,
        "country_code": "US",
        "number": NUMBER,
        "formatted_number": "(310) 555-0142",
        "status": "confirmed",
        "name": "Night Desk",
        "target_type": "team",
        "target": {"href": f"/api/v1/teams/{TEAM}", "id": TEAM},
        "capabilities": ["sms", "voice"],
        "created_at": "2031-04-05T06:07:08.901Z",
        "updated_at": "2031-05-01T00:00:00.000Z",
        **changes,
    }


def numbered(index: int, **changes: Any) -> dict[str, Any]:
    return record(id=f"PN{index:032x}", number=f"+1310555{index:04d}", **changes)


def owned(**changes: Any) -> OwnedNumber:
    number = owned_number(Fields(record(**changes)), "uk-sms")
    assert number is not None
    return number


def account(answers: Answer | list[Any], base_url: str | None = None) -> tuple[Parakeet, Desk]:
    at = desk(
        answers,
        fields={"account_id": "AC0f0e0d0c"},
        provider="parakeet",
        base_url=base_url,
        pace=INFO.pace,
    )
    return Parakeet(at.api), at


def page(records: list[Any], following: str | None = None) -> httpx.Response:
    headers = {} if following is None else {"Link": f'<{following}>; rel="next"'}
    return httpx.Response(200, json=records, headers=headers)


async def all_of(pages: AsyncIterator[Any]) -> list[Any]:
    return [item async for found in pages for item in found.items]


async def into(found: list[Any], pages: AsyncIterator[Any]) -> None:
    async for each in pages:
        found.extend(each.items)


def asked(at: Desk) -> list[str]:
    return [
        f"{request.method} {request.url.raw_path.decode().removeprefix('/api/v1')}"
        for request in at.wire.requests
    ]
