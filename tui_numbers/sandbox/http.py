"""Read and answer HTTP as all emulated APIs do: bodies, credentials, rate limits, cursors."""

import binascii
from abc import ABC, abstractmethod
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any, NamedTuple

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from tui_numbers.sandbox.records import token
from tui_numbers.sandbox.world import World

_ANNOUNCED = 120
_PROVISIONING = 12
_REQUESTS_PER_NUMBER = 10
_NUMBERS_PER_PURCHASE = 50


@dataclass(frozen=True)
class Limit:
    """At most ``requests`` in every window of ``seconds``."""

    requests: int
    seconds: float


@dataclass(frozen=True)
class Usage:
    """Where a client stands within a limit after one more request."""

    limit: int
    remaining: int
    resets_in: float
    exceeded: bool


def default_limits(world: World) -> dict[str, Limit]:
    """Return Parakeet's limits, grown with the world: listing and changing all of it stay within.

    The key is a provider, or ``provider:route`` for a limit of one route. The other two providers
    announce none.
    """
    held = world.size("parakeet")
    return {
        "parakeet": Limit(_ANNOUNCED + _REQUESTS_PER_NUMBER * held, 60),
        "parakeet:buy": Limit(_PROVISIONING + held // _NUMBERS_PER_PURCHASE, 60),
    }


class Limiter:
    """Counts requests in fixed windows that open with their first request."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._windows: dict[str, tuple[float, int]] = {}

    def count(self, key: str, limit: Limit) -> Usage:
        """Count one request and say where that leaves the client."""
        now = self._clock()
        opened, used = self._windows.get(key, (now, 0))
        if now >= opened + limit.seconds:
            opened, used = now, 0
        exceeded = used >= limit.requests
        used += 0 if exceeded else 1
        self._windows[key] = (opened, used)
        resets_in = max(opened + limit.seconds - now, 0.0)
        return Usage(limit.requests, max(limit.requests - used, 0), resets_in, exceeded)


_encoder = msgspec.json.Encoder()


def json_answer(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return ``value`` as a JSON answer."""
    return Response(_encoder.encode(value), status, headers, media_type="application/json")


def read_json(body: bytes) -> Any:
    """Read a JSON body.

    Raises:
        ValueError: When it is not JSON.
    """
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError("the body is not JSON") from error


def whole_number(text: str | None, default: int) -> int:
    """Read a query value that must be a whole number.

    Raises:
        ValueError: When it is something else.
    """
    if text is None:
        return default
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
        raise ValueError(f"{text!r} is not a whole number")
    return int(text)


class Wire(ABC):
    """What one provider does with every request."""

    name: str
    wrong_method: int = 405
    """The status of a known path asked with a method it does not have."""

    @abstractmethod
    async def authenticated(self, request: Request) -> bool:
        """Say whether the credentials of the request are right."""

    @abstractmethod
    def refuse(self, request: Request, status: int) -> Response:
        """Return the provider's answer for an error ``status``."""

    def refuse_inside_200(self, request: Request) -> Response:
        """Return an error that claims to be a success."""
        answer = self.refuse(request, 422)
        answer.status_code = 200
        return answer

    def unacceptable(self, request: Request) -> Response | None:
        """Return an answer to a request that is refused before anything else is looked at."""
        return None

    def limit_headers(self, usage: "Usage", wall_clock: float) -> dict[str, str]:
        """Return the headers in which the provider announces its limit, if it does."""
        return {}


def basic_credentials(request: Request) -> tuple[str, str] | None:
    """Return the user name and password of the request, when it has readable ones."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    user, colon, password = text.partition(":")
    return (user, password) if colon else None


def has_basic(request: Request, user: str, password: str) -> bool:
    """Say whether the request proves to be ``user`` by HTTP Basic."""
    return _same(basic_credentials(request), user, password)


def has_fields(fields: Mapping[str, str], user: str, password: str) -> bool:
    """Say whether a query or a form proves to be ``user``."""
    return _same((fields.get("api_key", ""), fields.get("api_secret", "")), user, password)


def has_bearer(request: Request, token: str) -> bool:
    """Say whether the request bears ``token`` (RFC 6750)."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and compare_digest(given.strip().encode(), token.encode())


def _same(given: tuple[str, str] | None, user: str, password: str) -> bool:
    return given is not None and compare_digest(
        "\0".join(given).encode(errors="replace"), f"{user}\0{password}".encode()
    )


_LIVE = 1024


class Cursor(NamedTuple):
    """Where a page begins and which listing it belongs to."""

    listing: str
    parameters: tuple[tuple[str, str], ...]
    offset: int
    limit: int
    previous: str | None


class Cursors:
    """The cursors that are still good; the oldest go first, and all at once on ``expire``."""

    def __init__(self) -> None:
        self._live: dict[str, Cursor] = {}
        self._generation = 0

    def issue(self, cursor: Cursor) -> str:
        """Return the name of a cursor."""
        name = token(self._generation, cursor)
        self._live.pop(name, None)
        self._live[name] = cursor
        if len(self._live) > _LIVE:
            del self._live[next(iter(self._live))]
        return name

    def find(self, name: str) -> Cursor | None:
        """Return the cursor of that name while it is good."""
        return self._live.get(name)

    def expire(self) -> None:
        """Make every cursor bad."""
        self._live.clear()
        self._generation += 1
