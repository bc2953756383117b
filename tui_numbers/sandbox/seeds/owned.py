"""Choose the numbers that an account owns at the start, and when they were created."""

from collections.abc import Iterator
from typing import NamedTuple

from tui_numbers.sandbox.stock import RESERVED, Block, ordinary

OPENED = 1_672_738_200_000
"""3 January 2023, when the accounts were opened."""
QUIET_SINCE = 1_790_000_000_000
"""September 2026: nothing in a seeded world is younger."""


def created_at(position: int, count: int, dice: bytes) -> int:
    """Return when the number at ``position`` of ``count`` was added; later ones are younger."""
    span = QUIET_SINCE - OPENED
    return OPENED + span * position // max(count, 1) // 2 + int.from_bytes(dice[8:11], "big")


def updated_at(created: int, dice: bytes) -> int:
    """Return when it was last changed, which is never before it was added."""
    return created + (QUIET_SINCE - created) * dice[11] // 256


class Share(NamedTuple):
    """So much of an account is numbers of this country and type."""

    country: str
    kind: str
    weight: int


class Owned(NamedTuple):
    """One number that an account is seeded with."""

    number: str
    country: str
    kind: str
    city: str | None = None
    region: str | None = None


def _round_robin(blocks: tuple[Block, ...]) -> Iterator[tuple[str, Block]]:
    for index in range(max((block.capacity for block in blocks), default=0)):
        for block in blocks:
            if index < block.capacity:
                yield block.at(index), block


def _stream(share: Share, taken: set[str]) -> Iterator[Owned]:
    """Yield untaken numbers, those of reserved ranges first."""
    country, kind, _ = share
    for blocks in (RESERVED.get((country, kind), ()), ordinary(country, kind)):
        for number, block in _round_robin(blocks):
            if number not in taken:
                taken.add(number)
                yield Owned(number, country, kind, block.city, block.region)


def owned_numbers(plan: tuple[Share, ...], count: int, taken: set[str]) -> Iterator[Owned]:
    """Yield ``count`` numbers, the plan's countries mixed evenly by their weights."""
    streams = {share: _stream(share, taken) for share in plan}
    credit = dict.fromkeys(plan, 0)
    total = sum(share.weight for share in plan)
    produced = 0
    while produced < count and streams:
        for share in streams:
            credit[share] += share.weight
        richest = max(streams, key=credit.__getitem__)
        credit[richest] -= total
        item = next(streams[richest], None)
        if item is None:
            del streams[richest]
            total -= richest.weight
            continue
        produced += 1
        yield item
