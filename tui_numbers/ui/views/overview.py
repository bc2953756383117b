"""Count numbers by what they have in common; tell what is wrong and what was changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from textual import on

from tui_numbers.domain import clock
from tui_numbers.domain.filtering import field_text
from tui_numbers.domain.numbers import CAPABILITIES, OwnedNumber
from tui_numbers.domain.operations import JournalError, Operation
from tui_numbers.services.findings import URGENT
from tui_numbers.ui.frame import Tone
from tui_numbers.ui.layout import Column
from tui_numbers.ui.table import RowOpened
from tui_numbers.ui.views.targets import CountedView
from tui_numbers.wording.summary import (
    Group,
    bar,
    changes_by_day,
    cost_words,
    share_words,
    summarise,
    total_of,
)
from tui_numbers.wording.values import finding_words

if TYPE_CHECKING:
    from tui_numbers.services.findings import Findings
    from tui_numbers.services.session import Session

_DAYS = 14
_BAR_CELLS = 16
_MOST_GROUPS = 12
"""Groups of one kind that are shown; the rest is counted."""
_SECTIONS = (
    ("account", "By account"),
    ("status", "By status"),
    ("country", "By country"),
    ("type", "By type"),
    ("features", "By features"),
    ("target", "By target"),
)
_ATTENTION = "attention"
"""Stands for the list of what needs a person, in the place of a view."""
_FLAGS = {"unrouted": "is:unrouted", "porting": "is:porting", "pending": "is:pending"}
"""Findings that a filter knows by themselves; the others it knows all together."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the overview: a heading, or a count with its bar."""

    section: str
    label: str
    count: int | None = None
    """None for a heading."""
    whole: int = 0
    """What the count is a share of; 0 for none."""
    cost: str = ""
    filter: str | None = None
    """What finds its numbers; None where nothing does."""
    view: str = "owned"
    """The view where Enter shows more of it."""
    tone: str = ""


def overview_lines(
    numbers: Sequence[OwnedNumber],
    found: "Findings | None",
    operations: Sequence[Operation],
    read: str = "",
) -> Iterator[Line]:
    """Yield the lines of the overview.

    Args:
        numbers: All that could be read.
        found: What is wrong with them; None where that was not looked at yet.
        operations: What was begun from here in the last days.
        read: What of all numbers these are, in words; empty where they are all.
    """
    by_account = summarise(numbers, "account")
    whole = total_of(by_account)
    yield Line(
        "all", f"Numbers{read}" if read else "All numbers", whole.numbers, 0, cost_words(whole), ""
    )
    nowhere = sum(number.unrouted for number in numbers)
    tone = "warn" if nowhere else ""
    yield Line("all", "Without a target", nowhere, whole.numbers, "", "is:unrouted", tone=tone)
    yield from _wrong(found, whole.numbers)
    for by, heading in _SECTIONS:
        groups = by_account if by == "account" else summarise(numbers, by)
        if not groups:
            continue
        yield Line(by, heading)
        yield from _groups(by, groups, whole.numbers)
    yield from _changes(operations)


def _wrong(found: "Findings | None", whole: int) -> Iterator[Line]:
    if found is None:
        yield Line("wrong", "What is wrong is not known yet")
        return
    yield Line("wrong", "What is wrong" if found.counts else "Nothing is wrong that is told")
    now = len(found.every(urgent=True))
    if now:
        yield Line("wrong", "  need a person now", now, whole, view=_ATTENTION, tone="bad")
    for code, count in found.counts.items():
        tone = "bad" if code in URGENT else "warn"
        asked = _FLAGS.get(code, "is:finding")
        yield Line("wrong", f"  {finding_words(code)}", count, whole, "", asked, tone=tone)


def _groups(by: str, groups: Sequence[Group], whole: int) -> Iterator[Line]:
    for group in groups[:_MOST_GROUPS]:
        cost = cost_words(group) if group.monthly_cost else ""
        yield Line(by, f"  {group.label}", group.numbers, whole, cost, filter_of(group))
    rest = total_of(groups[_MOST_GROUPS:])
    if rest.numbers:
        more = f"  {len(groups) - _MOST_GROUPS:,} more"
        shown = "targets" if by == "target" else ""
        yield Line(by, more, rest.numbers, whole, view=shown)


def _changes(operations: Sequence[Operation]) -> Iterator[Line]:
    days = changes_by_day(operations, _DAYS)
    most = max((count for _, count in days), default=0)
    if not most:
        yield Line("changes", f"No changes here in {_DAYS} days")
        return
    yield Line("changes", "Changed from here, by day")
    first = next(at for at, (_, count) in enumerate(days) if count)
    for day, count in reversed(days[first:]):
        yield Line("changes", f"  {day:%a %m-%d}", count, most, view="history")


def filter_of(group: Group) -> str | None:
    """Return the filter that finds the numbers of a group; None where nothing is told of them."""
    if group.key is None:
        return "is:unrouted" if group.by == "target" else None
    if group.by == "features":
        held = group.key.split(",")
        without = [word for word in CAPABILITIES if word not in held]
        return " ".join(
            [field_text("features", word) for word in held]
            + [f"-{field_text('features', word)}" for word in without]
        )
    if group.by == "target":
        kind, _, value = group.key.partition(":")
        return field_text(kind, value) if value else field_text("to", kind)
    return field_text(group.by, group.key, whole=True)


def _share(line: Line) -> str:
    return share_words(line.count or 0, line.whole) if line.whole and line.view == "owned" else ""


def _bar(line: Line) -> str:
    return bar(line.count or 0, line.whole, _BAR_CELLS) if line.whole else ""


class OverviewView(CountedView[Line]):
    """Counts of all owned numbers, as bars."""

    hint = "words of a line, or of its heading"

    def __init__(self, session: "Session") -> None:
        super().__init__(session, "overview")

    def columns(self) -> Sequence[Column[Line]]:
        """Return its columns: what is counted, how many, the share, the bar, the cost."""
        return (
            Column("label", "Owned numbers", 24, lambda line: line.label,
                   flex=3, style=lambda line: line.tone, highlight=True),
            Column("numbers", "Count", 7, _count, align="right"),
            Column("share", "Share", 5, _share, align="right"),
            Column("bar", "", _BAR_CELLS, _bar, optional=1),
            Column("monthly", "Monthly", 8, lambda line: line.cost, smallest=72, flex=2,
                   optional=2),
        )  # fmt: skip

    def key_of(self, row: Line) -> tuple[str, str]:
        """Return section and label."""
        return (row.section, row.label)

    def text_of(self, row: Line) -> str:
        """Return what is counted, with its heading."""
        from tui_numbers.domain.filter_terms import haystack

        return haystack("", (row.label, row.section))

    def count(self) -> Sequence[Line]:
        """Count everything, and read what was changed."""
        since = clock.now() - timedelta(days=_DAYS)
        try:
            operations = self.session.operations_since(since)
        except JournalError:
            operations = ()
        store = self.store
        found = self.dashboard.main.attention.judged
        read = " that could be read" if store.missing else ""
        if store.loading:
            read = " read so far"
        return list(overview_lines(store.rows(), found, operations, read))

    def filter_for(self, row: Line) -> str | None:
        """Return the filter of the line."""
        return row.filter

    def count_words(self, shown: int, total: int) -> str:
        """Return as of when the numbers were read."""
        from tui_numbers.wording.values import time_of_day

        as_of = self.store.as_of
        return f"as of {time_of_day(as_of)}" if as_of else ""

    @on(RowOpened)
    async def _elsewhere(self, event: RowOpened) -> None:
        """Show more of what has no filter, or say why there is none."""
        line: Line = event.row
        if line.filter is not None or line.count is None:
            return
        if line.view == _ATTENTION:
            await self.app.run_action("app.attention")
        elif line.view != "owned":
            await self.dashboard.main.action_view(line.view or "targets")
        else:
            self.dashboard.say("what a provider does not tell, no filter finds", Tone.WARN)


def _count(line: Line) -> str:
    return "" if line.count is None else f"{line.count:,}"
