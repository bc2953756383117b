"""Connections to one origin, each of which carries one request at a time."""

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_numbers.providers.transport import Client

_LONGEST_IDLE = 5.0
"""Seconds; servers close what is idle for long."""


class Lanes:
    """Clients of their own for requests side by side; whoever asks bounds how many there are.

    One client for all would look through each of its connections with each request, which at
    sixteen of them took as long as everything else that a request needs.
    """

    def __init__(
        self, open_client: Callable[[], Awaitable["Client"]], now: Callable[[], float]
    ) -> None:
        self._open_client = open_client
        self._now = now
        self._clients: set[Client] = set()
        self._idle: deque[tuple[Client, float]] = deque()
        """With the time of their last use; the latest stands last, and is taken first."""

    @asynccontextmanager
    async def lane(self) -> AsyncIterator["Client"]:
        """Give a client that nobody else uses while the block runs."""
        if self._idle:
            client, _ = self._idle.pop()
        else:
            client = await self._open_client()
            self._clients.add(client)
        try:
            await self._close_idle()
            yield client
        finally:
            self._idle.append((client, self._now()))

    async def _close_idle(self) -> None:
        oldest = self._now() - _LONGEST_IDLE
        while self._idle and self._idle[0][1] < oldest:
            client, _ = self._idle.popleft()
            self._clients.discard(client)
            await client.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        for client in tuple(self._clients):
            await client.aclose()
