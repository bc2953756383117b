"""Rate limits: so many requests in a window of so many seconds."""

from collections.abc import Callable
from dataclasses import dataclass

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
