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
    from tui_numbers.services.doctor import Finding


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
    findings: list[Finding] = []

    async def work() -> int:
        await _collect(flags, findings, told=chosen == "table")
        return errors.DONE

    runtime.Signals().run(work)
    if chosen == "json":
        write_json([_record(finding) for finding in findings])
    return _code(findings)


async def _collect(flags: Flags, findings: list[Finding], *, told: bool) -> None:
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
        async for finding in examination.examine(examined, places, known, about_config):
            findings.append(finding)
            if told:
                _tell(finding)
    finally:
        await examined.aclose()


def _tell(finding: Finding) -> None:
    word, colour = _MARKS[finding.health.value]
    line = f"{finding.topic}, {finding.subject}: {finding.says}"
    write(f"{click.style(word, fg=colour)}  {shown(line)}\n")
    if finding.remedy:
        write(f"      {shown(finding.remedy)}\n")


def _record(finding: Finding) -> dict[str, Any]:
    return {
        "topic": finding.topic,
        "subject": finding.subject,
        "health": finding.health.value,
        "says": finding.says,
        "remedy": finding.remedy or None,
    }


def _code(findings: list[Finding]) -> int:
    """Return the exit code: configuration first, then accounts, then anything else."""
    wrong = [finding for finding in findings if finding.health.value == "bad"]
    if any(finding.topic == "configuration" for finding in wrong):
        return errors.USAGE
    accounts = [finding for finding in findings if finding.subject in _OF_ACCOUNTS]
    failed = [finding for finding in accounts if finding in wrong]
    if failed:
        if len(failed) < len(accounts):
            return errors.PARTLY
        keys = all(finding.subject == "credentials" for finding in failed)
        return errors.CREDENTIALS if keys else errors.NOT_DONE
    return errors.NOT_DONE if wrong else errors.DONE
