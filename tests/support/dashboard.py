"""A dashboard over accounts in memory, whose answers wait at gates that a test opens."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from textual import events
from textual.keys import _character_to_key

from tests.support.frames import piloted
from tui_numbers.domain.accounts import Account, Secret
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import (
    AvailableNumber,
    Channel,
    Money,
    OwnedNumber,
    Target,
    TargetOption,
)
from tui_numbers.domain.operations import Actor
from tui_numbers.domain.query import Total
from tui_numbers.providers.contract import AccountCheck, Page, Plugin, Provider, Purchase
from tui_numbers.providers.http import Http
from tui_numbers.providers.pacing import Timing
from tui_numbers.providers.registry import load_registry
from tui_numbers.services.config import Config
from tui_numbers.services.paths import Paths
from tui_numbers.services.routing import number_after, routing_after
from tui_numbers.services.secrets import Secrets
from tui_numbers.services.session import Session
from tui_numbers.services.workspace import Workspace
from tui_numbers.services.writes import Writer
from tui_numbers.storage.sqlite_journal import SqliteJournal
from tui_numbers.ui.app import Dashboard
from tui_numbers.ui.dialogs.confirm import ConfirmScreen
from tui_numbers.ui.dialogs.picker import PickerScreen
from tui_numbers.ui.frame import StatusLine
from tui_numbers.ui.views.owned import OwnedView

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tui_numbers.ui.dialogs.dialog import Dialog
    from tui_numbers.ui.keyboard import TypeAheadBuffer

_NAMED = {"slash": "/", "space": " ", "question_mark": "?", "colon": ":", "at": "@"}
_PATIENCE = 30
"""Seconds after which something is held never to come; nothing is measured by it."""

_PAUSE = 5
_MOMENT = 0.002

NOW = datetime(2026, 3, 2, 2, 58, tzinfo=UTC)
INFOS = {key: plugin.info for key, plugin in load_registry().plugins.items()}

IVR = Target("application", "11111111-1111-4222-8333-444444444444", "Support IVR")
NIGHT = Target("application", "22222222-1111-4222-8333-444444444444", "Night Desk")
TEAM = Target("team", "TM1111111111", "Support")
OTHER_TEAM = Target("team", "TM2222222222", "Billing")
HOSTILE = (
    "[/][b]x[/b] [red]$name \x1b[31mred\x1b]0;t\x07 \u202eevil\u2069 \t\n\r \u0000 電話番号 "
    + "w" * 80
)


def vonage(number: str, account: str = "uk-sms", **more: Any) -> OwnedNumber:
    """An owned number at the provider with the most settings."""
    settings = {"application": IVR.text, "voice": None, "sms": None, "voice_status": None}
    return _owned("vonage", account, number, settings | more.pop("settings", {}), more)


def parakeet(number: str, account: str = "us-desk", **more: Any) -> OwnedNumber:
    """An owned number at the provider with one setting."""
    return _owned("parakeet", account, number, {"target": TEAM.text}, more)


def fone(number: str, account: str = "au-sales", **more: Any) -> OwnedNumber:
    """An owned number at the provider that neither searches nor releases."""
    settings = {spec.key: None for spec in INFOS["fonedynamics"].settings if spec.readable}
    settings |= {"voice": "phone:+61491570006", "recording": "off"}
    return _owned("fonedynamics", account, number, settings, more)


def _owned(
    provider: str, account: str, number: str, settings: dict[str, Any], more: dict[str, Any]
) -> OwnedNumber:
    labels = {one.text: one.label for one in (IVR, NIGHT, TEAM, OTHER_TEAM)}
    base = {
        "id": number,
        "country": {"+1": "US", "+4": "GB", "+6": "AU"}[number[:2]],
        "type": "local",
        "capabilities": ("voice", "sms"),
        "status": "active",
        "name": None,
        "region": None,
        "city": None,
        "monthly_cost": None,
        "created_at": None,
        "updated_at": None,
        "seen_at": NOW,
    }
    bare = OwnedNumber(
        account=account,
        provider=provider,
        number=E164(number),
        routing={},
        settings={},
        **(base | more),
    )
    routing = {
        channel: replace(target, label=labels.get(target.text)) if target else None
        for channel, target in routing_after(INFOS[provider], bare, settings).items()
    }
    return replace(bare, routing=routing, settings=settings)


def stock(number: str, account: str = "uk-sms", **more: Any) -> AvailableNumber:
    """A number that can be bought."""
    values = {
        "country": "GB",
        "type": "local",
        "capabilities": ("voice", "sms"),
        "monthly_cost": Money(Decimal("1.25"), "EUR"),
        "received": b'{"msisdn": "1"}',
    }
    provider = {"us-desk": "parakeet", "au-sales": "fonedynamics"}.get(account, "vonage")
    return AvailableNumber(account, provider, E164(number), **(values | more))


@dataclass
class Fake(Provider):
    """One account's provider; every answer waits until its gate is open."""

    provider: str
    numbers: list[OwnedNumber] = field(default_factory=list)
    stock: list[AvailableNumber] = field(default_factory=list)
    options: list[Target] = field(default_factory=list)
    sent: list[tuple[Any, ...]] = field(default_factory=list)
    fails: Exception | None = None
    refuses: dict[str, Exception] = field(default_factory=dict)
    searches: int = 0
    listings: int = 0
    closed: set[str] = field(default_factory=set)
    serves: dict[Target, tuple[Channel, ...]] = field(default_factory=dict)
    """What single targets take; others take calls and messages."""
    _gates: dict[str, asyncio.Event] = field(default_factory=dict)

    @property
    def info(self) -> Any:
        return INFOS[self.provider]

    def close(self, what: str) -> None:
        """Let answers of a kind wait."""
        self.closed.add(what)
        self._gates[what] = asyncio.Event()

    def open(self, what: str) -> None:
        """Let them through."""
        self.closed.discard(what)
        if what in self._gates:
            self._gates[what].set()

    async def _gate(self, what: str) -> None:
        if what in self.closed:
            await self._gates[what].wait()

    def _named(self, wanted: E164) -> OwnedNumber | None:
        return next((one for one in self.numbers if one.number == wanted), None)

    async def check(self) -> AccountCheck:
        await self._gate("check")
        return AccountCheck("Fake", balance=Money(Decimal("9.99"), "EUR"))

    async def owned(self, query: Any) -> AsyncIterator[Page[OwnedNumber]]:
        self.listings += 1
        rows = list(self.numbers)
        half = (len(rows) + 1) // 2
        total = Total(len(rows))
        if half:
            yield Page(tuple(rows[:half]), total)
        await self._gate("owned")
        if self.fails is not None:
            raise self.fails
        yield Page(tuple(rows[half:]), total)

    async def find(self, number: E164, known: Any = None) -> OwnedNumber | None:
        await self._gate("find")
        found = self._named(number)
        return replace(found, received=b'{"record": "as [received]"}') if found else None

    async def available(self, query: Any) -> AsyncIterator[Page[AvailableNumber]]:
        self.searches += 1
        await self._gate("available")
        if self.fails is not None:
            raise self.fails
        for at in range(0, len(self.stock), 50):
            yield Page(tuple(self.stock[at : at + 50]), Total(len(self.stock)))

    async def targets(self, number: Any = None) -> AsyncIterator[Page[TargetOption]]:
        await self._gate("targets")
        options = [
            TargetOption(one, self.serves.get(one, (Channel.VOICE,))) for one in self.options
        ]
        yield Page(tuple(options))

    async def target(self, target: Any) -> TargetOption:
        known = next((one for one in self.options if one == target), target)
        return TargetOption(known, self.serves.get(target, (Channel.VOICE, Channel.SMS)))

    def _refuse(self, number: E164) -> None:
        if number in self.refuses:
            raise self.refuses[number]

    async def update(self, number: OwnedNumber, change: Any) -> None:
        self.sent.append(("update", number.number, dict(change.edits)))
        await self._gate("write")
        self._refuse(number.number)
        at = [one.number for one in self.numbers].index(number.number)
        self.numbers[at] = number_after(self.info, self.numbers[at], change)

    async def buy(
        self, number: AvailableNumber, target: Target | None, extras: Any = None
    ) -> Purchase:
        self.sent.append(("buy", number.number, target))
        await self._gate("write")
        self._refuse(number.number)
        settings = {spec.key: None for spec in self.info.settings if spec.readable}
        bought = _owned(self.provider, number.account, number.number, settings, {})
        if target is not None:
            routing = dict.fromkeys(Channel, target)
            bought = replace(bought, routing=routing, settings={"target": target.text})
        self.numbers.append(bought)
        return Purchase("active")

    async def release(self, number: OwnedNumber) -> None:
        self.sent.append(("release", number.number))
        await self._gate("write")
        self._refuse(number.number)
        self.numbers = [one for one in self.numbers if one.number != number.number]


@dataclass
class World:
    """The accounts behind one dashboard."""

    fakes: dict[str, Fake]
    accounts: tuple[Account, ...]
    read_only: bool = False
    locks: frozenset[E164] = frozenset()
    demo: bool = False
    config: Config = field(default_factory=Config)
    journal: SqliteJournal = field(default_factory=lambda: SqliteJournal(None))

    def session(self) -> Session:
        """Return a session over these accounts."""
        secrets = Secrets(environment={})
        plugins = {}
        for account in self.accounts:
            secrets.hold(account, Secret("pin"))
            plugins[account.provider] = Plugin(INFOS[account.provider], self._connect)
        workspace = Workspace(
            self.accounts,
            plugins,
            secrets,
            Http(timing=Timing(sleep=_instant)),
            self.locks,
            read_only=self.read_only,
            demo=self.demo,
            config=self.config,
        )
        writer = Writer(workspace, self.journal, Actor("ann", "bastion"))
        return Session.over(writer, Paths.of_user())

    def _connect(self, api: Any) -> Any:
        return self.fakes[api.account.name]

    def app(self) -> Dashboard:
        """Return the dashboard."""
        return Dashboard(self.session())


async def _instant(seconds: float) -> None:
    """Sleep no time at all, but for a pause before what is asked again by itself: that is left."""
    if seconds >= _PAUSE:
        await asyncio.Event().wait()


def account(name: str, provider: str, **more: Any) -> Account:
    return Account(name, provider, {}, **more)


def small_world(**more: Any) -> World:
    """Three accounts at three providers."""
    fakes = {
        "us-desk": Fake(
            "parakeet",
            [parakeet("+12673676170", name="Customer Service"), parakeet("+12125550100")],
            [stock("+12125552020", "us-desk", monthly_cost=None)],
            [TEAM, OTHER_TEAM],
        ),
        "uk-sms": Fake(
            "vonage",
            [
                vonage("+447700906170"),
                vonage("+447700900001"),
                vonage("+442079460123", type="mobile", status="pending"),
            ],
            [stock("+442079462020"), stock("+442079462021", address_requirement="local")],
            [IVR, NIGHT],
        ),
        "au-sales": Fake("fonedynamics", [fone("+61491570110", name="Sales")]),
    }
    accounts = tuple(account(name, fake.provider) for name, fake in fakes.items())
    return World(fakes, more.pop("accounts", accounts), **more)


def many_world(count: int = 8, **more: Any) -> World:
    """One account with several numbers."""
    fake = Fake(
        "vonage", [vonage(f"+44770090{1000 + at}") for at in range(count)], [], [IVR, NIGHT]
    )
    return World({"uk-sms": fake}, (account("uk-sms", "vonage"),), **more)


class SomeAreas:
    """The areas of two numbers, in place of the large tables."""

    def name(self, number: str) -> str | None:
        return {"+447700906170": "New Jersey", "+12125550100": "Newark, NJ"}.get(number)


class Seat:
    """Someone at the keyboard of a running dashboard."""

    def __init__(self, app: Dashboard, pilot: Any, world: World) -> None:
        self.app = app
        self.pilot = pilot
        self.world = world

    @property
    def gate(self) -> TypeAheadBuffer:
        return self.app.type_ahead

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait for a condition; it is the suite's time-out that gives up."""
        try:
            async with asyncio.timeout(_PATIENCE):
                while not condition():
                    await self.pilot.pause()
                    if not condition():
                        await asyncio.sleep(_MOMENT)
        except TimeoutError:
            shown = "\n".join(self.lines)
            raise AssertionError(f"never came; {self.app.screen} shows:\n{shown}") from None

    async def press(self, *keys: str) -> None:
        """Press keys, each once everything before it was taken in."""
        for key in keys:
            self.burst(key)
            async with asyncio.timeout(_PATIENCE):
                await asyncio.sleep(0)
                while self.app.key_queue.under_way:  # noqa: ASYNC110 - the app has no event for it
                    await asyncio.sleep(0)
        await self.pilot.pause()

    def burst(self, *keys: str) -> None:
        """Have keys arrive together, as over a slow line."""
        for key in keys:
            character = key if len(key) == 1 else _NAMED.get(key)
            name = _character_to_key(character) if character else key
            self.app.post_message(events.Key(name, character))

    async def type(self, text: str) -> None:
        """Type text."""
        await self.press(*text)

    async def dialog(self, kind: type[Dialog[Any]]) -> Any:
        """Wait until a dialog stands and takes keys."""
        await self.until(lambda: isinstance(self.app.screen, kind) and self.app.screen.shown)
        return self.app.screen

    async def pick(self, target: str = "night") -> Any:
        """Have a target picked for what is under the cursor, or marked, up to its confirmation."""
        await self.press("t")
        await self.dialog(PickerScreen)
        await self.type(target)
        await self.press("enter")
        return await self.dialog(ConfirmScreen)

    async def shows(self, *texts: str) -> str:
        """Wait until the screen shows all of these."""
        await self.until(lambda: all(text in self.text for text in texts))
        return self.text

    async def home(self) -> None:
        """Wait until no dialog stands any more."""
        await self.until(lambda: self.app.screen is self.app.main)

    @property
    def text(self) -> str:
        """What the screen shows, without the space between words that are apart."""
        lines = self.lines
        return "\n".join(lines) + "\n" + " ".join(" ".join(lines).replace("│", " ").split())

    @property
    def lines(self) -> list[str]:
        """The lines of the top screen."""
        return [strip.text for strip in self.app.screen._compositor.render_strips()]

    @property
    def owned(self) -> OwnedView:
        return self.app.main.query_one(OwnedView)

    @property
    def status(self) -> str:
        """The line above the verbs."""
        return self.app.screen.query_one(StatusLine).render().plain

    def operations(self) -> list[Any]:
        return self.app.session.journal.operations()


async def ready(seat: Seat) -> None:
    """Wait until every account has answered and the table shows it."""
    await seat.until(
        lambda: (
            seat.app.is_running
            and seat.app.screen_stack
            and seat.app.main.query("#owned-table")
            and seat.owned.is_mounted
            and not seat.owned.store.loading
            and not seat.owned._drawing
            and seat.owned._redraw is None
            and seat.owned.table.total_count == len(seat.owned.store.rows())
        )
    )
    await seat.pilot.pause()


@asynccontextmanager
async def dashboard(
    world: World | None = None,
    size: tuple[int, int] = (80, 24),
    *,
    wait: bool = True,
    draws: bool = False,
) -> AsyncIterator[Seat]:
    """Run a dashboard without a terminal; ``draws`` has frames drawn that nobody looks at too."""
    world = world or small_world()
    app = world.app()
    async with piloted(app, size, draws=draws) as pilot:
        seat = Seat(app, pilot, world)
        if wait:
            await ready(seat)
        yield seat
        if app.is_running:
            assert seat.lines
        for fake in world.fakes.values():
            for gate in list(fake.closed):
                fake.open(gate)
        await app.writes.finish()
    await app.session.aclose()
