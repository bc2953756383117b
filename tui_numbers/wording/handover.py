"""Word a handover as a page of Markdown: what is open first, what was done last."""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tui_numbers.domain.clock import now
from tui_numbers.domain.e164 import international
from tui_numbers.domain.temporary import zoned_words
from tui_numbers.wording.cells import shown
from tui_numbers.wording.changes import change_words
from tui_numbers.wording.routes import route_words
from tui_numbers.wording.values import end_state_words, outcome_words, time_words

if TYPE_CHECKING:
    from tui_numbers.domain.operations import Operation
    from tui_numbers.services.handover import Handover

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
