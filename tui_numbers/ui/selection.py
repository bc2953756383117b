"""Check and begin the actions on the number or operation that is selected."""

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from textual import on

from tui_numbers.domain.numbers import AvailableNumber, OwnedNumber
from tui_numbers.ui.actions import ACTIONS, Action
from tui_numbers.ui.availability import Situation
from tui_numbers.ui.frame import Tone, Verb, VerbBar
from tui_numbers.ui.host import InDashboard
from tui_numbers.ui.views import VIEWS

if TYPE_CHECKING:
    from tui_numbers.domain.accounts import Account
    from tui_numbers.domain.operations import Operation
    from tui_numbers.providers.contract import ProviderInfo
    from tui_numbers.services.routes import RouteState
    from tui_numbers.services.session import Session


@dataclass(frozen=True, slots=True)
class Selection:
    """What an action is taken on."""

    view: str
    number: OwnedNumber | AvailableNumber | None = None
    marked: tuple[OwnedNumber, ...] = ()
    """Those marked that are shown."""
    operation: "Operation | None" = None
    route: "RouteState | None" = None
    batch: "tuple[Operation, ...]" = ()
    """All operations of the batch under the cursor, where it is shown as one row."""
    basket: tuple[AvailableNumber, ...] = ()
    """What is chosen from stock, which buying acts on where there is any."""

    @property
    def owned(self) -> list[OwnedNumber]:
        """The owned numbers that an action is taken on: those marked, or the one selected."""
        chosen = self.marked or (self.number,)
        return [number for number in chosen if isinstance(number, OwnedNumber)]


class ActsOnSelection(InDashboard):
    """Mixed into the screens that show numbers."""

    @abstractmethod
    def selection(self) -> Selection:
        """Return what the keys act on; each screen knows its own."""

    def verbs(self, actions: Iterable[str]) -> list[Verb]:
        """Return the keys and words of actions, by id; dim where they cannot be taken now."""
        keys, chosen = self.dashboard.keys, self.selection()
        return [
            Verb(
                action.key_names(keys)[0],
                _word(action, chosen),
                action.refusal(self._situation(action, chosen)) is None,
                keys.get(action.id, action.keys).split(",")[0],
            )
            for action in map(ACTIONS.__getitem__, actions)
        ]

    @on(VerbBar.Clicked)
    def _verb_clicked(self, event: VerbBar.Clicked) -> None:
        """Press the verb's key, where it is no text for a field."""
        self.leave_fields()
        # From the app, for a key that a screen sends comes no further than that screen.
        self.app.call_later(self.app.simulate_key, event.key)

    def leave_fields(self) -> None:
        """Put the focus where a key is no text."""

    def action_begin(self, identifier: str) -> None:
        """Begin the flow of an action, or say why it cannot be taken."""
        chosen = self.selection()
        if self._may(ACTIONS[identifier], chosen):
            self.dashboard.begin_flow(identifier, chosen)

    def action_copy(self) -> None:
        """Copy the number, or all that are marked, through the terminal."""
        chosen = self.selection()
        if self._may(ACTIONS["number.copy"], chosen) and chosen.number is not None:
            numbers = [one.number for one in chosen.marked or (chosen.number,)]
            self.dashboard.copy("\n".join(numbers), f"{len(numbers):,} numbers")

    def why_not(self, action: Action) -> str | None:
        """Return why an action cannot be taken now, or None where it can."""
        return action.refusal(self._situation(action, self.selection()))

    def _may(self, action: Action, chosen: Selection) -> bool:
        reason = action.refusal(self._situation(action, chosen))
        if reason is not None:
            self.dashboard.say(reason, Tone.WARN)
        return reason is None

    def _situation(self, action: Action, chosen: Selection) -> Situation:
        """Return what the checks of an action look at."""
        session = self.dashboard.session
        number, operation = chosen.number, chosen.operation
        if action.takes_marked and chosen.marked:
            number = chosen.marked[0]
        if action.takes_basket and chosen.basket:
            number = chosen.basket[0]
        recorded = chosen.batch or ((operation,) if operation is not None else ())
        subject = number or operation
        account = next(
            (one for one in session.accounts if subject and one.name == subject.account), None
        )
        return Situation(
            view=chosen.view,
            number=number,
            account=account,
            info=partial(_info, session, account) if account is not None else None,
            read_only=session.read_only,
            marked=len(chosen.marked),
            undoable=operation is not None and _can_be_undone(operation),
            recorded=operation is not None,
            route=chosen.route is not None,
            unsettled=any(map(_can_be_settled, recorded)),
            batch=len(chosen.batch),
        )


def _word(action: Action, chosen: Selection) -> str:
    """Return an action's word, and on how many it acts where several are marked."""
    if action.takes_marked and len(chosen.marked) > 1:
        return f"{action.word} {len(chosen.marked):,}"
    view = VIEWS.get(chosen.view)
    return view.opens if action.id == "table.open" and view and view.opens else action.word


def _info(session: "Session", account: "Account") -> "ProviderInfo":
    return session.workspace.info(account)


def _can_be_undone(operation: "Operation") -> bool:
    from tui_numbers.services.settling import failed_by_reading
    from tui_numbers.services.undo import can_be_undone

    return can_be_undone(operation) or failed_by_reading(operation)


def _can_be_settled(operation: "Operation") -> bool:
    from tui_numbers.services.settling import can_be_settled

    return can_be_settled(operation)
