"""`completion`: print the completion script of a shell."""

import click

from tui_numbers.cli import errors
from tui_numbers.cli.completion import script
from tui_numbers.cli.options import command


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
@click.pass_context
def completion(context: click.Context, shell: str) -> int:
    """Print a completion script."""
    click.echo(script(shell, context.find_root().command))
    return errors.DONE
