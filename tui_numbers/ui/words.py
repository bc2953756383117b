"""Values as the dashboard words them: times, ages, places, verdicts in a few words."""

from datetime import datetime
from typing import TYPE_CHECKING

from tui_numbers.domain.clock import local, now
from tui_numbers.domain.numbers import Channel
from tui_numbers.wording.values import EMPTY, UNKNOWN, destination_words

if TYPE_CHECKING:
    from tui_numbers.domain.operations import Operation, Outcome


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


def time_of_day(moment: datetime | None) -> str:
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


def change_words(operation: "Operation") -> str:
    """Return what an operation changed, ``voice: app Support IVR -> phone +44…``."""
    before, after = operation.before, operation.requested
    if before is None or after is None:
        return UNKNOWN
    for channel in Channel:
        was, will = before.routing.get(channel), after.routing.get(channel)
        if was != will:
            return f"{destination_words(was)} -> {destination_words(will)}"
    changed = [
        f"{key}: {before.settings.get(key) or EMPTY} -> {value or EMPTY}"
        for key, value in after.settings.items()
        if before.settings.get(key) != value
    ]
    return ", ".join(changed) or ", ".join(operation.keys) or UNKNOWN
