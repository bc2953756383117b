"""How values read to people: targets, types, times and money in a few words."""

from datetime import datetime
from typing import TYPE_CHECKING

from tui_numbers.domain.clock import local, now
from tui_numbers.domain.countries import country_name
from tui_numbers.domain.e164 import E164, international, is_e164
from tui_numbers.domain.numbers import (
    AvailableNumber,
    Channel,
    Destination,
    OwnedNumber,
    Stored,
    Undisclosed,
)

if TYPE_CHECKING:
    from tui_numbers.domain.operations import Operation, Outcome

UNKNOWN = "—"
_SHORT = {"application": "app"}
_OUTCOME_TONES = {
    "verified": "good",
    "unchanged": "good",
    "planned": "",
    "different": "bad",
    "failed": "bad",
    "unknown": "warn",
    "pending": "warn",
    "refused": "warn",
}
_STATUS_TONES = {"active": "good", "pending": "warn", "porting": "warn"}


def target_words(target: Destination | None) -> str:
    """Return a target as ``app Support IVR``, or a dash."""
    if target is None:
        return UNKNOWN
    kind = _SHORT.get(target.kind, target.kind)
    if target.label:
        return f"{kind} {target.label}" if target.label.casefold() != kind else target.label
    if isinstance(target, Undisclosed):
        return target.text
    if is_e164(target.value):
        return f"{kind} {international(E164(target.value))}"
    if target.value.startswith((f"{kind}:", "https://", "http://")):
        return target.value
    return f"{kind} {target.value}"


def value_words(value: Stored) -> str:
    """Return a stored setting for people, or a dash."""
    return UNKNOWN if value is None else str(value)


def type_words(kind: str | None) -> str:
    """Return a number's type, ``toll free``, or a dash."""
    return kind.replace("_", " ") if kind else UNKNOWN


def capability_words(capabilities: tuple[str, ...]) -> str:
    """Return what a number carries, or a dash."""
    return " ".join(capabilities) or UNKNOWN


def place_words(number: OwnedNumber | AvailableNumber) -> str:
    """Return city, region or country of the provider's record."""
    return number.city or number.region or country_name(number.country) or UNKNOWN


def clock(moment: datetime | None) -> str:
    """Return a time of day in the user's zone, with the date where it is another day."""
    if moment is None:
        return UNKNOWN
    shown = local(moment)
    is_today = shown.date() == local(now()).date()
    return shown.strftime("%H:%M" if is_today else "%Y-%m-%d %H:%M")


def status_tone(status: str | None) -> str:
    """Return the meaning of a status."""
    return _STATUS_TONES.get(status or "", "dim" if status is None else "")


def outcome_tone(outcome: "Outcome | None") -> str:
    """Return the meaning of an outcome."""
    return _OUTCOME_TONES[outcome] if outcome is not None else "dim"


def outcome_words(operation: "Operation") -> str:
    """Return how an operation ended, or that it has not."""
    return operation.outcome.value if operation.outcome else "under way"


def change_words(operation: "Operation") -> str:
    """Return what an operation changed, ``voice: app Support IVR -> phone +44…``."""
    before, after = operation.before, operation.after
    if before is None or after is None:
        return UNKNOWN
    for channel in Channel:
        was, will = before.routing.get(channel), after.routing.get(channel)
        if was != will:
            return f"{target_words(was)} -> {target_words(will)}"
    changed = [
        f"{key}: {before.settings.get(key) or UNKNOWN} -> {value or UNKNOWN}"
        for key, value in after.settings.items()
        if before.settings.get(key) != value
    ]
    return ", ".join(changed) or ", ".join(operation.keys) or UNKNOWN
