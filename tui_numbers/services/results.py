"""What is agreed to before a write, and what is known after it."""

from collections.abc import Callable
from dataclasses import dataclass

from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.domain.operations import Outcome
from tui_numbers.services.planning import Plan


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person, or a script on a person's behalf, has agreed to."""

    given: bool = False
    production: frozenset[str] = frozenset()
    """Production accounts named in the confirmation."""
    released: frozenset[str] = frozenset()
    """Numbers typed again to confirm their release."""
    over: frozenset[str] = frozenset()
    """Open operations over which it is agreed to write."""


@dataclass(frozen=True, slots=True)
class Result:
    """How one operation ended, or what a dry run plans."""

    operation: str
    plan: Plan
    outcome: Outcome
    before: OwnedNumber | None
    after: OwnedNumber | None
    """The number as it was read back; as it is planned, in a dry run."""
    error: str | None = None
    current: OwnedNumber | None = None
    """In a conflict, the number as it really is now."""


Step = Callable[[Plan, str], None]
"""Told of each step of an operation, in a word."""
