"""What a filter looks at: all that a row shows, and what the detail of a number adds."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui_numbers.domain.countries import country_name
from tui_numbers.domain.e164 import E164, is_e164
from tui_numbers.domain.filtering import WITHIN, haystack
from tui_numbers.domain.numbers import (
    AvailableNumber,
    Channel,
    Destination,
    OwnedNumber,
    Target,
    Undisclosed,
)
from tui_numbers.wording.changes import change_words
from tui_numbers.wording.values import LOCKED_WORD, kind_words, outcome_words

if TYPE_CHECKING:
    from tui_numbers.domain.operations import Operation
    from tui_numbers.providers.contract import ProviderInfo

AreaOf = Callable[[str], str | None]
"""Returns the city or region that a number's digits tell."""


def no_area(_number: str) -> None:
    """Stand for areas whose tables are not loaded."""


@dataclass(frozen=True)
class OwnedText:
    """What owned numbers are found by."""

    infos: "Mapping[str, ProviderInfo]"
    """By account."""
    area_of: AreaOf = no_area
    locks: frozenset[E164] = frozenset()
    """Numbers that the configuration locks."""
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
        phones = [voice.value] if isinstance(voice, Target) and _dials(voice) else []
        locked = LOCKED_WORD if number.number in self.locks else None
        texts = (
            number.name,
            _shared(number.account, number.provider, number.status, told.get("status"), locked),
            _kinds(number.country, number.type, number.capabilities),
            _joined(number.city, number.region, self.area_of(number.number)),
            _target_text(voice),
            _target_text(sms) if sms != voice else "",
            _joined(told.get("type"), told.get("property"), told.get("written")) if told else "",
        )
        if "written" in told:
            phones.append(told["written"])
        keys = self._holding_targets.get(number.account, ())
        linked = [
            f"{held.kind}:" if isinstance(held, Undisclosed) else held
            for key in keys
            if (held := settings.get(key))
        ]
        return haystack(number.number, texts, phones, linked)


def stock_text(number: AvailableNumber, area: str | None = None) -> str:
    """Return what an available number is found by."""
    texts = (
        _joined(number.account, number.provider, number.address_requirement),
        _kinds(number.country, number.type, number.capabilities),
        _joined(number.city, number.region, area),
    )
    return haystack(number.number, texts)


def operation_text(operation: "Operation") -> str:
    """Return what an operation is found by."""
    texts = (
        _joined(operation.account, operation.provider, operation.action.value),
        outcome_words(operation),
        operation.reason,
        str(operation.actor),
        change_words(operation),
    )
    return haystack(operation.number, texts)


def _joined(*texts: str | None) -> str:
    """Return texts that share a line, each once."""
    return WITHIN.join(dict.fromkeys(filter(None, texts)))


# Many numbers have these in common, so that each line is made once, and searched once for all.
@functools.lru_cache(maxsize=4096)
def _shared(*texts: str | None) -> str:
    return _joined(*texts)


@functools.lru_cache(maxsize=4096)
def _kinds(country: str | None, kind: str | None, capabilities: tuple[str, ...]) -> str:
    shown = kind_words(kind) if kind else None
    return _joined(country, country_name(country), kind, shown, *capabilities)


def _dials(target: Target) -> bool:
    return target.kind == "phone" and is_e164(target.value)


def _target_text(target: Destination | None) -> str:
    if target is None:
        return ""
    return f"{target.text}{WITHIN}{target.label}" if target.label else target.text
