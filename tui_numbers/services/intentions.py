"""What the journal records of a plan before anything is sent."""

from datetime import UTC, datetime

from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.domain.operations import Actor, Asked, Operation
from tui_numbers.domain.text import clean
from tui_numbers.services.planning import Plan


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
    asked = Asked(plan.change, plan.target, plan.channel) if plan.change else None
    return Operation(
        id=operation,
        batch=batch,
        started_at=datetime.now(UTC),
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
