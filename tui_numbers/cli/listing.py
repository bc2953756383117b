"""Read what all accounts hold, for commands that print it, count it or check it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_numbers.cli import errors
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import Finding, OwnedNumber
from tui_numbers.domain.operations import JournalError, Operation
from tui_numbers.domain.query import OwnedQuery
from tui_numbers.domain.temporary import End
from tui_numbers.services import findings, inventory
from tui_numbers.services.findings import Findings
from tui_numbers.services.inventory import (
    AccountFailed,
    Listing,
    OwnedEvent,
    OwnedPage,
    TargetListing,
)
from tui_numbers.wording.values import failure_line, failure_lines

if TYPE_CHECKING:
    from tui_numbers.cli.runtime import Job
    from tui_numbers.services.call_path import Hop

EVERYTHING = OwnedQuery()


@dataclass
class Holdings:
    """What all accounts hold, as far as they could be asked."""

    listing: Listing
    targets: TargetListing
    numbers: list[OwnedNumber]
    """With the names of their targets."""
    findings: Findings
    problem: str = ""
    """Why the journal could not tell what is open; empty where it could."""

    def flags(self, number: OwnedNumber) -> frozenset[str]:
        """Return the words of ``is:`` that hold for a number by what stands outside it."""
        return findings.flags_of(self.findings, number)

    def code(self, asked: int) -> int:
        """Return the exit code of a listing over ``asked`` accounts."""
        return errors.code_of_listing(
            asked,
            self.listing.failures,
            gave=bool(self.listing.numbers),
            incomplete=bool(self.listing.dropped),
        )


async def read_holdings(
    job: "Job", query: OwnedQuery = EVERYTHING, *, all_targets: bool = False
) -> Holdings:
    """List owned numbers, and the targets of the accounts where names of targets are missing.

    ``all_targets`` has every account list its targets.
    """
    workspace = job.session.workspace
    listing = await inventory.list_owned(workspace, query, _progress(job))
    job.notices.status("asking for targets")
    # Behind the numbers, since some accounts know their targets from those.
    if all_targets:
        names = [account.name for account in workspace.accounts]
        targets = await inventory.targets_of(workspace, names)
    else:
        targets = await inventory.targets_to_name(workspace, listing.numbers)
    named = targets.named(listing.numbers)
    found, problem = await findings_of(job, named, targets)
    job.notices.clear()
    return Holdings(listing, targets, named, found, problem)


async def findings_of(
    job: "Job", numbers: Sequence[OwnedNumber], targets: TargetListing
) -> tuple[Findings, str]:
    """Return what is wrong with numbers, and why the journal could not tell what is open."""
    workspace = job.session.workspace
    problem = ""
    operations: list[Operation] = []
    ends: list[End] = []
    try:
        operations = await asyncio.to_thread(_open_operations, job)
        ends = await asyncio.to_thread(_ends, job)
    except JournalError as error:
        problem = str(error)
    known = findings.Known(
        numbers,
        {account.name: workspace.info(account) for account in workspace.accounts},
        targets.options,
        operations,
        ends,
        job.session.journal.clock_skew,
    )
    return findings.find(known), problem


def with_ring(
    found: tuple[Finding, ...], number: OwnedNumber, path: "Sequence[Hop]"
) -> tuple[Finding, ...]:
    """Return what is wrong with a number, a ring that its calls were followed into among it."""
    if not path or not path[-1].is_ring or path[-1].value is None:
        return found
    numbers = [*(hop.number for hop in path), E164(path[-1].value)]
    return (findings.ring_of(number, numbers), *found)


def _open_operations(job: "Job") -> list[Operation]:
    """Return the operations of the accounts in use whose outcome is open."""
    names = {account.name for account in job.session.workspace.accounts}
    return [one for one in job.session.journal.left_open() if one.account in names]


def _ends(job: "Job") -> list[End]:
    """Return the open ends of temporary changes at the accounts in use."""
    names = {account.name for account in job.session.workspace.accounts}
    return [one for one in job.session.journal.ends() if one.account in names]


def _progress(job: "Job") -> Callable[[OwnedEvent], None]:
    counts = {account.name: "…" for account in job.session.workspace.accounts}
    read: dict[str, int] = {}

    def told(event: OwnedEvent) -> None:
        if isinstance(event, OwnedPage):
            read[event.account] = read.get(event.account, 0) + len(event.numbers)
            counts[event.account] = f"{read[event.account]:,}"
        elif isinstance(event, AccountFailed):
            counts[event.account] = "failed"
        job.notices.status(" · ".join(f"{name} {count}" for name, count in counts.items()))

    job.notices.status(" · ".join(f"{name} {count}" for name, count in counts.items()))
    return told


def tell_incomplete(job: "Job", held: Holdings, *, targets: bool = False) -> None:
    """Say on standard error what could not be read; ``targets`` names their listings too."""
    job.notices.several(held.listing.warnings)
    if held.listing.dropped:
        job.notices.say(f"{held.listing.dropped:,} records hold no usable number and are left out")
    for line in failure_lines(held.listing.failures):
        job.notices.say(line)
    for account, error in held.targets.failures.items() if targets else ():
        if account not in held.listing.failures:
            job.notices.say(f"{failure_line(account, error)} (its targets)")
