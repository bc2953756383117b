"""A Twilio client over scripted answers, or over the emulation in this process."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.support.scripted_http import Desk, desk
from tests.support.writes import fresh_world
from tui_numbers.domain.accounts import Secret
from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.domain.query import OwnedQuery
from tui_numbers.providers.contract import Provider
from tui_numbers.providers.http import Api, Http
from tui_numbers.providers.transport import in_process
from tui_numbers.providers.twilio import PLUGIN
from tui_numbers.sandbox.accounts import ACCOUNTS, TWILIO_ACCOUNT_SID
from tui_numbers.sandbox.app import Sandbox
from tui_numbers.sandbox.faults import ConnectionDropped
from tui_numbers.sandbox.world import TwilioAccount

SID = "AC" + "0" * 32
PN = "PN" + "1" * 32


def record(**changes: Any) -> dict[str, Any]:
    """Return a number as Twilio sends it."""
    return {
        "sid": PN,
        "account_sid": SID,
        "phone_number": "+14155550123",
        "friendly_name": "Desk",
        "status": "in-use",
        "type": "local",
        "capabilities": {"voice": True, "sms": True, "mms": False, "fax": False},
        "voice_url": "",
        "voice_application_sid": None,
        "trunk_sid": None,
        "sms_url": None,
        "sms_application_sid": "",
        "date_created": "Tue, 04 Mar 2025 09:12:44 +0000",
        "date_updated": "Wed, 05 Mar 2025 09:12:44 +0000",
        **changes,
    }


def page(*rows: Any, following: str | None = None) -> dict[str, Any]:
    """Return a page of owned numbers."""
    return {"incoming_phone_numbers": list(rows), "next_page_uri": following}


Answers = dict[str, Any]
"""What is answered by the end of the path; the rest is empty lists, and region us1."""


@dataclass
class Scripted:
    """A client, and the desk that has its requests."""

    client: Provider
    desk: Desk

    def paths(self, method: str = "GET") -> list[str]:
        return [one.url.path for one in self.desk.wire.requests if one.method == method]

    @property
    def forms(self) -> list[str]:
        return [one.content.decode() for one in self.desk.wire.requests if one.method == "POST"]


@pytest.fixture
def scripted() -> Callable[..., Scripted]:
    def make(answers: Answers, **fields: str) -> Scripted:
        def answer(request: httpx.Request) -> httpx.Response:
            end = next((end for end in answers if request.url.path.endswith(end)), None)
            if end is not None:
                told = answers[end].pop(0) if isinstance(answers[end], list) else answers[end]
                given = isinstance(told, httpx.Response)
                return told if given else httpx.Response(200, json=told)
            if "/PhoneNumbers/+" in request.url.path:
                return httpx.Response(200, json={"voice_region": "us1"})
            empty = {"services": [], "trunks": [], "applications": [], "phone_numbers": []}
            return httpx.Response(200, json=empty | page())

        made = desk(
            answer,
            fields={"account_sid": SID, **fields},
            base_url="https://stand-in.example/tw",
            provider="twilio",
            pace=PLUGIN.info.pace,
        )
        made.api.hidden = PLUGIN.info.secrets_in_records
        return Scripted(PLUGIN.connect(made.api), made)

    return make


@dataclass(repr=False)  # asyncio would write out what a fixture gives, with its world
class Place:
    """A client over the emulation."""

    sandbox: Sandbox
    client: Provider
    http: Http

    @property
    def account(self) -> TwilioAccount:
        return self.sandbox.world.twilio

    async def owned(self) -> list[OwnedNumber]:
        return [one async for page in self.client.owned(OwnedQuery()) for one in page.items]

    def another(self, secret: str, **fields: str) -> Provider:
        """Return a client with other fields."""
        (given,) = [account for account in ACCOUNTS if account.provider == "twilio"]
        account = given.at("http://127.0.0.1", **fields)
        hidden = PLUGIN.info.secrets_in_records
        return PLUGIN.connect(Api(self.http, account, Secret(secret), PLUGIN.info.pace, hidden))


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    sandbox = Sandbox(fresh_world())
    http = Http(transport=in_process(sandbox, ConnectionDropped))
    found = Place(sandbox, None, http)  # type: ignore[arg-type]
    (given,) = [account for account in ACCOUNTS if account.provider == "twilio"]
    found.client = found.another(given.secret, account_sid=TWILIO_ACCOUNT_SID)
    yield found
    await http.aclose()
