"""`history`: print the journal, and settle operations whose outcome is open."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui_numbers.cli import errors, output
from tui_numbers.cli.completion import outcome_completions
from tui_numbers.cli.deferred import (
    asyncio,
    handover,
    journal,
    listing,
    lookup,
    runtime,
    settling,
    sqlite_journal,
)
from tui_numbers.cli.options import command, format_option
from tui_numbers.domain import clock
from tui_numbers.domain.e164 import international
from tui_numbers.domain.operations import Operation, Outcome
from tui_numbers.domain.records import operation_record
from tui_numbers.wording.on_call import handover_page
from tui_numbers.wording.values import failure_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_numbers.cli.global_flags import Flags
    from tui_numbers.cli.runtime import Job
    from tui_numbers.storage.journal import JournalQuery


_SHOWN = 1000
"""How many of the newest operations a table shows; a journal may hold a million."""


@command(
    "history",
    help="Every write from this user's journal, newest first.",
    examples=(
        "history --since 8h --format markdown",
        "history --number +447400906170 --format json",
        "history --outcome unknown --settle",
    ),
)
@click.option("--number", metavar="N", help="Only this number.")
@click.option("--since", metavar="T", help="8h, 2d, 2026-03-01 or 2026-03-01T22:00.")
@click.option("--until", metavar="T", help="The same; a date means its whole day.")
@click.option(
    "--outcome",
    metavar="O",
    help="verified, unchanged, different, failed, unknown, pending, refused.",
    shell_complete=outcome_completions,
)
@click.option(
    "--settle",
    is_flag=True,
    help="Read again where an outcome is not certain.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help=f"The newest N; a table shows {_SHOWN:,} where nothing else is asked for.",
)
@click.option(
    "--import",
    "imported",
    metavar="FILE",
    help="Take in a journal of one user, such as the one from before the team's.",
)
@format_option("table", "json", "csv", "markdown")
@click.pass_obj
def history(
    flags: Flags,
    /,
    settle: bool,
    form: str | None,
    imported: str | None,
    limit: int | None,
    **asked: Any,
) -> int:
    """Show the journal."""
    if imported is not None:
        path = Path(imported).expanduser()
        if not path.is_file():
            raise click.UsageError(f"--import: there is no journal {path}")
        return runtime.run(flags, lambda job: _import(job, path.resolve()), need_accounts=False)
    query = _query(asked)

    async def work(job: Job) -> int:
        return await _history(job, query, form, limit, settle=settle)

    return runtime.run(flags, work, need_accounts=False)


_AGO = re.compile(r"(\d{1,6})\s*(m|min|h|d|w)")
_UNITS = {"m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def parse_time(option: str, text: str | None, *, ending: bool = False) -> datetime | None:
    """Return the time that ``8h``, ``2d``, a date or an ISO 8601 time stands for.

    Without a zone it is this machine's; a date alone is its first moment, or its last one where
    a span ends with it. So is a time that happens twice because clocks are set back.

    Raises:
        click.UsageError: It is none of these.
    """
    if text is None:
        return None
    typed = text.strip()
    ago = _AGO.fullmatch(typed.lower())
    try:
        if ago:
            return clock.now() - timedelta(seconds=int(ago[1]) * _UNITS[ago[2]])
        if _DATE.fullmatch(typed):
            day = datetime.strptime(typed, "%Y-%m-%d").date()  # noqa: DTZ007 - zone follows
            edge = datetime.combine(day, time.max if ending else time.min)
            return clock.from_local(edge, latest=ending)
        told = datetime.fromisoformat(typed)
        return told.astimezone(UTC) if told.tzinfo else clock.from_local(told, latest=ending)
    except (ValueError, OverflowError, OSError):
        raise click.UsageError(
            f"{option}: {text!r} is not a time: write 8h, 2d, 2026-03-01 or 2026-03-01T22:00"
        ) from None


_OUTCOMES = tuple(outcome.value for outcome in Outcome if outcome is not Outcome.PLANNED)


def _query(asked: dict[str, Any]) -> JournalQuery:
    """Return what the options ask of the journal.

    Raises:
        click.UsageError: One of them cannot be read.
    """
    outcome = lookup.known_word("--outcome", asked["outcome"], _OUTCOMES)
    since = parse_time("--since", asked["since"])
    until = parse_time("--until", asked["until"], ending=True)
    if since is not None and until is not None and until < since:
        raise click.UsageError("--until is before --since: give a later --until")
    return journal.JournalQuery(
        number=lookup.parse_numbers([asked["number"]])[0] if asked["number"] else None,
        since=since,
        until=until,
        outcome=Outcome(outcome) if outcome else None,
    )


async def _import(job: Job, path: Path) -> int:
    """Take in the journal of a file; return the exit code."""
    into = job.session.journal
    if into.where == str(path):
        raise click.UsageError(f"--import: {path} is the journal in use already")
    file = sqlite_journal.SqliteJournal(path)
    try:
        new, held = await asyncio.to_thread(into.take_in, file)
    finally:
        file.close()
    there = f"; {held - new:,} were there already" if held > new else ""
    job.notices.say(f"{new:,} operations of {path} taken into {into.where}{there}")
    return errors.DONE


async def _history(
    job: Job, query: JournalQuery, form: str | None, limit: int | None, *, settle: bool
) -> int:
    """Print the journal; return the exit code."""
    if limit is None and form != "markdown" and output.chosen_format(form) == "table":
        limit = _SHOWN
    operations = await _read(job, query, limit)
    code = errors.DONE
    if settle:
        book = job.session.journal
        around = await asyncio.to_thread(settling.on_the_numbers_of, book, operations)
        again = settling.to_settle(operations, around)
        code = await _settle(job, again)
        # What was settled just now is shown as it ended, whatever outcome was asked for.
        ended = [await asyncio.to_thread(book.get, operation.id) for operation in again]
        fresh = await _read(job, query, limit)
        shown = {one.id: one for one in [*fresh, *filter(None, ended)]}
        operations = sorted(shown.values(), key=lambda one: one.started_at, reverse=True)
    if form == "markdown":
        await _handover(job, operations, query)
    else:
        _write(operations, query, form)
    still_open = sum(map(settling.is_open, operations))
    if still_open and not settle:
        lines = "operation has" if still_open == 1 else "operations have"
        job.notices.say(f"{still_open} {lines} no certain outcome; read again with: --settle")
    if not operations:
        job.notices.say(
            "nothing is recorded" if query == journal.JournalQuery() else "nothing matches"
        )
    return code


async def _read(job: Job, query: JournalQuery, limit: int | None) -> list[Operation]:
    """Return the newest operations of the accounts in use, the open ones always."""
    names = job.flags.accounts
    if len(names) == 1:
        query = replace(query, account=names[0])
    # One more tells whether there are more; those of several accounts are picked out here.
    most = limit + 1 if limit is not None and len(names) < 2 else None
    found = await asyncio.to_thread(
        settling.newest_operations, job.session.journal, replace(query, limit=most)
    )
    found = [operation for operation in found if not names or operation.account in names]
    if limit is None or len(found) <= limit:
        return found
    job.notices.say(f"the newest {limit:,} are shown, and what is open; more with: --limit N")
    return found[:limit] + list(filter(settling.is_open, found[limit:]))


async def _settle(job: Job, operations: Sequence[Operation]) -> int:
    if not operations:
        job.notices.say("no outcome is open: there is nothing to settle")
        return errors.DONE
    await job.session.find_secrets()
    unsettled = 0
    # The oldest first, so that the later ones are _judge by what is known by then.
    for operation in reversed(operations):
        job.notices.status(f"{operation.number}: reading again")
        reason = await settling.settle(job.session.workspace, job.session.journal, operation)
        if reason is not None:
            unsettled += settling.is_open(operation)
            number = international(operation.number)
            stays = f"stays {operation.outcome}"
            job.notices.say(f"{number} at {operation.account} {stays}: {reason}")
    return errors.UNKNOWN if unsettled else errors.DONE


async def _handover(job: Job, operations: Sequence[Operation], query: JournalQuery) -> None:
    """Print a page to hand over; one of everything is kept as the latest handover."""
    whole = query == journal.JournalQuery(since=query.since)
    if not whole or not job.session.workspace.accounts:
        still_open = [one for one in operations if settling.is_open(one)]
        told = handover.Handover(query.since, query.until, operations, still_open)
        output.write(handover_page(told))
        return
    await job.session.find_secrets()
    held = await listing.read_holdings(job)
    unknown = [*failure_lines(held.listing.failures), *filter(None, [held.problem])]
    urgent = held.findings.every(urgent=True)
    told = await handover.gather(
        job.session.writer, job.session.routes, urgent, query.since, unknown, job.flags.accounts
    )
    output.write(handover_page(told))
    if not job.session.workspace.read_only:
        who = job.session.writer.actor
        await asyncio.to_thread(job.session.journal.hand_over, who)


def _write(operations: Sequence[Operation], query: JournalQuery, form: str | None) -> None:
    match output.chosen_format(form):
        case "json":
            output.write_json([operation_record(operation) for operation in operations])
        case "csv":
            rows = [output.flat(operation_record(operation)) for operation in operations]
            output.write_csv(output.headings(output.OPERATION_FIRST, rows), rows)
        case _:
            output.write_table(output.operation_table(), operations)
