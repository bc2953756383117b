"""Writes the difference between two screens in as few bytes as it can."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from tui_numbers.ui.terminal.abilities import Abilities
from tui_numbers.ui.terminal.cells import CONTINUED, Grid, is_sure
from tui_numbers.ui.terminal.plan import Piece, Planner
from tui_numbers.ui.terminal.scroll import Scroll, find_scroll
from tui_numbers.ui.terminal.sgr import DEFAULT, UNKNOWN_PEN, Styles

_LONG_BLANK: Final = re.compile(" {11,}")
_LONGEST_REWRITE: Final = 4
"""Unchanged cells up to this number are written again when that spares a cursor move."""


class Emitter:
    """Follows the terminal's cursor and pen, and brings its screen up to date."""

    def __init__(self, styles: Styles, abilities: Abilities) -> None:
        self._styles = styles
        self._abilities = abilities
        self._planner = Planner(styles)
        self._out: list[str] = []
        self._height = 0
        self._x: int | None = None
        self._y: int | None = None
        self._pen = UNKNOWN_PEN

    def forget(self) -> None:
        """Know nothing of the terminal's cursor and pen any more."""
        self._x = self._y = None
        self._pen = UNKNOWN_PEN

    def update(self, front: Grid, back: Grid, cursor: tuple[int, int], *, fresh: bool) -> str:
        """What turns `front`, the screen as it is, into `back`; both are then the same.

        With `fresh`, nothing is known of the screen, and it is cleared first.
        """
        self._out = []
        self._height = back.height
        if fresh:
            self._clear(front, back)
        changed = [
            y
            for y in range(back.height)
            if front.text[y] != back.text[y] or front.style[y] != back.style[y]
        ]
        scroll = None if fresh else find_scroll(front, back, changed)
        if scroll:
            self._scroll(scroll)
            front.scroll(scroll.top, scroll.bottom, scroll.lines)
            changed = sorted({*changed, *range(scroll.top, scroll.bottom + 1)})
        self._planner.start(self._pen)
        pieces = [piece for y in changed for piece in self._planner.row(y, front, back)]
        for piece in self._planner.order(pieces, self._pen):
            self._write(piece, back.text[piece.y], back.style[piece.y])
        for y in changed:
            front.copy_row(y, back)
        self._go(*cursor)
        return "".join(self._out)

    def release(self) -> str:
        """Put scrolling region, pen and link back to how a terminal starts."""
        link = self._pen != UNKNOWN_PEN and self._styles.look(self._pen).link
        self.forget()
        return ("\x1b]8;;\x1b\\" if link else "") + "\x1b[r\x1b[m"

    def _clear(self, front: Grid, back: Grid) -> None:
        ends: Counter[int] = Counter({DEFAULT: 0})
        for texts, styles in zip(back.text, back.style, strict=True):
            look = self._styles.blank[styles[-1]]
            if texts[-1] == " " and self._styles.erasable[look]:
                ends[look] += 1
        look = ends.most_common(1)[0][0]
        self._end_region()
        self._paint_with(look)
        self._out.append("\x1b[2J")
        front.fill(" ", look)

    def _scroll(self, scroll: Scroll) -> None:
        lines = abs(scroll.lines)
        whole = scroll.top == 0 and scroll.bottom == self._height - 1
        if not whole:
            bottom = f"{scroll.bottom + 1}" if scroll.bottom < self._height - 1 else ""
            self._out.append(f"\x1b[{scroll.top + 1};{bottom}r".replace(";r", "r"))
            self._x = self._y = None
        count = "" if lines == 1 else f"{lines}"
        if self._abilities.scrolls:
            self._out.append(f"\x1b[{count}{'S' if scroll.lines > 0 else 'T'}")
        else:
            self._go(0, scroll.top)
            self._out.append(f"\x1b[{count}{'M' if scroll.lines > 0 else 'L'}")
        if not whole:
            self._end_region()

    def _end_region(self) -> None:
        """Scroll the whole screen again; not every terminal moves the cursor for that."""
        self._out.append("\x1b[r\x1b[H")
        self._x = self._y = 0

    def _reach(self, x: int, y: int, texts: Sequence[str], styles: Sequence[int]) -> None:
        """Get to a cell, over unchanged cells by writing them again where that is shorter."""
        if self._y == y and self._x is not None and 0 < x - self._x <= _LONGEST_REWRITE:
            between = "".join(texts[self._x : x])
            plain = len(between) == x - self._x and between.isascii()
            if plain and self._fits(self._x, x, texts, styles):
                self._out.append(between)
                self._x = x
                return
        self._go(x, y)

    def _fits(self, start: int, end: int, texts: Sequence[str], styles: Sequence[int]) -> bool:
        """Whether the pen as it is would write these cells."""
        pen, blank = self._pen, self._styles.blank
        return pen != UNKNOWN_PEN and all(
            style == pen or (text == " " and blank[style] == blank[pen])
            for text, style in zip(texts[start:end], styles[start:end], strict=True)
        )

    def _write(self, piece: Piece, texts: Sequence[str], styles: Sequence[int]) -> None:
        """Write or erase one piece."""
        start, y = piece.start, piece.y
        self._reach(start, y, texts, styles)
        if piece.erases:
            self._paint_with(piece.style, blank=True)
            self._out.append("\x1b[K")
            return
        cells = texts[start : piece.end]
        run = "".join(cells)
        plain = run.isascii()
        self._paint_with(piece.style, blank=plain and run.isspace())
        done = 0
        if self._styles.erasable[self._styles.blank[self._pen]]:
            shape = run if plain else "".join(" " if cell == " " else "x" for cell in cells)
            for gap in _LONG_BLANK.finditer(shape):
                self._put(cells[done : gap.start()], start + done, y, plain=plain)
                self._go(start + gap.start(), y)
                self._out.append(f"\x1b[{gap.end() - gap.start()}X")
                done = gap.end()
        self._put(cells[done:], start + done, y, plain=plain)
        if piece.end == len(texts):
            # Behind the last column terminals disagree about where the cursor is.
            self._x = None

    def _put(self, cells: Sequence[str], x: int, y: int, *, plain: bool) -> None:
        """Write characters, `plain` ones of one column each at once."""
        if cells and plain:
            self._go(x, y)
            self._out.append("".join(cells))
            self._x = x + len(cells)
        elif cells:
            self._write_cells(cells, x, y)

    def _write_cells(self, cells: Sequence[str], x: int, y: int) -> None:
        """Write characters of any width; after a doubtful one the place is set anew."""
        for at, cell in enumerate(cells, x):
            if cell == CONTINUED:
                continue
            wide = at + 1 < x + len(cells) and cells[at + 1 - x] == CONTINUED
            sure = is_sure(cell)
            self._go(at, y)
            if wide and not sure:
                # Where the terminal takes it for a narrow one, no old half must stay behind it.
                self._out.append("  ")
                self._x = None
                self._go(at, y)
            self._out.append(cell)
            self._x = at + 1 + wide if sure else None

    def _paint_with(self, style: int, *, blank: bool = False) -> None:
        pen = self._pen
        if style == pen:
            return
        if blank and pen != UNKNOWN_PEN:
            blanks = self._styles.blank
            if blanks[style] == blanks[pen]:
                return
        self._out.append(self._styles.change(pen, style))
        self._pen = style

    def _go(self, x: int, y: int) -> None:
        """Move the cursor by the shortest way."""
        if self._x == x and self._y == y:
            return
        ways = [f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H" if y else "\x1b[H"]
        if self._y == y:
            ways.append(f"\x1b[{x + 1}G" if x else "\r")
            if self._x is not None:
                ways.append(_sideways(x - self._x))
        elif self._y is not None:
            if self._x == x:
                ways.append(_along(y - self._y, "B", "A"))
            if y == self._y + 1:
                ways.append("\r\n" + _sideways(x))
        self._out.append(min(ways, key=len))
        self._x, self._y = x, y


def _sideways(steps: int) -> str:
    if -4 < steps < 0:
        return "\b" * -steps
    return _along(steps, "C", "D")


def _along(steps: int, forward: str, backward: str) -> str:
    if steps == 0:
        return ""
    count = "" if abs(steps) == 1 else f"{abs(steps)}"
    return f"\x1b[{count}{forward if steps > 0 else backward}"
