"""One request and its answer: the order in which faults, credentials, limits and work come."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from tui_numbers.sandbox.corruption import corrupt
from tui_numbers.sandbox.faults import (
    BODY_KINDS,
    RECORD_KINDS,
    STATUS_KINDS,
    ConnectionDropped,
    Fault,
)
from tui_numbers.sandbox.records import NumberRecord
from tui_numbers.sandbox.stock import Available
from tui_numbers.sandbox.wire import Wire, json_answer, read_json

if TYPE_CHECKING:
    from tui_numbers.sandbox.app import Sandbox
    from tui_numbers.sandbox.ledger import Ledger
    from tui_numbers.sandbox.world import World

R = TypeVar("R", bound=NumberRecord)
Handler = Callable[["Exchange"], Awaitable[Response]]

_HTML = (
    "<!DOCTYPE html><html><head><title>Service notice</title></head>"
    "<body><h1>Please try again later</h1><p>This gateway is being looked after.</p></body></html>"
)


class Exchange:
    """What a handler works with: the request, the world, and changes that can be taken back."""

    def __init__(self, request: Request, sandbox: "Sandbox", wire: Wire, route: str) -> None:
        self.request = request
        self.sandbox = sandbox
        self.wire = wire
        self.route = route
        self._undo: list[Callable[[], None]] = []
        self._shade: list[Callable[[int | None, float | None], None]] = []
        self._wipe: list[Callable[[], None]] = []
        self._faults = sandbox.faults.decide(wire.name, route, request.query_params)

    @property
    def world(self) -> "World":
        """The sandbox's world."""
        return self.sandbox.world

    @property
    def milliseconds(self) -> int:
        """The world's time, as records keep it."""
        return int(self.world.now().timestamp() * 1000)

    def fault(self, *kinds: str) -> Fault | None:
        """Return the first fault of one of these kinds that hits this request."""
        return next((fault for fault in self._faults if fault.kind in kinds), None)

    def refuse(self, status: int) -> Response:
        """Return the provider's usual answer for an error status."""
        return self.wire.refuse(self.request, status)

    def put(self, ledger: "Ledger[R]", key: str, record: R) -> None:
        """Add or replace a number."""
        before = ledger.get(key)
        ledger.put(key, record)
        self._shade.append(lambda reads, until: ledger.shade(key, before, reads, until))
        if before is None:
            self.world.stock.take(record.number)
            self._undo.append(lambda: self._give_back(ledger, key, record))
        else:
            self._undo.append(lambda: ledger.put(key, before))
            self._wipe.append(lambda: ledger.put(key, record.with_another_wiped(before)))

    def remove(self, ledger: "Ledger[R]", key: str, record: R) -> None:
        """Release a number, which goes back to stock."""
        # A dict keeps the place of a key only while the key stays: taking back needs them all.
        order = list(ledger.records)
        self._give_back(ledger, key, record)
        self._shade.append(lambda reads, until: ledger.shade(key, record, reads, until))

        def restore() -> None:
            self.world.stock.take(record.number)
            ledger.put(key, record)
            held = dict(ledger.records)
            ledger.records.clear()
            ledger.records.update({name: held.pop(name) for name in order if name in held} | held)

        self._undo.append(restore)

    def spend(self, amount: Decimal) -> None:
        """Take money from the Vonage balance."""
        account = self.world.vonage
        account.balance -= amount

        def restore() -> None:
            account.balance += amount

        self._undo.append(restore)

    def _give_back(self, ledger: "Ledger[R]", key: str, record: R) -> None:
        ledger.put(key, None)
        item = Available(record.number, record.country, record.kind)
        self.world.stock.give_back(self.wire.name, item)

    async def answer(self, handler: Handler) -> Response:
        """Work through the request.

        Raises:
            ConnectionDropped: When a fault drops the connection in place of an answer.
        """
        if (latency := self.fault("latency")) is not None:
            await asyncio.sleep(latency.seconds)
        if self.fault("reset-before") is not None:
            raise ConnectionDropped
        response = self._answer_instead()
        if response is None:
            response = await self._checked(handler)
            self._tamper()
            response = self._disguise(response)
        if self.fault("reset-after") is not None:
            raise ConnectionDropped
        return response

    def _answer_instead(self) -> Response | None:
        """Return the answer of a fault that comes before any work is done."""
        fault = self.fault("html", "error-inside-200", *STATUS_KINDS)
        if fault is None or fault.made:
            return None
        return self._fault_answer(fault)

    def _fault_answer(self, fault: Fault) -> Response:
        if fault.kind == "html":
            return Response(_HTML, fault.status or 200, media_type="text/html")
        if fault.kind == "error-inside-200":
            return self.wire.refuse_inside_200(self.request)
        response = self.refuse(fault.status or STATUS_KINDS[fault.kind])
        if fault.retry_after is not None:
            response.headers["Retry-After"] = fault.retry_after
        return response

    async def _checked(self, handler: Handler) -> Response:
        """Do the work for a request that is acceptable, authenticated and within its limits."""
        refused = self.wire.unacceptable(self.request)
        if refused is not None:
            return refused
        if not await self.wire.authenticated(self.request):
            return self.refuse(401)
        tightest = None
        for key in (self.wire.name, f"{self.wire.name}:{self.route}"):
            limit = self.sandbox.limits.get(key)
            if limit is not None:
                usage = self.sandbox.limiter.count(key, limit)
                tightest = usage
                if usage.exceeded:
                    break
        if tightest is None:
            return await handler(self)
        response = self.refuse(429) if tightest.exceeded else await handler(self)
        response.headers.update(self.wire.limit_headers(tightest, self.world.now().timestamp()))
        return response

    def _tamper(self) -> None:
        """Let faults have their way with the changes that were made."""
        if self.fault("other-setting") is not None:
            for wipe in self._wipe:
                wipe()
        if (slow := self.fault("slow-visible")) is not None:
            until = self.sandbox.clock() + slow.seconds if slow.reads is None else None
            for shade in self._shade:
                shade(slow.reads, until)
        if self.fault("not-applied") is not None:
            for undo in reversed(self._undo):
                undo()

    def _disguise(self, response: Response) -> Response:
        """Let faults have their way with the answer to work that was done."""
        made = next((fault for fault in self._faults if fault.made), None)
        if made is not None and made.kind not in BODY_KINDS:
            return self._fault_answer(made)
        if self.fault("empty") is not None:
            return Response(b"", 200, media_type="application/json")
        kinds = [fault.kind for fault in self._faults if fault.kind in RECORD_KINDS]
        if kinds and response.body and response.status_code < 300:
            response = _corrupted(response, kinds)
        if self.fault("half-json") is not None:
            half = bytes(response.body)[: len(response.body) // 2]
            return Response(half, response.status_code, media_type="application/json")
        return response

    @property
    def truncated(self) -> bool:
        """Whether the answer ends in the middle of its body."""
        return self.fault("truncated") is not None


def _corrupted(response: Response, kinds: list[str]) -> Response:
    value: Any = corrupt(read_json(bytes(response.body)), kinds)
    spoilt = json_answer(value, response.status_code)
    for name, text in response.headers.items():
        if name not in ("content-length", "content-type"):
            spoilt.headers[name] = text
    return spoilt
