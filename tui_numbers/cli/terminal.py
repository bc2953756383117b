"""What standard error and the person before it can do: progress, notices, questions."""

import os
import shutil
import sys
from dataclasses import dataclass, field

import click

from tui_numbers.cli.text import fit, shown


def is_dumb() -> bool:
    """Whether the terminal takes no control sequences."""
    return os.environ.get("TERM", "") in ("", "dumb")


def colours(stream: object) -> bool:
    """Whether ``stream`` shows colours: a terminal, unless NO_COLOR or TERM forbids it."""
    isatty = getattr(stream, "isatty", None)
    return bool(isatty and isatty()) and not os.environ.get("NO_COLOR") and not is_dumb()


def can_ask() -> bool:
    """Whether a person is there to answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def width() -> int:
    """How many cells a line of the terminal has."""
    return shutil.get_terminal_size().columns


@dataclass
class Notices:
    """Lines on standard error, and one status line that is rewritten on a terminal."""

    _status: bool = False
    _said: set[str] = field(default_factory=set)

    def say(self, text: str) -> None:
        """Write one line."""
        self.clear()
        click.echo(shown(text), err=True)

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
        """Whether there is a status line at all."""
        return sys.stderr.isatty() and not is_dumb()

    def status(self, text: str) -> None:
        """Rewrite the status line; nothing where standard error is no terminal."""
        if self.live:
            self._status = True
            line = fit(shown(text), max(width() - 1, 10)).rstrip()
            sys.stderr.write(f"\r\x1b[2K{line}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Remove the status line."""
        if self._status:
            self._status = False
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
