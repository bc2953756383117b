"""Word how saved routes stand: in words and numbers, never on or off."""

from typing import TYPE_CHECKING

from tui_numbers.domain import clock
from tui_numbers.domain.e164 import international
from tui_numbers.domain.numbers import Stored, Target, Undisclosed
from tui_numbers.domain.routes import Standing
from tui_numbers.wording.values import EMPTY, UNKNOWN, brief_end, target_words, time_of_day

if TYPE_CHECKING:
    from tui_numbers.domain.temporary import Rehearsal
    from tui_numbers.services.routes import NumberState, RouteState, SettingState

STANDING_WORDS = {
    Standing.IN_FORCE: "in force",
    Standing.ELSEWHERE: "elsewhere",
    Standing.IMPOSSIBLE: "cannot be applied",
}
_TONES = {Standing.IN_FORCE: "good", Standing.ELSEWHERE: "", Standing.IMPOSSIBLE: "bad"}


def route_words(state: "RouteState") -> str:
    """Return how a route stands, ``in force since 18:02 by anna: 11 of 12, 1 different``."""
    total = len(state.numbers)
    if not total:
        return "it has no numbers"
    parts = []
    if state.in_force:
        parts.append(f"{_since(state)}: {state.in_force} of {total}")
        if state.different:
            parts.append(f"{state.different} different")
    else:
        parts.append(f"not in force: {state.elsewhere} of {total} elsewhere")
    if state.impossible:
        parts.append(f"{state.impossible} cannot be applied")
    if state.until is not None:
        parts.append(f"until {brief_end(state.until)}")
    return ", ".join(parts)


def _since(state: "RouteState") -> str:
    if state.applied_at is None or state.applied_by is None:
        return "in force, not applied from here"
    return f"in force since {time_of_day(state.applied_at)} by {state.applied_by.user}"


def route_tone(state: "RouteState") -> str:
    """Return how the standing of a route is meant, in the words of ``outcome_tone``."""
    if state.impossible:
        return "bad"
    if state.different:
        return "warn"
    return "good" if state.in_force else ""


def rehearsal_words(rehearsal: "Rehearsal | None") -> str:
    """Return when a route was last rehearsed, ``34 days ago``, or that it never was."""
    if rehearsal is None:
        return "never rehearsed"
    days = (clock.now() - rehearsal.at).days
    when = {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")
    wrong = f", {rehearsal.impossible} could not be applied" if rehearsal.impossible else ""
    return f"last rehearsed {when}{wrong}"


def rehearsed_words(state: "RouteState") -> str:
    """Return what a rehearsal found, ``rehearsed: 12 numbers, about 9 s; 2 cannot be applied``."""
    total = len(state.numbers)
    numbers = "1 number" if total == 1 else f"{total} numbers"
    words = f"rehearsed: {numbers}, about {max(1, round(state.seconds))} s"
    if state.in_force:
        words += f"; {state.in_force} already as wanted"
    if state.impossible:
        words += f"; {state.impossible} cannot be applied"
    return words


def sharing_words(state: "RouteState", in_force: "dict[str, int] | None" = None) -> list[str]:
    """Return a line for each other route that sets some of the same."""
    return [
        f"route {name} sets {_numbers(count)} of these too"
        + (f", and is in force for {held}" if (held := (in_force or {}).get(name)) else "")
        for name, count in state.sharing.items()
    ]


def _numbers(count: int) -> str:
    return "1 number" if count == 1 else f"{count} numbers"


def setting_value_words(state: "NumberState", value: Stored) -> str:
    """Return a wanted or an actual setting: a target with its name, where it is known."""
    if value is None:
        return EMPTY
    if isinstance(value, Undisclosed):
        return value.text
    kind = value.partition(":")[0]
    owned = state.owned
    known = [] if owned is None else list(owned.routing.values())
    if state.plan is not None and state.plan.requested is not None:
        known += state.plan.requested.routing.values()
    for target in known:
        if isinstance(target, Target) and value in (target.text, target.value):
            return target_words(target)
    return target_words(Target.from_text(value)) if kind in ("phone", "sip") else value


def line_words(state: "NumberState", setting: "SettingState") -> str:
    """Return how one wanted setting stands, on one line."""
    number = international(state.line.number) if state.line.number else UNKNOWN
    wanted = setting_value_words(state, setting.wanted)
    words = f"{number} {setting.key} {wanted}: {STANDING_WORDS[setting.standing]}"
    return f"{words}: {setting.problem}" if setting.problem else words


def standing_tone(standing: Standing) -> str:
    """Return how a standing is meant, in the words of ``outcome_tone``."""
    return _TONES[standing]
