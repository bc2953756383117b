"""The rules of a write over the real clients and the sandbox, in one process, without waiting."""

import pickle
import socket
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.contract.cases import CASES, Case
from tui_numbers.domain.accounts import Account, Secret
from tui_numbers.domain.changes import Change, Set
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import OwnedNumber, Target
from tui_numbers.domain.operations import Actor
from tui_numbers.providers.contract import Plugin, ProviderInfo
from tui_numbers.providers.http import Http
from tui_numbers.providers.pacing import Timing
from tui_numbers.providers.registry import load_registry
from tui_numbers.providers.transport import in_process
from tui_numbers.sandbox.accounts import ACCOUNTS
from tui_numbers.sandbox.app import Sandbox, build_world
from tui_numbers.sandbox.faults import ConnectionDropped, Faults, parse_faults
from tui_numbers.sandbox.world import World
from tui_numbers.services.planning import (
    Consent,
    Plan,
    plan_buy,
    plan_release,
    plan_retarget,
    plan_set,
)
from tui_numbers.services.secrets import Secrets
from tui_numbers.services.workspace import Workspace
from tui_numbers.services.writes import Writer
from tui_numbers.storage.sqlite_journal import SqliteJournal
from tui_numbers.testing.bench import Clock

PROVIDERS = {case.key: case for case in CASES}
ACCOUNT_OF = {account.provider: account.name for account in ACCOUNTS}
WRITES = frozenset({"update", "buy", "release"})
YES = Consent(given=True)


@cache
def plugins() -> dict[str, Plugin]:
    return load_registry().plugins


@cache
def _packed_world(numbers: int) -> bytes:
    return pickle.dumps(build_world(numbers), pickle.HIGHEST_PROTOCOL)


def fresh_world(numbers: int = 1_248) -> World:
    """Return a world of the caller's own; unpacking takes a tenth of the time of building."""
    world: World = pickle.loads(_packed_world(numbers))
    return world


@dataclass(repr=False)  # asyncio would write out what a fixture gives, with its world
class Scene:
    """A world, the sandbox before it, and a session that knows only the sandbox's answers."""

    sandbox: Sandbox
    workspace: Workspace
    writer: Writer
    clock: Clock

    @property
    def journal(self) -> SqliteJournal:
        return self.writer.journal

    def misbehave(self, text: str) -> None:
        for fault in parse_faults(text):
            self.sandbox.faults.add(fault)

    def behave(self) -> None:
        self.sandbox.faults.clear()

    @property
    def writes(self) -> list[Any]:
        return [request for request in self.sandbox.requests if request.route in WRITES]

    def account(self, provider: str) -> Account:
        return self.workspace.account(ACCOUNT_OF[provider])

    def info(self, provider: str) -> ProviderInfo:
        return plugins()[provider].info

    def case(self, provider: str) -> Case:
        return PROVIDERS[provider]

    def numbers(self, provider: str) -> list[E164]:
        return [E164(number) for number in self.case(provider).owned(self.sandbox.world)]

    def record(self, provider: str, number: str) -> Any:
        """The sandbox's own record, or None: the truth."""
        return self.case(provider).record(self.sandbox.world, number)

    async def find(self, provider: str, number: str) -> OwnedNumber:
        client = await self.workspace.client(self.account(provider))
        found = await client.find(E164(number))
        assert found is not None
        return found

    async def retarget(self, provider: str, number: str, target: Target) -> Plan:
        seen = await self.find(provider, number)
        return plan_retarget(self.account(provider), self.info(provider), seen, target)

    async def set(self, provider: str, number: str, **values: str) -> Plan:
        seen = await self.find(provider, number)
        change = Change({key: Set(value) for key, value in values.items()})
        return plan_set(self.account(provider), self.info(provider), seen, change)

    async def buy(self, provider: str) -> Plan:
        case = self.case(provider)
        stock, target = case.wanted(self.sandbox.world), case.bought_for(self.sandbox.world)
        return plan_buy(self.account(provider), self.info(provider), stock, target)

    async def release(self, provider: str, number: str) -> Plan:
        seen = await self.find(provider, number)
        return plan_release(self.account(provider), self.info(provider), seen)


def target_for(scene: Scene, provider: str, which: int = 0) -> Target:
    """A target that is not the number's own, told from others by ``which``."""
    if provider == "parakeet":
        users = list(scene.sandbox.world.parakeet.users)
        return Target("user", users[5 + which])
    if provider == "twilio":
        return Target("webhook", f"https://hooks.example/{which}")
    return Target("phone", E164(f"+44207946{900 + which:04}"))


def make_workspace(transport: Any, timing: Timing, base: str = "http://127.0.0.1:8470", **options):
    """The accounts of the sandbox, over any transport."""
    secrets = Secrets(environment={})
    accounts = []
    for emulated in ACCOUNTS:
        account = Account(
            name=emulated.name,
            provider=emulated.provider,
            fields=dict(emulated.fields),
            base_url=base + emulated.base_path,
        )
        secrets.hold(account, Secret(emulated.secret))
        accounts.append(account)
    return Workspace(
        accounts=tuple(accounts),
        plugins=plugins(),
        secrets=secrets,
        http=Http(transport=transport, timing=timing),
        **options,
    )


def make_scene(numbers: int = 112, journal: SqliteJournal | None = None, **options: Any) -> Scene:
    clock = Clock()
    sandbox = Sandbox(fresh_world(numbers), Faults(), clock.now)
    sandbox.limits.clear()
    workspace = make_workspace(in_process(sandbox, ConnectionDropped), clock.timing, **options)
    writer = Writer(workspace, journal or SqliteJournal(None), Actor("ann", socket.gethostname()))
    return Scene(sandbox, workspace, writer, clock)
