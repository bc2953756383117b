"""A sandbox on a port, for programs that are processes of their own."""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from cli.conftest import Served

from safety.kit import WRITES
from tui_numbers.sandbox.accounts import environment
from tui_numbers.sandbox.app import Sandbox
from tui_numbers.sandbox.faults import Faults
from tui_numbers.sandbox.server import background
from tui_numbers.sandbox.world import build_world
from tui_numbers.services.paths import Paths
from tui_numbers.storage.journal import Journal

TESTS = Path(__file__).parents[1]


@contextmanager
def serving(numbers=60):
    sandbox = Sandbox(build_world(numbers), Faults())
    with background(sandbox) as origin:
        yield Served(sandbox, origin, environment())


def fresh(served):
    """Return the sandbox as it is to be for one more test, with its configuration written."""
    served.sandbox.faults.clear()
    served.sandbox.limits.clear()
    served.sandbox.requests.clear()
    served.configure()
    return served


def start(served, *words, **more):
    """Start a program that is one of the tests' own modules, or the command line itself."""
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=TESTS,
        env={**os.environ, **served.environment, **more},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def writes(served):
    return [request for request in served.sandbox.requests if request.route in WRITES]


def journal():
    return Journal(Paths.of_user().journal)
