"""The time of day, from one place, so that it can stand still."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)
