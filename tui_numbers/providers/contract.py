"""Declare the provider contract: the declaration, the client, the plug-in.

A provider is a ``Plugin`` in the entry-point group ``tui_numbers.providers``: its ``info`` is plain
data, from which forms, pickers, help and refusals are built; ``connect`` makes a client of it.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Generic, Protocol, TypeVar

from tui_numbers.domain.accounts import Account
from tui_numbers.domain.changes import Change
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import (
    Address,
    AvailableNumber,
    Channel,
    Destination,
    Money,
    OwnedNumber,
    Settings,
    Target,
    TargetOption,
    Undisclosed,
)
from tui_numbers.domain.query import UNKNOWN_TOTAL, OwnedQuery, StockQuery, Total
from tui_numbers.providers.errors import NotOffered
from tui_numbers.providers.request import Credentials, Reply

T = TypeVar("T")

ENTRY_POINT_GROUP = "tui_numbers.providers"
NO_EXTRAS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class CredentialField:
    """One field of an account at this provider."""

    key: str
    label: str
    help: str = ""
    secret: bool = False
    """Exactly one field of a provider is; it never stands in the configuration."""
    required: bool = True
    choices: tuple[str, ...] = ()
    pattern: str | None = None
    """Regular expression that the whole value matches; None accepts any one-line text."""
    example: str = ""


class ValueKind(StrEnum):
    """What the text of a value is, which decides its control and its check."""

    IDENTIFIER = "identifier"
    PHONE = "phone"
    URL = "url"
    SIP = "sip"
    EMAIL = "email"
    TEXT = "text"
    CHOICE = "choice"
    TARGET = "target"
    WORDS = "words"
    """Texts by comma, stored without the space around them."""
    SENDER = "sender"
    """A phone number or a short sender name."""


@dataclass(frozen=True, slots=True)
class TargetKind:
    """A kind of target that numbers of this provider can point at."""

    key: str
    label: str
    channels: tuple[Channel, ...]
    value: ValueKind
    example: str
    pattern: str | None = None
    listed: bool = False
    """Whether ``targets`` lists what there is; others are typed."""
    all_listed: bool = True
    """Whether what ``targets`` does not list is not there, where it lists this kind."""
    channels_vary: bool = False
    """Whether one of them may serve fewer channels than another; ``target`` tells which."""


@dataclass(frozen=True, slots=True)
class SettingSpec:
    """One editable property of an owned number."""

    key: str
    label: str
    kind: ValueKind
    help: str = ""
    channels: tuple[Channel, ...] = ()
    """The channels whose delivery it decides; empty for a plain property."""
    choices: tuple[str, ...] = ()
    target_kinds: tuple[str, ...] = ()
    """For ``ValueKind.TARGET``: the kinds it accepts, written ``kind:value``."""
    bare: bool = False
    """Whether a setting of one kind of target holds the value alone, without the kind."""
    readable: bool = True
    """Whether the API returns it; what it does not return cannot be verified or put back."""
    settable: bool = True
    why_not_settable: str = ""
    """Why it is shown and not changed from here, where it is not ``settable``."""
    clearable: bool = False
    why_not_clearable: str = ""
    displaces: tuple[str, ...] = ()
    """Settings that the provider empties where this one is given a value."""
    picker: bool = False
    """Whether ``choices_for`` lists values for it."""
    longest: int = 255

    def target_in(self, text: str) -> Target:
        """Return the target that the stored text of this setting stands for."""
        if not self.bare:
            return Target.from_text(text)
        (kind,) = self.target_kinds
        return Target(kind, text.removeprefix(f"{kind}:"))

    def text_of(self, target: Target) -> str:
        """Return how this setting stores a target."""
        return target.value if self.bare else target.text


@dataclass(frozen=True, slots=True)
class BuyField:
    """Something that a purchase may have to name, by the rules of the number's country."""

    key: str
    label: str
    example: str
    needed: str
    """When it is, in words."""
    pattern: str | None = None
    """Regular expression that the whole value matches; None accepts any one-line text."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Whether a provider offers something, and if not, why."""

    offered: bool
    reason: str = ""


OFFERED = Offer(True)


class BuyTarget(StrEnum):
    """How a purchase and a target go together."""

    REQUIRED = "required"
    """The purchase names the target, and is not made without one."""
    AFTERWARDS = "afterwards"
    """The purchase knows no target: the number is pointed by an update that follows."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How quickly an account may be asked, as its provider's documents and users tell."""

    writes_per_second: float | None = None
    """Also holds for the read-back after a write; None where nothing is known."""
    widest: int = 16
    """Most requests under way at once."""
    first: int = 8
    """How many at once it is asked to begin with; twice as many after each clean round."""
    by_concurrency: bool = False
    """Whether the provider counts requests at once, so that a refusal tells of no rate."""
    at_once_header: str = ""
    """The header, in small letters, by which an answer tells how many requests of everybody who
    uses the account are under way; empty where none does."""


@dataclass(frozen=True, slots=True)
class ProviderInfo:
    """Everything that screens and commands need to know of a provider, as data."""

    key: str
    title: str
    base_url: str
    fields: tuple[CredentialField, ...]
    settings: tuple[SettingSpec, ...]
    target_kinds: tuple[TargetKind, ...]
    precedence: Mapping[Channel, tuple[str, ...]]
    """For each channel the settings that may deliver it; the first that has a value wins."""
    search: Offer = OFFERED
    buy: Offer = OFFERED
    release: Offer = OFFERED
    buy_target: BuyTarget = BuyTarget.AFTERWARDS
    named_by_purchase: frozenset[str] = frozenset()
    """Kinds of target that a purchase may name; the others are set afterwards."""
    search_filters: frozenset[str] = frozenset()
    """What the API honours itself in a search: ``type``, ``features``, ``pattern`` for all three
    matches, or ``pattern:contains`` (``:starts``, ``:ends``) for one of them."""
    types: tuple[str, ...] = ()
    """Number types that its API can be asked for."""
    currency: str | None = None
    """ISO 4217 of the prices it tells; None where it tells none."""
    price_unknown: str = ""
    """Why no price is told, where none is."""
    page_size: int = 100
    pace: Pace = field(default_factory=Pace)
    acts_for: str = ""
    """The field of an account that names another one, for which it buys and releases. Listings
    show the account's own numbers alone, so what is bought that way cannot be read back."""
    not_carried_over: tuple[str, ...] = ()
    """Settings that any update may wipe because they cannot be read first."""
    buy_fields: tuple[BuyField, ...] = ()
    """What a purchase takes beside number and target."""
    secrets_in_records: frozenset[str] = frozenset()
    """Fields of its records, by their names there, that are dropped as they are read."""

    def setting(self, key: str) -> SettingSpec | None:
        """Return the declaration of the setting ``key``, or None."""
        return next((spec for spec in self.settings if spec.key == key), None)

    def target_kind(self, key: str) -> TargetKind | None:
        """Return the declaration of the target kind ``key``, or None."""
        return next((kind for kind in self.target_kinds if kind.key == key), None)

    def points_afterwards(self, target: Target | None) -> bool:
        """Tell whether what is bought is pointed at ``target`` by an update that follows."""
        afterwards = self.buy_target is BuyTarget.AFTERWARDS
        return target is not None and afterwards and target.kind not in self.named_by_purchase

    def can_be_set(self, kind: str) -> bool:
        """Tell whether a number can be pointed at targets of this kind from here."""
        return any(spec.settable and kind in spec.target_kinds for spec in self.settings)

    @property
    def target_settings(self) -> tuple[SettingSpec, ...]:
        """The settings that hold targets."""
        return tuple(spec for spec in self.settings if spec.target_kinds)

    def stored_targets(self, settings: Settings) -> list[Destination]:
        """Return the targets that ``settings`` hold, in force or not."""
        held = ((spec, settings.get(spec.key)) for spec in self.target_settings)
        return [
            one if isinstance(one, Undisclosed) else spec.target_in(one)
            for spec, one in held
            if one
        ]

    @property
    def secret_field(self) -> CredentialField:
        """The one field that is a secret."""
        return next(field for field in self.fields if field.secret)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some records of a listing, in the order of the API."""

    items: tuple[T, ...]
    total: Total = UNKNOWN_TOTAL
    warnings: tuple[str, ...] = ()
    """Records that hold something unreadable, one line each."""
    dropped: int = 0
    """Records that could not be shown at all, because they hold no usable number."""


@dataclass(frozen=True, slots=True)
class AccountCheck:
    """What a credential check tells."""

    title: str
    """The account in the provider's own words."""
    details: Mapping[str, str] = field(default_factory=dict)
    balance: Money | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class PickerChoice:
    """One value offered for a setting, with its name."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Purchase:
    """What the provider said of a purchase that it accepted."""

    status: str | None
    """``active`` or ``pending``; None where it does not say."""
    reference: str | None = None
    """The provider's identifier of the order, by which it can be asked later."""


class OrderStatus(StrEnum):
    """What has become of a purchase that takes its time."""

    PENDING = "pending"
    DONE = "done"
    """Carried out: the account lists the number, or will in a moment."""
    FAILED = "failed"
    """Refused, cancelled or expired: nothing was bought."""


@dataclass(frozen=True, slots=True)
class OrderState:
    """How an order stands, with the provider's reason where it gives one."""

    status: OrderStatus
    words: str = ""


class Provider(ABC):
    """A client of one account. Every call may raise a ``ProviderError``."""

    info: ProviderInfo
    """What the provider declares."""

    @abstractmethod
    async def check(self) -> AccountCheck:
        """Ask the cheapest question that proves the credential."""

    @abstractmethod
    def owned(self, query: OwnedQuery) -> AsyncIterator[Page[OwnedNumber]]:
        """List owned numbers; filters are sent where the API honours them, so filter again."""

    @abstractmethod
    async def find(self, number: E164, known: OwnedNumber | None = None) -> OwnedNumber | None:
        """Read exactly this number afresh, or None; ``known`` may spare a search."""

    async def find_many(
        self, numbers: Mapping[E164, OwnedNumber | None]
    ) -> Mapping[E164, OwnedNumber | None]:
        """Read several numbers afresh by a listing, where that takes fewer requests than ``find``.

        ``numbers`` maps each to what is known of it, as for ``find``. What the answer leaves out
        is asked for by itself; None says that the account does not hold it. By default nothing is
        answered.
        """
        return {}

    @abstractmethod
    def available(self, query: StockQuery) -> AsyncIterator[Page[AvailableNumber]]:
        """List stock page by page, each fetched when asked for; filter again."""

    @abstractmethod
    def targets(self, number: OwnedNumber | None = None) -> AsyncIterator[Page[TargetOption]]:
        """List what ``number``, or any number, can point at."""

    async def target(self, target: Target) -> TargetOption | None:
        """Read which channels a target can serve; None where the account lists no such target.

        Asked only of kinds whose declaration says ``channels_vary``; by default all of its kind.
        """
        kind = self.info.target_kind(target.kind)
        return None if kind is None else TargetOption(target, kind.channels)

    async def choices_for(self, setting: str, number: OwnedNumber) -> tuple[PickerChoice, ...]:
        """List values for a setting whose declaration says ``picker``; by default none does."""
        return ()

    async def addresses(self) -> tuple[Address, ...]:
        """List the postal addresses registered with the account; by default it has none."""
        return ()

    @abstractmethod
    async def update(self, number: OwnedNumber, change: Change) -> None:
        """Make ``change`` to ``number``, keeping everything else; every request is sent once.

        An API that spreads it over several requests may fail behind the first that was accepted:
        the error then says ``may_have_applied``, whatever the failing request came to.
        """

    @abstractmethod
    async def buy(
        self,
        number: AvailableNumber,
        target: Target | None,
        extras: Mapping[str, str] = NO_EXTRAS,
    ) -> Purchase:
        """Buy ``number``, pointing it at ``target`` where the API takes one. Spends money.

        ``extras`` are values of the declared ``buy_fields``, by their keys.
        """

    async def buy_choices(self, key: str, number: AvailableNumber) -> tuple[PickerChoice, ...]:
        """List values for one of the ``buy_fields``; nothing where ``number`` needs none."""
        return ()

    async def order(self, reference: str) -> OrderState:
        """Ask what became of the order of a purchase; by default no order can be asked."""
        raise NotOffered(f"{self.info.title} tells nothing of an order")

    async def order_since(self, number: E164, since: datetime) -> str | None:
        """Find the order of ``number`` made since a time, where a purchase's answer was lost.

        None where there is no such order; by default none is looked for.
        """
        return None

    @abstractmethod
    async def release(self, number: OwnedNumber) -> None:
        """Give ``number`` up, for good."""

    async def decided_elsewhere(self, number: OwnedNumber) -> Mapping[Channel, str]:
        """Say which channels no setting of ``number`` decides, and who does, in words.

        Asked before the preview and again before each write that changes a delivery. By default
        it is what the number's own record told.
        """
        return number.elsewhere

    def warnings(self, number: OwnedNumber, change: Change) -> tuple[str, ...]:
        """Say what this change may lose or move beside what was asked; no I/O."""
        return ()

    def why_not(self, change: Change) -> str | None:
        """Say why ``update`` would refuse this change of any number, or None; no I/O."""
        return None


class Endpoint(Protocol):
    """One origin of one account: reads are retried, writes are sent once."""

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Reply:
        """Ask for ``path``, again where that may help."""

    async def follow(self, url: str) -> Reply:
        """Ask for a URL that the provider gave, if it lies below this one's own address."""

    async def send(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
        content_type: str | None = None,
    ) -> Reply:
        """Send a write, once.

        ``content_type`` is for one without a body whose document names it all the same.
        """


class Api(Protocol):
    """Everything that a client needs to talk to its account."""

    @property
    def account(self) -> Account:
        """The account, as it is configured."""

    def endpoint(
        self,
        base_url: str,
        credentials: Credentials,
        *,
        named: str = "base_url",
        if_rejected: str = "",
    ) -> Endpoint:
        """Return one origin of the account, to which its credentials may go.

        ``named`` is the field of the configuration that the address comes from, ``if_rejected``
        what else to try where the provider does not know the credentials.

        Raises:
            ConfigurationProblem: The address or the secret cannot be used.
        """


class Connect(Protocol):
    """Makes a client of one account over an open API."""

    def __call__(self, api: Api) -> Provider:
        """Return the client; performs no I/O."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """What an entry point of the group ``tui_numbers.providers`` names."""

    info: ProviderInfo
    connect: Connect
