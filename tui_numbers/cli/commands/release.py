"""`release`: give a number up for good."""

from dataclasses import dataclass, replace
from typing import Any

import click

from tui_numbers.cli import errors
from tui_numbers.cli.lookup import find_all
from tui_numbers.cli.options import Flags, command, format_option
from tui_numbers.cli.runtime import Job
from tui_numbers.cli.terminal import can_ask
from tui_numbers.cli.write_results import (
    Attempt,
    attempt_of,
    not_sent,
    write_attempts,
    write_stopped,
)
from tui_numbers.cli.writes import confirm_release, run_trade, show_plans, step_teller, tell_unknown
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.operations import Action
from tui_numbers.services.inventory import labelled
from tui_numbers.services.planning import Consent, plan_release
from tui_numbers.services.preview import Preview
from tui_numbers.services.protection import release_refusal
from tui_numbers.services.writes import NOT_CONFIRMED


@dataclass(frozen=True)
class Surrender:
    """A release as the command line asks for it."""

    number: E164
    reason: str
    dry_run: bool
    yes: bool
    """Accepted, as by all writes; a release needs its number again all the same."""
    confirmed: tuple[str, ...]
    over: tuple[str, ...]
    form: str | None


async def carry_out(job: Job, wanted: Surrender) -> int:
    """Give a number up; return the exit code."""
    workspace, changes = job.session.workspace, job.session.changes
    (account,) = workspace.accounts
    info = workspace.info(account)
    refusal = release_refusal(account, info)
    if refusal is not None:
        problem = f"{account.name}: releasing is {refusal}" if not info.release.offered else refusal
        attempt = _not_released(wanted, account.name, problem)
        return write_stopped(job.notices, attempt, wanted.form)
    (found,) = await find_all(workspace, [wanted.number])
    if found.owned is None:
        attempt = _not_released(wanted, account.name, found.problem, found.code)
        return write_stopped(job.notices, attempt, wanted.form)
    owned = found.owned
    if can_ask():
        # Names are for the person who is about to be asked.
        (owned,) = await labelled(workspace, [owned])
    plan = await Preview(workspace, job.session.journal).of(plan_release(account, info, owned))
    forbidden = changes.forbidden(plan, wanted.reason, several=False)
    show_plans(job.notices, [(plan, forbidden)])
    if wanted.dry_run:
        result = changes.planned(plan, wanted.reason)
    else:
        consent = Consent()
        if forbidden is None:
            consent = confirm_release(job, plan, wanted.confirmed, wanted.over)
        with job.signals.held(lambda _count: job.notices.say("stopping once it is read back")):
            result = await changes.apply(
                plan,
                consent,
                reason=wanted.reason,
                on_step=step_teller(job, quiet=not consent.given),
            )
    job.notices.clear()
    tell_unknown(job, [result])
    attempt = attempt_of(result, interactive=True)
    return write_attempts([_explained(attempt)], wanted.form)


def _explained(attempt: Attempt) -> Attempt:
    """Say what confirms a release, where it was not confirmed."""
    if attempt.error != NOT_CONFIRMED:
        return attempt
    how = "it was not typed again" if can_ask() else f"add --confirm {attempt.number}"
    return replace(attempt, error=f"{NOT_CONFIRMED}: {how}")


def _not_released(
    wanted: Surrender, account: str, problem: str, code: int = errors.REFUSED
) -> Attempt:
    return not_sent(wanted.number, Action.RELEASE, problem, account=account, code=code)


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
@click.option("--reason", default="", metavar="TEXT", help="Kept in the history.")
@click.option("--dry-run", is_flag=True, help="Show what would be given up, and stop.")
@click.option(
    "--over",
    multiple=True,
    metavar="OPERATION",
    help="Names an open operation on the number that may be written over; repeatable.",
)
@click.option("--yes", is_flag=True, help="Not enough by itself: --confirm NUMBER releases.")
@click.option(
    "--confirm",
    "confirmed",
    multiple=True,
    metavar="NUMBER",
    help="The whole number again; for a production account, its name too.",
)
@format_option()
@click.pass_obj
def release(flags: Flags, /, number: str, **options: Any) -> int:
    """Release a number."""

    async def work(job: "Job", wanted: "E164") -> int:

        return await carry_out(job, Surrender(wanted, **options))

    return run_trade(flags, "release", number, work)
