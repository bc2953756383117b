"""A pseudo-terminal with the small app in it, for tests that wait for what happens."""

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
from pathlib import Path
from typing import Any

from tests.support.emulator import Emulator

APP = Path(__file__).with_name("terminal_app.py")
PATIENCE = 30
MODE = re.compile(r"\x1b\[\?(\d+)([hl])")
SANE = {
    "1049": "l", "25": "h", "7": "h", "1000": "l", "1003": "l", "1006": "l", "1015": "l",
    "1004": "l", "2004": "l",
}  # fmt: skip


class Terminal:
    """What is written is kept, and drawn on an emulator."""

    def __init__(
        self, driver: str, size: tuple[int, int] = (80, 24), colours: str = "truecolor"
    ) -> None:
        self.emulator = Emulator(*size)
        self.written = ""
        self.told = ""
        self.report, report_end = os.pipe()
        gate_end, self.gate = os.pipe()
        self.master, self.slave = pty.openpty()
        self.resize(*size)
        self.found = termios.tcgetattr(self.slave)
        environ = {**os.environ, "TERM": "xterm-256color", "TEXTUAL_COLOR_SYSTEM": colours}
        for name in ("NO_COLOR", "TMUX", "STY", "COLUMNS", "LINES"):
            environ.pop(name, None)
        self.process = subprocess.Popen(
            [sys.executable, str(APP), driver, str(report_end), str(gate_end)],
            stdin=self.slave, stdout=self.slave, stderr=self.slave, env=environ,
            pass_fds=(report_end, gate_end), start_new_session=True,
        )  # fmt: skip
        self.pid = self.process.pid
        os.close(gate_end)
        os.close(report_end)
        self.ended: int | None = None

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: Any) -> None:
        if self.ended is None:
            os.kill(self.pid, signal.SIGKILL)
            self.process.wait()
        for descriptor in (self.master, self.slave, self.report, self.gate):
            if descriptor >= 0:
                os.close(descriptor)

    def resize(self, width: int, height: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self.emulator.resize(height, width)

    def step(self, seconds: float) -> bool:
        """Take in what comes within a time; answers whether anything did."""
        sources = [source for source in (self.master, self.report) if source >= 0]
        ready = select.select(sources, [], [], seconds)[0]
        if self.report in ready:
            told = os.read(self.report, 4096)
            self.told += told.decode()
            if not told:
                os.close(self.report)
                self.report = -1
        if self.master in ready:
            data = os.read(self.master, 1 << 16).decode("utf-8", "surrogateescape")
            while data and "\udc80" <= data[-1] <= "\udcff":
                # The rest of a character that was cut in two.
                data = data.encode("utf-8", "surrogateescape")
                data = (data + os.read(self.master, 1)).decode("utf-8", "surrogateescape")
            self.written += data
            # The line discipline has been here already.
            self.emulator.stream.feed(data)
        return bool(ready)

    def until(self, condition: Any) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            left = deadline - time.monotonic()
            assert left > 0, f"in vain; told {self.told!r}, wrote {self.written[-300:]!r}"
            self.step(min(left, 0.5))

    def until_told(self, what: str) -> None:
        self.until(lambda: what in self.told)

    def press(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def settle(self) -> str:
        """Let the app ring when it has drawn everything; answers what it wrote until then."""
        start = len(self.written)
        self.press("\x02")
        self.until(lambda: "\a" in re.sub(r"\x1b\][^\a]*\a", "", self.written[start:]))
        return self.written[start:].replace("\a", "")

    def until_ended(self) -> int:
        def ended() -> bool:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.ended = self.process.returncode = os.waitstatus_to_exitcode(status)
            return bool(pid)

        self.until(ended)
        while self.master >= 0 and self.step(0):
            pass
        assert self.ended is not None
        return self.ended

    def until_stopped(self) -> None:
        def stopped() -> bool:
            pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)
            return bool(pid) and os.WIFSTOPPED(status)

        self.until(stopped)
        while self.step(0):
            pass

    def stall(self) -> None:
        """Have the line take nothing more."""
        termios.tcflow(self.slave, termios.TCOOFF)

    def go_on(self) -> None:
        termios.tcflow(self.slave, termios.TCOON)

    def hang_up(self) -> None:
        os.close(self.master)
        self.master = -1

    def assert_sane(self) -> None:
        """The terminal is as a shell expects it."""
        modes = dict(MODE.findall(self.written))
        assert {mode: modes[mode] for mode in SANE} == SANE
        assert modes.get("1016", "l") == modes.get("2048", "l") == modes.get("2026", "l") == "l"
        assert self.written.count("\x1b[>25u") == self.written.count("\x1b[<u")
        left = self.written[: self.written.rindex("\x1b[?1049l")]
        assert left.rindex("\x1b[r") > left.rfind("S")
        assert left.rindex("\x1b[m") >= max(
            match.start() for match in re.finditer("\x1b\\[[0-9;]*m", left)
        )
        assert termios.tcgetattr(self.slave) == self.found
