"""What the benchmarks share: a sandbox in a process of its own, and tables on the screen."""

import contextlib
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Series:
    """One thing measured several times."""

    values: Sequence[float]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def p95(self) -> float:
        ordered = sorted(self.values)
        return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]

    def line(self, name: str, floor: "Series | None" = None, unit: float = 1000) -> str:
        """A row of the table; ``floor`` is what its median is divided by."""
        ratio = f"{self.median / floor.median:10.2f}" if floor is not None else f"{'':>10}"
        return f"{name:44}{self.median * unit:10.1f}{self.p95 * unit:10.1f}{ratio}"


def heading(title: str, unit: str = "ms") -> str:
    return f"{title:44}{f'median {unit}':>10}{f'p95 {unit}':>10}{'ratio':>10}"


def machine() -> str:
    model = platform.processor() or platform.machine()
    described = Path("/proc/cpuinfo")
    if described.exists():
        lines = described.read_text().splitlines()
        model = next((line.split(":")[1].strip() for line in lines if "model name" in line), model)
    return f"{os.cpu_count()} x {model}, CPython {platform.python_version()}, {platform.system()}"


def clean_environment(home: Path, **more: str) -> dict[str, str]:
    """An environment in which nothing of the user's is read, and compiled modules are used."""
    return {
        "PATH": os.environ["PATH"],
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_STATE_HOME": str(home / "state"),
        **more,
    }


@dataclass(frozen=True)
class Served:
    """A sandbox that listens, and a home whose configuration uses it."""

    origin: str
    home: Path
    environment: dict[str, str]


@contextlib.contextmanager
def sandbox(numbers: int, faults: str = "") -> Iterator[Served]:
    """Serve the emulated providers from another process while the block runs."""
    from tui_numbers.sandbox.accounts import config_toml, environment

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        command = [sys.executable, "-m", "tui_numbers", "sandbox", "--port", "0"]
        server = subprocess.Popen(
            [*command, "--numbers", str(numbers)],
            env=clean_environment(home, TUI_NUMBERS_SANDBOX_FAULTS=faults),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert server.stderr is not None
            told = server.stderr.readline()
            if "serving on " not in told:
                sys.exit(f"the sandbox did not start: {told}{server.stderr.read()}")
            origin = told.split("serving on ")[1].split()[0]
            config = home / "config" / "tui-numbers" / "config.toml"
            config.parent.mkdir(parents=True)
            config.write_text(config_toml(origin), encoding="utf-8")
            yield Served(origin, home, clean_environment(home, **environment()))
        finally:
            server.terminate()
            server.wait(10)
            if server.stderr is not None:
                server.stderr.close()
