"""Decode Fone Dynamics' records and errors ("Get Numbers", "Get Flows", "Errors")."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
from tui_numbers.domain.text import clean, word_key
from tui_numbers.providers import decoding
from tui_numbers.providers.decoding import Fields, e164_of
from tui_numbers.providers.errors import BadReply, NotFound, ProviderError, Rejected
from tui_numbers.providers.fonedynamics.info import INFO

if TYPE_CHECKING:
    from tui_numbers.providers.request import Reply

_STATUS = "ResponseStatus"
_LONGEST_WORDS = 300
_BEYOND_REASON = 1_000_000_000
_OTHER_THINGS = ("ACCOUNT_", "PROPERTY_", "PROJECT_")
WIRE_TYPES = {
    "local": "Local",
    "toll_free": "Toll-Free",
    "shared_cost": "Shared-Rate",
    "national": "National",
}
WIRE_CAPABILITIES = {"voice": "Voice", "sms": "SMS", "mms": "MMS"}
_TYPES = {word.lower(): key for key, word in WIRE_TYPES.items()}


@dataclass(frozen=True, slots=True)
class Envelope:
    """The keys that one kind of record may be wrapped in."""

    plural: str
    singular: str
    key: str
    """A field that every such record has, by which a bare one is known."""

    def records(self, value: object) -> list[Any] | None:
        """Return the records in ``value``, or None where it holds none of this kind."""
        if isinstance(value, list):
            return value
        if not isinstance(value, dict):
            return None
        if self.plural in value and isinstance(value[self.plural], list | None):
            return value[self.plural] or []
        # A bare number has a key ``Number`` too: there it holds a text or an integer.
        if isinstance(value.get(self.singular), dict):
            return [value[self.singular]]
        if isinstance(value.get(self.key), str | int):
            return [value]
        arrays = [item for item in value.values() if isinstance(item, list)]
        objects = [item for key, item in value.items() if isinstance(item, dict) and key != _STATUS]
        # Under another name they are known by a record of this kind alone, never by none.
        if len(arrays) == 1:
            return arrays[0] if any(map(self._is_one, arrays[0])) else None
        return objects if len(objects) == 1 and not arrays and self._is_one(objects[0]) else None

    def _is_one(self, item: object) -> bool:
        return isinstance(item, dict) and self.key in item


NUMBERS = Envelope("Numbers", "Number", "Number")
PROJECTS = Envelope("Projects", "Project", "PropertySid")
FLOWS = Envelope("Flows", "Flow", "ConfigId")
ADDRESSES = Envelope("Addresses", "Address", "AddressSid")


class NoSuchThing(NotFound):
    """A ``*_NOT_FOUND`` code or a 404 or 410, with the code where there is one."""

    def __init__(self, message: str, *, account: str, code: str) -> None:
        super().__init__(message, account=account)
        self.code = code

    @property
    def is_the_number(self) -> bool:
        """Whether it is the number that is missing, rather than what should hold it."""
        return not self.code.startswith(_OTHER_THINGS)


def records_of(reply: "Reply", envelope: Envelope, account: str) -> list[Any]:
    """Return the records that a successful reply holds.

    Raises:
        ProviderError: It is a refusal, or holds none of them.
    """
    return listed(reply, envelope, account)[0]


def listed(reply: "Reply", envelope: Envelope, account: str) -> tuple[list[Any], int | None]:
    """Return the records that a successful reply holds, and how many it says there are in all.

    Raises:
        ProviderError: It is a refusal, or holds none of them.
    """
    value = _value_of(reply, account)
    records = envelope.records(value)
    if records is None:
        raise BadReply(f"{reply.host} sent JSON without {envelope.plural}", account=account)
    total = value.get("TotalCount") if isinstance(value, dict) else None
    if not isinstance(total, int) or isinstance(total, bool) or total < 0:
        return records, None
    return records, min(total, _BEYOND_REASON)


def confirm(reply: "Reply", account: str) -> Any:
    """Return what a write was answered with; no document says what, so nothing will do.

    Raises:
        ProviderError: It was refused, or the answer is not JSON.
    """
    accepted = 200 <= reply.status < 300
    return None if accepted and not reply.body.strip() else _value_of(reply, account)


def _value_of(reply: "Reply", account: str) -> Any:
    if not 200 <= reply.status < 300:
        raise _refusal(reply, decoding.try_decode(reply), account)
    value = decoding.decode(reply, account)
    if _code(_status_part(value)):
        raise _refusal(reply, value, account)
    return value


def _status_part(value: object) -> Mapping[str, Any]:
    part = value.get("ResponseStatus") if isinstance(value, dict) else None
    return part if isinstance(part, dict) else {}


def _code(part: Mapping[str, Any]) -> str:
    code = part.get("ErrorCode")
    return clean(code.strip(), 80) if isinstance(code, str) else ""


def _refusal(reply: "Reply", value: object, account: str) -> ProviderError:
    part = _status_part(value)
    code, fields = _code(part), _field_words(part)
    words = _words(part, code, fields) or _plain_words(reply, value)
    missing = code.endswith("_NOT_FOUND") and reply.status not in (401, 429)
    if reply.status in (404, 410) or (missing and reply.status < 500):
        said = f": {words}" if words else ""
        return NoSuchThing(f"{reply.host} knows no such thing{said}", account=account, code=code)
    if reply.status < 300:
        return Rejected(f"{reply.host} refused: {words}", account=account, fields=fields)
    return decoding.status_error(reply, account, words, fields)


def _words(part: Mapping[str, Any], code: str, fields: Mapping[str, str]) -> str:
    message = part.get("Message")
    message = message.strip() if isinstance(message, str) else ""
    unnamed = [name for name in fields if name not in message]
    words = f"{message} ({code})" if message and code else message or code
    if unnamed:
        words = f"{words} [{', '.join(unnamed)}]"
    return clean(words, _LONGEST_WORDS)


def _plain_words(reply: "Reply", value: object) -> str:
    """Return what a body says that is none of this API's; the web server may answer with HTML."""
    if isinstance(value, dict) and not isinstance(value.get("ResponseStatus"), dict):
        return decoding.words_in(value, _LONGEST_WORDS)
    if value is not None or reply.body.lstrip()[:1] in (b"<", b"{", b"["):
        return ""
    text = reply.body[: _LONGEST_WORDS * 4].decode(errors="replace")
    return clean(text.strip(), _LONGEST_WORDS)


def _field_words(part: Mapping[str, Any]) -> dict[str, str]:
    """Return what is said of single fields, by the API's names; often only which they are."""
    listed = part.get("Errors")
    fields: dict[str, str] = {}
    for item in listed if isinstance(listed, list) else []:
        name = item.get("FieldName") if isinstance(item, dict) else None
        if isinstance(name, str) and name.strip():
            said = next(
                (
                    text
                    for text in (item.get("Message"), item.get("ErrorCode"))
                    if isinstance(text, str)
                ),
                "",
            )
            fields[clean(name.strip(), 60)] = clean(said.strip(), _LONGEST_WORDS)
    return fields


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
        region=fields.shared_text("Region"),
        city=fields.shared_text("City"),
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
        seen_at=fields.seen_at,
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
