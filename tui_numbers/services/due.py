"""Carry out the ends of temporary changes that are due, each once, by the rules of a write."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tui_numbers.domain.operations import JournalError, Operation, Outcome
from tui_numbers.domain.temporary import Closing, End, EndState, zoned_words
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.batch import Batch
from tui_numbers.services.planning import Consent, Plan, Result, Step
from tui_numbers.services.settling import (
    OVERTAKEN,
    describe_open,
    failed_by_reading,
    is_open,
    settle,
)
from tui_numbers.services.undo import CannotUndo, can_be_undone, operations_on, prepare_undo
from tui_numbers.services.writes import Writer, new_identifier

LATE = timedelta(minutes=1)
"""How much later than due an end is told as late."""
PAUSE = 15.0
"""Seconds after which a runner that stays looks again."""
_AT_ONCE = 8
_NONE = timedelta(0)
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(minutes=5)

IN_DEMO = "the demo forgets its ends when it is left"
NEEDS_RUNNER = (
    "nothing is put back unless something runs: due --run (cron), due --watch, or a dashboard "
    "that is open"
)


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of one end that was due."""

    end: End
    result: Result | None = None
    """None where nothing could be planned, or it was done already."""
    note: str | None = None
    is_conflict: bool = False
    is_done: bool = False


class _Stopped(Exception):
    """An end cannot be carried out now; the text says why."""

    def __init__(self, why: str, *, conflict: bool = False, done: bool = False) -> None:
        super().__init__(why)
        self.conflict = conflict
        self.done = done


@dataclass
class Runner:
    """Puts back what is due; several may run over one journal, on one machine or on several."""

    writer: Writer
    claim: str = field(default_factory=new_identifier)

    @property
    def accounts(self) -> list[str]:
        """The accounts in use whose numbers may be written to."""
        workspace = self.writer.workspace
        if workspace.read_only:
            return []
        return [account.name for account in workspace.accounts if not account.read_only]

    async def run(self, on_step: Step = lambda plan, step: None) -> list[Carried]:
        """Claim what is due and put it back.

        Raises:
            JournalError: The journal cannot be used.
        """
        journal = self.writer.journal
        ends = await asyncio.to_thread(journal.claim_due, self.claim, self.accounts)
        if not ends:
            return []
        open_claims = {end.operation: end for end in ends}
        try:
            return await self._carry_out(ends, open_claims, on_step)
        finally:
            # Whatever ends this early leaves its claims to the next runner.
            for end in open_claims.values():
                with contextlib.suppress(JournalError):
                    journal.give_back(end, self.claim, None, conflict=False)

    async def _carry_out(
        self, ends: Sequence[End], open_claims: dict[str, End], on_step: Step
    ) -> list[Carried]:
        turns = asyncio.Semaphore(_AT_ONCE)

        async def planned(end: End) -> Plan | _Stopped:
            async with turns:
                try:
                    return await self._plan(end)
                except _Stopped as stopped:
                    return stopped

        prepared = list(zip(ends, await asyncio.gather(*map(planned, ends)), strict=True))
        plans = [(end, plan) for end, plan in prepared if isinstance(plan, Plan)]
        results = await self._send(plans, on_step)
        carried = []
        for end, plan in prepared:
            result = results.get(end.operation)
            if isinstance(plan, _Stopped):
                told = Carried(end, None, str(plan), plan.conflict, plan.done)
            else:
                assert result is not None
                told = await self._judge(end, result)
            await self._record(told)
            del open_claims[end.operation]
            carried.append(told)
        return carried

    async def _plan(self, end: End) -> Plan:
        """Read the number afresh and plan to put it back.

        Raises:
            _Stopped: It is done already, cannot be done now, or not without a person.
        """
        await self._settle_attempt(end)
        operations = await self._to_put_back(end)
        await self._settle_others(end)
        try:
            plan = await prepare_undo(
                self.writer.workspace, *operations, skew=self.writer.journal.clock_skew
            )
        except CannotUndo as error:
            raise _Stopped(str(error), conflict=True) from None
        except ProviderError as error:
            raise _Stopped(f"not sent: {error}") from None
        return replace(
            plan,
            replaces=plan.replaces | set(end.puts_back),
            ends=(end,),
            claim=self.claim,
        )

    async def _settle_attempt(self, end: End) -> None:
        """Find out what an earlier attempt came to, so that nothing is sent twice."""
        if end.attempt is None:
            return
        attempt = await self._settled(end.attempt)
        if attempt is None or not attempt.begun:
            return
        if attempt.outcome in (Outcome.VERIFIED, Outcome.UNCHANGED):
            raise _Stopped("it was put back before", done=True)
        if attempt.outcome is Outcome.FAILED and not failed_by_reading(attempt):
            raise _Stopped(f"it was refused: {attempt.error}", conflict=True)
        if attempt.outcome is not Outcome.FAILED:
            state = attempt.outcome or "under way"
            raise _Stopped(f"an earlier attempt to put it back is {state}: {attempt.error or ''}")

    async def _to_put_back(self, end: End) -> list[Operation]:
        """Return the operations that an end undoes, newest first, without those of no effect."""
        found = []
        for identifier in end.puts_back:
            operation = await self._settled(identifier)
            if operation is not None and (operation.outcome is None or is_open(operation)):
                raise _Stopped("whether the change itself was made is not known yet")
            if operation is not None and can_be_undone(operation):
                found.append(operation)
        if not found:
            # Its end is open again should it prove to have been made after all.
            raise _Stopped("the change was not made: there is nothing to put back")
        return found

    async def _settle_others(self, end: End) -> None:
        """Find out what else was left open on the number: nothing is sent over it unseen."""
        journal = self.writer.journal
        done = await asyncio.to_thread(operations_on, journal, end.account, end.number)
        for one in filter(is_open, done):
            found = await self._settled(one.id)
            if found is not None and is_open(found):
                raise _Stopped(f"not sent: {describe_open(found)}; settle it")

    async def _settled(self, identifier: str) -> Operation | None:
        """Return an operation as it stands, read again where its outcome is open."""
        journal = self.writer.journal
        operation = await asyncio.to_thread(journal.get, identifier)
        if operation is None or not is_open(operation):
            return operation
        why = await settle(self.writer.workspace, journal, operation)
        found = await asyncio.to_thread(journal.get, identifier)
        if found is not None and is_open(found) and why not in (None, OVERTAKEN):
            found = replace(found, error=why)
        return found

    async def _send(self, plans: Sequence[tuple[End, Plan]], on_step: Step) -> dict[str, Result]:
        """Send the plans at once, each as a write of its own; return the results by operation."""
        production = frozenset(plan.account.name for _, plan in plans)
        over = frozenset(one for end, _ in plans for one in end.puts_back)
        batch = Batch(
            self.writer,
            [plan for _, plan in plans],
            # That it is put back was agreed to with the change itself.
            Consent(given=True, production=production, over=over),
            several=False,
            reasons=[reason_words(end, self.writer.journal.now()) for end, _ in plans],
        )
        results = await batch.run(on_step=on_step) if plans else []
        return {end.operation: result for (end, _), result in zip(plans, results, strict=True)}

    async def _judge(self, end: End, result: Result) -> Carried:
        done = result.outcome in (Outcome.VERIFIED, Outcome.UNCHANGED)
        conflict = result.outcome is Outcome.DIFFERENT
        if result.outcome is Outcome.FAILED:
            kept = await asyncio.to_thread(self.writer.journal.get, result.operation)
            # A refusal by the provider is for a person: requests are not repeated by machine.
            conflict = kept is not None and kept.begun
        note = result.error
        if done:
            note = late_words(end, self.writer.journal.now())
        return Carried(end, result, note, conflict, done)

    async def _record(self, carried: Carried) -> None:
        journal, end = self.writer.journal, carried.end
        if carried.is_done:
            arguments = ([end.operation], Closing.DONE, self.writer.actor, self.claim)
            await asyncio.to_thread(journal.close_ends, *arguments)
        else:
            await asyncio.to_thread(
                journal.give_back, end, self.claim, carried.note, conflict=carried.is_conflict
            )


@dataclass
class Rounds:
    """Decides when a runner that stays tries again, ever more seldom where it cannot."""

    runner: Runner
    _failed: frozenset[str] = frozenset()
    _again: datetime | None = None
    _pause: timedelta = timedelta(0)

    async def run(self, on_step: Step = lambda plan, step: None) -> list[Carried]:
        """Carry out what is due, unless all of that failed just before.

        Raises:
            JournalError: The journal cannot be used.
        """
        journal = self.runner.writer.journal
        ends, usable = await asyncio.to_thread(journal.ends), self.runner.accounts
        now = journal.now()
        due = {
            end.operation
            for end in ends
            if end.is_overdue(now) and end.state is not EndState.CONFLICT and end.account in usable
        }
        waits = self._again is not None and now < self._again
        if not due or (waits and due <= self._failed):
            return []
        carried = await self.runner.run(on_step)
        failed = frozenset(
            one.end.operation for one in carried if not (one.is_done or one.is_conflict)
        )
        self._pause = min(_LONGEST_PAUSE, max(_FIRST_PAUSE, 2 * self._pause)) if failed else _NONE
        self._failed, self._again = failed, now + self._pause
        return carried


def late_words(end: End, now: datetime) -> str | None:
    """Say that an end is carried out late, ``due 07:00, put back 07:12``, or None."""
    if now - end.until < LATE:
        return None
    return f"due {zoned_words(end.until)}, put back {zoned_words(now)}"


def reason_words(end: End, now: datetime) -> str:
    """Return the reason that History keeps of putting a number back."""
    when = late_words(end, now) or f"due {zoned_words(end.until)}"
    route = f" of route {end.route}" if end.route else ""
    return f"end of the temporary change{route} {end.operation}: {when}"
