"""Fone Dynamics' records, read into our values ("Get Numbers", "Get Flows", "Get Addresses")."""

from tui_numbers.domain import clock
from tui_numbers.domain.e164 import digits_of
from tui_numbers.domain.numbers import (
    Address,
    Channel,
    OwnedNumber,
    Target,
    TargetOption,
    ordered_capabilities,
    shared_routing,
)
from tui_numbers.providers.fonedynamics.info import INFO
from tui_numbers.providers.wire import Fields, e164_of

WIRE_TYPES = {
    "local": "Local",
    "toll_free": "Toll-Free",
    "shared_cost": "Shared-Rate",
    "national": "National",
}
WIRE_CAPABILITIES = {"voice": "Voice", "sms": "SMS", "mms": "MMS"}
_NO_FLOW = frozenset({"voice"})
_TYPES = {word.lower(): key for key, word in WIRE_TYPES.items()}


def owned_number(fields: Fields, account: str, received: bytes | None = None) -> OwnedNumber | None:
    """Read a number; without a phone number there is nothing to show."""
    number = e164_of(fields.record.get("Number"), plus=True)
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
            "voice": voice.text if voice else None,
            "friendly": name,
            "recording": fields.word("Recording"),
            "attribution_source": fields.text("Attribution_Source"),
            "attribution_medium": fields.text("Attribution_Medium"),
            "attribution_campaign": fields.text("Attribution_Campaign"),
            "attribution_content": fields.text("Attribution_Content"),
        },
        created_at=None,
        updated_at=None,
        seen_at=clock.now(),
        received=received,
        untold=_NO_FLOW if voice is not None and not voice.disclosed else frozenset(),
    )


def _voice(fields: Fields) -> Target | None:
    """Return where calls go.

    "Get Numbers" knows the method ``Endpoint`` alone; "Configure Numbers" adds ``Flow``, and
    no page says that a flow's id can be read back.
    """
    method = fields.word("RoutingMethod")
    if method == "flow":
        flow = _flow_id(fields)
        return Target("flow", flow) if flow else Target("flow", "", "Flow")
    if method not in (None, "endpoint"):
        return Target(str(method).replace(":", "-"), "")
    endpoint = e164_of(fields.record.get("EndpointNumber"), plus=True)
    written = endpoint or fields.text("EndpointNumber")
    return Target("phone", written) if written else None


def _flow_id(fields: Fields) -> str | None:
    if isinstance(fields.record.get("Flow"), dict):
        return Fields(fields.record["Flow"]).text("ConfigId")
    return fields.text("Flow")


def flow_option(fields: Fields) -> TargetOption | None:
    """Read a flow as a target of calls; numbers name it by its ``ConfigId``."""
    value = fields.text("ConfigId")
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
