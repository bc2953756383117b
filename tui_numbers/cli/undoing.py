"""``undo`` and ``resume``: from the journal back to the providers."""

from typing import TYPE_CHECKING, Any

import click

from tui_numbers.cli.flags import Flags, command
from tui_numbers.cli.writing import write_options

if TYPE_CHECKING:
    from tui_numbers.cli.running import Job


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
    from tui_numbers.cli.running import run

    async def work(job: "Job") -> int:
        from tui_numbers.cli.recorded import Again, undo_recorded

        return await undo_recorded(job, identifier, Again(**options))

    return run(flags, work)


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
    from tui_numbers.cli.running import run

    async def work(job: "Job") -> int:
        from tui_numbers.cli.recorded import Again, resume_recorded

        return await resume_recorded(job, batch, Again(**options))

    return run(flags, work)
