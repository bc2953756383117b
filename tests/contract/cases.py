"""What the suite must be told of each built-in provider; a further one is one more ``Case``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import structs

from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import AvailableNumber, Target
from tui_numbers.domain.query import StockQuery
from tui_numbers.providers.contract import Plugin, ProviderInfo
from tui_numbers.providers.registry import load_registry
from tui_numbers.sandbox import telnyx, twilio
from tui_numbers.sandbox.records import Ledger
from tui_numbers.sandbox.stock import vonage_cost, vonage_set_up_cost
from tui_numbers.sandbox.world import World
from tui_numbers.testing import Failure


def _euros(country: str, kind: str) -> tuple[str, str | None]:
    return vonage_cost(country, kind), vonage_set_up_cost(country, kind)


@dataclass(frozen=True)
class Case:
    """One provider's part of the sandbox, in the words that every test uses."""

    key: str
    owned: Callable[[World], list[str]]
    """The E.164 numbers that the configured account lists."""
    requests_for: Callable[[int], int]
    """How many requests the page size forces for so many numbers."""
    ordinary: Callable[[World], str]
    """A number that every setting may be given to."""
    values: Callable[[World], Mapping[str, str]]
    """A new value of each setting, for the ordinary number."""
    moves: Mapping[str, frozenset[str]]
    """The fields of the sandbox's record that each setting may move."""
    place: Callable[[str, str], str]
    """The key in the ledger of a number, from its E.164 form and its id."""
    wanted: Callable[[World], AvailableNumber]
    """A number to buy."""
    tells: frozenset[str]
    """What the API tells of an owned number; of the rest nothing may be made up."""
    bought_for: Callable[[World], Target | None] = lambda world: None
    numbers: int = 640
    """The size of the world: so large that pages of a hundred or two follow one another."""
    stock: StockQuery | None = None
    refusals: tuple[int, ...] = (400,)
    """Statuses that are a plain refusal."""
    find_route: str = "get"
    bodiless: frozenset[tuple[str, str]] = frozenset()
    """Writes and faults of their answer's body that do not count: none is documented."""
    undocumented_kinds: frozenset[str] = frozenset()
    """Kinds of target that the API shows and no document names."""
    elsewhere: Callable[[str], dict[str, str]] | None = None
    """Headers with which a listing points at the next page on another origin."""
    own_statuses: frozenset[str] = frozenset()
    """Statuses of the provider's own that its emulation shows, beside ours."""
    derives_country: bool = False
    """Whether the country of a number is taken from its digits, for want of one in its record."""
    tells_capabilities: bool = True
    """Whether its listing tells what a number can carry."""
    costs: Callable[[str, str], tuple[str, str | None]] = _euros
    """What a number of a country and type costs a month, and to set up."""
    update_writes: int = 1
    search_reads: int = 1
    """Requests that an update of every setting takes."""
    loses: frozenset[str] = field(default_factory=frozenset)
    """Fields of the record that any update loses, as the provider declares."""

    @property
    def plugin(self) -> Plugin:
        return load_registry().plugins[self.key]

    @property
    def info(self) -> ProviderInfo:
        return self.plugin.info

    def ledger(self, world: World) -> Ledger[Any]:
        numbers: Ledger[Any] = getattr(world, self.key).numbers
        return numbers

    def record(self, world: World, number: str) -> Any:
        rows = self.ledger(world).records.values()
        return next((row for row in rows if row.number == number), None)

    def plant(self, world: World, model: str, number: str) -> None:
        """Add a copy of ``model``'s record under another number."""
        changes: dict[str, Any] = {"number": number}
        record = self.record(world, model)
        if hasattr(record, "id"):
            changes["id"] = record.id[:-4] + "beef"
        copy = structs.replace(record, **changes)
        self.ledger(world).put(self.place(number, getattr(copy, "id", "")), copy)


def _stock(case_key: str, query: StockQuery) -> Callable[[World], AvailableNumber]:
    def first(world: World) -> AvailableNumber:
        item = next(world.stock.available(case_key, query.country, query.type or "local"))
        return AvailableNumber("contract", case_key, E164(item.number), item.country, item.kind, ())

    return first


def _all(world: World, key: str) -> list[str]:
    return [row.number for row in getattr(world, key).numbers.records.values()]


def _by_page(size: int) -> Callable[[int], int]:
    return lambda count: max(-(-count // size), 1)


_PARAKEET_STOCK = StockQuery("US", type="local")
PARAKEET = Case(
    key="parakeet",
    owned=lambda world: _all(world, "parakeet"),
    requests_for=_by_page(100),
    ordinary=lambda world: _all(world, "parakeet")[0],
    values=lambda world: {"target": f"user:{list(world.parakeet.users)[5]}"},
    moves={"target": frozenset({"target", "updated"})},
    place=lambda number, identity: identity,
    wanted=_stock("parakeet", _PARAKEET_STOCK),
    tells=frozenset({"country", "status", "name", "created_at", "updated_at"}),
    bought_for=lambda world: Target("user", next(iter(world.parakeet.users))),
    stock=_PARAKEET_STOCK,
    refusals=(400, 422),
    bodiless=frozenset(
        ("release", kind)
        for kind in ("truncated", Failure.HALF_JSON, Failure.EMPTY, "error-inside-200")
    ),
    elsewhere=lambda origin: {"link": f'<{origin}/parakeet/api/v1/numbers?cursor=x>; rel="next"'},
)


def _property(world: World) -> str:
    return next(iter(world.fonedynamics.properties))


def _fone_owned(world: World) -> list[str]:
    rows = world.fonedynamics.numbers.records.values()
    return [row.number for row in rows if row.property_sid == _property(world)]


def _fone_flow(world: World) -> str:
    flows = world.fonedynamics.flows.values()
    return next(flow.config_id for flow in flows if flow.property_sid == _property(world))


_FONE_FIELDS = {
    "voice": {"routing", "endpoint", "flow", "flow_shown"},
    "address": {"address_sid"},
}
_FONE_SETTINGS = ("voice", "friendly", "recording", "address", "sms_from", "sms_to")
_FONE_SETTINGS += ("email_from", "email_to", "attribution_source", "attribution_medium")
_FONE_SETTINGS += ("attribution_campaign", "attribution_content")

FONEDYNAMICS = Case(
    key="fonedynamics",
    numbers=1_248,
    owned=_fone_owned,
    # No total is told, and a short page may be the server's own limit: an empty one is the end.
    requests_for=lambda count: -(-count // 200) + 1 if count else 1,
    ordinary=lambda world: _fone_owned(world)[0],
    values=lambda world: {
        "voice": f"flow:{_fone_flow(world)}",
        "friendly": "Night desk [/b]",
        "recording": "call",
        "attribution_source": "radio",
        "attribution_medium": "spot",
        "attribution_campaign": "spring",
        "attribution_content": "a",
        "address": list(world.fonedynamics.addresses)[-1],
        "sms_from": "+61491570006",
        "sms_to": "+61491570110",
        "email_from": "desk@northline.example",
        "email_to": "night@northline.example",
    },
    moves={key: frozenset(_FONE_FIELDS.get(key, {key})) for key in _FONE_SETTINGS},
    place=lambda number, identity: number,
    wanted=lambda world: AvailableNumber(
        "contract", "fonedynamics", E164("+61255507999"), "AU", None, ()
    ),
    tells=frozenset({"country", "status", "name", "type", "region", "city"}),
    bodiless=frozenset({("update", Failure.EMPTY)}),
)

_VONAGE_STOCK = StockQuery("GB", type="local")


def _vonage_values(world: World) -> dict[str, str]:
    return {
        "application": f"application:{list(world.vonage.applications)[1]}",
        "voice": "sip:sip:desk@pbx.example",
        "sms": "webhook:https://hooks.example/in?a=b:c&d=é",
        "voice_status": "https://hooks.example/ended",
        "smpp_system_type": "inbound",
    }


VONAGE = Case(
    key="vonage",
    owned=lambda world: _all(world, "vonage"),
    requests_for=_by_page(100),
    ordinary=lambda world: _all(world, "vonage")[0],
    values=_vonage_values,
    moves={
        "application": frozenset({"app_id"}),
        "voice": frozenset({"voice_type", "voice_value"}),
        "sms": frozenset({"mo_http_url"}),
        "voice_status": frozenset({"voice_status_callback"}),
        "smpp_system_type": frozenset({"smpp_system_type"}),
    },
    place=lambda number, identity: number[1:],
    wanted=_stock("vonage", _VONAGE_STOCK),
    tells=frozenset({"country", "type"}),
    stock=_VONAGE_STOCK,
    refusals=(400, 420),
    undocumented_kinds=frozenset({"vxml"}),
    loses=frozenset({"smpp_system_type"}),
)

_TELNYX_STOCK = StockQuery("US", type="local")


def _telnyx_values(world: World) -> dict[str, str]:
    return {
        "forward": "+4930231255",
        "connection": f"connection:{list(world.telnyx.connections)[2]}",
        "sms": f"profile:{list(world.telnyx.profiles)[1]}",
        "forward_on_failure": "+4930231256",
        "reference": "Night desk [/b]",
        "tags": "oncall,eu west",
    }


_FORWARDING = frozenset({"forward", "forwarding_type", "forwarding_enabled", "updated"})

TELNYX = Case(
    key="telnyx",
    owned=lambda world: _all(world, "telnyx"),
    # Each number stands in two listings, which are one truth together.
    requests_for=lambda count: 2 * _by_page(250)(count),
    ordinary=lambda world: _all(world, "telnyx")[0],
    values=_telnyx_values,
    moves={
        "forward": _FORWARDING,
        "forward_on_failure": _FORWARDING,
        "connection": frozenset({"connection", "updated"}),
        "sms": frozenset({"profile", "updated"}),
        "reference": frozenset({"reference", "updated"}),
        "tags": frozenset({"tags", "updated"}),
    },
    place=lambda number, identity: identity,
    wanted=_stock("telnyx", _TELNYX_STOCK),
    tells=frozenset({"country", "type", "status", "name", "created_at", "updated_at"}),
    stock=_TELNYX_STOCK,
    refusals=(400, 422),
    own_statuses=frozenset({"requirement-info-pending"}),
    tells_capabilities=False,
    costs=telnyx.costs,
    update_writes=3,
)

_TWILIO_STOCK = StockQuery("US", type="local")
_TWILIO_SERVICES = 1 + 3
"""Requests that tell which numbers are in a Messaging Service: their list, and each one's."""


def _twilio_values(world: World) -> dict[str, str]:
    applications = list(world.twilio.applications)
    return {
        "trunk": f"trunk:{list(world.twilio.trunks)[1]}",
        "voice_application": f"application:{applications[3]}",
        "voice": "webhook:https://hooks.example/voice?a=b:c&d=é",
        "sms_application": f"application:{applications[2]}",
        "sms": "webhook:https://hooks.example/sms",
        "voice_fallback": "https://hooks.example/sorry",
        "sms_fallback": "https://hooks.example/later",
        "status_callback": "https://hooks.example/ended",
        "friendly": "Night desk [/b]",
    }


def _twilio_moves(*fields: str) -> frozenset[str]:
    return frozenset({*fields, "updated"})


TWILIO = Case(
    key="twilio",
    owned=lambda world: _all(world, "twilio"),
    requests_for=lambda count: _by_page(1_000)(count) + _TWILIO_SERVICES,
    ordinary=lambda world: _all(world, "twilio")[0],
    values=_twilio_values,
    moves={
        "trunk": _twilio_moves("trunk", "voice_application"),
        "voice_application": _twilio_moves("trunk", "voice_application"),
        "voice": _twilio_moves("voice_url"),
        "messaging_service": frozenset(),
        "sms_application": _twilio_moves("sms_application"),
        "sms": _twilio_moves("sms_url"),
        "voice_fallback": _twilio_moves("voice_fallback"),
        "sms_fallback": _twilio_moves("sms_fallback"),
        "status_callback": _twilio_moves("status_callback"),
        "friendly": _twilio_moves("friendly"),
    },
    place=lambda number, identity: identity,
    wanted=_stock("twilio", _TWILIO_STOCK),
    tells=frozenset({"country", "type", "status", "name", "created_at", "updated_at"}),
    stock=_TWILIO_STOCK,
    derives_country=True,
    # The price list of the country is read beside its stock.
    search_reads=2,
    bodiless=frozenset(
        ("release", kind) for kind in ("truncated", Failure.HALF_JSON, Failure.EMPTY)
    ),
    costs=lambda country, kind: (twilio.price(country, kind), None),
)

CASES = (PARAKEET, FONEDYNAMICS, TELNYX, TWILIO, VONAGE)
