"""Declare the command group, which imports a command's module when the command is named."""

import importlib
import sys
from typing import Any

import click
from click.shell_completion import CompletionItem

from tui_numbers import __version__
from tui_numbers.cli import errors
from tui_numbers.cli.dashboard import open_dashboard
from tui_numbers.cli.global_flags import Flags
from tui_numbers.cli.options import NUMBERS_NEED_DEMO, WithGlobals
from tui_numbers.domain.text import nearest

_COMMANDS = {
    "list": ("list_command", "Owned numbers of all accounts."),
    "show": ("show", "One number with every setting, read afresh."),
    "search": ("search", "Numbers that can be bought."),
    "targets": ("targets", "What a number can point at, per account."),
    "check": ("check", "What is wrong with owned numbers."),
    "summary": ("summary", "Counts of owned numbers, and what they cost."),
    "retarget": ("retarget", "Send calls or messages of numbers elsewhere."),
    "set": ("set_command", "Change any setting of numbers."),
    "buy": ("buy", "Buy numbers. This has no undo."),
    "release": ("release", "Give a number up. This has no undo."),
    "route": ("route_group", "Saved routes: how each stands; apply one, put it back."),
    "due": ("due", "Temporary changes and their ends; puts back what is due."),
    "history": ("history", "What was changed, by whom, and how it ended."),
    "undo": ("undo", "Put an operation, or a whole batch, back."),
    "resume": ("resume", "Go on with what a batch left."),
    "accounts": ("accounts_group", "List, check, add and edit accounts."),
    "doctor": ("doctor", "What works here, what does not, what to do about it."),
    "sandbox": ("sandbox", "Serve an emulation of the providers on this machine."),
    "completion": ("completion", "Print the completion script of a shell."),
    "help": ("help_command", "Pages on tasks, keys, secrets, outcomes and more."),
}
"""Attribute and one line of help of each command, whose module bears its name."""

_EPILOG = "Without a command the dashboard opens."


class LazyGroup(WithGlobals, click.Group):
    """A group that imports a command's module when the command is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the help."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in _COMMANDS:
            return None
        attribute, _ = _COMMANDS[cmd_name]
        found = getattr(importlib.import_module(f"tui_numbers.cli.commands.{cmd_name}"), attribute)
        assert isinstance(found, click.Command)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or name the nearest."""
        if args[0] not in _COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"no command {args[0]!r}; {nearest(args[0], _COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each command's line without importing it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in _COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[Any]]:
        """Complete names without importing their modules."""
        return [
            CompletionItem(name, help=line)
            for name, (_, line) in _COMMANDS.items()
            if name.startswith(incomplete)
        ] + click.Command.shell_complete(self, ctx, incomplete)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run, and end with the documented exit code; never with a traceback."""
        kwargs["prog_name"] = "tui-numbers"
        kwargs["standalone_mode"] = False
        code = errors.run_to_exit_code(lambda: super(LazyGroup, self).main(*args, **kwargs))
        sys.exit(code)


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    epilog=_EPILOG,
    examples=("list --filter 6170", "help retarget"),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="tui-numbers", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context) -> int:
    """Phone numbers at several providers: find them, see where calls go, send them elsewhere."""
    if context.invoked_subcommand is not None:
        return errors.DONE
    return _dashboard(context.obj)


def _dashboard(flags: Flags) -> int:
    if flags.numbers is not None and not flags.demo:
        raise click.UsageError(NUMBERS_NEED_DEMO)
    return open_dashboard(flags)
