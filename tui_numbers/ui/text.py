"""Turn text into Textual's content: never markup, always clean, measured as Textual does."""

from typing import TYPE_CHECKING

from tui_numbers.wording.cells import CellsOf, Ruler

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.content import Content


def content(text: str) -> "Content":
    """Return ``text`` as it stands: brackets stay brackets, control characters become marks."""
    from textual.content import Content

    return Content(shown(text))


def stacked(lines: "Iterable[str]") -> "Content":
    """Return lines one below the other; nothing in a line begins another."""
    from textual.content import Content

    return Content("\n").join(map(content, lines))


def _cells_of_textual() -> CellsOf:
    # The first frame is drawn before Textual is loaded, and mostly needs none of this.
    from rich.cells import get_character_cell_size

    return get_character_cell_size


_TEXTUAL = Ruler(_cells_of_textual)
shown = _TEXTUAL.shown
fit = _TEXTUAL.fit


def measure(text: str) -> int:
    """Return how many cells ``text`` takes where it is shown."""
    return _TEXTUAL.width(text if text.isascii() else shown(text))
