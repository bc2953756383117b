"""Every benchmark runs to its end over a few rows; what it measures is not looked at."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
RUNS = {
    "startup": ("--numbers", "30", "--runs", "1", "--peers", os.devnull),
    "listing": ("--numbers", "30", "--runs", "1", "--latency", "0"),
    "batch": (
        *("--count", "2", "--numbers", "60", "--runs", "1", "--latency", "0"),
        *("--providers", "vonage"),
    ),
    "memory": ("--numbers", "30", "--rest", "0"),
    "journal": ("--operations", "300", "--runs", "2"),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_benchmark_prints_its_table(name):
    done = subprocess.run(
        [sys.executable, os.fspath(FOLDER / f"{name}.py"), *RUNS[name]],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "CPython" in done.stdout.splitlines()[0]
    assert len(done.stdout.splitlines()) > 3
