import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from click.testing import CliRunner

from tests.support.clock import Clock
from tui_numbers.cli.app import cli
from tui_numbers.cli.options import Flags
from tui_numbers.sandbox.accounts import config_toml, environment
from tui_numbers.sandbox.app import Sandbox
from tui_numbers.sandbox.faults import Faults, parse_faults
from tui_numbers.sandbox.server import background
from tui_numbers.sandbox.world import build_world
from tui_numbers.services.paths import Paths

US, UK, AU = "+12673676170", "+447400906170", "+61255506170"
TO = "+442079460999"


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

    def fresh(self):
        """Let nothing misbehave, forget what was asked, and write the configuration."""
        self.sandbox.faults.clear()
        self.sandbox.limits.clear()
        self.sandbox.requests.clear()
        self.configure()
        return self

    def _variables(self, without, more):
        variables = {**os.environ, **self.environment, **more}
        return {name: text for name, text in variables.items() if name not in without}

    def run(self, *words, without=(), **more):
        """Run a command in this process, with the accounts' secrets in the environment."""
        with pytest.MonkeyPatch.context() as patch:
            for name in without:
                patch.delenv(name, raising=False)
            for name, text in self._variables(without, more).items():
                patch.setenv(name, text)
            return run(*words)

    def process(self, *words, without=(), stdin=None, **more):
        """Run a command in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "tui_numbers", *words],
            capture_output=True,
            text=True,
            env=self._variables(without, more),
            input=stdin or "",
            timeout=60,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def misbehave(self, text):
        for fault in parse_faults(text):
            self.sandbox.faults.add(fault)


@contextmanager
def serving():
    sandbox = Sandbox(build_world(60), Faults())
    with background(sandbox) as origin:
        yield Served(sandbox, origin, environment())


@pytest.fixture(scope="module")
def _sandbox():
    with serving() as made:
        yield made


@pytest.fixture
def served(_sandbox):
    """Serve the sandbox as it was at first, whatever an earlier test has changed in it."""
    world = _sandbox.sandbox.world
    ledgers = (world.fonedynamics.numbers, world.vonage.numbers, world.parakeet.numbers)
    kept = [(ledger, dict(ledger.records)) for ledger in ledgers]
    yield _sandbox.fresh()
    for ledger, records in kept:
        ledger.records.clear()
        ledger.records.update(records)
