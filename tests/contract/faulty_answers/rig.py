"""One provider's client over the loopback server, its operations, and its genuine answers."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import httpx

from tests.contract.cases import CASES, Case
from tests.contract.faulty_answers.loopback import Asked, Bytes, Loopback, Told
from tests.support.writes import fresh_world, plugins
from tui_numbers.domain.accounts import Secret
from tui_numbers.domain.changes import Change, Set
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import AvailableNumber, OwnedNumber
from tui_numbers.domain.query import OwnedQuery, StockQuery
from tui_numbers.providers.contract import Page, Provider
from tui_numbers.providers.errors import ProviderError
from tui_numbers.providers.http import Api, Http
from tui_numbers.providers.request import Limits, RetryPolicy
from tui_numbers.sandbox.accounts import ACCOUNTS, SandboxAccount
from tui_numbers.sandbox.app import Sandbox
from tui_numbers.sandbox.world import World
from tui_numbers.testing.bench import Clock

_Item = TypeVar("_Item")

BY_KEY = {case.key: case for case in CASES}
"""A further provider is one more case of the contract suite."""

WRITES = frozenset({"update", "buy", "release"})
EVERYTHING = OwnedQuery()
_STOCK_PAGES = 2
"""Stock is endless, and read as far as someone looks."""
HOPS = ("connection", "transfer-encoding", "date", "server")


def small_world() -> World:
    return fresh_world(112)


async def pages_of(pages: AsyncIterator[Page[Any]]) -> list[Page[Any]]:
    return [page async for page in pages]


@dataclass(repr=False)  # asyncio would write out what a fixture gives, with its world
class Rig:
    """A client whose every answer passes through a function that may spoil it."""

    case: Case
    server: Loopback
    http: Http
    world: World
    sandbox: Sandbox
    api: Api
    client: Provider
    known: OwnedNumber | None = None
    wanted: AvailableNumber | None = None
    tape: dict[tuple[str, str, bytes], list[Told]] = field(default_factory=dict)
    """The genuine answers to requests that were made before."""
    recording: bool = True
    spoil: Callable[[Asked, Told], Bytes] | None = None
    _played: dict[tuple[str, str, bytes], int] = field(default_factory=dict)

    @property
    def secret(self) -> str:
        return account_of(self.case.key).secret

    async def answer(self, asked: Asked) -> Bytes:
        """Answer as the emulation did before, or does now; spoilt where that is asked for."""
        key = (asked.method, asked.target, asked.body)
        known, at = self.tape.get(key), self._played.get(key, 0)
        if self.recording or known is None:
            told = await genuine(self.sandbox, asked)
            if self.recording:
                self.tape.setdefault(key, []).append(told)
        else:
            told = known[min(at, len(known) - 1)]
            self._played[key] = at + 1
        return told.raw() if self.spoil is None else self.spoil(asked, told)

    async def rehearse(self, operation: str) -> Any:
        """Run ``operation`` once, honestly; afterwards its answers come from memory."""
        self.recording, self.spoil = True, None
        result = await self.run(operation)
        self.recording = False
        return result

    async def perform(self, operation: str, spoil: Callable[[Asked, Told], Bytes]) -> Any:
        """Run ``operation`` again, over answers that ``spoil`` makes of the genuine ones."""
        self.spoil, self._played = spoil, {}
        self.forget()
        self.server.asked.clear()
        return await self.run(operation)

    async def attempt(
        self, operation: str, spoil: Callable[[Asked, Told], Bytes]
    ) -> tuple[Any, ProviderError | None]:
        """Perform ``operation``, and return what came of it and what went wrong."""
        try:
            return await self.perform(operation, spoil), None
        except ProviderError as error:
            return None, error

    async def run(self, operation: str) -> Any:
        return await OPERATIONS[operation](self)

    async def target(self) -> OwnedNumber:
        """The number that is read, changed and released."""
        if self.known is None:
            found = await self.client.find(E164(self.case.ordinary(self.world)))
            assert found is not None
            self.known = found
        return self.known

    def forget(self) -> None:
        """Go on with a client that has seen nothing yet."""
        self.client = plugins()[self.case.key].connect(self.api)

    def api_at(self, origin: str | None = None, secret: str | None = None, **fields: str) -> Api:
        """Return a door to the account, at another origin, by another secret or more fields."""
        kept = account_of(self.case.key)
        account = kept.at(origin or self.server.origin, **fields)
        info = plugins()[self.case.key].info
        given = Secret(secret or kept.secret)
        return Api(self.http, account, given, info.pace, info.secrets_in_records)


def account_of(provider: str) -> SandboxAccount:
    return next(account for account in ACCOUNTS if account.provider == provider)


def make_rig(case: Case, server: Loopback, *, limits: Limits | None = None) -> Rig:
    world = small_world()
    sandbox = Sandbox(world)
    sandbox.limits.clear()
    http = Http(
        timing=Clock().timing, retry=RetryPolicy(attempts=2), limits=limits or Limits(read=5)
    )
    rig = Rig(case, server, http, world, sandbox, None, None)  # type: ignore[arg-type]
    server.asked.clear()
    server.answer = rig.answer
    rig.api = rig.api_at()
    rig.forget()
    return rig


async def genuine(sandbox: Sandbox, asked: Asked) -> Told:
    """Return the emulation's own answer."""
    transport = httpx.ASGITransport(app=sandbox)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
        response = await client.request(
            asked.method, asked.target, content=asked.body, headers=asked.headers
        )
    kept = [(name, value) for name, value in response.headers.items() if name not in HOPS]
    return Told(response.status_code, tuple(kept), response.content)


def _stock(rig: Rig) -> StockQuery:
    return rig.case.stock or StockQuery("AU")


async def _available(rig: Rig) -> Any:
    found = []
    async with aclosing(rig.client.available(_stock(rig))) as pages:  # type: ignore[type-var]
        async for page in pages:
            found.append(page)
            if len(found) == _STOCK_PAGES:
                break
    return found


async def _find_known(rig: Rig) -> Any:
    known = await rig.target()
    return await rig.client.find(known.number, known)


async def _find(rig: Rig) -> Any:
    return await rig.client.find(E164(rig.case.ordinary(rig.world)))


async def _choices(rig: Rig) -> Any:
    known = await rig.target()
    keys = [spec.key for spec in plugins()[rig.case.key].info.settings if spec.picker]
    return [await rig.client.choices_for(key, known) for key in keys]


async def _targets(rig: Rig) -> Any:
    return await pages_of(rig.client.targets(await rig.target()))


async def _update(rig: Rig) -> Any:
    key, value = next(iter(rig.case.values(rig.world).items()))
    return await rig.client.update(await rig.target(), Change({key: Set(value)}))


async def _buy(rig: Rig) -> Any:
    if rig.wanted is None:
        rig.wanted = rig.case.wanted(rig.world)
    return await rig.client.buy(rig.wanted, rig.case.bought_for(rig.world))


async def _release(rig: Rig) -> Any:
    return await rig.client.release(await rig.target())


OPERATIONS: dict[str, Callable[[Rig], Awaitable[Any]]] = {
    "check": lambda rig: rig.client.check(),
    "owned": lambda rig: pages_of(rig.client.owned(EVERYTHING)),
    "find": _find,
    "find-known": _find_known,
    "available": _available,
    "targets": _targets,
    "choices": _choices,
    "addresses": lambda rig: rig.client.addresses(),
    "update": _update,
    "buy": _buy,
    "release": _release,
}


def offered(case: Case) -> list[str]:
    """Return the operations that ask this provider for anything."""
    info = plugins()[case.key].info
    left_out = {
        "available": not info.search.offered,
        "release": not info.release.offered,
        "choices": not any(spec.picker for spec in info.settings),
    }
    return [name for name in OPERATIONS if not left_out.get(name)]


EVERY = [(case, name) for case in CASES for name in offered(case)]


def in_turn(many: Sequence[_Item], provider: str, operation: str) -> Sequence[_Item]:
    """Return a third of ``many``: another one for the next operation, and the next provider.

    Each of them meets every provider and every operation, and each provider and operation meets
    a third of them together: for what is read below the providers' own code.
    """
    at = list(BY_KEY).index(provider) + list(OPERATIONS).index(operation)
    return many[at % 3 :: 3]


def plain(result: Any) -> Any:
    """Return a result without what differs from one reading to the next."""
    if isinstance(result, OwnedNumber):
        return replace(result, seen_at=None, received=None)  # type: ignore[arg-type]
    if isinstance(result, Page):
        return replace(result, items=tuple(plain(item) for item in result.items))
    if isinstance(result, list | tuple):
        return [plain(item) for item in result]
    return result
