"""`summary`: count owned numbers, with what they cost a month where that is told."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from tui_numbers.cli import output
from tui_numbers.cli.deferred import listing, runtime
from tui_numbers.cli.options import command, format_option
from tui_numbers.cli.owned_filter import filter_option, owned_filters, select, view_option
from tui_numbers.cli.process import is_unicode
from tui_numbers.wording import summary as counting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_numbers.cli.global_flags import Flags
    from tui_numbers.cli.runtime import Job
    from tui_numbers.wording.summary import Group

_MOST_LINES = 20
"""Groups that are shown on a terminal; JSON and CSV have all of them."""


@command(
    "summary",
    help="Counts of owned numbers, and what they cost a month where that is told. Each number "
    "counts once: by target, where its calls go, or its messages where no calls go anywhere.",
    examples=(
        "summary",
        "summary --by target",
        "summary --by country --by type --format json",
    ),
)
@click.option(
    "--by",
    multiple=True,
    type=click.Choice(counting.BY),
    default=("account",),
    show_default=True,
    help="What to count by; repeatable.",
)
@filter_option()
@view_option()
@format_option()
@click.pass_obj
def summary(
    flags: Flags, by: tuple[str, ...], text: str, view: str | None, form: str | None
) -> int:
    """Summarise owned numbers."""

    async def work(job: Job) -> int:
        wanted = owned_filters(job.session, text, view)
        held = await listing.read_holdings(job)
        selected = await select(job.session.workspace, held.numbers, *wanted, flags=held.flags)
        groups = {one: counting.summarise(selected.numbers, one) for one in dict.fromkeys(by)}
        _print(groups, form)
        job.notices.several(selected.notices)
        listing.tell_incomplete(job, held)
        return held.code(len(job.session.workspace.accounts))

    return runtime.run(flags, work)


def _print(groups: dict[str, list[Group]], form: str | None) -> None:
    chosen = output.chosen_format(form)
    if chosen == "table":
        for at, (by, found) in enumerate(groups.items()):
            output.write(("\n" if at else "") + f"By {by}\n")
            _write_bars(found)
        return
    every = [group for found in groups.values() for group in found]
    if chosen == "json":
        output.write_json([counting.group_record(group) for group in every])
    else:
        output.write_csv(output.GROUP_FIRST, [output.group_row(group) for group in every])


def _write_bars(groups: Sequence[Group]) -> None:
    whole = counting.total_of(groups)
    shown = groups[:_MOST_LINES] if sys.stdout.isatty() else groups
    plain = not is_unicode(sys.stdout)
    output.write_table(output.group_table(whole.numbers, plain=plain), [*shown, whole])
    if len(shown) < len(groups):
        output.write(f"and {len(groups) - len(shown):,} more: --format csv has all of them\n")
