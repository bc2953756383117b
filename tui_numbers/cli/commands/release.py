"""`release`: release a number of one account for good."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from tui_numbers.cli import errors
from tui_numbers.cli.deferred import (
    inventory,
    lookup,
    planning,
    preview,
    protection,
    write_dialogue,
    write_service,
    writes,
)
from tui_numbers.cli.options import WriteOptions, command, trade_options
from tui_numbers.cli.terminal import can_ask
from tui_numbers.domain.operations import Action

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_numbers.cli.global_flags import Flags
    from tui_numbers.cli.runtime import Job
    from tui_numbers.cli.write_dialogue import Attempt
    from tui_numbers.domain.e164 import E164


@command(
    "release",
    help="Give a number of one account, which --account names, up for good. It asks for the "
    "whole number again; --confirm NUMBER does so in scripts.",
    examples=(
        "release +447400906170 --account uk-sms --dry-run",
        "release +447400906170 --account uk-sms --confirm +447400906170",
    ),
)
@click.argument("number")
@trade_options(
    dry_run="Show what would be given up, and stop.",
    yes="Not enough by itself: --confirm NUMBER releases.",
    confirm="The whole number again; for a production account, its name too.",
    confirms="NUMBER",
)
@click.pass_obj
def release(flags: Flags, /, number: str, **options: Any) -> int:
    """Release a number."""
    asked = WriteOptions(**options)

    async def work(job: Job, wanted: Sequence[E164]) -> int:
        return await _release(job, wanted[0], asked)

    return writes.run_at_one_account(flags, "release", [number], work)


async def _release(job: Job, number: E164, options: WriteOptions) -> int:
    """Give a number up; return the exit code."""
    workspace, writer = job.session.workspace, job.session.writer
    (account,) = workspace.accounts
    info = workspace.info(account)
    refusal = protection.release_refusal(account, info)
    if refusal is not None:
        problem = f"{account.name}: releasing is {refusal}" if not info.release.offered else refusal
        attempt = _not_released(number, account.name, problem)
        return write_dialogue.write_stopped(job.notices, attempt, options.form)
    (found,) = await lookup.find_all(workspace, [number])
    if found.owned is None:
        attempt = _not_released(number, account.name, found.problem, found.code)
        return write_dialogue.write_stopped(job.notices, attempt, options.form)
    owned = found.owned
    if can_ask():
        # Names are for the person who is about to be asked.
        (owned,) = await inventory.labelled(workspace, [owned])
    plan = planning.plan_release(account, info, owned)
    plan = await preview.Preview(job.session.writer).of(plan)
    forbidden = writer.forbidden(plan, options.reason, several=False)
    write_dialogue.show_plans(job.notices, [(plan, forbidden)])
    if options.dry_run:
        result = writer.planned(plan, options.reason)
    else:
        consent = planning.Consent()
        if forbidden is None:
            consent = write_dialogue.confirm_release(job, plan, options.confirmed, options.over)
        with job.signals.held(lambda _count: job.notices.say("stopping once it is read back")):
            result = await writer.apply(
                plan,
                consent,
                reason=options.reason,
                on_step=writes.step_reporter(job, quiet=not consent.given),
            )
    job.notices.clear()
    writes.report_open_outcomes(job, [result])
    attempt = write_dialogue.attempt_of(result, interactive=True)
    return write_dialogue.write_attempts([_explained(attempt)], options.form)


def _explained(attempt: Attempt) -> Attempt:
    """Say what confirms a release, where it was not confirmed."""
    if attempt.error != write_service.NOT_CONFIRMED:
        return attempt
    how = "it was not typed again" if can_ask() else f"add --confirm {attempt.number}"
    return replace(attempt, error=f"{write_service.NOT_CONFIRMED}: {how}")


def _not_released(number: E164, account: str, problem: str, code: int = errors.REFUSED) -> Attempt:
    return write_dialogue.not_sent(number, Action.RELEASE, problem, account=account, code=code)
