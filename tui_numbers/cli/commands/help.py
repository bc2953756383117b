"""`help`: show a page on a topic, the options of a command, or both."""

import shutil
import sys

import click

from tui_numbers.cli import errors
from tui_numbers.cli.completion import topic_words
from tui_numbers.cli.deferred import reference, secrets
from tui_numbers.cli.options import command
from tui_numbers.cli.output import write
from tui_numbers.domain.text import nearest


@command(
    "help",
    help="Pages for staff on call, without a browser. Without a topic it lists them all; with "
    "a command it shows that command's options too.",
    examples=("help", "help retarget", "help accounts add"),
)
@click.argument("words", metavar="[TOPIC|COMMAND]", nargs=-1, shell_complete=topic_words)
@click.pass_context
def help_command(context: click.Context, words: tuple[str, ...]) -> int:
    """Show a page, the options of a command, or both."""
    root = context.find_root().command
    assert isinstance(root, click.Group)
    if not words:
        _show(_contents())
        return errors.DONE
    name = "-".join(words).lower()
    parts = [reference.page(name)] if name in reference.TOPICS else []
    found = _command_help(root, words)
    if found is not None:
        parts.append(found)
    if not parts:
        raise click.UsageError(_no_such(root, " ".join(words)))
    _show("\n".join(parts))
    return errors.DONE


def _contents() -> str:
    listed = reference.definitions([(name, reference.summary(name)) for name in reference.TOPICS])
    return (
        f"tui-numbers help TOPIC:\n{listed}\n"
        "The options of a command: tui-numbers help COMMAND; all: tui-numbers --help\n"
    )


def _no_such(root: click.Group, word: str) -> str:
    known = {*reference.TOPICS, *root.list_commands(click.Context(root))}
    return f"no topic or command {word!r}; {nearest(word.lower(), known)}"


def _command_help(root: click.Group, words: tuple[str, ...]) -> str | None:
    """Return what ``--help`` of a command says; None where there is no such command."""
    at: click.Command | None = root
    context = click.Context(root, info_name="tui-numbers", **root.context_settings)
    for word in words:
        at = at.get_command(context, word) if isinstance(at, click.Group) else None
        if at is None:
            return None
        context = click.Context(at, info_name=word, parent=context)
    return f"{context.get_help()}\n"


def _show(text: str) -> None:
    """Print a text; by pages only where it goes to a terminal that it does not fit on."""
    if sys.stdout.isatty() and text.count("\n") >= shutil.get_terminal_size().lines:
        with secrets.secrets_withheld():
            click.echo_via_pager(text)
        return
    write(text)
