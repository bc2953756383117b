"""When a read is asked again: which failures, how often, and how long in all."""

import email.utils
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

RETRIED_STATUSES = frozenset({429, 502, 503, 504})

_LONGEST_ASKED = 86_400.0


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How patient reads are; writes are never sent twice."""

    attempts: int = 4
    total_seconds: float = 45.0
    """No attempt begins later than this after the first."""
    first_wait: float = 0.5
    jitter: Callable[[], float] = field(default=random.random)

    def wait(self, attempt: int, asked: float | None, elapsed: float) -> float | None:
        """Return the seconds to wait after ``attempt`` (from 1), or None to give up.

        ``asked`` is what the provider asks for; where it is longer than what is left, giving up
        at once is kinder than asking too early.
        """
        if attempt >= self.attempts:
            return None
        backoff = self.first_wait * 2 ** (attempt - 1) * (0.75 + self.jitter() / 2)
        seconds = backoff if asked is None else asked
        return seconds if elapsed + seconds <= self.total_seconds else None


def asked_wait(headers: Mapping[str, str], wall: float) -> float | None:
    """Return the seconds that ``Retry-After`` or ``X-RateLimit-Reset`` ask to wait, if any.

    ``Retry-After`` may be seconds or an HTTP date (RFC 9110); what is absurd counts as absent,
    and so does a time that is over: asking again at once would feed the storm.
    """
    text = headers.get("retry-after", "").strip()
    seconds: float | None = None
    if text:
        try:
            seconds = float(text)
        except ValueError:
            date = _http_date(text)
            seconds = None if date is None else date - wall
    elif reset := headers.get("x-ratelimit-reset", ""):
        try:
            seconds = float(reset) - wall
        except ValueError:
            seconds = None
    return seconds if seconds is not None and 0 < seconds <= _LONGEST_ASKED else None


def _http_date(text: str) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
