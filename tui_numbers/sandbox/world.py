"""Hold the mutable records of every emulated account, and the stock."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from tui_numbers.domain.clock import now
from tui_numbers.sandbox.accounts import VONAGE_SUBACCOUNT_KEY
from tui_numbers.sandbox.records import (
    Address,
    Application,
    Bundle,
    Connection,
    Flow,
    FoneNumber,
    Ledger,
    MessagingService,
    Order,
    ParakeetNumber,
    Profile,
    Property,
    RequirementGroup,
    TelnyxNumber,
    Trunk,
    TwilioNumber,
    TwimlApplication,
    User,
    VonageNumber,
)
from tui_numbers.sandbox.stock import Stock


@dataclass
class ParakeetAccount:
    """One Parakeet account; numbers are keyed by their id."""

    numbers: Ledger[ParakeetNumber] = field(default_factory=Ledger[ParakeetNumber])
    users: dict[str, User] = field(default_factory=dict)
    teams: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, Address] = field(default_factory=dict)


@dataclass
class FoneDynamicsAccount:
    """One Fone Dynamics account; numbers are keyed by E.164."""

    numbers: Ledger[FoneNumber] = field(default_factory=Ledger[FoneNumber])
    properties: dict[str, Property] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    addresses: dict[str, Address] = field(default_factory=dict)


@dataclass
class VonageAccount:
    """One Vonage account and its subaccounts; numbers are keyed by msisdn, without plus."""

    numbers: Ledger[VonageNumber] = field(default_factory=Ledger[VonageNumber])
    applications: dict[str, Application] = field(default_factory=dict)
    subaccounts: dict[str, Ledger[VonageNumber]] = field(
        default_factory=lambda: {VONAGE_SUBACCOUNT_KEY: Ledger[VonageNumber]()}
    )
    balance: Decimal = Decimal("187.45")


@dataclass
class TelnyxAccount:
    """One Telnyx account; numbers are keyed by their id."""

    numbers: Ledger[TelnyxNumber] = field(default_factory=Ledger[TelnyxNumber])
    connections: dict[str, Connection] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)
    groups: dict[str, RequirementGroup] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    found: set[str] = field(default_factory=set)
    """Numbers that a search has returned; no other one can be ordered."""


@dataclass
class TwilioAccount:
    """One Twilio account and its subaccount; numbers are keyed by their SID.

    The record of a number is that of ``us1``; other regions keep their own of those they process.
    """

    numbers: Ledger[TwilioNumber] = field(default_factory=Ledger[TwilioNumber])
    regional: dict[str, Ledger[TwilioNumber]] = field(default_factory=dict)
    """The records of other regions, by their names."""
    regions: dict[str, str] = field(default_factory=dict)
    """The region that takes the calls, by number; ``us1`` where none is named."""
    subaccount: Ledger[TwilioNumber] = field(default_factory=Ledger[TwilioNumber])
    applications: dict[str, TwimlApplication] = field(default_factory=dict)
    trunks: dict[str, Trunk] = field(default_factory=dict)
    services: dict[str, MessagingService] = field(default_factory=dict)
    addresses: dict[str, Address] = field(default_factory=dict)
    bundles: dict[str, Bundle] = field(default_factory=dict)


@dataclass
class World:
    """The mutable records of every account, the stock, and the clock that dates changes."""

    seed: int
    parakeet: ParakeetAccount
    fonedynamics: FoneDynamicsAccount
    vonage: VonageAccount
    telnyx: TelnyxAccount
    twilio: TwilioAccount
    stock: Stock
    now: Callable[[], datetime] = now

    def size(self, provider: str) -> int:
        """Return how many numbers the account at ``provider`` owns."""
        numbers: Ledger[Any] = getattr(self, provider).numbers
        return len(numbers)
