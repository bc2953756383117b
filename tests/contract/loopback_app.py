"""A real loopback server whose sandbox, answers and witnesses a test may exchange."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from socket import create_connection
from threading import Condition
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import Response

from tui_numbers.sandbox.app import Sandbox

Send = Callable[[dict[str, Any]], Awaitable[None]]

_LAST = "/behind-all-others"


@dataclass
class LoopbackApp:
    """Passes requests on to a sandbox, and notes the headers of each."""

    sandbox: Sandbox | None = None
    answer: Response | None = None
    """Given in place of every answer."""
    extra: dict[str, str] = field(default_factory=dict)
    """Headers put into every answer, in place of those of the same name."""
    headers: list[dict[str, str]] = field(default_factory=list)
    origin: str = ""
    _under_way: int = 0
    _idle: Condition = field(default_factory=Condition)

    def wait_until_idle(self) -> None:
        """Wait for the server's side of every exchange, which may end after the client's."""
        with self._idle:
            assert self._idle.wait_for(lambda: self._under_way == 0, timeout=10)

    def let_all_begin(self) -> None:
        """Return when whatever reached the server before has begun to be served.

        A client that is left may have sent what the server has not read yet, and it would be
        counted among the requests of the next. A later connection is read after those before it.
        """
        address = urlsplit(self.origin)
        asking = f"GET {_LAST} HTTP/1.1\r\nHost: last\r\nConnection: close\r\n\r\n"
        with create_connection((address.hostname, address.port), timeout=10) as last:
            last.sendall(asking.encode())
            while last.recv(4096):
                pass

    def _count(self, step: int) -> None:
        with self._idle:
            self._under_way += step
            self._idle.notify_all()

    def reset(self, sandbox: Sandbox | None = None) -> None:
        self.sandbox, self.answer = sandbox, None
        self.extra, self.headers = {}, []

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:
        if scope.get("path") == _LAST:
            await Response(status_code=204)(scope, receive, send)
            return
        self._count(1)
        try:
            await self._serve(scope, receive, send)
        finally:
            self._count(-1)

    async def _serve(self, scope: Any, receive: Any, send: Send) -> None:
        self.headers.append({name.decode(): value.decode() for name, value in scope["headers"]})
        if self.answer is not None or self.sandbox is None:
            await (self.answer or Response(status_code=500))(scope, receive, send)
            return

        async def dressed(message: dict[str, Any]) -> None:
            if self.extra and message["type"] == "http.response.start":
                mine = {name.encode(): value.encode() for name, value in self.extra.items()}
                kept = [pair for pair in message["headers"] if pair[0].lower() not in mine]
                message = {**message, "headers": [*kept, *mine.items()]}
            await send(message)

        await self.sandbox(scope, receive, dressed)
