"""Vonage's records, read into ours: numbers, stock and applications."""

import functools
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tui_numbers.domain.e164 import E164, digits_of, is_e164
from tui_numbers.domain.money import Money
from tui_numbers.domain.numbers import (
    AvailableNumber,
    Channel,
    Destination,
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
from tui_numbers.providers import wire
from tui_numbers.providers.errors import BadReply
from tui_numbers.providers.vonage.info import CURRENCY, INFO, WIRE_TYPES

_OUR_TYPES = {theirs: ours for ours, theirs in WIRE_TYPES.items()}
_CHANNELS_OF = {"voice": Channel.VOICE, "messages": Channel.SMS}
"""Which capability of an application serves which channel (Application API)."""

_MOST_IN_ALL = 1_000_000_000
_LONGEST_AMOUNT = 40


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


def number_of(fields: wire.Fields) -> E164 | None:
    """Return the number of a record, which the wire has without its plus, or a short code."""
    kind = fields.record.get("type")
    return wire.e164_of(
        fields.record.get("msisdn"), plus=False, kind=kind if isinstance(kind, str) else None
    )


def owned_number(
    fields: wire.Fields, account: str, seen_at: datetime, *, received: bool = False
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
        received=wire.encode(fields.record) if received else None,
        told=_told(fields.text("type")),
    )


def _delivery(fields: wire.Fields, capabilities: tuple[str, ...]) -> tuple[Routing, Settings]:
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
        return wire.undocumented_target(INFO, kind, value)
    if value is None:
        return None
    number = value if value.startswith("+") else "+" + value
    return Target("phone", number if is_e164(number) else value)


def _messages(kind: str | None, value: str | None) -> Destination | None:
    """Return the application that messages alone go to, or what else is stored there."""
    if kind in (None, "app"):
        return _target("application", value)
    return wire.undocumented_target(INFO, kind, value)


def available_number(fields: wire.Fields, account: str) -> AvailableNumber | None:
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


def application_option(fields: wire.Fields) -> TargetOption | None:
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


def _type(fields: wire.Fields) -> str | None:
    told = fields.text("type")
    return None if told is None else _OUR_TYPES.get(told.lower(), told)


@functools.lru_cache(maxsize=256)
def _told(kind: str | None) -> Told:
    """Return Vonage's own word for a type of which we have another."""
    return {"type": kind} if kind is not None and kind.lower() in _OUR_TYPES else {}


def _cost(fields: wire.Fields) -> Money | None:
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
