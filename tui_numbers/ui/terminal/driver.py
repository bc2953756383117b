"""The driver that sends only the cells that changed."""

import os
from threading import RLock
from typing import Any

from textual import events

from tui_numbers.ui.terminal.abilities import Abilities
from tui_numbers.ui.terminal.differ import Differ
from tui_numbers.ui.terminal.line import UNKNOWN_SIZE, LineAwareDriver


class DiffingDriver(LineAwareDriver):
    """Compares what Textual draws with what the terminal shows.

    Textual writes from the loop's thread and from that of the input, so a lock is held.
    """

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, **options)
        self._lock = RLock()
        self._differ = Differ(*(self._own_size() or UNKNOWN_SIZE), Abilities.of(os.environ))

    def write(self, data: str) -> None:
        """Take in what Textual writes, and send what it changes.

        While the terminal is behind nothing is sent; the newest screen follows when it is not.
        """
        with self._lock:
            passed = self._differ.read(data)
            painted = "" if self._terminal.is_behind() else self._differ.paint()
            if passed or painted:
                self._send(passed + painted)

    def repaint(self) -> None:
        """Paint the whole screen again, for when something else wrote to the terminal."""
        with self._lock:
            painted = self._differ.repaint()
            if painted:
                self._send(painted)

    def _measured(self, reported: events.Resize) -> events.Resize:
        """A size that came as input; it concerns the driver too."""
        message = super()._measured(reported)
        self._resized(*message.size)
        return message

    def _drained(self) -> None:
        self.write("")

    def _get_terminal_size(self) -> tuple[int, int]:
        """Every size that Textual is told of passes here, before it is told."""
        size = super()._get_terminal_size()
        self._resized(*size)
        return size

    def _resized(self, width: int, height: int) -> None:
        self._later(lambda: self._fit(width, height))()

    def _fit(self, width: int, height: int) -> None:
        """Let the buffers have the terminal's size; Textual itself fills a new one."""
        with self._lock:
            if (width, height) != self._differ.size:
                self._differ.resize(width, height)
            else:
                self.repaint()
