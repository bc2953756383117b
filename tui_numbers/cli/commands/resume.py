"""`resume`: send what a batch left unsent, failed or cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tui_numbers.cli.deferred import batch as batches
from tui_numbers.cli.deferred import runtime, settling, write_dialogue, writes
from tui_numbers.cli.options import WriteOptions, command, write_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_numbers.cli.global_flags import Flags
    from tui_numbers.cli.runtime import Job
    from tui_numbers.domain.operations import Operation
    from tui_numbers.services.planning import Plan


@command(
    "resume",
    help="Go on with what a batch left: what was not sent, failed or was cancelled.",
    examples=(
        "resume 019a3f5c7d21b4e0c9a1 --dry-run",
        "resume 019a3f5c7d21b4e0c9a1 --yes",
    ),
    on_demo=False,
)
@click.argument("batch", metavar="BATCH")
@write_options
@click.pass_obj
def resume(flags: Flags, /, batch: str, **options: Any) -> int:
    """Go on with a batch."""
    asked = WriteOptions(**options)

    async def work(job: Job) -> int:
        return await _resume(job, batch, asked)

    return runtime.run(flags, work)


async def _resume(job: Job, identifier: str, options: WriteOptions) -> int:
    """Go on with what a batch left; return the exit code."""
    workspace, journal = job.session.workspace, job.session.journal
    write_dialogue.check_confirmed(job, options.confirmed)
    operations = await writes.operations_of(job, identifier, "batch")
    if not options.dry_run and any(map(settling.is_open, batches.left_of(operations))):
        job.notices.status("reading again what has an unknown outcome")
        await batches.settle_open(workspace, journal, batches.left_of(operations))
        operations = await batches.batch_of(journal, identifier)
    left = batches.left_of(operations)
    if not left:
        job.notices.clear()
        job.notices.say("everything in this batch was done: there is nothing to resume")
    held = {one.number: one.before for one in operations}

    async def plan(group: Sequence[Operation]) -> Plan:
        return await batches.prepare_resume(workspace, group[0], held.get)

    prepared = await writes.plan_all(job, [[one] for one in left], plan, None)
    several = len({one.number for one in operations}) > 1
    return await writes.carry_out(job, prepared, options, several=several, batch=identifier)
