"""What is never written, whoever agrees to it; asked by the rules of a write alone."""

from tui_numbers.domain.operations import Action
from tui_numbers.services.planning import Plan
from tui_numbers.services.workspace import Workspace

LOCKED = "never changed together with others, never released from here"
"""What a lock means."""


def lock_warnings(workspace: Workspace, plan: Plan) -> tuple[str, ...]:
    """Warn of a number that the configuration locks: alone, it may still be changed."""
    if plan.number not in workspace.locks or plan.action is Action.RELEASE:
        return ()
    return (f"the number is locked: {LOCKED}",)


def forbidden(workspace: Workspace, plan: Plan, reason: str, *, several: bool) -> str | None:
    """Say why the rules forbid a write, or None."""
    account = plan.account
    if workspace.read_only:
        return "read-only: started with --read-only"
    if account.read_only:
        return f"read-only: account {account.name} says read_only = true"
    if plan.refusal is not None:
        return plan.refusal
    if plan.number in workspace.locks and (several or plan.action is Action.RELEASE):
        what = "released" if plan.action is Action.RELEASE else "changed among several"
        return f"locked: the configuration says that {plan.number} is never {what}"
    if several and plan.action is Action.RELEASE:
        return "releasing works on one number at a time"
    if account.require_reason and not reason.strip():
        return f"account {account.name} requires a reason (--reason)"
    return None
