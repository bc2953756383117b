"""`doctor`: what works here, what does not, and what to do."""

from typing import TYPE_CHECKING, Any

import click

from tui_numbers.cli import errors
from tui_numbers.cli.options import Flags, command, format_option

if TYPE_CHECKING:
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
    from tui_numbers.cli.output import chosen_format, write_json
    from tui_numbers.cli.runtime import Signals

    chosen = chosen_format(form)
    findings: list[Finding] = []

    async def work() -> int:
        await _collect(flags, findings, told=chosen == "table")
        return errors.DONE

    Signals().run(work)
    if chosen == "json":
        write_json([_record(finding) for finding in findings])
    return _code(findings)


async def _collect(flags: Flags, findings: "list[Finding]", *, told: bool) -> None:
    from tui_numbers.providers.registry import load_registry
    from tui_numbers.services.doctor import examine, read_config
    from tui_numbers.services.paths import Paths
    from tui_numbers.services.session import open_session

    registry, paths = load_registry(), Paths.of_user()
    config, about_config = read_config(paths, registry)
    workspace = open_session(
        demo=flags.demo,
        config=config,
        plugins=registry.plugins,
        accounts=flags.accounts or None,
        timing=flags.timing,
    ).workspace
    try:
        async for finding in examine(workspace, paths, registry, about_config):
            findings.append(finding)
            if told:
                _tell(finding)
    finally:
        await workspace.aclose()


def _tell(finding: "Finding") -> None:
    from tui_numbers.cli.output import write
    from tui_numbers.wording.cells import shown

    word, colour = _MARKS[finding.health.value]
    line = f"{finding.topic}, {finding.subject}: {finding.says}"
    write(f"{click.style(word, fg=colour)}  {shown(line)}\n")
    if finding.remedy:
        write(f"      {shown(finding.remedy)}\n")


def _record(finding: "Finding") -> dict[str, Any]:
    return {
        "topic": finding.topic,
        "subject": finding.subject,
        "health": finding.health.value,
        "says": finding.says,
        "remedy": finding.remedy or None,
    }


def _code(findings: "list[Finding]") -> int:
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
