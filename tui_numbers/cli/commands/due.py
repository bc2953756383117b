"""`due`: list temporary changes and their ends, and put back what is due."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from tui_numbers.cli import errors, output
from tui_numbers.cli.deferred import (
    asyncio,
    due_service,
    runtime,
    write_dialogue,
    writes,
)
from tui_numbers.cli.options import command, format_option
from tui_numbers.domain import clock
from tui_numbers.domain.e164 import international
from tui_numbers.domain.operations import Action, Outcome
from tui_numbers.domain.records import end_record
from tui_numbers.domain.temporary import Closing, End, InvalidEnd, read_end, zoned_words
from tui_numbers.wording.values import UNKNOWN, end_state_words, end_tone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tui_numbers.cli.global_flags import Flags
    from tui_numbers.cli.runtime import Job
    from tui_numbers.cli.write_dialogue import Attempt
    from tui_numbers.services.due import Carried, Rounds, Runner


@command(
    "due",
    help="Temporary changes and their ends, overdue first; nothing is put back unless something "
    "runs: --run (cron), --watch, or a dashboard that is open. See: tui-numbers help due",
    examples=(
        "due",
        "due --run",
        "due --format csv",
    ),
)
@click.option("--run", "run_now", is_flag=True, help="Put back what is due, once, and end.")
@click.option("--watch", is_flag=True, help="Stay, and put back whatever becomes due.")
@click.option(
    "--keep",
    multiple=True,
    metavar="OPERATION",
    help="Leave this change (or batch) as it is: it has no end any more; repeatable.",
)
@click.option(
    "--at",
    nargs=2,
    metavar="OPERATION WHEN",
    help="Give this change (or batch) another end: 2h, 07:00 or a date with a time.",
)
@format_option()
@click.pass_obj
def due(
    flags: Flags,
    /,
    run_now: bool,
    watch: bool,
    keep: tuple[str, ...],
    at: tuple[str, str] | None,
    form: str | None,
) -> int:
    """Show ends, or carry them out."""
    if sum(map(bool, (run_now, watch, keep, at))) > 1:
        raise click.UsageError("--run, --watch, --keep and --at: give one of them")
    moment = _moment(at[1]) if at else None
    runs = run_now or watch

    async def work(job: Job) -> int:
        if runs and job.session.workspace.read_only:
            job.notices.say("read-only: started with --read-only, so nothing is put back")
            return errors.REFUSED
        if watch:
            return await _watch(job, form)
        if run_now:
            return await _run(job, form)
        if keep or at:
            return await _change(job, keep or at[:1] if at else keep, moment, form)
        return await _list(job, form)

    return runtime.run(flags, work, need_accounts=runs)


def _moment(text: str) -> datetime:
    try:
        return read_end(text, clock.now())
    except InvalidEnd as error:
        raise click.UsageError(f"--at: {error}") from None


async def _list(job: Job, form: str | None) -> int:
    ends = await _ends(job)
    if not ends:
        job.notices.say("no change is temporary: there is nothing to put back")
    _write(ends, job.session.journal.now(), form)
    return errors.DONE


async def _ends(job: Job) -> list[End]:
    """Return the open ends of the accounts asked about; what needs a person, or is late, first."""
    found = await asyncio.to_thread(job.session.journal.ends)
    names = job.flags.accounts
    return [end for end in found if not names or end.account in names]


async def _change(job: Job, named: Sequence[str], moment: datetime | None, form: str | None) -> int:
    """Lift the ends of what is named, or move them; return the exit code."""
    ends = await _ends(job)
    chosen: list[End] = []
    for name in named:
        found = [end for end in ends if name in (end.operation, end.batch)]
        if not found:
            raise click.UsageError(f"no temporary change {name!r}; see: tui-numbers due")
        chosen += found
    journal = job.session.journal
    operations = [end.operation for end in chosen]
    if moment is None:
        who = job.session.writer.actor
        done = await asyncio.to_thread(journal.close_ends, operations, Closing.KEPT, who)
        job.notices.say(f"{done} kept as it is now: nothing is put back" if done == 1 else
                        f"{done} kept as they are now: nothing is put back")  # fmt: skip
    else:
        done = await asyncio.to_thread(journal.move_ends, operations, moment)
        job.notices.say(f"{done} moved: until {zoned_words(moment)}")
    if done < len(set(operations)):
        job.notices.say(f"{len(set(operations)) - done} left: they are being put back just now")
    _write(await _ends(job), journal.now(), form)
    return errors.DONE if done == len(set(operations)) else errors.REFUSED


async def _run(job: Job, form: str | None) -> int:
    """Put back what is due; return the exit code."""
    runner = due_service.Runner(job.session.writer)
    carried = await _carry_out(job, runner)
    if not carried:
        job.notices.say("nothing is due")
    code: int = write_dialogue.write_attempts(_attempts(carried), form)
    return max(code, _left_out(job, runner))


def _left_out(job: Job, runner: Runner) -> int:
    """Say which overdue ends no account in use can carry out; return the exit code."""
    now = job.session.journal.now()
    usable = runner.accounts
    left = [end for end in job.session.journal.ends() if end.is_overdue(now)]
    left = [end for end in left if end.account not in usable]
    for end in left:
        job.notices.say(
            f"{international(end.number)} at {end.account}: overdue since "
            f"{zoned_words(end.until)}, and not put back: the account is read-only or not in use"
        )
    return errors.PARTLY if left else errors.DONE


async def _watch(job: Job, form: str | None) -> int:
    """Put back whatever becomes due until a signal ends it."""
    rounds = due_service.Rounds(due_service.Runner(job.session.writer))
    waiting = len(await _ends(job))
    job.notices.say(f"watching: {waiting} temporary now; Ctrl+C ends it")
    # A signal that comes while something is sent waits until that is recorded.
    while not _is_told_to_stop(job):
        carried = await _carry_out(job, rounds)
        if carried:
            write_dialogue.write_attempts(_attempts(carried), form)
        if not _is_told_to_stop(job):
            await job.session.workspace.http.timing.sleep(due_service.PAUSE)
    return errors.DONE


def _is_told_to_stop(job: Job) -> bool:
    return bool(job.signals.received)


async def _carry_out(job: Job, runner: Runner | Rounds) -> list[Carried]:
    """Run once, telling each step; what was sent is read back and recorded before a signal ends."""
    with job.signals.held(lambda count: None):
        carried: list[Carried] = await runner.run(writes.step_reporter(job, quiet=False))
    job.notices.clear()
    for one in carried:
        if one.note:
            who = f"{international(one.end.number)} at {one.end.account}"
            keeps = f"; due --keep {one.end.operation} leaves it so" if one.is_conflict else ""
            job.notices.say(f"{who}: {one.note}{keeps}")
    return carried


def _attempts(carried: Sequence[Carried]) -> list[Attempt]:
    return [_attempt(one) for one in carried]


def _attempt(one: Carried) -> Attempt:
    if one.result is not None:
        attempt: Attempt = write_dialogue.attempt_of(one.result, interactive=False)
        return attempt if attempt.error else replace(attempt, error=one.note)
    end = one.end
    code = errors.REFUSED if one.is_conflict else errors.NOT_DONE
    attempt = write_dialogue.not_sent(
        end.number, Action.UNDO, one.note or "", account=end.account, code=code
    )
    if one.is_done:
        return replace(attempt, outcome=Outcome.UNCHANGED, code=None)
    return attempt


def _write(ends: Sequence[End], now: datetime, form: str | None) -> None:
    chosen = output.chosen_format(form)
    if chosen == "table":
        output.write_table(_table(now), ends)
        return
    records: list[dict[str, Any]] = [end_record(end, now) for end in ends]
    if chosen == "json":
        output.write_json(records)
    else:
        output.write_csv(output.headings(_FIRST, records), records)


_FIRST = ("operation", "batch", "account", "number", "action", "until", "overdue", "state", "route")


def _table(now: datetime) -> tuple[output.Column[End], ...]:
    return (
        output.Column("Until", lambda end: zoned_words(end.until)),
        output.Column("Number", lambda end: international(end.number)),
        output.Column("Account", lambda end: end.account, optional=2),
        output.Column(
            "State",
            lambda end: end_state_words(end, now),
            narrowest=12,
            tone=lambda end: end_tone(end, now),
        ),
        output.Column("Route", lambda end: end.route or UNKNOWN, optional=3),
        output.Column("Who", lambda end: str(end.actor or UNKNOWN), narrowest=8, optional=4),
        output.Column("Operation", lambda end: end.operation, optional=1),
    )
