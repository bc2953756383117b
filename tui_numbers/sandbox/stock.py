"""Generate stock by arithmetic: number ranges, features and prices."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, zip_longest
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneNumberType

from tui_numbers.sandbox.records import share

_STRIDES = {1: 7, 2: 61, 3: 617, 4: 6181, 5: 61803, 6: 618033, 7: 6180341}
"""Near the golden section and coprime to ten: every tail comes once, neighbours lie far apart."""
KINDS = ("local", "mobile", "toll_free")


class Block(NamedTuple):
    """All numbers that begin with ``prefix`` (no plus) and end in ``free`` digits of any value."""

    prefix: str
    free: int
    city: str | None = None
    region: str | None = None

    @property
    def capacity(self) -> int:
        """How many numbers the block holds."""
        return int(10**self.free)

    @property
    def _stride(self) -> int:
        return _STRIDES[self.free]

    @property
    def _start(self) -> int:
        return int(self.prefix) * 7907 // 1009

    def at(self, index: int) -> str:
        """Return the E.164 number at ``index``, which counts round when it passes the end."""
        tail = (index * self._stride + self._start) % self.capacity
        return f"+{self.prefix}{tail:0{self.free}d}"

    def run(self, first: int, length: int) -> Iterator[str]:
        """Yield ``length`` numbers from ``first`` on, as ``at`` would, only quicker."""
        prefix, free, capacity, stride = f"+{self.prefix}", self.free, self.capacity, self._stride
        tail = first * stride + self._start
        return (
            f"{prefix}{each % capacity:0{free}d}"
            for each in range(tail, tail + length * stride, stride)
        )

    def position(self, number: str) -> int | None:
        """Return where ``number`` (E.164) stands, or ``None`` when it is not in the block."""
        tail = number[len(self.prefix) + 1 :]
        if not number.startswith("+" + self.prefix) or len(tail) != self.free:
            return None
        inverse = pow(self._stride, -1, self.capacity)
        return (int(tail) - self._start) * inverse % self.capacity


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_US_AREAS = _words(
    "212 310 415 267 305 312 404 206 617 702 713 720 503 512 602 614 615 619 646 718 773 786 813 "
    "832 904 916 917 919 949 972 201 203 214 215 240 248 301 303 313 314 317 323 336 347 352 360 "
    "402 408 410 412"
)
_CA_AREAS = _words("416 604 514 403 613 902 204 306 506 709 780 905")
_AU_AREAS = (
    ("6125550", "Sydney", "NSW"), ("6127010", "Newcastle", "NSW"),
    ("6135550", "Melbourne", "VIC"), ("6137010", "Geelong", "VIC"),
    ("6175550", "Brisbane", "QLD"), ("6177010", "Cairns", "QLD"),
    ("6185550", "Adelaide", "SA"), ("6187010", "Perth", "WA"),
)  # fmt: skip


def _plain(text: str) -> tuple[Block, ...]:
    """Read ``prefix/free`` pairs."""
    pairs = (entry.split("/") for entry in text.split())
    return tuple(Block(prefix, int(free)) for prefix, free in pairs)


RESERVED: dict[tuple[str, str], tuple[Block, ...]] = {
    ("US", "local"): tuple(Block(f"1{area}55501", 2) for area in _US_AREAS),
    ("CA", "local"): tuple(Block(f"1{area}55501", 2) for area in _CA_AREAS),
    ("US", "toll_free"): _plain("180055501/2 188855501/2 187755501/2 186655501/2"),
    ("AU", "local"): tuple(Block(prefix, 4, city, region) for prefix, city, region in _AU_AREAS),
    ("AU", "toll_free"): _plain("611800975/3"),
    ("AU", "shared_cost"): _plain("611300975/3"),
    ("GB", "local"): _plain(
        "442079460/3 441134960/3 441144960/3 441164960/3 441174960/3 441184960/3 441214960/3 "
        "441314960/3 441414960/3 441514960/3 441614960/3 441914980/3 442890180/3 442920180/3"
    ),
    ("GB", "toll_free"): _plain("448081570/3"),
    ("FR", "local"): _plain("331990/5 332619/5 333530/5 335364/5"),
    ("SE", "local"): _plain("46846500/3"),
    ("DE", "local"): _plain("493023125/3"),
}
ORDINARY: dict[tuple[str, str], tuple[Block, ...]] = {
    ("US", "local"): tuple(Block(f"1{area}{2 + n % 7}", 6) for n, area in enumerate(_US_AREAS)),
    ("CA", "local"): tuple(Block(f"1{area}{2 + n % 7}", 6) for n, area in enumerate(_CA_AREAS)),
    ("US", "toll_free"): _plain("18007/6 18337/6 18332/6"),
    ("AU", "local"): (
        Block("6129", 7, "Sydney", "NSW"),
        Block("6139", 7, "Melbourne", "VIC"),
    ),
    ("AU", "mobile"): _plain("61491570/3 6149157/4"),
    ("AU", "toll_free"): _plain("611800/6"),
    ("AU", "shared_cost"): _plain("611300/6"),
    ("AU", "national"): _plain("6114710/4"),
    ("NZ", "local"): (
        Block("649555", 4, "Auckland", "Auckland"),
        Block("643555", 4, "Christchurch", "Canterbury"),
        Block("6492", 6, "Auckland", "Auckland"),
        Block("6444", 6, "Wellington", "Wellington"),
    ),
    ("NZ", "mobile"): _plain("64211/6 64212/6"),
    ("NZ", "toll_free"): _plain("64800/6"),
    ("GB", "local"): _plain("442071/6 441212/6 441612/6 441312/6"),
    ("GB", "mobile"): _plain("447400/6"),
    ("GB", "toll_free"): _plain("448002/6"),
    ("FR", "local"): _plain("33142/6 33472/6 33491/6"),
    ("FR", "toll_free"): _plain("33801/6"),
    ("SE", "local"): _plain("46840/5 46317/6 46406/6"),
    ("SE", "mobile"): _plain("46701/6"),
    ("DE", "local"): _plain("4930231/5 4989998/5 4940668/5 4969900/5"),
    ("DE", "mobile"): _plain("491513/7"),
    ("ES", "local"): _plain("34910/6 34930/6 34960/6"),
    ("ES", "mobile"): _plain("34612/6"),
    ("ES", "toll_free"): _plain("34800/6"),
    ("NL", "local"): _plain("3120/7 3110/7 3170/7"),
    ("NL", "mobile"): _plain("3162/7"),
    ("IE", "local"): _plain("35315/6 35316/6 353214/6"),
    ("IE", "mobile"): _plain("35385/7"),
    ("IT", "local"): _plain("3902123/6"),
    ("IT", "mobile"): _plain("39347/7"),
    ("PL", "local"): _plain("4822/7 4812/7"),
    ("PL", "mobile"): _plain("4851/7"),
    ("PT", "local"): _plain("35121/7"),
    ("CH", "local"): _plain("4144/7 41225/6"),
    ("BE", "local"): _plain("3224/6 3227/6"),
    ("NO", "mobile"): _plain("4790/6 4791/6"),
    ("AT", "mobile"): _plain("43664/7"),
}


@lru_cache(maxsize=1024)
def ordinary(country: str, kind: str) -> tuple[Block, ...]:
    """Return the broad ranges of a country and type; empty when it has no such numbers."""
    known = ORDINARY.get((country, kind))
    if known is not None:
        return known
    if kind == "mobile" and country in ("US", "CA"):
        return ORDINARY[country, "local"]

    block = derived_block(country, kind)
    return () if block is None else (block,)


_TYPES = {
    "local": PhoneNumberType.FIXED_LINE,
    "mobile": PhoneNumberType.MOBILE,
    "toll_free": PhoneNumberType.TOLL_FREE,
}
_LONGEST_TAIL = 6
_PROBES = 160


def _valid(number: str, country: str) -> bool:
    return phonenumbers.is_valid_number_for_region(phonenumbers.parse(number), country)


def _wholly_valid(block: Block, country: str) -> bool:
    """Say whether numbers spread over the whole block are valid ones of the country."""
    if block.capacity <= _PROBES:
        return all(_valid(block.at(index), country) for index in range(block.capacity))
    # Numbering plans are drawn by leading digits: every pair of them is asked once.
    leading = (f"{pair:02d}" for pair in range(100))
    rest = "8371"[: block.free - 2]
    tails = (pair + rest.ljust(block.free - 2, "6") for pair in leading)
    return all(_valid(f"+{block.prefix}{tail}", country) for tail in tails) and all(
        _valid(block.at(index), country) for index in range(_PROBES)
    )


def derived_block(country: str, kind: str) -> Block | None:
    """Return the widest valid range round the country's example number of that type."""
    if kind not in _TYPES or country not in phonenumbers.SUPPORTED_REGIONS:
        return None
    example = phonenumbers.example_number_for_type(country, _TYPES[kind])
    if example is None:
        return None
    digits = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)[1:]
    national = len(phonenumbers.national_significant_number(example))
    for free in range(min(_LONGEST_TAIL, national - 1), 0, -1):
        block = Block(digits[:-free], free)
        if _wholly_valid(block, country):
            return block
    return None


_TEXT_SHARE = {"US": 80, "CA": 75, "GB": 40, "SE": 55, "NL": 35, "ES": 25, "DE": 20, "FR": 20}
_COSTS = {
    ("GB", "local"): "1.00", ("GB", "mobile"): "1.25", ("GB", "toll_free"): "4.00",
    ("US", "local"): "0.90", ("US", "mobile"): "0.95", ("US", "toll_free"): "2.50",
    ("CA", "local"): "0.90", ("ES", "local"): "1.10", ("ES", "mobile"): "3.50",
    ("DE", "local"): "1.20", ("FR", "local"): "1.50", ("SE", "mobile"): "2.90",
}  # fmt: skip
ADDRESS_COUNTRIES = frozenset(
    {
        "AR", "BE", "BR", "CH", "CL", "CN", "CO", "DE", "FR", "HK", "IL", "IN", "IT",
        "JP", "KE", "KR", "MX", "MY", "PL", "RO", "SA", "SG", "TH", "TR", "TW", "ZA",
    }
)  # fmt: skip
"""Countries whose Vonage numbers cannot be bought over the API."""
_NEEDS = ("none", "any", "local", "foreign")


def _percent(number: str) -> int:
    return int(number[1:]) * 2_654_435_761 % 2**32 * 100 >> 32


def vonage_features(number: str, country: str, kind: str) -> tuple[str, ...]:
    """Return the features of a number, in the mixed order in which the API gives them."""
    percent = _percent(number)
    if kind == "toll_free":
        return ("VOICE", "SMS") if country in ("US", "CA") and percent < 50 else ("VOICE",)
    if kind == "mobile":
        if country in ("US", "CA"):
            return ("SMS", "VOICE", "MMS")
        return ("VOICE", "SMS") if percent < 70 else ("SMS",)
    if percent >= _TEXT_SHARE.get(country, 30):
        return ("VOICE",)
    return ("VOICE", "SMS", "MMS") if country in ("US", "CA") else ("SMS", "VOICE")


def parakeet_capabilities(number: str, country: str, kind: str) -> tuple[str, ...]:
    """Return what a newly bought Parakeet number can do."""
    names = vonage_features(number, country, kind)
    return tuple(name.lower() for name in names)


def vonage_cost(country: str, kind: str) -> str:
    """Return the monthly rent in euros, with the digits of the wire."""
    known = _COSTS.get((country, kind))
    if known is not None:
        return known
    dearest = {"local": 400, "mobile": 900, "toll_free": 2400}.get(kind, 500)
    cents = 80 + int(share("cost", country, kind) * dearest) // 5 * 5
    return f"{cents // 100}.{cents % 100:02d}"


def vonage_set_up_cost(country: str, kind: str) -> str | None:
    """Return the fee for setting a number up, where there is one."""
    return "5.00" if kind == "toll_free" and country not in ("GB", "US", "CA") else None


def parakeet_address_requirement(country: str, kind: str) -> str:
    """Return which address Parakeet wants for numbers of a country and type."""
    if country in ("US", "CA", "GB"):
        return "none" if country != "GB" or kind != "local" else "any"
    return _NEEDS[int(share("address", country, kind) * len(_NEEDS))]


_POOL_SIZE = 12_000
_LARGE_POOLS = {"US": 20_000, "GB": 20_000, "CA": 15_000, "DE": 15_000}
_SELLERS = ("vonage", "parakeet")
_BEHIND = {"telnyx": "vonage", "twilio": "parakeet"}
"""Sellers that offer what stands behind another one's part of a range."""


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
    place = _SELLERS.index(_BEHIND.get(seller, seller)) + (2 if kind == "mobile" else 0)
    cut = []
    for block in blocks:
        quarter = max(block.capacity // 4, 1)
        first, length = place * quarter, min(quarter, max(size // len(blocks), 1))
        if seller in _BEHIND:
            first, length = first + length, min(quarter - length, length)
        cut.append(_Segment(block, first, length))
    return tuple(cut)


def _mixed(seller: str, country: str, kind: str) -> Iterator[str]:
    """Yield all numbers that ``seller`` has ranges for, of its ranges in turn, owned or not."""
    runs = [
        segment.block.run(segment.first, segment.length)
        for segment in _segments(seller, country, kind)
    ]
    return (number for row in zip_longest(*runs) for number in row if number is not None)


@lru_cache(maxsize=24)
def _all_mixed(seller: str, country: str, kind: str) -> tuple[str, ...]:
    """Return them all; a search asks for the same ones page by page, and each is a megabyte."""
    return tuple(_mixed(seller, country, kind))


class Stock:
    """What the sellers offer, which is everything in their ranges that nobody owns."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = taken
        self._returned: dict[str, tuple[str, Available]] = {}

    def available(self, seller: str, country: str, kind: str) -> Iterator[Available]:
        """Yield what ``seller`` offers in a country as one type, in an order that never changes."""
        for number in chain(
            (number for number in _mixed(seller, country, kind) if number not in self._taken),
            self._returned_to(seller, country, kind),
        ):
            yield Available(number, country, kind)

    def numbers(self, seller: str, country: str, kind: str) -> list[str]:
        """Return the numbers alone, which is what a search through all of them needs."""
        taken = self._taken
        offered = [number for number in _all_mixed(seller, country, kind) if number not in taken]
        offered.extend(self._returned_to(seller, country, kind))
        return offered

    def _returned_to(self, seller: str, country: str, kind: str) -> Iterator[str]:
        for owner, item in self._returned.values():
            if owner == seller and item.country == country and item.kind == kind:
                yield item.number

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
        if item.kind in KINDS and seller in (*_SELLERS, *_BEHIND):
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
