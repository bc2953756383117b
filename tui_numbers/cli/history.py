"""``history``: what was changed, by whom, and how it ended."""

from typing import TYPE_CHECKING, Any

import click

from tui_numbers.cli.completing import outcome_words
from tui_numbers.cli.flags import Flags, command, format_option

if TYPE_CHECKING:
    from tui_numbers.cli.running import Job


@command(
    "history",
    help="Every write from this user's journal, newest first.",
    examples=(
        "history --since 8h --format markdown",
        "history --number +447400906170 --format json",
        "history --outcome unknown --settle",
    ),
)
@click.option("--number", metavar="N", help="Only this number.")
@click.option("--since", metavar="T", help="8h, 2d, 2026-03-01 or 2026-03-01T22:00.")
@click.option("--until", metavar="T", help="The same; a date means its whole day.")
@click.option(
    "--outcome",
    metavar="O",
    help="verified, unchanged, different, failed, unknown, pending, refused.",
    shell_complete=outcome_words,
)
@click.option(
    "--settle",
    is_flag=True,
    help="Read again where an outcome is not certain.",
)
@format_option("table", "json", "csv", "markdown")
@click.pass_obj
def history(flags: Flags, /, settle: bool, form: str | None, **asked: Any) -> int:
    """Show the journal."""
    from tui_numbers.cli.journal_reports import query_of, show
    from tui_numbers.cli.running import run

    query = query_of(asked)

    async def work(job: "Job") -> int:
        return await show(job, query, form, settle=settle)

    return run(flags, work, need_accounts=False)
