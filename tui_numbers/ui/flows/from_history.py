"""Undo, settle or resume what the journal keeps, one operation or a whole batch."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from tui_numbers.domain.e164 import international
from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.domain.operations import JournalError, Operation
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services import batch as batches
from tui_numbers.services import settling
from tui_numbers.services.batch import Batch
from tui_numbers.services.planning import Plan, Result
from tui_numbers.services.preview import Prepare
from tui_numbers.services.undo import (
    CannotUndo,
    latest_undoable,
    look_again,
    prepare_undo,
    undoable_of,
)
from tui_numbers.ui.dialogs.confirm import Then
from tui_numbers.ui.flows.confirmation import (
    confirm_batch,
    consent_to,
    preview_in,
    question_about_all,
)
from tui_numbers.ui.frame import Tone
from tui_numbers.ui.host import Host
from tui_numbers.ui.selection import Selection
from tui_numbers.wording.values import time_of_day


async def undo(host: Host, chosen: Selection) -> None:
    """Put an operation back: the one selected, or the latest on each number."""
    numbers = chosen.owned
    if len(numbers) > 1:
        await _undo_each(host, numbers)
    else:
        await _undo(host, numbers[0] if numbers else None, chosen.operation)


async def undo_results(host: Host, results: Sequence[Result]) -> None:
    """Put back what was just done, wherever the cursor is by now."""
    operation = await asyncio.to_thread(host.session.writer.journal.get, results[0].operation)
    if operation is not None and len(results) > 1:
        await undo_batch(host, Selection("history", operation=operation))
    elif operation is not None:
        await _undo(host, None, operation)


async def _undo_each(host: Host, numbers: Sequence[OwnedNumber]) -> None:
    """Put the latest change of each of several numbers back, as one batch."""
    workspace, journal = host.session.workspace, host.session.writer.journal

    async def prepare(group: Sequence[Operation]) -> Plan:
        return await prepare_undo(workspace, *group, skew=journal.clock_skew)

    with host.saying(f"reading {subject_of(numbers)} afresh; Esc stops"):
        try:
            found = [
                await latest_undoable(workspace, journal, one.account, one.number)
                for one in numbers
            ]
        except JournalError as error:
            host.say(f"not undone: {error}", Tone.WARN)
            return
        groups = [[operation] for operation in found if operation is not None]
        plans = await _prepared(host, groups, prepare, "put back")
    if not groups:
        host.say("nothing was changed from here that could be put back", Tone.WARN)
    if plans:
        batch = Batch(host.session.writer, plans, consent_to(plans), several=True)
        await _confirm(host, batch, "Undo the latest change of", {})


def subject_of(numbers: Sequence[OwnedNumber]) -> str:
    """Return how several numbers are spoken of."""
    if len(numbers) == 1:
        return international(numbers[0].number)
    return f"{len(numbers)} numbers"


async def undo_batch(host: Host, chosen: Selection) -> None:
    """Put everything back that the operation's batch changed, newest first."""
    operation = chosen.operation
    assert operation is not None
    workspace, journal = host.session.workspace, host.session.writer.journal

    async def prepare(group: Sequence[Operation]) -> Plan:
        return await prepare_undo(workspace, *group, skew=journal.clock_skew)

    with host.saying("reading afresh what the batch changed; Esc stops"):
        try:
            operations = await batches.batch_of(journal, operation.batch)
            operations = await look_again(workspace, journal, operations)
        except JournalError as error:
            host.say(str(error), Tone.BAD)
            return
        groups = undoable_of(operations)
        if not groups:
            host.say("nothing of this batch was done, so there is nothing to put back")
            return
        plans = await _prepared(host, groups, prepare, "put back")
    if plans:
        several = len(groups) > 1
        batch = Batch(host.session.writer, plans, consent_to(plans), several=several)
        await _confirm(host, batch, "Undo", {})


async def resume(host: Host, chosen: Selection) -> None:
    """Plan again what the operation's batch left, ask, send."""
    operation = chosen.operation
    assert operation is not None

    async def prepare(group: Sequence[Operation]) -> Plan:
        return await batches.prepare_resume(host.session.workspace, group[0], host.find_owned)

    with host.saying("reading afresh what the batch left; Esc stops"):
        try:
            operations = await _settled_batch(host, operation)
        except JournalError as error:
            host.say(str(error), Tone.BAD)
            return
        left = batches.left_of(operations)
        if not left:
            host.say("everything in this batch was done: there is nothing to resume")
            return
        plans = await _prepared(host, [[one] for one in left], prepare, "resumed")
    if plans:
        several = len({one.number for one in operations}) > 1
        batch = Batch(host.session.writer, plans, consent_to(plans), several=several)
        batch.id = operation.batch or batch.id
        numbers = {(plan.account.name, plan.number) for plan in plans}
        batch.resumes = [one for one in left if (one.account, one.number) in numbers]
        await _confirm(host, batch, "Resume", {one.number: one.reason for one in left})


async def settle(host: Host, chosen: Selection) -> None:
    """Read again what an operation was to change that came to no certain end, or all of a batch."""
    assert chosen.operation is not None
    left = [one for one in chosen.batch if settling.can_be_settled(one)] or [chosen.operation]
    stay = []
    for at, operation in enumerate(left, 1):
        place = f" ({at} of {len(left)})" if len(left) > 1 else ""
        with host.saying(f"reading {international(operation.number)} again{place}; Esc stops"):
            problem = await _settled(host, operation)
        if problem is not None:
            stay.append(f"{international(operation.number)} stays {operation.outcome}: {problem}")
    for line in stay[1:]:
        host.log_line(line)
    if stay:
        count = f"{len(left) - len(stay)} of {len(left)} settled; " if len(left) > 1 else ""
        host.say(count + stay[0], Tone.WARN)
    else:
        what = international(left[0].number) if len(left) == 1 else f"{len(left)} operations"
        host.say(f"{what}: read again and settled", Tone.GOOD)
    host.main.action_refresh()


async def _settled(host: Host, operation: Operation) -> str | None:
    """Read again what an operation was to change; return why it stays as it is, or None."""
    try:
        return await settling.settle(host.session.workspace, host.session.writer.journal, operation)
    except JournalError as error:
        return str(error)


async def _undo(host: Host, number: OwnedNumber | None, operation: Operation | None) -> None:
    then = Then.GO_ON
    while then is Then.GO_ON:
        try:
            with _reading(host, number):
                operation = await _latest(host, number, operation)
                plan = await _undo_plan(host, [operation]) if operation is not None else None
        except (CannotUndo, ProviderError, JournalError) as error:
            host.say(f"not undone: {error}", Tone.WARN)
            return
        if operation is None or plan is None:
            host.say("nothing was changed from here that could be put back", Tone.WARN)
            return
        verb = f"Undo the {operation.action} of {time_of_day(operation.started_at)}:"
        consent = consent_to([plan])
        question = question_about_all(host, [plan], consent, verb, goes_on=True)
        batch = Batch(host.session.writer, [plan], consent)
        results, then = await confirm_batch(host, question, batch)
    if then is Then.UNDO:
        await undo_results(host, results)


def _reading(host: Host, number: OwnedNumber | None) -> AbstractContextManager[None]:
    """Say while the block runs that a number is read afresh, where its row is looked at."""
    if number is None:
        return nullcontext()
    return host.saying(f"reading {international(number.number)} afresh; Esc stops")


async def _latest(
    host: Host, number: OwnedNumber | None, operation: Operation | None
) -> Operation | None:
    """Return what is to be put back, as the journal has it once it was looked at again."""
    workspace, journal = host.session.workspace, host.session.writer.journal
    if operation is not None:
        (operation,) = await look_again(workspace, journal, [operation])
        return operation
    if number is None:
        return None
    return await latest_undoable(workspace, journal, number.account, number.number)


async def _undo_plan(host: Host, group: Sequence[Operation]) -> Plan:
    plan = await prepare_undo(host.session.workspace, *group, skew=host.session.journal.clock_skew)
    return await preview_in(host).of(plan)


async def _settled_batch(host: Host, operation: Operation) -> Sequence[Operation]:
    """Return the operation's whole batch, having settled what of it is open.

    Raises:
        JournalError: The journal cannot be read or written.
    """
    journal = host.session.writer.journal
    operations = await batches.batch_of(journal, operation.batch)
    if any(map(settling.is_open, operations)):
        left = batches.left_of(operations)
        await batches.settle_open(host.session.workspace, journal, left)
        operations = await batches.batch_of(journal, operation.batch)
    return operations


async def _prepared(
    host: Host, groups: Sequence[Sequence[Operation]], prepare: Prepare, done: str
) -> list[Plan]:
    """Return what can be planned; say what cannot, and why."""
    entries = await preview_in(host).of_recorded(groups, prepare)
    problems = [
        f"{international(group[0].number)} is not {done}: {entry}"
        for group, entry in zip(groups, entries, strict=True)
        if not isinstance(entry, Plan)
    ]
    for problem in problems[1:]:
        host.log_line(problem)
    if problems:
        more = f"; {len(problems) - 1} more like it (@ has all)" if problems[1:] else ""
        host.say(problems[0] + more, Tone.WARN)
    return [entry for entry in entries if isinstance(entry, Plan)]


async def _confirm(host: Host, batch: Batch, verb: str, reasons: dict[Any, str]) -> None:
    """Ask about a batch once, run it, and show what the journal has then."""
    question = question_about_all(host, batch.plans, batch.consent, verb, goes_on=False)
    known = [reasons.get(plan.number, "") for plan in batch.plans]
    await confirm_batch(host, question, batch, known)
    host.main.action_refresh()
