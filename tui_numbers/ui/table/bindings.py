"""The keys of every table."""

from typing import Final

from textual.binding import Binding

DOWN: Final = Binding("down,j", "cursor_down", "Down", show=False, id="table.down")
UP: Final = Binding("up,k", "cursor_up", "Up", show=False, id="table.up")
PAGE_DOWN: Final = Binding("pagedown", "page_down", "Page down", show=False, id="table.page_down")
PAGE_UP: Final = Binding("pageup", "page_up", "Page up", show=False, id="table.page_up")
HALF_DOWN: Final = Binding(
    "ctrl+d", "half_down", "Half a page down", show=False, id="table.half_down"
)
HALF_UP: Final = Binding("ctrl+u", "half_up", "Half a page up", show=False, id="table.half_up")
HOME: Final = Binding("home,g", "first", "First row", show=False, id="table.home")
END: Final = Binding("end,G", "last", "Last row", show=False, id="table.end")
MARK: Final = Binding("space", "mark", "Mark", id="table.mark")
MARK_ALL: Final = Binding(
    "a", "mark_all", "Mark all shown, or none", show=False, id="table.mark_all"
)
OPEN: Final = Binding("enter", "open", "details", id="table.open")

BINDINGS: Final = (
    OPEN,
    MARK,
    MARK_ALL,
    DOWN,
    UP,
    PAGE_DOWN,
    PAGE_UP,
    HALF_DOWN,
    HALF_UP,
    HOME,
    END,
)
