"""Typing a secret: never shown, and gone from the screen as soon as it was taken."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from tui_numbers.domain.secret import Secret, secret_text
from tui_numbers.ui.dialogs.base import Dialog
from tui_numbers.ui.text import content, shown

LONGEST_SECRET = 4096


class _Unlogged:
    """A message that Textual's logs name, without what is in it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def __rich_repr__(self) -> Iterator[object]:
        yield from ()


class _SecretKey(_Unlogged, events.Key):
    __slots__ = ()


class _SecretPaste(_Unlogged, events.Paste):
    __slots__ = ()


_SecretKey.handler_name = events.Key.handler_name
_SecretPaste.handler_name = events.Paste.handler_name
_SECRET_EVENTS: Final[Mapping[type, type]] = {events.Key: _SecretKey, events.Paste: _SecretPaste}


class SecretInput(Input):
    """A field whose text is masked, never copied nor logged, and leaves with ``take``."""

    class Changed(_Unlogged, Input.Changed, namespace="input"):
        """Posted when the value changes."""

    class Blurred(_Unlogged, Input.Blurred, namespace="input"):
        """Posted when the focus leaves."""

    class Submitted(_Unlogged, Input.Submitted, namespace="input"):
        """Posted when Enter is pressed."""

    def __init__(self, placeholder: str = "") -> None:
        super().__init__(
            placeholder=shown(placeholder),
            password=True,
            compact=True,
            id="secret",
            max_length=LONGEST_SECRET,
        )
        self.cursor_blink = False

    async def on_event(self, event: events.Event) -> None:
        """Handle an event; a log of Textual's says that there was a key, and not which."""
        hidden = _SECRET_EVENTS.get(type(event))
        if hidden is not None:
            event.__class__ = hidden
        await super().on_event(event)

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
