"""`set`: change any setting of numbers."""

from typing import Any

import click

from tui_numbers.cli.commands.retarget import run_change
from tui_numbers.cli.completion import assignment_words, setting_words
from tui_numbers.cli.options import Flags, command, write_options


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
    from tui_numbers.cli.writes import SetOrder

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
    return run_change(flags, numbers, SetOrder(assigned, tuple(dict.fromkeys(cleared))), options)
