"""Show a scrolling page of text: help, the session log, long errors."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui_numbers.ui.actions import Scope, bindings_of
from tui_numbers.ui.dialogs.dialog import Dialog
from tui_numbers.ui.text import content


class PageScreen(Dialog[None]):
    """Scrolls with the usual keys, and goes on Escape, q or the key that opened it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(Scope.PAGE)

    def __init__(self, title: str, text: Content, *, at_end: bool = False) -> None:
        super().__init__()
        self._title = title
        self._text = text
        self._at_end = at_end

    def compose(self) -> ComposeResult:
        """Lay the page out."""
        with Vertical(classes="dialog page"):
            yield Static(content(self._title), classes="dialog-title", markup=False)
            with VerticalScroll(classes="page-text", can_focus=False):
                yield Static(self._text, markup=False)
            yield Static("Esc closes · y copies", classes="dialog-note", markup=False)

    def on_mount(self) -> None:
        """Begin at the end where that is the newest."""
        if self._at_end:
            self.query_one(".page-text").scroll_end(animate=False)

    def action_move(self, by: int) -> None:
        """Scroll by lines."""
        self.query_one(".page-text").scroll_relative(y=by, animate=False)

    def action_page(self, by: int) -> None:
        """Scroll by pages."""
        area = self.query_one(".page-text")
        area.scroll_relative(y=by * max(1, area.size.height - 1), animate=False)

    def action_end(self, which: int) -> None:
        """Scroll to the top or the end."""
        area = self.query_one(".page-text")
        if which < 0:
            area.scroll_home(animate=False)
        else:
            area.scroll_end(animate=False)

    def action_copy(self) -> None:
        """Copy the page through the terminal."""
        self.app.copy_to_clipboard(self._text.plain)

    def action_close(self) -> None:
        """Leave."""
        self.leave()
