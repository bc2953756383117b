"""The real program, the real sandbox, and a proxy between one account and its provider."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.e2e.network.authorities import authorities
from tests.e2e.network.leaping_clock import Clock, LeapingLoop
from tests.e2e.network.proxy import Proxy
from tui_numbers.cli.app import cli
from tui_numbers.cli.global_flags import Flags
from tui_numbers.sandbox.accounts import ACCOUNTS, config_toml
from tui_numbers.sandbox.app import Sandbox, build_world
from tui_numbers.sandbox.faults import Faults
from tui_numbers.sandbox.server import background
from tui_numbers.sandbox.world import World
from tui_numbers.services.paths import Paths
from tui_numbers.storage.sqlite_journal import SqliteJournal

ACCOUNT = "uk-sms"
UK, TO = "+447400906170", "+442079460999"
WRITES = frozenset({"update", "buy", "release"})
SECRETS = [account.secret for account in ACCOUNTS]


class Changing:
    """An application whose sandbox is exchanged between tests; the server stays."""

    sandbox: Sandbox

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.sandbox(scope, receive, send)


@dataclass
class Ran:
    """How a command ended, and what a person read."""

    code: int
    out: str
    err: str
    waited: float

    @property
    def said(self) -> str:
        return self.out + self.err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Line:
    """The line between the program and one provider, over plain HTTP or TLS."""

    origin: str
    application: Changing
    proxy: Proxy
    clock: Clock = field(default_factory=Clock)

    @property
    def sandbox(self) -> Sandbox:
        return self.application.sandbox

    def reset(self, world: World | None = None) -> None:
        self.proxy.heal()
        self.application.sandbox = Sandbox(world or build_world(30), Faults())
        self.sandbox.limits.clear()
        self.proxy.passed.clear()
        self.clock = Clock(
            self.proxy.held_up,
            self.proxy.catch_up,
            lambda: self.proxy.dripping,
            self.proxy.drip,
        )

    def configure(self, provider: str = "vonage") -> Path:
        """Write a configuration in which one account is reached through the proxy."""
        text = config_toml(self.origin).replace(
            f"{self.origin}/{provider}", f"{self.proxy.origin}/{provider}"
        )
        path = Paths.of_user().config_file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run(self, *words: str) -> Ran:
        """Run a command of the real program in this process."""
        self.clock.ahead = 0.0
        self.clock.slept.clear()
        with self._leaping():
            result = CliRunner().invoke(
                cli, list(words), obj=Flags(timing=self.clock.timing), catch_exceptions=False
            )
        return Ran(result.exit_code, result.stdout, result.stderr, self.clock.waited)

    @contextmanager
    def _leaping(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                asyncio,
                "Runner",
                partial(asyncio.Runner, loop_factory=lambda: LeapingLoop(self.clock)),
            )
            yield

    @property
    def made(self) -> list[str]:
        """The writes that the provider carried out, by route."""
        return [seen.route for seen in self.sandbox.requests if seen.route in WRITES]

    def journal(self) -> SqliteJournal:
        return SqliteJournal(Paths.of_user().journal)

    def outcomes(self) -> list[str]:
        """What the journal says, newest first."""
        journal = self.journal()
        try:
            return [str(one.outcome) for one in journal.operations()]
        finally:
            journal.close()


@contextmanager
def serving(*, tls: bool) -> Iterator[Line]:
    application = Changing()
    application.sandbox = Sandbox(build_world(30), Faults())
    with background(application) as origin:  # type: ignore[arg-type]
        proxy = Proxy(int(origin.rpartition(":")[2]), authorities().right if tls else None)
        with proxy.running():
            line = Line(origin, application, proxy)
            line.reset()
            yield line
