"""A provider in memory, whose writes can be told to misbehave, and the session around it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

from tui_numbers.domain import clock
from tui_numbers.domain.accounts import Account, Secret
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import AvailableNumber, Channel, OwnedNumber, Target, TargetOption
from tui_numbers.domain.operations import Actor
from tui_numbers.providers.contract import (
    NO_EXTRAS,
    AccountCheck,
    CredentialField,
    OrderState,
    Page,
    Plugin,
    Provider,
    ProviderInfo,
    Purchase,
    SettingSpec,
    TargetKind,
    ValueKind,
)
from tui_numbers.providers.errors import NoAnswer
from tui_numbers.providers.http import Http
from tui_numbers.providers.pacing import Timing
from tui_numbers.services.routing import number_after, routing_after
from tui_numbers.services.secrets import Secrets
from tui_numbers.services.workspace import Workspace
from tui_numbers.services.writes import Writer
from tui_numbers.storage.sqlite_journal import SqliteJournal

VOICE, SMS = Channel.VOICE, Channel.SMS
NUMBER = E164("+447700900123")
OTHER = E164("+447700900124")

_KINDS = (
    TargetKind("app", "App", (VOICE, SMS), ValueKind.IDENTIFIER, "a1", r"a\d+", listed=True),
    TargetKind("phone", "Phone", (VOICE,), ValueKind.PHONE, "+447700900556"),
    TargetKind("sip", "SIP", (VOICE,), ValueKind.SIP, "sip:desk@pbx.example"),
    TargetKind("hook", "Hook", (SMS,), ValueKind.URL, "https://h.example/in"),
)
_SETTINGS = (
    SettingSpec("app", "App", ValueKind.TARGET, channels=(VOICE, SMS), target_kinds=("app",),
                clearable=True),
    SettingSpec("voice", "Calls", ValueKind.TARGET, channels=(VOICE,),
                target_kinds=("phone", "sip"), clearable=True),
    SettingSpec("sms", "Messages", ValueKind.TARGET, channels=(SMS,), target_kinds=("hook",),
                clearable=True),
    SettingSpec("name", "Name", ValueKind.TEXT, why_not_clearable="there is no way", longest=20),
    SettingSpec("recording", "Recording", ValueKind.CHOICE, choices=("off", "call"),
                why_not_clearable="there is no way"),
    SettingSpec("mail", "Mail", ValueKind.EMAIL, readable=False, clearable=True),
    SettingSpec("sender", "Sender", ValueKind.SENDER, readable=False, clearable=True),
)  # fmt: skip
INFO = ProviderInfo(
    key="fake",
    title="Fake",
    base_url="https://fake.example",
    fields=(
        CredentialField("user", "User", pattern=r"[a-z]+", example="abc"),
        CredentialField("mode", "Mode", required=False, choices=("one", "two")),
        CredentialField("pin", "PIN", secret=True),
    ),
    settings=_SETTINGS,
    target_kinds=_KINDS,
    precedence={VOICE: ("voice", "app"), SMS: ("app", "sms")},
    currency="EUR",
)
ACCOUNT = Account("desk", "fake", {"user": "abc"})


def owned(number=NUMBER, capabilities=("voice", "sms"), status="active", **settings):
    stored = {spec.key: None for spec in INFO.settings if spec.readable} | settings
    bare = OwnedNumber(
        account=ACCOUNT.name,
        provider="fake",
        id=f"id{number}",
        number=number,
        country="GB",
        type="mobile",
        capabilities=capabilities,
        status=status,
        name=settings.get("name"),
        region=None,
        city=None,
        monthly_cost=None,
        routing={},
        settings={},
        created_at=None,
        updated_at=None,
        seen_at=clock.now(),
    )
    return replace(bare, settings=stored, routing=routing_after(INFO, bare, stored))


@dataclass
class FakeProvider(Provider):
    """Holds numbers; ``on_write`` may raise, skip the change, or change something else."""

    numbers: dict[E164, OwnedNumber] = field(default_factory=dict)
    stock: dict[E164, AvailableNumber] = field(default_factory=dict)
    sent: list[tuple[str, E164]] = field(default_factory=list)
    reads: int = 0
    lose_answer: Exception | None = None
    refuse: Exception | None = None
    skip_change: bool = False
    also: dict[str, str | None] = field(default_factory=dict)
    failing_reads: dict[int, Exception] = field(default_factory=dict)
    """By which read fails, counted from 1."""
    visible_after: int = 0
    """Reads after the write that still show the number as it was."""
    order_id: str | None = None
    """The order that a purchase leaves; without one it is carried out at once."""
    orders: list[OrderState] = field(default_factory=list)
    """What is told of that order, the last one for good; empty where it cannot be asked."""
    lists_as: str | None = None
    """The status in which an ordered number is listed before it is to be had."""
    _pending: list[OwnedNumber] = field(default_factory=list)
    info: ProviderInfo = INFO

    async def check(self):
        return AccountCheck("Fake account")

    async def find(self, number, known=None):
        self.reads += 1
        if self.reads in self.failing_reads:
            raise self.failing_reads[self.reads]
        if self._pending and self.visible_after:
            self.visible_after -= 1
            return self._pending[0]
        return self.numbers.get(number)

    async def owned(self, query) -> AsyncIterator[Page[OwnedNumber]]:
        yield Page(tuple(self.numbers.values()))

    async def available(self, query) -> AsyncIterator[Page[AvailableNumber]]:
        yield Page(tuple(self.stock.values()))

    async def targets(self, number=None):
        yield Page(())

    async def target(self, target):
        return TargetOption(target, (VOICE, SMS))

    def _write(self, what, number):
        self.sent.append((what, number))
        if self.refuse is not None:
            raise self.refuse

    def _answered(self):
        if self.lose_answer is not None:
            raise self.lose_answer

    async def update(self, number, change):
        self._write("update", number.number)
        now = self.numbers[number.number]
        self._pending = [now]
        if not self.skip_change:
            settings = number_after(INFO, now, change).settings | self.also
            routing = routing_after(INFO, now, settings)
            self.numbers[number.number] = replace(now, settings=settings, routing=routing)
        self._answered()

    async def buy(self, number, target, extras=NO_EXTRAS):
        self._write("buy", number.number)
        if not self.skip_change:
            if self.order_id is None:
                self.numbers[number.number] = owned(number.number)
            elif self.lists_as is not None:
                self.numbers[number.number] = owned(number.number, status=self.lists_as)
        self._answered()
        return Purchase("active" if self.order_id is None else "pending", self.order_id)

    async def order(self, reference):
        assert reference == self.order_id
        if not self.orders:
            raise NoAnswer("no answer")
        return self.orders.pop(0) if len(self.orders) > 1 else self.orders[0]

    async def order_since(self, number, since):
        return self.order_id

    async def release(self, number):
        self._write("release", number.number)
        if not self.skip_change:
            del self.numbers[number.number]
        self._answered()


async def instant(seconds):
    """Sleep no time at all."""


INSTANT = Timing(sleep=instant)


def available(number=OTHER, **more):
    values = {"country": "GB", "type": "mobile", "capabilities": ("voice", "sms")} | more
    return AvailableNumber(ACCOUNT.name, "fake", number, **values)


def session(provider, account=ACCOUNT, info=INFO, journal=None, **options):
    """Return the rules of a write over one fake account."""
    provider.info = info
    secrets = Secrets(environment={})
    secrets.hold(account, Secret("pin"))
    workspace = Workspace(
        accounts=(account,),
        plugins={"fake": Plugin(info, lambda api: provider)},
        secrets=secrets,
        http=Http(timing=INSTANT),
        **options,
    )
    return Writer(workspace, journal or SqliteJournal(None), Actor("ann", "host"))


def phone(text):
    return Target("phone", text)
