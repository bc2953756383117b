"""What a filter looks at: all that a row shows, and what the detail of a number adds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_numbers.domain.countries import country_name
from tui_numbers.domain.e164 import is_e164
from tui_numbers.domain.filtering import WITHIN, haystack
from tui_numbers.domain.numbers import AvailableNumber, Channel, OwnedNumber, Target
from tui_numbers.wording.values import kind_words, outcome_words

if TYPE_CHECKING:
    from tui_numbers.domain.operations import Operation
    from tui_numbers.providers.contract import ProviderInfo

AreaOf = Callable[[str], str | None]
"""Returns the city or region that a number's digits tell."""


def no_area(_number: str) -> None:
    """Stand for areas whose tables are not loaded."""


@dataclass(frozen=True, slots=True)
class OwnedText:
    """What owned numbers are found by."""

    infos: "Mapping[str, ProviderInfo]"
    """By account."""
    area_of: AreaOf = no_area

    def __call__(self, number: OwnedNumber) -> str:
        """Return what one number is found by."""
        targets = [target for channel in Channel if (target := number.routing.get(channel))]
        phones = {target.value for target in targets if _dials(target)}
        written = number.told.get("written")
        places = (number.city, number.region, self.area_of(number.number))
        info = self.infos.get(number.account)
        stored = info.stored_targets(number.settings) if info is not None else ()
        return haystack(
            number.number,
            (
                _joined(number.name, written),
                _traits(number),
                _joined(*places),
                _joined(*map(_target_text, targets)),
            ),
            (*phones, written) if written else phones,
            (target.text for target in stored),
        )


def stock_text(number: AvailableNumber, area: str | None = None) -> str:
    """Return what an available number is found by."""
    traits = _joined(*_kinds(number), number.address_requirement)
    return haystack(number.number, (traits, _joined(number.city, number.region, area)))


def operation_text(operation: "Operation", change: str) -> str:
    """Return what an operation is found by; ``change`` is what it changed, in words."""
    texts = (
        _joined(operation.account, operation.provider, operation.action.value),
        outcome_words(operation),
        operation.reason,
        str(operation.actor),
        change,
    )
    return haystack(operation.number, texts)


def _joined(*texts: str | None) -> str:
    """Return texts that share a line, each once."""
    return WITHIN.join(dict.fromkeys(filter(None, texts)))


def _traits(number: OwnedNumber) -> str:
    """Join what many numbers have in common, which is then searched once for all of them."""
    told = number.told
    own_words = (told.get("status"), told.get("type"), told.get("property"))
    return _joined(*_kinds(number), number.status, *own_words)


def _kinds(number: OwnedNumber | AvailableNumber) -> tuple[str | None, ...]:
    return (
        number.account,
        number.provider,
        number.country,
        country_name(number.country),
        number.type,
        kind_words(number.type) if number.type else None,
        *number.capabilities,
    )


def _dials(target: Target) -> bool:
    return target.kind == "phone" and is_e164(target.value)


def _target_text(target: Target) -> str:
    return f"{target.text}{WITHIN}{target.label}" if target.label else target.text
