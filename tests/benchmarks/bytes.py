"""Count the bytes that reach the terminal, with our driver and with Textual's own.

Run ``python tests/benchmarks/bytes.py``. The same app, a table of 10,000 rows with a filter above
it, runs in a pseudo-terminal of 80x24 with either driver. The last columns are the processor time
that the driver itself takes for a frame.
"""

import argparse
import fcntl
import json
import os
import platform
import pty
import select
import statistics
import struct
import sys
import tempfile
import termios
import time
from operator import attrgetter
from pathlib import Path
from typing import Any

from rows import Number, numbers

from tui_numbers.domain.filter_terms import haystack

COLOURS = {"truecolour": "truecolor", "256 colours": "256", "16 colours": "standard"}
DOWN, PAGE_DOWN, ERASE, QUIT = "\x1b[B", "\x1b[6~", "\x7f", "\x11"
WORDS = ["6", "1", "7", *[ERASE] * 3, "b", "i", "l", "l", *[ERASE] * 4]
WIDTHS = {"shown": 17, "name": 16, "target": 17, "account": 9, "status": 8}


def timed(driver: type[Any], spent: list[float]) -> type[Any]:
    """The driver, keeping the processor time of each write of a frame."""

    class Timed(driver):  # type: ignore[misc]
        def write(self, data: str) -> None:
            began = time.thread_time()
            super().write(data)
            if len(data) > len("\x1b[?2026h") + 8:
                spent.append(time.thread_time() - began)

    return Timed


def _searched(row: Number) -> str:
    return haystack(row.e164, [row.name, row.target, row.account, row.status])


def serve(which: str, report: str) -> None:
    """Run the app in this terminal, and tell at the end what its frames cost."""
    from textual.app import App, ComposeResult
    from textual.drivers.linux_driver import LinuxDriver
    from textual.widgets import Input

    from tui_numbers.ui.table import Column, NumberTable
    from tui_numbers.ui.terminal.driver import DiffingDriver

    class Bench(App[None]):
        CSS_PATH = Path(__file__).parents[2] / "styles" / "table.tcss"
        BINDINGS = (("slash", "focus_filter"),)

        def compose(self) -> ComposeResult:
            entry = Input(compact=True)
            entry.cursor_blink = False
            yield entry
            columns = [
                Column(name, name.title(), width, attrgetter(name), flex=1, highlight=True)
                for name, width in WIDTHS.items()
            ]
            yield NumberTable(columns, attrgetter("e164"), _searched)

        def on_mount(self) -> None:
            table = self.query_one(NumberTable)
            table.sync(list(numbers(10_000)))
            table.focus()

        def on_input_changed(self, event: Input.Changed) -> None:
            self.query_one(NumberTable).set_filter(event.value)

        def action_focus_filter(self) -> None:
            self.screen.set_focus(self.query_one(Input))

    spent: list[float] = []
    driver = DiffingDriver if which == "ours" else LinuxDriver
    Bench(driver_class=timed(driver, spent)).run()
    Path(report).write_text(json.dumps(spent), encoding="utf-8")


class Terminal:
    """The app in a pseudo-terminal."""

    def __init__(self, which: str, colours: str, report: str) -> None:
        self.pid, self.screen = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", TEXTUAL_COLOR_SYSTEM=colours)
            os.environ.pop("NO_COLOR", None)
            os.execv(sys.executable, [sys.executable, __file__, "--serve", which, report])
        fcntl.ioctl(self.screen, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))

    def drain(self, quiet: float, first: float = 0.0) -> int:
        """Count what comes until nothing did for ``quiet`` seconds."""
        count, patience = 0, first or quiet
        while select.select([self.screen], [], [], patience)[0]:
            try:
                read = os.read(self.screen, 1 << 16)
            except OSError:
                break
            count, patience = count + len(read), quiet
        return count

    def press(self, keys: list[str]) -> float:
        counts = []
        for key in keys:
            os.write(self.screen, key.encode())
            counts.append(self.drain(0.06, 0.3))
        return statistics.fmean(counts)

    def close(self) -> None:
        os.write(self.screen, QUIT.encode())
        while self.drain(1):
            pass
        os.waitpid(self.pid, 0)
        os.close(self.screen)


def measure(which: str, colours: str) -> tuple[dict[str, float], list[float]]:
    with tempfile.TemporaryDirectory() as folder:
        report = f"{folder}/report.json"
        terminal = Terminal(which, colours, report)
        found: dict[str, float] = {"Boot": terminal.drain(0.6, 10)}
        found["Down"] = terminal.press([DOWN] * 50)
        found["Page down"] = terminal.press([PAGE_DOWN] * 20)
        terminal.press(["g", "/"])
        found["Filter character"] = terminal.press(WORDS)
        found["Idle, 2 s"] = terminal.drain(2)
        terminal.close()
        return found, json.loads(Path(report).read_text(encoding="utf-8"))


def show() -> None:
    print(f"{os.cpu_count()} x {platform.machine()}, CPython {platform.python_version()}, 80x24")
    for label, colours in COLOURS.items():
        (ours, mine), (stock, theirs) = measure("ours", colours), measure("stock", colours)
        print(f"\n{label:20}{'ours':>10}{'Textual':>10}{'ratio':>8}")
        for name, count in ours.items():
            ratio = f"{stock[name] / count:8.1f}" if count else f"{'-':>8}"
            print(f"{name:20}{count:10,.0f}{stock[name]:10,.0f}{ratio}")
        for name, at in (("CPU ms, median", 50), ("CPU ms, p95", 95)):
            values = [statistics.quantiles(each, n=100)[at - 1] * 1000 for each in (mine, theirs)]
            print(f"{name:20}{values[0]:10.2f}{values[1]:10.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", nargs=2, metavar=("DRIVER", "REPORT"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(*arguments.serve)
    else:
        show()


if __name__ == "__main__":
    main()
