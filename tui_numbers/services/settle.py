"""Settling operations whose outcome is unknown, by reading again; never by guess."""

import asyncio
from collections.abc import Sequence

from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import OwnedNumber, Stored
from tui_numbers.domain.operations import Action, Operation, Outcome, Overtaken
from tui_numbers.providers.contract import ProviderInfo
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.verdict import Verdict, may_be
from tui_numbers.services.workspace import Workspace
from tui_numbers.storage.journal import Journal, JournalQuery

NOT_DONE = "read again later: it was not done"
OVERTAKEN = "another write to the number has begun since it was read again"


def is_open(operation: Operation) -> bool:
    """Tell whether nobody knows yet how an operation ended."""
    return operation.outcome is Outcome.UNKNOWN


async def settle(workspace: Workspace, journal: Journal, operation: Operation) -> str | None:
    """Read again what an open operation was to change, and record what that proves.

    Returns:
        None where it is settled, else why it stays unknown.

    Raises:
        JournalError: The journal cannot be used.
    """
    try:
        seen, mark = await _reading(workspace, journal, operation)
    except (Overtaken, ProviderError) as error:
        return str(error)
    except KeyError:
        return f"account {operation.account} is not configured any more"
    verdict = judge_again(operation, seen, _info(workspace, operation.provider))
    if verdict.outcome is Outcome.UNKNOWN:
        return verdict.reason
    if await asyncio.to_thread(
        journal.settle, operation.id, verdict.outcome, seen, verdict.reason, mark
    ):
        return None
    now = await asyncio.to_thread(journal.get, operation.id)
    return OVERTAKEN if now is None or is_open(now) else None


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
    return await _read(workspace, operation.account, operation.number), mark


async def _read(workspace: Workspace, account: str, number: E164) -> OwnedNumber | None:
    client = await workspace.client(account)
    return await client.find(number)


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


def judge_again(
    operation: Operation, seen: OwnedNumber | None, info: ProviderInfo | None
) -> Verdict:
    """Say what the number as it reads now proves about an operation; None means not owned."""
    if operation.action is Action.BUY:
        done = seen is not None
        return Verdict(Outcome.VERIFIED) if done else Verdict(Outcome.FAILED, NOT_DONE)
    if operation.action is Action.RELEASE:
        done = seen is None
        return Verdict(Outcome.VERIFIED) if done else Verdict(Outcome.FAILED, NOT_DONE)
    if seen is None:
        return Verdict(Outcome.DIFFERENT, "the account does not hold the number any more")
    return _judge_change(operation, seen, info)


def _judge_change(operation: Operation, seen: OwnedNumber, info: ProviderInfo | None) -> Verdict:
    before, after = operation.before, operation.after
    if before is None or after is None:
        return Verdict(Outcome.UNKNOWN, "the record does not say what was asked")
    hidden = [key for key in operation.keys if _is_hidden(key, seen, after, info)]
    told = [key for key in operation.keys if key not in hidden]
    asked = {key: after.settings.get(key) for key in told}
    if told and _shows(seen, asked):
        if hidden:
            return Verdict(Outcome.UNKNOWN, _never_shown(hidden))
        return Verdict(Outcome.VERIFIED)
    if not told:
        return Verdict(Outcome.UNKNOWN, _never_shown(hidden))
    if before.same_delivery(seen):
        return Verdict(Outcome.FAILED, NOT_DONE)
    wrong = [
        f"{key} is {seen.settings.get(key) or 'empty'} instead of {value or 'empty'}"
        for key, value in asked.items()
        if seen.settings.get(key) != value
    ]
    return Verdict(Outcome.DIFFERENT, "read again later: " + "; ".join(wrong))


def _is_hidden(key: str, seen: OwnedNumber, after: OwnedNumber, info: ProviderInfo | None) -> bool:
    """Tell whether the provider does not show if a setting is as it was asked for."""
    spec = info.setting(key) if info is not None else None
    if (spec is not None and not spec.readable) or key not in seen.settings:
        return True
    return may_be(seen.settings[key], after.settings.get(key))


def _shows(seen: OwnedNumber, asked: "dict[str, Stored]") -> bool:
    return all(seen.settings.get(key) == value for key, value in asked.items())


def _never_shown(keys: Sequence[str]) -> str:
    return f"the provider does not show {', '.join(keys)}: it cannot be settled by reading"
