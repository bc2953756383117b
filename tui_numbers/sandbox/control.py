"""The sandbox's own paths, for drills that are run from outside."""

from collections import Counter
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, Router

from tui_numbers.sandbox.faults import parse_faults
from tui_numbers.sandbox.resource import SANDBOX
from tui_numbers.sandbox.wire import json_answer

if TYPE_CHECKING:
    from tui_numbers.sandbox.app import Sandbox


async def _faults(request: Request) -> Response:
    sandbox: Sandbox = request.scope[SANDBOX]
    if request.method == "DELETE":
        sandbox.faults.clear()
        return Response(status_code=204)
    try:
        wanted = parse_faults((await request.body()).decode())
    except ValueError as error:
        return PlainTextResponse(f"{error}\n", 400)
    for fault in wanted:
        sandbox.faults.add(fault)
    return PlainTextResponse(f"{len(wanted)} more, {len(sandbox.faults)} in force\n")


async def _requests(request: Request) -> Response:
    sandbox: Sandbox = request.scope[SANDBOX]
    counts: dict[str, Counter[str]] = {}
    for seen in list(sandbox.requests):
        counts.setdefault(seen.provider, Counter())[seen.route] += 1
    return json_answer(counts)


def router() -> Router:
    """Return the routes below ``/sandbox``."""
    return Router(
        [
            Route("/faults", _faults, methods=["POST", "DELETE"]),
            Route("/requests", _requests, methods=["GET"]),
        ]
    )
