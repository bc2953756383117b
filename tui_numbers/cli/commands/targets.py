"""`targets`: list what the numbers of each account can point at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui_numbers.cli import errors, output
from tui_numbers.cli.deferred import asyncio, inventory, runtime
from tui_numbers.cli.options import command, format_option
from tui_numbers.domain.records import option_record
from tui_numbers.providers.errors import ProviderError
from tui_numbers.wording.values import failure_lines

if TYPE_CHECKING:
    from tui_numbers.cli.global_flags import Flags
    from tui_numbers.cli.runtime import Job
    from tui_numbers.domain.numbers import TargetOption
    from tui_numbers.providers.contract import TargetKind


@command(
    "targets",
    help="What a number can point at: users, teams, flows, applications.",
    examples=(
        "targets",
        "targets --account us-desk --format csv",
    ),
)
@format_option()
@click.pass_obj
def targets(flags: Flags, form: str | None) -> int:
    """List targets."""

    async def work(job: Job) -> int:
        options, failures = await _ask(job)
        _print(job, options, form)
        for line in failure_lines(failures):
            job.notices.say(line)
        asked = len(job.session.workspace.accounts)
        return errors.code_of_listing(asked, failures, gave=bool(options))

    return runtime.run(flags, work)


async def _ask(job: Job) -> tuple[list[tuple[str, TargetOption]], dict[str, ProviderError]]:
    workspace = job.session.workspace
    job.notices.status(f"asking {len(workspace.accounts)} accounts")
    answers = await asyncio.gather(
        *(inventory.list_targets(workspace, account) for account in workspace.accounts),
        return_exceptions=True,
    )
    job.notices.clear()
    options: list[tuple[str, TargetOption]] = []
    failures: dict[str, ProviderError] = {}
    for account, answer in zip(workspace.accounts, answers, strict=True):
        if isinstance(answer, ProviderError):
            failures[account.name] = answer
        elif isinstance(answer, BaseException):
            raise answer
        else:
            options += [(account.name, option) for option in answer]
    return options, failures


def _print(job: Job, options: list[tuple[str, TargetOption]], form: str | None) -> None:
    chosen = output.chosen_format(form)
    if chosen == "table":
        output.write_table(output.target_table(), options)
        _tell_typed(job)
        return
    records = [option_record(account, option) for account, option in options]
    if chosen == "json":
        output.write_json(records)
    else:
        output.write_csv(output.TARGET_FIRST, records)


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
