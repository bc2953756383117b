"""``retarget`` and ``set``: changes of numbers, one or several."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from tui_numbers.cli.completing import (
    account_words,
    assignment_words,
    kind_words,
    setting_words,
)
from tui_numbers.cli.flags import Flags, command, format_option

if TYPE_CHECKING:
    from tui_numbers.cli.changing import Order
    from tui_numbers.cli.running import Job


def write_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that every change of numbers takes."""
    for option in (
        format_option(),
        click.option(
            "--confirm",
            "confirmed",
            multiple=True,
            metavar="ACCOUNT",
            help="Names a production account that may be changed; repeatable.",
            shell_complete=account_words,
        ),
        click.option(
            "--over",
            multiple=True,
            metavar="OPERATION",
            help="Names an open operation to write over, which --yes does not cover; repeatable.",
        ),
        click.option("--yes", is_flag=True, help="Send without asking."),
        click.option("--dry-run", is_flag=True, help="Show what would be sent, and stop."),
        click.option("--reason", default="", metavar="TEXT", help="Kept in the history."),
    ):
        function = option(function)
    return function


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
    from tui_numbers.cli.changing import RetargetOrder

    return _run(flags, numbers, RetargetOrder(to, channel), options)


@command(
    "set",
    help="Change any setting of numbers; see what there is with: tui-numbers show NUMBER",
    examples=(
        "set +61255506170 friendly='Night desk' recording=call --yes",
        "set +447400906170 --clear application --dry-run",
    ),
)
@click.argument(
    "words",
    metavar="NUMBER… KEY=VALUE…",
    nargs=-1,
    required=True,
    shell_complete=assignment_words,
)
@click.option(
    "--clear",
    "cleared",
    multiple=True,
    metavar="KEY",
    help="Remove what is stored.",
    shell_complete=setting_words,
)
@write_options
@click.pass_obj
def set_command(
    flags: Flags, /, words: tuple[str, ...], cleared: tuple[str, ...], **options: Any
) -> int:
    """Change settings."""
    from tui_numbers.cli.changing import SetOrder

    numbers = tuple(word for word in words if "=" not in word)
    assigned: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if equals:
            if key in assigned:
                raise click.UsageError(f"{key} is set twice: leave one of them out")
            assigned[key] = value
    if not numbers:
        raise click.UsageError("name at least one NUMBER, such as +442079460000, before KEY=VALUE")
    if not assigned and not cleared:
        raise click.UsageError("nothing to change: add KEY=VALUE or --clear KEY")
    return _run(flags, numbers, SetOrder(assigned, tuple(dict.fromkeys(cleared))), options)


def _run(flags: Flags, numbers: tuple[str, ...], order: "Order", options: dict[str, Any]) -> int:
    from tui_numbers.cli.changing import Wanted, change
    from tui_numbers.cli.choices import numbers_of
    from tui_numbers.cli.running import run

    wanted = Wanted(numbers_of(numbers), order, **options)

    async def work(job: "Job") -> int:
        return await change(job, wanted)

    return run(flags, work)
