"""Shield writes from cancellation, and wait for them before the program ends."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class PendingWrites:
    """Every write that the dashboard has begun."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    @property
    def under_way(self) -> int:
        """How many have not ended yet."""
        return len(self._running)

    async def run(self, write: Coroutine[Any, Any, T]) -> T:
        """Run a write to its end, also when whoever awaits it is cancelled."""
        task = asyncio.create_task(write)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def one_ended(self) -> None:
        """Wait until one of them has ended."""
        if self._running:
            await asyncio.wait(set(self._running), return_when=asyncio.FIRST_COMPLETED)

    async def finish(self) -> None:
        """Wait until every write has ended and is recorded."""
        while self._running:
            await asyncio.wait(set(self._running))
