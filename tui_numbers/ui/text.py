"""The only door for text to the screen: never markup, always clean, cut and padded by cells."""

from typing import TYPE_CHECKING, Literal

from tui_numbers.domain.text import clean

if TYPE_CHECKING:
    from textual.content import Content

Align = Literal["left", "right"]

ELLIPSIS = "…"
_MOST_MARKS = 3
"""Combining marks kept on one character; more would bleed into the lines above and below."""

# Terminals disagree on the width of what a variation selector follows, so none is sent.
_NO_SELECTORS = dict.fromkeys(range(0xFE00, 0xFE10))


def content(text: str) -> "Content":
    """Return ``text`` as it stands: brackets stay brackets, control characters become marks."""
    from textual.content import Content

    return Content(clean(text))


def measure(text: str) -> int:
    """Return how many cells ``text`` takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def fit(text: str, width: int, align: Align = "left") -> str:
    """Return ``text`` in exactly ``width`` cells, cut with an ellipsis or padded with spaces."""
    if text.isascii() and text.isprintable():
        if len(text) <= width:
            return text.ljust(width) if align == "left" else text.rjust(width)
        return text[: width - 1] + ELLIPSIS if width > 0 else ""
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
        if cells == 0:
            marks += 1
            if taken and marks <= _MOST_MARKS:
                taken.append(character)
            continue
        if used + cells > width:
            return "".join(taken), used if short else used + cells
        taken.append(character)
        used += cells
        marks = 0
    return "".join(taken), used
