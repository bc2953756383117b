"""Encode owned numbers for the snapshot; values that many numbers share are written once."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import (
    Channel,
    Destination,
    Money,
    OwnedNumber,
    Stored,
    Target,
    Undisclosed,
    shared_routing,
    shared_settings,
)


class Unusable(Exception):
    """The file, or what stands in it, was not written by this version."""


class _Traits(msgspec.Struct, array_like=True, frozen=True):
    """What numbers of one kind have in common."""

    provider: str
    country: str | None
    type: str | None
    capabilities: tuple[str, ...]
    status: str | None
    region: str | None
    city: str | None
    monthly_cost: Money | None
    told: dict[str, str] = {}


class _Pointer(msgspec.Struct, array_like=True, frozen=True):
    """A target; without a value where only its kind is told."""

    kind: str
    value: str | None
    label: str | None

    @property
    def destination(self) -> Destination:
        if self.value is None:
            return Undisclosed(self.kind, self.label)
        return Target(self.kind, self.value, self.label)


class _Delivery(msgspec.Struct, array_like=True, frozen=True):
    """Where numbers are delivered that point at the same targets."""

    routing: dict[Channel, _Pointer | None]
    settings: dict[str, str | None]
    undisclosed: dict[str, str]
    """The kinds of targets that settings hold and do not tell."""
    elsewhere: dict[Channel, str] = {}

    @classmethod
    def of(cls, number: OwnedNumber) -> "_Delivery":
        kinds = {
            key: value.kind
            for key, value in number.settings.items()
            if isinstance(value, Undisclosed)
        }
        return cls(
            {channel: _pointer(target) for channel, target in number.routing.items()},
            {
                key: None if isinstance(value, Undisclosed) else value
                for key, value in number.settings.items()
            },
            kinds,
            dict(number.elsewhere),
        )

    def stored(self) -> dict[str, Stored]:
        """Return the settings."""
        hidden = {key: Undisclosed(kind) for key, kind in self.undisclosed.items()}
        return self.settings | hidden


def _pointer(target: Destination | None) -> _Pointer | None:
    if target is None:
        return None
    value = target.value if isinstance(target, Target) else None
    return _Pointer(target.kind, value, target.label)


class _Row(msgspec.Struct, array_like=True, frozen=True, gc=False):
    number: str
    id: str
    name: str | None
    created_at: datetime | None
    updated_at: datetime | None
    seen_at: datetime
    traits: int
    delivery: int


class _Block(msgspec.Struct, array_like=True, frozen=True):
    traits: list[_Traits]
    deliveries: list[_Delivery]
    rows: list[_Row]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Block)


class _Shared:
    """Values by what they say, each once, in the order in which they first came."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._places: dict[Any, int] = {}

    def place(self, key: Any) -> int | None:
        return self._places.get(key)

    def add(self, key: Any, value: Any) -> int:
        self.values.append(value)
        return self._places.setdefault(key, len(self.values) - 1)


def pack(numbers: Iterable[OwnedNumber]) -> bytes:
    """Return numbers of one account as bytes; records as received are left out."""
    traits, deliveries = _Shared(), _Shared()
    rows = [
        _Row(
            number.number,
            number.id,
            number.name,
            number.created_at,
            number.updated_at,
            number.seen_at,
            _traits_place(traits, number),
            _delivery_place(deliveries, number),
        )
        for number in numbers
    ]
    return _encoder.encode(_Block(traits.values, deliveries.values, rows))


def _traits_key(number: OwnedNumber | _Traits) -> tuple[object, ...]:
    cost = number.monthly_cost
    return (
        number.provider,
        number.country,
        number.type,
        number.capabilities,
        number.status,
        number.region,
        number.city,
        # Equal amounts may be written with other digits, and those are kept.
        cost and (cost.digits, cost.currency),
        tuple(number.told.items()),
    )


def _traits_place(shared: _Shared, number: OwnedNumber) -> int:
    key = _traits_key(number)
    place = shared.place(key)
    if place is not None:
        return place
    return shared.add(key, _Traits(*(getattr(number, name) for name in _Traits.__struct_fields__)))


def _delivery_place(shared: _Shared, number: OwnedNumber) -> int:
    # Targets are equal whatever their labels.
    targets = tuple(
        (channel, target, target.label if target else None)
        for channel, target in number.routing.items()
    )
    key = (targets, tuple(number.settings.items()), tuple(number.elsewhere.items()))
    place = shared.place(key)
    if place is not None:
        return place
    return shared.add(key, _Delivery.of(number))


def unpack(account: str, packed: bytes) -> list[OwnedNumber]:
    """Return the numbers of ``pack``; what many of them share is in memory once.

    Raises:
        Unusable: The bytes are not such numbers.
    """
    try:
        block = _decoder.decode(packed)
        return _numbers(account, block)
    except (msgspec.DecodeError, IndexError) as error:
        raise Unusable(str(error)) from None


_traits: dict[tuple[Any, ...], _Traits] = {}
_MOST_TRAITS = 10_000


def _kept_once(traits: _Traits) -> _Traits:
    """Return one object for all that say the same, whichever block they are of."""
    if len(_traits) >= _MOST_TRAITS:
        return traits
    return _traits.setdefault(_traits_key(traits), traits)


def _numbers(account: str, block: _Block) -> list[OwnedNumber]:
    traits: Sequence[_Traits] = [_kept_once(each) for each in block.traits]
    deliveries = [
        (
            shared_routing(
                {
                    channel: None if one is None else one.destination
                    for channel, one in each.routing.items()
                }
            ),
            shared_settings(each.stored()),
            each.elsewhere,
        )
        for each in block.deliveries
    ]
    found = []
    for row in block.rows:
        kind = traits[row.traits]
        routing, settings, elsewhere = deliveries[row.delivery]
        found.append(
            OwnedNumber(
                account,
                kind.provider,
                row.id,
                E164(row.number),
                kind.country,
                kind.type,
                kind.capabilities,
                kind.status,
                row.name,
                kind.region,
                kind.city,
                kind.monthly_cost,
                routing,
                settings,
                row.created_at,
                row.updated_at,
                row.seen_at,
                told=kind.told,
                elsewhere=elsewhere,
            )
        )
    return found
