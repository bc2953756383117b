"""An account over scripted answers, and a clock that never waits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.support.clock import StoppedClock
from tui_numbers.domain.accounts import Account, Secret
from tui_numbers.providers.contract import Pace
from tui_numbers.providers.http import Api, Http
from tui_numbers.providers.pacing import Waiting

SECRET = "s3cret/ & value+1"
Answer = Callable[[httpx.Request], httpx.Response]


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
    clock: StoppedClock
    waits: list[Waiting]


def desk(
    answers: Answer | list[Any],
    *,
    fields: dict[str, str] | None = None,
    base_url: str | None = None,
    provider: str = "vonage",
    pace: Pace | None = None,
    secret: str = SECRET,
    hidden: frozenset[str] = frozenset(),
) -> Desk:
    wire, clock, waits = Wire(answers), StoppedClock(), list[Waiting]()
    http = Http(transport=wire.transport, timing=clock.timing, on_waiting=waits.append)
    account = Account("uk-sms", provider, fields or {}, base_url)
    api = Api(http, account, Secret(secret), pace or Pace(), hidden)
    return Desk(wire, api, clock, waits)
