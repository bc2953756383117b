"""What the journal records of a plan before anything is sent, and where nothing is."""

from dataclasses import replace

from tui_numbers.domain import clock
from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.domain.operations import Actor, Asked, Operation, Outcome
from tui_numbers.domain.text import clean
from tui_numbers.services.planning import Plan
from tui_numbers.services.results import Result

_UNSENT = frozenset({Outcome.REFUSED, Outcome.UNCHANGED, Outcome.FAILED})


def intention_of(
    plan: Plan,
    before: OwnedNumber | None,
    *,
    operation: str,
    batch: str,
    reason: str,
    actor: Actor,
) -> Operation:
    """Return the record of a plan that is about to be carried out, or that waits for its turn.

    ``before`` is the number as it was read afresh, or as the user saw it while the plan waits.
    """
    told = plan.change or plan.target is not None
    asked = Asked(plan.change, plan.target, plan.channel) if told else None
    return Operation(
        id=operation,
        batch=batch,
        started_at=clock.now(),
        finished_at=None,
        actor=actor,
        account=plan.account.name,
        provider=plan.info.key,
        number=plan.number,
        action=plan.action,
        reason=clean(reason),
        before=before,
        after=plan.after,
        seen=None,
        outcome=None,
        error=None,
        undoes=plan.undoes,
        keys=tuple(plan.change.edits),
        asked=asked,
    )


def unsent_of(result: Result, *, batch: str, reason: str, actor: Actor) -> Operation | None:
    """Return the record of a confirmed attempt that may have ended without a request.

    None where it surely was sent, and where there was nothing to do, which is no attempt.
    """
    plan, outcome = result.plan, result.outcome
    if outcome not in _UNSENT or (outcome is Outcome.UNCHANGED and not plan.is_needed):
        return None
    intention = intention_of(
        plan, result.before, operation=result.operation, batch=batch, reason=reason, actor=actor
    )
    seen = result.current or result.after
    return replace(intention, begun=False, outcome=outcome, error=result.error, seen=seen)
