"""Time that leaps: where a client can only wait for its own time-out, the time-out is now.

The program's limits stay what they are in production. The event loop's clock stands at the real
time, and is moved on by exactly as much as the loop would sleep, if a proxy holds somebody up and
nothing at all happens meanwhile. So a stall costs no time, and no healthy request is ever cut off.
"""

import asyncio
import selectors
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tui_numbers.providers.pacing import Timing

_BREATH = 0.008
"""Real seconds in which nothing happens before time leaps."""
_BETWEEN_BYTES = 10.0


@dataclass
class Clock:
    """The time of one program: its loop's, and what its own waits have added."""

    held_up: Callable[[], int] = lambda: 0
    """Tells how many clients a proxy keeps waiting."""
    caught_up: Callable[[], None] = lambda: None
    """Returns once the proxy has taken in what came, and who has left."""
    dripping: Callable[[], int] = lambda: 0
    drip: Callable[[], None] = lambda: None
    leaping: bool = True
    ahead: float = 0.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return time.monotonic() + self.ahead + sum(self.slept)

    def wall(self) -> float:
        return time.time() + self.ahead + sum(self.slept)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)

    @property
    def waited(self) -> float:
        """Seconds that somebody would have sat through."""
        return self.ahead + sum(self.slept)

    @property
    def timing(self) -> Timing:
        return Timing(self.now, self.wall, self.sleep)


class _Selector(selectors.DefaultSelector):
    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        clock = self._clock
        if (timeout is not None and timeout <= 0) or not clock.leaping:
            return super().select(timeout)
        # Whoever is held up by now has been given everything that he will get.
        held_up = clock.held_up()
        # In short breaths, since somebody may be held up while this sleeps.
        found = super().select(_BREATH if timeout is None else min(timeout, _BREATH))
        if held_up and not found and timeout is not None and timeout > _BREATH:
            clock.caught_up()
            if not clock.held_up():
                return found
            if clock.dripping():
                clock.ahead += min(timeout, _BETWEEN_BYTES)
                clock.drip()
            else:
                clock.ahead += timeout
        return found


class LeapingLoop(asyncio.SelectorEventLoop):
    """An event loop that goes by such a clock."""

    def __init__(self, clock: Clock) -> None:
        self._leaping = clock
        super().__init__(_Selector(clock))

    def time(self) -> float:
        return super().time() + self._leaping.ahead
