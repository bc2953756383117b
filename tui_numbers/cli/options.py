"""Declare the global options, and the options that several commands share."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click

from tui_numbers.cli.completion import account_words, type_words
from tui_numbers.cli.deferred import temporary
from tui_numbers.cli.global_flags import Flags
from tui_numbers.domain import clock

NUMBERS_NEED_DEMO = "--numbers sizes the demo; add --demo"
_FEWEST, _MOST = 6, 100_000
NUMBERS_RANGE = click.IntRange(_FEWEST, _MOST)


def _global_options() -> list[click.Parameter]:
    return [
        click.Option(
            ["--demo", "global_demo"], is_flag=True, help="Use an emulation of the providers."
        ),
        click.Option(
            ["--numbers", "global_numbers"], type=NUMBERS_RANGE, help="Size of the demo's world."
        ),
        click.Option(
            ["--account", "global_account"],
            multiple=True,
            metavar="NAME",
            help="Only this one; repeatable.",
            shell_complete=account_words,
        ),
        click.Option(
            ["--read-only", "global_read_only"], is_flag=True, help="Write nothing, whatever comes."
        ),
    ]


_GLOBAL = "global_"


class WithGlobals(click.Command):
    """A command or group that takes the global options too."""

    def __init__(
        self, *args: Any, examples: tuple[str, ...] = (), on_demo: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.params += _global_options()
        self.examples = examples
        """Command lines for the help, without the name of the program."""
        self.on_demo = on_demo
        """Whether the examples work with ``--demo``."""

    def take_globals(self, context: click.Context) -> None:
        """Move the global options from the command's own parameters into the context."""
        names = [name for name in context.params if name.startswith(_GLOBAL)]
        given = {name: context.params.pop(name) for name in names}
        before = context.obj if isinstance(context.obj, Flags) else Flags()
        context.obj = before.joined(given)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command with the flags in ``ctx.obj``."""
        self.take_globals(ctx)
        return super().invoke(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's own options first, the global ones under a heading of theirs."""
        own: list[tuple[str, str]] = []
        shared: list[tuple[str, str]] = []
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None and isinstance(param, click.Option):
                (shared if (param.name or "").startswith(_GLOBAL) else own).append(record)
        for title, records in (("Options", own), ("Before or after any command", shared)):
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, each on a line of its own to be copied whole."""
        super().format_epilog(ctx, formatter)
        if not self.examples:
            return
        with formatter.section("Examples (with --demo too)" if self.on_demo else "Examples"):
            for example in self.examples:
                formatter.write(f"{'':>{formatter.current_indent}}tui-numbers {example}\n")


def command(
    name: str,
    *,
    help: str = "",  # noqa: A002 - click's own word
    brief: str | None = None,
    examples: tuple[str, ...] = (),
    on_demo: bool = True,
) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a command that takes the global options; ``brief`` is its line in its group's help."""
    return click.command(
        name,
        cls=WithGlobals,
        help=help or None,
        short_help=brief,
        examples=examples,
        on_demo=on_demo,
    )


def kind_options(*, several_types: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add ``--type`` and ``--features``, which filter owned numbers and stock."""
    either = "; T,T for either" if several_types else ""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        features = click.option(
            "--features", metavar="F,F", help="All of these: voice, sms, mms, or a provider's own."
        )
        kind = click.option(
            "--type",
            "type_",
            metavar="T",
            help=f"local, mobile, toll_free, …, or a provider's own{either}.",
            shell_complete=type_words,
        )
        return kind(features(function))

    return add


def format_option(*choices: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add ``--format``: a table on a terminal and JSON elsewhere, unless said otherwise."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(choices or ("table", "json", "csv")),
        help="Default: table on a terminal, json when piped.",
    )


_Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def write_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that every change of numbers takes, as ``WriteOptions`` has them."""
    end = click.option(
        "--end",
        type=click.Choice(["stands", "lifted"]),
        help="Whether the end of an earlier temporary change of the number still stands.",
    )
    trade = trade_options(
        dry_run="Show what would be sent, and stop.",
        yes="Send without asking.",
        confirm="Names a production account that may be changed; repeatable.",
    )
    return trade(end(function))


def trade_options(*, dry_run: str, yes: str, confirm: str, confirms: str = "ACCOUNT") -> _Decorator:
    """Add the options of ``WriteOptions`` with the help that one command has for them.

    Args:
        dry_run: Help of ``--dry-run``.
        yes: Help of ``--yes``.
        confirm: Help of ``--confirm``.
        confirms: What ``--confirm`` takes.
    """
    complete = account_words if confirms == "ACCOUNT" else None

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in (
            format_option(),
            click.option(
                "--confirm",
                "confirmed",
                multiple=True,
                metavar=confirms,
                help=confirm,
                shell_complete=complete,
            ),
            click.option(
                "--over",
                multiple=True,
                metavar="OPERATION",
                help="Names an open operation to write over, which --yes does not cover; "
                "repeatable.",
            ),
            click.option("--yes", is_flag=True, help=yes),
            click.option("--dry-run", is_flag=True, help=dry_run),
            click.option("--reason", default="", metavar="TEXT", help="Kept in the history."),
        ):
            function = option(function)
        return function

    return add


def until_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options by which a change has an end."""
    for option in (
        click.option(
            "--until",
            metavar="WHEN",
            help="Put it back then: 07:00, 2026-11-27T07:00 or 2026-11-27T07:00+01:00.",
        ),
        click.option("--for", "span", metavar="SPAN", help="Put it back after 2h, 90m, 2d."),
    ):
        function = option(function)
    return function


@dataclass(frozen=True)
class WriteOptions:
    """The values of the options that every write takes."""

    reason: str = ""
    dry_run: bool = False
    yes: bool = False
    confirmed: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    form: str | None = None
    end: str | None = None
    until: str | None = None
    span: str | None = None

    def ends_at(self) -> datetime | None:
        """Return when the change is to be put back, as one of the options says.

        Raises:
            click.UsageError: It cannot be read, or both are given.
        """
        if self.until is None and self.span is None:
            return None
        if self.until is not None and self.span is not None:
            raise click.UsageError("--for and --until: give one of them")
        now = clock.now()
        try:
            if self.span is not None:
                return now + temporary.read_span(self.span)
            return temporary.read_until(self.until or "", now)
        except temporary.InvalidEnd as error:
            option = "--until" if self.span is None else "--for"
            raise click.UsageError(f"{option}: {error}") from None
