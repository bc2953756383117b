"""A pseudo-terminal with the small app in it, for tests that wait for what happens."""

import os
import re
import select
import sys
import termios
from typing import Any

from tests.support.pseudo_terminal import PseudoTerminal

APP = "tests.ui.terminal_driver.terminal_app"
COLOURS = {
    "truecolor": {"TERM": "xterm-256color", "COLORTERM": "truecolor"},
    "256": {"TERM": "xterm-256color", "COLORTERM": ""},
    "standard": {"TERM": "xterm", "COLORTERM": ""},
}
"""What terminals of so many colours say of themselves."""
MODE = re.compile(r"\x1b\[\?(\d+)([hl])")
SANE = {
    "1049": "l", "25": "h", "7": "h", "1000": "l", "1003": "l", "1006": "l", "1015": "l",
    "1004": "l", "2004": "l",
}  # fmt: skip


class Terminal(PseudoTerminal):
    """The small app in its terminal; what it writes, and what it tells on a pipe, are kept."""

    def __init__(
        self, driver: str, size: tuple[int, int] = (80, 24), colours: str = "truecolor"
    ) -> None:
        self.told = ""
        self.report, report_end = os.pipe()
        gate_end, self.gate = os.pipe()
        environ = dict(os.environ)
        for name in ("NO_COLOR", "TMUX", "STY", "COLUMNS", "LINES"):
            environ.pop(name, None)
        ends = (report_end, gate_end)
        words = [sys.executable, "-m", APP, driver]
        super().__init__(words, environ | COLOURS[colours], size, pass_fds=ends, loaded=True)
        os.close(gate_end)
        os.close(report_end)

    def __exit__(self, *words: Any) -> None:
        super().__exit__(*words)
        for descriptor in (self.report, self.gate):
            if descriptor >= 0:
                os.close(descriptor)

    @property
    def written(self) -> str:
        return self.raw.decode("utf-8", "replace")

    def take(self, seconds: float) -> int:
        sources = [source for source in (self.master, self.report) if source >= 0]
        ready = select.select(sources, [], [], seconds)[0]
        if self.report in ready:
            told = os.read(self.report, 4096)
            self.told += told.decode()
            if not told:
                os.close(self.report)
                self.report = -1
        return len(ready) if self.master not in ready else self.read()

    def until_told(self, what: str) -> None:
        self.until(lambda: what in self.told)

    def settle(self) -> str:
        """Let the app ring when it has drawn everything; answers what it wrote until then."""
        start = len(self.written)
        self.type("\x02")
        self.until(lambda: "\a" in re.sub(r"\x1b\][^\a]*\a", "", self.written[start:]))
        return self.written[start:].replace("\a", "")

    def stall(self) -> None:
        """Have the line take nothing more."""
        termios.tcflow(self.slave, termios.TCOOFF)

    def go_on(self) -> None:
        termios.tcflow(self.slave, termios.TCOON)

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
