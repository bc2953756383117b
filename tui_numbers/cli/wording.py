"""How times, changes and failures read on the command line."""

from collections.abc import Mapping
from datetime import datetime

from tui_numbers.domain import clock
from tui_numbers.domain.numbers import Channel, OwnedNumber
from tui_numbers.domain.operations import Action, Operation
from tui_numbers.providers.errors import ProviderError
from tui_numbers.wording.values import (
    EMPTY,
    UNKNOWN,
    channel_words,
    destination_words,
    setting_words,
)

_SETTING = "setting "


def time_words(moment: datetime | None) -> str:
    """Return a time in the zone of this machine."""
    return UNKNOWN if moment is None else clock.local(moment).strftime("%Y-%m-%d %H:%M")


def recent_words(moment: datetime) -> str:
    """Return a time in the zone of this machine, without the year where it is this one."""
    local = clock.local(moment)
    this_year = local.year == clock.local(clock.now()).year
    return local.strftime("%m-%d %H:%M" if this_year else "%Y-%m-%d %H:%M")


def moves(before: OwnedNumber, after: OwnedNumber) -> list[tuple[str, str, str]]:
    """Return what differs as (what, before, after): channels first, then settings."""
    lines = []
    for channel in Channel:
        was, will = before.routing.get(channel), after.routing.get(channel)
        if was != will:
            lines.append((channel_words(channel), destination_words(was), destination_words(will)))
    for key in dict.fromkeys((*before.settings, *after.settings)):
        old, new = before.settings.get(key), after.settings.get(key)
        if old != new:
            lines.append((f"{_SETTING}{key}", _setting(before, key), _setting(after, key)))
    return lines


def _setting(number: OwnedNumber, key: str) -> str:
    return EMPTY if number.settings.get(key) is None else setting_words(number, key)


def moved_words(before: OwnedNumber, after: OwnedNumber, action: Action) -> str:
    """Return what a write changed as ``what: before -> now``, empty where nothing differs.

    Of a change of settings each setting is told; of others the channels, where those moved.
    """
    found = moves(before, after)
    settings = [move for move in found if move[0].startswith(_SETTING)]
    channels = [move for move in found if move not in settings]
    told = settings if action is Action.SET else channels or settings
    return "; ".join(f"{what.removeprefix(_SETTING)}: {old} -> {new}" for what, old, new in told)


def operation_words(operation: Operation) -> str:
    """Return what an operation was to change, on one line."""
    if operation.action is Action.BUY:
        return "buy"
    if operation.action is Action.RELEASE:
        return "give up"
    if operation.before is None or operation.requested is None:
        return UNKNOWN
    parts = [
        f"{what}: {old} -> {new}" for what, old, new in moves(operation.before, operation.requested)
    ]
    shown = operation.requested.settings
    parts += [f"setting {key}" for key in operation.keys if key not in shown]
    # A channel's line says what its setting's line would repeat.
    channels = [part for part in parts if not part.startswith("setting ")]
    return "; ".join(channels or parts) or UNKNOWN


def failure_line(account: str, error: ProviderError) -> str:
    """Return one line on what an account could not do."""
    return f"{account}: {error}"


def failure_lines(failures: Mapping[str, ProviderError]) -> list[str]:
    """Return a line per account that failed."""
    return [failure_line(account, error) for account, error in failures.items()]
