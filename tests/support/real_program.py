"""Starts ``tui-numbers`` in a pseudo-terminal, types, and reads what its screen shows."""

import os
import re
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path

from tests.support.pseudo_terminal import PATIENCE, PseudoTerminal
from tests.support.served import Served, journal
from tui_numbers.sandbox.accounts import environment
from tui_numbers.services.paths import Paths

_CALM = 6
"""How many looks in a row find it asleep."""

ESCAPE_CALM = 4
"""As many that an Escape has waited for what might follow it, and was taken for the key."""

LONG_CALM = 24
"""As many that no listing, and no judgement of what it told, is drawn later."""

_TERMINAL: dict[str, str | None] = {
    "TERM": "xterm-256color",
    "COLORTERM": "truecolor",
    "NO_COLOR": None,
    "TMUX": None,
    "STY": None,
    "COLUMNS": None,
    "LINES": None,
}

INSIDE = 'sh -c "echo \\$\\$ >$HOME/inside; exec $TUI --demo --numbers 60"'
"""What a shell runs to start the demo where ``Program.look_inside`` finds it."""

_MODE = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")
_USUAL = {25: True, 7: True}
"""Private modes that are on at a shell's prompt; all others are off."""


class Program(PseudoTerminal):
    """``tui-numbers`` in a terminal of its own."""

    def __init__(
        self,
        served: Served | None = None,
        size: tuple[int, int] = (80, 24),
        *,
        words: Sequence[str] = (),
        environ: Mapping[str, str | None] | None = None,
        shell: str | None = None,
        loaded: bool = True,
    ) -> None:
        """Start it; ``words`` are its arguments, and what is None in ``environ`` is not set.

        ``shell`` is what a shell runs in its place, with the program as ``$TUI``. ``loaded``
        forks it from a process that has loaded it; not so where the start is what is tested.
        """
        self._served = served
        given: dict[str, str | None] = {**os.environ, **environment(), **_TERMINAL}
        given |= {"TUI": f"{sys.executable} -m tui_numbers"} | dict(environ or {})
        program = ["bash", "-c", shell] if shell else [sys.executable, "-m", "tui_numbers", *words]
        variables = {name: text for name, text in given.items() if text is not None}
        super().__init__(program, variables, size, loaded=loaded and shell is None)
        self._looked_at = self.process.pid

    @property
    def served(self) -> Served:
        assert self._served is not None
        return self._served

    @property
    def written(self) -> int:
        """How many bytes came."""
        return len(self.raw)

    def shows(self, *texts: str) -> None:
        self.until(lambda: all(text in self.text for text in texts))

    def loaded(self) -> None:
        """Wait until every account has answered, and named its targets."""
        self.shows("1 Owned")
        self.until(lambda: "loading" not in self.text and "as of" in self.text)
        self.steady()

    def press(self, keys: str) -> None:
        """Type keys, and let each Escape be that key rather than the beginning of another."""
        for key in keys:
            self.type(key)
            if key == "\x1b":
                self.steady(ESCAPE_CALM)

    def lets_pass(self, text: str) -> None:
        """Type what may be the beginning of a key, and wait until the program waits no longer."""
        self.type(text)
        self.steady(ESCAPE_CALM)

    def steady(self, looks: int = _CALM) -> None:
        """Wait until the program writes nothing and sleeps, however often it is looked at.

        That is longer than any of its timers, but for those that follow a listing.
        """
        if not Path("/proc/self/task").is_dir():
            self._quiet()
            return
        deadline = time.monotonic() + PATIENCE
        calm = 0
        while calm < looks:
            assert time.monotonic() < deadline, f"never steady:\n{self.text}"
            # On a busy machine it may be waiting for its turn, which is no sleep.
            calm = 0 if self.take(0.05) or not self._is_asleep() else calm + 1

    def _quiet(self) -> None:
        """Wait until nothing is written any more: two seconds without a byte."""
        deadline = time.monotonic() + PATIENCE
        while self.take(2.0):
            assert time.monotonic() < deadline, "never quiet"

    def look_inside(self) -> None:
        """Let ``steady`` look at the program of ``INSIDE``, which a shell here has started."""
        self.shows("tui-numbers")
        self._looked_at = int((Path.home() / "inside").read_text())

    def _is_asleep(self) -> bool:
        states = set()
        for task in Path(f"/proc/{self._looked_at}/task").iterdir():
            with suppress(OSError):
                states.add((task / "stat").read_text(errors="replace").rpartition(")")[2][1])
        return states <= {"S"}

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
    with closing(journal()) as opened:
        return opened.operations()
