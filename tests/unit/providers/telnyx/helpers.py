"""A Telnyx client over scripted answers."""

from typing import Any

import httpx

from tests.support.scripted_http import Desk, desk
from tui_numbers.providers.contract import Provider
from tui_numbers.providers.telnyx import PLUGIN

IDENTITY = "1293384261075731499"
NUMBER = "+61255500002"
CONNECTION, PROFILE = "1293384261075731400", "b0c10000-1111-4222-8333-444444444444"


def record(**more: Any) -> dict[str, Any]:
    """Return the record of a number, as a listing has it."""
    shown = {
        "record_type": "phone_number",
        "id": IDENTITY,
        "phone_number": NUMBER,
        "country_iso_alpha2": "AU",
        "phone_number_type": "local",
        "status": "active",
        "tags": ["oncall", "eu"],
        "customer_reference": "SUP-7",
        "connection_id": CONNECTION,
        "connection_name": "support-sip",
        "messaging_profile_id": PROFILE,
        "messaging_profile_name": "default",
        "call_forwarding_enabled": True,
        "deletion_lock_enabled": False,
        "external_pin": "4711-PIN",
        "created_at": "2025-03-04T09:12:44Z",
        "purchased_at": "2025-03-04T09:12:44Z",
    }
    return shown | more


def voice(identity: str = IDENTITY, number: str = NUMBER, **forwarding: Any) -> dict[str, Any]:
    """Return the voice settings of a number; forwarding is enabled, with and without a number."""
    told = {"call_forwarding_enabled": True, **forwarding}
    return {"id": identity, "phone_number": number, "call_forwarding": told}


def listed(*rows: Any, total: int | None = None, **more: Any) -> dict[str, Any]:
    count = len(rows) if total is None else total
    return {"data": list(rows), "meta": {"total_results": count}, **more}


def refusal(status: int, code: str, detail: str = "no", pointer: str = "/") -> httpx.Response:
    error = {"code": code, "title": "Refused", "detail": detail, "source": {"pointer": pointer}}
    return httpx.Response(status, json={"errors": [error]})


def telnyx(answers: Any) -> tuple[Provider, Desk]:
    """Return a client, and what it was asked; ``answers`` may go by the path asked for."""
    if isinstance(answers, dict):
        by_path = answers

        def answers(request: httpx.Request) -> httpx.Response:
            answer = by_path[request.url.path.removeprefix("/v2")]
            answer = answer(request) if callable(answer) else answer
            if isinstance(answer, Exception):
                raise answer
            return (
                answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)
            )

    info = PLUGIN.info
    made = desk(answers, provider="telnyx", hidden=info.secrets_in_records)
    return PLUGIN.connect(made.api), made
