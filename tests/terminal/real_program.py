"""Starts ``tui-numbers`` in a pseudo-terminal, types, and reads what its screen shows."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from terminal_oracle import Emulator

from tui_numbers.sandbox.accounts import config_toml, environment
from tui_numbers.sandbox.app import Sandbox
from tui_numbers.sandbox.faults import Faults, parse_faults
from tui_numbers.sandbox.server import background
from tui_numbers.sandbox.world import build_world
from tui_numbers.services.paths import Paths
from tui_numbers.storage.journal import Journal

_PATIENCE = 40
"""Seconds after which something is held never to come; nothing is measured by it."""


@dataclass
class Served:
    """A sandbox on a port."""

    sandbox: Sandbox
    origin: str

    def fresh(self) -> None:
        """Let nothing misbehave, and write the configuration that uses it."""
        self.sandbox.faults.clear()
        file = Paths.of_user().config_file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(config_toml(self.origin))

    def misbehave(self, text: str) -> None:
        for fault in parse_faults(text):
            self.sandbox.faults.add(fault)


@contextmanager
def serving(numbers: int = 120) -> Iterator[Served]:
    sandbox = Sandbox(build_world(numbers), Faults())
    with background(sandbox) as origin:
        yield Served(sandbox, origin)


class Program:
    """The program, its terminal, and an emulator that draws what it writes."""

    def __init__(self, served: Served, size: tuple[int, int] = (80, 24)) -> None:
        self.served = served
        self.screen = Emulator(*size)
        self.written = 0
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        kept = {key: text for key, text in os.environ.items() if key not in ("NO_COLOR", "TMUX")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tui_numbers"],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=kept | environment() | {"TERM": "xterm-256color", "COLORTERM": "truecolor"},
            start_new_session=True,
        )
        os.close(slave)

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        if self.master >= 0:
            os.close(self.master)

    def take(self, seconds: float) -> int:
        """Take in what comes within a time; answers how many bytes it was."""
        if self.master < 0 or not select.select([self.master], [], [], seconds)[0]:
            return 0
        try:
            data = os.read(self.master, 1 << 16)
        except OSError:
            data = b""
        self.written += len(data)
        self.screen.stream.feed(data.decode("utf-8", "replace"))
        return len(data)

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    def until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"never came; the screen shows:\n{self.text}"
            self.take(0.2)

    def shows(self, *texts: str) -> None:
        self.until(lambda: all(text in self.text for text in texts))

    def type(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def loaded(self) -> None:
        """Wait until every account has answered, and named its targets."""
        self.shows("1 Owned")
        self.until(lambda: "loading" not in self.text and "as of" in self.text)
        self.quiet()

    def quiet(self) -> None:
        """Wait until nothing is written any more: two seconds without a byte."""
        deadline = time.monotonic() + _PATIENCE
        while self.take(2.0):
            assert time.monotonic() < deadline, "never quiet"

    def ended(self) -> int:
        self.until(lambda: self.process.poll() is not None)
        return self.process.returncode

    def hang_up(self) -> None:
        """Drop the line, as a lost SSH session does."""
        os.kill(self.process.pid, signal.SIGHUP)
        os.close(self.master)
        self.master = -1


def operations() -> list[object]:
    """Return what the journal of this user says."""
    journal = Journal(Paths.of_user().journal)
    try:
        return journal.operations()
    finally:
        journal.close()
