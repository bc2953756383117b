"""A sandbox on a port, and programs that use it: in this process, or in one of their own."""

import asyncio
import os
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support import loaded_program
from tests.support.command_line import Ran, run, write_config
from tests.support.writes import WRITES
from tui_numbers.sandbox.accounts import config_toml, environment
from tui_numbers.sandbox.app import Sandbox, build_world
from tui_numbers.sandbox.faults import Faults, parse_faults
from tui_numbers.sandbox.server import background
from tui_numbers.services.paths import Paths
from tui_numbers.storage.sqlite_journal import SqliteJournal

ROOT = Path(__file__).parents[2]


@dataclass
class Served:
    """A sandbox on a port, the configuration that uses it, and real processes that do."""

    sandbox: Sandbox
    origin: str
    environment: dict[str, str]
    held: int = 0
    """How many requests came that are answered only once they are let go."""
    _going_on: Future = field(default_factory=Future)

    def configure(self, extra=""):
        return write_config(config_toml(self.origin) + extra)

    def fresh(self):
        """Let nothing misbehave, forget what was asked, and write the configuration."""
        self.forget_held()
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

    def process(self, *words, without=(), loaded=True, **more):
        """Run a command in a process of its own; ``loaded`` is as in ``loaded_program``."""
        variables = self._variables(without, more)
        program = loaded_program.start("tui_numbers", words, variables, loaded=loaded)
        out, err = program.communicate(timeout=60)
        return Ran(program.returncode, out, err)

    def misbehave(self, text):
        for fault in parse_faults(text):
            self.sandbox.faults.add(fault)

    def hold(self, route, more=""):
        """Answer the requests of a route, ``PROVIDER:ROUTE``, only once they are let go."""
        self._going_on = Future()
        self.held = 0
        self.sandbox.sleep = self._until_let_go
        self.misbehave(f"{route}:latency{more}")

    async def _until_let_go(self, _seconds):
        self.held += 1
        await asyncio.shield(asyncio.wrap_future(self._going_on))

    def let_go(self):
        """Let all go on that is held."""
        self._going_on.set_result(None)

    def forget_held(self):
        """Let nothing become of what is held, and hold nothing more."""
        self._going_on.cancel()
        self.sandbox.sleep = asyncio.sleep


@contextmanager
def serving(numbers=60):
    """Serve a sandbox on a port of the loopback interface."""
    sandbox = Sandbox(build_world(numbers), Faults())
    with background(sandbox) as origin:
        made = Served(sandbox, origin, environment())
        try:
            yield made
        finally:
            made.forget_held()


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
    _sandbox.forget_held()
    for ledger, records in kept:
        ledger.records.clear()
        ledger.records.update(records)


def start(served, module, *words, **more):
    """Start a program that is one of the tests' own modules, or the command line itself."""
    variables = {**os.environ, **served.environment, **more}
    return loaded_program.start(module, words, variables, cwd=ROOT)


def writes(served):
    return [request for request in served.sandbox.requests if request.route in WRITES]


def journal():
    return SqliteJournal(Paths.of_user().journal)
