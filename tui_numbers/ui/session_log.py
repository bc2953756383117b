"""Keep the log of one session: a line for everything that was said, with its time."""

from collections import deque
from typing import TYPE_CHECKING

from tui_numbers.domain.clock import now
from tui_numbers.domain.text import clean
from tui_numbers.wording.values import time_of_day

if TYPE_CHECKING:
    from datetime import datetime

_MOST_LINES = 500


class SessionLog:
    """The latest lines, oldest first."""

    def __init__(self) -> None:
        self._lines: deque[tuple[datetime, str]] = deque(maxlen=_MOST_LINES)

    def add(self, text: str) -> None:
        """Keep a line."""
        self._lines.append((now(), clean(text)))

    @property
    def lines(self) -> tuple[str, ...]:
        """All lines, for people."""
        return tuple(f"{time_of_day(when)}  {text}" for when, text in self._lines)
