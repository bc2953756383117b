"""`buy`: buy a number for one account."""

from dataclasses import dataclass, replace
from typing import Any

import click

from tui_numbers.cli import errors
from tui_numbers.cli.completion import account_words, kind_words
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
from tui_numbers.cli.writes import (
    confirm_purchase,
    run_trade,
    show_purchase,
    step_teller,
    tell_unknown,
)
from tui_numbers.domain.accounts import Account
from tui_numbers.domain.e164 import E164, country_of
from tui_numbers.domain.numbers import AvailableNumber
from tui_numbers.domain.operations import Action, Outcome
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.input_parsing import read_target
from tui_numbers.services.planning import Consent, Plan, plan_buy
from tui_numbers.services.preview import Preview, purchase_warnings, purse
from tui_numbers.services.stock import find_stock


@dataclass(frozen=True)
class Purchase:
    """A purchase as the command line asks for it."""

    number: E164
    to: str | None
    reason: str
    dry_run: bool
    yes: bool
    confirmed: tuple[str, ...]
    over: tuple[str, ...]
    form: str | None


async def carry_out(job: Job, wanted: Purchase) -> int:
    """Buy a number; return the exit code."""
    (account,) = job.session.workspace.accounts
    info = job.session.workspace.info(account)
    home = country_of(wanted.number)
    target = read_target(info, wanted.to, home) if wanted.to else None
    if not info.buy.offered:
        problem = f"{account.name}: buying is not offered: {info.buy.reason}"
        attempt = _not_bought(wanted, account, problem, errors.REFUSED)
        return write_stopped(job.notices, attempt, wanted.form)
    try:
        stock = await _stock(job, account, wanted.number)
    except ProviderError as error:
        code = errors.of_error(error)
        stock = _not_bought(wanted, account, f"not sent: {error}", code)
    if isinstance(stock, Attempt):
        return write_stopped(job.notices, stock, wanted.form)
    plan = await Preview(job.session.workspace, job.session.journal).of(
        plan_buy(account, info, stock, target)
    )
    return await _go_on(job, wanted, plan)


async def _stock(job: Job, account: Account, number: E164) -> AvailableNumber | Attempt:
    """Return the stock record of the number, or how the purchase ends for want of one."""
    workspace = job.session.workspace
    info = workspace.info(account)
    job.notices.status(f"{account.name}: looking for {number} in stock")
    client = await workspace.client(account)
    held = await client.find(number)
    if held is not None:
        error = f"{account.name} already holds this number"
        attempt = not_sent(number, Action.BUY, error, account=account.name)
        return replace(attempt, outcome=Outcome.UNCHANGED, before=held, observed=held, code=None)
    if not info.search.offered:
        return AvailableNumber(account.name, info.key, number, country_of(number), None, ())
    stock = await find_stock(workspace, account, number)
    if stock is not None:
        return stock
    error = f"{number} is not in the stock that {account.name} is offered"
    return not_sent(number, Action.BUY, error, account=account.name)


async def _go_on(job: Job, wanted: Purchase, plan: Plan) -> int:
    known = await purse(job.session.workspace, plan.account)
    assert plan.stock is not None
    warnings = purchase_warnings(plan.info, plan.stock, known)
    plan = replace(plan, warnings=(*plan.warnings, *warnings))
    job.notices.clear()
    changes = job.session.changes
    forbidden = changes.forbidden(plan, wanted.reason, several=False)
    show_purchase(job.notices, plan, known, forbidden)
    if wanted.dry_run:
        results = [changes.planned(plan, wanted.reason)]
    else:
        consent = Consent(given=False)
        if forbidden is None:
            consent = confirm_purchase(
                job, plan, yes=wanted.yes, confirmed=wanted.confirmed, over=wanted.over
            )
        with job.signals.held(lambda _count: job.notices.say("stopping once the purchase is done")):
            results = await changes.buy(
                plan,
                consent,
                reason=wanted.reason,
                on_step=step_teller(job, quiet=not consent.given),
            )
    job.notices.clear()
    tell_unknown(job, results)
    attempts = [attempt_of(result, interactive=can_ask()) for result in results]
    return write_attempts(attempts, wanted.form)


def _not_bought(wanted: Purchase, account: Account, problem: str, code: int) -> Attempt:
    return not_sent(wanted.number, Action.BUY, problem, account=account.name, code=code)


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
def buy(flags: Flags, /, number: str, **options: Any) -> int:
    """Buy a number."""

    async def work(job: "Job", wanted: "E164") -> int:

        return await carry_out(job, Purchase(wanted, **options))

    return run_trade(flags, "buy", number, work)
