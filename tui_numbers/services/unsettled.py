"""Earlier operations on a number that are open: told before a write, and agreed to by name."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from tui_numbers.domain import clock
from tui_numbers.domain.operations import JournalError, Operation
from tui_numbers.services.planning import Plan
from tui_numbers.services.results import Consent
from tui_numbers.services.settle import failed_by_reading, is_open, judge_again, settle
from tui_numbers.services.verdict import Shows
from tui_numbers.services.workspace import Workspace
from tui_numbers.storage.journal import Journal, JournalQuery


def unsettled_on(journal: Journal, plan: Plan) -> tuple[Operation, ...]:
    """Return the open operations on the number of a plan, newest first; blocks.

    Raises:
        JournalError: The journal cannot be read.
    """
    return tuple(filter(is_open, _operations(journal, plan)))


def _operations(journal: Journal, plan: Plan) -> list[Operation]:
    return journal.operations(JournalQuery(number=plan.number, account=plan.account.name))


def not_agreed_to(plan: Plan, unsettled: Sequence[Operation], consent: Consent) -> str | None:
    """Say which open operation nobody has agreed to write over, or None."""
    for operation in unsettled:
        if operation.id not in consent.over and operation.id not in plan.replaces:
            return f"not confirmed: {words(operation)}; settle it, or add --over {operation.id}"
    return None


def to_agree_to(plan: Plan) -> tuple[Operation, ...]:
    """Return the open operations over which a plan would write without putting them back."""
    return tuple(one for one in plan.unsettled if one.id not in plan.replaces)


def words(operation: Operation) -> str:
    """Say of an open operation what it is, when it began and whose it is."""
    began = clock.local(operation.started_at)
    return (
        f"the {operation.action} of {began:%Y-%m-%d %H:%M} by {operation.actor} is "
        f"{operation.outcome} ({operation.id})"
    )


async def with_unsettled(workspace: Workspace, journal: Journal, plan: Plan) -> Plan:
    """Return the plan with what the journal holds open on its number, told among its warnings.

    An operation that a reading alone called failed, and that the number shows now, is put right.
    A journal that cannot be read is no hindrance yet: without it nothing is sent.
    """
    try:
        operations = await asyncio.to_thread(_operations, journal, plan)
        warnings = await _come_true(workspace, journal, plan, operations)
    except JournalError:
        return plan
    found = tuple(filter(is_open, operations))
    warnings += [f"{words(one)}: it may still change this number" for one in found]
    return replace(
        plan, unsettled=found, warnings=tuple(dict.fromkeys((*plan.warnings, *warnings)))
    )


async def _come_true(
    workspace: Workspace, journal: Journal, plan: Plan, operations: Sequence[Operation]
) -> list[str]:
    """Settle again the latest operation where it failed by a reading, and came true since."""
    latest = next((one for one in operations if one.begun), None)
    if latest is None or plan.seen is None or not failed_by_reading(latest):
        return []
    if judge_again(latest, plan.seen, plan.info).shows is not Shows.AS_ASKED:
        return []
    if await settle(workspace, journal, latest) is not None:
        return []
    began = clock.local(latest.started_at)
    return [
        f"the {latest.action} of {began:%Y-%m-%d %H:%M} by {latest.actor}, recorded as failed, "
        f"was done after all ({latest.id})"
    ]
