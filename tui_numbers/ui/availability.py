"""Check whether an action can be taken on what is selected, and say why not."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_numbers.domain.accounts import Account
from tui_numbers.domain.numbers import AvailableNumber, OwnedNumber
from tui_numbers.services.protection import release_refusal, why_read_only

if TYPE_CHECKING:
    from tui_numbers.providers.contract import ProviderInfo


@dataclass(frozen=True, slots=True)
class Situation:
    """What the answer depends on."""

    view: str
    """Its id in ``VIEWS``."""
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
    route: bool = False
    """Whether a route is under the cursor."""
    batch: int = 0
    """How many operations the batch has that is under the cursor as one row."""
    unsettled: bool = False
    """Whether reading again may show that the operation under the cursor ended otherwise."""


Check = Callable[[Situation], str | None]
"""Returns why an action cannot be taken now, or None."""


def needs_number(now: Situation) -> str | None:
    """Refuse where the cursor is on no number."""
    if now.number is None and now.recorded:
        return "a line of the history is under the cursor: 1 shows the numbers"
    return "no number is under the cursor" if now.number is None else None


def needs_owned(now: Situation) -> str | None:
    """Refuse where the cursor is on no number that is owned."""
    if now.number is not None and not isinstance(now.number, OwnedNumber):
        return "this number is not owned yet: b buys it"
    if now.view == "targets" and now.number is None:
        return "the calls of no number go there"
    return needs_number(now)


def needs_stock(now: Situation) -> str | None:
    """Refuse where the cursor is on no number that can be bought."""
    if now.number is not None and not isinstance(now.number, AvailableNumber):
        return "this number is owned already: 2 searches for others"
    return needs_number(now)


def needs_undoable(now: Situation) -> str | None:
    """Refuse where neither an owned number nor an operation that can be undone is selected."""
    if now.view == "history":
        if now.batch:
            return f"a batch of {now.batch}: U puts all of it back, Enter shows its operations"
        return None if now.undoable else "this operation has nothing to put back"
    return needs_owned(now)


def needs_batch(now: Situation) -> str | None:
    """Refuse where the cursor is on no operation."""
    return None if now.recorded else "no batch is under the cursor: 3 shows the history"


def needs_route(now: Situation) -> str | None:
    """Refuse where the cursor is on no route."""
    return None if now.route else "no route is under the cursor"


def needs_unsettled(now: Situation) -> str | None:
    """Refuse where the outcome of the operation is certain."""
    return None if now.unsettled else "this operation is settled: its outcome is certain"


def needs_purchase_api(now: Situation) -> str | None:
    """Refuse a purchase that the provider does not offer."""
    offer = now.info().buy if now.info is not None else None
    return offer.reason if offer is not None and not offer.offered else None


def needs_release_api(now: Situation) -> str | None:
    """Refuse a release that the provider does not offer, or not to this account."""
    if now.info is None:
        return None
    info = now.info()
    if not info.release.offered:
        return info.release.reason
    return release_refusal(now.account, info) if now.account is not None else None


def needs_no_marks(now: Situation) -> str | None:
    """Refuse where several numbers are marked."""
    if now.marked:
        are = "is" if now.marked == 1 else "are"
        return f"release takes one number, and {now.marked:,} {are} marked: Esc takes marks away"
    return None


def needs_write_access(now: Situation) -> str | None:
    """Refuse a write in a read-only session or account."""
    return why_read_only(now.account, everything=now.read_only)
