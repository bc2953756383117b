"""What goes out to a provider and what comes back: credentials, patience, the answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tui_numbers.domain.operations import REQUEST_SECONDS


@dataclass(frozen=True, slots=True)
class Limits:
    """Patience with one request, in seconds."""

    connect: float = 5.0
    read: float = 15.0
    whole: float = REQUEST_SECONDS
    """From the first byte sent to the last received, however slowly it drips."""


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


Credentials = Basic | QueryCredentials
