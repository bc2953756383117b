"""``buy`` and ``release``: one number at one account, with no undo."""

from typing import TYPE_CHECKING, Any

import click

from tui_numbers.cli.completing import account_words, kind_words
from tui_numbers.cli.flags import Flags, command, format_option

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tui_numbers.cli.running import Job
    from tui_numbers.domain.e164 import E164


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
        from tui_numbers.cli.buying import Purchase, carry_out

        return await carry_out(job, Purchase(wanted, **options))

    return _run(flags, "buy", number, work)


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
        from tui_numbers.cli.releasing import Surrender, carry_out

        return await carry_out(job, Surrender(wanted, **options))

    return _run(flags, "release", number, work)


def _run(
    flags: Flags, what: str, number: str, work: "Callable[[Job, E164], Awaitable[int]]"
) -> int:
    from tui_numbers.cli.choices import numbers_of
    from tui_numbers.cli.running import run

    (wanted,) = numbers_of([number], short_codes=what != "buy")
    if len(set(flags.accounts)) != 1:
        raise click.UsageError(f"{what} works at one account: add --account NAME, once")
    return run(flags, lambda job: work(job, wanted))
