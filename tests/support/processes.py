"""Programs that are processes of their own, over the sandbox on a port."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.writes import WRITES
from tui_numbers.services.paths import Paths
from tui_numbers.storage.journal import Journal

ROOT = Path(__file__).parents[2]


def start(served, *words, **more):
    """Start a program that is one of the tests' own modules, or the command line itself."""
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=ROOT,
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
