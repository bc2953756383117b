"""Apply writes under the rules that nothing bypasses; the only caller of a provider's writes."""

import asyncio
import contextlib
import getpass
import os
import secrets
import socket
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field, replace

from tui_numbers.domain import clock
from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.domain.operations import (
    TURN_SECONDS,
    Action,
    Actor,
    Asked,
    JournalError,
    Operation,
    Outcome,
    Overtaken,
)
from tui_numbers.domain.temporary import Closing
from tui_numbers.domain.text import clean
from tui_numbers.providers.contract import Provider
from tui_numbers.providers.errors import NotFound, ProviderError, Rejected
from tui_numbers.providers.http import leaving_within
from tui_numbers.services.planning import (
    Consent,
    Plan,
    Result,
    Step,
    plan_retarget,
)
from tui_numbers.services.protection import (
    bought_for,
    elsewhere,
    kept_from_release,
    why_forbidden,
)
from tui_numbers.services.routing import decided_elsewhere, delivers, labels_of
from tui_numbers.services.settling import not_agreed_to, unsettled_on
from tui_numbers.services.temporary import over_ends, why_without_end
from tui_numbers.services.verdict import Verdict, after_loss, moved, read_back, unobserved
from tui_numbers.services.workspace import Workspace
from tui_numbers.storage.journal import Journal

NOT_CONFIRMED = "not confirmed"
NOT_SENT = "not sent: the rest was cancelled"
FRESH_SECONDS = 3.0
"""How long a write may wait for its turn after its fresh reading; then it is read again."""

_NOT_BEGUN = "not sent: it was broken off before"
_CANCELLED = "it was broken off before the provider's answer was recorded"
_UNSENT = frozenset({Outcome.REFUSED, Outcome.UNCHANGED, Outcome.FAILED})


class Lane:
    """Lets a write be recorded and sent at once, and read back as soon as it is; others wait."""

    def turn(self) -> AbstractAsyncContextManager[bool]:
        """Hold a turn to record and send; it tells whether the write is still wanted by then."""
        return contextlib.nullcontext(True)

    async def others_sent(self) -> None:
        """Wait until reading back is due."""


AT_ONCE = Lane()


def new_identifier() -> str:
    """Return an opaque identifier that sorts by time."""
    return f"{int(clock.timestamp() * 1000):012x}{secrets.token_hex(4)}"


def current_actor(name: str | None = None) -> Actor:
    """Return who runs the program, and from where; ``name`` is what the person is called."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid()) if hasattr(os, "getuid") else "unknown"
    client = os.environ.get("SSH_CONNECTION", "").split(" ")[0]
    return Actor(clean(user), clean(socket.gethostname()), clean(client) or None, name)


@dataclass
class Writer:
    """Applies plans under the rules of a write, and records them."""

    workspace: Workspace
    journal: Journal
    actor: Actor = field(default_factory=current_actor)

    def refusal(self, plan: Plan, consent: Consent, reason: str, *, several: bool) -> str | None:
        """Say why the rules forbid this write, or None. Checked here, under every screen."""
        account = plan.account
        forbidden = self.forbidden(plan, reason, several=several)
        if forbidden is not None:
            return forbidden
        if not consent.given:
            return NOT_CONFIRMED
        if plan.action is Action.RELEASE and plan.number not in consent.released:
            return "not confirmed: the number was not typed again (--confirm NUMBER)"
        if account.production and account.name not in consent.production:
            return f"not confirmed: {account.name} is production (--confirm {account.name})"
        refusal = not_agreed_to(plan, plan.unsettled, consent)
        return refusal or over_ends(plan, plan.ends, consent).refusal

    def forbidden(self, plan: Plan, reason: str, *, several: bool) -> str | None:
        """Say why the rules forbid this write whoever agrees to it, or None."""
        return why_forbidden(self.workspace, plan, reason, several=several)

    def planned(self, plan: Plan, reason: str = "", *, several: bool = False) -> Result:
        """Return what a dry run says of a plan: what would happen if it were confirmed."""
        operation = new_identifier()
        forbidden = self.forbidden(plan, reason, several=several)
        if forbidden is not None:
            return Result(operation, plan, Outcome.REFUSED, plan.before, None, forbidden)
        return Result(operation, plan, Outcome.PLANNED, plan.before, None)

    async def apply(
        self,
        plan: Plan,
        consent: Consent,
        *,
        reason: str = "",
        batch: str | None = None,
        operation: str | None = None,
        several: bool = False,
        on_step: Step = lambda plan, step: None,
        lane: Lane = AT_ONCE,
    ) -> Result:
        """Carry out one plan under the rules of a write; never raises a ``ProviderError``.

        ``operation`` is its identifier where it was recorded before its turn.
        """
        operation = operation or new_identifier()
        batch = batch or operation
        refusal = self.refusal(plan, consent, reason, several=several)
        if refusal is None:
            write = _Write(self, plan, consent, operation, batch, reason, on_step, lane)
            result = await write.run()
            if plan.action is Action.UNDO and result.outcome is Outcome.UNCHANGED:
                await self._close_ends(plan)
        else:
            result = Result(operation, plan, Outcome.REFUSED, plan.before, None, refusal)
            if self.forbidden(plan, reason, several=several) is None or not consent.given:
                # Nobody confirmed it, so nothing was attempted.
                return result
        await self.record_unsent(result, batch, reason)
        return result

    async def _close_ends(self, plan: Plan) -> None:
        """Close the ends of what is back already, as far as the journal can be written."""
        back = [end.operation for end in plan.ends if plan.replaces.issuperset(end.puts_back)]
        if back:
            with contextlib.suppress(JournalError):
                await asyncio.to_thread(
                    self.journal.close_ends, back, Closing.DONE, self.actor, plan.claim
                )

    async def record_unsent(self, result: Result, batch: str, reason: str) -> None:
        """Record an attempt that came to nothing, as far as the journal can be written.

        Where it cannot, a planned one stays recorded as planned, which reads as not sent.
        """
        unsent = _unsent_record(result, batch=batch, reason=reason, writer=self)
        if unsent is not None:
            with contextlib.suppress(JournalError):
                await asyncio.to_thread(self.journal.end_unsent, unsent)

    async def buy(
        self,
        plan: Plan,
        consent: Consent,
        *,
        reason: str = "",
        batch: str | None = None,
        operation: str | None = None,
        several: bool = False,
        on_step: Step = lambda plan, step: None,
        lane: Lane = AT_ONCE,
    ) -> list[Result]:
        """Buy a number, then point it at its target where the purchase itself cannot."""
        batch = batch or new_identifier()
        bought = await self.apply(
            plan,
            consent,
            reason=reason,
            batch=batch,
            operation=operation,
            several=several,
            on_step=on_step,
            lane=lane,
        )
        results = [bought]
        afterwards = plan.info.points_afterwards(plan.target)
        # What an order lists before it is carried out may still be refused.
        held = bought.observed is not None and bought.outcome is not Outcome.PENDING
        if plan.target is not None and afterwards and held and bought.observed is not None:
            follow_up = plan_retarget(plan.account, plan.info, bought.observed, plan.target)
            pointed = await self.apply(
                follow_up, consent, reason=reason, batch=batch, several=several, on_step=on_step
            )
            results.append(pointed)
        return results


@dataclass
class _Write:
    """One operation under way."""

    writer: Writer
    plan: Plan
    consent: Consent
    operation: str
    batch: str
    reason: str
    on_step: Step
    lane: Lane = AT_ONCE
    reference: str | None = None
    """The provider's order, once a purchase left one."""
    read_at: float = 0.0
    """When the fresh reading came, by the clock of requests."""

    async def run(self) -> Result:
        plan, journal = self.plan, self.writer.journal
        fresh = plan.before
        async with AsyncExitStack() as turn:
            try:
                # What another process does to the number from here on is noticed by the mark.
                mark = await asyncio.to_thread(journal.mark, plan.account.name, plan.number)
                client = await self.writer.workspace.client(plan.account)
                fresh, stop = await self._read_afresh(client)
                if stop is None:
                    stop = await self._not_agreed_to(client, fresh)
                if stop is not None:
                    return stop
                is_wanted = await turn.enter_async_context(self.lane.turn())
                if is_wanted and self._is_old:
                    fresh, stop = await self._read_afresh(client)
                if stop is not None or not is_wanted:
                    return stop or self._ended(Outcome.REFUSED, fresh, None, NOT_SENT)
                await self._begin(fresh, mark)
            except ProviderError as error:
                return self._ended(Outcome.FAILED, plan.before, None, f"not sent: {error}")
            except Overtaken as error:
                return self._ended(Outcome.REFUSED, fresh, None, f"not sent: {error}")
            except JournalError as error:
                return self._ended(
                    Outcome.REFUSED, fresh, None, f"not sent, since it cannot be recorded: {error}"
                )
            return await self._send_and_record(client, fresh, turn)

    async def _read_afresh(self, client: Provider) -> tuple[OwnedNumber | None, Result | None]:
        """Return the number as it is now, and the result where there is nothing to send."""
        self.on_step(self.plan, "reading afresh")
        fresh = self._named(await client.find(self.plan.number, self.plan.before))
        self.read_at = self.writer.workspace.http.timing.now()
        return fresh, self._stop(fresh) or await self._decided_elsewhere(client, fresh)

    @property
    def _is_old(self) -> bool:
        return self.writer.workspace.http.timing.now() - self.read_at > FRESH_SECONDS

    async def _not_agreed_to(self, client: Provider, fresh: OwnedNumber | None) -> Result | None:
        """Return the result where what was confirmed says nothing of what stands now."""
        # The preview may be older than an operation that has been left open since.
        earlier = await asyncio.to_thread(unsettled_on, self.writer.journal, self.plan)
        refusal = not_agreed_to(self.plan, earlier, self.consent)
        refusal = refusal or await self._over_ends()
        if refusal is None and self.plan.until is not None:
            refusal = why_without_end(self.plan, client)
        return None if refusal is None else self._ended(Outcome.REFUSED, fresh, None, refusal)

    async def _over_ends(self) -> str | None:
        """Take the place of earlier ends of the number; return why nobody agreed to that."""
        plan = self.plan
        ends = await asyncio.to_thread(self.writer.journal.ends, plan.account.name, plan.number)
        over = over_ends(plan, ends, self.consent)
        self.plan = replace(plan, until=over.until, takes=over.takes)
        return over.refusal

    async def _begin(self, fresh: OwnedNumber | None, mark: int) -> None:
        """Record the intention; where this is broken off, that nothing came of it."""
        journal = self.writer.journal
        begun = asyncio.ensure_future(
            asyncio.to_thread(journal.begin, self._intention(fresh), mark, self.plan.claim)
        )
        try:
            await asyncio.shield(begun)
        except asyncio.CancelledError:
            # The record may stand by now, and what is under way keeps others from the number.
            await asyncio.wait([begun])
            if not begun.cancelled() and begun.exception() is None:
                with contextlib.suppress(JournalError):
                    journal.finish(self.operation, Outcome.FAILED, None, _NOT_BEGUN)
            raise

    def _stop(self, fresh: OwnedNumber | None) -> Result | None:
        """Return the result where there is nothing to send, or it must not be sent."""
        plan = self.plan
        if plan.action is Action.BUY:
            if fresh is None:
                return None
            return self._ended(
                Outcome.UNCHANGED, fresh, fresh, f"{plan.account.name} already holds this number"
            )
        if fresh is None:
            error = f"{plan.account.name} does not hold {plan.number} any more"
            return self._ended(Outcome.REFUSED, plan.before, None, error)
        assert plan.before is not None
        if not fresh.same_delivery(plan.before):
            error = "changed since it was shown: " + "; ".join(moved(plan.before, fresh, plan.info))
            refused = self._ended(Outcome.REFUSED, plan.before, None, error)
            return replace(refused, current=fresh)
        # What is shown may be older than the lock.
        kept = kept_from_release(fresh) if plan.action is Action.RELEASE else None
        if kept is not None:
            return self._ended(Outcome.REFUSED, fresh, None, kept)
        if not plan.is_needed:
            return self._ended(Outcome.UNCHANGED, fresh, fresh, None)
        return None

    async def _decided_elsewhere(
        self, client: Provider, fresh: OwnedNumber | None
    ) -> Result | None:
        """Return the refusal where the change would be accepted and reach no caller."""
        plan = self.plan
        if fresh is None or not delivers(plan.info, plan.change):
            return None
        told = await client.decided_elsewhere(fresh)
        refusal = decided_elsewhere(plan.info, told, plan.change)
        return None if refusal is None else self._ended(Outcome.REFUSED, fresh, None, refusal)

    async def _send_and_record(
        self, client: Provider, fresh: OwnedNumber | None, turn: AsyncExitStack
    ) -> Result:
        try:
            verdict, observed = await self._send(client, fresh, turn)
        except asyncio.CancelledError:
            # Nothing more can be awaited here, and the process may live on.
            with contextlib.suppress(JournalError):
                self.writer.journal.finish(
                    self.operation, Outcome.UNKNOWN, None, _CANCELLED, self.reference
                )
            raise
        except Exception as error:
            reason = f"the program failed ({type(error).__name__}) after the request may have left"
            await self._record(Verdict(Outcome.UNKNOWN, reason), None)
            raise
        unrecorded = await self._record(verdict, observed)
        notes = "; ".join(filter(None, (verdict.reason, unrecorded)))
        return self._ended(verdict.outcome, fresh, observed, notes or None)

    async def _send(
        self, client: Provider, fresh: OwnedNumber | None, turn: AsyncExitStack
    ) -> tuple[Verdict, OwnedNumber | None]:
        self.on_step(self.plan, "sending")
        lost: ProviderError | None = None
        timing = self.writer.workspace.http.timing
        try:
            async with turn:
                with leaving_within(TURN_SECONDS, timing):
                    await self._request(client, fresh)
        except ProviderError as error:
            if not error.may_have_applied and not self._may_be_done(error):
                return Verdict(Outcome.FAILED, str(error)), None
            lost = error
        else:
            self.on_step(self.plan, "sent")
        if self._elsewhere:
            return unobserved(self.plan, lost, elsewhere(self._elsewhere)), None
        await self.lane.others_sent()
        self.on_step(self.plan, "reading back")
        # Most refused purchases were not made, and are told without ten seconds of doubt.
        patient = lost is None or lost.may_have_applied or self.plan.action is Action.RELEASE
        verdict, read, why = await read_back(
            client, self.plan, fresh, timing, patient=patient, reference=self.reference
        )
        observed = self._named(read)
        if verdict is None:
            return unobserved(self.plan, lost, f"it cannot be read back: {why}"), None
        if lost is None:
            return verdict, observed
        return after_loss(self.plan, lost, verdict), observed

    @property
    def _elsewhere(self) -> str:
        """The other account for which a purchase is made, where no reading shows it."""
        plan = self.plan
        return bought_for(plan.account, plan.info) if plan.action is Action.BUY else ""

    def _may_be_done(self, refused: ProviderError) -> bool:
        """Tell whether a refusal may only mean that what was asked is so already.

        Somebody else was quicker, or a first answer was lost on its way and the request repeated.
        """
        once = self.plan.action in (Action.BUY, Action.RELEASE) and not self._elsewhere
        return once and isinstance(refused, NotFound | Rejected)

    def _named(self, number: OwnedNumber | None) -> OwnedNumber | None:
        """Return a number with the names that the plan has for its targets, for the record."""
        if number is None:
            return None
        known = (one for one in (self.plan.before, self.plan.requested) if one is not None)
        return labels_of(known).on(number)

    async def _request(self, client: Provider, fresh: OwnedNumber | None) -> None:
        plan = self.plan
        if plan.action is Action.BUY:
            assert plan.stock is not None
            purchase = await client.buy(plan.stock, plan.target, plan.extras)
            self.reference = purchase.reference
        elif plan.action is Action.RELEASE:
            assert fresh is not None
            await client.release(fresh)
        else:
            assert fresh is not None
            await client.update(fresh, plan.change)

    async def _record(self, verdict: Verdict, observed: OwnedNumber | None) -> str | None:
        """Record the outcome; return what to say where that fails."""
        journal = self.writer.journal
        try:
            await asyncio.to_thread(
                journal.finish,
                self.operation,
                verdict.outcome,
                observed,
                verdict.reason,
                self.reference,
            )
        except JournalError as error:
            return f"this outcome could not be recorded: {error}"
        return None

    def _intention(self, fresh: OwnedNumber | None) -> Operation:
        return intention_of(
            self.plan,
            fresh,
            operation=self.operation,
            batch=self.batch,
            reason=self.reason,
            writer=self.writer,
        )

    def _ended(
        self,
        outcome: Outcome,
        before: OwnedNumber | None,
        observed: OwnedNumber | None,
        error: str | None,
    ) -> Result:
        self.on_step(self.plan, outcome.value)
        return Result(self.operation, self.plan, outcome, before, observed, error)


def intention_of(
    plan: Plan,
    before: OwnedNumber | None,
    *,
    operation: str,
    batch: str,
    reason: str,
    writer: Writer,
) -> Operation:
    """Return the record of a plan that is about to be carried out, or that waits for its turn.

    ``before`` is the number as it was read afresh, or as the user saw it while the plan waits.
    The time is that of the journal, which other machines compare with theirs.
    """
    told = plan.change or plan.target is not None
    asked = Asked(plan.change, plan.target, plan.channel) if told else None
    return Operation(
        id=operation,
        batch=batch,
        started_at=clock.now() + writer.journal.clock_skew,
        finished_at=None,
        actor=writer.actor,
        account=plan.account.name,
        provider=plan.info.key,
        number=plan.number,
        action=plan.action,
        reason=clean(reason),
        before=before,
        requested=plan.requested,
        observed=None,
        outcome=None,
        error=None,
        undoes=plan.undoes,
        until=plan.until,
        route=plan.route,
        takes=plan.takes,
        keys=tuple(plan.change.edits),
        asked=asked,
    )


def _unsent_record(result: Result, *, batch: str, reason: str, writer: Writer) -> Operation | None:
    """Return the record of a confirmed attempt that may have ended without a request.

    None where it surely was sent, and where there was nothing to do, which is no attempt.
    """
    plan, outcome = result.plan, result.outcome
    if outcome not in _UNSENT or (outcome is Outcome.UNCHANGED and not plan.is_needed):
        return None
    intention = intention_of(
        plan, result.before, operation=result.operation, batch=batch, reason=reason, writer=writer
    )
    observed = result.current or result.observed
    return replace(intention, begun=False, outcome=outcome, error=result.error, observed=observed)
