"""What a filter looks at: all that a row shows, and what the detail of a number adds."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from tui_numbers.domain.countries import country_name
from tui_numbers.domain.e164 import E164, is_e164
from tui_numbers.domain.filter_terms import (
    SEPARATOR,
    digits_line,
    line_of,
    linked_line,
    plain_line,
)
from tui_numbers.domain.numbers import (
    AvailableNumber,
    Channel,
    Destination,
    Money,
    OwnedNumber,
    Routing,
    Target,
    Undisclosed,
)
from tui_numbers.domain.query import word_key
from tui_numbers.wording.changes import change_words
from tui_numbers.wording.values import LOCKED_WORD, kind_words, outcome_words, short_kind

if TYPE_CHECKING:
    from tui_numbers.domain.operations import Operation
    from tui_numbers.providers.contract import ProviderInfo

AreaOf = Callable[[str], str | None]
"""Returns the city or region that a number's digits tell."""
FlagsOf = Callable[[OwnedNumber], frozenset[str]]
"""Returns the words of ``is:`` that hold for a number by what stands outside it: ``temporary``,
``finding``, ``marked``."""


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
    _holding_targets: Mapping[str, tuple[str, ...]] = field(init=False, compare=False, repr=False)
    """Settings that hold targets, by account."""

    def __post_init__(self) -> None:
        """Look up once what every number needs."""
        keys = {account: info.target_settings for account, info in self.infos.items()}
        object.__setattr__(self, "_holding_targets", keys)

    def __call__(self, number: OwnedNumber) -> str:
        """Return what one number is found by; made for very many of them."""
        told, settings = number.told, number.settings
        voice, sms = number.routing.get(Channel.VOICE), number.routing.get(Channel.SMS)
        locked = number.number in self.locks
        written = (told["written"],) if "written" in told else ()
        held = [settings.get(key) for key in self._holding_targets.get(number.account, ())]
        linked = tuple(f"{one.kind}:" if isinstance(one, Undisclosed) else one
                       for one in held if one)  # fmt: skip
        lines = (
            digits_line(number.number, *written),
            digits_line(voice.value) if isinstance(voice, Target) and _dials(voice) else "",
            _linked(linked),
            _targets(_target(voice), _target(sms)),
            _flags(
                not (voice or sms),
                locked,
                number.account in self.read_only,
                number.status,
                self.flags(number),
            ),
            _cost(number.monthly_cost),
            _seconds(number.updated_at),
            _account(number.account, number.provider, number.status, told.get("status"), locked),
            _kinds(number.country, number.type, told.get("type"), number.capabilities),
            line_of(number.name) if number.name else "",
            _place(number.city, number.region, self.area_of(number.number)),
            _destination(_target(voice)),
            _destination(_target(sms)) if sms != voice else "",
            line_of(told.get("property"), told.get("written")) if told else "",
        )
        return SEPARATOR.join(lines)


def stock_text(number: AvailableNumber, area: str | None = None) -> str:
    """Return what an available number is found by, in the lines of ``filter_terms.STOCK``."""
    lines = (
        digits_line(number.number),
        *("", "", "", ""),
        _cost(number.monthly_cost),
        "",
        line_of(number.account),
        line_of(number.provider),
        _kinds(number.country, number.type, None, number.capabilities),
        _place(number.city, number.region, area),
        line_of(number.address_requirement),
    )
    return SEPARATOR.join(lines)


def operation_text(operation: "Operation") -> str:
    """Return what an operation is found by, in the lines of ``filter_terms.HISTORY``."""
    after = operation.requested or operation.observed
    routing = after.routing if after is not None else {}
    outcome = operation.outcome
    lines = (
        digits_line(operation.number),
        digits_line(*(one.value for one in _told(routing) if _dials(one))),
        "",
        _targets(*map(_target, routing.values())),
        plain_line("open") if outcome is None or outcome.is_open else "",
        "",
        _seconds(operation.started_at),
        line_of(operation.account),
        line_of(operation.provider),
        line_of(operation.action.value),
        line_of(outcome_words(operation), word_key(outcome_words(operation))),
        line_of(operation.reason),
        line_of(str(operation.actor)),
        line_of(change_words(operation)),
    )
    return SEPARATOR.join(lines)


# Many numbers have these in common, so that each line is made once, and searched once for all.
_many = functools.lru_cache(maxsize=8192)


@_many
def _account(
    account: str, provider: str, status: str | None, own_status: str | None, locked: bool
) -> str:
    """Return the lines of account, provider and status."""
    words = (status, own_status, LOCKED_WORD if locked else None)
    status_line = line_of(*words, *(word_key(word) for word in words if word))
    return SEPARATOR.join((line_of(account), line_of(provider), status_line))


@_many
def _kinds(
    country: str | None, kind: str | None, own_kind: str | None, capabilities: tuple[str, ...]
) -> str:
    """Return the lines of country, type and features."""
    types = (kind_words(kind), kind, own_kind, own_kind and word_key(own_kind)) if kind else ()
    return SEPARATOR.join(
        (
            line_of(country, country_name(country)) if country else "",
            line_of(*types),
            line_of(*capabilities, *map(word_key, capabilities)),
        )
    )


@_many
def _place(city: str | None, region: str | None, area: str | None) -> str:
    return line_of(city, region, area)


@_many
def _flags(
    unrouted: bool, locked: bool, read_only: bool, status: str | None, outside: frozenset[str]
) -> str:
    words = {"unrouted": unrouted, LOCKED_WORD: locked, "readonly": read_only}
    words |= {"porting": status == "porting", "pending": status == "pending"}
    return line_of(*(word for word, holds in words.items() if holds), *sorted(outside))


@_many
def _cost(money: Money | None) -> str:
    return plain_line(f"{money.digits} {money.currency.lower()}") if money is not None else ""


def _seconds(moment: datetime | None) -> str:
    return plain_line(str(int(moment.timestamp()))) if moment is not None else ""


@_many
def _linked(targets: tuple[str, ...]) -> str:
    return linked_line(targets)


_Shown = tuple[str, str | None, str | None] | None
"""A target's kind, value and name, by which it is told apart from one of another name."""


def _target(target: Destination | None) -> _Shown:
    if target is None:
        return None
    return target.kind, target.value if isinstance(target, Target) else None, target.label


def _told(routing: Routing) -> list[Target]:
    return [one for one in routing.values() if isinstance(one, Target)]


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
def _destination(target: _Shown) -> str:
    """Return the line of where a channel goes as it is shown: an identifier only without a name."""
    if target is None:
        return ""
    kind, value, label = target
    named = label or (value if value is not None else Undisclosed(kind).text)
    return line_of(f"{short_kind(kind)} {named}", kind)
