"""`undo`: put back what an operation, or a whole batch, changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tui_numbers.cli.deferred import asyncio, runtime, write_dialogue, writes
from tui_numbers.cli.deferred import undo as undo_service
from tui_numbers.cli.options import WriteOptions, command, write_options
from tui_numbers.domain.operations import Action, Operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_numbers.cli.global_flags import Flags
    from tui_numbers.cli.runtime import Job
    from tui_numbers.services.planning import Plan


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
    asked = WriteOptions(**options)

    async def work(job: Job) -> int:
        return await _undo(job, identifier, asked)

    return runtime.run(flags, work)


async def _undo(job: Job, identifier: str, options: WriteOptions) -> int:
    """Put an operation or a batch back; return the exit code."""
    write_dialogue.check_confirmed(job, options.confirmed)
    workspace, journal = job.session.workspace, job.session.journal
    operation = await asyncio.to_thread(journal.get, identifier)
    if operation is not None:
        groups = [await undo_service.look_again(workspace, journal, [operation])]
    else:
        operations = await writes.operations_of(job, identifier, "operation or batch")
        operations = await undo_service.look_again(workspace, journal, operations)
        groups = undo_service.undoable_of(operations)
        if not groups:
            job.notices.say("nothing of this batch was done, so there is nothing to put back")

    async def plan(group: Sequence[Operation]) -> Plan:
        return await undo_service.prepare_undo(workspace, *group, skew=journal.clock_skew)

    prepared = await writes.plan_all(job, groups, plan, Action.UNDO)
    several = len(groups) > 1
    return await writes.carry_out(job, prepared, options, several=several, batch=None)
