"""Declare what a journal does: the contract of every store of operations and of their ends."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.domain.operations import Actor, Operation, Outcome
from tui_numbers.domain.temporary import Closing, End, Rehearsal


@dataclass(frozen=True, slots=True)
class JournalQuery:
    """Which operations to read; None means any. Times are inclusive."""

    number: E164 | None = None
    since: datetime | None = None
    until: datetime | None = None
    outcome: Outcome | None = None
    batch: str | None = None
    account: str | None = None
    route: str | None = None
    limit: int | None = None
    """How many of the newest that match are read."""


EVERYTHING = JournalQuery()


class Journal(ABC):
    """All operations, the ends of temporary changes, rehearsals and handovers.

    A journal is safe for several threads and several processes at once. Every method may block
    and raise ``JournalError``; call it off the event loop. The store's own clock decides which
    ends are due.
    """

    @property
    @abstractmethod
    def where(self) -> str:
        """Where it is kept, for messages."""

    @property
    def note(self) -> str | None:
        """What is unusual about it, in words; None before it is first used."""
        return None

    @property
    def clock_skew(self) -> timedelta:
        """How far the store's clock is ahead of this machine's, as last seen."""
        return timedelta()

    @abstractmethod
    def plan(self, operations: Sequence[Operation]) -> None:
        """Record what several operations are to do, before the first of them begins."""

    @abstractmethod
    def take_over(self, operations: Sequence[Operation]) -> None:
        """End those of the operations that still wait for their turn, so that they never begin.

        Their process seems gone; where it only stood still, it finds them ended and sends nothing.
        """

    @abstractmethod
    def mark(self, account: str, number: E164) -> int:
        """Return a mark for ``begin``: the place of the latest write to a number.

        Raises:
            Overtaken: A write to the number is under way.
        """

    @abstractmethod
    def begin(self, operation: Operation, mark: int | None = None, claim: str = "") -> None:
        """Record an intention, with its own end where it has one; durable when this returns.

        ``mark`` was taken before the number was read afresh. ``claim`` is what ``claim_due``
        returned the end for that this operation carries out.

        Raises:
            Overtaken: Since then another write to the number has begun, its turn was taken over,
                or somebody else is putting back an end of which it takes the place.
        """

    @abstractmethod
    def end_unsent(self, operation: Operation) -> None:
        """Record how an operation ended that came to nothing, planned or not; never one sent."""

    @abstractmethod
    def finish(
        self,
        operation: str,
        outcome: Outcome,
        observed: OwnedNumber | None,
        error: str | None,
        reference: str | None = None,
    ) -> None:
        """Record how an operation ended; tried again with the next write where it fails.

        ``reference`` is the provider's order of a purchase; None keeps the one that stands.
        """

    @abstractmethod
    def settle(
        self,
        operation: Operation,
        outcome: Outcome,
        observed: OwnedNumber | None,
        error: str | None,
        mark: int | None,
        reference: str | None = None,
    ) -> bool:
        """Record what a later reading proves of an operation; tell whether it does.

        It does not where the operation has another outcome by now, or where another write to the
        number has begun since ``mark`` was taken, before the reading; None leaves that out.
        """

    @abstractmethod
    def get(self, operation: str) -> Operation | None:
        """Return one operation, or None."""

    @abstractmethod
    def operations(self, query: JournalQuery = EVERYTHING) -> list[Operation]:
        """Return operations, newest first."""

    @abstractmethod
    def left_open(self) -> Sequence[Operation]:
        """Return the operations whose outcome is unknown or pending, newest first."""

    @abstractmethod
    def left_open_at_once(self) -> Sequence[Operation] | None:
        """Return the same without waiting for another process; None where that is not possible."""

    @abstractmethod
    def ends(self, account: str | None = None, number: E164 | None = None) -> list[End]:
        """Return the open ends of temporary changes, of all numbers or of one, earliest first."""

    @abstractmethod
    def now(self) -> datetime:
        """Return the time by which ends are due."""

    @abstractmethod
    def claim_due(self, claim: str, accounts: Sequence[str]) -> list[End]:
        """Claim the ends at these accounts that are due and that nobody else is at.

        ``claim`` names this runner; the store adds its host and process, and gives back what a
        process claimed that is gone. Ends in conflict are left alone.
        """

    @abstractmethod
    def give_back(self, end: End, claim: str, note: str | None, *, conflict: bool) -> None:
        """Give a claimed end back to be tried again, or leave it to a person as a conflict."""

    @abstractmethod
    def close_ends(
        self, operations: Sequence[str], how: Closing, actor: Actor, claim: str = ""
    ) -> int:
        """Close the open ends of these operations that nobody else is at; return how many.

        ``claim`` is one's own.
        """

    @abstractmethod
    def move_ends(self, operations: Sequence[str], until: datetime) -> int:
        """Let the open ends of these operations that nobody is at wait for another time."""

    @abstractmethod
    def rehearse(self, rehearsal: Rehearsal) -> None:
        """Keep the latest rehearsal of a route."""

    @abstractmethod
    def rehearsals(self) -> dict[str, Rehearsal]:
        """Return the latest rehearsal of each route, by its name."""

    @abstractmethod
    def hand_over(self, actor: Actor) -> None:
        """Keep that a handover was made now."""

    @abstractmethod
    def last_handover(self) -> datetime | None:
        """Return when the latest handover was made, or None."""

    @abstractmethod
    def take_in(self, other: "Journal") -> tuple[int, int]:
        """Copy all that another journal holds, before what is here; return how much was new.

        The counts are those of its operations that are new here, and of all that it holds. What is
        here already stays as it is, so that it can be done again.
        """

    def watch(
        self,
        on_change: Callable[[tuple[str, ...]], None],
        on_line: Callable[[str | None], None] = lambda problem: None,
    ) -> Callable[[], None] | None:
        """Call ``on_change`` from a thread with the operations that others change; return a stop.

        It is called with none of them where it is not known which, such as when listening begins.
        ``on_line`` is called with why the store cannot be listened to, and with None once it can
        again. None where the store tells of no changes.
        """
        return None

    @abstractmethod
    def close(self) -> None:
        """Close it; an outcome that could not be recorded is tried once more before."""
