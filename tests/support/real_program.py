"""Starts ``tui-numbers`` in a pseudo-terminal, types, and reads what its screen shows."""

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.emulator import Emulator
from tui_numbers.sandbox.accounts import config_toml, environment
from tui_numbers.sandbox.app import Sandbox
from tui_numbers.sandbox.faults import Faults, parse_faults
from tui_numbers.sandbox.server import background
from tui_numbers.sandbox.world import build_world
from tui_numbers.services.paths import Paths
from tui_numbers.storage.journal import Journal

_CALM = 6
"""How many looks in a row find it asleep."""
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


_TERMINAL: dict[str, str | None] = {
    "TERM": "xterm-256color",
    "COLORTERM": "truecolor",
    "NO_COLOR": None,
    "TMUX": None,
    "STY": None,
    "COLUMNS": None,
    "LINES": None,
}

_AT_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""
"""Makes the terminal that of the session, as a login does."""

_MODE = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")
_USUAL = {25: True, 7: True}
"""Private modes that are on at a shell's prompt; all others are off."""


class Program:
    """The program, its terminal, and an emulator that draws what it writes."""

    def __init__(
        self,
        served: Served | None = None,
        size: tuple[int, int] = (80, 24),
        *,
        words: Sequence[str] = (),
        environ: Mapping[str, str | None] | None = None,
        shell: str | None = None,
    ) -> None:
        """Start it; ``words`` are its arguments, and what is None in ``environ`` is not set.

        ``shell`` is what a shell runs in its place, with the program as ``$TUI``.
        """
        self._served = served
        self.screen = Emulator(*size)
        self.raw = b""
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self.found = termios.tcgetattr(self.slave)
        given: dict[str, str | None] = {**os.environ, **environment(), **_TERMINAL}
        given |= {"TUI": f"{sys.executable} -m tui_numbers"} | dict(environ or {})
        program = ["bash", "-c", shell] if shell else [sys.executable, "-m", "tui_numbers", *words]
        self.process = subprocess.Popen(
            [sys.executable, "-S", "-c", _AT_TERMINAL, *program],
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            env={name: text for name, text in given.items() if text is not None},
            start_new_session=True,
        )

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        for descriptor in (self.master, self.slave):
            if descriptor >= 0:
                os.close(descriptor)

    @property
    def served(self) -> Served:
        assert self._served is not None
        return self._served

    @property
    def written(self) -> int:
        """How many bytes came."""
        return len(self.raw)

    def take(self, seconds: float) -> int:
        """Take in what comes within a time; answers how many bytes it was."""
        if self.master < 0 or not select.select([self.master], [], [], seconds)[0]:
            return 0
        try:
            data = os.read(self.master, 1 << 16)
        except OSError:
            data = b""
        self.raw += data
        self.screen.stream.feed(self._decode(data))
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
        self.steady()

    def quiet(self) -> None:
        """Wait until nothing is written any more: two seconds without a byte."""
        deadline = time.monotonic() + _PATIENCE
        while self.take(2.0):
            assert time.monotonic() < deadline, "never quiet"

    def steady(self) -> None:
        """Wait until the program writes nothing and sleeps, for longer than any of its timers."""
        if not Path("/proc/self/task").is_dir():
            self.quiet()
            return
        deadline = time.monotonic() + _PATIENCE
        calm = 0
        while calm < _CALM:
            assert time.monotonic() < deadline, f"never steady:\n{self.text}"
            # On a busy machine it may be waiting for its turn, which is no sleep.
            calm = 0 if self.take(0.05) or not self._is_asleep() else calm + 1

    def _is_asleep(self) -> bool:
        states = set()
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            with suppress(OSError):
                states.add((task / "stat").read_text(errors="replace").rpartition(")")[2][1])
        return states <= {"S"}

    def ended(self) -> int:
        self.until(lambda: self.process.poll() is not None)
        # The kernel hands on what was written last a little later, which nothing tells of.
        while self.take(0.2):
            pass
        return self.process.returncode

    def signal(self, name: str) -> None:
        os.kill(self.process.pid, getattr(signal, name))

    def stopped(self) -> None:
        """Wait until the process is stopped, as a shell does."""

        def is_stopped() -> bool:
            pid, status = os.waitpid(self.process.pid, os.WNOHANG | os.WUNTRACED)
            return bool(pid) and os.WIFSTOPPED(status)

        self.until(is_stopped)
        while self.take(0):
            pass

    def resize(self, width: int, height: int) -> None:
        """Let the terminal have another size, and the program know of it."""
        # Before the program can have drawn for the new size.
        self.screen.resize(height, width)
        self.shake(width, height)

    def shake(self, width: int, height: int) -> None:
        """Say a size that does not last, so that what is drawn for it is not looked at."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self.take(0)

    def hang_up(self) -> None:
        """Drop the line, as a lost SSH session does."""
        os.close(self.slave)
        os.close(self.master)
        self.master = self.slave = -1

    def is_sane(self) -> bool:
        """Whether the terminal is as it was found: line discipline, modes and colours."""
        modes = {}
        for numbers, state in _MODE.findall(self.raw):
            modes |= {int(number): state == b"h" for number in numbers.split(b";")}
        left = {mode for mode, on in modes.items() if on != _USUAL.get(mode, False)}
        assert not left, f"private modes are not as before: {left}"
        kitty = self.raw.count(b"\x1b[<u") - len(re.findall(rb"\x1b\[>\d+u", self.raw))
        assert kitty >= 0, "the keyboard protocol is left on"
        assert self.screen.margins in (None, (0, self.screen.lines - 1)), "margins are left"
        assert self.screen.cursor.attrs == self.screen.default_char, "a colour is left"
        assert termios.tcgetattr(self.slave) == self.found, "echo or line mode is not as before"
        return True


def recorded(name: str) -> bytes:
    """Return what a file of the user's state holds, nothing where there is none."""
    path = Paths.of_user().state / name
    return path.read_bytes() if path.exists() else b""


def operations() -> list[object]:
    """Return what the journal of this user says."""
    journal = Journal(Paths.of_user().journal)
    try:
        return journal.operations()
    finally:
        journal.close()
