"""Judge what a reading proves about a write, at the read-back and when it is settled later."""

from dataclasses import dataclass
from enum import Enum

from tui_numbers.domain.changes import CLEAR, Change, Edit, Set
from tui_numbers.domain.numbers import NOT_KNOWN, OwnedNumber, Stored, Target, Undisclosed
from tui_numbers.domain.operations import Action, Asked, Operation, Outcome
from tui_numbers.providers.contract import (
    OrderState,
    OrderStatus,
    Provider,
    ProviderInfo,
)
from tui_numbers.providers.errors import ProviderError
from tui_numbers.providers.pacing import Timing
from tui_numbers.services.planning import Plan

NOT_DONE = "read again later: it was not done"
"""The reason of a failure that only a later reading tells of, which may prove wrong."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome with the reason for it, where it is not the one hoped for."""

    outcome: Outcome
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What a write asked for, as its plan or its record tells."""

    action: Action
    before: OwnedNumber | None
    """The number just before the write; None where it was not owned."""
    asked: Asked
    info: ProviderInfo | None
    """None where the provider is not in use any more."""
    reference: str | None = None
    """The provider's order, where a purchase left one."""

    @classmethod
    def of_plan(
        cls, plan: Plan, before: OwnedNumber | None, reference: str | None = None
    ) -> "Request":
        """Return what a plan asks for; ``before`` is the number just before it is sent."""
        asked = Asked(plan.change, plan.target, plan.channel)
        return cls(plan.action, before, asked, plan.info, reference)

    @classmethod
    def of_record(cls, operation: Operation, info: ProviderInfo | None) -> "Request | None":
        """Return what a recorded operation asked for; None where its record does not say."""
        asked = asked_of(operation)
        if asked is None:
            if operation.action not in (Action.BUY, Action.RELEASE):
                return None
            asked = Asked(Change({}))
        return cls(operation.action, operation.before, asked, info, operation.reference)


def asked_of(operation: Operation) -> Asked | None:
    """Return what an operation asked for.

    A record of an earlier version tells it only by the state that was requested.
    """
    requested = operation.requested
    if operation.asked is not None or requested is None:
        return operation.asked
    if any(key not in requested.settings for key in operation.keys):
        return None
    edits: dict[str, Edit] = {}
    for key in operation.keys:
        value = requested.settings[key]
        if isinstance(value, Undisclosed):
            return None
        edits[key] = CLEAR if value is None else Set(value)
    return Asked(Change(edits)) if edits else None


class Shows(Enum):
    """What a reading shows of what was asked."""

    AS_ASKED = "as asked"
    AS_BEFORE = "as it was before"
    OTHERWISE = "something else"
    NOT_TOLD = "what the provider does not tell"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a reading shows, with the words for it."""

    shows: Shows
    reason: str = ""


def judge(request: Request, observed: OwnedNumber | None, *, later: bool = False) -> Evidence:
    """Compare what was read with what was asked; ``observed`` is None where it is not owned.

    A read-back also finds what moved and nobody asked for; ``later``, that may be the work of
    somebody else.
    """
    if request.action is Action.BUY:
        return _judge_purchase(request, observed)
    if request.action is Action.RELEASE:
        if observed is None:
            return Evidence(Shows.AS_ASKED)
        return Evidence(Shows.AS_BEFORE, "the account still shows the number")
    if observed is None:
        return Evidence(Shows.OTHERWISE, "the account does not show the number any more")
    if request.before is None:
        return Evidence(Shows.NOT_TOLD, "the record does not say what the number was before")
    return _judge_change(request, request.before, observed, later=later)


def judge_record(
    operation: Operation, observed: OwnedNumber | None, info: ProviderInfo | None
) -> Evidence:
    """Say what the number as it reads now shows of what was asked; None means not owned."""
    request = Request.of_record(operation, info)
    if request is None:
        return Evidence(Shows.NOT_TOLD, "the record does not say what was asked")
    return judge(request, observed, later=True)


def after_sending(
    plan: Plan,
    before: OwnedNumber | None,
    observed: OwnedNumber | None,
    reference: str | None = None,
) -> Verdict:
    """Say what a read-back proves of a write that the provider accepted.

    ``reference`` is the order that a purchase left.
    """
    evidence = judge(Request.of_plan(plan, before, reference), observed)
    match evidence.shows:
        case Shows.AS_ASKED:
            return Verdict(Outcome.VERIFIED)
        case Shows.NOT_TOLD:
            return Verdict(Outcome.UNKNOWN, f"accepted, but {evidence.reason}: not verified")
        case Shows.AS_BEFORE if plan.action is Action.BUY:
            listed = evidence.reason if observed is not None else "not listed yet"
            return Verdict(Outcome.PENDING, f"accepted, and {listed}{_unpointed(plan)}")
        case _:
            held = plan.action is not Action.RELEASE and observed is not None
            return Verdict(
                Outcome.DIFFERENT, f"{'' if held else 'accepted, but '}{evidence.reason}"
            )


def unobserved(plan: Plan, lost: ProviderError | None, why: str) -> Verdict:
    """Say what is known of a write that no reading shows; ``lost`` is why it has no answer."""
    if lost is not None:
        return Verdict(Outcome.UNKNOWN, f"{lost}; and {why}")
    if plan.action is Action.BUY:
        return Verdict(Outcome.PENDING, f"accepted, but {why}{_unpointed(plan)}")
    return Verdict(Outcome.UNKNOWN, f"accepted, but {why}")


def after_loss(plan: Plan, lost: ProviderError, verdict: Verdict) -> Verdict:
    """Say what a read-back proves of a write whose request brought no good answer."""
    if not lost.may_have_applied:
        if verdict.outcome is not Outcome.VERIFIED:
            return Verdict(Outcome.FAILED, str(lost))
        held = "does not hold" if plan.action is Action.RELEASE else "holds"
        return Verdict(
            Outcome.VERIFIED, f"{lost.message}; but {plan.account.name} {held} the number"
        )
    if verdict.outcome is not Outcome.VERIFIED:
        return Verdict(Outcome.UNKNOWN, f"{lost}; the read-back does not show it")
    return verdict


def _unpointed(plan: Plan) -> str:
    """Say of a purchase that is not listed that its target waits; empty where it has none."""
    waits = plan.info.points_afterwards(plan.target)
    return "; retarget it once it is listed, since it points nowhere until then" if waits else ""


def after_settling(operation: Operation, evidence: Evidence) -> Verdict:
    """Say what a later reading proves of an operation whose request can arrive no more."""
    was = operation.outcome or Outcome.UNKNOWN
    match evidence.shows:
        case Shows.AS_ASKED:
            return Verdict(Outcome.VERIFIED)
        case Shows.NOT_TOLD:
            return Verdict(was, f"{evidence.reason}: it cannot be settled by reading")
        case Shows.AS_BEFORE if was is Outcome.UNKNOWN:
            return Verdict(Outcome.FAILED, NOT_DONE)
        case Shows.OTHERWISE if was.is_open:
            return Verdict(Outcome.DIFFERENT, f"read again later: {evidence.reason}")
        case _:
            return Verdict(was, operation.error)


def _judge_purchase(request: Request, observed: OwnedNumber | None) -> Evidence:
    """Check where a number points whose purchase itself named the target."""
    if observed is None:
        return Evidence(Shows.AS_BEFORE, "the account does not show the number")
    if request.reference is not None and observed.status == "pending":
        # What an order lists before it is done may still be refused.
        word = observed.told.get("status", "pending")
        return Evidence(Shows.AS_BEFORE, f"listed as {word} so far")
    target, info = request.asked.target, request.info
    if target is None or info is None or info.points_afterwards(target):
        return Evidence(Shows.AS_ASKED)
    for spec in info.target_settings:
        value, wanted = observed.settings.get(spec.key), spec.text_of(target)
        if target.kind in spec.target_kinds and (value == wanted or may_be(value, wanted)):
            return Evidence(Shows.AS_ASKED)
    told = ", ".join(target.text for target in observed.routing.values() if target) or "nowhere"
    return Evidence(Shows.OTHERWISE, f"bought, but it points at {told}")


def _judge_change(
    request: Request, before: OwnedNumber, observed: OwnedNumber, *, later: bool
) -> Evidence:
    asked = request.asked
    wrong = differences(asked.change, before, observed, request.info, only_asked=later)
    if not wrong and asked.channel is not None and asked.target is not None:
        shown = observed.routing.get(asked.channel)
        if shown != asked.target and not isinstance(shown, Undisclosed):
            wrong = [f"{asked.channel.goes} to {shown.text if shown is not None else 'nowhere'}"]
    if wrong:
        old = before.same_delivery(observed)
        return Evidence(Shows.AS_BEFORE if old else Shows.OTHERWISE, "; ".join(wrong))
    hidden = _untold(asked.change, observed, request.info)
    if asked.channel is not None and observed.routing.get(asked.channel) == NOT_KNOWN:
        hidden.append(f"where {asked.channel.goes}")
    if hidden:
        return Evidence(Shows.NOT_TOLD, f"the provider does not show {', '.join(hidden)}")
    return Evidence(Shows.AS_ASKED)


def differences(
    change: Change,
    before: OwnedNumber,
    observed: OwnedNumber,
    info: ProviderInfo | None,
    *,
    only_asked: bool = False,
) -> list[str]:
    """Name every readable setting that is not as it should be, asked for or not."""
    should = change.applied_to(before.settings)
    lines = []
    for key, value in observed.settings.items():
        wanted = should.get(key)
        if value == wanted or may_be(value, wanted):
            continue
        if only_asked and key not in change.edits:
            continue
        asked = "" if key in change.edits else ", which nobody asked for"
        label = setting_label(info, key)
        lines.append(f"{label}: {value or 'empty'} instead of {wanted or 'empty'}{asked}")
    return lines


def setting_label(info: ProviderInfo | None, key: str) -> str:
    """Return what forms call a setting; its key where the provider declares it no more."""
    spec = info.setting(key) if info is not None else None
    return key if spec is None else spec.label


def stored_words(value: Stored, number: OwnedNumber) -> str:
    """Say what a setting of a number holds: a target by its name, where the number has that."""
    for target in number.routing.values():
        if isinstance(target, Target) and target.label and target.text == value:
            return f"{target.kind} {target.label}"
    return str(value or "empty")


def may_be(shown: Stored, wanted: Stored) -> bool:
    """Tell whether what is not shown of a target, or only its kind, may be what is wanted."""
    if not isinstance(shown, Undisclosed) or isinstance(wanted, Undisclosed):
        return False
    return shown.may_be(wanted)


def _untold(change: Change, observed: OwnedNumber, info: ProviderInfo | None) -> list[str]:
    hidden = []
    for key, edit in change.edits.items():
        spec = info.setting(key) if info is not None else None
        if (
            key not in observed.settings
            or (spec is not None and not spec.readable)
            or (isinstance(edit, Set) and may_be(observed.settings[key], edit.value))
        ):
            hidden.append(key)
    return hidden


def moved(before: OwnedNumber, now: OwnedNumber, info: ProviderInfo) -> list[str]:
    """Name what differs between what a user saw and what is there now."""
    lines = [
        f"{setting_label(info, key)}: was {stored_words(before.settings.get(key), before)}, "
        f"is {stored_words(now.settings.get(key), now)}"
        for key in now.settings
        if now.settings.get(key) != before.settings.get(key)
    ]
    for channel, target in now.routing.items():
        was = before.routing.get(channel)
        if was != target and not lines:
            lines.append(
                f"{channel.words} went to {was.text if was else 'nowhere'}, "
                f"now to {target.text if target else 'nowhere'}"
            )
    return lines


_WAITS = (0.0, 0.3, 0.7, 1.0, 2.0, 3.0, 3.0)
"""Seconds before each read-back: ten in all."""
_MAY_COME = frozenset({Outcome.DIFFERENT, Outcome.PENDING})
"""What the next reading may improve."""
_PATIENCE = 10.0
"""Seconds after which no further read-back begins, since one alone may wait for minutes."""


async def read_back(
    client: Provider,
    plan: Plan,
    before: OwnedNumber | None,
    timing: Timing,
    *,
    patient: bool = True,
    reference: str | None = None,
) -> tuple[Verdict | None, OwnedNumber | None, str]:
    """Read until the number shows what was asked, for ten seconds at most, or once.

    ``before`` is the number just before the write, None where it was not owned. Where a purchase
    left an order, its ``reference``, the order is asked as well.

    Returns:
        The verdict on the last reading and that reading; a verdict of None with the reason, where
        there is no reading at all.
    """
    verdict: Verdict | None = None
    observed: OwnedNumber | None = None
    failure = ""
    started = timing.now()
    for wait in _WAITS if patient else _WAITS[:1]:
        if timing.now() - started > _PATIENCE:
            break
        if wait:
            await timing.sleep(wait)
        try:
            observed = await client.find(plan.number, before)
        except ProviderError as error:
            failure = error.message
            continue
        verdict = after_sending(plan, before, observed, reference)
        if reference is not None and verdict.outcome is Outcome.PENDING:
            verdict = await _as_ordered(client, reference, verdict)
        if verdict.outcome not in _MAY_COME:
            break
    return verdict, observed, failure


async def _as_ordered(client: Provider, reference: str, verdict: Verdict) -> Verdict:
    """Return the verdict on a purchase that is not listed yet, once its order was asked."""
    try:
        state = await client.order(reference)
    except ProviderError as error:
        return Verdict(verdict.outcome, f"{verdict.reason}; order {reference}: {error.message}")
    return after_ordering(reference, state, verdict.reason)


def after_ordering(reference: str, state: OrderState, reason: str | None) -> Verdict:
    """Say what an order tells of a purchase that is not listed; ``reason`` is why it waits."""
    said = f"order {reference}"
    said += f": {state.words}" if state.words else f" is {state.status}"
    if state.status is OrderStatus.FAILED:
        return Verdict(Outcome.FAILED, f"nothing was bought: {said}")
    return Verdict(Outcome.PENDING, f"{reason}; {said}" if reason else said)
