"""Count owned numbers by what they have in common, and draw the counts as bars."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tui_numbers.domain import clock
from tui_numbers.domain.numbers import Channel, Destination, Money, OwnedNumber, Target
from tui_numbers.domain.records import Record, money_record
from tui_numbers.wording.values import (
    NOWHERE,
    capability_words,
    country_words,
    kind_words,
    target_words,
)

if TYPE_CHECKING:
    from tui_numbers.domain.operations import Operation

NOT_TOLD_LABEL: Final = "not told"
"""The label of numbers of which the provider does not tell what they are counted by."""

_PARTS: Final = " ▏▎▍▌▋▊▉█"
"""A cell, from empty to full, in eighths."""


@dataclass(frozen=True, slots=True)
class Group:
    """The numbers that have one thing in common."""

    by: str
    key: str | None
    """What they have in common; None where nothing is told, or nothing is there."""
    label: str
    numbers: int
    monthly_cost: tuple[Money, ...] = ()
    """The sum of what is told, by currency."""
    cost_unknown: int = 0
    """Numbers of which no cost is told."""


def delivered_to(number: OwnedNumber) -> Destination | None:
    """Return where the calls of a number go, or its messages where no calls go anywhere."""
    return number.routing.get(Channel.VOICE) or number.routing.get(Channel.SMS)


def _target_key(number: OwnedNumber) -> str | None:
    target = delivered_to(number)
    if target is None:
        return None
    return target.text if isinstance(target, Target) else target.kind


_KEYS: Final[Mapping[str, Callable[[OwnedNumber], str | None]]] = {
    "account": lambda number: number.account,
    "country": lambda number: number.country,
    "type": lambda number: number.type,
    "status": lambda number: number.status,
    "target": _target_key,
    "features": lambda number: ",".join(number.capabilities) or None,
}
_LABELS: Final[Mapping[str, Callable[[OwnedNumber], str]]] = {
    "account": lambda number: number.account,
    "country": lambda number: country_words(number.country),
    "type": lambda number: kind_words(number.type),
    "status": lambda number: number.status or NOT_TOLD_LABEL,
    "target": lambda number: target_words(delivered_to(number)),
    "features": lambda number: capability_words(number.capabilities),
}

BY: Final = tuple(_KEYS)
"""What numbers can be counted by. Each number is counted once: by its target, that is where its
calls go, or its messages where no calls go anywhere; by its features, all of them together."""


@dataclass(slots=True)
class _Tally:
    sample: OwnedNumber
    numbers: int = 0
    unknown: int = 0


def summarise(numbers: Iterable[OwnedNumber], by: str) -> list[Group]:
    """Return the numbers counted by one of ``BY``, the largest group first."""
    key_of = _KEYS[by]
    tallies: dict[str | None, _Tally] = {}
    costs: dict[str | None, dict[str, Decimal]] = {}
    for number in numbers:
        key = key_of(number)
        tally = tallies.get(key)
        if tally is None:
            tally = tallies[key] = _Tally(number)
        tally.numbers += 1
        cost = number.monthly_cost
        if cost is None:
            tally.unknown += 1
        else:
            sums = costs.setdefault(key, {})
            sums[cost.currency] = sums.get(cost.currency, Decimal(0)) + cost.amount
    groups = [
        Group(
            by,
            key,
            _label(by, key, tally.sample),
            tally.numbers,
            tuple(Money(amount, name) for name, amount in sorted(costs.get(key, {}).items())),
            tally.unknown,
        )
        for key, tally in tallies.items()
    ]
    return sorted(groups, key=lambda group: (-group.numbers, group.key is None, group.label))


def _label(by: str, key: str | None, sample: OwnedNumber) -> str:
    if key is not None:
        return _LABELS[by](sample)
    return NOWHERE if by == "target" else NOT_TOLD_LABEL


def group_record(group: Group) -> Record:
    """Return the JSON record of a group."""
    return {
        "by": group.by,
        "key": group.key,
        "label": group.label,
        "numbers": group.numbers,
        "monthly_cost": [money_record(money) for money in group.monthly_cost],
        "cost_unknown": group.cost_unknown,
    }


def total_of(groups: Iterable[Group]) -> Group:
    """Return what groups that share no number come to together."""
    numbers = unknown = 0
    sums: dict[str, Decimal] = {}
    for group in groups:
        numbers += group.numbers
        unknown += group.cost_unknown
        for money in group.monthly_cost:
            sums[money.currency] = sums.get(money.currency, Decimal(0)) + money.amount
    costs = tuple(Money(amount, currency) for currency, amount in sorted(sums.items()))
    return Group("all", None, "all", numbers, costs, unknown)


def cost_words(group: Group) -> str:
    """Return what a group costs a month, as far as it is told: ``EUR 3.25, unknown for 2``."""
    told = " + ".join(f"{money.currency} {money.amount:,.2f}" for money in group.monthly_cost)
    if not told:
        return "unknown"
    return f"{told}, unknown for {group.cost_unknown:,}" if group.cost_unknown else told


def share_words(part: int, whole: int) -> str:
    """Return a share in per cent; what is there at all is never rounded to nothing."""
    if not part or not whole:
        return "0 %"
    share = 100 * part / whole
    return "< 1 %" if share < 1 else f"{min(share, 99 if part < whole else 100):.0f} %"


def bar(part: int, whole: int, width: int, *, plain: bool = False) -> str:
    """Return a bar of at most ``width`` cells, by eighths of a cell.

    ``plain`` draws whole cells of ``#``, for a terminal that knows nothing else. What is there at
    all has a trace of a bar.
    """
    if part <= 0 or whole <= 0:
        return ""
    if plain:
        return "#" * max(1, round(width * part / whole))
    eighths = max(1, round(width * 8 * part / whole))
    full, rest = divmod(min(eighths, width * 8), 8)
    return _PARTS[8] * full + (_PARTS[rest] if rest else "")


def changes_by_day(operations: Sequence["Operation"], days: int) -> list[tuple[date, int]]:
    """Return how many operations were begun on each of the last days, today last."""
    today = clock.local(clock.now()).date()
    counts = {today - timedelta(days=ago): 0 for ago in range(days - 1, -1, -1)}
    for operation in operations:
        day = clock.local(operation.started_at).date()
        if operation.begun and day in counts:
            counts[day] += 1
    return list(counts.items())
