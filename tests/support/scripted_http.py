"""What the tests of the provider layer share: a clock that never waits, and scripted answers."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tui_numbers.domain.accounts import Account, Secret
from tui_numbers.providers.contract import Pace
from tui_numbers.providers.http import Api, Http
from tui_numbers.providers.pacing import Timing, Waiting

SECRET = "s3cret/ & value+1"
Answer = Callable[[httpx.Request], httpx.Response]


@dataclass
class Clock:
    """Time that passes only when something sleeps."""

    time: float = 1_000.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)

    @property
    def timing(self) -> Timing:
        return Timing(self.now, self.now, self.sleep)


@dataclass
class Wire:
    """Answers from a function or from a list, and the requests that were asked for them."""

    answers: Answer | list[Any]
    requests: list[httpx.Request] = field(default_factory=list)

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if callable(self.answers):
            return self.answers(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self.handle)


@dataclass
class Desk:
    """One account over scripted answers."""

    wire: Wire
    api: Api
    clock: Clock
    waits: list[Waiting]


def desk(
    answers: Answer | list[Any],
    *,
    fields: dict[str, str] | None = None,
    base_url: str | None = None,
    provider: str = "vonage",
    pace: Pace | None = None,
    secret: str = SECRET,
) -> Desk:
    wire, clock, waits = Wire(answers), Clock(), list[Waiting]()
    http = Http(transport=wire.transport, timing=clock.timing, on_waiting=waits.append)
    account = Account("uk-sms", provider, fields or {}, base_url)
    return Desk(wire, Api(http, account, Secret(secret), pace or Pace()), clock, waits)
