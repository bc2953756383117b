"""`help`: pages for staff on call, read in the terminal."""

import shutil
import sys

import click

from tui_numbers.cli import errors
from tui_numbers.cli.completion import topic_words
from tui_numbers.cli.options import command


@command(
    "help",
    help="Pages for staff on call, without a browser. Without a topic it lists them all; with "
    "a command it shows that command's options too.",
    examples=("help", "help retarget", "help accounts add"),
)
@click.argument("words", metavar="[TOPIC|COMMAND]", nargs=-1, shell_complete=topic_words)
def help_command(words: tuple[str, ...]) -> int:
    """Show a page, the options of a command, or both."""
    from tui_numbers.cli import topics

    if not words:
        _show(_contents())
        return errors.DONE
    name = "-".join(words).lower()
    parts = [topics.page(name)] if name in topics.NAMES else []
    found = _command_help(words)
    if found is not None:
        parts.append(found)
    if not parts:
        raise click.UsageError(_no_such(" ".join(words)))
    _show("\n".join(parts))
    return errors.DONE


def _contents() -> str:
    from tui_numbers.cli import topics
    from tui_numbers.cli.reference import definitions

    listed = definitions([(name, topics.summary(name)) for name in topics.NAMES])
    return (
        f"tui-numbers help TOPIC:\n{listed}\n"
        "The options of a command: tui-numbers help COMMAND; all: tui-numbers --help\n"
    )


def _no_such(word: str) -> str:
    from tui_numbers.cli import topics
    from tui_numbers.cli.app import cli
    from tui_numbers.services.config import nearest

    known = {*topics.NAMES, *cli.list_commands(click.Context(cli))}
    return f"no topic or command {word!r}; {nearest(word.lower(), known)}"


def _command_help(words: tuple[str, ...]) -> str | None:
    """Return what ``--help`` of a command says; None where there is no such command."""
    from tui_numbers.cli.app import cli

    at: click.Command | None = cli
    context = click.Context(cli, info_name="tui-numbers", **cli.context_settings)
    for word in words:
        at = at.get_command(context, word) if isinstance(at, click.Group) else None
        if at is None:
            return None
        context = click.Context(at, info_name=word, parent=context)
    return f"{context.get_help()}\n"


def _show(text: str) -> None:
    """Print a text; by pages only where it goes to a terminal that it does not fit on."""
    if sys.stdout.isatty() and text.count("\n") >= shutil.get_terminal_size().lines:
        from tui_numbers.services.secrets import secrets_withheld

        with secrets_withheld():
            click.echo_via_pager(text)
        return
    from tui_numbers.cli.output import write

    write(text)
