"""Whether an action can be done now, and if not, why: one pure answer for keys and footer."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_numbers.domain.accounts import Account
from tui_numbers.domain.numbers import AvailableNumber, OwnedNumber
from tui_numbers.services.planning import release_refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_numbers.providers.contract import ProviderInfo


@dataclass(frozen=True, slots=True)
class Situation:
    """What the answer depends on."""

    view: str
    """``owned``, ``available`` or ``history``."""
    number: OwnedNumber | AvailableNumber | None = None
    """What is under the cursor."""
    account: Account | None = None
    info: "Callable[[], ProviderInfo] | None" = None
    """What the account's provider declares; asked for only where it matters."""
    read_only: bool = False
    marked: int = 0
    undoable: bool = False
    """Whether the operation under the cursor could be put back."""
    recorded: bool = False
    """Whether an operation is under the cursor."""
    unsettled: bool = False
    """Whether reading again may show that the operation under the cursor ended otherwise."""


_OWNED_ONLY = {"retarget", "edit", "release", "undo"}
_WRITES = {"retarget", "edit", "release", "undo", "buy", "resume", "undo_batch"}


def why_not(action: str, now: Situation) -> str | None:
    """Return why ``action`` cannot be done now, or None where it can."""
    if action in ("copy", "record", "buy") or action in _OWNED_ONLY:
        if action == "undo" and now.view == "history":
            nothing = None if now.undoable else "this operation has nothing to put back"
            return nothing or _protected(action, now)
        if now.number is None:
            return "no number is under the cursor"
        if action in _OWNED_ONLY and not isinstance(now.number, OwnedNumber):
            return "this number is not owned yet: b buys it"
        if action == "buy" and not isinstance(now.number, AvailableNumber):
            return "this number is owned already: 2 searches for others"
    if action in ("resume", "undo_batch") and not now.recorded:
        return "no batch is under the cursor: 3 shows the history"
    if action == "settle" and not now.unsettled:
        return "this operation is settled: its outcome is certain"
    return _not_offered(action, now) or _protected(action, now)


def _not_offered(action: str, now: Situation) -> str | None:
    if now.info is not None and action in ("buy", "release"):
        info = now.info()
        offer = info.buy if action == "buy" else info.release
        if not offer.offered:
            return offer.reason
        if action == "release" and now.account is not None:
            refusal = release_refusal(now.account, info)
            if refusal is not None:
                return refusal
    if action == "release" and now.marked:
        return "releasing works on one number at a time: take the marks away first (a, a)"
    return None


def _protected(action: str, now: Situation) -> str | None:
    if action not in _WRITES:
        return None
    if now.read_only:
        return "read-only: started with --read-only"
    if now.account is not None and now.account.read_only:
        return f"read-only: account {now.account.name} says read_only = true"
    return None
