"""Decide what can have an end, and what a write does to the ends of earlier changes."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tui_numbers.domain.changes import CLEAR
from tui_numbers.domain.operations import Action, JournalError
from tui_numbers.domain.temporary import End, EndState, zoned_words
from tui_numbers.providers.contract import Provider
from tui_numbers.services.planning import Consent, Plan
from tui_numbers.services.undo import why_not_restorable
from tui_numbers.storage.journal import Journal

_CHANGES = frozenset({Action.RETARGET, Action.SET})


@dataclass(frozen=True, slots=True)
class OverEnds:
    """What a write does to the ends of earlier temporary changes of its number."""

    until: datetime | None = None
    """The end that the write itself has."""
    takes: tuple[str, ...] = ()
    """The ends whose place it takes, by operation, newest first."""
    refusal: str | None = None


def over_ends(plan: Plan, ends: Sequence[End], consent: Consent) -> OverEnds:
    """Work out what a plan does to the open ends of its number.

    An earlier end than its own stands: the number goes back step by step. A later one of its own
    takes the earlier over, and puts all of it back. Without an end of its own, somebody has to
    say whether the earlier one still stands.
    """
    if plan.action is Action.UNDO:
        return _over_own(plan, ends)
    concerned = overlapping(plan, ends)
    if plan.until is not None:
        taken = [end for end in concerned if end.until <= plan.until]
        return OverEnds(plan.until, _newest_first(taken))
    unsaid = [
        end
        for end in concerned
        if end.operation not in consent.standing and end.operation not in consent.lifted
    ]
    if unsaid:
        return OverEnds(refusal=_unsaid(unsaid[0]))
    standing = [end.until for end in concerned if end.operation in consent.standing]
    return OverEnds(max(standing, default=None), _newest_first(concerned))


def _unsaid(end: End) -> str:
    return (
        f"not confirmed: {until_words(end)}; say whether that end still stands: "
        f"--end stands, or --end lifted"
    )


def _over_own(plan: Plan, ends: Sequence[End]) -> OverEnds:
    """Work out what an undo does to the ends of what it puts back."""
    own = [end for end in ends if end.operation in plan.replaces]
    # What an end was to put back beside that goes back when it was to.
    left = [end.until for end in own if not plan.replaces.issuperset(end.puts_back)]
    return OverEnds(max(left, default=None), _newest_first(own))


def _newest_first(ends: Iterable[End]) -> tuple[str, ...]:
    # Identifiers of operations sort by time.
    return tuple(sorted((end.operation for end in ends), reverse=True))


def overlapping(plan: Plan, ends: Sequence[End]) -> list[End]:
    """Return the ends that put back settings which a plan changes; conflicts wait for a person."""
    if plan.action not in _CHANGES:
        return []
    return [
        end
        for end in ends
        if plan.change.edits.keys() & set(end.keys) and end.state is not EndState.CONFLICT
    ]


def to_ask_about(plan: Plan) -> list[End]:
    """Return the ends of which somebody has to say whether they stand after a plan."""
    return overlapping(plan, plan.ends) if plan.until is None else []


def until_words(end: End) -> str:
    """Say until when a number is temporary, and by whom."""
    who = f" by {end.actor}" if end.actor is not None else ""
    return f"it is temporary until {zoned_words(end.until)}{who} ({end.operation})"


def why_without_end(plan: Plan, client: Provider) -> str | None:
    """Say why a change cannot have an end: what stands now could not be put back."""
    before = plan.before
    if before is None:
        return "it cannot be put back, so it cannot have an end"
    for key, edit in plan.change.edits.items():
        if key not in before.settings:
            return f"it cannot have an end: the provider does not show {key}, which was before"
        was = before.settings[key]
        spec = plan.info.setting(key)
        problem = why_not_restorable(client, key, was)
        if was is None and edit != CLEAR and spec is not None and not spec.clearable:
            problem = f"it is empty now, and {spec.why_not_clearable or 'cannot be emptied again'}"
        if problem is not None:
            return f"it cannot have an end, since {key} could not be put back: {problem}"
    return None


async def with_ends(journal: Journal, plan: Plan) -> Plan:
    """Add to a plan the open ends on its number, with a warning for each that it touches.

    A journal that cannot be read is no hindrance yet: without it nothing is sent.
    """
    if plan.action not in _CHANGES and plan.action is not Action.UNDO:
        return plan
    try:
        ends = await asyncio.to_thread(journal.ends, plan.account.name, plan.number)
        endless = await asyncio.to_thread(_endless_again, journal, plan, ends)
    except JournalError:
        return plan
    plan = replace(plan, ends=tuple(ends))
    warnings = [_warning(plan, end) for end in ends if plan.change.edits.keys() & set(end.keys)]
    warnings += endless
    return replace(plan, warnings=tuple(dict.fromkeys((*plan.warnings, *filter(None, warnings)))))


def _endless_again(journal: Journal, plan: Plan, ends: Iterable[End]) -> list[str]:
    """Warn of temporary changes that an undo goes back to, and whose ends what it undoes lifted."""
    open_ends = {end.operation for end in ends}
    undone = (journal.get(name) for name in sorted(plan.replaces))
    lifted = [name for one in undone if one is not None and one.until is None for name in one.takes]
    found = []
    for name in lifted:
        temporary = journal.get(name)
        if temporary is None or temporary.until is None or name in open_ends | plan.replaces:
            continue
        found.append(
            f"it goes back to a temporary change whose end, {zoned_words(temporary.until)}, was "
            f"lifted: nothing puts that one back but an undo of {name}"
        )
    return found


def _warning(plan: Plan, end: End) -> str:
    when = zoned_words(end.until)
    if end.operation in plan.replaces:
        return ""
    if end.state is EndState.CONFLICT:
        return (
            f"a temporary change of it was not put back ({end.note or 'changed since'}): "
            f"due --keep {end.operation} closes that"
        )
    if plan.action is Action.UNDO:
        return ""
    if plan.until is None:
        return f"it is temporary until {when} ({end.operation})"
    if end.until <= plan.until:
        return f"it was temporary until {when}: this end takes that over, and puts all of it back"
    return f"it is temporary until {when}: that end still stands after this one"
