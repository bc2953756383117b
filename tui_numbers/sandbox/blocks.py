"""Ranges of telephone numbers, counted by arithmetic.

``RESERVED`` are the ranges that numbering authorities keep for drama and examples; owned numbers
come from them first. ``ORDINARY`` are broad ranges that are wholly valid. Countries that are in
neither get a range derived from the example number that phonenumbers knows.
"""

from functools import lru_cache
from typing import NamedTuple

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

    def run(self, first: int, length: int) -> list[str]:
        """Return ``length`` numbers from ``first`` on, as ``at`` would, only quicker."""
        prefix, free, capacity, stride = f"+{self.prefix}", self.free, self.capacity, self._stride
        tail = first * stride + self._start
        return [
            f"{prefix}{each % capacity:0{free}d}"
            for each in range(tail, tail + length * stride, stride)
        ]

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
    from tui_numbers.sandbox.derived import derived_block

    block = derived_block(country, kind)
    return () if block is None else (block,)
