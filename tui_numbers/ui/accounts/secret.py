"""Typing a secret: never shown, and gone from the screen as soon as it was taken."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from tui_numbers.domain.secret import Secret, secret_text
from tui_numbers.ui.dialogs.base import Dialog
from tui_numbers.ui.text import content, shown

LONGEST_SECRET = 4096


class SecretInput(Input):
    """A field whose text is masked, is never copied, and leaves with ``take``."""

    def __init__(self, placeholder: str = "") -> None:
        super().__init__(
            placeholder=shown(placeholder),
            password=True,
            compact=True,
            id="secret",
            max_length=LONGEST_SECRET,
        )
        self.cursor_blink = False

    def take(self) -> Secret | None:
        """Return what was typed, and forget it."""
        typed = secret_text(self.value)
        with self.prevent(Input.Changed):
            self.value = ""
        return Secret(typed) if typed else None

    def action_copy(self) -> None:
        """Copy nothing."""

    def action_cut(self) -> None:
        """Cut nothing."""


class SecretScreen(Dialog[Secret | None]):
    """Dismissed with the secret, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "cancel", show=False, id="secret.cancel")
    ]

    def __init__(self, title: str, label: str) -> None:
        super().__init__()
        self._title = title
        self._label = label

    def compose(self) -> ComposeResult:
        """Lay the dialog out."""
        with Vertical(classes="dialog"):
            yield Static(content(self._title), classes="dialog-title", markup=False)
            yield SecretInput(self._label)
            note = "Enter takes it, until the program ends · Esc cancels"
            yield Static(note, classes="dialog-note", markup=False)

    def on_mount(self) -> None:
        """Begin to type."""
        self.set_focus(self.query_one(SecretInput))

    @on(Input.Submitted)
    def _taken(self) -> None:
        secret = self.query_one(SecretInput).take()
        if secret is not None:
            self.leave(secret)

    def action_cancel(self) -> None:
        """Leave without one."""
        self.query_one(SecretInput).take()
        self.leave(None)
