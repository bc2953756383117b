"""The command group: global options, commands loaded when named, errors as one line."""

import contextlib
import gc
import importlib
import io
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from tui_numbers import __version__
from tui_numbers.cli import exits
from tui_numbers.cli.flags import Flags, WithGlobals

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from tui_numbers.cli.skeleton import Skeleton
    from tui_numbers.services.session import Session

_COMMANDS = {
    "list": ("listing", "list_command", "Owned numbers of all accounts."),
    "show": ("showing", "show", "One number with every setting, read afresh."),
    "search": ("searching", "search", "Numbers that can be bought."),
    "targets": ("targeting", "targets", "What a number can point at, per account."),
    "retarget": ("writing", "retarget", "Send calls or messages of numbers elsewhere."),
    "set": ("writing", "set_command", "Change any setting of numbers."),
    "buy": ("trading", "buy", "Buy a number. This has no undo."),
    "release": ("trading", "release", "Give a number up. This has no undo."),
    "history": ("history", "history", "What was changed, by whom, and how it ended."),
    "undo": ("undoing", "undo", "Put an operation, or a whole batch, back."),
    "resume": ("undoing", "resume", "Go on with what a batch left."),
    "accounts": ("accounts", "accounts", "List, check, add and edit accounts."),
    "doctor": ("doctor", "doctor", "What works here, what does not, what to do about it."),
    "sandbox": ("sandbox", "sandbox", "Serve an emulation of the providers on this machine."),
    "completion": ("completion", "completion", "Print the completion script of a shell."),
}
"""Module, attribute and one line of help of each command, without importing any."""

_EPILOG = (
    "\b\nWithout a command the dashboard opens.\nTry it without an account: tui-numbers --demo"
)


class LazyGroup(WithGlobals, click.Group):
    """A group that imports a command's module when the command is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the help."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in _COMMANDS:
            return None
        module, attribute, _ = _COMMANDS[cmd_name]
        found = getattr(importlib.import_module(f"tui_numbers.cli.{module}"), attribute)
        assert isinstance(found, click.Command)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or name the nearest."""
        if args[0] not in _COMMANDS and not args[0].startswith("-"):
            from tui_numbers.services.config import nearest

            ctx.fail(f"no command {args[0]!r}; {nearest(args[0], _COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each command's line without importing it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in _COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Complete names without importing their modules."""
        from click.shell_completion import CompletionItem

        return [
            CompletionItem(name, help=line)
            for name, (_, _, line) in _COMMANDS.items()
            if name.startswith(incomplete)
        ] + click.Command.shell_complete(self, ctx, incomplete)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run, and end with the documented exit code; never with a traceback."""
        from tui_numbers.cli.guard import guarded

        kwargs["prog_name"] = "tui-numbers"
        kwargs["standalone_mode"] = False
        code = guarded(lambda: super(LazyGroup, self).main(*args, **kwargs))
        sys.exit(code)


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="tui-numbers", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context) -> int:
    """Phone numbers at several providers: find them, see where calls go, send them elsewhere."""
    if context.invoked_subcommand is not None:
        return exits.DONE
    return _dashboard(context.obj)


def _dashboard(flags: Flags) -> int:
    from tui_numbers.cli.streams import control
    from tui_numbers.cli.terminal import why_no_dashboard

    message = why_no_dashboard()
    if message is not None:
        # Where standard error leads nowhere, it would not be read there.
        click.echo(message, err=sys.stderr.isatty() or not sys.stdout.isatty())
        return exits.USAGE
    # Nothing that start-up makes is garbage; the dashboard collects again once it is drawn.
    gc.disable()
    from tui_numbers.cli.skeleton import Skeleton

    skeleton = Skeleton(sys.__stderr__, os.environ)
    said = io.StringIO()
    try:
        skeleton.show()
        with contextlib.redirect_stderr(said):
            from tui_numbers.cli.running import session_of

            session = session_of(flags, welcome=True)
        return open_dashboard(session, skeleton)
    finally:
        gc.enable()
        skeleton.remove()
        # Nobody would have seen it behind the frame.
        control(said.getvalue())


def open_dashboard(session: "Session", skeleton: "Skeleton | None" = None) -> int:
    """Open the dashboard over a session; return its exit code when it is left."""
    from tui_numbers.ui.app import run_dashboard

    if skeleton is None or not skeleton.shown:
        return run_dashboard(session)
    # Its signals stay in force until the driver, which takes the terminal over, has its own.
    code = run_dashboard(session, framed=True)
    # It has given the terminal back itself.
    skeleton.shown = False
    return code
