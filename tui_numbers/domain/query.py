"""Describe queries: filters on owned numbers, searches of stock, and totals."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from tui_numbers.domain.countries import calling_code, trunk_prefix
from tui_numbers.domain.memorable import memorable
from tui_numbers.domain.numbers import AvailableNumber, Destination, OwnedNumber, Target
from tui_numbers.domain.text import word_key

_KEYPAD = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "2223334445556667777888999922233344455566677778889999",
)


class Match(StrEnum):
    """Where a pattern must stand in a number; all digits count, country code included.

    What a number starts with is read with the country code and without it.
    """

    STARTS = "starts"
    CONTAINS = "contains"
    ENDS = "ends"


class InvalidPattern(ValueError):
    """A pattern holds something that is neither a digit nor a letter."""


def keypad_digits(pattern: str) -> str:
    """Return the digits that ``pattern`` stands for, letters by the telephone keypad (E.161).

    Raises:
        InvalidPattern: It holds anything but digits, ASCII letters and separators.
    """
    bare = "".join(letter for letter in pattern if letter not in " -().+\u00a0")
    digits = bare.translate(_KEYPAD)
    if not all("0" <= digit <= "9" for digit in digits):
        raise InvalidPattern(f"a pattern is digits or the letters A to Z, not {pattern!r}")
    return digits


@functools.lru_cache(maxsize=256)
def beginnings(pattern: str, country: str) -> tuple[str, ...]:
    """Return what the digits of a number, country code first, may begin with.

    Args:
        pattern: What a person says that it starts with: with the country code or without it, with
            the country's trunk prefix or without. After a ``+`` the country code is surely there.
        country: ISO 3166-1 alpha-2.

    Raises:
        InvalidPattern: The pattern holds anything but digits, letters and separators.
    """
    digits, code = keypad_digits(pattern), str(calling_code(country))
    if not digits or code == "0" or pattern.lstrip().startswith("+"):
        return (digits,)
    found = [digits] if digits.startswith(code) or code.startswith(digits) else []
    national = _without_trunk(pattern, country)
    if national != digits:
        found.append(code + national)
    if national == digits or trunk_prefix(country) not in ("0", code):
        # Behind the country code no number begins with 0, nor with 1 in North America.
        found.append(code + digits)
    return tuple(
        one
        for one in dict.fromkeys(found)
        if not any(one != other and one.startswith(other) for other in found)
    )


def _without_trunk(pattern: str, country: str) -> str:
    """Return the digits of a pattern without the trunk prefix that it is written with."""
    digits, trunk = keypad_digits(pattern), trunk_prefix(country)
    written = "".join(one for one in pattern if one.isalnum())
    return digits[len(trunk) :] if trunk and written.startswith(trunk) else digits


@dataclass(frozen=True, slots=True)
class StockQuery:
    """A search of stock; None and empty mean any."""

    country: str
    """ISO 3166-1 alpha-2, upper case."""
    type: str | None = None
    capabilities: frozenset[str] = frozenset()
    """All of them must be there."""
    pattern: str = ""
    """As typed: digits, or letters of the telephone keypad."""
    match: Match = Match.CONTAINS
    place: str = ""
    """Words that city, region or area must hold; looked at where places are known."""

    @property
    def digits(self) -> str:
        """The pattern in digits, empty where there is none."""
        return keypad_digits(self.pattern)

    @property
    def beginnings(self) -> tuple[str, ...]:
        """What a number begins with, country code first, where the search is for that."""
        starts = self.match is Match.STARTS and self.pattern
        return tuple(filter(None, beginnings(self.pattern, self.country))) if starts else ()

    @property
    def has_letters(self) -> bool:
        """Whether the pattern is to spell something."""
        return any(one.isalpha() for one in self.pattern)

    @property
    def read_as(self) -> str:
        """How a beginning is read, where that is not just as it was typed; empty otherwise."""
        found, digits = self.beginnings, self.digits
        if not found or found == (digits,):
            return ""
        written = " or ".join(f"+{one}" for one in found)
        trunk = trunk_prefix(self.country)
        left_out = all(not one.endswith(digits) for one in found)
        why = f", without the trunk {trunk}" if left_out else ", the country code counted"
        return f"{self.pattern.strip()} read as {written}{why}"

    def wire_queries(self, *, starts: bool) -> tuple["StockQuery", ...]:
        """Return the searches that a provider is asked for, which together find all of this one.

        ``starts`` tells whether it looks at the beginning of numbers itself.
        """
        found = self.beginnings
        if not found:
            return (self,)
        if starts or len(found) == 1:
            return tuple(replace(self, pattern=digits) for digits in found)
        # What is asked for as a part of numbers must be in each of them.
        return (replace(self, pattern=_without_trunk(self.pattern, self.country) or self.pattern),)

    def span(self, number: str) -> tuple[int, int] | None:
        """Return where the pattern stands among the digits of ``number`` (E.164), or None."""
        bare, digits = number.lstrip("+"), self.digits
        if not digits:
            return None
        if self.match is Match.STARTS:
            begins = next((one for one in self.beginnings if bare.startswith(one)), None)
            if begins is None:
                return None
            at = len(begins) - len(digits) if begins.endswith(digits) else 0
            return at, len(begins)
        at = len(bare) - len(digits) if self.match is Match.ENDS else bare.find(digits)
        return (at, at + len(digits)) if at >= 0 and bare.startswith(digits, at) else None

    def accepts(self, number: AvailableNumber) -> bool | None:
        """Tell whether ``number`` passes; None where it cannot be known and so does not match.

        Places are not looked at here, since their tables are not part of a number.
        """
        if number.country is not None and number.country != self.country:
            return False
        if self.digits and self.span(number.number) is None:
            return False
        types = frozenset() if self.type is None else frozenset({self.type})
        verdicts = (
            _has_word(types, number.type, None),
            _has_all(self.capabilities, number.capabilities),
        )
        return False if False in verdicts else None if None in verdicts else True

    def word_in(self, number: str) -> str:
        """Return the letters searched for where ``number`` (E.164) spells them, or nothing.

        Digits of the pattern stand between them as they are.
        """
        letters = "".join(one for one in self.pattern if one.isalnum()).upper()
        return "" if letters.isdigit() or self.span(number) is None else letters


class StockSort(StrEnum):
    """What found stock is sorted by."""

    PRICE = "price"
    NUMBER = "number"
    MEMORABLE = "memorable"


def stock_key(sort: StockSort, query: StockQuery) -> Callable[[AvailableNumber], Any]:
    """Return what numbers found by ``query`` are compared by, the best one first."""
    if sort is StockSort.PRICE:
        return lambda one: (*price_key(one), one.number)
    if sort is StockSort.MEMORABLE:
        return lambda one: (-memorable(one.number, query.word_in(one.number)).points, one.number)
    return lambda one: one.number


def price_key(number: AvailableNumber) -> tuple[bool, str, Decimal]:
    """Return what prices are compared by: within a currency alone, unknown ones last."""
    cost = number.monthly_cost
    return (True, "", Decimal(0)) if cost is None else (False, cost.currency, cost.amount)


@dataclass(frozen=True, slots=True)
class TargetPattern:
    """A kind of target, or one target of that kind."""

    kind: str
    value: str | None = None

    def fits(self, target: Destination | None) -> bool:
        """Tell whether ``target`` is meant; one that is not disclosed is so by its kind alone."""
        if target is None or target.kind != self.kind:
            return False
        if self.value is None:
            return True
        return isinstance(target, Target) and target.value == self.value


@dataclass(frozen=True, slots=True)
class OwnedQuery:
    """A filter on owned numbers by their properties; None and empty mean any."""

    country: str | None = None
    types: frozenset[str] = frozenset()
    """One of them must be the type, in our word or the provider's own."""
    capabilities: frozenset[str] = frozenset()
    """All of them must be there."""
    statuses: frozenset[str] = frozenset()
    """One of them must be the status, in our word or the provider's own."""
    target: TargetPattern | None = None
    """Where some channel is delivered."""
    linked: TargetPattern | None = None
    """What some setting holds, be it in force or overridden by another one."""
    not_linked: TargetPattern | None = None
    """What no setting may hold."""
    unrouted: bool = False

    def accepts(self, number: OwnedNumber, stored: Sequence[Destination] = ()) -> bool | None:
        """Tell whether ``number`` passes; None where it cannot be known and so does not match.

        ``stored`` are the targets that its settings hold.
        """
        if self.target is not None and not any(map(self.target.fits, number.routing.values())):
            return False
        if self.linked is not None and not any(map(self.linked.fits, stored)):
            return False
        if self.not_linked is not None and any(map(self.not_linked.fits, stored)):
            return False
        if self.unrouted and not number.unrouted:
            return False
        verdicts = (
            None if self.country and not number.country else self.country in (None, number.country),
            _has_word(self.types, number.type, number.told.get("type")),
            _has_word(self.statuses, number.status, number.told.get("status")),
            _has_all(self.capabilities, number.capabilities),
        )
        return False if False in verdicts else None if None in verdicts else True


def _has_word(asked: frozenset[str], word: str | None, own_word: str | None) -> bool | None:
    """Tell whether a word is one of those asked for; None where there is none to compare."""
    if not asked:
        return True
    if word is None:
        return None
    keys = set(map(word_key, asked))
    return word_key(word) in keys or (own_word is not None and word_key(own_word) in keys)


def _has_all(asked: frozenset[str], capabilities: Sequence[str]) -> bool | None:
    """Tell whether all words asked for are there; None where no capability is told."""
    if not asked:
        return True
    if not capabilities:
        return None
    return set(map(word_key, asked)) <= set(map(word_key, capabilities))


@dataclass(frozen=True, slots=True)
class Total:
    """How many there are: a count, nothing known, or at least a count."""

    count: int | None = None
    capped: bool = False
    """The provider returns no more than ``count``, whatever there is."""

    def __str__(self) -> str:
        if self.count is None:
            return "unknown"
        return f"first {self.count:,}" if self.capped else f"{self.count:,}"


UNKNOWN_TOTAL = Total()
