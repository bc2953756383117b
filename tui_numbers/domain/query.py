"""What is asked for: filters on owned numbers, searches of stock, and how much there is."""

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
        if self.type is not None and number.type is not None and number.type != self.type:
            return False
        known = frozenset(number.capabilities)
        if known and not self.capabilities <= known:
            return False
        if (self.type is not None and number.type is None) or (self.capabilities and not known):
            return None
        return True


@dataclass(frozen=True, slots=True)
class OwnedQuery:
    """A filter on owned numbers by their properties; None and empty mean any."""

    country: str | None = None
    type: str | None = None
    capabilities: frozenset[str] = frozenset()
    status: str | None = None
    target_kind: str | None = None
    target_value: str | None = None
    unrouted: bool = False

    def accepts(self, number: OwnedNumber) -> bool | None:
        """Tell whether ``number`` passes; None where it cannot be known and so does not match."""
        if self.target_kind is not None and not any(
            self._points_at(target) for target in number.routing.values()
        ):
            return False
        if self.unrouted and not number.unrouted:
            return False
        wanted = (
            (self.country, number.country),
            (self.type, number.type),
            (self.status, number.status),
        )
        if any(asked and told and asked != told for asked, told in wanted):
            return False
        known = frozenset(number.capabilities)
        if known and not self.capabilities <= known:
            return False
        if any(asked and told is None for asked, told in wanted):
            return None
        return None if self.capabilities and not known else True

    def _points_at(self, target: Destination | None) -> bool:
        if target is None or target.kind != self.target_kind:
            return False
        if self.target_value is None:
            return True
        return isinstance(target, Target) and target.value == self.target_value


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
