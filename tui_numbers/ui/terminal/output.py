"""The terminal as a file that outlives its terminal."""

import os
import select
from collections.abc import Callable
from contextlib import suppress
from threading import Condition
from typing import Final, TextIO

from tui_numbers.domain.plain import HANDLER

_CHUNK: Final = 2048
_MOST_CHARACTERS: Final = 4096
_MOST_WRITES: Final = 8
_NEARLY_FULL: Final = 24


class TerminalFile:
    """Writes to a terminal's descriptor; where nobody listens any more, writes go nowhere.

    It goes around the buffer of ``sys.stderr``: a thread that is stuck inside that one would take
    the whole process with it at the end.
    """

    def __init__(self, file: TextIO, drained: Callable[[], None] = lambda: None) -> None:
        self._fileno = file.fileno()
        self.encoding = file.encoding or "utf-8"
        """What lacks a character in it is drawn by another one, as wide."""
        self._drained = drained
        self._changed = Condition()
        self._characters = 0
        self._writes = 0
        self._awaited = False
        self.dead = False
        """Set once nothing can be written any more, or nothing should be."""

    def fileno(self) -> int:
        """The descriptor of the terminal."""
        return self._fileno

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        with suppress(OSError):
            return os.isatty(self._fileno)
        return False

    def expect(self, text: str) -> None:
        """Count what is about to be queued for writing."""
        with self._changed:
            self._characters += len(text)
            self._writes += 1

    def is_behind(self) -> bool:
        """Whether so much is waiting that more should not; ``drained`` is called after."""
        with self._changed:
            behind = self._characters > _MOST_CHARACTERS or self._writes >= _MOST_WRITES
            self._awaited = self._awaited or behind
            return behind

    def is_stuck(self) -> bool:
        """Whether waiting writes nearly fill their queue, which would hold up the next one."""
        with self._changed:
            return self._writes >= _NEARLY_FULL

    def wait(self, seconds: float) -> bool:
        """Wait for all that was expected to be written; answers whether it was."""
        with self._changed:
            return self._changed.wait_for(lambda: self._writes <= 0, seconds)

    def write(self, text: str) -> int:
        """Write all of a text, unless the terminal is gone."""
        data = text.encode(self.encoding, HANDLER)
        try:
            while data and not self.dead:
                data = data[self._push(data[:_CHUNK]) :]
        except OSError:
            self.dead = True
        finally:
            self._settle(len(text))
        return len(text)

    def flush(self) -> None:
        """Nothing is ever held back."""

    def _push(self, data: bytes) -> int:
        try:
            return os.write(self._fileno, data)
        except BlockingIOError:
            # Whoever shares the terminal may have made it non-blocking.
            select.select([], [self._fileno], [], 1)
            return 0

    def _settle(self, characters: int) -> None:
        with self._changed:
            self._characters -= characters
            self._writes -= 1
            idle = self._writes <= 0
            told, self._awaited = self._awaited and idle, self._awaited and not idle
            self._changed.notify_all()
        if told:
            self._drained()
