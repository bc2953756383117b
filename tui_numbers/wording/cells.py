"""Fit text into the cells of a terminal: clean it, measure it, cut and pad it."""

import re
import sys
import unicodedata
from collections.abc import Callable
from typing import Literal

from tui_numbers.domain.text import clean

Align = Literal["left", "right"]
Cut = Literal["end", "middle"]
"""Where text that is too long gives way; in the middle its last characters stay legible."""

CellsOf = Callable[[str], int]
"""Returns how many cells one character takes: none, one or two."""

ELLIPSIS = "…"
_MOST_MARKS = 3
"""Combining marks kept on one character; more would bleed into the lines above and below."""
_BEARER = "◌"
"""What a combining mark stands on that has no character of its own."""
_LEAST_TAIL = 4
"""Last characters that stay where the middle is cut: of a phone number, those that are compared."""
_END = " until "
"""Begins the end of a temporary change, which stays whole: half a time of day tells nothing."""
_LEAST_HEAD = 8
"""Cells that what stands before it needs to be told by."""
_AHEAD = 4
"""Characters for each cell that are looked at first: more are needed only where marks pile up."""
# Terminals disagree on the width of what a variation selector follows, so none is sent.
_NO_SELECTORS = dict.fromkeys((*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
_ONE_CELL_EACH = re.compile("[ -~\u00a1-\u00ac\u00ae-\u02ff\u2013\u2014\u2026]*")
"""Text of Latin letters and our own dashes, which takes one cell a character by every table."""
_STRAY = re.compile("[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]|\x1b(?!\\[[0-9;]*m)")
"""Controls that no output of ours holds: what is left are lines, tabs and colours."""


class Ruler:
    """Measures text by one table of character widths, and cuts and pads it by the same."""

    def __init__(self, load: Callable[[], CellsOf]) -> None:
        """Take what returns the table; it is called only for text beyond ASCII."""
        self._load = load

    def shown(self, text: str) -> str:
        """Return ``text`` as a terminal can bear it: clean, and with few marks on a character."""
        text = clean(text)
        if text.isascii() or _ONE_CELL_EACH.fullmatch(text):
            return text
        return self._take(text.translate(_NO_SELECTORS), sys.maxsize)[0]

    def width(self, text: str) -> int:
        """Return how many cells ``text`` takes."""
        if text.isascii() or _ONE_CELL_EACH.fullmatch(text):
            return len(text)
        return sum(map(self._load(), text))

    def fit(self, text: str, width: int, align: Align = "left", cut: Cut = "end") -> str:
        """Return ``text`` in exactly ``width`` cells, cut with an ellipsis or padded."""
        if cut == "middle" and len(text) * 2 > width:
            text = self._without_middle(text, width)
        if (text.isascii() and text.isprintable()) or _ONE_CELL_EACH.fullmatch(text):
            if len(text) <= width:
                return text.ljust(width) if align == "left" else text.rjust(width)
            return text[: width - 1] + ELLIPSIS if width > 0 else ""
        if len(text) > width * _AHEAD:
            head = clean(text[: width * _AHEAD]).translate(_NO_SELECTORS)
            if self._take(head, width)[1] > width:
                return self._fit_by_cells(head, width, align)
        return self._fit_by_cells(clean(text).translate(_NO_SELECTORS), width, align)

    def _without_middle(self, text: str, width: int) -> str:
        """Return ``text`` with an ellipsis for what of its middle does not fit in ``width``."""
        ahead = width * _AHEAD
        text = self.shown(text[:ahead] + text[-ahead:] if len(text) > 2 * ahead else text)
        tail = max(_LEAST_TAIL, (width - 1) // 3)
        if self.width(text) <= width or width <= tail + 1:
            return text
        until = text.rfind(_END)
        head = width - self.width(text[until:])
        if until > 0 and head >= _LEAST_HEAD:
            return self._without_middle(text[:until], head) + text[until:]
        if text.isascii():
            return text[: width - 1 - tail] + ELLIPSIS + text[-tail:]
        # A mark is not parted from the character before it, which bears it.
        ends = (at for at in range(len(text)) if self.width(text[at]))
        end = next((at for at in ends if self.width(text[at:]) <= tail), len(text))
        return self._take(text, width - 1 - tail, short=True)[0] + ELLIPSIS + text[end:]

    def _fit_by_cells(self, text: str, width: int, align: Align) -> str:
        """Return ``text`` in ``width`` cells, where characters may take none, one or two."""
        if width <= 0:
            return ""
        whole, used = self._take(text, width)
        if used > width:
            whole, used = self._take(text, width - 1, short=True)
            whole += ELLIPSIS
            used += 1
        padding = " " * (width - used)
        return whole + padding if align == "left" else padding + whole

    def _take(self, text: str, width: int, *, short: bool = False) -> tuple[str, int]:
        """Return what of ``text`` fits in ``width`` cells, and its cells.

        Text that does not fit is told by more cells than ``width``, unless ``short`` is enough.
        """
        cells_of = self._load()
        taken: list[str] = []
        used = marks = 0
        for character in text:
            cells = cells_of(character)
            if cells == 0 and taken:
                marks += 1
                if marks <= _MOST_MARKS:
                    taken.append(character)
                continue
            if cells == 0:
                character, cells = _BEARER + character, 1  # noqa: PLW2901 - a bearer for the first
            if used + cells > width:
                return "".join(taken), used if short else used + cells
            taken.append(character)
            used += cells
            marks = 0
        return "".join(taken), used


def unicode_cells(character: str) -> int:
    """Return how many cells a character takes at terminals, by the tables of Unicode."""
    if character.isascii():
        return 1
    # The vowels and finals of Hangul join the syllable that they follow.
    if unicodedata.category(character) in ("Mn", "Me") or "\u1160" <= character <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


_UNICODE = Ruler(lambda: unicode_cells)
shown = _UNICODE.shown
cell_width = _UNICODE.width
fit = _UNICODE.fit


def marked(text: str) -> str:
    """Return ``text`` with a mark for each character that is not shown, as long as it was."""
    return clean(text, longest=len(text))


def without_controls(output: str) -> str:
    """Return output that is ready to be written, every stray control character marked."""
    return _STRAY.sub("\ufffd", output)
