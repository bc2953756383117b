"""Describe temporary changes: when one ends, as typed, and how its end stands."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from tui_numbers.domain import clock
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.operations import Action, Actor

SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(days=366)
EXAMPLES = "2h, 07:00, 2026-11-27T07:00 or 2026-11-27T07:00+01:00"

_SPAN = re.compile(r"(?:(\d{1,3})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m(?:in)?)?")
_CLOCK_TIME = re.compile(r"(\d{1,2}):(\d{2})")


class InvalidEnd(ValueError):
    """A text names no end of a temporary change; the message says the fix."""


class EndState(StrEnum):
    """How the end of a temporary change stands, while it is open."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    """A runner is at it, or left it without a certain outcome."""
    CONFLICT = "conflict"
    """The number is not as the change left it, so that nothing is put back without a person."""


class Closing(StrEnum):
    """Why an end is open no more."""

    DONE = "done"
    KEPT = "kept"
    """A person said that the change stays."""


@dataclass(frozen=True, slots=True)
class End:
    """The open end of one temporary change."""

    operation: str
    """The operation that made the change."""
    batch: str
    account: str
    number: E164
    action: Action
    until: datetime
    state: EndState
    route: str | None = None
    """The route whose application it belongs to."""
    keys: tuple[str, ...] = ()
    """Keys of the settings that it changed."""
    puts_back: tuple[str, ...] = ()
    """The operations that its end undoes, newest first; more than one where a later change of the
    number took over the end of an earlier one."""
    actor: Actor | None = None
    """Who made the change."""
    note: str | None = None
    """Why it was not put back, where that was tried."""
    attempt: str | None = None
    """The latest operation that was to take its place."""

    def is_overdue(self, now: datetime) -> bool:
        """Tell whether it should have been put back by ``now``."""
        return self.until <= now


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """When a route was last tried without sending, and what was found."""

    route: str
    at: datetime
    numbers: int
    impossible: int
    """How many of the numbers it could not be applied to."""
    seconds: float
    """About how long its application takes."""
    actor: Actor


def read_span(text: str) -> timedelta:
    """Return how long ``2h``, ``90m``, ``1h30m`` or ``2d`` is.

    Raises:
        InvalidEnd: It is none of these, or shorter or longer than an end may be away.
    """
    typed = text.strip().lower().replace(" ", "")
    found = _SPAN.fullmatch(typed)
    if not typed or found is None:
        raise InvalidEnd(f"{text!r} is no length of time: write 2h, 90m, 1h30m or 2d")
    days, hours, minutes = (int(part or 0) for part in found.groups())
    span = timedelta(days=days, hours=hours, minutes=minutes)
    if span < SHORTEST:
        raise InvalidEnd(f"{text!r} is too short: a temporary change lasts a minute at least")
    _refuse_far(text, span)
    return span


def read_until(text: str, now: datetime) -> datetime:
    """Return the moment that ``07:00`` or an ISO 8601 time names, in UTC.

    A clock time is the next one; without an offset it is of the local zone.

    Raises:
        InvalidEnd: It is neither, it is past, or a change of clocks makes it ambiguous or missing.
    """
    typed = text.strip()
    clock_time = _CLOCK_TIME.fullmatch(typed)
    if clock_time is not None:
        return _next(text, int(clock_time[1]), int(clock_time[2]), now)
    try:
        told = datetime.fromisoformat(typed)
    except ValueError:
        told = None
    if told is None or len(typed) <= len("2026-11-27"):
        raise InvalidEnd(f"{text!r} is no time of day: write {EXAMPLES}")
    try:
        moment = told.astimezone(UTC) if told.tzinfo else _from_local(text, told)
    except (OverflowError, OSError):
        raise InvalidEnd(f"{text!r} is no time that a clock shows: write {EXAMPLES}") from None
    if moment <= now:
        raise InvalidEnd(f"{text!r} is past: it is {zoned_words(now)} now")
    _refuse_far(text, moment - now)
    return moment


def read_end(text: str, now: datetime) -> datetime:
    """Return the moment that a length of time or a time names, in UTC.

    Raises:
        InvalidEnd: It names none; the message says the fix.
    """
    typed = text.strip()
    if re.fullmatch(r"[\d\s]*\d\s*(?:d|h|m|min)[\d\sdhmin]*", typed.lower()):
        return now + read_span(typed)
    return read_until(text, now)


def _refuse_far(text: str, span: timedelta) -> None:
    if span > LONGEST:
        raise InvalidEnd(f"{text!r} is more than a year away: make the change without an end")


def _next(text: str, hour: int, minute: int, now: datetime) -> datetime:
    """Return the next moment at which the local clock shows a time."""
    try:
        wanted = time(hour, minute)
    except ValueError:
        raise InvalidEnd(f"{text!r} is no time of day: write {EXAMPLES}") from None
    day = clock.local(now).date()
    moment = _from_local(text, datetime.combine(day, wanted), past=now)
    if moment > now:
        return moment
    return _from_local(text, datetime.combine(_after(day), wanted))


def _after(day: date) -> date:
    return day + timedelta(days=1)


def _from_local(text: str, typed: datetime, *, past: datetime | None = None) -> datetime:
    """Return the moment of a local time, which must be shown once, by exactly one clock reading.

    ``past`` leaves what is wholly before it unchecked: another day will be meant.
    """
    first, second = clock.from_local(typed), clock.from_local(typed, latest=True)
    if past is not None and max(first, second) <= past:
        return first
    shown = clock.local(first)
    if shown.replace(tzinfo=None, fold=0) != typed.replace(fold=0):
        raise InvalidEnd(
            f"{text!r} does not happen on {typed:%Y-%m-%d}: clocks are set forward then; "
            f"write an earlier or a later time"
        )
    if first != second:
        one, two = (clock.local(moment).isoformat(timespec="minutes") for moment in (first, second))
        raise InvalidEnd(
            f"{text!r} happens twice on {typed:%Y-%m-%d}: clocks are set back then; "
            f"write {one} or {two}"
        )
    return first


def zone_name(moment: datetime) -> str:
    """Return the local zone at a moment, as ``Europe/Berlin`` or else as ``CET``."""
    shown = clock.local(moment)
    return str(getattr(shown.tzinfo, "key", None) or shown.tzname() or "local")


def zoned_words(moment: datetime) -> str:
    """Return a moment with its day, its zone and in UTC: ``Fri 07:00 CET, 06:00 UTC``.

    The date stands where it is not of the coming week.
    """
    shown, utc = clock.local(moment), moment.astimezone(UTC)
    near = abs((shown.date() - clock.local(clock.now()).date()).days) < 7
    day = f"{shown:%a}" if near else f"{shown:%Y-%m-%d}"
    zone = zone_name(moment)
    if zone in ("UTC", "Etc/UTC"):
        return f"{day} {utc:%H:%M} UTC"
    other = "" if utc.date() == shown.date() else f"{utc:%a} "
    return f"{day} {shown:%H:%M} {zone}, {other}{utc:%H:%M} UTC"
