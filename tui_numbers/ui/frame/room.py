"""Below a certain size nothing useful fits, and the screen says so."""

from typing import TYPE_CHECKING, Any, cast

from textual.geometry import Size
from textual.widgets import Static

from tui_numbers.ui.text import content

if TYPE_CHECKING:
    from textual import events
    from textual.screen import Screen

LEAST = Size(60, 15)


def too_small(size: Size) -> bool:
    """Tell whether a terminal is too small for the dashboard."""
    return size.width < LEAST.width or size.height < LEAST.height


class TooSmall(Static):
    """Covers the screen until there is room."""

    def __init__(self) -> None:
        super().__init__(
            content(f"too small: {LEAST.width}x{LEAST.height} needed"),
            classes="too-small",
            markup=False,
        )


class NeedsRoom:
    """Mixed into screens: covered while the terminal is too small for them."""

    def on_resize(self, event: "events.Resize") -> None:
        """Cover the screen, or uncover it."""
        self._fit_cover(event.size)

    def on_screen_resume(self) -> None:
        """Do so as well where the size changed while another screen stood before this one."""
        self._fit_cover(cast("Screen[Any]", self).app.size)

    def _fit_cover(self, size: Size) -> None:
        screen = cast("Screen[Any]", self)
        covers = screen.query(TooSmall)
        if not too_small(size):
            covers.remove()
        elif not covers:
            screen.mount(TooSmall())
