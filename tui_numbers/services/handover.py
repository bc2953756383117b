"""Gather what the next person on call has to know: what is open, temporary, in force and wrong."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from tui_numbers.domain.numbers import Finding
from tui_numbers.domain.operations import JournalError, Operation
from tui_numbers.domain.routes import RouteError
from tui_numbers.domain.temporary import End
from tui_numbers.services.routes import RouteBook, RouteState, Standings
from tui_numbers.services.settling import is_open
from tui_numbers.services.writes import Writer
from tui_numbers.storage.journal import JournalQuery


@dataclass(frozen=True)
class Handover:
    """What stands at a handover, and what was done before it."""

    since: datetime | None
    """What was done since then is told; None for the beginning."""
    until: datetime | None
    operations: Sequence[Operation]
    """What was done in that time, newest first."""
    still_open: Sequence[Operation] = ()
    """What has no certain outcome, whenever it was begun."""
    ends: Sequence[End] = ()
    routes: Sequence[RouteState] = ()
    """Those that are in force, in part at least."""
    findings: Sequence[Finding] = ()
    unknown: Sequence[str] = ()
    """What could not be found out, a sentence each."""

    @property
    def unsent(self) -> list[Operation]:
        """What was confirmed and not sent."""
        return [one for one in self.operations if not one.begun]

    @property
    def done(self) -> list[Operation]:
        """What came to a certain end."""
        return [one for one in self.operations if one.begun and not is_open(one)]


async def gather(
    writer: Writer,
    book: RouteBook,
    findings: Sequence[Finding],
    since: datetime | None = None,
    unknown: Sequence[str] = (),
    accounts: Collection[str] = (),
) -> Handover:
    """Return what stands now, and what was done since the last handover, or since a time.

    ``accounts`` leaves only those; empty means all that the journal has.

    Raises:
        JournalError: The journal cannot be read.
    """
    journal = writer.journal

    def is_asked(one: Operation | End) -> bool:
        return not accounts or one.account in accounts

    def read() -> tuple[datetime | None, list[Operation], list[Operation], list[End]]:
        begins = since or journal.last_handover()
        operations = journal.operations(JournalQuery(since=begins))
        return begins, operations, list(journal.left_open()), journal.ends()

    begins, operations, still_open, ends = await asyncio.to_thread(read)
    problems = list(unknown)
    states: list[RouteState] = []
    try:
        routes, wrong = await asyncio.to_thread(book.load_all)
        problems += wrong
        states = await Standings(writer).of(routes) if routes else []
    except (RouteError, JournalError) as error:
        problems.append(str(error))
    return Handover(
        begins,
        None,
        list(filter(is_asked, operations)),
        list(filter(is_asked, still_open)),
        list(filter(is_asked, ends)),
        [state for state in states if state.in_force],
        findings,
        problems,
    )
