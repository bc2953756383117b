"""`undo`: put an operation, or a whole batch, back."""

import asyncio
from collections.abc import Sequence
from typing import Any

import click

from tui_numbers.cli.options import Flags, command, write_options
from tui_numbers.cli.recorded import Again, _batch, _carry_out, _prepare
from tui_numbers.cli.runtime import Job
from tui_numbers.cli.writes import check_confirmed
from tui_numbers.domain.operations import Action, Operation
from tui_numbers.services.planning import Plan
from tui_numbers.services.undo import look_again, prepare_undo, undoable_of


async def undo_recorded(job: Job, identifier: str, again: Again) -> int:
    """Put an operation or a batch back; return the exit code."""
    check_confirmed(job, again.confirmed)
    workspace, journal = job.session.workspace, job.session.journal
    operation = await asyncio.to_thread(journal.get, identifier)
    if operation is not None:
        groups = [await look_again(workspace, journal, [operation])]
    else:
        operations = await _batch(job, identifier, "operation or batch")
        operations = await look_again(workspace, journal, operations)
        groups = undoable_of(operations)
        if not groups:
            job.notices.say("nothing of this batch was done, so there is nothing to put back")

    async def plan(group: Sequence[Operation]) -> Plan:
        return await prepare_undo(workspace, *group)

    prepared = await _prepare(job, groups, plan, Action.UNDO)
    several = len(groups) > 1
    return await _carry_out(job, prepared, again, several=several, batch=None)


@command(
    "undo",
    help="Put back what an operation, or a whole batch, changed; see the history for both. "
    "Buying and releasing have no undo.",
    examples=(
        "history --since 1h",
        "undo 019a3f5c7d21b4e0c9a1 --dry-run",
        "undo 019a3f5c7d21b4e0c9a1 --yes --reason INC-7",
    ),
    on_demo=False,
)
@click.argument("identifier", metavar="OPERATION|BATCH")
@write_options
@click.pass_obj
def undo(flags: Flags, /, identifier: str, **options: Any) -> int:
    """Put an operation or a batch back."""
    from tui_numbers.cli.runtime import run

    async def work(job: "Job") -> int:
        from tui_numbers.cli.recorded import Again

        return await undo_recorded(job, identifier, Again(**options))

    return run(flags, work)
