"""Undo an operation: plan to write its stored before, by the same rules as any change."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from tui_numbers.domain.changes import CLEAR, Change, Edit, Set
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import OwnedNumber, Stored, Undisclosed
from tui_numbers.domain.operations import Action, Operation, Outcome
from tui_numbers.domain.text import UNREADABLE, was_altered
from tui_numbers.providers.contract import Provider, ProviderInfo
from tui_numbers.services.planning import NotPlanned, Plan, plan_undo
from tui_numbers.services.routing import number_after
from tui_numbers.services.settling import failed_by_reading, settle, too_early
from tui_numbers.services.verdict import setting_label, stored_words
from tui_numbers.services.workspace import Workspace
from tui_numbers.storage.journal import Journal, JournalQuery

_HAD_EFFECT = frozenset({Outcome.VERIFIED, Outcome.DIFFERENT, Outcome.UNKNOWN})


class CannotUndo(NotPlanned):
    """An operation cannot be put back; the text says why."""


def can_be_undone(operation: Operation) -> bool:
    """Tell whether an operation is of the kind that is put back, and may have had an effect."""
    return (
        operation.action in (Action.RETARGET, Action.SET, Action.UNDO)
        and operation.outcome in _HAD_EFFECT
    )


def operations_on(journal: Journal, account: str, number: E164) -> list[Operation]:
    """Return what was done to a number from here, newest first; blocks.

    Raises:
        JournalError: The journal cannot be read.
    """
    return journal.operations(JournalQuery(number=number, account=account))


async def latest_undoable(
    workspace: Workspace, journal: Journal, account: str, number: E164
) -> Operation | None:
    """Return the latest operation on a number that can be put back, or None.

    Raises:
        JournalError: The journal cannot be used.
    """
    for operation in await asyncio.to_thread(operations_on, journal, account, number):
        (found,) = await look_again(workspace, journal, [operation])
        if can_be_undone(found):
            return found
    return None


async def look_again(
    workspace: Workspace, journal: Journal, operations: Sequence[Operation]
) -> list[Operation]:
    """Return operations as they stand once those that failed by a reading alone are read again.

    Raises:
        JournalError: The journal cannot be used.
    """
    found = []
    for operation in operations:
        now: Operation | None = None
        if failed_by_reading(operation):
            await settle(workspace, journal, operation)
            now = await asyncio.to_thread(journal.get, operation.id)
        found.append(now or operation)
    return found


def undoable_of(operations: Sequence[Operation]) -> list[list[Operation]]:
    """Return what a batch may have changed, number by number; all stand newest first.

    Purchases and releases are among them: putting them back is refused, not passed over.
    """
    found: dict[tuple[str, str], list[Operation]] = {}
    for operation in operations:
        if operation.outcome in _HAD_EFFECT:
            found.setdefault((operation.account, operation.number), []).append(operation)
    return list(found.values())


async def prepare_undo(
    workspace: Workspace, *operations: Operation, skew: timedelta = timedelta()
) -> Plan:
    """Read a number afresh and plan to write its stored before.

    ``operations`` are one, or several of one batch on the same number, newest first; ``skew`` is
    the ``clock_skew`` of their journal.

    Raises:
        CannotUndo: Nothing can be put back, or a later change stands in between.
        ProviderError: The number could not be read.
    """
    latest = operations[0]
    befores = [_before_of(operation) for operation in operations]
    try:
        account = workspace.account(latest.account)
    except KeyError:
        raise CannotUndo(f"account {latest.account} is not in use") from None
    client = await workspace.client(account)
    current = await client.find(latest.number, latest.observed or befores[0])
    if current is None:
        raise CannotUndo(f"{account.name} does not hold {latest.number} any more")
    info = workspace.info(account)
    state = current
    for operation, before in zip(operations, befores, strict=True):
        state = number_after(info, state, undo_change(operation, before, state, client))
    change = Change.between(current.settings, state.settings)
    if not change:
        _refuse_too_early(workspace, operations, skew)
    return plan_undo(account, info, current, change, [one.id for one in operations])


def _refuse_too_early(
    workspace: Workspace, operations: Sequence[Operation], skew: timedelta
) -> None:
    """Refuse while a number may look restored only because its change has not arrived."""
    for operation in operations:
        early = too_early(workspace, operation, skew)
        if early and operation.outcome in (Outcome.UNKNOWN, Outcome.DIFFERENT):
            raise CannotUndo(f"the number is as it was before, and it is {early}")


def _before_of(operation: Operation) -> OwnedNumber:
    if operation.action is Action.BUY or operation.action is Action.RELEASE:
        raise CannotUndo(f"a {operation.action} has no undo")
    if not can_be_undone(operation) or operation.before is None:
        outcome = operation.outcome.value if operation.outcome else "under way"
        raise CannotUndo(f"there is nothing to put back: the operation is {outcome}")
    return operation.before


def undo_change(
    operation: Operation, before: OwnedNumber, current: OwnedNumber, client: Provider
) -> Change:
    """Return what turns ``current`` back to ``before`` in all that the operation moved.

    Raises:
        CannotUndo: A later change stands in between, or the before is not known.
    """
    left = (operation.observed or operation.requested or before).settings
    touched = {key for key in before.settings if before.settings[key] != left.get(key)}
    touched.update(key for key in operation.keys if key in before.settings)
    hidden = [key for key in operation.keys if key not in before.settings]
    if hidden and not touched:
        names = ", ".join(hidden)
        raise CannotUndo(f"the provider does not show {names}, so what it was is not known")
    if not operation.exact:
        _refuse_cleaned(before, touched)
    _refuse_later_change(operation, before, current, touched, client.info)
    edits: dict[str, Edit] = {}
    for key in sorted(touched):
        was = before.settings[key]
        if was == current.settings.get(key) and not isinstance(was, Undisclosed):
            continue
        problem = why_not_restorable(client, key, was)
        if problem is not None:
            raise CannotUndo(f"{key} cannot be put back: {problem}")
        edits[key] = Set(was) if isinstance(was, str) else CLEAR
    return Change(edits)


def why_not_restorable(client: Provider, key: str, was: Stored) -> str | None:
    """Say why a setting that is ``was`` could not be given that value again, or None."""
    if was is None:
        return None
    if isinstance(was, Undisclosed):
        return f"the provider does not tell which {was.kind} it was"
    if UNREADABLE in was:
        return "it holds characters that could not be read"
    return client.why_not(Change({key: Set(was)}))


def _refuse_cleaned(before: OwnedNumber, touched: set[str]) -> None:
    for key in sorted(touched):
        was = before.settings[key]
        if isinstance(was, str) and was_altered(was):
            raise CannotUndo(
                f"an earlier version kept {key} as it was shown, so what was stored is not known"
            )


def _refuse_later_change(
    operation: Operation,
    before: OwnedNumber,
    current: OwnedNumber,
    touched: set[str],
    info: ProviderInfo,
) -> None:
    left = operation.observed or operation.requested or before
    for key in sorted(touched):
        now = current.settings.get(key)
        if now in (left.settings.get(key), before.settings[key]):
            continue
        asked = operation.requested.settings.get(key) if operation.requested is not None else None
        # What was not there at the read-back may have come since.
        if operation.outcome in (Outcome.UNKNOWN, Outcome.DIFFERENT) and now == asked:
            continue
        raise CannotUndo(
            f"a later change stands in between: {setting_label(info, key)}: now "
            f"{stored_words(now, current)}, was left {stored_words(left.settings.get(key), left)}"
        )
