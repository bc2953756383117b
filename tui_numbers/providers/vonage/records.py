"""Decode Vonage's records and errors: numbers, stock, applications."""

import functools
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tui_numbers.domain.e164 import E164, digits_of, is_e164
from tui_numbers.domain.numbers import (
    AvailableNumber,
    Channel,
    Destination,
    Money,
    OwnedNumber,
    Routing,
    Settings,
    Stored,
    Target,
    TargetOption,
    Told,
    ordered_capabilities,
    shared_routing,
    shared_settings,
)
from tui_numbers.domain.query import UNKNOWN_TOTAL, Total
from tui_numbers.domain.text import clean
from tui_numbers.providers import decoding
from tui_numbers.providers.errors import BadReply, ProviderError
from tui_numbers.providers.vonage.info import CURRENCY, INFO, WIRE_TYPES

if TYPE_CHECKING:
    from tui_numbers.providers.request import Reply

_SUCCESS = "200"
_METHOD_FAILED = 420
_LONGEST_WORDS = 400
_OWN_KEYS = frozenset(
    {"error-code", "error_title", "title", "type", "detail", "error", "error_description"}
)
_OUR_TYPES = {theirs: ours for ours, theirs in WIRE_TYPES.items()}
_CHANNELS_OF = {"voice": Channel.VOICE, "messages": Channel.SMS}
"""Which capability of an application serves which channel (Application API)."""
_MOST_IN_ALL = 1_000_000_000
_LONGEST_AMOUNT = 40


def body_of(reply: "Reply", account: str) -> Mapping[str, Any]:
    """Return the object that a reply holds.

    A failure may come inside HTTP 200, as an ``error-code`` (Numbers API 1.0.20, ``response``)
    or as a problem document.

    Raises:
        ProviderError: It is a failure, or no JSON object.
    """
    if not 200 <= reply.status < 300:
        raise _failure(reply, decoding.try_decode(reply), account)
    body = decoding.decode(reply, account)
    if not isinstance(body, dict):
        raise BadReply(f"{reply.host} sent JSON that is not an object", account=account)
    code = _code_in(body)
    if code is not None and code != _SUCCESS:
        raise _failure(replace(reply, status=_status_of(code)), body, account)
    if {"title", "detail"} <= body.keys() or "error_title" in body:
        status = body.get("status")
        told = str(status) if isinstance(status, int) else ""
        raise _failure(replace(reply, status=_status_of(told)), body, account)
    if code is None and "error-code" in body:
        raise BadReply(f"{reply.host} sent an error-code that is none", account=account)
    return body


def confirm(reply: "Reply", account: str) -> None:
    """Make sure that a write was accepted.

    Raises:
        ProviderError: It was refused, or the answer does not say so.
    """
    if "error-code" not in body_of(reply, account):
        raise BadReply(f"{reply.host} did not say whether it was done", account=account)


def _code_in(body: Mapping[str, Any]) -> str | None:
    """Return the ``error-code`` of a body, or None where it has none that can be read."""
    code = body.get("error-code")
    if isinstance(code, bool) or not isinstance(code, str | int):
        return None
    return clean(str(code).strip(), 40) or None


def _status_of(text: str) -> int:
    """Return the HTTP status that an ``error-code`` stands for; what is none is a refusal."""
    if text.isascii() and text.isdecimal() and len(text) == 3 and 400 <= int(text) < 600:
        return int(text)
    return _METHOD_FAILED


def _failure(reply: "Reply", body: object, account: str) -> ProviderError:
    fields: dict[str, str] = {}
    words = ""
    if isinstance(body, dict):
        fields = _field_words(reply.status, body)
        words = decoding.words_in(body, _LONGEST_WORDS, between=": ") if _speaks(body) else ""
        unsaid = [f"{name}: {said}" for name, said in fields.items() if said not in words]
        listed = "; ".join(unsaid)
        words = f"{words} ({listed})" if words and listed else words or listed
    elif body is None and reply.body.lstrip()[:1] not in (b"<", b"{", b"["):
        words = reply.body[: _LONGEST_WORDS * 4].decode(errors="replace")
    return decoding.status_error(reply, account, clean(words.strip(), _LONGEST_WORDS), fields)


def _speaks(body: Mapping[str, Any]) -> bool:
    """Tell whether a body is an error of some shape, rather than a map of fields."""
    return bool(body.keys() & _OWN_KEYS)


def _field_words(status: int, body: Mapping[str, Any]) -> dict[str, str]:
    """Return what is said of single fields: a bare map, or ``invalid_parameters``."""
    listed = body.get("invalid_parameters")
    if isinstance(listed, list):
        pairs = [(item.get("name"), item.get("reason")) for item in listed if type(item) is dict]
    elif status == 400 and not _speaks(body):
        pairs = list(body.items())
    else:
        pairs = []
    return {
        clean(name, 60): clean(said, _LONGEST_WORDS)
        for name, said in pairs
        if isinstance(name, str) and isinstance(said, str)
    }


def records_of(body: Mapping[str, Any], account: str) -> tuple[list[Any], Total]:
    """Return the records and the count of a page; ``{}`` is what an empty one looks like.

    Raises:
        BadReply: What should be an array is something else.
    """
    records = body.get("numbers")
    if records is None and says_empty(body, "numbers", "count"):
        records = []
    if not isinstance(records, list):
        raise BadReply("Vonage sent a page whose numbers are no array", account=account)
    total = total_of(body.get("count"))
    return records, total if records or total.count is not None else Total(0)


def says_empty(body: Mapping[str, Any], records: str, count: str) -> bool:
    """Tell whether a body without records is an empty page rather than something else.

    Vonage leaves out both keys; where one is there, the other may have been left out alone.
    """
    return not body or records in body or total_of(body.get(count)).count is not None


def total_of(count: object) -> Total:
    """Return how many there are in all; what no account can hold counts as not told."""
    if isinstance(count, str) and count.isascii() and count.isdecimal() and len(count) < 10:
        count = int(count)
    if isinstance(count, int) and not isinstance(count, bool) and 0 <= count <= _MOST_IN_ALL:
        return Total(count)
    return UNKNOWN_TOTAL


def number_of(fields: decoding.Fields) -> E164 | None:
    """Return the number of a record, which the wire has without its plus, or a short code."""
    kind = fields.record.get("type")
    return decoding.e164_of(
        fields.record.get("msisdn"), plus=False, kind=kind if isinstance(kind, str) else None
    )


def owned_number(
    fields: decoding.Fields, account: str, seen_at: datetime, *, received: bool = False
) -> OwnedNumber | None:
    """Read a record of ``GET /account/numbers``, or None where it holds no number."""
    number = number_of(fields)
    if number is None:
        return None
    capabilities = ordered_capabilities(fields.words("features"))
    routing, settings = _delivery(fields, capabilities)
    return OwnedNumber(
        account=account,
        provider=INFO.key,
        id=digits_of(number),
        number=number,
        country=fields.country("country"),
        type=_type(fields),
        capabilities=capabilities,
        status="active",
        name=None,
        region=None,
        city=None,
        monthly_cost=_cost(fields),
        routing=routing,
        settings=settings,
        created_at=None,
        updated_at=None,
        seen_at=seen_at,
        received=decoding.encode(fields.record) if received else None,
        told=_told(fields.text("type")),
    )


def _delivery(fields: decoding.Fields, capabilities: tuple[str, ...]) -> tuple[Routing, Settings]:
    """Return where what a number carries is delivered, and what is stored."""
    text = fields.exact
    return _delivered(
        text("voiceCallbackType"),
        text("voiceCallbackValue"),
        text("moHttpUrl"),
        text("app_id"),
        text("messagesCallbackType"),
        text("messagesCallbackValue"),
        # Both names occur in answers; updates take the first alone.
        text("voiceStatusCallback") or text("voiceStatusCallbackUrl"),
        capabilities,
    )


# Most numbers of an account are delivered like many others: that is worked out once.
@functools.lru_cache(maxsize=8192)
def _delivered(
    voice_kind: str | None,
    voice_value: str | None,
    sms_url: str | None,
    app_id: str | None,
    messages_kind: str | None,
    messages_value: str | None,
    status_url: str | None,
    capabilities: tuple[str, ...],
) -> tuple[Routing, Settings]:
    forward = _forward(voice_kind, voice_value)
    webhook = _target("webhook", sms_url)
    direct = _target("application", app_id)
    # Two deprecated ways to name an application, one for each channel.
    voice_app = _target("application", voice_value if voice_kind == "app" else None)
    messages = _messages(messages_kind, messages_value)
    routing: dict[Channel, Destination | None] = {
        Channel.VOICE: forward or direct or voice_app,
        Channel.SMS: direct or messages or webhook,
    }
    settings: dict[str, Stored] = {
        "application": _text(direct or voice_app or messages),
        "voice": _text(forward),
        "sms": _text(webhook),
        "voice_status": status_url,
    }
    carried = {
        channel: target if not capabilities or channel in capabilities else None
        for channel, target in routing.items()
    }
    return shared_routing(carried), shared_settings(settings)


def _forward(kind: str | None, value: str | None) -> Destination | None:
    """Return what calls are forwarded to before any application: a phone, a SIP address.

    The API has kept other kinds of callback than those that its document names.
    """
    if kind == "app":
        return None
    if kind == "sip":
        return _target("sip", value)
    if kind != "tel":
        return decoding.undocumented_target(INFO, kind, value)
    if value is None:
        return None
    number = value if value.startswith("+") else "+" + value
    return Target("phone", number if is_e164(number) else value)


def _messages(kind: str | None, value: str | None) -> Destination | None:
    """Return the application that messages alone go to, or what else is stored there."""
    if kind in (None, "app"):
        return _target("application", value)
    return decoding.undocumented_target(INFO, kind, value)


def available_number(fields: decoding.Fields, account: str) -> AvailableNumber | None:
    """Read a record of ``GET /number/search``, or None where it holds no number.

    ``initialPrice`` is left unread: no document tells what it means or in which currency.
    """
    number = number_of(fields)
    if number is None:
        return None
    return AvailableNumber(
        account=account,
        provider=INFO.key,
        number=number,
        country=fields.country("country"),
        type=_type(fields),
        capabilities=ordered_capabilities(fields.words("features")),
        monthly_cost=_cost(fields),
    )


def application_option(fields: decoding.Fields) -> TargetOption | None:
    """Read an application, or None where it has no identifier."""
    value = fields.exact("id")
    if value is None:
        return None
    capabilities = fields.mapping("capabilities")
    return TargetOption(
        Target("application", value, fields.text("name")),
        tuple(channel for name, channel in _CHANNELS_OF.items() if name in capabilities),
    )


def _target(kind: str, value: str | None) -> Target | None:
    return None if value is None else Target(kind, value)


def _text(target: Destination | None) -> Stored:
    return target.text if isinstance(target, Target) else target


def _type(fields: decoding.Fields) -> str | None:
    told = fields.text("type")
    return None if told is None else _OUR_TYPES.get(told.lower(), told)


@functools.lru_cache(maxsize=256)
def _told(kind: str | None) -> Told:
    """Return Vonage's own word for a type of which we have another."""
    return {"type": kind} if kind is not None and kind.lower() in _OUR_TYPES else {}


def _cost(fields: decoding.Fields) -> Money | None:
    told = fields.record.get("cost")
    if isinstance(told, str):
        money = _money(told) if len(told) <= _LONGEST_AMOUNT else None
    else:
        money = Money.read(told, CURRENCY)
    if money is None and told not in (None, ""):
        fields.unreadable.append("cost")
    return money


@functools.lru_cache(maxsize=1024)
def _money(told: str) -> Money | None:
    """One amount for all numbers that cost the same."""
    return Money.read(told, CURRENCY)
