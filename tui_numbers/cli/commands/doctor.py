"""`doctor`: examine this machine and every account, and print what to do about each problem."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tui_numbers.cli import errors
from tui_numbers.cli.deferred import doctor as examination
from tui_numbers.cli.deferred import paths, registry, runtime, session
from tui_numbers.cli.options import command, format_option
from tui_numbers.cli.output import chosen_format, write, write_json
from tui_numbers.wording.cells import shown

if TYPE_CHECKING:
    from tui_numbers.cli.global_flags import Flags
    from tui_numbers.services.doctor import Diagnostic


_MARKS = {"ok": ("ok  ", "green"), "note": ("note", "yellow"), "bad": ("bad ", "red")}
_OF_ACCOUNTS = ("credentials", "connection")


@command(
    "doctor",
    help="Examine terminal, environment, keyring, configuration, state files, providers and every "
    "account. "
    "Prints no secret: its output can go into a ticket.",
    examples=("doctor", "doctor --format json"),
)
@format_option("table", "json")
@click.pass_obj
def doctor(flags: Flags, form: str | None) -> int:
    """Examine everything."""
    chosen = chosen_format(form)
    diagnostics: list[Diagnostic] = []

    async def work() -> int:
        await _collect(flags, diagnostics, told=chosen == "table")
        return errors.DONE

    runtime.Signals().run(work)
    if chosen == "json":
        write_json([_record(diagnostic) for diagnostic in diagnostics])
    return _code(diagnostics)


async def _collect(flags: Flags, diagnostics: list[Diagnostic], *, told: bool) -> None:
    known, places = registry.load_registry(), paths.Paths.of_user()
    config, about_config = examination.read_config(places, known)
    examined = session.open_session(
        demo=flags.demo,
        config=config,
        plugins=known.plugins,
        accounts=flags.accounts or None,
        timing=flags.timing,
    ).workspace
    try:
        async for diagnostic in examination.examine(examined, places, known, about_config):
            diagnostics.append(diagnostic)
            if told:
                _tell(diagnostic)
    finally:
        await examined.aclose()


def _tell(diagnostic: Diagnostic) -> None:
    word, colour = _MARKS[diagnostic.health.value]
    line = f"{diagnostic.topic}, {diagnostic.subject}: {diagnostic.says}"
    write(f"{click.style(word, fg=colour)}  {shown(line)}\n")
    if diagnostic.remedy:
        write(f"      {shown(diagnostic.remedy)}\n")


def _record(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "topic": diagnostic.topic,
        "subject": diagnostic.subject,
        "health": diagnostic.health.value,
        "says": diagnostic.says,
        "remedy": diagnostic.remedy or None,
    }


def _code(diagnostics: list[Diagnostic]) -> int:
    """Return the exit code: configuration first, then accounts, then anything else."""
    wrong = [diagnostic for diagnostic in diagnostics if diagnostic.health.value == "bad"]
    if any(diagnostic.topic == "configuration" for diagnostic in wrong):
        return errors.USAGE
    accounts = [diagnostic for diagnostic in diagnostics if diagnostic.subject in _OF_ACCOUNTS]
    failed = [diagnostic for diagnostic in accounts if diagnostic in wrong]
    if failed:
        if len(failed) < len(accounts):
            return errors.PARTLY
        keys = all(diagnostic.subject == "credentials" for diagnostic in failed)
        return errors.CREDENTIALS if keys else errors.NOT_DONE
    return errors.NOT_DONE if wrong else errors.DONE
