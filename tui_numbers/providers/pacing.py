"""Rate limit and bound concurrency per account: width, announced limits, spaced writes."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tui_numbers.domain.clock import timestamp
from tui_numbers.providers.contract import Pace
from tui_numbers.providers.request import seconds_to_reset

_LONGEST_RESET = 120.0
_RESERVE = 2
"""Requests left unused of an announced limit, for others that share the account."""
_LONGEST_INTERVAL = 1.0
_LEAST_SPAN = 3.0
"""Seconds that a limit is taken to count over, where no answer says for how long to wait."""
_LEAST_ANSWERED = 8
"""Answers that tell of a rate, where a refusal follows them."""
_SLACK = 1.1
"""How much slower than what was refused an account is asked afterwards."""


@dataclass(frozen=True, slots=True)
class Timing:
    """The clocks that waiting goes by; tests give their own."""

    now: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = timestamp
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True, slots=True)
class Waiting:
    """A pause before a request, for whoever shows progress."""

    account: str
    reason: str
    seconds: float
    word: str = "rate limited"
    """The reason where there is room for a few words alone."""


OnWaiting = Callable[[Waiting], None]


class Pacer:
    """Shared by everything that talks to one account."""

    def __init__(self, account: str, pace: Pace, timing: Timing, on_waiting: OnWaiting) -> None:
        self._account = account
        self._pace = pace
        self._timing = timing
        self._on_waiting = on_waiting
        self.width = min(pace.first, pace.widest)
        self._under_way = 0
        self._changed = asyncio.Condition()
        self._clean = 0
        self._hold_until = 0.0
        self._hold_reason = ""
        self._next_write = 0.0
        self._forgiven = 0
        self._answered = 0
        self._answered_since = 0.0
        self._interval = 0.0
        self._next_start = 0.0
        self._quiet_until = 0.0
        self._write_turn = asyncio.Lock()

    @asynccontextmanager
    async def turn(self, *, write: bool) -> AsyncIterator[None]:
        """Wait for this request's turn: writes, and the reads right after one, are spaced out."""
        if self._pace.writes_per_second:
            await self._space(1 / self._pace.writes_per_second, write=write)
        async with self._changed:
            await self._changed.wait_for(lambda: self._under_way < self.width)
            self._under_way += 1
        try:
            await self._wait_for_start()
            yield
        finally:
            async with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    async def _space(self, interval: float, *, write: bool) -> None:
        if not write:
            wait = self._quiet_until - self._timing.now()
            if wait > 0:
                await self._timing.sleep(wait)
                self._next_write = self._timing.now() + interval
            return
        async with self._write_turn:
            wait = self._next_write - self._timing.now()
            if wait > 0:
                await self._timing.sleep(wait)
            self._next_write = self._quiet_until = self._timing.now() + interval

    async def _wait_for_start(self) -> None:
        """Wait out a hold, and keep to the rate that was learned from a refusal."""
        while True:
            while (wait := self._hold_until - self._timing.now()) > 0:
                self._on_waiting(Waiting(self._account, self._hold_reason, wait))
                await self._timing.sleep(wait)
            now = self._timing.now()
            if self._answered == 0:
                self._answered_since = now
            start = max(now, self._next_start)
            self._next_start = start + self._interval
            if start > now:
                await self._timing.sleep(start - now)
            # Another request may have been refused while this one waited.
            if self._hold_until <= self._timing.now():
                return

    def refused(self, seconds: float, reason: str) -> None:
        """Hold for ``seconds`` after a 429, and learn the rate that its sender bears.

        Of requests refused together the first alone is learned from.
        """
        now = self._timing.now()
        if now >= self._hold_until:
            # A refusal after a few answers tells of others' requests rather than of a rate, and
            # where requests at once are counted there is none to learn: fewer at once are enough.
            if self._answered >= _LEAST_ANSWERED and not self._pace.by_concurrency:
                span = max(now - self._answered_since + seconds, _LEAST_SPAN)
                learned = span / self._answered * _SLACK
                self._interval = min(max(learned, self._interval * 2), _LONGEST_INTERVAL)
            self._answered = 0
            self._next_start = now + seconds
        self.hold(seconds, reason)

    def hold(self, seconds: float, reason: str) -> None:
        """Let no request leave for the next ``seconds``."""
        until = self._timing.now() + seconds
        if until > self._hold_until:
            self._hold_until, self._hold_reason = until, reason

    def observe(self, status: int, headers: Mapping[str, str]) -> None:
        """Learn from an answer: narrow on 429, widen after a clean round, obey announced limits."""
        forgiven, self._forgiven = self._forgiven > 0, max(0, self._forgiven - 1)
        if status == 429:
            if not forgiven:
                # What is under way was sent before anyone knew.
                self.width = max(1, self.width // 2)
                self._forgiven = self._under_way - 1
            self._clean = 0
            return
        at_once = _number(headers.get(self._pace.at_once_header))
        crowded = at_once is not None and at_once > self.width
        if crowded:
            # Others use the account too, and have their share of what it bears.
            self.width = min(self.width, self._pace.first)
        self._clean = 0 if crowded else self._clean + 1
        self._answered += 1
        if self._clean >= self.width and self.width < self._pace.widest:
            self.width = min(self.width * 2, self._pace.widest)
            self._clean = 0
        remaining = _number(headers.get("x-ratelimit-remaining"))
        seconds = seconds_to_reset(headers, self._timing.wall())
        if remaining is None or seconds is None or remaining >= self._under_way + _RESERVE:
            return
        if 0 < seconds <= _LONGEST_RESET:
            self.hold(seconds, "the provider's announced rate limit is used up")


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else None
    except ValueError:
        return None
    return value if value is not None and 0 <= value < 1e12 else None
