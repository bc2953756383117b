"""What the keys do, and whether each can act now."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tui_numbers.domain.accounts import Account
from tui_numbers.domain.numbers import AvailableNumber, OwnedNumber
from tui_numbers.services.protection import RELEASED_ALONE, release_refusal, why_read_only
from tui_numbers.ui.frame import Tone, Verb, verb
from tui_numbers.ui.inside import InDashboard

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_numbers.domain.operations import Operation
    from tui_numbers.providers.contract import ProviderInfo
    from tui_numbers.services.session import Session


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
        return f"{RELEASED_ALONE}: take the marks away first (a, a)"
    return None


def _protected(action: str, now: Situation) -> str | None:
    if action not in _WRITES:
        return None
    return why_read_only(now.account, everything=now.read_only)


@dataclass(frozen=True, slots=True)
class Selection:
    """What a key acts on."""

    view: str
    number: OwnedNumber | AvailableNumber | None = None
    marked: tuple[OwnedNumber, ...] = ()
    operation: "Operation | None" = None


class NumberActions(InDashboard):
    """Mixed into the screens that show numbers."""

    def selection(self) -> Selection:
        """Return what the keys act on; each screen knows its own."""
        raise NotImplementedError

    def verbs(self, actions: Iterable[str]) -> list[Verb]:
        """Return the keys and words of actions; dim where they cannot be done now."""
        keys, chosen = self.dashboard.keys, self.selection()
        return [
            verb(action, keys, enabled=self._why_not(action, chosen) is None) for action in actions
        ]

    def _why_not(self, action: str, chosen: Selection) -> str | None:
        """Return why an action cannot be done now, or None where it can."""
        session = self.dashboard.session
        number = chosen.number
        if action == "retarget" and chosen.marked:
            number = chosen.marked[0]
        operation = chosen.operation
        name = number.account if number is not None else operation.account if operation else None
        account = next((one for one in session.accounts if one.name == name), None)
        return why_not(
            action,
            Situation(
                view=chosen.view,
                number=number,
                account=account,
                info=partial(_info, session, account) if account is not None else None,
                read_only=session.read_only,
                marked=len(chosen.marked),
                undoable=operation is not None and _can_be_undone(operation),
                recorded=operation is not None,
                unsettled=operation is not None and _can_be_settled(operation),
            ),
        )

    def _may(self, action: str, chosen: Selection) -> bool:
        reason = self._why_not(action, chosen)
        if reason is not None:
            self.dashboard.say(reason, Tone.WARN)
        return reason is None

    def action_retarget(self) -> None:
        """Send the calls of this number, or of the marked ones, somewhere else."""
        chosen = self.selection()
        numbers = chosen.marked or (chosen.number,)
        owned = [number for number in numbers if isinstance(number, OwnedNumber)]
        if self._may("retarget", chosen) and owned:
            self.dashboard.begin(self.dashboard.flows.retarget(owned))

    def action_edit(self) -> None:
        """Edit the settings."""
        chosen = self.selection()
        number = chosen.number
        if self._may("edit", chosen) and isinstance(number, OwnedNumber):
            self.dashboard.begin(self.dashboard.flows.edit(number))

    def action_buy(self) -> None:
        """Buy this number."""
        chosen = self.selection()
        number = chosen.number
        if self._may("buy", chosen) and isinstance(number, AvailableNumber):
            self.dashboard.begin(self.dashboard.flows.buy(number))

    def action_release(self) -> None:
        """Give this number up."""
        chosen = self.selection()
        number = chosen.number
        if self._may("release", chosen) and isinstance(number, OwnedNumber):
            self.dashboard.begin(self.dashboard.flows.release(number))

    def action_undo(self) -> None:
        """Put the latest change of this number back, or the operation under the cursor."""
        chosen = self.selection()
        if self._may("undo", chosen):
            number = chosen.number if isinstance(chosen.number, OwnedNumber) else None
            self.dashboard.begin(self.dashboard.flows.undo(number, chosen.operation))

    def action_settle(self) -> None:
        """Read again what an operation was to change that came to no certain end."""
        chosen = self.selection()
        operation = chosen.operation
        if self._may("settle", chosen) and operation is not None:
            self.dashboard.begin(self.dashboard.flows.settle(operation))

    def action_resume(self) -> None:
        """Go on with what the batch of the operation under the cursor left."""
        chosen = self.selection()
        operation = chosen.operation
        if self._may("resume", chosen) and operation is not None:
            self.dashboard.begin(self.dashboard.flows.resume(operation))

    def action_undo_batch(self) -> None:
        """Put back everything that the batch of the operation under the cursor changed."""
        chosen = self.selection()
        operation = chosen.operation
        if self._may("undo_batch", chosen) and operation is not None:
            self.dashboard.begin(self.dashboard.flows.undo_batch(operation))

    def action_copy(self) -> None:
        """Copy the number through the terminal."""
        chosen = self.selection()
        number = chosen.number
        if self._may("copy", chosen) and number is not None:
            self.dashboard.copy(number.number)


def _info(session: "Session", account: "Account") -> "ProviderInfo":
    return session.workspace.info(account)


def _can_be_undone(operation: "Operation") -> bool:
    from tui_numbers.services.settling import failed_by_reading
    from tui_numbers.services.undo import can_be_undone

    return can_be_undone(operation) or failed_by_reading(operation)


def _can_be_settled(operation: "Operation") -> bool:
    from tui_numbers.services.settling import can_be_settled

    return can_be_settled(operation)
