"""Settle open operations by reading again, and find those that are still open."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from tui_numbers.domain import clock
from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.domain.operations import (
    LONGEST_WRITE,
    Action,
    JournalError,
    Operation,
    Outcome,
    Overtaken,
)
from tui_numbers.providers.contract import OrderState, OrderStatus, ProviderInfo
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.planning import Consent, Plan
from tui_numbers.services.protection import bought_for, elsewhere
from tui_numbers.services.verdict import (
    NOT_DONE,
    Evidence,
    Shows,
    Verdict,
    after_ordering,
    after_settling,
    judge_record,
)
from tui_numbers.services.workspace import Workspace
from tui_numbers.storage.journal import Journal, JournalQuery

CLOCKS_DIFFER = timedelta(minutes=5)
"""How far the clocks of two machines are taken to differ, where a time is compared with theirs."""
OVERTAKEN = "another write to the number has begun since it was read again"


def is_open(operation: Operation) -> bool:
    """Tell whether an operation was sent and its outcome is still open."""
    return operation.begun and operation.outcome is not None and operation.outcome.is_open


def failed_by_reading(operation: Operation) -> bool:
    """Tell whether only a later reading says that it was not done, which may prove wrong."""
    return operation.outcome is Outcome.FAILED and operation.error == NOT_DONE


def can_be_settled(operation: Operation) -> bool:
    """Tell whether reading again may show that an operation came to something else."""
    late = operation.outcome is Outcome.DIFFERENT or failed_by_reading(operation)
    return is_open(operation) or (operation.begun and late)


def newest_operations(journal: Journal, query: JournalQuery) -> list[Operation]:
    """Return the newest operations that a query limits, and the open ones before them; blocks.

    Raises:
        JournalError: The journal cannot be read.
    """
    found = journal.operations(query)
    if query.limit is None or len(found) < query.limit:
        return found
    names = {one.id for one in found}
    return found + [
        one for one in journal.left_open() if one.id not in names and _matches(one, query)
    ]


def newest_page(journal: Journal, count: int) -> list[Operation]:
    """Return so many of the newest operations, and the open ones before them; blocks.

    Raises:
        JournalError: The journal cannot be read.
    """
    return newest_operations(journal, JournalQuery(limit=count))


def may_change(operation: Operation) -> bool:
    """Tell whether the journal may come to say something else of an operation."""
    return operation.outcome in (None, Outcome.PLANNED) or can_be_settled(operation)


def _matches(operation: Operation, query: JournalQuery) -> bool:
    began = operation.started_at
    return (
        query.number in (None, operation.number)
        and query.account in (None, operation.account)
        and query.outcome in (None, operation.outcome)
        and (query.since is None or began >= query.since)
        and (query.until is None or began <= query.until)
    )


def on_the_numbers_of(journal: Journal, operations: Iterable[Operation]) -> list[Operation]:
    """Return what was done to the numbers of operations that may read otherwise by now; blocks.

    Raises:
        JournalError: The journal cannot be read.
    """
    numbers = {(one.number, one.account) for one in operations if can_be_settled(one)}
    return [
        found
        for number, account in sorted(numbers)
        for found in journal.operations(JournalQuery(number=number, account=account))
    ]


def to_settle(asked: Iterable[Operation], everything: Iterable[Operation]) -> list[Operation]:
    """Return which of the operations asked about are worth a reading, in the same order.

    Open ones are; of the others only the latest on its number, since a later one tells what the
    earlier came to. ``everything`` is what was done to their numbers, newest first.
    """
    latest: dict[tuple[str, str], str] = {}
    for one in everything:
        if one.begun:
            latest.setdefault((one.account, one.number), one.id)
    return [
        one
        for one in asked
        if is_open(one) or (can_be_settled(one) and latest.get((one.account, one.number)) == one.id)
    ]


def too_early(workspace: Workspace, operation: Operation, skew: timedelta) -> str | None:
    """Say when to ask again about an operation whose request may still arrive, or None.

    ``skew`` is the journal's ``clock_skew``: times of operations are by its clock.
    """
    now = datetime.fromtimestamp(workspace.http.timing.wall(), UTC) + skew
    over = operation.started_at + LONGEST_WRITE
    if now >= over:
        return None
    # The minute that is named is one at which asking helps.
    at = clock.local(over - skew + timedelta(seconds=59))
    return f"too early, asked again at {at:%H:%M}: the request may still arrive"


async def settle(workspace: Workspace, journal: Journal, operation: Operation) -> str | None:
    """Read again what an operation was to change, and record what that proves.

    Returns:
        None where it is settled, else why it stays as it is.

    Raises:
        JournalError: The journal cannot be used.
    """
    try:
        unreadable = _unreadable(workspace, operation)
        if unreadable is not None:
            return unreadable
        found = await _found(workspace, journal, operation)
    except (Overtaken, ProviderError) as error:
        return str(error)
    except KeyError:
        return f"account {operation.account} is not configured any more"
    if found.order is not None:
        return await _settle_order(journal, operation, found, found.order)
    young = too_early(workspace, operation, journal.clock_skew)
    proves_nothing = found.evidence.shows in (Shows.AS_BEFORE, Shows.OTHERWISE)
    if young and operation.outcome is Outcome.UNKNOWN and proves_nothing:
        return young
    verdict = after_settling(operation, found.evidence)
    if verdict.outcome is operation.outcome:
        return verdict.reason if is_open(operation) and verdict.reason else _unmoved(operation)
    return await _record(journal, operation, verdict, found)


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found of an operation, and what that shows."""

    observed: OwnedNumber | None
    mark: int | None
    """Of the time of asking; None where a later operation tells what the number was."""
    evidence: Evidence
    reference: str | None = None
    """The order of a purchase, where it is known by now."""
    order: OrderState | None = None
    """How that order stands, where the number is not listed as bought."""


async def _record(
    journal: Journal,
    operation: Operation,
    verdict: Verdict,
    found: _Found,
) -> str | None:
    if await asyncio.to_thread(
        journal.settle,
        operation,
        verdict.outcome,
        found.observed,
        verdict.reason,
        found.mark,
        found.reference,
    ):
        return None
    now = await asyncio.to_thread(journal.get, operation.id)
    return OVERTAKEN if now is None or now.outcome is operation.outcome else None


async def _found(workspace: Workspace, journal: Journal, operation: Operation) -> _Found:
    """Read what an operation was to change; of a purchase that is not listed, ask the order too.

    An order whose answer was lost is looked for among those of the account.

    Raises:
        Overtaken: Another write to the number is under way.
        KeyError: Its account is not configured any more.
        ProviderError: It cannot be read or asked.
    """
    observed, mark = await _reading(workspace, journal, operation)
    info = _info(workspace, operation.provider)
    evidence = judge_record(operation, observed, info)
    waits = operation.action is Action.BUY and is_open(operation)
    if not waits or evidence.shows is not Shows.AS_BEFORE:
        return _Found(observed, mark, evidence, operation.reference)
    client = await workspace.client(operation.account)
    reference = operation.reference
    if reference is None:
        earliest = operation.started_at - CLOCKS_DIFFER
        reference = await client.order_since(operation.number, earliest)
    if reference is None:
        return _Found(observed, mark, evidence)
    order: OrderState | None = await client.order(reference)
    if order is not None and order.status is OrderStatus.DONE:
        # It may have been carried out since the number was read.
        observed = await client.find(operation.number)
        evidence = judge_record(replace(operation, reference=reference), observed, info)
        order = order if evidence.shows is Shows.AS_BEFORE else None
    return _Found(observed, mark, evidence, reference, order)


async def _settle_order(
    journal: Journal, operation: Operation, found: _Found, order: OrderState
) -> str | None:
    """Record what an order tells; return why the purchase stays open, or None."""
    assert found.reference is not None
    verdict = after_ordering(found.reference, order, "not listed yet")
    if (verdict.outcome, found.reference) == (operation.outcome, operation.reference):
        return verdict.reason
    problem = await _record(journal, operation, verdict, found)
    return problem or (verdict.reason if verdict.outcome.is_open else None)


def _unmoved(operation: Operation) -> str:
    assert operation.outcome is not None
    return f"it still reads {operation.outcome}"


def _unreadable(workspace: Workspace, operation: Operation) -> str | None:
    """Say why nothing that this account reads settles an operation, or None.

    Raises:
        KeyError: Its account is not configured any more.
    """
    if operation.action not in (Action.BUY, Action.RELEASE):
        return None
    account = workspace.account(operation.account)
    other = bought_for(account, workspace.info(account))
    return elsewhere(other) if other else None


async def _reading(
    workspace: Workspace, journal: Journal, operation: Operation
) -> tuple[OwnedNumber | None, int | None]:
    """Return what the number was after an operation, and the mark of the time of asking.

    Raises:
        Overtaken: Another write to it is under way, so that what it shows now proves nothing.
        KeyError: Its account is not configured any more.
        ProviderError: It cannot be read.
    """
    mark: int | None = None
    under_way: Overtaken | None = None
    try:
        # Taken first: whatever begins from here on moves what is about to be read.
        mark = await asyncio.to_thread(journal.mark, operation.account, operation.number)
    except Overtaken as error:
        under_way = error
    later = await asyncio.to_thread(_next_state, journal, operation)
    if later is not None:
        return later, None
    if under_way is not None:
        raise under_way
    client = await workspace.client(operation.account)
    return await client.find(operation.number), mark


def _info(workspace: Workspace, provider: str) -> ProviderInfo | None:
    plugin = workspace.plugins.get(provider)
    return plugin.info if plugin is not None else None


def _next_state(journal: Journal, operation: Operation) -> OwnedNumber | None:
    """Return the number as the next recorded operation on it found it, if there is one.

    What the number shows today may be the work of that later one, and proves nothing here.
    """
    query = JournalQuery(number=operation.number, account=operation.account)
    newer: list[Operation] = []
    for other in journal.operations(query):
        if other.id == operation.id:
            break
        if other.begun:
            newer.append(other)
    return newer[-1].before if newer else None


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
            told = describe_open(operation)
            return f"not confirmed: {told}; settle it, or add --over {operation.id}"
    return None


def to_agree_to(plan: Plan) -> tuple[Operation, ...]:
    """Return the open operations over which a plan would write without putting them back."""
    return tuple(one for one in plan.unsettled if one.id not in plan.replaces)


def describe_open(operation: Operation) -> str:
    """Describe an open operation: action, time and actor."""
    began = clock.local(operation.started_at)
    return (
        f"the {operation.action} of {began:%Y-%m-%d %H:%M} by {operation.actor} is "
        f"{operation.outcome} ({operation.id})"
    )


async def with_unsettled(workspace: Workspace, journal: Journal, plan: Plan) -> Plan:
    """Add to a plan the open operations on its number, with a warning for each.

    An operation that a reading alone called failed, and that the number shows now, is put right.
    A journal that cannot be read is no hindrance yet: without it nothing is sent.
    """
    try:
        operations = await asyncio.to_thread(_operations, journal, plan)
        warnings = await _come_true(workspace, journal, plan, operations)
    except JournalError:
        return plan
    found = tuple(filter(is_open, operations))
    warnings += [f"{describe_open(one)}: it may still change this number" for one in found]
    return replace(
        plan, unsettled=found, warnings=tuple(dict.fromkeys((*plan.warnings, *warnings)))
    )


async def _come_true(
    workspace: Workspace, journal: Journal, plan: Plan, operations: Sequence[Operation]
) -> list[str]:
    """Settle again the latest operation where it failed by a reading, and came true since."""
    latest = next((one for one in operations if one.begun), None)
    if latest is None or plan.before is None or not failed_by_reading(latest):
        return []
    if judge_record(latest, plan.before, plan.info).shows is not Shows.AS_ASKED:
        return []
    if await settle(workspace, journal, latest) is not None:
        return []
    began = clock.local(latest.started_at)
    return [
        f"the {latest.action} of {began:%Y-%m-%d %H:%M} by {latest.actor}, recorded as failed, "
        f"was done after all ({latest.id})"
    ]
