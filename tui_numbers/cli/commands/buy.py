"""`buy`: buy a number for one account."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from tui_numbers.cli import errors
from tui_numbers.cli.completion import account_words, buy_field_words, kind_words
from tui_numbers.cli.deferred import (
    confirm,
    input_parsing,
    planning,
    preview,
    stock,
    write_results,
    writes,
)
from tui_numbers.cli.options import WriteOptions, command, format_option
from tui_numbers.cli.terminal import can_ask
from tui_numbers.domain.e164 import country_of
from tui_numbers.domain.numbers import AvailableNumber
from tui_numbers.domain.operations import Action, Outcome
from tui_numbers.providers.errors import ProviderError

if TYPE_CHECKING:
    from tui_numbers.cli.global_flags import Flags
    from tui_numbers.cli.runtime import Job
    from tui_numbers.cli.write_results import Attempt
    from tui_numbers.domain.accounts import Account
    from tui_numbers.domain.e164 import E164
    from tui_numbers.services.planning import Plan


@command(
    "buy",
    help="Buy a number for one account, which --account names. This spends money and has no undo.",
    examples=(
        "search --country GB --account uk-sms --limit 1",
        "buy +61255506199 --account au-sales --dry-run",
        "buy +61255506199 --account au-sales --to phone:+61491570156 --yes",
    ),
)
@click.argument("number")
@click.option(
    "--to",
    "to",
    metavar="KIND:VALUE",
    help="Where it points once it is bought.",
    shell_complete=kind_words,
)
@click.option(
    "--with",
    "extras",
    multiple=True,
    metavar="KEY=VALUE",
    help="Names what the number's country demands, such as address=AD…; repeatable.",
    shell_complete=buy_field_words,
)
@click.option("--reason", default="", metavar="TEXT", help="Kept in the history.")
@click.option("--dry-run", is_flag=True, help="Show what would be bought, and stop.")
@click.option(
    "--over",
    multiple=True,
    metavar="OPERATION",
    help="Names an open operation on the number that may be written over; repeatable.",
)
@click.option("--yes", is_flag=True, help="Buy without asking.")
@click.option(
    "--confirm",
    "confirmed",
    multiple=True,
    metavar="ACCOUNT",
    help="Names a production account that may buy.",
    shell_complete=account_words,
)
@format_option()
@click.pass_obj
def buy(
    flags: Flags, /, number: str, to: str | None, extras: tuple[str, ...], **options: Any
) -> int:
    """Buy a number."""
    named = _named(extras)
    asked = WriteOptions(**options)

    async def work(job: Job, wanted: E164) -> int:
        return await _buy(job, wanted, to, named, asked)

    return writes.run_at_one_account(flags, "buy", number, work)


def _named(extras: tuple[str, ...]) -> dict[str, str]:
    """Return what ``--with`` names, by key."""
    named: dict[str, str] = {}
    for word in extras:
        key, equals, value = word.partition("=")
        if not equals or key in named:
            problem = "is named twice" if equals else "is not KEY=VALUE"
            raise click.UsageError(f"--with {word!r} {problem}")
        named[key] = value
    return named


async def _buy(
    job: Job, number: E164, to: str | None, named: dict[str, str], options: WriteOptions
) -> int:
    """Buy a number; return the exit code."""
    (account,) = job.session.workspace.accounts
    info = job.session.workspace.info(account)
    home = country_of(number)
    target = input_parsing.read_target(info, to, home) if to else None
    extras = input_parsing.read_extras(info, named)
    if not info.buy.offered:
        problem = f"{account.name}: buying is not offered: {info.buy.reason}"
        attempt = _not_bought(number, account, problem, errors.REFUSED)
        return write_results.write_stopped(job.notices, attempt, options.form)
    try:
        found = await _stock(job, account, number)
    except ProviderError as error:
        code = errors.code_of_error(error)
        found = _not_bought(number, account, f"not sent: {error}", code)
    if isinstance(found, write_results.Attempt):
        return write_results.write_stopped(job.notices, found, options.form)
    plan = planning.plan_buy(account, info, found, target, extras=extras)
    plan = await preview.Preview(job.session.workspace, job.session.journal).of(plan)
    return await _send(job, plan, options)


async def _stock(job: Job, account: Account, number: E164) -> AvailableNumber | Attempt:
    """Return the stock record of the number, or how the purchase ends for want of one."""
    workspace = job.session.workspace
    info = workspace.info(account)
    job.notices.status(f"{account.name}: looking for {number} in stock")
    client = await workspace.client(account)
    held = await client.find(number)
    if held is not None:
        error = f"{account.name} already holds this number"
        attempt = write_results.not_sent(number, Action.BUY, error, account=account.name)
        return replace(attempt, outcome=Outcome.UNCHANGED, before=held, observed=held, code=None)
    if not info.search.offered:
        return AvailableNumber(account.name, info.key, number, country_of(number), None, ())
    record = await stock.find_stock(workspace, account, number)
    if record is not None:
        return record
    error = f"{number} is not in the stock that {account.name} is offered"
    return write_results.not_sent(number, Action.BUY, error, account=account.name)


async def _send(job: Job, plan: Plan, options: WriteOptions) -> int:
    """Show what is known of the purchase, and send it once it is agreed to."""
    known = await preview.purse(job.session.workspace, plan.account)
    assert plan.stock is not None
    warnings = preview.purchase_warnings(plan.info, plan.stock, known)
    plan = replace(plan, warnings=(*plan.warnings, *warnings))
    job.notices.clear()
    writer = job.session.writer
    forbidden = writer.forbidden(plan, options.reason, several=False)
    writes.show_purchase(job.notices, plan, known, forbidden)
    if options.dry_run:
        results = [writer.planned(plan, options.reason)]
    else:
        consent = planning.Consent(given=False)
        if forbidden is None:
            consent = confirm.confirm_purchase(
                job, plan, yes=options.yes, confirmed=options.confirmed, over=options.over
            )
        with job.signals.held(lambda _count: job.notices.say("stopping once the purchase is done")):
            results = await writer.buy(
                plan,
                consent,
                reason=options.reason,
                on_step=writes.step_reporter(job, quiet=not consent.given),
            )
    job.notices.clear()
    writes.report_open_outcomes(job, results)
    attempts = [write_results.attempt_of(result, interactive=can_ask()) for result in results]
    return write_results.write_attempts(attempts, options.form)


def _not_bought(number: E164, account: Account, problem: str, code: int) -> Attempt:
    return write_results.not_sent(number, Action.BUY, problem, account=account.name, code=code)
