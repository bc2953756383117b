"""Measure starts in a real terminal of 80x24: first glyph, first rows, first key, and a help.

Run ``python tests/benchmarks/startup.py [--numbers 10000] [--peers FOLDER]``. ``--peers`` is the
folder, or folders with colons between, of the commands ``posting`` and ``harlequin``, which are
looked up on PATH otherwise. The extra ``bench`` installs ``harlequin``; ``posting`` wants an older
Textual than this program, so it needs an environment of its own (``pipx install posting``). The
floor is a Textual app of one line.
"""

import argparse
import asyncio
import fcntl
import math
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from measuring import Series, Served, clean_environment, heading, machine, sandbox

FLOOR = """
from textual.app import App
from textual.widgets import Static
class Floor(App):
    def compose(self):
        yield Static("the floor")
Floor().run()
"""
PATIENCE = 20.0
PEERS = {"posting": (["posting"], "Collection"), "harlequin": (["harlequin"], "Data Catalog")}
"""The peers, and a word of each one's first whole frame."""


@dataclass(frozen=True)
class Start:
    """What is started, and the text that must come; ``typed`` is pressed as soon as it starts."""

    command: Sequence[str]
    word: str
    environment: Mapping[str, str]
    typed: bytes = b""


def seconds_until(start: Start) -> float:
    """Return the seconds from starting a command to its word on the terminal; NaN for never."""
    command = start.command
    began = time.perf_counter()
    pid, screen = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        os.execve(command[0], list(command), dict(start.environment))
    shown, typed = b"", start.typed
    try:
        while (left := began + PATIENCE - time.perf_counter()) > 0:
            if select.select([screen], [], [], left)[0]:
                shown += os.read(screen, 1 << 16)
                # Before a program has set the terminal up, the terminal itself would answer.
                if typed and b"loading" in shown:
                    os.write(screen, typed)
                    typed = b""
                if start.word.encode() in shown:
                    return time.perf_counter() - began
    except OSError:
        pass
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(screen)
    return math.nan


def take_snapshot(served: Served) -> list[str]:
    """Keep a complete listing as the dashboard does; return how its first numbers are shown."""
    told = subprocess.run(
        [sys.executable, __file__, "--take-snapshot"],
        env=served.environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return told.stdout.splitlines()


async def keep() -> str:
    from datetime import UTC, datetime

    from tui_numbers.domain.e164 import international
    from tui_numbers.domain.query import OwnedQuery
    from tui_numbers.services.inventory import list_owned
    from tui_numbers.services.session import open_session

    session = open_session()
    listing = await list_owned(session.workspace, OwnedQuery())
    assert session.snapshot is not None
    for account in session.workspace.accounts:
        rows = [number for number in listing.numbers if number.account == account.name]
        session.snapshot.save(account.name, rows, datetime.now(UTC))
    await session.aclose()
    return "\n".join(international(one.number) for one in listing.numbers[:2])


def timed(command: Sequence[str], environment: Mapping[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def show(options: argparse.Namespace, served: Served, numbers: Sequence[str]) -> None:
    python, ours = [sys.executable, "-c"], [sys.executable, "-m", "tui_numbers"]
    starts = {
        "Textual, one line": Start([*python, FLOOR], "the floor", served.environment),
        "tui-numbers, skeleton": Start(ours, "loading", served.environment),
        "tui-numbers, first rows": Start(ours, numbers[0], served.environment),
        "tui-numbers, a key is answered": Start(ours, f"▌ {numbers[1]}", served.environment, b"j"),
    }
    missing = []
    with tempfile.TemporaryDirectory() as home:
        for name, (command, word) in PEERS.items():
            found = shutil.which(command[0], path=options.peers)
            if found is None:
                missing.append(name)
                continue
            starts[name] = Start([found, *command[1:]], word, clean_environment(Path(home)))
        times: dict[str, list[float]] = {name: [] for name in starts}
        for _ in range(options.runs):
            # In turn, so that what else the machine does meets all of them alike.
            for name, start in starts.items():
                times[name].append(seconds_until(start))
    floor = Series(times["Textual, one line"])
    print(heading("to the screen"))
    for name, values in times.items():
        ended = [value for value in values if not math.isnan(value)]
        print(Series(ended).line(name, floor) if ended else f"{name}: did not start")
    for name in missing:
        print(f"{name}: not installed")
    helps = {"Python alone": [*python, "pass"], "tui-numbers list --help": [*ours, "list", "-h"]}
    took = {name: Series([]) for name in helps}
    for name, command in helps.items():
        took[name] = Series([timed(command, served.environment) for _ in range(options.runs)])
    print(heading("to the end"))
    for name, series in took.items():
        print(series.line(name, took["Python alone"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--numbers", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument(
        "--peers",
        default=None,
        metavar="FOLDER",
        help="where the commands posting (an environment of its own: it wants an older Textual) "
        "and harlequin (extra bench) are; several with colons between; by default PATH",
    )
    parser.add_argument("--take-snapshot", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.take_snapshot:
        print(asyncio.run(keep()))
        return
    print(machine())
    with sandbox(options.numbers) as served:
        numbers = take_snapshot(served)
        # The first start writes what later ones read.
        ours = [sys.executable, "-m", "tui_numbers"]
        if math.isnan(seconds_until(Start(ours, numbers[0], served.environment))):
            sys.exit("the dashboard never showed its first number")
        print(f"{options.numbers:,} numbers in the snapshot, {options.runs} starts of each")
        show(options, served, numbers)


if __name__ == "__main__":
    main()
