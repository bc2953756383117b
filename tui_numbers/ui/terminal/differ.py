"""Parse Textual's output into a screen, and emit only what differs from the terminal's."""

import re
from collections.abc import Sequence
from typing import Final

from tui_numbers.ui.terminal.emitter import Emitter, TerminalFeatures
from tui_numbers.ui.terminal.grid import DEFAULT, Grid, Styles, leading_marks, split_cells

ALTERNATE_SCREEN: Final = "1049"
SYNCHRONISED: Final = "2026"
_MODES: Final = frozenset(
    (
        "7",  # wrapping at the margin
        "25",  # cursor
        "1000", "1002", "1003", "1006", "1015", "1016",  # mouse
        "1004",  # focus
        "2004",  # bracketed paste
        "2048",  # resize in band
    )
)  # fmt: skip
_QUERIES: Final = frozenset(("2026", "2048"))
_CONTROL: Final = re.compile(r"\[([<=>?]?)([0-9;:]*)([ -/]*)([@-~])")
_SHORT: Final = re.compile(r"[ -/]*[0-~]")
_LINES: Final = re.compile("([\r\n])")
_POINTER: Final = re.compile(r"22;[a-z-]*")
_LONGEST_LINK: Final = 2083
_SPAN: Final = 2
_MOST_STYLES: Final = 1 << 14
_AT_ONCE: Final = 512
"""Bytes that arrive in one packet, so that there is nothing to synchronise."""


class Differ:
    """Keep a front buffer (the terminal) and a back buffer (Textual), and emit the difference."""

    def __init__(self, width: int, height: int, abilities: TerminalFeatures | None = None) -> None:
        abilities = abilities or TerminalFeatures()
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
        """Return width and height."""
        return self._back.width, self._back.height

    def read(self, data: str) -> str:
        """Parse one write of Textual's; return what must reach the terminal before the cells."""
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
        """Return what brings the terminal up to date, empty if it is."""
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
        """Invalidate the front buffer: the next frame paints the whole screen."""
        self._fresh = True
        self._emitter.forget()

    def repaint(self) -> str:
        """Paint the whole screen again, as Textual last drew it."""
        self.forget()
        self._parser.drew = self._drawn
        return self.paint()

    def resize(self, width: int, height: int) -> None:
        """Start with empty buffers of another size, which Textual is about to fill."""
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


class FrameParser:
    """Parse Textual's output into ``grid``, and track its cursor and style."""

    def __init__(self, grid: Grid, styles: Styles) -> None:
        self.grid = grid
        self.x = 0
        self.y = 0
        self.style = DEFAULT
        self.passed: list[str] = []
        """Sequences for the terminal itself, in order; whoever reads them clears the list."""
        self.alternate: bool | None = None
        """The screen last asked for, until whoever reads it resets it."""
        self.cleared = False
        """Whether the whole screen was asked to be cleared; reset by the reader."""
        self.drew = False
        """Whether cells or the cursor may have changed; reset by the reader."""
        self.synchronised = False
        """Inside a synchronised update."""
        self._styles = styles
        self._string: str | None = None

    def read(self, data: str) -> None:
        """Parse one write."""
        if data == "\a":
            self.passed.append(data)
            return
        first, *parts = data.split("\x1b")
        if first:
            self._write(first)
        applied = self._styles.applied
        for part in parts:
            at = part.find("m")
            # A known key means a valid sequence, so most need no further look.
            if at > 0 and part[0] == "[" and self._string is None:
                style = applied.get((self.style, part[1:at]))
                if style is not None:
                    self.style = style
                    if at + 1 < len(part):
                        self._write(part[at + 1 :])
                    continue
            rest = self._sequence(part)
            if rest:
                self._write(rest)
        self._string = None

    def _write(self, text: str) -> None:
        self.drew = True
        style = self.style
        if text.isascii() and text.isprintable():
            if text.isspace():
                style = self._styles.blank[style]
            self._put(text, style)
            return
        for piece in _LINES.split(text):
            if piece == "\n":
                self.x, self.y = 0, min(self.y + 1, self.grid.height - 1)
            elif piece == "\r":
                self.x = 0
            elif piece:
                marks = leading_marks(piece)
                if marks and self.x and self.y < self.grid.height:
                    self.grid.join(self.x, self.y, marks)
                self._put(split_cells(piece), style)

    def _put(self, cells: Sequence[str], style: int) -> None:
        if cells and self.x < self.grid.width and self.y < self.grid.height:
            self.x = self.grid.put(self.x, self.y, cells, style)

    def _sequence(self, part: str) -> str:
        """Act on what follows an escape character; return the text behind the sequence."""
        started, self._string = self._string, None
        kind = part[:1]
        if kind == "\\":
            if started is not None:
                self._command(started)
            return part[1:]
        if kind == "[":
            control = _CONTROL.match(part)
            if control is None:
                return ""
            self._control(*control.groups())
            return part[control.end() :]
        if kind == "]":
            body, ended, rest = part[1:].partition("\a")
            if not ended:
                self._string = body
                return ""
            self._command(body)
            return rest
        if kind and kind in "PX^_":
            self._string = ""
            return ""
        short = _SHORT.match(part)
        return part[short.end() :] if short else part

    def _control(self, prefix: str, parameters: str, between: str, final: str) -> None:
        if prefix == "" and between == "":
            if final == "m":
                if ":" not in parameters:
                    self.style = self._styles.apply(self.style, parameters)
            elif ":" not in parameters:
                self._move_or_erase(final, [int(code or 0) for code in parameters.split(";")])
        elif prefix == "?" and final in "hl" and not between:
            for mode in parameters.split(";"):
                self._mode(mode, final)
        elif (prefix == "?" and between + final == "$p" and parameters in _QUERIES) or (
            prefix and prefix in "<>" and final == "u" and parameters.isdigit() >= (prefix == ">")
        ):
            self.passed.append(f"\x1b[{prefix}{parameters}{between}{final}")

    def _mode(self, mode: str, final: str) -> None:
        if mode == SYNCHRONISED:
            self.synchronised = final == "h"
        elif mode == ALTERNATE_SCREEN:
            self.alternate = final == "h"
        elif mode in _MODES:
            self.passed.append(f"\x1b[?{mode}{final}")

    def _move_or_erase(self, final: str, numbers: list[int]) -> None:
        self.drew = True
        grid = self.grid
        first = numbers[0]
        steps = max(first, 1)
        if final in "Hf":
            column = numbers[1] if len(numbers) >= _SPAN else 1
            self.x, self.y = max(column, 1) - 1, steps - 1
        elif final in "AB":
            self.y += steps if final == "B" else -steps
        elif final in "CD":
            self.x += steps if final == "C" else -steps
        elif final == "G":
            self.x = steps - 1
        elif final == "K":
            self._erase_line(first)
        elif final == "J":
            self._erase_screen(first)
        else:
            return
        self.x = min(max(self.x, 0), grid.width - 1)
        self.y = min(max(self.y, 0), grid.height - 1)

    def _erase_line(self, which: int) -> None:
        start = self.x if which == 0 else 0
        end = min(self.x + 1, self.grid.width) if which == 1 else self.grid.width
        self._blank(self.y, start, end)

    def _erase_screen(self, which: int) -> None:
        if which >= _SPAN:
            self.cleared = True
            rows = range(self.grid.height)
        else:
            self._erase_line(which)
            rows = range(self.y) if which else range(self.y + 1, self.grid.height)
        for y in rows:
            self._blank(y, 0, self.grid.width)

    def _blank(self, y: int, start: int, end: int) -> None:
        if start < end and y < self.grid.height:
            rendition = self._styles.rendition(self.style)
            erased = self._styles.intern(type(rendition)(background=rendition.background))
            self.grid.put(start, y, " " * (end - start), erased)

    def _command(self, body: str) -> None:
        """Act on an OSC: pointer shapes pass, links become style, others are dropped."""
        if not body.isprintable():
            return
        if _POINTER.fullmatch(body):
            self.passed.append(f"\x1b]{body}\a")
        elif body.startswith("8;") and len(body) <= _LONGEST_LINK:
            link = body[2:]
            shown = link.partition(";")[2] and link.isascii()
            self.style = self._styles.linked(self.style, link if shown else "")
