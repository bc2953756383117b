"""`completion`: print the completion script of a shell."""

from typing import TYPE_CHECKING

import click

from tui_numbers.cli import errors
from tui_numbers.cli.options import command

if TYPE_CHECKING:
    from click.shell_completion import ShellComplete


_NAME = "tui-numbers"


_VARIABLE = "_TUI_NUMBERS_COMPLETE"


@command(
    "completion",
    help="Print the completion script of a shell: commands, options, accounts, settings, topics.",
    examples=(
        "completion bash >> ~/.bashrc",
        "completion zsh >> ~/.zshrc",
        "completion fish > ~/.config/fish/completions/tui-numbers.fish",
    ),
    on_demo=False,
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> int:
    """Print a completion script."""
    from tui_numbers.cli.app import cli

    click.echo(_class_of(shell)(cli, {}, _NAME, _VARIABLE).source())
    return errors.DONE


def _class_of(shell: str) -> "type[ShellComplete]":
    from click.shell_completion import get_completion_class

    import tui_numbers.cli.completion  # noqa: F401 - they join click's own

    found = get_completion_class(shell)
    assert found is not None
    return found
