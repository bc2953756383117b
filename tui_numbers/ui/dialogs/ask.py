"""A yes-or-no question, with no for the answer that Enter gives."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from tui_numbers.ui.dialogs.base import Dialog, PlainButton
from tui_numbers.ui.text import content


class AskScreen(Dialog[bool]):
    """Dismissed with True for yes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "yes", show=False, id="ask.yes"),
        Binding("n,escape", "answer(False)", "no", show=False, id="ask.no"),
        Binding("left,right", "app.focus_next", "other button", show=False, id="ask.other"),
    ]

    takes_typed_ahead = False

    def __init__(self, title: str, text: str, yes: str, no: str) -> None:
        super().__init__()
        self._title = title
        self._text = text
        self._yes = yes
        self._no = no

    def compose(self) -> ComposeResult:
        """Lay the question out."""
        with Vertical(classes="dialog ask"):
            yield Static(content(self._title), classes="dialog-title", markup=False)
            yield Static(content(self._text), markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield PlainButton(self._no, id="no", compact=True)
                yield PlainButton(self._yes, id="yes", compact=True)
            yield Static("y or n", classes="dialog-note", markup=False)

    def on_mount(self) -> None:
        """Let Enter change nothing."""
        self.set_focus(self.query_one("#no"))

    def action_answer(self, answer: bool) -> None:
        """Answer."""
        self.leave(answer)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.leave(event.button.id == "yes")
