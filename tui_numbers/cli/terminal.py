"""Tell what the terminal can do, and write notices and a status line to standard error."""

import os
import shutil
import sys
from dataclasses import dataclass, field

from tui_numbers.cli.process import control, say
from tui_numbers.wording.cells import fit, shown


def is_dumb() -> bool:
    """Tell whether the terminal takes no control sequences."""
    return os.environ.get("TERM", "") in ("", "dumb")


def colours(stream: object) -> bool:
    """Tell whether ``stream`` shows colours: a terminal, unless NO_COLOR or TERM forbids it."""
    isatty = getattr(stream, "isatty", None)
    return bool(isatty and isatty()) and not os.environ.get("NO_COLOR") and not is_dumb()


def can_ask() -> bool:
    """Tell whether a person can be asked: input and standard error are a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def why_no_dashboard() -> str | None:
    """Return why the dashboard cannot be drawn here, and what does the same; None where it can."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return "the dashboard needs a terminal; in scripts use a command, see: tui-numbers --help"
    if not sys.stderr.isatty():
        return (
            "the dashboard is drawn on standard error, which leads elsewhere: start it without "
            "2>, or use a command, see: tui-numbers --help"
        )
    if is_dumb() and os.name == "posix":
        return (
            f"the dashboard needs a terminal that can be drawn on, and TERM is "
            f"{os.environ.get('TERM', '')!r}. Where it can: export TERM=xterm-256color. Where it "
            "cannot, commands do the same: tui-numbers list, show, retarget, undo, history, … "
            "(see: tui-numbers --help)"
        )
    return None


def width() -> int:
    """Return the width of the terminal in cells."""
    return shutil.get_terminal_size().columns


@dataclass
class Notices:
    """Write lines to standard error, and on a terminal a status line that is rewritten."""

    _status: bool = False
    _said: set[str] = field(default_factory=set)

    def say(self, text: str) -> None:
        """Write one line."""
        self.clear()
        say(shown(text))

    def once(self, text: str) -> None:
        """Write one line, unless it has been written before."""
        if text not in self._said:
            self._said.add(text)
            self.say(text)

    def several(self, lines: list[str], most: int = 3) -> None:
        """Write the first few lines, and how many more there are."""
        for line in lines[:most]:
            self.say(line)
        if len(lines) > most:
            self.say(f"… and {len(lines) - most} more like these")

    @property
    def live(self) -> bool:
        """Whether there is a status line: standard error is a terminal that can rewrite it."""
        return sys.stderr.isatty() and not is_dumb()

    def status(self, text: str) -> None:
        """Rewrite the status line; nothing where standard error is no terminal."""
        if self.live:
            self._status = True
            line = fit(shown(text), max(width() - 1, 10)).rstrip()
            control(f"\r\x1b[2K{line}")

    def clear(self) -> None:
        """Remove the status line."""
        if self._status:
            self._status = False
            control("\r\x1b[2K")
