"""Make the text that a filter searches: what a row shows, and what the detail adds."""

import functools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from tui_numbers.domain.countries import country_name
from tui_numbers.domain.e164 import E164, is_e164
from tui_numbers.domain.filter_terms import (
    CHANGED,
    COST_TAG,
    HISTORY,
    OWNED,
    SEPARATOR,
    WITHIN,
    digits_line,
    joined,
    line_of,
    linked_line,
)
from tui_numbers.domain.numbers import (
    AvailableNumber,
    Channel,
    Destination,
    Money,
    OwnedNumber,
    Target,
    Undisclosed,
)
from tui_numbers.domain.text import word_key
from tui_numbers.wording.changes import change_words
from tui_numbers.wording.values import (
    LOCKED_WORD,
    destination_words,
    kind_words,
    outcome_words,
    short_kind,
)

if TYPE_CHECKING:
    from tui_numbers.domain.operations import Operation
    from tui_numbers.providers.contract import ProviderInfo
    from tui_numbers.services.inventory import TargetUse

AreaOf = Callable[[str], str | None]
"""Returns the city or region that a number's digits tell."""
FlagsOf = Callable[[OwnedNumber], frozenset[str]]
"""Returns the words of ``is:`` that hold for a number by what stands outside it: ``temporary``,
``finding``, ``marked``."""


Values = dict[str, set[str]]
"""The values that are known of fields, and the targets that are known of kinds."""


def no_area(_number: str) -> None:
    """Stand for areas whose tables are not loaded."""


def no_flags(_number: OwnedNumber) -> frozenset[str]:
    """Stand for flags where none are known."""
    return frozenset()


@dataclass(frozen=True)
class OwnedText:
    """What owned numbers are found by, in the lines of ``filter_terms.OWNED``."""

    infos: "Mapping[str, ProviderInfo]"
    """By account."""
    area_of: AreaOf = no_area
    locks: frozenset[E164] = frozenset()
    """Numbers that the configuration locks."""
    read_only: frozenset[str] = frozenset()
    """Accounts that are not written to."""
    flags: FlagsOf = no_flags
    _holding_targets: Mapping[str, tuple[tuple[str, str], ...]] = field(
        init=False, compare=False, repr=False
    )
    """Settings that hold targets, by account, each with what its text leaves out of a target's."""

    def __post_init__(self) -> None:
        """Look up once what every number needs."""
        keys = {
            account: tuple(
                (spec.key, f"{spec.target_kinds[0]}:" if spec.bare else "")
                for spec in info.target_settings
            )
            for account, info in self.infos.items()
        }
        object.__setattr__(self, "_holding_targets", keys)

    def __call__(self, number: OwnedNumber) -> str:
        """Return what one number is found by; made for very many of them."""
        told, settings = number.told, number.settings
        voice, sms = number.routing.get(Channel.VOICE), number.routing.get(Channel.SMS)
        locked = number.number in self.locks
        written = (told["written"],) if "written" in told else ()
        held = [(settings.get(key), kind)
                for key, kind in self._holding_targets.get(number.account, ())]  # fmt: skip
        linked = tuple(f"{one.kind}:" if isinstance(one, Undisclosed) else kind + one
                       for one, kind in held if one)  # fmt: skip
        shown = (_target(voice), _target(sms) if sms != voice else None)
        lines = (
            digits_line(number.number, *written),
            digits_line(*_phones(voice, sms)),
            _linked(linked),
            _targets(*shown),
            _facts(
                not (voice or sms),
                locked,
                number.account in self.read_only,
                number.status,
                self.flags(number),
                number.monthly_cost,
            ),
            _seconds(number.updated_at),
            _account(number.account, number.provider, number.status, told.get("status"), locked),
            _kinds(number.country, number.type, told.get("type"), number.capabilities),
            line_of(number.name) if number.name else "",
            _place(number.city, number.region, self.area_of(number.number)),
            _destinations(*shown),
            line_of(told.get("property"), told.get("written")) if told else "",
        )
        return SEPARATOR.join(lines)


def stock_text(number: AvailableNumber, area: str | None = None) -> str:
    """Return what an available number is found by, in the lines of ``filter_terms.STOCK``."""
    lines = (
        digits_line(number.number),
        *("", "", ""),
        _cost(number.monthly_cost),
        "",
        _account(number.account, number.provider),
        _kinds(number.country, number.type, None, number.capabilities),
        _place(number.city, number.region, area),
        line_of(number.address_requirement),
    )
    return SEPARATOR.join(lines)


def target_use_text(use: "TargetUse") -> str:
    """Return what a target is found by in a table of them, in the lines of ``filter_terms.USES``.

    Its identifier is looked at by words only where it has no name.
    """
    shown = _target(use.target)
    lines = (
        "",
        digits_line(use.target.value)
        if isinstance(use.target, Target) and _dials(use.target)
        else "",
        "",
        _targets(shown),
        *("", ""),
        line_of(use.account),
        line_of(destination_words(use.target)),
        line_of(use.standing.value),
        line_of(" ".join(use.channels)),
    )
    return SEPARATOR.join(lines)


def operation_text(operation: "Operation") -> str:
    """Return what an operation is found by, in the lines of ``filter_terms.HISTORY``."""
    after = operation.requested or operation.observed
    routing = tuple(after.routing.values()) if after is not None else ()
    outcome, ended = operation.outcome, outcome_words(operation)
    lines = (
        digits_line(operation.number),
        digits_line(*_phones(*routing)),
        "",
        _targets(*map(_target, routing)),
        line_of("open") if outcome is None or outcome.is_open else "",
        _seconds(operation.started_at),
        joined(
            _account(operation.account, operation.provider),
            line_of(operation.action.value, tag=HISTORY.tag("action")),
            line_of(ended, word_key(ended), tag=HISTORY.tag("outcome")),
        ),
        line_of(change_words(operation)),
        line_of(operation.reason),
        line_of(str(operation.actor)),
    )
    return SEPARATOR.join(lines)


def batch_text(operations: "Sequence[Operation]") -> str:
    """Return what a batch is found by: whatever one of its operations is found by."""
    texts = [operation_text(one).split(SEPARATOR) for one in operations]
    lines = [joined(*dict.fromkeys(line)) for line in zip(*texts, strict=True)]
    # The time is one number, which texts of several would not be.
    lines[CHANGED] = texts[0][CHANGED]
    return SEPARATOR.join(lines)


# Many numbers have these in common, so that each line is made once, and searched once for all.
_many = functools.lru_cache(maxsize=8192)


@_many
def _account(
    account: str,
    provider: str,
    status: str | None = None,
    own_status: str | None = None,
    locked: bool = False,
) -> str:
    """Return the line of account, provider and status, which every layout begins alike."""
    words = [word for word in (status, own_status, LOCKED_WORD if locked else None) if word]
    return joined(
        line_of(account, tag=OWNED.tag("account")),
        line_of(provider, tag=OWNED.tag("provider")),
        line_of(*words, *map(word_key, words), tag=OWNED.tag("status")),
    )


@_many
def _kinds(
    country: str | None, kind: str | None, own_kind: str | None, capabilities: tuple[str, ...]
) -> str:
    """Return the line of country, type and features; each word of a name begins a text."""
    words = (country_name(country) or "").split()
    names = [" ".join(words[at:]) for at in range(len(words))]
    types = (kind_words(kind), kind, own_kind, own_kind and word_key(own_kind)) if kind else ()
    return joined(
        line_of(country, *names, tag=OWNED.tag("country")),
        line_of(*types, tag=OWNED.tag("type")),
        line_of(*capabilities, *map(word_key, capabilities), tag=OWNED.tag("features")),
    )


@_many
def _place(city: str | None, region: str | None, area: str | None) -> str:
    return line_of(city, region, area)


@_many
def _facts(
    unrouted: bool,
    locked: bool,
    read_only: bool,
    status: str | None,
    outside: frozenset[str],
    cost: Money | None,
) -> str:
    """Return the line of what ``is:`` asks for, and of the cost."""
    words = {"unrouted": unrouted, LOCKED_WORD: locked, "readonly": read_only}
    words |= {"porting": status == "porting", "pending": status == "pending"}
    held = [word for word, holds in words.items() if holds]
    return joined(line_of(*held, *sorted(outside)), _cost(cost))


def _cost(money: Money | None) -> str:
    return line_of(f"{money.digits} {money.currency}", tag=COST_TAG) if money else ""


def _seconds(moment: datetime | None) -> str:
    return f"{WITHIN}{max(0, int(moment.timestamp()))}{WITHIN}" if moment is not None else ""


@_many
def _linked(targets: tuple[str, ...]) -> str:
    return linked_line(targets)


_Shown = tuple[str, str | None, str | None] | None
"""A target's kind, value and name, by which it is told apart from one of another name."""


def _target(target: Destination | None) -> _Shown:
    """Return what a target's lines are made of.

    A number that can be dialled stands in the line of digits instead, and makes none of these.
    """
    if isinstance(target, Target):
        return target.kind, None if _dials(target) else target.value, target.label
    if target is None:
        return None
    return target.kind, target.text.removeprefix(target.kind).strip(), target.label


def _phones(*targets: Destination | None) -> Iterator[str]:
    """Yield the numbers that are called, where they can be dialled."""
    return (one.value for one in targets if isinstance(one, Target) and _dials(one))


def _dials(target: Target) -> bool:
    return target.kind == "phone" and is_e164(target.value)


@_many
def _targets(*targets: _Shown) -> str:
    """Return the line of targets in force: as they are written, and by their names."""
    texts: list[str] = []
    for kind, value, label in filter(None, targets):
        texts.append(f"{kind}:{value or ''}")
        if label:
            texts.extend((f"{kind}:{label}", label))
    return line_of(*texts)


@_many
def _destinations(*targets: _Shown) -> str:
    """Return the line of where calls and messages go as it is shown.

    An identifier is shown only where there is no name.
    """
    texts: list[str] = []
    for kind, value, label in filter(None, targets):
        texts.extend((kind, f"{short_kind(kind)} {label or value or ''}"))
    return line_of(*texts)


def owned_values(numbers: Iterable[OwnedNumber], targets: Iterable[Target]) -> Values:
    """Return the values of owned numbers that a filter can be completed with."""
    values = _shared_values(numbers := list(numbers))
    values["status"] = {one.status for one in numbers}
    # Many numbers share one routing, so that few of them are looked at.
    routings = {id(one.routing): one.routing for one in numbers}.values()
    pointed_at = (to for one in routings for to in one.values() if isinstance(to, Target))
    for target in (*pointed_at, *targets):
        values[target.kind].add(target.label or target.value)
        values["to"].add(target.label or target.value)
    values["to"].add("nowhere")
    return _told_values(values)


def stock_values(numbers: Iterable[AvailableNumber]) -> Values:
    """Return the values of available numbers that a filter can be completed with."""
    return _told_values(_shared_values(list(numbers)))


def _shared_values(
    numbers: Sequence[OwnedNumber | AvailableNumber],
) -> defaultdict[str, set[str | None]]:
    """Return the values of fields that owned and available numbers have alike."""
    features = {number.capabilities for number in numbers}
    return defaultdict(
        set,
        account={number.account for number in numbers},
        provider={number.provider for number in numbers},
        country={number.country for number in numbers},
        type={number.type for number in numbers},
        features={word for words in features for word in words},
        place={number.city for number in numbers} | {number.region for number in numbers},
    )


def _told_values(values: Mapping[str, set[str | None]]) -> Values:
    return {name: {one for one in found if one} for name, found in values.items()}


def operation_values(operations: "Iterable[Operation]") -> Values:
    """Return the values of operations that a filter can be completed with."""
    values: dict[str, set[str]] = defaultdict(set)
    for one in operations:
        values["account"].add(one.account)
        values["provider"].add(one.provider)
        values["action"].add(one.action.value)
        values["outcome"].add(outcome_words(one))
        values["who"].add(one.actor.short)
    return values
