"""Read the time of day and the local zone; the only place that reads either."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo


@dataclass(frozen=True, slots=True)
class Clock:
    """A source of the time of day, and the zone in which times are shown and typed."""

    read: Callable[[], float] = time.time
    """Seconds since 1970."""
    zone: tzinfo | None = None
    """None is the zone of this machine, which ``TZ`` names."""


_given = Clock()


def timestamp() -> float:
    """Return the present time in seconds since 1970."""
    return _given.read()


def now() -> datetime:
    """Return the present time in UTC."""
    return datetime.fromtimestamp(_given.read(), UTC)


def local(moment: datetime) -> datetime:
    """Return an aware time in the local zone."""
    return moment.astimezone(_given.zone)


def from_local(typed: datetime, *, latest: bool = False) -> datetime:
    """Return the moment that a local time without a zone names, in UTC.

    A time that a change of clocks makes happen twice is the first of the two, or the second with
    ``latest``; one that it leaves out is as far from the change as it says.
    """
    chosen = typed.replace(fold=int(latest))
    if _given.zone is not None:
        return chosen.replace(tzinfo=_given.zone).astimezone(UTC)
    # ``astimezone`` of a time that is left out is off by the change.
    return datetime.fromtimestamp(chosen.timestamp(), UTC)


@contextmanager
def use(clock: Clock) -> Iterator[None]:
    """Use another clock for the whole process while the block runs."""
    global _given  # noqa: PLW0603 - time is one for the process, whichever thread asks
    before, _given = _given, clock
    try:
        yield
    finally:
        _given = before
