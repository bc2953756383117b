"""`sandbox`: serve the emulation of the providers on a local port."""

import os

import click

from tui_numbers.cli import errors
from tui_numbers.cli.options import Flags, command


@command(
    "sandbox",
    help="Serve an emulation of the three providers on this machine until Ctrl+C. Once it "
    "listens it prints the configuration that uses it.",
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
    from tui_numbers.sandbox.app import Sandbox
    from tui_numbers.sandbox.faults import ENVIRONMENT_VARIABLE, Faults
    from tui_numbers.sandbox.server import serve
    from tui_numbers.sandbox.world import build_world
    from tui_numbers.services.session_factory import DEMO_NUMBERS

    try:
        faults = Faults.from_environment(os.environ)
    except ValueError as error:
        raise click.UsageError(f"{ENVIRONMENT_VARIABLE}: {error}") from None
    world = build_world(flags.numbers or DEMO_NUMBERS)
    try:
        serve(Sandbox(world, faults), port, _ready)
    except OSError as error:
        click.echo(f"{error.strerror or error}; take another one with --port", err=True)
        return errors.NOT_DONE
    return errors.DONE


def _ready(origin: str) -> None:
    from tui_numbers.cli.output import write
    from tui_numbers.cli.streams import say
    from tui_numbers.sandbox.accounts import config_toml, environment

    exports = "\n".join(f"export {name}={value}" for name, value in environment().items())
    place = "~/.config/tui-numbers/config.toml"
    write(
        f"# {place}\n{config_toml(origin)}\n"
        "# The secrets, for the shell that runs tui-numbers; they open nothing but this sandbox:\n"
        f"{exports}\n"
    )
    say(f"serving on {origin} until Ctrl+C")
