"""Resume a batch: plan again what it left undone, by the same rules."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from tui_numbers.domain.operations import Action, Operation, Outcome
from tui_numbers.services.planning import NotPlanned, OwnedElsewhere, Plan, plan_again
from tui_numbers.services.settling import is_open, settle
from tui_numbers.services.verdict import asked_of, moved
from tui_numbers.services.workspace import Workspace
from tui_numbers.services.writes import NOT_SENT
from tui_numbers.storage.journal import Journal, JournalQuery
from tui_numbers.storage.operation_rows import ENDED_BEFORE

_RESUMED = frozenset({Action.RETARGET, Action.SET, Action.UNDO})
_LEFT = frozenset({Outcome.REFUSED, Outcome.FAILED, Outcome.DIFFERENT})
_NEVER_CAME = frozenset({NOT_SENT, ENDED_BEFORE})
_SEPARATE = "a purchase or a release is not resumed: each is confirmed by itself"


class CannotResume(NotPlanned):
    """What a batch left cannot be sent again; the text says why."""


def latest_of_each(operations: Sequence[Operation]) -> list[Operation]:
    """Return the latest operation on each number; ``operations`` stand newest first."""
    found: dict[tuple[str, str], Operation] = {}
    for operation in operations:
        found.setdefault((operation.account, operation.number), operation)
    return list(found.values())


def is_left(operation: Operation) -> bool:
    """Tell whether an operation of a batch, the latest on its number, was not done."""
    return operation.outcome in _LEFT


def left_of(operations: Sequence[Operation]) -> list[Operation]:
    """Return what a batch left, in its own order: not done, open, or still waiting."""
    latest = latest_of_each(operations)
    undone = [
        one
        for one in latest
        if is_left(one) or is_open(one) or one.outcome in (None, Outcome.PLANNED)
    ]
    return undone[::-1]


def unsent_of(operations: Sequence[Operation]) -> list[Operation]:
    """Return what waits to be resumed because its turn never came; newest first, as given."""
    latest: dict[tuple[str, str, str], Operation] = {}
    for operation in operations:
        if operation.action not in _RESUMED:
            # Purchases that were not sent are confirmed anew, by themselves.
            continue
        latest.setdefault((operation.batch, operation.account, operation.number), operation)
    return [one for one in latest.values() if is_left(one) and one.error in _NEVER_CAME]


async def batch_of(journal: Journal, batch: str) -> list[Operation]:
    """Return the operations of a batch, newest first.

    Raises:
        JournalError: The journal cannot be read.
    """
    return await asyncio.to_thread(journal.operations, JournalQuery(batch=batch))


async def settle_open(workspace: Workspace, journal: Journal, left: Sequence[Operation]) -> None:
    """Read again what a batch left open, so that only what was not done is sent again.

    Raises:
        JournalError: The journal cannot be used.
    """
    for operation in left:
        if is_open(operation):
            await settle(workspace, journal, operation)


async def prepare_resume(
    workspace: Workspace, operation: Operation, others: OwnedElsewhere
) -> Plan:
    """Read the number afresh and plan the same again; refused where it is not as it was shown.

    Raises:
        CannotResume: It is open, still waiting, or of a kind that is never resumed.
        ProviderError: The number could not be read.
    """
    _refuse_state(operation)
    try:
        account = workspace.account(operation.account)
    except KeyError:
        raise CannotResume(f"account {operation.account} is not in use") from None
    shown = operation.before
    asked = asked_of(operation)
    if shown is None or asked is None:
        raise CannotResume("an earlier version recorded it, without what was asked")
    client = await workspace.client(account)
    fresh = await client.find(operation.number, shown)
    if fresh is None:
        raise CannotResume(f"{account.name} does not hold {operation.number} any more")
    plan = plan_again(account, workspace.info(account), fresh, operation, asked, others)
    if plan.is_needed and not fresh.same_delivery(shown):
        why = "; ".join(moved(shown, fresh, plan.info))
        return replace(plan, refusal=f"changed since it was shown: {why}")
    return plan


def _refuse_state(operation: Operation) -> None:
    if operation.action not in _RESUMED:
        raise CannotResume(_SEPARATE)
    if operation.outcome is Outcome.PLANNED or operation.outcome is None:
        raise CannotResume("it is not over: the process that began it still runs")
    if is_open(operation):
        raise CannotResume("its outcome is unknown, so it is not sent again: history --settle")
    if not is_left(operation):
        raise CannotResume(f"it is {operation.outcome}: there is nothing left to do")
