"""Word what differs between two states of a number, and what an operation changed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_numbers.domain.e164 import international
from tui_numbers.domain.numbers import Channel, OwnedNumber, Stored, Target
from tui_numbers.wording.values import (
    EMPTY,
    UNKNOWN,
    destination_words,
    outcome_words,
)

if TYPE_CHECKING:
    from tui_numbers.domain.operations import Operation


@dataclass(frozen=True, slots=True)
class Move:
    """A channel or a setting that differs between two states."""

    what: str
    before: str
    after: str
    stored: tuple[Stored, Stored]
    """What a setting holds, or would hold for this channel, in either state."""
    is_setting: bool = False

    @property
    def label(self) -> str:
        """What moves; a setting says that it is one, since some are called like a channel."""
        return f"setting {self.what}" if self.is_setting else self.what

    @property
    def text(self) -> str:
        """Before and after on one line."""
        return f"{self.before} -> {self.after}"


def moves(before: OwnedNumber, after: OwnedNumber) -> list[Move]:
    """Return what differs: channels first, then settings."""
    found = []
    for channel in Channel:
        was, will = before.routing.get(channel), after.routing.get(channel)
        if was != will:
            words = (channel.words, destination_words(was), destination_words(will))
            stored = tuple(one.text if isinstance(one, Target) else one for one in (was, will))
            found.append(Move(*words, stored=(stored[0], stored[1])))
    for key in dict.fromkeys((*before.settings, *after.settings)):
        old, new = before.settings.get(key), after.settings.get(key)
        if old != new:
            found.append(Move(key, _stored_words(old), _stored_words(new), (old, new), True))
    return found


def distinct(found: Sequence[Move]) -> list[Move]:
    """Leave out settings that say just what a channel's line says: they would be read twice."""
    channels = [move.stored for move in found if not move.is_setting]
    said = {*channels, *((_value_of(was), _value_of(will)) for was, will in channels)}
    return [move for move in found if not (move.is_setting and move.stored in said)]


def _value_of(stored: Stored) -> Stored:
    """Return a target as the settings write it that take one kind alone."""
    return Target.from_text(stored).value if isinstance(stored, str) else stored


def _stored_words(value: Stored) -> str:
    return EMPTY if value is None else str(value)


def moved_words(before: OwnedNumber, after: OwnedNumber, *, settings: bool) -> str:
    """Return what a write changed as ``calls: before -> now``, empty where nothing differs.

    With ``settings``, each setting is told; otherwise the channels, where those moved.
    """
    found = moves(before, after)
    channels = [move for move in found if not move.is_setting]
    of_settings = [move for move in found if move.is_setting]
    told = of_settings if settings else channels or of_settings
    return "; ".join(f"{move.what}: {move.text}" for move in told)


def change_words(operation: "Operation") -> str:
    """Return what an operation was to change, on one line, ``calls: app Support IVR -> phone …``.

    A channel's move says what that of its setting would repeat.
    """
    told = [f"{move.label}: {move.text}" for move in _asked(operation)]
    return _joined(operation, told)


def brief_change_words(operation: "Operation") -> str:
    """Return what an operation was to change to, ``calls, SMS -> team Bridge``.

    It stands where there is no room for what was before.
    """
    towards: dict[str, list[str]] = {}
    for move in _asked(operation):
        towards.setdefault(move.after, []).append(move.label)
    told = [f"{', '.join(labels)} -> {after}" for after, labels in towards.items()]
    return _joined(operation, told)


def doings_words(operations: "Sequence[Operation]") -> str:
    """Return what others did, ``Anna: retarget +44 20 7946 0801 verified: calls -> phone …``.

    Several operations are counted by their outcomes.
    """
    who = ", ".join(dict.fromkeys(one.actor.short for one in operations))
    if len(operations) == 1:
        (one,) = operations
        done = f"{who}: {one.action} {international(one.number)} {outcome_words(one)}"
        change = brief_change_words(one)
        return done if change in (UNKNOWN, one.action.value) else f"{done}: {change}"
    counts = Counter(map(outcome_words, operations))
    told = ", ".join(f"{count} {words}" for words, count in counts.items())
    return f"{who}: {len({one.number for one in operations})} numbers changed: {told}"


def _asked(operation: "Operation") -> list[Move]:
    """Return the moves that an operation asked for: of channels, or else of settings."""
    before, requested = operation.before, operation.requested
    if before is None or requested is None:
        return []
    found = moves(before, requested)
    return [move for move in found if not move.is_setting] or found


def _joined(operation: "Operation", told: Sequence[str]) -> str:
    if operation.action.value in ("buy", "release"):
        return operation.action.value
    requested = operation.requested
    if operation.before is None or requested is None:
        return UNKNOWN
    untold: list[str] = []
    if all(move.is_setting for move in _asked(operation)):
        untold = [f"setting {key}" for key in operation.keys if key not in requested.settings]
    return "; ".join([*told, *untold]) or UNKNOWN
