"""A proxy on a real port that harms what passes through it: at a stage, in a way, on order.

It runs in a thread with an event loop of its own. Every request has a connection of its own, so
that the n-th connection is the n-th request, and faults can be aimed before anything is read.
"""

import asyncio
import contextlib
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

_HOST = "127.0.0.1"
_DISCARD = struct.pack("ii", 1, 0)
_TURNS = 5
_PATIENCE = 10
"""Seconds after which the proxy itself is held to be broken; nothing is measured by it."""


class Stage(StrEnum):
    """How far an exchange gets before it is harmed."""

    CONNECT = "connect"
    ACCEPT = "accept"
    HEAD = "request head"
    REQUEST = "request"
    ANSWER = "answer"
    IN_HEAD = "in answer head"
    IN_BODY = "in answer body"


class Act(StrEnum):
    """What is done to it there."""

    REFUSE = "refuse"
    STALL = "stall"
    RESET = "reset"
    CLOSE = "close"
    HALF_CLOSE = "half-close"
    DRIP = "drip"
    SAY = "say"
    CERTIFY = "certify"


@dataclass(frozen=True)
class Harm:
    """One way to harm an exchange."""

    stage: Stage
    act: Act
    words: bytes | Callable[[], bytes] = b""
    """What is said in the place of an answer, or what makes it when its time has come."""
    tls: ssl.SSLContext | None = field(default=None, compare=False)
    """The certificate that is shown in the place of the right one."""


@dataclass
class Passed:
    """A request that came, and how far it got."""

    method: str = ""
    path: str = ""
    forwarded: bool = False


class _Gone(Exception):
    """The client has closed, or is to be let go."""


@dataclass
class Proxy:
    """Between a client and a server on this machine."""

    upstream: int
    tls: ssl.SSLContext | None = None
    passed: list[Passed] = field(default_factory=list)
    stalled: int = 0
    """How many clients wait for something that does not come."""
    dripping: int = 0
    """How many of them are given a byte whenever one is asked for."""
    owed: bool = False
    """Whether such a byte is still to be sent."""
    on_passed: Callable[[Passed], None] = lambda passed: None
    port: int = 0
    _harm: Harm | None = None
    _first: int = 0
    _last: float = float("inf")

    @property
    def origin(self) -> str:
        """What clients are configured with; the certificate is for ``localhost``."""
        return f"https://localhost:{self.port}" if self.tls else f"http://{_HOST}:{self.port}"

    def harm(self, harm: Harm, first: int = 0, times: int | None = None) -> None:
        """Harm the requests from ``first`` on (of those not yet come), all or so many."""
        self._call(lambda: self._begin(harm, len(self.passed) + first, times))

    def heal(self) -> None:
        """Harm nothing any more; who was stalled is served."""
        self._call(self._end)

    def held_up(self) -> int:
        """Return how many clients can do nothing but wait."""
        return 0 if self.owed else self.stalled

    def catch_up(self) -> None:
        """Wait until what has come is taken in: a closed connection is so in a few turns."""
        for _ in range(_TURNS):
            self._call(lambda: None)

    def drip(self) -> None:
        """Let one more byte through to everybody who is given bytes."""
        self.owed = True
        self._loop.call_soon_threadsafe(self._drop)

    def writes(self) -> list[Passed]:
        """The requests that came and were to change something."""
        return [one for one in self.passed if one.method not in ("", "GET")]

    @contextlib.contextmanager
    def running(self) -> Iterator["Proxy"]:
        """Serve while the block runs."""
        self._loop = asyncio.new_event_loop()
        with contextlib.closing(_socket()) as reservation:
            reservation.bind((_HOST, 0))
            self.port = reservation.getsockname()[1]
            thread = threading.Thread(target=self._serve, name="fault-proxy", daemon=True)
            thread.start()
            try:
                self._call(self._end)
                yield self
            finally:
                self._call(self._leave)
                self._loop.call_soon_threadsafe(self._loop.stop)
                thread.join(_PATIENCE)
                self._loop.close()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._lifted = asyncio.Event()
        self._dropped = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: socket.socket | None = None
        self._loop.run_forever()
        self._loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())

    def _call(self, work: Callable[[], None]) -> None:
        done = threading.Event()

        def run() -> None:
            work()
            done.set()

        self._loop.call_soon_threadsafe(run)
        if not done.wait(_PATIENCE):
            raise AssertionError("the proxy does not answer")

    def _begin(self, harm: Harm, first: int, times: int | None) -> None:
        self._harm, self._first = harm, first
        self._last = float("inf") if times is None else first + times - 1
        self._refuse_from(len(self.passed))

    def _end(self) -> None:
        self._harm = None
        self._lifted.set()
        self._lifted = asyncio.Event()
        self._listen()

    def _leave(self) -> None:
        self._deafen()
        for task in self._tasks:
            task.cancel()

    def _drop(self) -> None:
        self._dropped.set()
        self._dropped = asyncio.Event()

    def _listen(self) -> None:
        if self._listener is not None:
            return
        # A second socket keeps the port while nobody listens, so that refusing is undone.
        self._listener = _socket()
        self._listener.bind((_HOST, self.port))
        self._listener.listen(64)
        self._listener.setblocking(False)
        self._loop.add_reader(self._listener, self._accept)

    def _deafen(self) -> None:
        if self._listener is not None:
            self._loop.remove_reader(self._listener)
            self._listener.close()
            self._listener = None

    def _refuse_from(self, next_one: int) -> None:
        """Stop listening if the next request is one to refuse."""
        harm = self._harm
        if harm is not None and harm.act is Act.REFUSE and next_one >= self._first:
            self._deafen()

    def _accept(self) -> None:
        if self._listener is None:
            return
        with contextlib.suppress(BlockingIOError):
            connection, _ = self._listener.accept()
            passed = Passed()
            at = len(self.passed)
            self.passed.append(passed)
            harm = self._harm if self._first <= at <= self._last else None
            task = self._loop.create_task(self._attend(connection, passed, harm))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _attend(self, connection: socket.socket, passed: Passed, harm: Harm | None) -> None:
        reader, writer = await asyncio.open_connection(sock=connection)
        client = _Client(reader, writer)
        try:
            await _Exchange(self, client, passed, harm).run()
        except (_Gone, OSError):
            client.reset()
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def wait(self, client: "_Client", event: asyncio.Event) -> None:
        """Leave a client waiting for an event; raise ``_Gone`` where it leaves first."""
        lifted, going = self._loop.create_task(event.wait()), self._loop.create_task(client.gone())
        self.stalled += 1
        try:
            await asyncio.wait([lifted, going], return_when=asyncio.FIRST_COMPLETED)
            if not lifted.done():
                raise _Gone
        finally:
            self.stalled -= 1
            lifted.cancel()
            going.cancel()
            await asyncio.gather(lifted, going, return_exceptions=True)

    async def lifted(self, client: "_Client") -> None:
        """Leave a client waiting until the harm is over."""
        await self.wait(client, self._lifted)

    async def dripped(self, client: "_Client", body: bytes) -> None:
        """Give a client a byte for each that is asked for, and all once the harm is over."""
        lifted = self._lifted
        self.dripping += 1
        try:
            for at in range(len(body)):
                if lifted.is_set():
                    await client.send(body[at:])
                    break
                await client.send(body[at : at + 1])
                self.owed = False
                waits = [self._loop.create_task(one.wait()) for one in (lifted, self._dropped)]
                either = asyncio.Event()
                for one in waits:
                    one.add_done_callback(lambda _, event=either: event.set())
                try:
                    await self.wait(client, either)
                finally:
                    for one in waits:
                        one.cancel()
        finally:
            self.owed = False
            self.dripping -= 1


@dataclass
class _Client:
    """The client's side of a connection; what it sends is kept until it is asked for."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    _raw: bytes = b""
    _kept: bytes = b""
    _tls: ssl.SSLObject | None = None
    _came: ssl.MemoryBIO = field(default_factory=ssl.MemoryBIO)
    _going: ssl.MemoryBIO = field(default_factory=ssl.MemoryBIO)

    async def begun(self) -> None:
        """Wait for the first byte, of TLS where that is spoken."""
        while not self._raw:
            await self._read()

    async def secure(self, context: ssl.SSLContext) -> None:
        """Agree on TLS; raise ``SSLError`` where the client does not."""
        self._tls = context.wrap_bio(self._came, self._going, server_side=True)
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
                await self._feed()
            else:
                await self._flush()
                return

    async def until(self, mark: bytes) -> bytes:
        while mark not in self._kept:
            self._kept += await self._more()
        found, mark, self._kept = self._kept.partition(mark)
        return found + mark

    async def exactly(self, size: int) -> bytes:
        while len(self._kept) < size:
            self._kept += await self._more()
        found, self._kept = self._kept[:size], self._kept[size:]
        return found

    async def send(self, words: bytes) -> None:
        if self._tls is None:
            self.writer.write(words)
            await self.writer.drain()
        else:
            self._tls.write(words)
            await self._flush()

    async def gone(self) -> None:
        """Wait until the client closes; what it sends meanwhile is not lost."""
        with contextlib.suppress(OSError, _Gone):
            while True:
                await self._read()

    def reset(self) -> None:
        """Cut the connection so that the client gets a reset."""
        connection = self.writer.get_extra_info("socket")
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _DISCARD)
        self.writer.transport.abort()

    async def _more(self) -> bytes:
        while self._tls is not None:
            try:
                return self._tls.read(65536)
            except ssl.SSLWantReadError:
                await self._feed()
        if not self._raw:
            await self._read()
        found, self._raw = self._raw, b""
        return found

    async def _feed(self) -> None:
        if not self._raw:
            await self._read()
        self._came.write(self._raw)
        self._raw = b""

    async def _read(self) -> None:
        chunk = await self.reader.read(65536)
        if not chunk:
            raise _Gone
        self._raw += chunk

    async def _flush(self) -> None:
        self.writer.write(self._going.read())
        await self.writer.drain()


@dataclass
class _Exchange:
    """One request and its answer."""

    proxy: Proxy
    client: _Client
    passed: Passed
    harm: Harm | None

    async def run(self) -> None:
        if self.harm is not None and self.harm.stage is Stage.ACCEPT:
            if self.harm.act is not Act.STALL:
                # By its first byte the client knows that it is connected.
                await self.client.begun()
            if await self._harmed(Stage.ACCEPT):
                return
        if self.proxy.tls is not None:
            harm = self.harm
            shown = harm.tls if harm is not None and harm.act is Act.CERTIFY else None
            await self.client.secure(shown or self.proxy.tls)
        head = await self.client.until(b"\r\n\r\n")
        self.passed.method, self.passed.path = head.decode("latin-1").split(" ", 2)[:2]
        self.proxy.on_passed(self.passed)
        if await self._harmed(Stage.HEAD):
            return
        length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
        body = await self.client.exactly(int(length[1]) if length else 0)
        if await self._harmed(Stage.REQUEST):
            return
        self.passed.forwarded = True
        answer = await _forwarded(self.proxy.upstream, head, body)
        # By now, so that whoever reads the answer finds the next connection refused already.
        self.proxy._refuse_from(len(self.proxy.passed))
        await self._deliver(answer)

    async def _deliver(self, answer: bytes) -> None:
        if not answer:
            raise _Gone
        if await self._harmed(Stage.ANSWER):
            return
        body_at = answer.index(b"\r\n\r\n") + 4
        sent = 0
        for stage, at in (
            (Stage.IN_HEAD, body_at // 2),
            (Stage.IN_BODY, (body_at + len(answer)) // 2),
        ):
            if self.harm is not None and self.harm.stage is stage:
                await self.client.send(answer[:at])
                sent = at
                if self.harm.act is Act.DRIP:
                    await self.proxy.dripped(self.client, answer[at:])
                    return
                if await self._harmed(stage):
                    return
        await self.client.send(answer[sent:])

    async def _harmed(self, stage: Stage) -> bool:
        """Do what is ordered for this stage; tell whether the exchange is over."""
        harm = self.harm
        if harm is None or harm.stage is not stage:
            return False
        match harm.act:
            case Act.STALL:
                await self.proxy.lifted(self.client)
                return False
            case Act.RESET:
                self.client.reset()
            case Act.SAY:
                await self.client.send(harm.words() if callable(harm.words) else harm.words)
            case Act.HALF_CLOSE:
                self.client.writer.write_eof()
                await self.client.gone()
        return harm.act is not Act.CERTIFY


async def _forwarded(port: int, head: bytes, body: bytes) -> bytes:
    """Return the server's whole answer; empty where it dropped the connection."""
    reader, writer = await asyncio.open_connection(_HOST, port)
    try:
        writer.write(_closing(head) + body)
        return _closing(await reader.read(-1))
    except ConnectionError:
        return b""
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _closing(message: bytes) -> bytes:
    """Return a message whose sender wants the connection closed behind it."""
    head, gap, body = message.partition(b"\r\n\r\n")
    if not gap:
        return message
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*lines, b"connection: close"]) + gap + body


def _socket() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    return made
