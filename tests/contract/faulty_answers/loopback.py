"""A real server on loopback that answers each request with whatever bytes a function gives."""

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> str:
        return urlsplit(self.target).query

    @property
    def credentials(self) -> list[str]:
        """Everything in it that could let its receiver in."""
        held = [value for name, value in self.headers.items() if name in _LETTING_IN]
        return held + [part for part in (*self.query.split("&"), self.body.decode()) if _lets(part)]


_LETTING_IN = frozenset({"authorization", "proxy-authorization", "cookie"})


def _lets(part: str) -> bool:
    return "api_secret" in part or "api_key" in part or "secret" in part


Bytes = bytes | Iterable[bytes]
Answer = Callable[[Asked], Awaitable[Bytes]]


@dataclass(frozen=True)
class Told:
    """An answer before it is put on the wire."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("content-type", "application/json"),)
    body: bytes = b""

    def raw(self, *, length: int | None = None) -> bytes:
        """Return it as HTTP/1.1; ``length`` is what it claims, where that is not the truth."""
        claimed = len(self.body) if length is None else length
        lines = [f"HTTP/1.1 {self.status} OK"]
        lines += [f"{name}: {value}" for name, value in self.headers if name != "content-length"]
        lines += [f"content-length: {claimed}", "connection: close"]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + self.body

    def chunked(self, *pieces: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
        """Return it in chunks, each of ``pieces`` as it is."""
        lines = [f"HTTP/1.1 {self.status} OK"]
        lines += [f"{name}: {value}" for name, value in self.headers if name != "content-length"]
        lines += ["transfer-encoding: chunked", "connection: close"]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + b"".join(pieces) + end


@dataclass
class Loopback:
    """What the server does now, and what it was asked."""

    answer: Answer | None = None
    asked: list[Asked] = field(default_factory=list)
    origin: str = ""
    sent: int = 0
    """Bytes that went out, as far as the receiver let them."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request and close."""
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._exchange(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ", 2)
        pairs = (line.partition(":") for line in head[1:] if line)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        asked = Asked(method, target, headers, body)
        self.asked.append(asked)
        assert self.answer is not None
        answer = await self.answer(asked)
        for piece in (answer,) if isinstance(answer, bytes) else answer:
            writer.write(piece)
            await writer.drain()
            self.sent += len(piece)


@contextlib.contextmanager
def listening() -> Iterator[Loopback]:
    """Serve on a free port from a thread while the block runs."""
    server = Loopback()
    ready, ends = threading.Event(), []

    async def run() -> None:
        listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, limit=1 << 20)
        server.origin = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        loop, end = asyncio.get_running_loop(), asyncio.Event()
        ends.append(lambda: loop.call_soon_threadsafe(end.set))
        ready.set()
        async with listener:
            await end.wait()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    thread = threading.Thread(target=asyncio.run, args=(run(),), name="loopback", daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield server
    finally:
        ends[0]()
        thread.join(10)
