"""Build the emulated world: every account, its numbers and the stock."""

from collections.abc import Callable
from dataclasses import field
from datetime import datetime
from decimal import Decimal
from typing import Any

from tui_numbers.domain.changes import Set
from tui_numbers.domain.clock import now
from tui_numbers.domain.dataclass import dataclass
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.routes import Route, RouteLine, route_text
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

SMALLEST = 6
LARGEST = 1_000_000
_FEW = 6
"""Numbers that show everything of an account of which a small world has no more."""
_SHARED_BY_ALL = 100
"""Numbers from which on every account has some."""


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


_AT_EACH = 4
"""How many numbers of each account the demo's route has."""


def after_hours(world: World) -> str:
    """Return the file of a route over numbers of all three accounts, as somebody would write it."""
    desk = next((team for team, name in world.parakeet.teams.items() if name == "Night Desk"), "")
    us = [
        ("us-desk", one.number, {"target": f"team:{desk}"})
        for one in world.parakeet.numbers.records.values()
        if one.status == "confirmed" and (one.target or "").startswith("TM") and one.target != desk
    ]
    uk = [
        ("uk-sms", one.number, {"voice": "phone:+442079460999"})
        for one in world.vonage.numbers.records.values()
        if "VOICE" in one.features and one.country == "GB" and one.app_id and not one.voice_value
    ]
    au = [
        ("au-sales", one.number, {"voice": "phone:+61270100099"})
        for one in world.fonedynamics.numbers.records.values()
        if one.status == "Active" and one.country == "AU" and one.endpoint
    ]
    lines = [
        RouteLine(account, E164(number), {key: Set(value) for key, value in wanted.items()})
        for found in (us, uk, au)
        for account, number, wanted in found[:_AT_EACH]
    ]
    note = "Everything to the night desk and the bridge. Ask Dana before Sundays."
    return route_text(Route("after-hours", "After hours", note, tuple(lines)))


def build_world(numbers: int = 1248, seed: int = 2020) -> World:
    """Build the world with so many owned numbers; the same arguments give the same world.

    Raises:
        ValueError: When ``numbers`` is out of range.
    """
    if not SMALLEST <= numbers <= LARGEST:
        raise ValueError(f"a world has from {SMALLEST} to {LARGEST} numbers, not {numbers}")
    from tui_numbers.sandbox.seeds import seed_fonedynamics, seed_parakeet, seed_vonage
    from tui_numbers.sandbox.telnyx_numbers import seed_telnyx
    from tui_numbers.sandbox.twilio_numbers import seed_twilio

    parakeet = round(numbers * 0.42)
    vonage = round(numbers * 0.34)
    # A small world leaves its few numbers to the first three accounts.
    telnyx = numbers // 16 if numbers >= _SHARED_BY_ALL else 0
    twilio = max(numbers // 60, min(numbers // 12, _FEW))
    rest = numbers - parakeet - vonage - telnyx - twilio
    taken: set[str] = set()
    return World(
        seed=seed,
        parakeet=seed_parakeet(parakeet, seed, taken),
        vonage=seed_vonage(vonage, seed, taken),
        fonedynamics=seed_fonedynamics(rest, seed, taken),
        telnyx=seed_telnyx(telnyx, seed, taken),
        twilio=seed_twilio(twilio, seed, taken),
        stock=Stock(taken),
    )
