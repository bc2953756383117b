"""`retarget`: send a channel of numbers elsewhere."""

from typing import TYPE_CHECKING, Any

import click

from tui_numbers.cli.completion import kind_words
from tui_numbers.cli.options import Flags, command, write_options

if TYPE_CHECKING:
    from tui_numbers.cli.runtime import Job
    from tui_numbers.cli.writes import Order


@command(
    "retarget",
    help="Send calls (or messages) of numbers elsewhere, and read back that they go there.",
    examples=(
        "retarget +447400906170 --to phone:+442079460999 --dry-run",
        "retarget +447400906170 --to phone:+442079460999 --yes",
        "retarget +61255506170 +447400906170 --to +442079460999 --yes",
    ),
)
@click.argument("numbers", metavar="NUMBER…", nargs=-1, required=True)
@click.option(
    "--to",
    "to",
    required=True,
    metavar="KIND:VALUE",
    help="See: tui-numbers targets",
    shell_complete=kind_words,
)
@click.option("--channel", type=click.Choice(["voice", "sms"]), help="Default: voice.")
@write_options
@click.pass_obj
def retarget(
    flags: Flags, /, numbers: tuple[str, ...], to: str, channel: str | None, **options: Any
) -> int:
    """Retarget numbers."""
    from tui_numbers.cli.writes import RetargetOrder

    return run_change(flags, numbers, RetargetOrder(to, channel), options)


def run_change(
    flags: Flags, numbers: tuple[str, ...], order: "Order", options: dict[str, Any]
) -> int:
    """Carry out a change of numbers that a command line asks for."""
    from tui_numbers.cli.lookup import numbers_of
    from tui_numbers.cli.runtime import run
    from tui_numbers.cli.writes import Wanted, change

    wanted = Wanted(numbers_of(numbers), order, **options)

    async def work(job: "Job") -> int:
        return await change(job, wanted)

    return run(flags, work)
