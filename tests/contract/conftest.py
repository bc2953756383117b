import copy
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from ssl import SSLContext

import pytest

from tests.contract.cases import CASES, Case
from tests.contract.stage import Stage
from tests.support.clock import Clock
from tui_numbers.domain.accounts import Secret
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.providers import transport
from tui_numbers.providers.contract import Provider
from tui_numbers.providers.http import Http
from tui_numbers.providers.pacing import Waiting
from tui_numbers.sandbox.accounts import ACCOUNTS, SandboxAccount
from tui_numbers.sandbox.app import RequestSeen, Sandbox
from tui_numbers.sandbox.faults import parse_fault
from tui_numbers.sandbox.server import background
from tui_numbers.sandbox.world import World, build_world

_WORLD = build_world()


_load_trust = transport.trust


@cache
def trusted_once() -> SSLContext:
    return _load_trust()


@dataclass
class Bench:
    """One provider's client over the loopback server, and everything behind it."""

    case: Case
    stage: Stage
    world: World
    sandbox: Sandbox
    http: Http
    clock: Clock
    client: Provider
    waits: list[Waiting]

    def fault(self, route: str, kind: str) -> None:
        self.sandbox.faults.add(parse_fault(f"{self.case.key}:{route}:{kind}"))

    @property
    def requests(self) -> list[RequestSeen]:
        """Every request that came, answered or not."""
        self.stage.wait_until_idle()
        return list(self.sandbox.requests)

    def asked(self, route: str) -> int:
        return sum(request.route == route for request in self.requests)

    @property
    def writes(self) -> int:
        return sum(request.method != "GET" for request in self.requests)

    async def ordinary(self) -> OwnedNumber:
        number = await self.client.find(E164(self.case.ordinary(self.world)))
        assert number is not None
        return number

    def connect(
        self, *, origin: str | None = None, secret: str | None = None, **fields: str
    ) -> Provider:
        """Return another client, for another secret, origin or field."""
        kept = sandbox_account(self.case.key)
        account = kept.at(origin or self.stage.origin, **fields)
        info = self.case.info
        api = self.http.api(account, Secret(secret or kept.secret), info.pace)
        return self.case.plugin.connect(api)


def sandbox_account(provider: str) -> SandboxAccount:
    return next(account for account in ACCOUNTS if account.provider == provider)


def _serving() -> Iterator[Stage]:
    stage = Stage()
    with background(stage) as origin:  # type: ignore[arg-type]
        stage.origin = origin
        yield stage


@pytest.fixture(scope="session")
def _stage():
    yield from _serving()


@pytest.fixture(scope="session")
def _elsewhere():
    yield from _serving()


@pytest.fixture
def elsewhere(_elsewhere):
    """A second origin, which must never hear from us."""
    _elsewhere.reset()
    return _elsewhere


@pytest.fixture(params=CASES, ids=lambda case: case.key)
def case(request):
    return request.param


@pytest.fixture
async def bench(case, _stage, monkeypatch):
    monkeypatch.setattr(transport, "trust", trusted_once)
    world, clock, waits = copy.deepcopy(_WORLD), Clock(), list[Waiting]()
    sandbox = Sandbox(world)
    _stage.reset(sandbox)
    opened = Http(timing=clock.timing, on_waiting=waits.append)
    made = Bench(case, _stage, world, sandbox, opened, clock, None, waits)
    made.client = made.connect()
    yield made
    await opened.aclose()
