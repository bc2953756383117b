"""`resume`: go on with what a batch left."""

from collections.abc import Sequence
from typing import Any

import click

from tui_numbers.cli.options import Flags, command, write_options
from tui_numbers.cli.recorded import Again, _batch, _carry_out, _prepare
from tui_numbers.cli.runtime import Job
from tui_numbers.cli.writes import check_confirmed
from tui_numbers.domain.operations import Operation
from tui_numbers.services.planning import Plan
from tui_numbers.services.resume import batch_of, left_of, prepare_resume, settle_open
from tui_numbers.services.settling import is_open


async def resume_recorded(job: Job, identifier: str, again: Again) -> int:
    """Go on with what a batch left; return the exit code."""
    workspace, journal = job.session.workspace, job.session.journal
    check_confirmed(job, again.confirmed)
    operations = await _batch(job, identifier, "batch")
    if not again.dry_run and any(map(is_open, left_of(operations))):
        job.notices.status("reading again what has an unknown outcome")
        await settle_open(workspace, journal, left_of(operations))
        operations = await batch_of(journal, identifier)
    left = left_of(operations)
    if not left:
        job.notices.clear()
        job.notices.say("everything in this batch was done: there is nothing to resume")
    held = {one.number: one.before for one in operations}

    async def plan(group: Sequence[Operation]) -> Plan:
        return await prepare_resume(workspace, group[0], held.get)

    prepared = await _prepare(job, [[one] for one in left], plan, None)
    several = len({one.number for one in operations}) > 1
    return await _carry_out(job, prepared, again, several=several, batch=identifier)


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
    from tui_numbers.cli.runtime import run

    async def work(job: "Job") -> int:
        from tui_numbers.cli.recorded import Again

        return await resume_recorded(job, batch, Again(**options))

    return run(flags, work)
