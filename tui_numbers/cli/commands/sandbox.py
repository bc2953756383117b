"""`sandbox`: serve the emulation of the providers on a local port."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from tui_numbers.cli import errors
from tui_numbers.cli.deferred import (
    faults,
    sandbox_accounts,
    sandbox_app,
    server,
    session_factory,
)
from tui_numbers.cli.options import command
from tui_numbers.cli.output import write
from tui_numbers.cli.process import say

if TYPE_CHECKING:
    from tui_numbers.cli.global_flags import Flags


@command(
    "sandbox",
    help="Serve an emulation of the providers on this machine until Ctrl+C. Once it listens it "
    "prints the configuration that uses it. What becomes of an order at Telnyx is told by the end "
    "of its number: 00 waits and succeeds, 99 waits and fails, 98 fails soon; what waits ends with "
    "the first `history --settle`, and without the papers of its country it never does.",
    examples=(
        "sandbox --port 8470",
        "sandbox --port 0 --numbers 500",
    ),
    on_demo=False,
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8470,
    show_default=True,
    help="0 takes a free one.",
)
@click.pass_obj
def sandbox(flags: Flags, port: int) -> int:
    """Serve the sandbox."""
    try:
        wanted = faults.Faults.from_environment(os.environ)
    except ValueError as error:
        raise click.UsageError(f"{faults.ENVIRONMENT_VARIABLE}: {error}") from None
    made = sandbox_app.build_world(flags.numbers or session_factory.DEMO_NUMBERS)
    try:
        server.serve(sandbox_app.Sandbox(made, wanted), port, _ready)
    except OSError as error:
        click.echo(f"{error.strerror or error}; take another one with --port", err=True)
        return errors.NOT_DONE
    return errors.DONE


def _ready(origin: str) -> None:
    secrets = sandbox_accounts.environment().items()
    exports = "\n".join(f"export {name}={value}" for name, value in secrets)
    place = "~/.config/tui-numbers/config.toml"
    write(
        f"# {place}\n{sandbox_accounts.config_toml(origin)}\n"
        "# The secrets, for the shell that runs tui-numbers; they open nothing but this sandbox:\n"
        f"{exports}\n"
    )
    say(f"serving on {origin} until Ctrl+C")
