"""`check`: tell what is wrong with owned numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui_numbers.cli import errors, output
from tui_numbers.cli.deferred import listing, runtime
from tui_numbers.cli.options import command, format_option
from tui_numbers.cli.owned_filter import filter_option, owned_filters, select, view_option
from tui_numbers.domain.records import finding_record
from tui_numbers.wording.values import finding_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_numbers.cli.global_flags import Flags
    from tui_numbers.cli.listing import Holdings
    from tui_numbers.cli.runtime import Job
    from tui_numbers.domain.numbers import Finding, OwnedNumber


@command(
    "check",
    help="What is wrong with owned numbers: calls that arrive nowhere, rings, what is open. "
    "Ends with 4 where there is anything.",
    examples=(
        "check",
        "check --filter 'account:uk-sms -type:mobile' --format json",
        "check --format csv",
    ),
)
@filter_option()
@view_option()
@format_option()
@click.pass_obj
def check(flags: Flags, text: str, view: str | None, form: str | None) -> int:
    """Check owned numbers."""

    async def work(job: Job) -> int:
        wanted = owned_filters(job.session, text, view)
        held = await listing.read_holdings(job, all_targets=True)
        selected = await select(job.session.workspace, held.numbers, *wanted, flags=held.flags)
        found = _chosen(held, selected.numbers if any(one.terms for one in wanted) else None)
        _print(found, form)
        _tell(job, held, found, len(selected.numbers), output.chosen_format(form))
        job.notices.several(selected.notices)
        code = held.code(len(job.session.workspace.accounts))
        in_part = found or held.targets.failures or held.problem
        return code or (errors.PARTLY if in_part else errors.DONE)

    return runtime.run(flags, work)


def _chosen(held: Holdings, numbers: Iterable[OwnedNumber] | None) -> list[Finding]:
    """Return the findings of these numbers; None for all, of numbers not listed any more too."""
    if numbers is None:
        return held.findings.every()
    return [one for number in numbers for one in held.findings.of(number)]


def _print(found: list[Finding], form: str | None) -> None:
    chosen = output.chosen_format(form)
    records = [finding_record(one) for one in found]
    if chosen == "table":
        output.write_table(output.finding_table(), found)
    elif chosen == "json":
        output.write_json(records)
    else:
        output.write_csv(output.FINDING_FIRST, records)


def _tell(job: Job, held: Holdings, found: list[Finding], looked_at: int, form: str) -> None:
    """Say how many there are of ``looked_at`` numbers, what to do, and what is not known."""
    if form == "table":
        counts: dict[str, int] = {}
        fixes: dict[str, str] = {}
        for one in found:
            counts[one.code] = counts.get(one.code, 0) + 1
            fixes[one.code] = one.fix
        for code, count in counts.items():
            job.notices.say(f"{count:,} {finding_words(code)}: {fixes[code]}")
        if not found:
            every = len(held.numbers)
            numbers = f"{looked_at:,} of {every:,}" if looked_at != every else f"{every:,}"
            read = " that could be read" if held.listing.failures else ""
            job.notices.say(f"nothing is wrong with {numbers} numbers{read}")
    listing.tell_incomplete(job, held, targets=True)
    if held.problem:
        job.notices.say(f"what is open is not known: {held.problem}")
    if held.findings.unchecked:
        unchecked = ", ".join(held.findings.unchecked)
        job.notices.say(f"{unchecked}: whether its targets are there is not known")
