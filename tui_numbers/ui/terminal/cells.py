"""A screen as rows of cells, and the cutting of text into cells."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, TypeVar

from rich.cells import cell_len

from tui_numbers.ui.terminal.sgr import DEFAULT

T = TypeVar("T")

UNKNOWN: Final = "\x00"
"""The text of a cell of which nothing is known; no frame can put it there."""

CONTINUED: Final = ""
"""The text of the right half of a wide character."""

_UNSAFE: Final = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
_MARK: Final = "�"
_JOINERS: Final = "\u200d\ufe0f"
_FLAG_LETTERS: Final = ("\U0001f1e6", "\U0001f1ff")
"""First and last of the letters that make a flag in pairs; some terminals give each two cells."""


class Grid:
    """Rows of cell texts and rows of cell styles, kept apart so that rows compare quickly."""

    __slots__ = ("height", "style", "text", "width")

    def __init__(self, width: int, height: int, text: str = " ", style: int = DEFAULT) -> None:
        self.width = width
        self.height = height
        self.text: list[list[str]] = []
        self.style: list[list[int]] = []
        self.fill(text, style)

    def fill(self, text: str, style: int) -> None:
        """Make every cell the same."""
        self.text = [[text] * self.width for _ in range(self.height)]
        self.style = [[style] * self.width for _ in range(self.height)]

    def put(self, x: int, y: int, cells: Sequence[str], style: int) -> int:
        """Write cells into a row, cut at its end; answers the column behind them."""
        end = x + len(cells)
        texts = self.text[y]
        if end > self.width:
            end = self.width
            cells = list(cells[: end - x])
            if cell_len(cells[-1]) > 1:
                cells[-1] = " "
        if texts[x] == CONTINUED:
            texts[x - 1] = " "
        if end < self.width and texts[end] == CONTINUED:
            texts[end] = " "
        texts[x:end] = cells
        self.style[y][x:end] = [style] * (end - x)
        return end

    def join(self, x: int, y: int, marks: str) -> None:
        """Add what has no width to the character before column `x`."""
        texts = self.text[y]
        base = x - 2 if x > 1 and texts[x - 1] == CONTINUED else x - 1
        if base >= 0:
            texts[base] += marks

    def scroll(self, top: int, bottom: int, lines: int) -> None:
        """Move rows ``top`` to ``bottom`` up by `lines` (down if negative), as terminals do.

        What the uncovered rows hold depends on the terminal, so they become unknown.
        """
        region = slice(top, bottom + 1)
        self.text[region] = _scrolled(self.text[region], lines, [UNKNOWN] * self.width)
        self.style[region] = _scrolled(self.style[region], lines, [DEFAULT] * self.width)

    def copy_row(self, y: int, other: "Grid") -> None:
        """Take a row from a grid of the same size."""
        self.text[y][:] = other.text[y]
        self.style[y][:] = other.style[y]


def _scrolled(rows: list[list[T]], lines: int, empty: list[T]) -> list[list[T]]:
    fresh = [empty[:] for _ in range(abs(lines))]
    return rows[lines:] + fresh if lines > 0 else fresh + rows[:lines]


@lru_cache(maxsize=4096)
def cut(text: str) -> Sequence[str]:
    """Cut text into cells: one string for each column, empty behind a wide character.

    What has no width joins the character before it, within the text. Control, format and
    surrogate characters never pass: one with a width of its own is marked, the others vanish.
    """
    if text.isascii() and text.isprintable():
        return text
    cells: list[str] = []
    for character in text:
        width = cell_len(character)
        if character in _JOINERS:
            _join(cells, character)
        elif unicodedata.category(character) in _UNSAFE:
            cells += [_MARK] * width
        elif width:
            if cells and "\u200d" in cells[_base(cells)][-1:]:
                cells[_base(cells)] += character
            else:
                cells += [character] + [CONTINUED] * (width - 1)
        elif cells:
            cells[_base(cells)] += character
    return tuple(cells)


@lru_cache(maxsize=256)
def leading_marks(text: str) -> str:
    """The characters at the start that belong to whatever stands before the text."""
    end = 0
    while end < len(text) and not cell_len(text[end]):
        end += 1
    return "".join(
        mark for mark in text[:end] if mark in _JOINERS or unicodedata.category(mark) not in _UNSAFE
    )


def _base(cells: list[str]) -> int:
    return -2 if cells[-1] == CONTINUED else -1


def _join(cells: list[str], joiner: str) -> None:
    """Let a joiner or an emoji selector follow; the latter can widen what it follows."""
    if not cells:
        return
    base = _base(cells)
    cells[base] += joiner
    if base == -1 and cell_len(cells[-1]) > 1:
        cells.append(CONTINUED)


@lru_cache(maxsize=4096)
def is_sure(cell: str) -> bool:
    """Whether every terminal gives a cell the width that Textual does."""
    if len(cell) != 1:
        return cell == CONTINUED
    if cell < "\u0300":
        return True
    if _FLAG_LETTERS[0] <= cell <= _FLAG_LETTERS[1]:
        return False
    wide = unicodedata.east_asian_width(cell) in {"W", "F"}
    if wide != (cell_len(cell) > 1) or unicodedata.category(cell) in {"Mn", "Me", "Mc", "Cn", "Co"}:
        return False
    return not wide or unicodedata.category(cell) != "So"
