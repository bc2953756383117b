"""Judge how easily a phone number is remembered, and say why."""

from collections.abc import Iterator
from dataclasses import dataclass

_LOOKED_AT = 8
"""Digits at the end of a number that people remember it by."""

_WORD_POINTS = 1000
_SHORTEST_RUN = 3
_SHORTEST_STEPS = 4
_SHORTEST_PALINDROME = 5


@dataclass(frozen=True, slots=True)
class Memorable:
    """How good a number is to remember."""

    points: int
    """The more, the better; 0 where nothing stands out."""
    reason: str = ""
    """In a few words, such as ``ends 2020`` or ``4 x 7``; empty where nothing stands out."""


def memorable(number: str, word: str = "") -> Memorable:
    """Return how memorable a number (E.164) is, and the best reason for it.

    Only its last eight digits count, so that numbers of all countries are judged alike. A spelled
    ``word`` is better than anything digits can do, and a longer one better than a shorter.
    """
    digits = number.lstrip("+")[-_LOOKED_AT:]
    found = [*_runs(digits), *_steps(digits), *_endings(digits), *_palindromes(digits)]
    best = max(found, key=lambda one: one.points, default=Memorable(0))
    # Among equals, what has fewer different digits is easier.
    spare = max(0, len(digits) - len(set(digits)) - 1)
    if word:
        return Memorable(_WORD_POINTS + 20 * len(word) + best.points // 20, word)
    return Memorable(best.points + spare, best.reason) if best.points else best


def _runs(digits: str) -> Iterator[Memorable]:
    """Yield digits that are repeated: ``4 x 7``."""
    for start, end in _stretches(digits, 0):
        length = end - start
        if length < _SHORTEST_RUN:
            continue
        at_end = end == len(digits)
        round_end = at_end and digits[start] == "0"
        reason = f"round end {digits[start:]}" if round_end else f"{length} x {digits[start]}"
        yield Memorable(30 * (length - 1) + (15 if at_end else 0), reason)
    if digits.endswith("00") and not digits.endswith("000"):
        yield Memorable(20, "round end 00")


def _steps(digits: str) -> Iterator[Memorable]:
    """Yield digits that rise or fall by one: ``rising 1234``."""
    for step, name in ((1, "rising"), (-1, "falling")):
        for start, end in _stretches(digits, step):
            if end - start >= _SHORTEST_STEPS:
                bonus = 10 if end == len(digits) else 0
                yield Memorable(22 * (end - start - 1) + bonus, f"{name} {digits[start:end]}")


def _stretches(digits: str, step: int) -> Iterator[tuple[int, int]]:
    """Yield the longest stretches in which each digit is the one before plus ``step``."""
    start = 0
    for at in range(1, len(digits) + 1):
        if at == len(digits) or int(digits[at]) - int(digits[at - 1]) != step:
            if at - start > 1:
                yield start, at
            start = at


def _endings(digits: str) -> Iterator[Memorable]:
    """Yield what the end repeats: ``ends 2020``, pairs."""
    for size, points in ((4, 110), (3, 80), (2, 55)):
        end = digits[-2 * size :]
        if len(end) == 2 * size and end[:size] == end[size:] and len(set(end)) > 1:
            yield Memorable(points, f"ends {end}")
    for count, points in ((4, 105), (3, 85), (2, 45)):
        end = digits[-2 * count :]
        pairs = [end[at : at + 2] for at in range(0, len(end), 2)]
        if len(pairs) == count and all(pair[0] == pair[1] for pair in pairs) and len(set(end)) > 1:
            yield Memorable(points, f"pairs {end}")


def _palindromes(digits: str) -> Iterator[Memorable]:
    """Yield an end that reads the same backwards: ``palindrome 12321``."""
    for size in range(len(digits), _SHORTEST_PALINDROME - 1, -1):
        end = digits[-size:]
        if end == end[::-1] and len(set(end)) > 1:
            yield Memorable(12 * size - 10, f"palindrome {end}")
            return
    end = digits[-4:]
    if len(end) == 4 and end == end[::-1] and len(set(end)) > 1:
        yield Memorable(35, f"palindrome {end}")
