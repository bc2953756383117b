"""One path of an API: it finds the handler by method and sends what the exchange gives."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tui_numbers.sandbox.exchange import Exchange, Handler
from tui_numbers.sandbox.faults import ConnectionDropped
from tui_numbers.sandbox.wire import Wire

if TYPE_CHECKING:
    from tui_numbers.sandbox.app import Sandbox

SANDBOX = "tui_numbers.sandbox"
"""The scope's key for the sandbox that answers."""
SEEN = "tui_numbers.seen"
"""The scope's key for what is noted of the request."""

Naming = Callable[[Request], str]


class Resource:
    """The methods of one path, each with the name of its route and its handler."""

    def __init__(self, wire: Wire, methods: dict[str, tuple[str | Naming, Handler]]) -> None:
        self._wire = wire
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        sandbox: Sandbox = scope[SANDBOX]
        request = Request(scope, receive)
        entry = self._methods.get(request.method)
        if entry is None:
            await self._wrong_method(request)(scope, receive, send)
            return
        name, handler = entry
        route = name if isinstance(name, str) else name(request)
        scope[SEEN].update(provider=self._wire.name, route=route)
        exchange = Exchange(request, sandbox, self._wire, route)
        response = await exchange.answer(handler)
        if exchange.truncated and len(response.body) > 1:
            await _send_half(response, send)
        await response(scope, receive, send)

    def _wrong_method(self, request: Request) -> Response:
        response = self._wire.refuse(request, self._wire.wrong_method)
        if self._wire.wrong_method == 405:
            response.headers["Allow"] = ", ".join(self._methods)
        return response


class Missing:
    """The answer to every path that an API does not have."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        scope[SEEN]["provider"] = self._wire.name
        await self._wire.refuse(Request(scope, receive), 404)(scope, receive, send)


def resource(wire: Wire, path: str, **methods: tuple[str | Naming, Handler]) -> Route:
    """Return the route of ``path``; methods are given as ``GET=("list", handler)``."""
    return Route(path, Resource(wire, methods))


async def _send_half(response: Response, send: Send) -> None:
    """Announce the whole body, send half of it, and go.

    Raises:
        ConnectionDropped: Always; there is no more to come.
    """
    start = {"status": response.status_code, "headers": response.raw_headers}
    await send({"type": "http.response.start", **start})
    half = bytes(response.body)[: len(response.body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
    raise ConnectionDropped("half a body")
