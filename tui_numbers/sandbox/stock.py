"""The numbers that can be bought: never stored, always counted out of ranges."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import zip_longest
from typing import NamedTuple

from tui_numbers.sandbox.blocks import KINDS, Block, ordinary

_POOL_SIZE = 12_000
_LARGE_POOLS = {"US": 20_000, "GB": 20_000, "CA": 15_000, "DE": 15_000}
_SELLERS = ("vonage", "parakeet")


class Available(NamedTuple):
    """One number in stock."""

    number: str
    country: str
    kind: str


class _Segment(NamedTuple):
    """The part of a block that one seller offers as one type."""

    block: Block
    first: int
    length: int

    def offers(self, number: str) -> bool:
        position = self.block.position(number)
        return position is not None and self.first <= position < self.first + self.length


@lru_cache(maxsize=2048)
def _segments(seller: str, country: str, kind: str) -> tuple[_Segment, ...]:
    """Cut the ranges so that no number is offered by two sellers or as two types."""
    blocks = ordinary(country, kind)
    size = _LARGE_POOLS.get(country, _POOL_SIZE)
    place = _SELLERS.index(seller) + (2 if kind == "mobile" else 0)
    cut = []
    for block in blocks:
        quarter = max(block.capacity // 4, 1)
        cut.append(_Segment(block, place * quarter, min(quarter, max(size // len(blocks), 1))))
    return tuple(cut)


class Stock:
    """What the sellers offer, which is everything in their ranges that nobody owns."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = taken
        self._returned: dict[str, tuple[str, Available]] = {}

    def available(self, seller: str, country: str, kind: str) -> Iterator[Available]:
        """Yield what ``seller`` offers in a country as one type, in an order that never changes."""
        for number in self.numbers(seller, country, kind):
            yield Available(number, country, kind)

    def numbers(self, seller: str, country: str, kind: str) -> list[str]:
        """Return the numbers alone, which is what a search through all of them needs."""
        runs = [
            segment.block.run(segment.first, segment.length)
            for segment in _segments(seller, country, kind)
        ]
        mixed = [number for row in zip_longest(*runs) for number in row if number is not None]
        offered = [number for number in mixed if number not in self._taken]
        for owner, item in self._returned.values():
            if owner == seller and item.country == country and item.kind == kind:
                offered.append(item.number)
        return offered

    def find(self, seller: str, number: str, country: str | None = None) -> Available | None:
        """Return the stock record of exactly ``number``, or ``None`` when it is not for sale."""
        if number in self._taken:
            return None
        returned = self._returned.get(number)
        if returned is not None:
            owner, item = returned
            return item if owner == seller and country in (None, item.country) else None
        for code in (country,) if country else _countries_of(number):
            for kind in KINDS:
                if any(segment.offers(number) for segment in _segments(seller, code, kind)):
                    return Available(number, code, kind)
        return None

    def is_taken(self, number: str) -> bool:
        """Say whether any account owns the number."""
        return number in self._taken

    def take(self, number: str) -> None:
        """Take a number out of stock."""
        self._taken.add(number)
        self._returned.pop(number, None)

    def give_back(self, seller: str, item: Available) -> None:
        """Put a released number back."""
        self._taken.discard(item.number)
        if item.kind in KINDS and seller in _SELLERS:
            counted = _segments(seller, item.country, item.kind)
            if not any(segment.offers(item.number) for segment in counted):
                self._returned[item.number] = (seller, item)


def _countries_of(number: str) -> tuple[str, ...]:
    """Return the countries that share the calling code of an E.164 number."""
    import phonenumbers

    for length in (1, 2, 3):
        code = number[1 : 1 + length]
        regions = (
            phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code)) if code.isdigit() else None
        )
        if regions:
            return tuple(regions)
    return ()
