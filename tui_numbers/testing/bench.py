"""Describe a provider to the suite, and emulate its API in process."""

import asyncio
import copy
import json
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tui_numbers.domain import clock
from tui_numbers.domain.accounts import Account, Secret
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import AvailableNumber, OwnedNumber, Target
from tui_numbers.domain.query import StockQuery
from tui_numbers.providers.contract import Plugin, Provider
from tui_numbers.providers.http import Api, Http
from tui_numbers.providers.pacing import Timing, Waiting
from tui_numbers.providers.transport import in_process

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]
"""An ASGI application, by Starlette or anything else."""


class Failure(StrEnum):
    """What may become of a request whose answer is no honest one."""

    HTML = "html"
    """A page of a web server, with the status of a success."""
    HALF_JSON = "half-json"
    EMPTY = "empty"
    DROPPED = "dropped"
    """The connection ends before the request is carried out."""
    LOST = "lost"
    """It is carried out, and the answer never comes."""


Fault = Failure | int
"""A failure, or the status of an error that is answered."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request that came."""

    method: str
    path: str


@dataclass
class Clock:
    """The real time, and all the waits that were asked for, which pass at once."""

    ahead: float = 0.0
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        """Let ``seconds`` have passed, for all who sleep at the same time at once."""
        self.slept.append(seconds)
        until = self.ahead + seconds
        await asyncio.sleep(0)
        self.ahead = max(self.ahead, until)

    def now(self) -> float:
        """Return the monotonic time."""
        return time.monotonic() + self.ahead

    @property
    def timing(self) -> Timing:
        """What waiting goes by."""
        return Timing(self.now, lambda: clock.timestamp() + self.ahead, self.sleep)


class Bench(ABC):
    """One client over an emulation of its API, and what the suite must know of both."""

    plugin: Plugin
    fields: Mapping[str, str]
    """The fields of the account, without the secret."""
    secret: str
    client: Provider
    clock: Clock
    waits: list[Waiting]
    """Every pause that was told to whoever shows progress."""

    stock: StockQuery | None = None
    """A search that finds something; None where stock cannot be searched."""
    refusals: Sequence[int] = (400,)
    """Statuses that are a plain refusal."""
    undocumented_kinds: Collection[str] = frozenset()
    """Kinds of target that the API shows and no document names."""
    update_writes: int = 1
    """Requests that an update of every setting takes; more than one where an API spreads them."""
    search_reads: int = 1
    """Requests that the first page of a search takes, such as one more for prices."""
    loses: Collection[str] = frozenset()
    """Fields of the record that any update loses, as the declaration says."""
    bodiless: Collection[tuple[str, Failure]] = frozenset()
    """Writes, and failures of their answer's body that do not count: none is documented."""

    @abstractmethod
    def owned(self) -> Collection[str]:
        """Return the E.164 numbers that the account holds now."""

    @abstractmethod
    def values(self) -> Mapping[str, str]:
        """Return a new value of each setting, for the ordinary number."""

    @abstractmethod
    def wanted(self) -> AvailableNumber:
        """Return a number that can be bought."""

    @abstractmethod
    def stored(self, number: str) -> Mapping[str, Any]:
        """Return a copy of the emulation's record of a number, field by field."""

    @abstractmethod
    def moves(self, setting: str) -> Collection[str]:
        """Return the fields of that record which a setting may move."""

    @abstractmethod
    def fail_reads(self, fault: Fault, times: int | None = None) -> None:
        """Let the next reads of a listing fail so, or so many of them."""

    @abstractmethod
    def fail_writes(self, fault: Fault) -> None:
        """Let every write fail so."""

    @abstractmethod
    def mend(self) -> None:
        """Let nothing fail any more, and forget the requests."""

    @property
    @abstractmethod
    def requests(self) -> Sequence[Request]:
        """Every request that came, answered or not."""

    @abstractmethod
    def connect(self, *, secret: str | None = None) -> Provider:
        """Return another client, with another secret."""

    @abstractmethod
    async def aclose(self) -> None:
        """Close every connection."""

    def ordinary_number(self) -> str:
        """Return a number that every setting may be given to; by default the first."""
        return next(iter(self.owned()))

    def bought_for(self) -> Target | None:
        """Return the target of a purchase, where the API takes one."""
        return None

    @property
    def writes(self) -> int:
        """How many requests were no reads."""
        return sum(request.method != "GET" for request in self.requests)

    async def ordinary(self) -> OwnedNumber:
        """Read the ordinary number afresh."""
        number = await self.client.find(E164(self.ordinary_number()))
        assert number is not None
        return number


class Dropped(Exception):
    """The connection ends without an answer."""


_PAGES: Mapping[Fault, bytes] = {
    Failure.HTML: b"<!doctype html><title>Bad gateway</title>",
    Failure.HALF_JSON: b'{"numbers": [{"num',
    Failure.EMPTY: b"",
}


class _Unreliable:
    """Passes requests on to an application, notes them, and fails to order."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.requests: list[Request] = []
        self.reads: tuple[Fault, int | None] | None = None
        self.writes: Fault | None = None

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        self.requests.append(Request(scope["method"], scope["path"]))
        fault = self._fault(scope["method"])
        if fault == Failure.LOST or fault in _PAGES:
            # The answer alone is bad: what was asked for is carried out.
            await self._app(scope, receive, _nowhere)
        if fault is None:
            await self._app(scope, receive, send)
        elif isinstance(fault, int):
            await _answer(send, fault, b'{"message": "as ordered"}')
        elif fault in _PAGES:
            await _answer(send, 200, _PAGES[fault])
        else:
            raise Dropped

    def _fault(self, method: str) -> Fault | None:
        if method != "GET":
            return self.writes
        if self.reads is None:
            return None
        fault, times = self.reads
        if times is not None:
            self.reads = (fault, times - 1) if times > 1 else None
        return fault


async def _nowhere(message: Message) -> None:
    """Take an answer that nobody gets."""


async def _answer(send: Send, status: int, body: bytes) -> None:
    kind = b"text/html" if body.startswith(b"<") else b"application/json"
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class AppBench(Bench):
    """A bench over an ASGI application of yours, which is called directly: no port is opened."""

    fields: Mapping[str, str] = MappingProxyType({})

    @abstractmethod
    def app(self) -> App:
        """Return the emulation; asked for once, so it may keep what it holds."""

    def __init__(self) -> None:
        self._server = _Unreliable(self.app())
        self.clock, self.waits = Clock(), []
        transport = in_process(self._server, Dropped)
        self._http = Http(
            transport=transport, timing=self.clock.timing, on_waiting=self.waits.append
        )

    @cached_property
    def client(self) -> Provider:  # type: ignore[override]
        """The client under test."""
        return self.connect()

    def connect(self, *, secret: str | None = None) -> Provider:
        """Return another client, with another secret."""
        info = self.plugin.info
        account = Account("contract", info.key, self.fields, "http://127.0.0.1")
        api = Api(
            self._http,
            account,
            Secret(secret or self.secret),
            info.pace,
            info.secrets_in_records,
        )
        return self.plugin.connect(api)

    @property
    def requests(self) -> Sequence[Request]:
        """Every request that came, answered or not."""
        return tuple(self._server.requests)

    def fail_reads(self, fault: Fault, times: int | None = None) -> None:
        """Let the next reads fail so, or so many of them."""
        self._server.reads = (fault, times)

    def fail_writes(self, fault: Fault) -> None:
        """Let every write fail so."""
        self._server.writes = fault

    def mend(self) -> None:
        """Let nothing fail any more, and forget the requests."""
        self._server.reads = self._server.writes = None
        self._server.requests.clear()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._http.aclose()


class RecordedBench(AppBench):
    """A bench over answers that your API gave once, for want of an emulation of it.

    ``write`` alone says what a change makes of them. What was not recorded is answered with 404.
    """

    recordings: Mapping[str, Any]
    """JSON answers by request, ``GET /numbers?page=1``; the order of the query does not count."""
    answers: dict[str, Any]
    """What is answered now: the recordings, and what writes have made of them."""

    @abstractmethod
    def write(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """Change ``answers`` as the API would; return the status and the JSON of its answer.

        ``body`` is what was sent: JSON, the fields of a form, or None.
        """

    def app(self) -> App:
        """Return an application that answers as recorded."""
        self.answers = {_request_key(key): value for key, value in self.recordings.items()}
        self.answers = copy.deepcopy(self.answers)
        return self._serve

    async def _serve(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        method, path = scope["method"], scope["path"]
        if method == "GET":
            key = _request_key(f"GET {path}?{scope['query_string'].decode()}")
            known = key in self.answers
            status, value = (200, self.answers[key]) if known else (404, {"message": key})
        else:
            status, value = self.write(method, path, _sent(await _whole(receive)))
        body = b"" if value is None else json.dumps(value).encode()
        await _answer(send, status, body)


def _request_key(written: str) -> str:
    """Return a request as it is looked up: its query sorted, and none where it is empty."""
    start, _, query = written.partition("?")
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    return f"{start}?{urlencode(pairs)}" if pairs else start


async def _whole(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _sent(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
