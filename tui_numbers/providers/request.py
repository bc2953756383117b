"""Hold what makes a request and its response: credentials, bounds, redaction, telemetry."""

import base64
import html
import json
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from urllib.parse import quote, quote_plus

from tui_numbers.domain.accounts import Secret
from tui_numbers.domain.operations import REQUEST_SECONDS

LARGEST_BODY = 8 * 1024 * 1024
"""Bytes of one answer, unpacked: some hundred times what a page of honest records takes."""


MOST_PIECES = 20_000
"""Chunks of one answer; crumbs take long to gather, however little they are."""


MOST_VALUES = 400_000
"""JSON values of one answer; each takes far more memory than its few bytes on the wire."""


MOST_PAGES = 10_000


MOST_RECORDS = 1_000_000


MOST_LISTED_BYTES = 1024 * 1024 * 1024
"""Of one listing, all its pages together."""


MOST_BARREN_PAGES = 10
"""Pages in a row that bring nothing new before a listing is left."""


MOST_WARNINGS = 200
"""Lines about the records of one page."""


def crowded(body: bytes) -> bool:
    """Tell whether a body may hold more values than any honest answer."""
    # Every value but the first follows a comma or an opening bracket.
    if len(body) <= MOST_VALUES:
        return False
    return body.count(b",") + body.count(b"[") + body.count(b"{") > MOST_VALUES


RETRIED_STATUSES = frozenset({429, 502, 503, 504})


MASK = b"****"
"""Stands in place of a secret."""


_LONGEST_ASKED = 86_400.0


_BEYOND_TIME = 1e12


_SHORTEST = 4
"""A shorter secret would mask what merely looks like it."""


_HEX = re.compile("%[0-9A-F]{2}")


@dataclass(frozen=True, slots=True)
class Basic:
    """HTTP Basic: this user name, and the account's secret for a password."""

    user: str


@dataclass(frozen=True, slots=True)
class QueryCredentials:
    """Credentials in the query, as Vonage's document has it; they show up in proxies' logs."""

    key_name: str
    key: str
    secret_name: str


@dataclass(frozen=True, slots=True)
class Bearer:
    """The account's secret as a bearer token (RFC 6750)."""


Credentials = Basic | Bearer | QueryCredentials


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came; the account's secret is masked wherever the body repeats it."""

    method: str
    host: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case; what they hold is not masked, so it is never shown."""
    body: bytes = field(repr=False)
    if_rejected: str = ""
    """What else to try where the provider does not know the credentials."""
    hidden: frozenset[str] = frozenset()
    """Fields that hold secrets of the account; they are left out wherever the body is read."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Patience with one request, in seconds."""

    connect: float = 5.0
    read: float = 15.0
    whole: float = REQUEST_SECONDS
    """From the first byte sent to the last received, however slowly it drips."""


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

    ``Retry-After`` may be seconds or an HTTP date (RFC 9110), ``X-RateLimit-Reset`` seconds from
    now or since 1970; what is absurd counts as absent, and so does a time that is over: asking
    again at once would feed the storm.
    """
    text = headers.get("retry-after", "").strip()
    seconds: float | None = None
    if text:
        try:
            seconds = float(text)
        except ValueError:
            date = _http_date(text)
            seconds = None if date is None else date - wall
    else:
        seconds = seconds_to_reset(headers, wall)
    return seconds if seconds is not None and 0 < seconds <= _LONGEST_ASKED else None


def seconds_to_reset(headers: Mapping[str, str], wall: float) -> float | None:
    """Return the seconds until an announced rate limit begins anew, where that is told.

    Some providers count them from now, others since 1970; no window lasts for decades.
    """
    try:
        reset = float(headers["x-ratelimit-reset"])
    except (KeyError, ValueError):
        return None
    if not 0 <= reset < _BEYOND_TIME:
        return None
    return reset if reset < wall / 2 else reset - wall


def secret_forms(secret: Secret, user: str | None) -> tuple[bytes, ...]:
    """Return the byte strings that would give the secret away: plain, in a URL, in JSON, Basic.

    ``user`` is the name that HTTP Basic joins it with, or None where it travels in the query.
    """
    plain = secret.reveal()
    if len(plain.encode()) < _SHORTEST:
        return ()
    in_url = {quote(plain, safe=""), quote_plus(plain)}
    forms = {plain, json.dumps(plain)[1:-1], json.dumps(plain, ensure_ascii=False)[1:-1]}
    # Some encoders escape the slash too, some escape for HTML, and hexadecimal has two cases.
    forms |= in_url | {form.replace("/", "\\/") for form in forms} | {html.escape(plain)}
    forms |= {_HEX.sub(lambda found: found[0].lower(), form) for form in in_url}
    if user is not None:
        forms.add(base64.b64encode(f"{user}:{plain}".encode()).decode())
    # The longest first: a form may be part of another one.
    return tuple(form.encode() for form in sorted(forms, key=len, reverse=True))


@dataclass
class Telemetry:
    """What the headers of an account's latest answer tell: status, rate limit, clock skew."""

    status: int | None = None
    """None before any answer."""
    worked: bool = False
    """Whether any answer shows that the credentials are right."""
    clock_skew: float | None = None
    """Seconds by which this machine's clock is ahead of the provider's; None where not told."""
    remaining: int | None = None
    """Requests left of the announced rate limit."""
    at_once: int | None = None
    """Requests that the account has under way from everywhere, where the provider counts those."""
    retry_at: float | None = None
    """When to ask again, in seconds since 1970, where the last answer forbade it for a while."""

    def take(self, status: int, headers: Mapping[str, str], now: float) -> None:
        """Learn from an answer that came at ``now``, in seconds since 1970."""
        self.status = status
        self.worked = self.worked or 200 <= status < 300
        sent = _http_date(headers.get("date", ""))
        if sent is not None:
            self.clock_skew = now - sent
        left = headers.get("x-ratelimit-remaining", "")
        if left.isdecimal() and len(left) < 10:
            self.remaining = int(left)
        at_once = headers.get("twilio-concurrent-requests", "")
        if at_once.isdecimal() and len(at_once) < 10:
            self.at_once = int(at_once)
        wait = asked_wait(headers, now) if status == 429 else None
        self.retry_at = None if wait is None else now + wait


def _http_date(text: str) -> float | None:
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
