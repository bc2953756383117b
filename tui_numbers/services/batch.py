"""Apply several plans as one batch, side by side and paced; resume what a batch left."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TypedDict

from tui_numbers.domain.accounts import Account
from tui_numbers.domain.operations import Action, JournalError, Operation, Outcome
from tui_numbers.services.planning import (
    Consent,
    NotPlanned,
    OwnedElsewhere,
    Plan,
    Result,
    Step,
    plan_again,
)
from tui_numbers.services.settling import is_open, settle
from tui_numbers.services.verdict import asked_of, moved
from tui_numbers.services.workspace import Workspace
from tui_numbers.services.writes import NOT_SENT, Lane, Writer, intention_of, new_identifier
from tui_numbers.storage.journal import Journal, JournalQuery
from tui_numbers.storage.operation_rows import ENDED_BEFORE

_LEAST_AT_ONCE = 4
"""Writes under way at an account that is asked slowly: few, so that none waits long behind its
fresh reading, and that few are unknown where the program is killed."""
_FRESH_FOR_EACH = 12
"""How many numbers are read afresh together for each that can be sent at a time."""
_LONGEST_TOGETHER = 2.0
"""Seconds that a number waits to be read back together with those that are still being sent."""
_REQUESTS_SPACED = 2
"""Of each number, where writes are spaced: the write and its read-back."""


class _Options(TypedDict):
    """What the rules of a write are told besides the plan and the consent."""

    reason: str
    batch: str
    operation: str
    several: bool
    on_step: Step
    lane: Lane


def spaced_seconds(workspace: Workspace, plans: Iterable[Plan]) -> float:
    """Return about how many seconds plans take where accounts space their writes, 0 elsewhere."""
    counts = Counter(plan.account.name for plan in plans if plan.is_needed)
    longest = 0.0
    for name, count in counts.items():
        pace = workspace.pace(workspace.account(name)).writes_per_second
        if pace:
            longest = max(longest, _REQUESTS_SPACED * count / pace)
    return longest


class _Lane(Lane):
    """The turns of one account in one batch, and whether anything is still to be sent."""

    def __init__(self, at_once: int, *, is_spaced: bool, wanted: Callable[[], bool]) -> None:
        """Let ``at_once`` be sent at a time; where they are spaced, each is read back by itself."""
        self.under_way = asyncio.Semaphore(at_once * (1 if is_spaced else _FRESH_FOR_EACH))
        self._sending = asyncio.Semaphore(at_once)
        self._is_spaced = is_spaced
        self._wanted = wanted
        self._unsent = 0
        self._all_sent = asyncio.Event()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[bool]:
        """Hold a turn to record and send: what waits for its turn is not begun."""
        self._unsent += 1
        self._all_sent.clear()
        try:
            async with self._sending:
                yield self._wanted()
        finally:
            self._unsent -= 1
            if not self._unsent:
                self._all_sent.set()

    async def others_sent(self) -> None:
        """Wait for those that were read afresh, so that all are read back by few requests."""
        if not self._is_spaced:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LONGEST_TOGETHER):
                    await self._all_sent.wait()


@dataclass
class Batch:
    """A run over several plans; a failure stops none of the others.

    What is to be sent is recorded as a whole before the first request, so that the rest can be
    resumed whatever ends the program.
    """

    writer: Writer
    plans: Sequence[Plan]
    consent: Consent
    reason: str = ""
    several: bool | None = None
    """Whether several numbers were named, where that is not the number of plans."""
    id: str = field(default_factory=new_identifier)
    reasons: Sequence[str] = ()
    """The reason of each plan, where they differ."""
    resumes: Sequence[Operation] = ()
    """Operations of the same batch that its plans stand for; they are not begun any more."""
    is_recorded: bool = False
    """Whether the whole was recorded before its first request, so that it can be resumed."""
    _cancelled: bool = False
    _lanes: dict[str, _Lane] = field(default_factory=dict)
    """By account."""

    def cancel(self) -> None:
        """Send nothing more; what has been sent is still read back and recorded."""
        self._cancelled = True

    async def run(
        self,
        on_result: Callable[[int, Result], None] = lambda place, result: None,
        on_step: Step = lambda plan, step: None,
    ) -> list[Result]:
        """Apply every plan; the results stand in the order of the plans.

        Where a purchase is pointed afterwards, the results of that stand behind all others, each
        told of by ``on_result`` with the place of its purchase.
        """
        self._lanes = {plan.account.name: self._lane_of(plan.account) for plan in self.plans}
        names = [new_identifier() for _ in self.plans]
        recorded = self._to_record(names)
        problem = await self._record(list(recorded.values()))

        async def one(place: int, plan: Plan) -> list[Result]:
            async with self._lanes[plan.account.name].under_way:
                if self._cancelled or (problem and place in recorded):
                    why = problem or NOT_SENT
                    result = Result(names[place], plan, Outcome.REFUSED, plan.before, None, why)
                    if not problem and place in recorded:
                        await self.writer.record_unsent(result, self.id, self._reason(place))
                    results = [result]
                else:
                    results = await self._apply(place, names[place], on_step)
            for result in results:
                on_result(place, result)
            return results

        writes = [asyncio.ensure_future(one(*entry)) for entry in enumerate(self.plans)]
        try:
            found = await asyncio.gather(*writes)
        except Exception:
            # Whoever is told of a result failed at it: the other writes are waited for as well.
            await asyncio.gather(*writes, return_exceptions=True)
            raise
        first = [results[0] for results in found]
        return [*first, *(result for results in found for result in results[1:])]

    def _lane_of(self, account: Account) -> _Lane:
        pace = self.writer.workspace.pace(account)
        is_spaced = bool(pace.writes_per_second)
        at_once = max(0 if is_spaced else pace.widest, _LEAST_AT_ONCE)
        return _Lane(at_once, is_spaced=is_spaced, wanted=lambda: not self._cancelled)

    @property
    def _is_several(self) -> bool:
        return len(self.plans) > 1 if self.several is None else self.several

    def _reason(self, place: int) -> str:
        return self.reasons[place] if self.reasons else self.reason

    def _to_record(self, names: Sequence[str]) -> dict[int, Operation]:
        """Return, by place, the records of what may be sent; a lone one needs none beforehand."""
        found: dict[int, Operation] = {}
        for place, plan in enumerate(self.plans):
            reason = self._reason(place)
            refused = self.writer.refusal(plan, self.consent, reason, several=self._is_several)
            if refused is None and plan.is_needed:
                found[place] = intention_of(
                    plan,
                    plan.before,
                    operation=names[place],
                    batch=self.id,
                    reason=reason,
                    writer=self.writer,
                )
        return found if len(found) > 1 else {}

    async def _record(self, planned: Sequence[Operation]) -> str:
        """Record what waits for its turn; return why nothing may be sent, or nothing."""
        try:
            if self.resumes and self.consent.given:
                await asyncio.to_thread(self.writer.journal.take_over, self.resumes)
            if not planned:
                return ""
            await asyncio.to_thread(self.writer.journal.plan, planned)
        except JournalError as error:
            return f"not sent, since it cannot be recorded: {error}"
        self.is_recorded = True
        return ""

    async def _apply(self, place: int, operation: str, on_step: Step) -> list[Result]:
        plan = self.plans[place]
        more: _Options = {
            "reason": self._reason(place),
            "batch": self.id,
            "operation": operation,
            "several": self._is_several,
            "on_step": on_step,
            "lane": self._lanes[plan.account.name],
        }
        try:
            if plan.action is Action.BUY:
                return await self.writer.buy(plan, self.consent, **more)
            return [await self.writer.apply(plan, self.consent, **more)]
        except Exception as error:  # noqa: BLE001 - one write must not end the others
            result = await self._failed(plan, operation, error)
            await self.writer.record_unsent(result, self.id, self._reason(place))
            return [result]

    async def _failed(self, plan: Plan, operation: str, error: Exception) -> Result:
        """Return the result of a plan at which the program itself failed, by its record."""
        why = f"the program failed: {type(error).__name__}: {error}"
        try:
            kept = await asyncio.to_thread(self.writer.journal.get, operation)
        except JournalError:
            kept = None
        outcome = Outcome.UNKNOWN if kept is not None and kept.begun else Outcome.FAILED
        return Result(operation, plan, outcome, plan.before, None, why)


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
