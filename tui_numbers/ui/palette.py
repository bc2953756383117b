"""The command palette: commands by name, owned numbers by their digits."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.binding import Binding

from tui_numbers.domain.e164 import international
from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.ui import bindings
from tui_numbers.ui.dialogs.picker import Choice, PickerScreen

if TYPE_CHECKING:
    from tui_numbers.ui.app import Dashboard


_MOST_NUMBERS = 20


_LEFT_OUT = {"back", "app.commands"}


@dataclass
class CommandPalette:
    """Finds commands and numbers, and does what was picked."""

    app: "Dashboard"

    async def open(self) -> None:
        """Let the person pick, then do it."""
        picked = await self.app.push_screen_wait(
            PickerScreen(
                "Commands and numbers", self._search, hint="a command, or digits of a number"
            )
        )
        if isinstance(picked, OwnedNumber):
            await self.app.main.go_to(picked)
        elif isinstance(picked, str):
            await self.app.screen.run_action(picked)

    def _search(self, text: str) -> list[Choice]:
        words = text.casefold().split()
        found = [
            Choice(binding.action, words_of(binding), bindings.key_names(binding, self.app.keys)[0])
            for binding in bindings.DASHBOARD
            if binding.action not in _LEFT_OUT
            and all(
                word in f"{words_of(binding)} {binding.description}".casefold() for word in words
            )
        ]
        return [*self._numbers(text), *found] if text.strip() else found

    def _numbers(self, text: str) -> list[Choice]:
        if not any(character.isdigit() for character in text):
            return []
        found = self.app.main.owned.table.model.find(text, _MOST_NUMBERS)
        return [
            Choice(
                number,
                f"{international(number.number)}{f'  {number.name}' if number.name else ''}",
                number.account,
            )
            for number in found
        ]


def words_of(binding: Binding) -> str:
    """Return a binding's command in words."""
    return binding.tooltip or binding.description
