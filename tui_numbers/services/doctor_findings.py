"""What an examination found: one line each, with what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """How something stands."""

    OK = "ok"
    NOTE = "note"
    """Not as it could be, and nothing fails for it."""
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was examined; never holds a secret."""

    topic: str
    subject: str
    health: Health
    says: str
    remedy: str = ""


def ok(topic: str, subject: str, says: str) -> Finding:
    """Return a finding that needs nothing done."""
    return Finding(topic, subject, Health.OK, says)


def note(topic: str, subject: str, says: str, remedy: str = "") -> Finding:
    """Return a finding that is good to know."""
    return Finding(topic, subject, Health.NOTE, says, remedy)


def bad(topic: str, subject: str, says: str, remedy: str = "") -> Finding:
    """Return a finding for which something fails."""
    return Finding(topic, subject, Health.BAD, says, remedy)
