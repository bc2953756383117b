"""Fone Dynamics' records, read into our values ("Get Numbers", "Get Flows", "Get Addresses")."""

from collections.abc import Mapping
from typing import Any

from tui_numbers.domain import clock
from tui_numbers.domain.e164 import E164, digits_of
from tui_numbers.domain.numbers import (
    Address,
    Channel,
    Destination,
    OwnedNumber,
    Stored,
    Target,
    TargetOption,
    Told,
    Undisclosed,
    ordered_capabilities,
    shared_routing,
    shared_told,
)
from tui_numbers.domain.query import word_key
from tui_numbers.providers.fonedynamics.info import INFO
from tui_numbers.providers.wire import Fields, e164_of

WIRE_TYPES = {
    "local": "Local",
    "toll_free": "Toll-Free",
    "shared_cost": "Shared-Rate",
    "national": "National",
}
WIRE_CAPABILITIES = {"voice": "Voice", "sms": "SMS", "mms": "MMS"}
_TYPES = {word.lower(): key for key, word in WIRE_TYPES.items()}


def number_of(record: Mapping[str, Any]) -> E164 | None:
    """Return the number of a record, or None where it holds none."""
    kind = record.get("Type")
    return e164_of(
        record.get("Number"),
        plus=True,
        country=_country_in(record),
        kind=kind if isinstance(kind, str) else None,
    )


def _country_in(record: Mapping[str, Any]) -> str | None:
    return Fields(record).country("CountryCode")


def wire_type(word: str) -> str | None:
    """Return a type as the filter of "Get Numbers" spells it; None where it knows no such type."""
    asked = word_key(word)
    return next(
        (theirs for ours, theirs in WIRE_TYPES.items() if asked in (ours, word_key(theirs))), None
    )


def owned_number(fields: Fields, account: str, received: bytes | None = None) -> OwnedNumber | None:
    """Read a number; without a phone number there is nothing to show."""
    number = number_of(fields.record)
    if number is None:
        return None
    voice = _voice(fields)
    capabilities = ordered_capabilities(fields.words("Capabilities"))
    kind = fields.word("Type")
    name = fields.text("Friendly")
    carries_voice = not capabilities or Channel.VOICE.value in capabilities
    return OwnedNumber(
        account=account,
        provider=INFO.key,
        id=digits_of(number),
        number=number,
        country=fields.country("CountryCode"),
        type=_TYPES.get(kind, kind) if kind else None,
        capabilities=capabilities,
        status=fields.word("Status"),
        name=name,
        region=fields.text("Region"),
        city=fields.text("City"),
        monthly_cost=None,
        # Where messages are forwarded to can be set, and is never told.
        routing=shared_routing(
            {Channel.VOICE: voice if carries_voice else None, Channel.SMS: None}
        ),
        settings={
            "voice": voice.text if isinstance(voice, Target) else voice,
            "friendly": fields.exact("Friendly"),
            "recording": _recording(fields),
            "attribution_source": fields.exact("Attribution_Source"),
            "attribution_medium": fields.exact("Attribution_Medium"),
            "attribution_campaign": fields.exact("Attribution_Campaign"),
            "attribution_content": fields.exact("Attribution_Content"),
        },
        created_at=None,
        updated_at=None,
        seen_at=clock.now(),
        received=received,
        told=_told(fields, kind),
    )


def _told(fields: Fields, kind: str | None) -> Told:
    told = {}
    if kind is not None and word_key(kind) != _TYPES.get(kind, word_key(kind)):
        told["type"] = kind
    if (sid := fields.text("PropertySid")) is not None:
        told["property"] = sid
    return shared_told(told)


def _recording(fields: Fields) -> Stored:
    """Return one of our two words, or what else is stored."""
    word = fields.word("Recording")
    return word if word in ("off", "call") else fields.exact("Recording")


def _voice(fields: Fields) -> Destination | None:
    """Return where calls go.

    "Get Numbers" knows the method ``Endpoint`` alone; "Configure Numbers" adds ``Flow``, and
    no page says that a flow's id can be read back.
    """
    method = fields.word("RoutingMethod")
    if method == "flow":
        flow = _flow_id(fields)
        return Target("flow", flow) if flow else Undisclosed("flow")
    if method not in (None, "endpoint"):
        # No document says which field holds the value of another method.
        return Undisclosed(fields.text("RoutingMethod") or method)
    country = _country_in(fields.record)
    endpoint = e164_of(fields.record.get("EndpointNumber"), plus=True, country=country)
    written = endpoint or fields.exact("EndpointNumber")
    return Target("phone", written) if written else None


def _flow_id(fields: Fields) -> str | None:
    if isinstance(fields.record.get("Flow"), dict):
        return Fields(fields.record["Flow"]).exact("ConfigId")
    return fields.exact("Flow")


def flow_option(fields: Fields) -> TargetOption | None:
    """Read a flow as a target of calls; numbers name it by its ``ConfigId``."""
    value = fields.exact("ConfigId")
    if value is None:
        return None
    return TargetOption(Target("flow", value, fields.text("Name")), (Channel.VOICE,))


def address(fields: Fields) -> Address | None:
    """Read a registered address on one line."""
    value = fields.text("AddressSid")
    if value is None:
        return None
    parts = [fields.text(key) for key in ("Line1", "Line2", "City", "Region", "PostalCode")]
    return Address(
        id=value,
        name=fields.text("Friendly") or fields.text("Reference"),
        lines=", ".join(part for part in parts if part),
        country=fields.country("CountryCode"),
    )
