"""What Vonage's objects, errors and forms look like."""

from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from tui_numbers.sandbox.draws import identity
from tui_numbers.sandbox.records import VonageNumber
from tui_numbers.sandbox.wire import json_answer

ACTION_FAILED = 420
"""The status of an action that did not work out; no other API has it."""

TYPES = {"local": "landline", "mobile": "mobile-lvn", "toll_free": "landline-toll-free"}
_FORM = "application/x-www-form-urlencoded"
_FIELDS = {
    "app_id": "app_id",
    "mo_http_url": "moHttpUrl",
    "voice_type": "voiceCallbackType",
    "voice_value": "voiceCallbackValue",
    "voice_status_callback": "voiceStatusCallback",
    "messages_type": "messagesCallbackType",
    "messages_value": "messagesCallbackValue",
}


def legacy(status: int, label: str) -> Response:
    """Return a code and a label, the older of the two error shapes."""
    return json_answer({"error-code": str(status), "error-code-label": label}, status)


def failed(label: str = "method failed") -> Response:
    """Return the answer to an action that did not work out."""
    return legacy(ACTION_FAILED, label)


def done() -> Response:
    """Return the answer to an action that worked; it names no number."""
    return legacy(200, "success")


def missing(*names: str) -> Response:
    """Return the answer to a request without fields that it needs."""
    return json_answer(dict.fromkeys(names, "Is required."), 400)


def invalid(name: str) -> Response:
    """Return the answer to a request with a value that the document does not allow."""
    return json_answer({name: "Is invalid."}, 400)


def problem_details(
    status: int, title: str, detail: str, parameters: list[dict[str, str]] | None = None
) -> Response:
    """Return the newer of the two error shapes."""
    body: dict[str, Any] = {
        "type": "https://errors.northline.example/" + title.rstrip(".").lower().replace(" ", "-"),
        "title": title,
        "detail": detail,
        "instance": identity("problem", status, detail),
    }
    if parameters is not None:
        body["invalid_parameters"] = parameters
    answer = json_answer(body, status)
    answer.headers["Content-Type"] = "application/problem+json"
    return answer


def number_object(record: VonageNumber) -> dict[str, Any]:
    """Return an owned number; what is not set has no key."""
    shown: dict[str, Any] = {
        "country": record.country,
        "msisdn": record.msisdn,
        "type": TYPES.get(record.kind, record.kind),
        "features": list(record.features),
    }
    for name, key in _FIELDS.items():
        value = getattr(record, name)
        if value is not None:
            shown[key] = value
    if record.app_id is not None and record.voice_type is None:
        # A linked number shows its application twice.
        shown |= {"voiceCallbackType": "app", "voiceCallbackValue": record.app_id}
    return shown


async def form(request: Request) -> dict[str, str] | Response:
    """Read a form; any other kind of body fails as an action does."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if not body:
        return {}
    if kind != _FORM:
        return failed()
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100
        )
    except ValueError:
        return json_answer({"body": "Is not a form."}, 400)
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields.setdefault(name, value)
    return fields
