"""Word what a person on call reads: how saved routes stand, and the page of a handover."""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tui_numbers.domain import clock
from tui_numbers.domain.clock import now
from tui_numbers.domain.e164 import international
from tui_numbers.domain.numbers import Stored, Target, Undisclosed
from tui_numbers.domain.routes import Standing
from tui_numbers.domain.temporary import zoned_words
from tui_numbers.wording.cells import shown
from tui_numbers.wording.changes import change_words
from tui_numbers.wording.values import (
    EMPTY,
    brief_end,
    end_state_words,
    outcome_words,
    target_words,
    time_of_day,
    time_words,
)

if TYPE_CHECKING:
    from tui_numbers.domain.operations import Operation
    from tui_numbers.domain.temporary import Rehearsal
    from tui_numbers.services.handover import Handover
    from tui_numbers.services.routes import NumberState, RouteState


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


def standing_tone(standing: Standing) -> str:
    """Return how a standing is meant, in the words of ``outcome_tone``."""
    return _TONES[standing]


_MARKUP = re.compile(r"[\\`*_\[\]<>|#!~$@]|:(?=//)|(?<=www)\.", re.IGNORECASE)
"""What Markdown reads as markup, and what its readers make a link or a mention of."""

_DONE = ("When", "Number", "Account", "Change", "Outcome", "Who", "Reason", "Operation")
_ENDS = ("Until", "Number", "Account", "State", "Route", "Who", "Operation")
_ROUTES = ("Route", "Title", "Standing")
_FINDINGS = ("Number", "Account", "What is wrong", "What to do")


def handover_page(handover: "Handover") -> str:
    """Return the page: open outcomes, temporary changes, routes, findings, and what was done."""
    since = time_words(handover.since) if handover.since else "the beginning"
    until = time_words(handover.until) if handover.until else "now"
    lines = [f"# Changes of phone numbers from {since} to {until}", ""]
    lines += _part("Open: outcome unknown or pending", _DONE, map(_row, handover.still_open))
    lines += _part("Temporary: put back at its end", _ENDS, _end_rows(handover))
    lines += _part("Routes in force", _ROUTES, _route_rows(handover))
    lines += _part("Findings", _FINDINGS, _finding_rows(handover))
    lines += _part("Not sent", _DONE, map(_row, handover.unsent))
    lines += _part("Done", _DONE, map(_row, handover.done))
    if handover.unknown:
        lines += ["## Not known", "", *(f"- {_cell(line)}" for line in handover.unknown), ""]
    if not handover.operations:
        lines += ["Nothing was changed.", ""]
    return "\n".join(lines)


def _part(heading: str, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table below its heading; nothing where it has no row."""
    table = [f"| {' | '.join(map(_cell, row))} |" for row in rows]
    if not table:
        return []
    head = [f"| {' | '.join(titles)} |", f"|{'---|' * len(titles)}"]
    return [f"## {heading}", "", *head, *table, ""]


def _row(one: "Operation") -> Sequence[str]:
    outcome = outcome_words(one)
    return (
        time_words(one.started_at),
        international(one.number),
        one.account,
        change_words(one),
        f"{outcome}: {one.error}" if one.error else outcome,
        str(one.actor),
        one.reason,
        one.id,
    )


def _end_rows(handover: "Handover") -> Iterable[Sequence[str]]:
    for end in handover.ends:
        yield (
            zoned_words(end.until),
            international(end.number),
            end.account,
            end_state_words(end, now()),
            end.route or "",
            str(end.actor or ""),
            end.operation,
        )


def _route_rows(handover: "Handover") -> Iterable[Sequence[str]]:
    for state in handover.routes:
        yield state.route.name, state.route.title, route_words(state)


def _finding_rows(handover: "Handover") -> Iterable[Sequence[str]]:
    for one in handover.findings:
        yield international(one.number), one.account, f"{one.code}: {one.text}", one.fix


def _cell(text: str) -> str:
    """Return text in which nothing is markup, so that a name cannot pass for a link or a tag."""
    return _MARKUP.sub(r"\\\g<0>", shown(text)).replace("&", "&amp;")
