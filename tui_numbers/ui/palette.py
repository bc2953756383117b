"""The command palette: find actions by their words, owned numbers by their digits."""

from tui_numbers.domain.e164 import international
from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.ui.actions import DASHBOARD, Action, actions_of
from tui_numbers.ui.dialogs.picker import Choice, PickerScreen
from tui_numbers.ui.host import Host

_MOST_NUMBERS = 20

_LEFT_OUT = {"app.back", "app.commands"}


async def open_palette(host: Host) -> None:
    """Let the person pick an action or a number, then take it or go there."""

    def search(text: str) -> list[Choice]:
        found = _actions(host, text)
        return [*_numbers(host, text), *found] if text.strip() else found

    hint = "a command, or digits of a number"
    picked = await host.push_screen_wait(PickerScreen("Commands and numbers", search, hint=hint))
    if isinstance(picked, OwnedNumber):
        await host.main.go_to(picked)
    elif isinstance(picked, Action):
        await host.screen.run_action(picked.command)


def _actions(host: Host, text: str) -> list[Choice]:
    words = text.casefold().split()
    return [
        Choice(action, action.sentence, action.key_names(host.keys)[0])
        for action in actions_of(*DASHBOARD)
        if action.id not in _LEFT_OUT
        and all(word in f"{action.sentence} {action.word}".casefold() for word in words)
    ]


def _numbers(host: Host, text: str) -> list[Choice]:
    if not any(character.isdigit() for character in text):
        return []
    return [
        Choice(
            number,
            f"{international(number.number)}{f'  {number.name}' if number.name else ''}",
            number.account,
        )
        for number in host.main.owned.table.model.find(text, _MOST_NUMBERS)
    ]
