"""`targets`: list what the numbers of each account can point at, and how many do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui_numbers.cli import errors, output
from tui_numbers.cli.deferred import inventory, listing, runtime
from tui_numbers.cli.options import command, format_option
from tui_numbers.domain.numbers import Target, TargetOption
from tui_numbers.domain.records import option_record
from tui_numbers.wording.values import failure_lines

if TYPE_CHECKING:
    from tui_numbers.cli.global_flags import Flags
    from tui_numbers.cli.listing import Holdings
    from tui_numbers.cli.runtime import Job
    from tui_numbers.domain.records import Record
    from tui_numbers.providers.contract import TargetKind
    from tui_numbers.services.inventory import TargetUse


@command(
    "targets",
    help="What a number can point at: users, teams, flows, applications; and how many do.",
    examples=(
        "targets",
        "targets --unused",
        "targets --account us-desk --format csv",
    ),
)
@click.option("--unused", is_flag=True, help="Only those that no number points at.")
@format_option()
@click.pass_obj
def targets(flags: Flags, unused: bool, form: str | None) -> int:
    """List targets."""

    async def work(job: Job) -> int:
        held = await listing.read_holdings(job, all_targets=True)
        uses = _uses(job, held, unused=unused)
        _print(job, held, uses, form)
        _tell_failures(job, held)
        asked = len(job.session.workspace.accounts)
        gave = bool(held.targets.options)
        code = errors.code_of_listing(asked, held.targets.failures, gave=gave)
        return code or (errors.PARTLY if held.listing.failures else errors.DONE)

    return runtime.run(flags, work)


def _uses(job: Job, held: Holdings, *, unused: bool) -> list[TargetUse]:
    """Return what can be pointed at; with ``unused``, what is known to have no number."""
    workspace = job.session.workspace
    uses: list[TargetUse] = []
    for account, options in held.targets.options.items():
        numbers = [number for number in held.numbers if number.account == account]
        uses += inventory.target_uses(account, numbers, workspace.info(account), options)
    listed = (inventory.Standing.LISTED, inventory.Standing.NOT_READY)
    offered = [use for use in uses if use.standing in listed and (use.channels or use.numbers)]
    if not unused:
        return offered
    return [use for use in offered if not use.numbers and use.account not in held.listing.failures]


def _print(job: Job, held: Holdings, uses: list[TargetUse], form: str | None) -> None:
    chosen = output.chosen_format(form)
    if chosen == "table":
        output.write_table(output.target_table(held.listing.failures), uses)
        _tell_typed(job)
        return
    records = [_record(held, use) for use in uses]
    if chosen == "json":
        output.write_json(records)
    else:
        output.write_csv(output.TARGET_FIRST, records)


def _tell_failures(job: Job, held: Holdings) -> None:
    """Say which accounts could not list their targets, and which could not be counted.

    Why targets are missing comes first: of an account without them nothing else is said.
    """
    unlisted = held.targets.failures
    for line in failure_lines(unlisted):
        job.notices.say(line)
    for account, error in held.listing.failures.items():
        if account not in unlisted:
            job.notices.say(
                f"{account}: how many numbers point at its targets is not known: {error}"
            )


def _record(held: Holdings, use: TargetUse) -> Record:
    assert isinstance(use.target, Target)
    counted = use.account not in held.listing.failures
    option = TargetOption(use.target, use.channels)
    return option_record(use.account, option, use.numbers if counted else None)


def _tell_typed(job: Job) -> None:
    """Name the kinds that no account lists, since they are typed."""
    workspace = job.session.workspace
    for account in workspace.accounts:
        typed = [kind for kind in workspace.info(account).target_kinds if not kind.listed]
        if typed:
            examples = ", ".join(_example(kind) for kind in typed)
            job.notices.say(f"{account.name} also takes, as typed: {examples}")


def _example(kind: TargetKind) -> str:
    prefix = f"{kind.key}:"
    return kind.example if kind.example.startswith(prefix) else prefix + kind.example
