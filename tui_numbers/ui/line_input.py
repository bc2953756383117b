"""Take one line of text, cleaned of what cannot be printed or stored."""

from typing import Any

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.geometry import Size
from textual.reactive import Reactive
from textual.widgets import Input
from textual.widgets.input import Selection

from tui_numbers.domain.text import clean, is_storable, storable
from tui_numbers.ui.text import shown
from tui_numbers.wording.cells import marked


class LineInput(Input):
    """Holds nothing that cannot be printed, whoever puts it there; its cursor never blinks."""

    # Its width never follows what stands in it; Textual would lay the screen out at each character.
    virtual_size = Reactive(Size(0, 0))

    def __init__(self, value: str = "", **options: Any) -> None:
        super().__init__(value, compact=True, **options)
        self.cursor_blink = False

    def on_focus(self) -> None:
        """Show a long value from its beginning, though all of it is selected."""
        # Behind the selection that Textual makes on focus, whose end it scrolls to.
        self.call_next(self._show_beginning)

    def on_blur(self) -> None:
        """Show a long value from its beginning again."""
        self.call_next(self._show_beginning)

    def _show_beginning(self) -> None:
        whole = len(self.value)
        if not self.select_on_focus:
            return
        if not self.has_focus:
            self.cursor_position = 0
        elif self.selection == Selection(0, whole):
            self.selection = Selection(whole, 0)

    def validate_value(self, value: str) -> str:
        """Clean whatever is to stand in the field."""
        return clean(value)

    def validate_placeholder(self, placeholder: str) -> str:
        """Clean what stands in an empty field."""
        return shown(placeholder)

    def _on_paste(self, event: events.Paste) -> None:
        """Prepare what is pasted; Textual's own handler does the rest."""
        event.text = self.pasted(event.text)

    def pasted(self, text: str) -> str:
        """Return a pasted text without what contact lists wrap numbers in."""
        kept = [at for at, character in enumerate(text) if character.isprintable()]
        return text[kept[0] : kept[-1] + 1] if kept else ""


class StoredInput(LineInput):
    """Holds a text exactly as it is to be stored, and shows a mark for what cannot be printed."""

    def validate_value(self, value: str) -> str:
        """Mark what no stored text may hold."""
        return storable(value)

    def pasted(self, text: str) -> str:
        """Return a pasted text as it is."""
        return text

    async def _on_key(self, event: events.Key) -> None:
        """Take joiners and no-break spaces as well, which Textual counts as unprintable."""
        typed = event.character
        if typed is None or event.is_printable or not is_storable(typed):
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
        self.replace(typed, *self.selection)

    @property
    def _value(self) -> Text:
        return Text(marked(self.value), no_wrap=True, overflow="ignore", end="")

    def _position_to_cell(self, position: int) -> int:
        return cell_len(marked(self.value[:position]))

    def _cell_offset_to_index(self, offset: int) -> int:
        wanted = offset + self.scroll_offset.x
        return next(
            (
                index
                for index in range(len(self.value))
                if wanted < self._position_to_cell(index + 1)
            ),
            len(self.value),
        )
