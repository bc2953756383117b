"""Describe operations: attempted writes to one number each, and their outcomes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tui_numbers.domain.changes import Change
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import Channel, OwnedNumber, Target

TURN_SECONDS = 60.0
"""The longest that a recorded write waits for its request to leave; later it is not sent."""
REQUEST_SECONDS = 60.0
"""The longest that one request to a provider may take, from its connection to its last byte."""
MARGIN_SECONDS = 60.0
"""What is added for providers that go on after nobody waits, and for clocks that differ."""
LONGEST_WRITE = timedelta(seconds=TURN_SECONDS + REQUEST_SECONDS + MARGIN_SECONDS)
"""How long after its record the request of a write may still arrive."""


class JournalError(Exception):
    """The journal cannot be read or written; the text says which file and why."""


class Overtaken(Exception):
    """Another write to the same number came first; the text says which."""


class Action(StrEnum):
    """What an operation does to its number."""

    RETARGET = "retarget"
    SET = "set"
    BUY = "buy"
    RELEASE = "release"
    UNDO = "undo"


class Outcome(StrEnum):
    """How an operation ended."""

    VERIFIED = "verified"
    UNCHANGED = "unchanged"
    DIFFERENT = "different"
    FAILED = "failed"
    UNKNOWN = "unknown"
    PENDING = "pending"
    REFUSED = "refused"
    PLANNED = "planned"

    @property
    def is_open(self) -> bool:
        """Whether the operation may still come to something else, and waits to be settled."""
        return self in (Outcome.UNKNOWN, Outcome.PENDING)

    @property
    def meaning(self) -> str:
        """What it means, in words for people."""
        return _MEANINGS[self]


_MEANINGS = {
    Outcome.VERIFIED: "read back, and as asked",
    Outcome.UNCHANGED: "it already was as asked; nothing was sent",
    Outcome.DIFFERENT: "accepted, but the read-back shows something else",
    Outcome.FAILED: "a definite refusal by the provider, or the request could not leave",
    Outcome.UNKNOWN: "sent, and nobody can tell; kept open until it is settled",
    Outcome.PENDING: "a purchase that was accepted and is not listed yet; kept open until it is",
    Outcome.REFUSED: "not sent, by the rules of this program; recorded where it was confirmed",
    Outcome.PLANNED: "a dry run, or one of several whose turn has not come: not sent",
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asked for an operation."""

    user: str
    host: str
    ssh_client: str | None = None
    """Address that the SSH session came from, where there is one."""
    name: str | None = None
    """What this person is called, where the configuration tells."""

    def __str__(self) -> str:
        came_from = f" from {self.ssh_client}" if self.ssh_client else ""
        where = f"{self.user}@{self.host}{came_from}"
        return f"{self.name} ({where})" if self.name else where

    @property
    def short(self) -> str:
        """The name, or else the user, for where there is little room."""
        return self.name or self.user


@dataclass(frozen=True, slots=True)
class Asked:
    """What a change asked for, in enough detail to ask for it again."""

    change: Change
    target: Target | None = None
    channel: Channel | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the journal."""

    id: str
    batch: str
    started_at: datetime
    finished_at: datetime | None
    actor: Actor
    account: str
    provider: str
    number: E164
    action: Action
    reason: str
    before: OwnedNumber | None
    requested: OwnedNumber | None
    """The number as it should become; None for a release."""
    observed: OwnedNumber | None
    """The number as it was read back; None where it was not, or is gone."""
    outcome: Outcome | None
    """None while it is under way."""
    error: str | None
    undoes: str | None = None
    """The operation that this one puts back."""
    keys: tuple[str, ...] = ()
    """Keys of the settings that it changes."""
    asked: Asked | None = None
    """None for purchases and releases, and in records of earlier versions."""
    begun: bool = True
    """Whether its turn came: the number was read afresh and the request could leave."""
    reference: str | None = None
    """The provider's order of a purchase, by which it is asked again; None without one."""
    exact: bool = True
    """Whether settings stand here as stored; an earlier version kept them as they were shown."""
    until: datetime | None = None
    """When it is to be put back, as agreed when it was made; None where it has no end."""
    route: str | None = None
    """The route that it applies."""
    takes: tuple[str, ...] = ()
    """Temporary changes, by operation, whose ends it takes the place of; newest first.

    They are open no more once it had an effect. Where it has an end itself, that one puts them
    back too.
    """
