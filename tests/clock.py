"""A clock for programs that wait: what they would sleep through has passed at once."""

import asyncio
import time
from dataclasses import dataclass, field

from tui_numbers.domain import clock
from tui_numbers.providers.pacing import Timing


@dataclass
class Clock:
    """The real time, and all the waits that were asked for."""

    ahead: float = 0.0
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.ahead += seconds
        await asyncio.sleep(0)

    def now(self) -> float:
        return time.monotonic() + self.ahead

    @property
    def timing(self) -> Timing:
        return Timing(self.now, lambda: clock.timestamp() + self.ahead, self.sleep)
