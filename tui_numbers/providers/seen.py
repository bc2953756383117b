"""What the answers to one account's requests tell beside their bodies, for whoever asks later."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

from tui_numbers.providers.retry import asked_wait


@dataclass
class Seen:
    """The latest answer of an account, as far as its headers go."""

    status: int | None = None
    """None before any answer."""
    worked: bool = False
    """Whether any answer shows that the credentials are right."""
    clock_skew: float | None = None
    """Seconds by which this machine's clock is ahead of the provider's; None where not told."""
    remaining: int | None = None
    """Requests left of the announced rate limit."""
    retry_at: float | None = None
    """When to ask again, in seconds since 1970, where the last answer forbade it for a while."""

    def take(self, status: int, headers: Mapping[str, str], now: float) -> None:
        """Learn from an answer that came at ``now``, in seconds since 1970."""
        self.status = status
        self.worked = self.worked or 200 <= status < 300
        sent = _sent_at(headers.get("date", ""))
        if sent is not None:
            self.clock_skew = now - sent
        left = headers.get("x-ratelimit-remaining", "")
        if left.isdecimal() and len(left) < 10:
            self.remaining = int(left)
        wait = asked_wait(headers, now) if status == 429 else None
        self.retry_at = None if wait is None else now + wait


def _sent_at(text: str) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
