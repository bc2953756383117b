from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from ssl import SSLContext
from typing import Any

import pytest
from msgspec import structs

from tests.contract.cases import CASES, Case
from tests.contract.loopback_app import LoopbackApp
from tests.support.writes import fresh_world
from tui_numbers.domain.accounts import Secret
from tui_numbers.domain.numbers import AvailableNumber, Target
from tui_numbers.providers import transport
from tui_numbers.providers.contract import Provider
from tui_numbers.providers.http import Api, Http
from tui_numbers.providers.pacing import Waiting
from tui_numbers.sandbox.accounts import ACCOUNTS, SandboxAccount
from tui_numbers.sandbox.app import RequestSeen, Sandbox
from tui_numbers.sandbox.faults import ROUTES, WRITE_ROUTES, parse_fault
from tui_numbers.sandbox.server import background
from tui_numbers.sandbox.world import World
from tui_numbers.testing import Bench, Failure, Fault
from tui_numbers.testing.bench import Clock

_load_trust = transport.trust


_KINDS = {
    Failure.DROPPED: "reset-before",
    Failure.LOST: "reset-after",
}
"""The sandbox's words for faults, where they are others."""


@cache
def trusted_once() -> SSLContext:
    return _load_trust()


@dataclass(repr=False)  # asyncio would write out what a fixture gives, with its world
class SandboxBench(Bench):
    """One provider's client over the loopback server, and everything behind it."""

    case: Case
    stage: LoopbackApp
    world: World
    sandbox: Sandbox
    http: Http
    clock: Clock
    waits: list[Waiting]

    def __post_init__(self) -> None:
        known = sandbox_account(self.case.key)
        self.plugin, self.fields, self.secret = self.case.plugin, known.fields, known.secret
        self.stock, self.refusals = self.case.stock, self.case.refusals
        self.loses, self.bodiless = self.case.loses, self.case.bodiless
        self.undocumented_kinds = self.case.undocumented_kinds
        self.update_writes = self.case.update_writes
        self.search_reads = self.case.search_reads
        self.client = self.connect()

    def fault(self, route: str, kind: str) -> None:
        self.sandbox.faults.add(parse_fault(f"{self.case.key}:{route}:{kind}"))

    def fail_reads(self, fault: Fault, times: int | None = None) -> None:
        for route in ROUTES:
            if route not in WRITE_ROUTES:
                self.fault(route, _kind(fault, times))

    def fail_writes(self, fault: Fault) -> None:
        for route in WRITE_ROUTES:
            self.fault(route, _kind(fault))

    def mend(self) -> None:
        self.sandbox.faults.clear()
        self.sandbox.requests.clear()

    @property
    def requests(self) -> Sequence[RequestSeen]:
        """Every request that came, answered or not."""
        self.stage.wait_until_idle()
        return list(self.sandbox.requests)

    def asked(self, route: str) -> int:
        return sum(request.route == route for request in self.requests)

    def connect(
        self, *, secret: str | None = None, origin: str | None = None, **fields: str
    ) -> Provider:
        """Return another client, for another secret, origin or field."""
        account = sandbox_account(self.case.key).at(origin or self.stage.origin, **fields)
        info = self.case.info
        hidden = info.secrets_in_records
        api = Api(self.http, account, Secret(secret or self.secret), info.pace, hidden)
        return self.case.plugin.connect(api)

    async def aclose(self) -> None:
        await self.http.aclose()

    def owned(self) -> Collection[str]:
        return self.case.owned(self.world)

    def ordinary_number(self) -> str:
        return self.case.ordinary(self.world)

    def values(self) -> Mapping[str, str]:
        return self.case.values(self.world)

    def moves(self, setting: str) -> Collection[str]:
        return self.case.moves[setting]

    def stored(self, number: str) -> Mapping[str, Any]:
        return structs.asdict(self.case.record(self.world, number))

    def wanted(self) -> AvailableNumber:
        return self.case.wanted(self.world)

    def bought_for(self) -> Target | None:
        return self.case.bought_for(self.world)


def _kind(fault: Fault, times: int | None = None) -> str:
    kind = f"500:status={fault}" if isinstance(fault, int) else _KINDS.get(fault, fault.value)
    if times is None:
        return kind
    return f"{kind}{',' if ':' in kind else ':'}times={times}"


def sandbox_account(provider: str) -> SandboxAccount:
    return next(account for account in ACCOUNTS if account.provider == provider)


def _serving() -> Iterator[LoopbackApp]:
    stage = LoopbackApp()
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
    world, clock, waits = fresh_world(case.numbers), Clock(), list[Waiting]()
    sandbox = Sandbox(world)
    _stage.reset(sandbox)
    opened = Http(timing=clock.timing, on_waiting=waits.append)
    made = SandboxBench(case, _stage, world, sandbox, opened, clock, waits)
    yield made
    await made.aclose()
    _stage.let_all_begin()
