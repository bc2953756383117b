"""The input that every text is typed or pasted into, a secret alone excepted."""

from typing import Any

from textual import events
from textual.widgets import Input

from tui_numbers.domain.text import clean
from tui_numbers.ui.text import shown


class LineInput(Input):
    """Holds nothing that cannot be printed, whoever puts it there; its cursor never blinks."""

    def __init__(self, value: str = "", **options: Any) -> None:
        super().__init__(value, compact=True, **options)
        self.cursor_blink = False

    def validate_value(self, value: str) -> str:
        """Clean whatever is to stand in the field."""
        return clean(value)

    def validate_placeholder(self, placeholder: str) -> str:
        """Clean what stands in an empty field."""
        return shown(placeholder)

    def _on_paste(self, event: events.Paste) -> None:
        """Leave out what contact lists wrap numbers in; Textual's own handler does the rest."""
        kept = [at for at, character in enumerate(event.text) if character.isprintable()]
        event.text = event.text[kept[0] : kept[-1] + 1] if kept else ""
