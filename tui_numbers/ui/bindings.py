"""Every key of the dashboard, by id: footer, help, commands and the keymap are made from these."""

from collections.abc import Mapping
from typing import Final

from textual.binding import Binding

VIEW_OWNED: Final = Binding("1", "view('owned')", "Owned", id="view.owned", tooltip="Owned numbers")
VIEW_AVAILABLE: Final = Binding(
    "2", "view('available')", "Available", id="view.available", tooltip="Search numbers to buy"
)
VIEW_HISTORY: Final = Binding(
    "3",
    "view('history')",
    "History",
    id="view.history",
    tooltip="What was changed, and how it ended",
)
FILTER: Final = Binding(
    "slash", "filter", "filter", id="view.filter", tooltip="Filter as you type; last digits do"
)
SORT: Final = Binding("s", "sort", "sort", id="view.sort", tooltip="Sort by the next column")
REFRESH: Final = Binding("r", "refresh", "refresh", id="view.refresh", tooltip="Ask again")
RETARGET: Final = Binding(
    "t", "retarget", "retarget", id="number.retarget", tooltip="Send calls somewhere else"
)
EDIT: Final = Binding("e", "edit", "edit", id="number.edit", tooltip="Edit the settings in a form")
UNDO: Final = Binding(
    "u", "undo", "undo", id="number.undo", tooltip="Put the latest change of this number back"
)
COPY: Final = Binding(
    "y", "copy", "copy", id="number.copy", tooltip="Copy the number through the terminal"
)
BUY: Final = Binding("b", "buy", "buy", id="stock.buy", tooltip="Buy this number")
RELEASE: Final = Binding(
    "X", "release", "release", id="number.release", tooltip="Give the number up, for good"
)
RECORD: Final = Binding(
    "v", "record", "record", id="number.record", tooltip="Show the record as it was received"
)
SETTLE: Final = Binding(
    "S",
    "settle",
    "settle",
    id="history.settle",
    tooltip="Read again where an outcome is not certain",
)
RESUME: Final = Binding(
    "R", "resume", "resume", id="history.resume", tooltip="Go on with what a batch left"
)
UNDO_BATCH: Final = Binding(
    "U", "undo_batch", "undo all", id="history.undo_batch", tooltip="Put a whole batch back"
)
HELP: Final = Binding("question_mark", "app.help", "help", id="app.help", tooltip="All keys")
COMMANDS: Final = Binding(
    "colon,ctrl+p",
    "app.commands",
    "commands",
    id="app.commands",
    tooltip="Commands, and go to a number",
)
LOG: Final = Binding("at", "app.log", "log", id="app.log", tooltip="What was done in this session")
ACCOUNTS: Final = Binding(
    "A",
    "app.accounts",
    "accounts",
    id="app.accounts",
    tooltip="Accounts: how each stands, secrets, add, edit, remove",
)
THEME: Final = Binding("T", "app.theme", "theme", id="app.theme", tooltip="Next theme")
SUSPEND: Final = Binding(
    "ctrl+z",
    "app.suspend_process",
    "suspend",
    id="app.suspend",
    tooltip="Back to the shell; fg goes on",
    priority=True,
)
QUIT: Final = Binding(
    "q", "app.leave", "quit", id="app.quit", tooltip="Quit; waits for a write under way"
)
BACK: Final = Binding("escape", "back", "back", id="app.back", tooltip="One step back; never quits")

FRAME: Final = (
    VIEW_OWNED,
    VIEW_AVAILABLE,
    VIEW_HISTORY,
    HELP,
    COMMANDS,
    ACCOUNTS,
    LOG,
    THEME,
    SUSPEND,
    QUIT,
    BACK,
)
"""What works everywhere outside a dialog."""

NUMBER: Final = (RETARGET, EDIT, UNDO, COPY, BUY, RELEASE, RECORD)
"""What is done to the number under the cursor."""

VIEW: Final = (FILTER, SORT, REFRESH, SETTLE, RESUME, UNDO_BATCH)

DASHBOARD: Final = (*FRAME, *VIEW, *NUMBER)


def key_names(binding: Binding, keymap: Mapping[str, str]) -> list[str]:
    """Return how a binding's keys, as remapped, are written for people."""
    return [_name(key) for key in keymap.get(binding.id or "", binding.key).split(",")]


def _name(key: str) -> str:
    named = {
        "slash": "/",
        "question_mark": "?",
        "colon": ":",
        "at": "@",
        "escape": "Esc",
        "enter": "Enter",
        "space": "Space",
        "pagedown": "PageDown",
        "pageup": "PageUp",
        "home": "Home",
        "end": "End",
        "up": "Up",
        "down": "Down",
    }
    if key.startswith("ctrl+"):
        return "Ctrl+" + key[5:].upper()
    return named.get(key, key)
