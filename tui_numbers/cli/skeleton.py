"""The dashboard's frame, written before anything heavy is loaded, so that a start shows at once."""

import os
import signal
import sys
from collections.abc import Mapping
from types import FrameType
from typing import TextIO

_NARROWEST, _LOWEST = 60, 15
"""Below this the dashboard itself shows no frame."""

_ENTER = "\x1b[?1049h\x1b[?25l"
_LEAVE = "\x1b[m\x1b[?1049l\x1b[?25h"
_GROUND = "\x1b[48;2;18;18;18m\x1b[38;2;224;224;224m"
_BAR = "\x1b[48;2;36;47;56m"
_PLAIN_BAR = "\x1b[1m"
_SIGNALS = ("SIGTERM", "SIGHUP")


class Skeleton:
    """A frame on the alternate screen, until the dashboard draws over it or it is removed."""

    def __init__(self, terminal: TextIO | None, environ: Mapping[str, str]) -> None:
        self._terminal = terminal
        self._environ = environ
        self._handlers: dict[int, object] = {}
        self.shown = False

    def show(self) -> None:
        """Write the frame, where there is a terminal with room for it."""
        size = self._size()
        if size is None:
            return
        for name in _SIGNALS:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                self._handlers[number] = signal.signal(number, self._end)
        self.shown = True
        self._write(_ENTER + frame(*size, self._environ))

    def hand_over(self) -> None:
        """Leave signals to whoever draws from here on."""
        for number, handler in self._handlers.items():
            if signal.getsignal(number) == self._end:
                signal.signal(number, handler)  # type: ignore[arg-type]
        self._handlers.clear()

    def remove(self) -> None:
        """Give the terminal back as it was found."""
        self.hand_over()
        if self.shown:
            self.shown = False
            self._write(_LEAVE)

    def _size(self) -> tuple[int, int] | None:
        if self._terminal is None or not self._terminal.isatty():
            return None
        if self._environ.get("TERM", "dumb") == "dumb" or os.name != "posix":
            return None
        try:
            width, height = os.get_terminal_size(self._terminal.fileno())
        except OSError:
            return None
        return (width, height) if width >= _NARROWEST and height >= _LOWEST else None

    def _write(self, text: str) -> None:
        assert self._terminal is not None
        try:
            self._terminal.write(text)
            self._terminal.flush()
        except (OSError, ValueError):
            self.shown = False

    def _end(self, number: int, _frame: FrameType | None) -> None:
        self.remove()
        sys.exit(128 + number)


def frame(width: int, height: int, environ: Mapping[str, str]) -> str:
    """Return what draws the frame: the title's line, and that the numbers are on their way."""
    rich = environ.get("COLORTERM") in ("truecolor", "24bit") and not environ.get("NO_COLOR")
    title = " tui-numbers".ljust(width)
    views = "1 Owned  2 Available  3 History "
    title = title[: width - len(views)] + views
    ground, bar = (_GROUND, _BAR) if rich else ("", _PLAIN_BAR)
    place = f"\x1b[{height // 2};{(width - len('loading')) // 2 + 1}H"
    return f"{ground}\x1b[2J\x1b[1;1H{bar}{title}\x1b[m{ground}{place}loading"
