import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field

import pytest
from click.testing import CliRunner

from tui_numbers.cli.app import cli
from tui_numbers.cli.flags import Flags
from tui_numbers.providers.pacing import Timing
from tui_numbers.sandbox.accounts import config_toml, environment
from tui_numbers.sandbox.app import Sandbox
from tui_numbers.sandbox.faults import Faults, parse_faults
from tui_numbers.sandbox.server import background
from tui_numbers.sandbox.world import build_world
from tui_numbers.services.paths import Paths

US, UK, AU = "+12673676170", "+447400906170", "+61255506170"
TO = "+442079460999"


@dataclass
class Clock:
    """Time in which every wait is over at once."""

    ahead: float = 0.0
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.ahead += seconds

    @property
    def timing(self):
        return Timing(
            lambda: time.monotonic() + self.ahead, lambda: time.time() + self.ahead, self.sleep
        )


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def outcomes(self):
        return [row["outcome"] for row in self.json]


def run(*words, stdin=None):
    """Run the command line in this process, without a terminal."""
    result = CliRunner().invoke(
        cli, list(words), input=stdin, obj=Flags(timing=Clock().timing), catch_exceptions=False
    )
    return Ran(result.exit_code, result.stdout, result.stderr)


@pytest.fixture
def demo():
    """Run a command on a small demo."""
    return lambda *words, **more: run("--demo", "--numbers", "60", *words, **more)


@pytest.fixture
def faulty(demo, monkeypatch):
    """Run a command on a demo that misbehaves."""

    def faulty_run(faults, *words):
        monkeypatch.setenv("TUI_NUMBERS_SANDBOX_FAULTS", faults)
        return demo(*words)

    return faulty_run


def write_config(text):
    path = Paths.of_user().config_file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@dataclass
class Served:
    """A sandbox on a port, the configuration that uses it, and real processes that do."""

    sandbox: Sandbox
    origin: str
    environment: dict[str, str]

    def configure(self, extra=""):
        return write_config(config_toml(self.origin) + extra)

    def process(self, *words, without=(), stdin=None, **more):
        variables = {**os.environ, **self.environment, **more}
        for name in without:
            variables.pop(name)
        done = subprocess.run(
            [sys.executable, "-m", "tui_numbers", *words],
            capture_output=True,
            text=True,
            env=variables,
            input=stdin or "",
            timeout=60,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def misbehave(self, text):
        for fault in parse_faults(text):
            self.sandbox.faults.add(fault)


@pytest.fixture(scope="module")
def _sandbox():
    sandbox = Sandbox(build_world(60), Faults())
    with background(sandbox) as origin:
        yield Served(sandbox, origin, environment())


@pytest.fixture
def served(_sandbox):
    """Serve the sandbox as it was at first, whatever an earlier test has changed in it."""
    world = _sandbox.sandbox.world
    ledgers = (world.fonedynamics.numbers, world.vonage.numbers, world.parakeet.numbers)
    kept = [(ledger, dict(ledger.records)) for ledger in ledgers]
    _sandbox.sandbox.faults.clear()
    _sandbox.sandbox.limits.clear()
    _sandbox.sandbox.requests.clear()
    _sandbox.configure()
    yield _sandbox
    for ledger, records in kept:
        ledger.records.clear()
        ledger.records.update(records)
