"""Points in time as people type them."""

import re
from datetime import UTC, datetime, time, timedelta

import click

from tui_numbers.domain import clock

_AGO = re.compile(r"(\d{1,6})\s*(m|min|h|d|w)")
_UNITS = {"m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def moment(option: str, text: str | None, *, ending: bool = False) -> datetime | None:
    """Return the time that ``8h``, ``2d``, a date or an ISO 8601 time stands for.

    Without a zone it is this machine's; a date alone is its first moment, or its last one where
    a span ends with it. So is a time that happens twice because clocks are set back.

    Raises:
        click.UsageError: It is none of these.
    """
    if text is None:
        return None
    typed = text.strip()
    ago = _AGO.fullmatch(typed.lower())
    try:
        if ago:
            return clock.now() - timedelta(seconds=int(ago[1]) * _UNITS[ago[2]])
        if _DATE.fullmatch(typed):
            day = datetime.strptime(typed, "%Y-%m-%d").date()  # noqa: DTZ007 - zone follows
            edge = datetime.combine(day, time.max if ending else time.min)
            return clock.from_local(edge, latest=ending)
        told = datetime.fromisoformat(typed)
        return told.astimezone(UTC) if told.tzinfo else clock.from_local(told, latest=ending)
    except (ValueError, OverflowError, OSError):
        raise click.UsageError(
            f"{option}: {text!r} is not a time: write 8h, 2d, 2026-03-01 or 2026-03-01T22:00"
        ) from None
