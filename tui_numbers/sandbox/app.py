"""Assemble the sandbox: one ASGI application over a seeded world, and paths that set faults."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.types import Message, Receive, Scope, Send

from tui_numbers.domain.changes import Set
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.routes import Route as SavedRoute
from tui_numbers.domain.routes import RouteLine, route_text
from tui_numbers.sandbox import fonedynamics, parakeet, telnyx, twilio, vonage
from tui_numbers.sandbox.exchange import SANDBOX, SEEN
from tui_numbers.sandbox.faults import ABORT, ConnectionDropped, Faults, parse_faults
from tui_numbers.sandbox.http import Cursors, Limit, Limiter, default_limits, json_answer
from tui_numbers.sandbox.seeds import seed_fonedynamics, seed_parakeet
from tui_numbers.sandbox.stock import Stock
from tui_numbers.sandbox.telnyx_numbers import seed_telnyx
from tui_numbers.sandbox.twilio_numbers import seed_twilio
from tui_numbers.sandbox.vonage_numbers import seed_vonage
from tui_numbers.sandbox.world import World

_REMEMBERED = 10_000
_SECRET_PARAMETERS = frozenset({"api_key", "api_secret"})


@dataclass(frozen=True)
class RequestSeen:
    """A request that was answered or, with status 0, dropped. It never holds credentials."""

    provider: str
    route: str
    method: str
    path: str
    query: str
    status: int


class Sandbox:
    """An ASGI application that answers for all providers out of one world.

    Attributes:
        world: The records behind the answers; tests may look into it and change it.
        faults: The misbehaviour in force.
        limits: Rate limits by ``provider`` or ``provider:route``; remove one to lift it.
        requests: The latest requests.
        sleep: Waits as long as a latency lasts, in seconds.
    """

    def __init__(
        self,
        world: World,
        faults: Faults | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.world = world
        self.faults = Faults() if faults is None else faults
        self.clock = clock
        self.sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
        self.limits: dict[str, Limit] = default_limits(world)
        self.limiter = Limiter(clock)
        self.cursors = Cursors()
        self.requests: deque[RequestSeen] = deque(maxlen=_REMEMBERED)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or let it drop."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        seen: dict[str, Any] = {"provider": "", "route": "unknown", "status": 0}

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen["status"] = message["status"]
                # Whoever has an answer finds its request among those that were seen.
                self._note(scope, seen)
            await send(message)

        try:
            await _routes()({**scope, SANDBOX: self, SEEN: seen}, receive, watched)
        except ConnectionDropped as dropped:
            abort = (scope.get("extensions") or {}).get(ABORT)
            if abort is None:
                raise
            # A reset would throw away the half body that the client is meant to see.
            abort(not dropped.args)
            await asyncio.sleep(0)
        finally:
            if not seen["status"]:
                self._note(scope, seen)

    def _note(self, scope: Scope, seen: dict[str, Any]) -> None:
        if not seen["provider"] or scope["type"] != "http":
            return
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        shown = urlencode([pair for pair in query if pair[0] not in _SECRET_PARAMETERS])
        path, method = scope["path"], scope["method"]
        self.requests.append(
            RequestSeen(seen["provider"], seen["route"], method, path, shown, seen["status"])
        )


@cache
def _routes() -> Router:
    """Return the routes of every emulation; they hold nothing, and are compiled once."""
    return Router(
        [
            Mount("/parakeet/api/v1", app=parakeet.router()),
            Mount("/fonedynamics", app=fonedynamics.router()),
            Mount("/vonage", app=vonage.router()),
            Mount("/telnyx", app=telnyx.router()),
            Mount("/twilio", app=twilio.router()),
            Mount("/sandbox", app=router()),
        ],
        redirect_slashes=False,
    )


def router() -> Router:
    """Return the routes below ``/sandbox``."""
    return Router(
        [
            Route("/faults", _faults, methods=["POST", "DELETE"]),
            Route("/requests", _requests, methods=["GET"]),
        ]
    )


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


async def _live(receive: Receive, send: Send) -> None:
    """Follow a server that starts and stops its applications."""
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


SMALLEST = 6
LARGEST = 1_000_000
_FEW = 6
"""Numbers that show everything of an account of which a small world has no more."""
_SHARED_BY_ALL = 100
"""Numbers from which on every account has some."""


_AT_EACH = 4
"""How many numbers of each account the demo's route has."""


def after_hours(world: World) -> str:
    """Return the file of a route over numbers of all three accounts, as somebody would write it."""
    desk = next((team for team, name in world.parakeet.teams.items() if name == "Night Desk"), "")
    us = [
        ("us-desk", one.number, {"target": f"team:{desk}"})
        for one in world.parakeet.numbers.records.values()
        if one.status == "confirmed" and (one.target or "").startswith("TM") and one.target != desk
    ]
    uk = [
        ("uk-sms", one.number, {"voice": "phone:+442079460999"})
        for one in world.vonage.numbers.records.values()
        if "VOICE" in one.features and one.country == "GB" and one.app_id and not one.voice_value
    ]
    au = [
        ("au-sales", one.number, {"voice": "phone:+61270100099"})
        for one in world.fonedynamics.numbers.records.values()
        if one.status == "Active" and one.country == "AU" and one.endpoint
    ]
    lines = [
        RouteLine(account, E164(number), {key: Set(value) for key, value in wanted.items()})
        for found in (us, uk, au)
        for account, number, wanted in found[:_AT_EACH]
    ]
    note = "Everything to the night desk and the bridge. Ask Dana before Sundays."
    return route_text(SavedRoute("after-hours", "After hours", note, tuple(lines)))


def build_world(numbers: int = 1248, seed: int = 2020) -> World:
    """Build the world with so many owned numbers; the same arguments give the same world.

    Raises:
        ValueError: When ``numbers`` is out of range.
    """
    if not SMALLEST <= numbers <= LARGEST:
        raise ValueError(f"a world has from {SMALLEST} to {LARGEST} numbers, not {numbers}")
    parakeet = round(numbers * 0.42)
    vonage = round(numbers * 0.34)
    # A small world leaves its few numbers to the first three accounts.
    telnyx = numbers // 16 if numbers >= _SHARED_BY_ALL else 0
    twilio = max(numbers // 60, min(numbers // 12, _FEW))
    rest = numbers - parakeet - vonage - telnyx - twilio
    taken: set[str] = set()
    return World(
        seed=seed,
        parakeet=seed_parakeet(parakeet, seed, taken),
        vonage=seed_vonage(vonage, seed, taken),
        fonedynamics=seed_fonedynamics(rest, seed, taken),
        telnyx=seed_telnyx(telnyx, seed, taken),
        twilio=seed_twilio(twilio, seed, taken),
        stock=Stock(taken),
    )
