"""Describe owned and available numbers, their targets, settings and prices."""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

from tui_numbers.domain.e164 import E164


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency; the digits are kept as the provider sent them."""

    amount: Decimal
    currency: str
    """ISO 4217, as the provider's documents state it."""

    @classmethod
    def read(cls, amount: object, currency: str) -> "Money | None":
        """Return the money that ``amount`` (text or a number) stands for, or None for none."""
        if (
            amount is None
            or isinstance(amount, bool)
            or not isinstance(amount, str | int | Decimal)
        ):
            return None
        try:
            value = Decimal(amount.strip() if isinstance(amount, str) else amount)
        except InvalidOperation:
            return None
        if not value.is_finite() or abs(value.adjusted()) > 12:
            return None
        return cls(value, currency)

    @property
    def digits(self) -> str:
        """The amount in plain digits, ``1.00`` as sent rather than ``1``."""
        return format(self.amount, "f")

    def __str__(self) -> str:
        return f"{self.currency} {self.digits}"


def sums(prices: Iterable[Money | None]) -> tuple[tuple[Money, ...], int]:
    """Return the sum of prices in each currency, by its code, and how many are not known."""
    found: dict[str, Decimal] = {}
    unknown = 0
    for price in prices:
        if price is None:
            unknown += 1
        else:
            found[price.currency] = found.get(price.currency, Decimal(0)) + price.amount
    return tuple(Money(found[currency], currency) for currency in sorted(found)), unknown


S = TypeVar("S")


class Channel(StrEnum):
    """What can be delivered to a target."""

    VOICE = "voice"
    SMS = "sms"

    @property
    def words(self) -> str:
        """What people call its traffic, as every label and message does."""
        return "calls" if self is Channel.VOICE else "SMS"

    @property
    def goes(self) -> str:
        """Its traffic with its verb: ``calls go``, ``SMS goes``."""
        return "calls go" if self is Channel.VOICE else "SMS goes"


CAPABILITIES = ("voice", "sms", "mms")
"""What a number can carry; a provider's further words are kept as they come, after these."""
NUMBER_TYPES = ("local", "mobile", "toll_free", "national", "shared_cost")
"""Kinds of number; a provider's further words are kept as they come."""
STATUSES = ("active", "pending", "porting")
"""States of an owned number; a provider's further words are kept as they come."""


def ordered_capabilities(words: set[str] | frozenset[str]) -> tuple[str, ...]:
    """Return capability words in the order voice, sms, mms, then the rest by alphabet."""
    return _ordered(frozenset(words))


@functools.lru_cache(maxsize=256)
def _ordered(words: frozenset[str]) -> tuple[str, ...]:
    """Intern capabilities: numbers with the same ones share one tuple."""
    known = tuple(word for word in CAPABILITIES if word in words)
    return known + tuple(sorted(words.difference(CAPABILITIES)))


@dataclass(frozen=True, slots=True)
class Target:
    """Where a channel is delivered: a kind, its value, and a name where one is known."""

    kind: str
    value: str
    """Identifier or address, as the provider stores it."""
    label: str | None = field(default=None, compare=False)
    notes: tuple[str, ...] = field(default=(), compare=False, repr=False)
    """What to say of how it was read from what a person typed."""

    @property
    def text(self) -> str:
        """``kind:value``, exactly what ``--to`` and ``set`` accept."""
        return f"{self.kind}:{self.value}"

    @classmethod
    def from_text(cls, text: str, label: str | None = None) -> "Target":
        """Return the target written as ``kind:value``; the value may hold further colons."""
        kind, _, value = text.partition(":")
        return cls(kind, value, label)


@dataclass(frozen=True, slots=True)
class Undisclosed:
    """A target of which the provider tells the kind, and not which one it is.

    Where what would tell it could not be read at all, it is ``NOT_KNOWN``.
    """

    kind: str
    label: str | None = field(default=None, compare=False)

    @property
    def is_known(self) -> bool:
        """Whether at least the kind is told, and so that there is one."""
        return self.kind != _NOT_KNOWN

    @property
    def text(self) -> str:
        """Describe it in words, which ``set`` does not accept."""
        return f"{self.kind} (which one is not told)" if self.is_known else self.kind

    def __str__(self) -> str:
        return self.text

    def may_be(self, text: str | None) -> bool:
        """Tell whether the target written as ``text`` may be this one; None stands for none."""
        if not self.is_known:
            return True
        return text is not None and Target.from_text(text).kind == self.kind


_NOT_KNOWN = "not known"
NOT_KNOWN = Undisclosed(_NOT_KNOWN)
"""Stands where a target, or none, may be: what tells it could not be read. Never an empty one."""


@dataclass(frozen=True, slots=True)
class TargetOption:
    """A target that an account offers, with the channels it can serve."""

    target: Target
    channels: tuple[Channel, ...]
    """Those that arrive there now; none where it takes nothing at all."""
    problem: str = ""
    """Why it takes nothing, as ``the connection is not active``; empty where none is told."""


Destination = Target | Undisclosed
Routing = Mapping[Channel, Destination | None]
"""The effective target of each channel; None where nothing is delivered or nothing is told."""
Stored = str | Undisclosed | None
Settings = Mapping[str, Stored]
"""What is stored, by setting key: the text that ``set`` accepts, None where nothing is.

The text is the provider's own, character for character: it is cleaned where it is shown.
"""
Elsewhere = Mapping[Channel, str]
"""Who decides where a channel goes, in words, where the number's own settings do not."""
Told = Mapping[str, str]
"""Texts of a provider's record, by what they say: ``status`` and ``type`` in the provider's own
word where it is another than ours, ``written`` for the number as the provider writes it where its
digits do not tell, ``property`` for the identifier of what holds the number, ``kept`` for why the
provider itself lets nobody release it."""


_NOTHING: dict[Any, str] = {}
"""Serves all numbers of which nothing is told, or decided elsewhere: most of very many."""


@dataclass(frozen=True, slots=True)
class OwnedNumber:
    """A number that an account holds, as it was read at ``seen_at``."""

    account: str
    provider: str
    id: str
    """The provider's own identifier; what the API addresses the number by."""
    number: E164
    country: str | None
    """ISO 3166-1 alpha-2, upper case: the record's, or where it has none, by the digits.

    None where it is not known, or where the number belongs to no country.
    """
    type: str | None
    capabilities: tuple[str, ...]
    status: str | None
    name: str | None
    region: str | None
    city: str | None
    monthly_cost: Money | None
    routing: Routing
    settings: Settings
    created_at: datetime | None
    updated_at: datetime | None
    seen_at: datetime
    received: bytes | None = field(default=None, compare=False, repr=False)
    """The record as it came (JSON), kept where one number was read alone."""
    told: Told = field(default_factory=lambda: _NOTHING)
    """What the provider's record says beyond the other fields, or in words of its own."""
    elsewhere: Elsewhere = field(default_factory=lambda: _NOTHING, compare=False)
    """Channels that no setting of the number decides, as far as reading it told."""

    @property
    def unrouted(self) -> bool:
        """Whether no channel is delivered anywhere that the provider tells of."""
        return not any(self.routing.values())

    def same_delivery(self, other: "OwnedNumber") -> bool:
        """Tell whether settings and routing agree; names and times do not count."""
        return dict(self.settings) == dict(other.settings) and dict(self.routing) == dict(
            other.routing
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a number that an account holds."""

    account: str
    number: E164
    code: str
    """One of the codes of ``services.findings``."""
    text: str
    """What is wrong, in one sentence."""
    fix: str
    """What to do about it."""
    urgent: bool = False
    """Whether a person must deal with it now."""


@dataclass(frozen=True, slots=True)
class AvailableNumber:
    """A number in a provider's stock, as it was offered."""

    account: str
    provider: str
    number: E164
    country: str | None
    type: str | None
    capabilities: tuple[str, ...]
    region: str | None = None
    city: str | None = None
    monthly_cost: Money | None = None
    setup_cost: Money | None = None
    address_requirement: str | None = None
    """``none``, ``local``, ``foreign`` or ``any`` (Parakeet's words); None where not told."""
    received: bytes | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address registered with an account."""

    id: str
    name: str | None
    lines: str
    country: str | None


_MOST_SHARED = 10_000
_routings: dict[object, Routing] = {}
_settings: dict[object, Settings] = {}
_told: dict[object, Told] = {}


def shared_routing(routing: Routing) -> Routing:
    """Intern a routing: numbers that point alike share one mapping, which saves memory."""
    # Targets are equal whatever their labels.
    key = tuple((channel, to, to.label if to else None) for channel, to in routing.items())
    return _shared(_routings, key, routing)


def shared_settings(settings: Settings) -> Settings:
    """Intern settings: numbers that are set alike share one mapping."""
    return _shared(_settings, tuple(settings.items()), settings)


def shared_told(told: Told) -> Told:
    """Intern what else a provider tells: numbers with the same share one mapping."""
    return _shared(_told, tuple(told.items()), told)


def _shared(known: dict[object, S], key: object, value: S) -> S:
    if len(known) >= _MOST_SHARED:
        return known.get(key, value)
    return known.setdefault(key, value)
