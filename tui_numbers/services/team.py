"""Follow what other operators do through a journal of a team, and tell of it in previews."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tui_numbers.domain import clock
from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.domain.operations import Actor, JournalError, Operation, Outcome
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.planning import Plan
from tui_numbers.services.workspace import Workspace
from tui_numbers.services.writes import Writer
from tui_numbers.storage.journal import Journal, JournalQuery

RECENT = timedelta(hours=12)
"""How long what somebody else did to a number stands in a preview: a shift."""

_AT_ONCE = 4
"""How many numbers are read again side by side."""
_LOOKED_AT = 200
"""How many of the latest operations are looked at where it is not told which changed."""
_HAD_EFFECT = frozenset({Outcome.VERIFIED, Outcome.DIFFERENT, Outcome.UNKNOWN, Outcome.PENDING})


@dataclass(slots=True)
class Heard:
    """What was heard of a journal at one time."""

    operations: Sequence[Operation] = ()
    """Operations of others as they stand now; each is told once with each outcome."""
    lines: list[str | None] = field(default_factory=list)
    """Why the journal could not be used; None once it could again."""


class Listener:
    """Listens to a journal; its threads add to what ``next`` returns."""

    def __init__(self, writer: Writer) -> None:
        self._journal = journal = writer.journal
        self._actor = writer.actor
        self._loop = asyncio.get_running_loop()
        self._something = asyncio.Event()
        self._names: dict[str, None] = {}
        self._any = False
        self._lines: list[str | None] = []
        self._told: set[tuple[str, Outcome | None]] = set()
        self._began: datetime | None = None
        """Since when it listens, by the journal's clock."""
        self._stop = journal.watch(self._changed, self._line)

    @property
    def is_told(self) -> bool:
        """Whether the journal tells of changes at all."""
        return self._stop is not None

    def stop(self) -> None:
        """Listen no longer."""
        if self._stop is not None:
            self._stop()

    async def next(self) -> Heard:
        """Wait until something is heard.

        Where the journal cannot be read just now, the operations are told once it can.
        """
        await self._something.wait()
        self._something.clear()
        lines, self._lines = self._lines, []
        names, self._names = tuple(self._names), {}
        look_around, self._any = self._any, False
        try:
            found = await asyncio.to_thread(self._read, names, look_around)
        except JournalError:
            # Listening begins anew when the journal is there again, and tells of any.
            return Heard(lines=lines)
        news = [one for one in found if (one.id, one.outcome) not in self._told]
        self._told.update((one.id, one.outcome) for one in news)
        return Heard(news, lines)

    def _read(self, names: Sequence[str], look_around: bool) -> list[Operation]:
        if self._began is None:
            self._began = self._journal.now()
        if look_around or len(names) > _LOOKED_AT:
            query = JournalQuery(since=self._began, limit=_LOOKED_AT)
            found = self._journal.operations(query)
            # One's own are shown already, by what carried them out.
            return [one for one in found if not is_same_person(one.actor, self._actor)]
        return [one for name in names if (one := self._journal.get(name)) is not None]

    def _changed(self, operations: Sequence[str]) -> None:
        def add() -> None:
            self._names.update(dict.fromkeys(operations))
            self._any = self._any or not operations
            self._something.set()

        self._in_loop(add)

    def _line(self, problem: str | None) -> None:
        def add() -> None:
            self._lines.append(problem)
            self._something.set()

        self._in_loop(add)

    def _in_loop(self, add: Callable[[], None]) -> None:
        # The loop may have ended while the thread was at it.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(add)


async def read_again(
    workspace: Workspace, operations: Sequence[Operation]
) -> AsyncIterator[tuple[Operation, OwnedNumber | ProviderError | None]]:
    """Read each number that operations may have changed; None where it is gone.

    Numbers at accounts that are not in use here are left out.
    """
    accounts = {account.name for account in workspace.accounts}
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one(operation: Operation) -> tuple[Operation, OwnedNumber | ProviderError | None]:
        async with turns:
            try:
                client = await workspace.client(operation.account)
                return operation, await client.find(operation.number)
            except ProviderError as error:
                return operation, error

    changed = {
        (one.account, one.number): one
        for one in operations
        if one.outcome in _HAD_EFFECT and one.account in accounts
    }
    for done in asyncio.as_completed([one(operation) for operation in changed.values()]):
        yield await done


def is_same_person(one: Actor, other: Actor) -> bool:
    """Tell whether two actors are one person: of one name, or the same user of one machine."""
    if one.name or other.name:
        return one.name == other.name
    return (one.user, one.host) == (other.user, other.host)


async def with_doings_of_others(journal: Journal, plan: Plan, actor: Actor) -> Plan:
    """Add to a plan what somebody else did to its number of late, as a warning.

    A journal that cannot be read is no hindrance yet: without it nothing is sent.
    """
    query = JournalQuery(number=plan.number, account=plan.account.name, limit=_LOOKED_AT)
    try:
        operations = await asyncio.to_thread(journal.operations, query)
    except JournalError:
        return plan
    told = changed_by_another(operations, actor, clock.now() + journal.clock_skew)
    if told is None:
        return plan
    return replace(plan, warnings=tuple(dict.fromkeys((told, *plan.warnings))))


def changed_by_another(operations: Sequence[Operation], actor: Actor, now: datetime) -> str | None:
    """Say what somebody else did to a number of late, ``changed by Anna 3 minutes ago (…)``.

    ``operations`` are those on the number, newest first; None where the latest that may have
    changed it is one's own, or long ago. One that is open is told by what says that it is.
    """
    latest = next((one for one in operations if one.begun and one.outcome in _CHANGED), None)
    if latest is None or is_same_person(latest.actor, actor):
        return None
    ago = now - (latest.finished_at or latest.started_at)
    if ago > RECENT:
        return None
    outcome = latest.outcome.value if latest.outcome is not None else "under way"
    verb = "being changed" if latest.outcome is None else "changed"
    return f"{verb} by {latest.actor.short} {_ago_words(ago)} ({latest.action}, {outcome})"


_CHANGED = frozenset({None, Outcome.VERIFIED, Outcome.DIFFERENT})


def _ago_words(ago: timedelta) -> str:
    minutes = int(max(ago, timedelta()).total_seconds()) // 60
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} minute{'s' if minutes > 1 else ''} ago"
    hours = minutes // 60
    return f"{hours} hour{'s' if hours > 1 else ''} ago"
