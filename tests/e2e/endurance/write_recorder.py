"""Watches the sandbox from within: which write request came when, for which operation, and what
the world truly held before and after. It believes neither the program nor the answers."""

import json
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from tui_numbers.sandbox.exchange import Exchange
from tui_numbers.sandbox.faults import RECORD_KINDS, WRITE_ROUTES
from tui_numbers.sandbox.world import World

PROVIDERS = ("parakeet", "fonedynamics", "vonage")
"""Whose numbers random commands and somebody else change."""
WATCHED = (*PROVIDERS, "twilio", "telnyx")
SOMEBODY_ELSE = "somebody else"
_IN_FLIGHT = (
    "SELECT id FROM operation WHERE number = ? AND provider = ? AND begun AND outcome IS NULL "
    "ORDER BY position DESC LIMIT 1"
)


@dataclass
class Deed:
    """One write request that reached the provider, or a change past this program."""

    provider: str
    route: str
    number: str
    at: datetime
    operation: str | None
    """The journal's operation that was under way for the number when the request came."""
    faults: tuple[str, ...] = ()
    applied: bool = False
    before: Any = None
    after: Any = None

    @property
    def moved(self) -> bool:
        """Whether the world is another one for it."""
        return self.applied and self.before != self.after

    def __str__(self) -> str:
        done = "applied" if self.applied else "not applied"
        with_faults = f" under {', '.join(self.faults)}" if self.faults else ""
        return (
            f"{self.at:%H:%M:%S.%f} {self.provider} {self.route} {self.number} for "
            f"{self.operation}: {done}{with_faults}"
        )


@dataclass(frozen=True)
class State:
    """What the world held for a number from a moment on; a record of None is a number not held."""

    since: datetime
    record: Any
    by: str


@dataclass
class WriteRecorder:
    """Everything that happened to the world, in order."""

    world: World
    journal: Path
    deeds: list[Deed] = field(default_factory=list)
    states: dict[tuple[str, str], list[State]] = field(default_factory=dict)
    meddling: "deque[Callable[[], None]]" = field(default_factory=deque)
    """Changes by somebody else, made just before the next request is answered."""
    misled: list[tuple[str, datetime]] = field(default_factory=list)
    """When which provider's answer to a reading had records that are not so."""
    lies: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _identities: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        beginning = datetime.fromtimestamp(0, UTC)
        for provider in WATCHED:
            for record in self.ledger(provider).records.values():
                state = State(beginning, record, "the beginning")
                self.states[provider, record.number] = [state]

    def ledger(self, provider: str) -> Any:
        """The numbers of a provider's account as they truly are."""
        return getattr(self.world, provider).numbers

    def record(self, provider: str, number: str) -> Any:
        """One number as it truly is, or None."""
        rows = list(self.ledger(provider).records.values())
        return next((row for row in rows if row.number == number), None)

    def meddle(self, provider: str, key: str, change: Callable[[Any], Any]) -> None:
        """Have somebody else change a number, or take it away, with the next request."""

        def act() -> None:
            ledger = self.ledger(provider)
            record = ledger.get(key)
            if record is None:
                return
            after = change(record)
            ledger.put(key, after)
            now = datetime.now(UTC)
            deed = Deed(provider, "update", record.number, now, None, (), True, record, after)
            self._keep(deed, SOMEBODY_ELSE)

        self.meddling.append(act)

    def came(self, exchange: Exchange, path: str, body: bytes) -> Deed:
        """Take note of a write request, before anything is done about it."""
        provider, route = exchange.wire.name, exchange.route
        faults = tuple(fault.kind for fault in exchange._faults)
        number = self._number(provider, route, path, body)
        deed = Deed(provider, route, number, datetime.now(UTC), None, faults)
        with self._lock:
            deed.operation = self._under_way(deed)
            if deed.operation is None:
                self.lies.append(f"a write came that no recorded operation asks for: {deed}")
            elif any(one.operation == deed.operation for one in self.deeds):
                self.lies.append(f"a second request for one operation: {deed}")
            self.deeds.append(deed)
        return deed

    def done(self, deed: Deed, before: Any, after: Any, *, applied: bool) -> None:
        """Take note of what a write request did to the world."""
        deed.before, deed.after, deed.applied = before, after, applied
        if applied:
            self._keep(deed, deed.operation or "nobody known")

    def _keep(self, deed: Deed, by: str) -> None:
        with self._lock:
            if deed.operation is None:
                self.deeds.append(deed)
            key = deed.provider, deed.number
            self.states.setdefault(key, []).append(State(datetime.now(UTC), deed.after, by))

    def _under_way(self, deed: Deed) -> str | None:
        try:
            with sqlite3.connect(f"file:{self.journal}?mode=ro", uri=True, timeout=10) as journal:
                row = journal.execute(_IN_FLIGHT, (deed.number, deed.provider)).fetchone()
            journal.close()
        except sqlite3.OperationalError:
            return None
        return row[0] if row else None

    def _number(self, provider: str, route: str, path: str, body: bytes) -> str:
        if provider == "vonage":
            return "+" + parse_qs(body.decode()).get("msisdn", [""])[0]
        if provider == "twilio" and route == "buy":
            return parse_qs(body.decode()).get("PhoneNumber", [""])[0]
        parts = [part.removesuffix(".json") for part in path.rstrip("/").split("/")]
        if route == "buy":
            named = json.loads(body or b"{}")
            ordered = (named.get("phone_numbers") or [{}])[0].get("phone_number")
            return str(named.get("number") or named.get("Number") or ordered or "")
        if provider == "fonedynamics":
            return f"+{parts[-1]}"
        for record in list(self.ledger(provider).records.values()):
            self._identities[record.id] = record.number
        # Telnyx has the settings of a channel below the number's own path.
        return next(
            (self._identities[part] for part in reversed(parts) if part in self._identities),
            parts[-1],
        )


@contextmanager
def watching(witness: WriteRecorder) -> Iterator[None]:
    """Let the witness see every write that any sandbox of this process answers."""
    answer, put, remove, tamper = (
        Exchange.answer,
        Exchange.put,
        Exchange.remove,
        Exchange._tamper,
    )

    async def seen_answer(self: Exchange, handler: Any) -> Any:
        self.deed, self.touched = None, []
        while witness.meddling:
            witness.meddling.popleft()()
        if self.route in WRITE_ROUTES:
            body = await self.request.body()
            self.deed = witness.came(self, self.request.url.path, body)
        elif any(fault.kind in RECORD_KINDS for fault in self._faults):
            witness.misled.append((self.wire.name, datetime.now(UTC)))
        return await answer(self, handler)

    def seen_put(self: Exchange, ledger: Any, key: str, record: Any) -> None:
        self.touched.append((ledger, key, ledger.get(key)))
        put(self, ledger, key, record)

    def seen_remove(self: Exchange, ledger: Any, key: str, record: Any) -> None:
        self.touched.append((ledger, key, ledger.get(key)))
        remove(self, ledger, key, record)

    def seen_tamper(self: Exchange) -> None:
        tamper(self)
        undone = self.fault("not-applied") is not None
        for ledger, key, before in self.touched:
            witness.done(self.deed, before, ledger.get(key), applied=not undone)

    patched = {"answer": seen_answer, "put": seen_put, "remove": seen_remove}
    for name, call in (patched | {"_tamper": seen_tamper}).items():
        setattr(Exchange, name, call)
    try:
        yield
    finally:
        Exchange.answer, Exchange.put, Exchange.remove = answer, put, remove
        Exchange._tamper = tamper
