"""What stands behind ``undo`` and ``resume``: read the journal, plan, show, ask, send, report."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tui_numbers.cli import exits
from tui_numbers.cli.attempts import Attempt, attempt_of, not_sent, write_attempts
from tui_numbers.cli.changing import check_confirmed, send
from tui_numbers.cli.confirming import confirm_changes
from tui_numbers.cli.previewing import show_plans
from tui_numbers.cli.running import Job
from tui_numbers.cli.terminal import can_ask
from tui_numbers.domain.e164 import international
from tui_numbers.domain.operations import Action, Operation, Outcome
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.batch import Batch
from tui_numbers.services.labels import Names, target_names, with_names
from tui_numbers.services.planning import Plan
from tui_numbers.services.preview import Preview
from tui_numbers.services.resume import (
    CannotResume,
    batch_of,
    left_of,
    prepare_resume,
    settle_open,
)
from tui_numbers.services.settle import is_open
from tui_numbers.services.undo import CannotUndo, look_again, prepare_undo, undoable_of
from tui_numbers.services.unsettled import with_unsettled
from tui_numbers.services.values import InvalidInput

_AT_ONCE = 8


@dataclass(frozen=True)
class Again:
    """The options of a write that the journal tells."""

    reason: str = ""
    dry_run: bool = False
    yes: bool = False
    confirmed: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    form: str | None = None


Prepared = tuple[Operation, Plan | Attempt]


async def undo_recorded(job: Job, identifier: str, again: Again) -> int:
    """Put an operation or a batch back; return the exit code."""
    check_confirmed(job, again.confirmed)
    workspace, journal = job.session.workspace, job.session.journal
    operation = await asyncio.to_thread(journal.get, identifier)
    if operation is not None:
        groups = [await look_again(workspace, journal, [operation])]
    else:
        operations = await _batch(job, identifier, "operation or batch")
        operations = await look_again(workspace, journal, operations)
        groups = undoable_of(operations)
        if not groups:
            job.notices.say("nothing of this batch was done, so there is nothing to put back")

    async def plan(group: Sequence[Operation]) -> Plan:
        return await prepare_undo(workspace, *group)

    prepared = await _prepare(job, groups, plan, Action.UNDO)
    several = len(groups) > 1
    return await _carry_out(job, prepared, again, several=several, batch=None)


async def resume_recorded(job: Job, identifier: str, again: Again) -> int:
    """Go on with what a batch left; return the exit code."""
    workspace, journal = job.session.workspace, job.session.journal
    check_confirmed(job, again.confirmed)
    operations = await _batch(job, identifier, "batch")
    if not again.dry_run and any(map(is_open, left_of(operations))):
        job.notices.status("reading again what has an unknown outcome")
        await settle_open(workspace, journal, left_of(operations))
        operations = await batch_of(journal, identifier)
    left = left_of(operations)
    if not left:
        job.notices.clear()
        job.notices.say("everything in this batch was done: there is nothing to resume")
    held = {one.number: one.before for one in operations}

    async def plan(group: Sequence[Operation]) -> Plan:
        return await prepare_resume(workspace, group[0], held.get)

    prepared = await _prepare(job, [[one] for one in left], plan, None)
    several = len({one.number for one in operations}) > 1
    return await _carry_out(job, prepared, again, several=several, batch=identifier)


async def _batch(job: Job, identifier: str, what: str) -> list[Operation]:
    operations = await batch_of(job.session.journal, identifier)
    if not operations:
        raise InvalidInput(
            "identifier", f"the journal has no {what} {identifier!r}; see: tui-numbers history"
        )
    return operations


async def _prepare(
    job: Job,
    groups: Sequence[Sequence[Operation]],
    prepare: Callable[[Sequence[Operation]], Coroutine[Any, Any, Plan]],
    action: Action | None,
) -> list[Prepared]:
    """Return for each number its plan, or why there is none."""
    turns, workspace = asyncio.Semaphore(_AT_ONCE), job.session.workspace
    preview = Preview(workspace)
    job.notices.status(f"reading {len(groups)} numbers afresh")

    async def one(group: Sequence[Operation]) -> Prepared:
        latest = group[0]
        code = exits.REFUSED
        async with turns:
            try:
                plan = await preview.of(await prepare(group))
                return latest, await with_unsettled(workspace, job.session.journal, plan)
            except (CannotUndo, CannotResume) as error:
                why = str(error)
            except ProviderError as error:
                why, code = f"not sent: {error}", exits.of_error(error)
        attempt = not_sent(
            latest.number, action or latest.action, why, account=latest.account, code=code
        )
        if action is None and is_open(latest):
            attempt = replace(attempt, outcome=Outcome.UNKNOWN, code=None)
        return latest, attempt

    prepared = list(await asyncio.gather(*map(one, groups)))
    job.notices.clear()
    return prepared


async def _carry_out(
    job: Job, prepared: Sequence[Prepared], again: Again, *, several: bool, batch: str | None
) -> int:
    changes = job.session.changes
    names: Names = {}
    if can_ask() and not again.yes:
        # Names are for the person who is about to be asked.
        accounts = {one.account for one, entry in prepared if isinstance(entry, Plan)}
        names = await target_names(job.session.workspace, accounts)
    planned = [
        (_named(entry, names), again.reason or (one.reason if batch else ""))
        for one, entry in prepared
        if isinstance(entry, Plan)
    ]
    plans = [plan for plan, _ in planned]
    reasons = [reason for _, reason in planned]
    forbidden = [changes.forbidden(plan, why, several=several) for plan, why in planned]
    show_plans(job.notices, list(zip(plans, forbidden, strict=True)))
    for _, entry in prepared:
        if isinstance(entry, Attempt):
            job.notices.say(f"{international(entry.number)} at {entry.account}: {entry.error}")
    if again.dry_run:
        results = [changes.planned(plan, why, several=several) for plan, why in planned]
    else:
        to_send = [
            plan for plan, no in zip(plans, forbidden, strict=True) if plan.is_needed and not no
        ]
        consent = confirm_changes(
            job, to_send, yes=again.yes, confirmed=again.confirmed, over=again.over
        )
        run = Batch(changes, plans, consent, again.reason, several, reasons=reasons)
        if batch is not None:
            run.id = batch
            run.resumes = [one for one, entry in prepared if isinstance(entry, Plan)]
        results = await send(job, run)
    found = iter([attempt_of(result, interactive=can_ask()) for result in results])
    attempts = [entry if isinstance(entry, Attempt) else next(found) for _, entry in prepared]
    return write_attempts(attempts, again.form)


def _named(plan: Plan, names: Names) -> Plan:
    seen, after = (one and with_names(one, names) for one in (plan.seen, plan.after))
    return replace(plan, seen=seen, after=after)
