"""Describe queries: filters on owned numbers, searches of stock, and totals."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tui_numbers.domain.numbers import AvailableNumber, Destination, OwnedNumber, Target

_KEYPAD = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "2223334445556667777888999922233344455566677778889999",
)


class Match(StrEnum):
    """Where a pattern must stand in a number; all digits count, country code included."""

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


def digits_match(number: str, digits: str, match: Match) -> bool:
    """Tell whether the digits of ``number`` (E.164) hold ``digits`` at the place asked for."""
    bare = number.lstrip("+")
    if match is Match.STARTS:
        return bare.startswith(digits)
    if match is Match.ENDS:
        return bare.endswith(digits)
    return digits in bare


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

    @property
    def digits(self) -> str:
        """The pattern in digits, empty where there is none."""
        return keypad_digits(self.pattern)

    def accepts(self, number: AvailableNumber) -> bool | None:
        """Tell whether ``number`` passes; None where it cannot be known and so does not match."""
        if number.country is not None and number.country != self.country:
            return False
        if not digits_match(number.number, self.digits, self.match):
            return False
        types = frozenset() if self.type is None else frozenset({self.type})
        verdicts = (
            _has_word(types, number.type, None),
            _has_all(self.capabilities, number.capabilities),
        )
        return False if False in verdicts else None if None in verdicts else True


def word_key(word: str) -> str:
    """Return what a word of a vocabulary is compared by: case, hyphens and spaces do not count."""
    return "_".join(word.casefold().replace("-", " ").replace("_", " ").split())


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
