"""Handle one request: routing by method, faults, credentials, rate limits, corruption."""

from collections.abc import Awaitable, Callable, Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tui_numbers.sandbox.faults import (
    BODY_KINDS,
    RECORD_KINDS,
    STATUS_KINDS,
    ConnectionDropped,
    Fault,
)
from tui_numbers.sandbox.http import Wire, json_answer, read_json
from tui_numbers.sandbox.records import NumberRecord
from tui_numbers.sandbox.stock import Available

if TYPE_CHECKING:
    from tui_numbers.sandbox.app import Sandbox
    from tui_numbers.sandbox.records import Ledger
    from tui_numbers.sandbox.world import World

_IDENTITY_KEYS = frozenset({"number", "msisdn", "Number", "phone_number", "id", "sid", "href"})
_NUMBER_KEYS = ("number", "msisdn", "Number", "phone_number")
_TOTAL_KEYS = ("count", "total_items", "TotalCount", "total_results")
_UNKNOWN_VALUES: dict[str, tuple[Any, ...]] = {
    "status": ("suspended",),
    "target_type": ("queue",),
    "type": ("satellite",),
    "Status": ("Suspended",),
    "Type": ("Satellite",),
    "RoutingMethod": ("Queue",),
    "Recording": ("Transcript",),
    "address_requirement": ("notarised",),
    "role": ("auditor",),
    "voiceCallbackType": ("vxml",),
    "phone_number_type": ("satellite",),
    "forwarding_type": ("on-weekends",),
}
R = TypeVar("R", bound=NumberRecord)
Kept = TypeVar("Kept")
Handler = Callable[["Exchange"], Awaitable[Response]]
_HTML = (
    "<!DOCTYPE html><html><head><title>Service notice</title></head>"
    "<body><h1>Please try again later</h1><p>This gateway is being looked after.</p></body></html>"
)
SANDBOX = "tui_numbers.sandbox"
"""The scope's key for the sandbox that answers."""
SEEN = "tui_numbers.seen"
"""The scope's key for what is noted of the request."""
Naming = Callable[[Request], str]


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

    def keep(self, records: dict[str, Kept], key: str, record: Kept) -> None:
        """Add or replace a record that stands beside the numbers."""
        before = records.get(key)
        records[key] = record

        def restore() -> None:
            if before is None:
                records.pop(key, None)
            else:
                records[key] = before

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
            await self.sandbox.sleep(latency.seconds)
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


def corrupt(body: Any, kinds: Iterable[str]) -> Any:
    """Return ``body`` (decoded JSON) spoilt in every way that ``kinds`` names."""
    records = records_of(body)
    for kind in kinds:
        if kind == "extra-fields":
            _add_unknown(body, records)
        elif kind == "hide-flow":
            for record in records:
                record.pop("Flow", None)
        elif kind.startswith("total-"):
            _misstate(body, 3 if kind == "total-too-high" else -3)
        elif records:
            _spoil(records[min(1, len(records) - 1)], kind)
    return body


def records_of(body: Any) -> list[dict[str, Any]]:
    """Return the records of an answer: those of its first list, or the one it is."""
    if isinstance(body, list):
        return [item for item in body if isinstance(item, dict)]
    if not isinstance(body, dict):
        return []
    for value in body.values():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return records_of(value)
    nested = body.get("_embedded", body.get("Number", body.get("data")))
    if isinstance(nested, dict):
        return records_of(nested)
    return [body]


def _spoil(record: dict[str, Any], kind: str) -> None:
    if kind == "bad-record":
        for key, value in record.items():
            if key not in _IDENTITY_KEYS:
                record[key] = _of_another_type(value)
        return
    for key in _NUMBER_KEYS:
        if key in record:
            record[key] = "not a number"


def _misstate(body: Any, by: int) -> None:
    if isinstance(body, dict):
        _misstate(body.get("meta"), by)
    for key in _TOTAL_KEYS:
        if isinstance(body, dict) and isinstance(body.get(key), int):
            body[key] = max(body[key] + by, 0)


def _of_another_type(value: Any) -> Any:
    if isinstance(value, str):
        return 12345
    if isinstance(value, list):
        return {"unexpected": True}
    if isinstance(value, dict):
        return ["unexpected"]
    return "unexpected"


def _add_unknown(body: Any, records: list[dict[str, Any]]) -> None:
    if isinstance(body, dict):
        body["x_trace"] = {"node": "a7", "hops": [1, 2]}
    for index, record in enumerate(records):
        record["x_labels"] = ["alpha", None, 3]
        record["x_owner"] = {"id": "unknown"}
        for key, values in _UNKNOWN_VALUES.items():
            # Every third record keeps the values it has, so that usual ones stand beside them.
            if key in record and index % 3:
                record[key] = values[0]
        for key, extra in (("capabilities", "rcs"), ("features", "RCS")):
            if isinstance(record.get(key), list) and index % 3 != 1:
                record[key] = [*record[key], extra]
        if isinstance(record.get("capabilities"), dict) and index % 3 != 1:
            record["capabilities"] = {**record["capabilities"], "rcs": True}
        if isinstance(record.get("Capabilities"), str) and index % 3 != 1:
            record["Capabilities"] += ",RCS"


def _corrupted(response: Response, kinds: list[str]) -> Response:
    value: Any = corrupt(read_json(bytes(response.body)), kinds)
    spoilt = json_answer(value, response.status_code)
    for name, text in response.headers.items():
        if name not in ("content-length", "content-type"):
            spoilt.headers[name] = text
    return spoilt


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
