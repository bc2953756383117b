"""Inject faults: which requests fail, and how."""

import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tui_numbers.sandbox.records import share

ENVIRONMENT_VARIABLE = "TUI_NUMBERS_SANDBOX_FAULTS"

PROVIDERS = ("parakeet", "fonedynamics", "vonage", "twilio", "telnyx")
ROUTES = (
    "check",
    "list",
    "get",
    "update",
    "buy",
    "release",
    "search",
    "users",
    "teams",
    "applications",
    "flows",
    "projects",
    "addresses",
    "voice",
    "messaging",
    "connections",
    "profiles",
    "orders",
    "requirements",
    "trunks",
    "services",
    "members",
    "kinds",
    "prices",
    "regions",
    "bundles",
)
WRITE_ROUTES = frozenset({"update", "buy", "release"})

STATUS_KINDS = {
    "429": 429,
    "500": 500,
    "502": 502,
    "503": 503,
    "504": 504,
    "unauthorized": 401,
    "forbidden": 403,
}
"""Kinds that answer with an error status in the provider's own shape."""

WRITE_KINDS = frozenset({"not-applied", "slow-visible", "other-setting"})
"""Kinds that mean something only where something is changed; elsewhere they do not count."""

BODY_KINDS = frozenset({"truncated", "half-json", "empty"})
RECORD_KINDS = frozenset(
    {"bad-record", "bad-number", "extra-fields", "hide-flow", "total-too-high", "total-too-low"}
)
KINDS = (
    *STATUS_KINDS,
    "latency",
    "html",
    *sorted(BODY_KINDS),
    "reset-before",
    "reset-after",
    "error-inside-200",
    "expired-cursor",
    *sorted(WRITE_KINDS),
    *sorted(RECORD_KINDS),
)


class ConnectionDropped(Exception):
    """The connection went away before the whole answer was sent."""


@dataclass(frozen=True)
class Fault:
    """One way to misbehave, and the requests it hits.

    Attributes:
        provider: One provider, or ``*`` for all.
        route: One route, or ``*`` for all.
        kind: One of ``KINDS``.
        times: How many requests are hit; ``None`` means all.
        after: How many matching requests pass unharmed first.
        rate: The share of matching requests that is hit.
        seconds: How long latency lasts, or how long a slow change stays invisible.
        reads: How many reads do not show a slow change yet.
        retry_after: The Retry-After header of an error status, where it has one.
        status: The HTTP status, where the kind leaves a choice.
        made: Whether an error status comes after the change was made.
    """

    provider: str
    route: str
    kind: str
    times: int | None = None
    after: int = 0
    rate: float = 1.0
    seconds: float = 0.0
    reads: int | None = None
    retry_after: str | None = None
    status: int | None = None
    made: bool = False

    def __post_init__(self) -> None:
        _require("provider", self.provider, (*PROVIDERS, "*"))
        _require("route", self.route, (*ROUTES, "*"))
        _require("kind", self.kind, KINDS)
        if self.status is not None and not 200 <= self.status <= 599:
            raise ValueError(f"status is from 200 to 599, not {self.status}")
        if not 0 <= self.rate <= 1:
            raise ValueError(f"rate is from 0 to 1, not {self.rate}")

    def matches(self, provider: str, route: str, query: Mapping[str, str]) -> bool:
        """Say whether the fault is about such a request at all."""
        if self.provider not in ("*", provider) or self.route not in ("*", route):
            return False
        if self.kind in WRITE_KINDS:
            return route in WRITE_ROUTES
        return self.kind != "expired-cursor" or "cursor" in query


def _require(name: str, value: str, allowed: Iterable[str]) -> None:
    if value not in allowed:
        raise ValueError(f"unknown {name} {value!r}; one of: {', '.join(allowed)}")


@dataclass
class _Armed:
    fault: Fault
    seen: int = 0
    hits: int = 0

    def fires(self) -> bool:
        self.seen += 1
        if self.seen <= self.fault.after:
            return False
        if self.fault.times is not None and self.hits >= self.fault.times:
            return False
        if share("fault", self.fault.kind, self.seen) >= self.fault.rate:
            return False
        self.hits += 1
        return True


@dataclass
class Faults:
    """The faults in force. They can be changed while the sandbox answers."""

    _armed: list[_Armed] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Faults":
        """Return the faults that the environment asks for; none when it says nothing."""
        faults = cls()
        for fault in parse_faults(environ.get(ENVIRONMENT_VARIABLE, "")):
            faults.add(fault)
        return faults

    def __len__(self) -> int:
        return len(self._armed)

    def add(self, fault: Fault) -> None:
        """Put a fault in force."""
        with self._lock:
            self._armed.append(_Armed(fault))

    def clear(self) -> None:
        """Take all faults out of force."""
        with self._lock:
            self._armed.clear()

    def decide(self, provider: str, route: str, query: Mapping[str, str]) -> tuple[Fault, ...]:
        """Return the faults that hit this request, and count it."""
        with self._lock:
            return tuple(
                armed.fault
                for armed in self._armed
                if armed.fault.matches(provider, route, query) and armed.fires()
            )


def parse_faults(text: str) -> tuple[Fault, ...]:
    """Read faults separated by semicolons or line ends; lines that begin with ``#`` are notes.

    Raises:
        ValueError: When one of them cannot be read; the message says why.
    """
    lines = (line.strip() for line in re.split(r"[;\n]", text))
    return tuple(parse_fault(line) for line in lines if line and not line.startswith("#"))


def parse_fault(text: str) -> Fault:
    """Read ``provider:route:kind``, with options such as ``:times=1,after=2`` behind it.

    Raises:
        ValueError: When it cannot be read; the message says why.
    """
    provider, _, rest = text.strip().partition(":")
    route, _, rest = rest.partition(":")
    kind, _, options = rest.partition(":")
    if not kind:
        raise ValueError(f"{text!r} is not provider:route:kind[:option=value]")
    values: dict[str, Any] = {}
    for option in re.split(r"[:,]", options) if options else ():
        name, _, value = option.partition("=")
        name = name.strip().replace("-", "_")
        if name not in _READERS:
            raise ValueError(f"unknown option {name!r}; one of: {', '.join(_READERS)}")
        try:
            values[name] = _READERS[name](value.strip())
        except ValueError:
            raise ValueError(f"{name} cannot be {value!r}") from None
    return Fault(provider, route, kind, **values)


def _read_flag(text: str) -> bool:
    if text not in ("0", "1", "true", "false"):
        raise ValueError(text)
    return text in ("1", "true")


_READERS: dict[str, Any] = {
    "times": int,
    "after": int,
    "rate": float,
    "seconds": float,
    "reads": int,
    "retry_after": str,
    "status": int,
    "made": _read_flag,
}


ABORT = "tui_numbers.abort"
"""The scope extension with which a server lets the application cut the connection."""
