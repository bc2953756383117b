"""The only door for text to the screen: never markup, always clean, cut and padded by cells."""

import sys
from typing import TYPE_CHECKING, Literal

from tui_numbers.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.content import Content

Align = Literal["left", "right"]

ELLIPSIS = "…"
_MOST_MARKS = 3
"""Combining marks kept on one character; more would bleed into the lines above and below."""
_BEARER = "◌"
"""What a combining mark stands on that has no character of its own."""

_AHEAD = 4
"""Characters for each cell that are looked at first: more are needed only where marks pile up."""

# Terminals disagree on the width of what a variation selector follows, so none is sent.
_NO_SELECTORS = dict.fromkeys((*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))


def content(text: str) -> "Content":
    """Return ``text`` as it stands: brackets stay brackets, control characters become marks."""
    from textual.content import Content

    return Content(shown(text))


def stacked(lines: "Iterable[str]") -> "Content":
    """Return lines one below the other; nothing in a line begins another."""
    from textual.content import Content

    return Content("\n").join(map(content, lines))


def shown(text: str) -> str:
    """Return ``text`` as a terminal can bear it: clean, and with few marks on a character."""
    text = clean(text)
    if text.isascii():
        return text
    return _take(text.translate(_NO_SELECTORS), sys.maxsize)[0]


def marked(text: str) -> str:
    """Return ``text`` with a mark for each character that is not shown, as long as it was."""
    return clean(text, longest=len(text))


def measure(text: str) -> int:
    """Return how many cells ``text`` takes where it is shown."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(shown(text))


def fit(text: str, width: int, align: Align = "left") -> str:
    """Return ``text`` in exactly ``width`` cells, cut with an ellipsis or padded with spaces."""
    if text.isascii() and text.isprintable():
        if len(text) <= width:
            return text.ljust(width) if align == "left" else text.rjust(width)
        return text[: width - 1] + ELLIPSIS if width > 0 else ""
    if len(text) > width * _AHEAD:
        head = clean(text[: width * _AHEAD]).translate(_NO_SELECTORS)
        if _take(head, width)[1] > width:
            return _fit_by_cells(head, width, align)
    return _fit_by_cells(clean(text).translate(_NO_SELECTORS), width, align)


def _fit_by_cells(text: str, width: int, align: Align) -> str:
    """Return ``text`` in ``width`` cells, where characters may take none, one or two."""
    if width <= 0:
        return ""
    whole, used = _take(text, width)
    if used > width:
        whole, used = _take(text, width - 1, short=True)
        whole += ELLIPSIS
        used += 1
    padding = " " * (width - used)
    return whole + padding if align == "left" else padding + whole


def _take(text: str, width: int, *, short: bool = False) -> tuple[str, int]:
    """Return what of ``text`` fits in ``width`` cells, and its cells.

    Text that does not fit is told by more cells than ``width``, unless ``short`` is enough.
    """
    from rich.cells import get_character_cell_size

    taken: list[str] = []
    used = marks = 0
    for character in text:
        cells = get_character_cell_size(character)
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
