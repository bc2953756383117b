"""Turns the stream that Textual writes into a shorter one with the same screen."""

from typing import Final

from tui_numbers.ui.terminal.abilities import Abilities
from tui_numbers.ui.terminal.cells import Grid
from tui_numbers.ui.terminal.emit import Emitter
from tui_numbers.ui.terminal.parse import FrameParser
from tui_numbers.ui.terminal.sgr import DEFAULT, Styles

_MOST_STYLES: Final = 1 << 14
_AT_ONCE: Final = 512
"""Bytes that arrive in one piece, so that there is nothing to synchronise."""


class Differ:
    """A front buffer (the terminal), a back buffer (what Textual drew), and the way between."""

    def __init__(self, width: int, height: int, abilities: Abilities | None = None) -> None:
        abilities = abilities or Abilities()
        self._styles = Styles(erases_colour=abilities.erases_colour)
        self._emitter = Emitter(self._styles, abilities)
        self._back = Grid(width, height)
        self._front = Grid(width, height)
        self._parser = FrameParser(self._back, self._styles)
        self._fresh = True
        self._live = False
        self._synchronises = False
        self._drawn = False

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self._back.width, self._back.height

    def read(self, data: str) -> str:
        """Take in one write of Textual's; answers what must reach the terminal before the cells."""
        parser = self._parser
        parser.read(data)
        self._drawn = self._drawn or parser.drew
        passed, parser.passed = "".join(parser.passed), []
        if parser.synchronised:
            self._synchronises = True
        if parser.cleared:
            parser.cleared = False
            self.forget()
        if parser.alternate is not None:
            passed += self._switch(entered=parser.alternate)
            parser.alternate = None
        if len(self._styles) > _MOST_STYLES:
            self._renumber()
        return passed

    def paint(self) -> str:
        """What brings the terminal up to date, nothing if it is."""
        if not self._live or self._parser.synchronised or not self._parser.drew:
            return ""
        self._parser.drew = False
        cursor = min(self._parser.x, self._back.width - 1), self._parser.y
        painted = self._emitter.update(self._front, self._back, cursor, fresh=self._fresh)
        self._fresh = False
        if self._synchronises and len(painted) > _AT_ONCE:
            return f"\x1b[?2026h{painted}\x1b[?2026l"
        return painted

    def forget(self) -> None:
        """Take nothing on the terminal for granted: the next frame paints it all."""
        self._fresh = True
        self._emitter.forget()

    def repaint(self) -> str:
        """Paint the whole screen again, as Textual last drew it."""
        self.forget()
        self._parser.drew = self._drawn
        return self.paint()

    def resize(self, width: int, height: int) -> None:
        """Start with an empty screen of another size, which Textual is about to fill."""
        self._back = self._parser.grid = Grid(width, height)
        self._front = Grid(width, height)
        self._parser.x = self._parser.y = 0
        self._drawn = self._parser.drew = False
        self.forget()

    def _switch(self, *, entered: bool) -> str:
        self._live = entered
        if entered:
            self.forget()
            return "\x1b[?1049h"
        return self._emitter.release() + "\x1b[?1049l"

    def _renumber(self) -> None:
        used = {DEFAULT, self._parser.style}.union(*self._back.style)
        numbers = self._styles.renumber(used)
        self._back.style = [[numbers[style] for style in row] for row in self._back.style]
        self._parser.style = numbers[self._parser.style]
        self.forget()
