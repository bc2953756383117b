"""`buy`: buy numbers for one account."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from tui_numbers.cli import errors
from tui_numbers.cli.completion import buy_field_words, kind_words
from tui_numbers.cli.deferred import (
    asyncio,
    batch,
    input_parsing,
    planning,
    preview,
    stock,
    write_dialogue,
    writes,
)
from tui_numbers.cli.options import WriteOptions, command, trade_options
from tui_numbers.cli.terminal import can_ask
from tui_numbers.domain.e164 import country_of
from tui_numbers.domain.numbers import AvailableNumber
from tui_numbers.domain.operations import Action, Outcome
from tui_numbers.providers.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_numbers.cli.global_flags import Flags
    from tui_numbers.cli.runtime import Job
    from tui_numbers.cli.write_dialogue import Attempt
    from tui_numbers.domain.accounts import Account
    from tui_numbers.domain.e164 import E164
    from tui_numbers.services.planning import Plan

_AT_ONCE = 4
"""Numbers looked up in stock side by side."""


@command(
    "buy",
    help="Buy numbers for one account, which --account names. This spends money and has no undo. "
    "Several are one batch, with their sum shown before.",
    examples=(
        "search --country GB --account uk-sms --limit 1",
        "buy +61255506199 --account au-sales --dry-run",
        "buy +61255506199 --account au-sales --to phone:+61491570156 --yes",
        "buy +61255506199 +61255506299 --account au-sales --dry-run",
    ),
)
@click.argument("numbers", metavar="NUMBER…", nargs=-1, required=True)
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
@trade_options(
    dry_run="Show what would be bought, and stop.",
    yes="Buy without asking.",
    confirm="Names a production account that may buy.",
)
@click.pass_obj
def buy(
    flags: Flags,
    /,
    numbers: Sequence[str],
    to: str | None,
    extras: tuple[str, ...],
    **options: Any,
) -> int:
    """Buy numbers."""
    named = _named(extras)
    asked = WriteOptions(**options)

    async def work(job: Job, wanted: Sequence[E164]) -> int:
        return await _buy(job, wanted, to, named, asked)

    return writes.run_at_one_account(flags, "buy", numbers, work)


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
    job: Job,
    numbers: Sequence[E164],
    to: str | None,
    named: dict[str, str],
    options: WriteOptions,
) -> int:
    """Buy numbers; return the exit code."""
    (account,) = job.session.workspace.accounts
    info = job.session.workspace.info(account)
    if to:
        # What nothing can point at is refused before anything is asked.
        input_parsing.read_target(info, to, country_of(numbers[0]))
    extras = input_parsing.read_extras(info, named)
    if not info.buy.offered:
        problem = f"{account.name}: buying is not offered: {info.buy.reason}"
        job.notices.say(problem)
        refused = [_not_bought(number, account, problem, errors.REFUSED) for number in numbers]
        return write_dialogue.write_attempts(refused, options.form)
    found = await _all_stock(job, account, numbers)
    plans: list[Plan] = []
    stopped: list[Attempt] = []
    added = preview.Preview(job.session.writer)
    for record in found:
        if isinstance(record, write_dialogue.Attempt):
            about = f"{record.number}: " if len(numbers) > 1 else ""
            job.notices.say(f"{about}{record.error}")
            stopped.append(record)
            continue
        target = input_parsing.read_target(info, to, country_of(record.number)) if to else None
        plans.append(
            await added.of(planning.plan_buy(account, info, record, target, extras=extras))
        )
    sent = await _send(job, plans, options, several=len(numbers) > 1) if plans else []
    place = {number: at for at, number in enumerate(numbers)}
    attempts = sorted((*stopped, *sent), key=lambda attempt: place[attempt.number])
    return write_dialogue.write_attempts(attempts, options.form)


async def _all_stock(
    job: Job, account: Account, numbers: Sequence[E164]
) -> list[AvailableNumber | Attempt]:
    """Return the stock record of each number, or how its purchase ends for want of one."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one(number: E164) -> AvailableNumber | Attempt:
        async with turns:
            try:
                return await _stock(job, account, number)
            except ProviderError as error:
                code = errors.code_of_error(error)
                return _not_bought(number, account, f"not sent: {error}", code)

    return list(await asyncio.gather(*map(one, numbers)))


async def _stock(job: Job, account: Account, number: E164) -> AvailableNumber | Attempt:
    """Return the stock record of the number, or how the purchase ends for want of one."""
    workspace = job.session.workspace
    info = workspace.info(account)
    job.notices.status(f"{account.name}: looking for {number} in stock")
    client = await workspace.client(account)
    held = await client.find(number)
    if held is not None:
        error = f"{account.name} already holds this number"
        attempt = write_dialogue.not_sent(number, Action.BUY, error, account=account.name)
        return replace(attempt, outcome=Outcome.UNCHANGED, before=held, observed=held, code=None)
    if not info.search.offered:
        return AvailableNumber(account.name, info.key, number, country_of(number), None, ())
    record = await stock.find_stock(workspace, account, number)
    if record is not None:
        return record
    error = f"{number} is not in the stock that {account.name} is offered"
    return write_dialogue.not_sent(number, Action.BUY, error, account=account.name)


async def _send(
    job: Job, plans: Sequence[Plan], options: WriteOptions, *, several: bool
) -> list[Attempt]:
    """Show what is known of the purchases, and send them once they are agreed to."""
    account, info = plans[0].account, plans[0].info
    known = await preview.purse(job.session.workspace, account)
    stocks = [plan.stock for plan in plans if plan.stock is not None]
    warnings = preview.purchase_warnings(info, stocks, known)
    plans = [replace(plan, warnings=(*plan.warnings, *warnings)) for plan in plans]
    job.notices.clear()
    writer = job.session.writer
    forbidden = [writer.forbidden(plan, options.reason, several=several) for plan in plans]
    write_dialogue.show_purchases(job.notices, list(zip(plans, forbidden, strict=True)), known)
    if options.dry_run:
        results = [writer.planned(plan, options.reason, several=several) for plan in plans]
    else:
        allowed = [plan for plan, why in zip(plans, forbidden, strict=True) if why is None]
        consent = planning.Consent(given=False)
        if allowed:
            consent = write_dialogue.confirm_purchases(
                job, allowed, yes=options.yes, confirmed=options.confirmed, over=options.over
            )
        results = await writes.send(
            job, batch.Batch(writer, plans, consent, options.reason, several)
        )
    job.notices.clear()
    return [write_dialogue.attempt_of(result, interactive=can_ask()) for result in results]


def _not_bought(number: E164, account: Account, problem: str, code: int) -> Attempt:
    return write_dialogue.not_sent(number, Action.BUY, problem, account=account.name, code=code)
