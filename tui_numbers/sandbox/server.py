"""Serve the sandbox on a local port, over real HTTP."""

import asyncio
import contextlib
import logging
import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from tui_numbers.sandbox.faults import ABORT

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope

    from tui_numbers.sandbox.app import Sandbox

_HOST = "127.0.0.1"
_DISCARD = struct.pack("ii", 1, 0)


class _SeverableProtocol(H11Protocol):
    """HTTP whose application may cut the connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hand the application a way to cut this connection."""
        assert isinstance(transport, asyncio.Transport)
        super().connection_made(transport)
        inner = self.app

        def abort(reset: bool = True) -> None:
            connection = transport.get_extra_info("socket")
            if reset and connection is not None:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _DISCARD)
            transport.abort()

        self.app = _with_extension(inner, abort)


def _with_extension(inner: "ASGI3Application", abort: Callable[..., None]) -> "ASGI3Application":
    async def application(
        scope: "Scope", receive: "ASGIReceiveCallable", send: "ASGISendCallable"
    ) -> None:
        widened: Any = {**scope, "extensions": {ABORT: abort}}
        await inner(widened, receive, send)

    return application


class _Server(uvicorn.Server):
    """A server that says when it is ready and ends without raising the signal again."""

    def __init__(self, sandbox: "Sandbox", on_ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                sandbox,
                http=_SeverableProtocol,
                ws="none",
                lifespan="off",
                loop="asyncio",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        self._on_ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let Ctrl+C and SIGTERM end the server; a second Ctrl+C does not wait for clients."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._end) for number in _ENDING}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True


_ENDING = (signal.SIGINT, signal.SIGTERM)


def _listen(port: int) -> socket.socket:
    """Open the port.

    Raises:
        OSError: When it is not free; the message names it.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((_HOST, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise OSError(error.errno, f"cannot listen on {_HOST}:{port}: {reason}") from error
    except OverflowError as error:
        listener.close()
        raise OSError(f"{port} is not a port") from error
    return listener


def _origin(listener: socket.socket) -> str:
    return f"http://{_HOST}:{listener.getsockname()[1]}"


def _quiet() -> None:
    # Dropping connections is what the sandbox is for; the server would report each as an error.
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)


def serve(
    sandbox: "Sandbox",
    port: int = 8470,
    on_ready: Callable[[str], None] = lambda _origin: None,
) -> None:
    """Serve on loopback until Ctrl+C or SIGTERM; port 0 takes a free one.

    ``on_ready`` is told the origin once connections are accepted.

    Raises:
        OSError: When the port is not free.
    """
    _quiet()
    listener = _listen(port)
    origin = _origin(listener)
    _Server(sandbox, lambda: on_ready(origin)).run([listener])


@contextlib.contextmanager
def background(sandbox: "Sandbox") -> Iterator[str]:
    """Serve on a free port from a thread while the block runs, and give it the origin."""
    _quiet()
    listener = _listen(0)
    ready = threading.Event()
    server = _Server(sandbox, ready.set)
    thread = threading.Thread(
        target=server.run, args=([listener],), name="sandbox-server", daemon=True
    )
    thread.start()
    try:
        if not ready.wait(10):
            raise OSError("the sandbox did not start")
        yield _origin(listener)
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
