"""The real program in a pseudo-terminal: killed, hung up on, stopped, and started again."""

import fcntl
import os
import re
import signal
import struct
import termios
import time
from pathlib import Path
from typing import Any

from tests.e2e.endurance.in_process import usage
from tests.e2e.endurance.keys import way_out
from tests.e2e.endurance.surroundings import Surroundings
from tests.support.real_program import Program

_PATIENCE = 60.0
"""Seconds after which the program is held to have hung; nothing is measured by it."""
_A_WHILE = 2.0
_BYTES = {
    "enter": "\r", "escape": "\x1b", "tab": "\t", "shift+tab": "\x1b[Z", "up": "\x1b[A",
    "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~", "home": "\x1b[H", "end": "\x1b[F", "backspace": "\x7f",
    "delete": "\x1b[3~", "space": " ",
}  # fmt: skip
_TERMINALS: tuple[dict[str, str], ...] = (
    {}, {}, {}, {"NO_COLOR": "1"}, {"TERM": "linux", "COLORTERM": ""}, {"TERM": "screen"},
    {"TMUX": "/nowhere,1,0"}, {"LANG": "C", "LC_ALL": "C"},
)  # fmt: skip
_END_OF_FILE = "end of file"
_BY_SIGNAL = 128
"""Added to a signal's number, it is the exit code where one comes before anything is begun."""


def _set_size(descriptor: int, size: tuple[int, int]) -> None:
    width, height = size
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))


def _state(process: int) -> str:
    """Return the letter that says what a process does."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def _handles(process: int, number: int) -> bool:
    """Whether a process has a handler of its own for a signal."""
    try:
        caught = Path(f"/proc/{process}/status").read_text().partition("SigCgt:")[2].split()[0]
    except (OSError, IndexError):
        return False
    return bool(int(caught, 16) >> (number - 1) & 1)


class InTerminal:
    """One program after another in a terminal, over the same home."""

    name = "in a terminal"

    def __init__(self, stage: Surroundings) -> None:
        self._stage = stage
        self._program: Any = None
        self._killed: str | None = None
        self.size = (80, 24)
        self.pressed = 0
        self.while_ = _A_WHILE
        self.starts = 0

    async def start(self) -> None:
        """Start the program, and wait for its first rows."""
        self._stage.configure()
        self._killed = None
        more = _TERMINALS[self.starts % len(_TERMINALS)]
        self.starts += 1
        self._program = Program(size=self.size, environ={"LANG": "C.UTF-8", **more})
        await self._until(lambda: self.ended or "1 Owned" in self.text or "too small" in self.text)

    @property
    def ended(self) -> bool:
        """Whether the program has ended."""
        return self._program.process.poll() is not None

    async def after(self) -> str | None:
        """See how the program ended, and start it again; says what was wrong."""
        program = self._program
        while self._take(0.05):
            pass
        code = program.process.wait()
        self.kill()
        sent = getattr(signal, (self._killed or "").replace(_END_OF_FILE, "SIGHUP"), None)
        if code != 0 and (sent is None or code not in (-sent, _BY_SIGNAL + sent)):
            return f"the program ended with {code} after {self._killed}; it shows:\n{self.text}"
        await self.start()
        return None

    async def stop(self) -> str | None:
        """End the program by SIGTERM, which lets it record what is under way."""
        self._killed = "SIGTERM"
        os.kill(self._program.process.pid, signal.SIGTERM)
        if not await self._until(lambda: self.ended):
            return f"the program does not end; it shows:\n{self.text}"
        code = self._program.process.returncode
        allowed = (0, _BY_SIGNAL + signal.SIGTERM)
        return None if code in allowed else f"the program ended with {code} after SIGTERM"

    async def abandon(self) -> None:
        """Close what is open, whatever became of it."""
        self.kill()

    def kill(self) -> None:
        """End the program whatever it does."""
        if self._program is not None:
            self._program.__exit__()
            self._program.master = self._program.slave = -1

    @property
    def text(self) -> str:
        """What the screen shows."""
        return "\n".join(self._program.screen.display)

    def _take(self, seconds: float) -> int:
        try:
            return int(self._program.take(seconds))
        except OSError:
            return 0

    async def press(self, *keys: str) -> None:
        """Type keys; an escape stands apart, or the next key would be one with Alt."""
        for key in keys:
            if self.ended or self._program.master < 0:
                return
            self.pressed += 1
            data = _BYTES.get(key, key)
            if key.startswith("ctrl+"):
                data = chr(ord(key[-1]) - 96)
            try:
                os.write(self._program.master, data.encode("utf-8", "replace"))
            except OSError:
                return
            if key == "escape":
                self._drain(0.15)
        self._drain(0.06)

    def _drain(self, seconds: float) -> None:
        """Take in what comes until nothing has come for so long, within a limit."""
        deadline = time.monotonic() + 20 * seconds
        while self._take(seconds) and time.monotonic() < deadline:
            pass

    async def _until(self, condition: Any) -> bool:
        deadline = time.monotonic() + _PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                return False
            self._take(0.05)
        return True

    async def sees(self, pattern: re.Pattern[str], patience: float = 1.0) -> bool:
        """Wait a while for words to appear; tells whether they did."""
        deadline = time.monotonic() + patience * self.while_
        while not self.ended and time.monotonic() < deadline:
            if pattern.search(self.text):
                return True
            self._take(0.05)
        return False

    async def resize(self, width: int, height: int) -> None:
        """Change the size of the terminal."""
        self.size = (width, height)
        if not self.ended and self._program.master >= 0:
            self._program.screen.resize(height, width)
            _set_size(self._program.master, self.size)
            self._drain(0.2)

    async def disturb(self, dice: Any) -> str | None:
        """Kill it, drop its line, end or stop it; returns what was done."""
        kind = dice.choice(("SIGKILL", "SIGKILL", "SIGHUP", "SIGTERM", _END_OF_FILE, "SIGTSTP"))
        process = self._program.process
        if kind == "SIGTSTP":
            return await self._stopped(process.pid, dice)
        self._killed = kind
        if kind == "SIGHUP":
            self._program.hang_up()
        elif kind == _END_OF_FILE:
            os.close(self._program.master)
            self._program.master = -1
        else:
            os.kill(process.pid, getattr(signal, kind))
        if not await self._until(lambda: self.ended):
            raise AssertionError(f"the program does not end after {kind}")
        return kind

    async def _stopped(self, process: int, dice: Any) -> str:
        """Stop it as a shell does, wait until it stands, and let it go on.

        Before the program has a handler the system drops the signal, since nobody above it
        has jobs.
        """
        await self._until(lambda: self.ended or _handles(process, signal.SIGTSTP))
        if self.ended:
            return "ended before SIGTSTP"
        os.kill(process, signal.SIGTSTP)
        if not await self._until(lambda: self.ended or _state(process) in "TZ"):
            raise AssertionError("the program does not stop")
        for _ in range(dice.randint(0, 6)):
            self._take(0.05)
        if not self.ended:
            os.kill(process, signal.SIGCONT)
        self._drain(0.2)
        return "SIGTSTP and SIGCONT"

    async def answers(self) -> str | None:
        """Go back to the main screen and open the help; says what is wrong, or nothing."""
        await self.resize(80, 24)
        deadline = time.monotonic() + _PATIENCE
        while not self.ended and time.monotonic() < deadline:
            await self.press(*way_out(self.text))
            if "n or Esc: " in self.text:
                continue
            # One empties a filter, the other leaves it.
            await self.press("escape", "?")
            if await self.sees(re.compile("under the cursor")):
                await self.press("escape")
                return None
        if self.ended:
            return None
        return f"the program does not answer; it shows:\n{self.text}"

    def resources(self) -> dict[str, int]:
        """Return how much of the machine is in use."""
        return {} if self.ended else usage(str(self._program.process.pid))

    def left_over(self) -> list[str]:
        """Return nothing: what a process leaves, the system takes."""
        return []
