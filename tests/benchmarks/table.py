"""Measure the table from key to screen in a real terminal, beside Textual's DataTable.

Run ``python tests/benchmarks/table.py [--rows 1000000]``; without the option over 100,000 rows.
A million rows take about two minutes: some 230 keys, each waited for until the app is at rest.
Each app runs in a pseudo-terminal of 80x24; a time is from writing a key to the last byte of what
it changed on the screen, and "cpu" is what the app's event loop spent on it (p95), which tells
more where other programs are busy too. The ratio is the peer's median to this table's.
"""

import argparse
import asyncio
import contextlib
import fcntl
import gc
import os
import pty
import select
import signal
import statistics
import struct
import sys
import termios
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import compress
from operator import attrgetter
from pathlib import Path

from measuring import machine
from rows import Number, numbers
from textual import work
from textual.app import App, ComposeResult
from textual.widget import Widget
from textual.widgets import DataTable, Input

from tui_numbers.domain.filter_terms import (
    COST_TAG,
    OWNED,
    SEPARATOR,
    digits_line,
    joined,
    line_of,
)
from tui_numbers.domain.filtering import FilterError, compile_filter
from tui_numbers.domain.haystacks import Haystacks
from tui_numbers.ui.table import Column, NumberTable

PEER_ROWS = 1000
FIELDS = {"shown": 17, "name": 16, "target": 17, "account": 9, "status": 8}
KEYS = {"Down": "\x1b[B", "Page down": "\x1b[6~", "Top": "g", "Sort": "s", "Filter": "/"}
ERASE = "\x7f"
TYPED = ("61709", "bill")
WORST = ("1", "044", "active 1", "us-desk !1")
"""Words that most rows hold, digits that may be spelled in two ways, and several words."""
FIELDS_TYPED = ("account:uk -status:porting", 'to:"support ivr"', "phone:0999", "-type:mobile")
FLAGS_TYPED = ("is:unrouted", "-is:porting cost>1", "changed<7d", "cost<=0.9eur")
EXPRESSIONS = (r"re:6170$", r"re:^\+44.*70$", "re:^bill")
WIDE_EXPRESSIONS = (r"re:(\d)\1\1", "re:[02468]$")
"""Without a text that all they find holds, so that each number is tried, beside the keys."""
LOAD_SECONDS = 120


@dataclass
class Measured:
    seconds: list[float]
    sent: list[int]
    cpu: list[float]

    def at(self, share: float) -> float:
        return _share(self.seconds, share) * 1000

    @property
    def cpu_p95(self) -> float:
        return _share(self.cpu, 0.95) * 1000


def _share(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def hay(row: Number) -> str:
    """Return what a row is found by, in the lines of owned numbers."""
    at = int(row.e164[3:]) % 9973
    kind, _, name = row.target.partition(" ")
    facts = [row.status, "unrouted" if not name else None]
    lines = (
        digits_line(row.e164),
        digits_line(f"+4420{at:08}") if at % 3 == 0 else "",
        "",
        line_of(f"{kind}:{name}", name) if name else "",
        joined(line_of(*facts), line_of(f"{at % 5}.90 eur", tag=COST_TAG)),
        line_of(str(1_795_000_000 - at * 601)),
        joined(
            line_of(row.account, tag=OWNED.tag("account")),
            line_of("vonage", tag=OWNED.tag("provider")),
            line_of(row.status, tag=OWNED.tag("status")),
        ),
        joined(
            line_of("gb", "united kingdom", tag=OWNED.tag("country")),
            line_of(("mobile", "local", None)[at % 3], tag=OWNED.tag("type")),
            line_of("voice", "sms", tag=OWNED.tag("features")),
        ),
        line_of(row.name),
        line_of("London" if at % 2 else None),
        line_of(row.target, kind),
        "",
    )
    return SEPARATOR.join(lines)


class Bench(App[None]):
    CSS_PATH = Path(__file__).parents[2] / "styles" / "table.tcss"
    BINDINGS = (("s", "sort"), ("slash", "filter"))

    def __init__(self, rows: list[Number]) -> None:
        super().__init__()
        self.rows = rows

    def compose(self) -> ComposeResult:
        entry = Input(compact=True)
        entry.cursor_blink = False
        yield entry
        yield self.table()

    def table(self) -> Widget:
        raise NotImplementedError

    def on_input_submitted(self) -> None:
        self.screen.focus_next()

    def action_filter(self) -> None:
        self.screen.set_focus(self.query_one(Input))


class Ours(Bench):
    def table(self) -> Widget:
        columns = [
            Column(
                field,
                field.title(),
                width,
                attrgetter(field),
                attrgetter(field),
                flex=1,
                highlight=True,
            )
            for field, width in FIELDS.items()
        ]
        self.numbers = NumberTable(columns, attrgetter("e164"), hay, layout=OWNED)
        return self.numbers

    async def on_mount(self) -> None:
        self.numbers.sync(await asyncio.to_thread(self.numbers.prepare, self.rows))
        self.numbers.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter as the filter line does: what would take long, beside the keys."""
        with contextlib.suppress(FilterError):
            search = self.numbers.model.search_ahead(event.value)
            if search is None:
                self.numbers.set_filter(event.value)
            else:
                self.search(event.value, search)

    @work(exclusive=True)
    async def search(self, text: str, search: Callable[[], Callable[[], None]]) -> None:
        keep = await asyncio.to_thread(search)
        keep()
        self.numbers.set_filter(text)

    def action_sort(self) -> None:
        self.numbers.cycle_sort()


class Peer(Bench):
    turned = False

    def table(self) -> Widget:
        self.numbers: DataTable[str] = DataTable(cursor_type="row")
        return self.numbers

    def on_mount(self) -> None:
        self.hays = Haystacks()
        self.hays.pack(map(hay, self.rows))
        self.labels = self.numbers.add_columns(*FIELDS)
        self.fill(list(range(len(self.rows))))
        self.numbers.focus()

    def fill(self, chosen: list[int]) -> None:
        self.numbers.clear()
        self.numbers.add_rows(attrgetter(*FIELDS)(self.rows[at]) for at in chosen)

    def on_input_changed(self, event: Input.Changed) -> None:
        passing = self.hays.passing(compile_filter(event.value))
        self.fill(list(compress(range(len(self.rows)), passing)))

    def action_sort(self) -> None:
        self.turned = not self.turned
        self.numbers.sort(self.labels[0], reverse=self.turned)


class Terminal:
    """One of the apps in a pseudo-terminal, with a key to its bytes and times."""

    def __init__(self, which: str, count: int) -> None:
        self.pid, self.screen = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            command = [sys.executable, __file__, "--serve", which, "--rows", str(count)]
            os.execv(sys.executable, command)
        fcntl.ioctl(self.screen, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.wait_for(b"+44 0000")
        self.drain(1.5)

    def wait_for(self, text: bytes) -> None:
        """Read until the first row is on the screen."""
        came, until = b"", time.monotonic() + LOAD_SECONDS
        while text not in came:
            if not select.select([self.screen], [], [], until - time.monotonic())[0]:
                sys.exit("no row came to the screen")
            came += os.read(self.screen, 1 << 16)

    def drain(self, quiet: float) -> tuple[int, float]:
        """Read until nothing came for ``quiet`` seconds from an app that has nothing left to do.

        Returns the bytes, and the time of the last one.
        """
        count, last = 0, time.perf_counter()
        while True:
            if select.select([self.screen], [], [], quiet)[0]:
                count += len(os.read(self.screen, 1 << 16))
                last = time.perf_counter()
            elif self.is_asleep():
                return count, last

    def is_asleep(self) -> bool:
        tasks = Path(f"/proc/{self.pid}/task")
        if not tasks.is_dir():
            return True
        states = [(task / "stat").read_text().rpartition(")")[2][1] for task in tasks.iterdir()]
        return set(states) <= {"S"}

    def cpu(self) -> float:
        spent = Path(f"/proc/{self.pid}/schedstat")
        return int(spent.read_text().split()[0]) / 1e9 if spent.exists() else float("nan")

    def press(self, keys: list[str], quiet: float) -> Measured:
        measured = Measured([], [], [])
        for key in keys:
            before, began = self.cpu(), time.perf_counter()
            os.write(self.screen, key.encode())
            sent, last = self.drain(quiet)
            measured.seconds.append(last - began)
            measured.sent.append(sent)
            measured.cpu.append(self.cpu() - before)
        return measured

    def type_filter(self, texts: tuple[str, ...], quiet: float) -> Measured:
        """Type some texts into the filter and erase each again."""
        self.press([KEYS["Top"], KEYS["Filter"]], 0.3)
        keys = [key for text in texts for key in (*text, *[ERASE] * len(text))]
        measured = self.press(keys, quiet)
        self.press(["\r"], 0.3)
        return measured

    def close(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.screen)


def measure(which: str, count: int) -> dict[str, Measured]:
    terminal = Terminal(which, count)
    # Longer than the pause within what one key changes, for the slower of the two.
    quiet = 0.15 if which == "ours" else 0.4
    try:
        found = {"Down": terminal.press([KEYS["Down"]] * 60, 0.06)}
        found["Page down"] = terminal.press([KEYS["Page down"]] * 30, 0.08)
        found["Filter character"] = terminal.type_filter(TYPED, quiet)
        if which == "ours":
            found["Filter, worst words"] = terminal.type_filter(WORST, quiet)
            found["Filter, fields"] = terminal.type_filter(FIELDS_TYPED, quiet)
            found["Filter, is: cost> changed<"] = terminal.type_filter(FLAGS_TYPED, quiet)
            found["Filter, expressions"] = terminal.type_filter(EXPRESSIONS, quiet)
            found["Filter, wide expressions"] = terminal.type_filter(WIDE_EXPRESSIONS, quiet)
        found["Sort"] = terminal.press([KEYS["Sort"]] * 4, 0.4)
        found["Filter, sorted"] = terminal.type_filter(TYPED, quiet)
        if which == "ours":
            found["Filter, worst, sorted"] = terminal.type_filter(WORST, quiet)
        began = terminal.cpu()
        found["Idle 2 s"] = Measured([0.0], [terminal.drain(2)[0]], [terminal.cpu() - began])
        return found
    finally:
        terminal.close()


def show(count: int, say: Callable[[str], None] = print) -> None:
    ours, peer = measure("ours", count), measure("peer", PEER_ROWS)
    say(machine())
    say(f"80x24; this table with {count:,} rows, DataTable with {PEER_ROWS:,}")
    say(
        f"{'':27}{'p50 ms':>8}{'p95 ms':>8}{'bytes':>8}{'cpu ms':>8}   "
        f"{'p50 ms':>8}{'p95 ms':>8}{'bytes':>8}{'cpu ms':>8}{'ratio':>8}"
    )
    for name, mine in ours.items():
        other = peer.get(name)
        line = f"{name:27}"
        for each in (mine, other) if other is not None else (mine,):
            sent = statistics.fmean(each.sent)
            line += f"{each.at(0.5):8.1f}{each.at(0.95):8.1f}{sent:8.0f}{each.cpu_p95:8.1f}   "
        ratio = f"{other.at(0.5) / mine.at(0.5):5.1f}" if other and mine.at(0.5) else ""
        say((line + ratio).rstrip())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--serve", choices=["ours", "peer"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        rows = list(numbers(options.rows))
        # As a long-running program does once its rows are there: old objects are not swept again.
        gc.collect()
        gc.freeze()
        (Ours if options.serve == "ours" else Peer)(rows).run()
    else:
        show(options.rows)


if __name__ == "__main__":
    main()
