"""Declare the records of the emulated world; draw randomness that repeats on every machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, ClassVar, Generic, Self, TypeVar

from msgspec import Struct, structs


def digest(*parts: object) -> bytes:
    """Return 16 bytes that depend on nothing but ``parts``."""
    return blake2b(":".join(map(str, parts)).encode(), digest_size=16).digest()


def token(*parts: object) -> str:
    """Return 32 hexadecimal digits that depend on nothing but ``parts``."""
    return digest(*parts).hex()


def identity(*parts: object) -> str:
    """Return a version-4 UUID that depends on nothing but ``parts``."""
    text = token(*parts)
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:]}"


def share(*parts: object) -> float:
    """Return a number from 0 up to 1 that depends on nothing but ``parts``."""
    return int.from_bytes(digest(*parts)[:6], "big") / 2**48


class User(Struct, frozen=True):
    """Someone a Parakeet number can point at."""

    id: str
    first_name: str
    last_name: str
    email: str
    role: str
    title: str
    created: int

    @property
    def name(self) -> str:
        """The name shown on the numbers that point at the user."""
        return f"{self.first_name} {self.last_name}"


class Address(Struct, frozen=True):
    """A postal address held at Parakeet or Fone Dynamics."""

    id: str
    friendly: str
    name: str
    line1: str
    line2: str | None
    city: str
    region: str
    postal_code: str
    country: str
    reference: str = ""
    created: int = 0


class Property(Struct, frozen=True):
    """A Fone Dynamics property, which newer pages call a project."""

    sid: str
    name: str
    domain: str
    time_zone: str


class Flow(Struct, frozen=True):
    """A call flow of one property."""

    config_id: str
    property_sid: str
    revision: str
    name: str
    kind: str
    updated: int


class Application(Struct, frozen=True):
    """A Vonage application."""

    id: str
    name: str
    capabilities: tuple[str, ...]


class Connection(Struct, frozen=True):
    """Something that takes the calls of Telnyx numbers: a trunk, or an application."""

    id: str
    name: str
    kind: str
    """Its ``record_type`` on the wire."""
    active: bool = True


class Profile(Struct, frozen=True):
    """A Telnyx messaging profile."""

    id: str
    name: str
    enabled: bool = True


class RequirementGroup(Struct, frozen=True):
    """What Telnyx was told to satisfy the rules of a country and a type of number."""

    id: str
    country: str
    kind: str
    name: str
    status: str


class Order(Struct, frozen=True):
    """A Telnyx order of one number."""

    id: str
    sub_order: str
    number: str
    country: str
    kind: str
    created: int
    status: str
    requirements: str
    """The state of what the country demands, in the wire's words."""
    ends: str = ""
    """What becomes of it once it has been asked often enough; empty where asking moves nothing."""
    asked: int = 0
    connection: str | None = None
    profile: str | None = None
    reference: str | None = None
    group: str | None = None


class NumberRecord(Struct, frozen=True):
    """What the number records of all providers share."""

    SETTINGS: ClassVar[tuple[str, ...]] = ()
    """Fields that can be wiped by a change which did not name them."""

    number: str
    country: str
    kind: str

    def with_another_wiped(self, before: "NumberRecord") -> Self:
        """Return the record without one more setting, one that the change left alone."""
        for name in self.SETTINGS:
            value = getattr(self, name)
            if value and value == getattr(before, name):
                return structs.replace(self, **{name: type(value)() if _listed(value) else None})
        return self


def _listed(value: Any) -> bool:
    return isinstance(value, tuple)


class ParakeetNumber(NumberRecord, frozen=True):
    """An owned number at Parakeet. Times are milliseconds since 1970."""

    SETTINGS: ClassVar[tuple[str, ...]] = ("capabilities",)

    id: str
    target: str | None
    capabilities: tuple[str, ...]
    created: int
    updated: int
    status: str = "confirmed"


class FoneNumber(NumberRecord, frozen=True):
    """An owned number at Fone Dynamics, with the settings that its reads never show."""

    SETTINGS: ClassVar[tuple[str, ...]] = (
        "friendly",
        "attribution_source",
        "attribution_medium",
        "attribution_campaign",
        "attribution_content",
    )

    property_sid: str
    capabilities: str
    friendly: str | None = None
    routing: str = "Endpoint"
    endpoint: str | None = None
    flow: str | None = None
    flow_shown: bool = True
    recording: str = "Off"
    attribution_source: str | None = None
    attribution_medium: str | None = None
    attribution_campaign: str | None = None
    attribution_content: str | None = None
    city: str | None = None
    region: str | None = None
    status: str = "Active"
    address_sid: str | None = None
    sms_from: str | None = None
    sms_to: str | None = None
    email_from: str | None = None
    email_to: str | None = None


class VonageNumber(NumberRecord, frozen=True):
    """An owned number at Vonage. ``smpp_system_type`` is kept and never shown."""

    SETTINGS: ClassVar[tuple[str, ...]] = (
        "mo_http_url",
        "voice_status_callback",
        "smpp_system_type",
        "app_id",
    )

    features: tuple[str, ...]
    app_id: str | None = None
    mo_http_url: str | None = None
    smpp_system_type: str | None = None
    voice_type: str | None = None
    voice_value: str | None = None
    voice_status_callback: str | None = None
    messages_type: str | None = None
    messages_value: str | None = None

    @property
    def msisdn(self) -> str:
        """The number as the wire has it, without its plus; a short code has none."""
        return self.number.removeprefix("+")


class TelnyxNumber(NumberRecord, frozen=True):
    """An owned number at Telnyx. Times are milliseconds since 1970."""

    SETTINGS: ClassVar[tuple[str, ...]] = ("connection", "profile", "reference", "tags", "forward")

    id: str
    created: int
    updated: int
    status: str = "active"
    connection: str | None = None
    profile: str | None = None
    forward: str | None = None
    forwarding_type: str | None = None
    forwarding_enabled: bool = True
    reference: str | None = None
    tags: tuple[str, ...] = ()
    deletion_lock: bool = False
    pin: str | None = None
    """For taking the number to another carrier; a secret of its owner's."""
    older_word: str | None = None
    """The type as numbers older than July 2023 have it, where it is another word."""
    source: str = "number_order"


class TwimlApplication(Struct, frozen=True):
    """A Twilio application; without a URL it takes nothing of that channel."""

    sid: str
    name: str
    voice_url: str | None = None
    sms_url: str | None = None


class Trunk(Struct, frozen=True):
    """A SIP trunk at Twilio."""

    sid: str
    name: str
    domain: str


class MessagingService(Struct, frozen=True):
    """A Twilio Messaging Service and the SIDs of its numbers."""

    sid: str
    name: str
    inbound_url: str | None
    """Where it sends messages; without one it drops them."""
    members: frozenset[str] = frozenset()
    leaves_to_number: bool = False


class Bundle(Struct, frozen=True):
    """What Twilio was told to satisfy the rules of a country and a type of number."""

    sid: str
    name: str
    country: str
    kind: str
    status: str


class TwilioNumber(NumberRecord, frozen=True):
    """An owned number at Twilio, as one region keeps it. Times are milliseconds since 1970."""

    SETTINGS: ClassVar[tuple[str, ...]] = (
        "sms_url",
        "status_callback",
        "voice_fallback",
        "sms_fallback",
        "friendly",
    )

    id: str
    capabilities: tuple[str, ...]
    created: int
    updated: int
    friendly: str | None = None
    trunk: str | None = None
    voice_application: str | None = None
    voice_url: str | None = None
    sms_application: str | None = None
    sms_url: str | None = None
    voice_fallback: str | None = None
    sms_fallback: str | None = None
    status_callback: str | None = None
    address: str | None = None
    bundle: str | None = None
    identity: str | None = None
    emergency_address: str | None = None
    origin: str = "twilio"
    has_type: bool = True
    """Whether its record tells the type, which records learnt in 2026."""


R = TypeVar("R")


@dataclass
class _Shadow(Generic[R]):
    """What readers still see in place of a change that was made."""

    record: R | None
    reads: int | None
    until: float | None


class Ledger(Generic[R]):
    """Records by key, in the order in which they were added. Records are never changed in place."""

    def __init__(self, records: dict[str, R] | None = None) -> None:
        self.records: dict[str, R] = {} if records is None else records
        self._shadows: dict[str, _Shadow[R]] = {}

    def __len__(self) -> int:
        return len(self.records)

    def get(self, key: str) -> R | None:
        """Return the record as it truly is."""
        return self.records.get(key)

    def put(self, key: str, record: R | None) -> None:
        """Add, replace or (with ``None``) remove a record."""
        if record is None:
            self.records.pop(key, None)
        else:
            self.records[key] = record

    def shade(
        self, key: str, record: R | None, reads: int | None = None, until: float | None = None
    ) -> None:
        """Show readers ``record`` for so many reads, or until that time."""
        earlier = self._shadows.get(key)
        seen = record if earlier is None else earlier.record
        self._shadows[key] = _Shadow(seen, reads, until)

    def visible(self, now: float, key: str | None = None) -> Mapping[str, R]:
        """Return what one read shows; a read of one ``key`` counts for that key alone."""
        if not self._shadows:
            return self.records
        shown = dict(self.records)
        for name, shadow in list(self._shadows.items()):
            if key is not None and name != key:
                continue
            if (shadow.reads is not None and shadow.reads <= 0) or (
                shadow.until is not None and now >= shadow.until
            ):
                del self._shadows[name]
                continue
            if shadow.reads is not None:
                shadow.reads -= 1
            if shadow.record is None:
                shown.pop(name, None)
            else:
                shown[name] = shadow.record
        return shown
