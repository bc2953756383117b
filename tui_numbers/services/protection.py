"""Say why a write is forbidden: read-only, locked, without a reason, or not offered."""

from typing import TYPE_CHECKING

from tui_numbers.domain.accounts import Account
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.services.config_keys import LOCKED

if TYPE_CHECKING:
    from tui_numbers.providers.contract import ProviderInfo
    from tui_numbers.services.planning import Plan
    from tui_numbers.services.workspace import Workspace

RELEASED_ALONE = "releasing works on one number at a time"


def why_forbidden(
    workspace: "Workspace", plan: "Plan", reason: str, *, several: bool
) -> str | None:
    """Say why the rules forbid a write whoever agrees to it, or None.

    ``several`` tells whether the write is one of several numbers.
    """
    # Only a write asks, and the first frame makes none.
    from tui_numbers.domain.operations import Action

    account = plan.account
    protected = why_read_only(account, everything=workspace.read_only) or plan.refusal
    if protected is not None:
        return protected
    if plan.number in workspace.locks and (several or plan.action is Action.RELEASE):
        what = "released" if plan.action is Action.RELEASE else "changed among several"
        return f"locked: the configuration says that {plan.number} is never {what}"
    if several and plan.action is Action.RELEASE:
        return RELEASED_ALONE
    if account.require_reason and not reason.strip():
        return f"account {account.name} requires a reason (--reason)"
    return None


def why_read_only(account: Account | None, *, everything: bool) -> str | None:
    """Say why nothing is written to an account, or None; ``everything`` is --read-only."""
    if everything:
        return "read-only: started with --read-only"
    if account is not None and account.read_only:
        return f"read-only: account {account.name} says read_only = true"
    return None


def lock_warnings(locks: frozenset[E164], plan: "Plan") -> tuple[str, ...]:
    """Warn of a number that the configuration locks: alone, it may still be changed."""
    from tui_numbers.domain.operations import Action

    if plan.number not in locks or plan.action is Action.RELEASE:
        return ()
    return (f"the number is locked: {LOCKED}",)


def release_refusal(account: Account, info: "ProviderInfo") -> str | None:
    """Say why an account releases nothing, or None."""
    if not info.release.offered:
        return f"not offered: {info.release.reason}"
    other = bought_for(account, info)
    if not other:
        return None
    return (
        f"{info.acts_for} is set, so a release means a number of {other}, and this key lists none "
        f"of those: add an account with the key of {other}"
    )


def kept_from_release(number: OwnedNumber) -> str | None:
    """Say why the provider itself lets nobody release a number, as its record tells, or None."""
    reason = number.told.get("kept")
    return None if reason is None else f"kept by the provider: {reason}"


def bought_for(account: Account, info: "ProviderInfo") -> str:
    """Return the other account for which an account buys and releases, or nothing."""
    return account.fields.get(info.acts_for, "") if info.acts_for else ""


def elsewhere(other: str) -> str:
    """Say why what was bought for another account cannot be read."""
    return f"it is for {other}, whose numbers this account's key does not list"
