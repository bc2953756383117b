"""Retry failed reads with growing pauses, for as long as a screen is open to show them.

``providers/http.py`` repeats a request within seconds. This comes after: an account that could not
be read is asked again, ever more seldom, until it answers or fails for good.
"""

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace

from tui_numbers.domain.accounts import Account
from tui_numbers.domain.numbers import TargetOption
from tui_numbers.domain.query import OwnedQuery
from tui_numbers.providers.errors import ProviderError, RateLimited
from tui_numbers.services import inventory
from tui_numbers.services.inventory import AccountFailed, OwnedEvent, merge
from tui_numbers.services.stock import AccountSearch, StockEvent, StockFailed
from tui_numbers.services.workspace import Workspace

_PAUSES = (5.0, 10.0, 20.0, 40.0, 60.0)
"""Seconds before each new attempt; the last holds for all further ones."""
_LONGEST_ASKED = 3600.0


def pause_after(failures: int, error: ProviderError) -> float:
    """Return the seconds before the next attempt, after so many that failed (from 1)."""
    seconds = _PAUSES[min(failures, len(_PAUSES)) - 1]
    asked = error.retry_after if isinstance(error, RateLimited) else None
    return max(seconds, min(asked or 0.0, _LONGEST_ASKED))


def owned(workspace: Workspace, accounts: Iterable[Account]) -> AsyncIterator[OwnedEvent]:
    """Yield the accounts' numbers; one that fails for now is asked again until it answers."""
    return merge([_owned_of(workspace, account) for account in accounts])


async def _owned_of(workspace: Workspace, account: Account) -> AsyncIterator[OwnedEvent]:
    failures = 0
    while True:
        pause: float | None = None
        async for event in inventory.owned_of(workspace, account, OwnedQuery()):
            if isinstance(event, AccountFailed) and event.error.passes:
                failures += 1
                pause = pause_after(failures, event.error)
                yield replace(event, again=pause)
            else:
                yield event
        if pause is None:
            return
        await workspace.http.timing.sleep(pause)


async def targets(
    workspace: Workspace, account: Account, on_failure: Callable[[ProviderError], None]
) -> tuple[TargetOption, ...]:
    """Return the targets that an account lists; ``on_failure`` is told of the first failure.

    Raises:
        ProviderError: It cannot tell, and waiting does not help.
    """
    failures = 0
    while True:
        try:
            return await inventory.list_targets(workspace, account)
        except ProviderError as error:
            if not error.passes:
                raise
            failures += 1
            if failures == 1:
                on_failure(error)
            pause = pause_after(failures, error)
        await workspace.http.timing.sleep(pause)


async def stock(search: AccountSearch, wanted: int) -> AsyncIterator[StockEvent]:
    """Yield further numbers of a search; one that failed before its first page goes on."""
    failures = 0
    while True:
        pause: float | None = None
        async for event in search.more(wanted):
            if isinstance(event, StockFailed) and not search.exhausted:
                failures += 1
                pause = pause_after(failures, event.error)
                yield replace(event, again=pause)
            else:
                yield event
        if pause is None:
            return
        await search.workspace.http.timing.sleep(pause)
