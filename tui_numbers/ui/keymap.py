"""The user's keys: what can be remapped, and what is wrong with a remapping."""

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual.binding import Binding

from tui_numbers.ui import bindings
from tui_numbers.ui.table import messages as table_bindings

if TYPE_CHECKING:
    from textual.dom import DOMNode

FORBIDDEN = frozenset(
    {
        "ctrl+h",
        "ctrl+i",
        "ctrl+j",
        "ctrl+m",
        "ctrl+a",
        "ctrl+b",
        "ctrl+space",
        "ctrl+left_square_bracket",
    }
)
"""Keys that terminals turn into others, or that multiplexers keep for themselves."""


def scopes() -> tuple[tuple[Binding, ...], ...]:
    """Return every binding that has an id, by the screen on which its keys must differ."""
    from tui_numbers.ui.detail.fields import ChoiceField, Toggle
    from tui_numbers.ui.detail.form import FormScreen
    from tui_numbers.ui.detail.pane import DetailScreen
    from tui_numbers.ui.dialogs.confirm import ConfirmScreen
    from tui_numbers.ui.dialogs.dialog import AskScreen
    from tui_numbers.ui.dialogs.page import PageScreen
    from tui_numbers.ui.dialogs.picker import PickerScreen
    from tui_numbers.ui.views.available import CountryField
    from tui_numbers.ui.views.filter_line import FilterInput

    others: tuple[type[DOMNode], ...] = (
        AskScreen, ChoiceField, ConfirmScreen, CountryField, DetailScreen, FilterInput,
        FormScreen, PageScreen, PickerScreen, Toggle,
    )  # fmt: skip
    own = [tuple(entry for entry in kind.BINDINGS if isinstance(entry, Binding)) for kind in others]
    return ((*bindings.DASHBOARD, *table_bindings.BINDINGS), *own)


def usable_keymap(wanted: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the part of a keymap that can be used, and a sentence for each part that cannot."""
    known = {binding.id for scope in scopes() for binding in scope if binding.id}
    usable: dict[str, str] = {}
    problems: list[str] = []
    for identifier, keys in wanted.items():
        if identifier not in known:
            close = difflib.get_close_matches(identifier, known, n=1)
            fix = f"; did you mean {close[0]!r}?" if close else ""
            problems.append(f"no binding {identifier!r}{fix}")
            continue
        taken = _taken_beside(identifier, wanted, usable)
        problem = _problem(identifier, keys, taken)
        if problem:
            problems.append(problem)
        else:
            usable[identifier] = keys
    return usable, problems


def _taken_beside(
    identifier: str, wanted: Mapping[str, str], usable: Mapping[str, str]
) -> dict[str, str]:
    """Return the keys of all other bindings on the screens that have this one."""
    taken: dict[str, str] = {}
    for scope in scopes():
        beside = {binding.id: binding.key for binding in scope if binding.id}
        if identifier not in beside:
            continue
        for other, keys in beside.items():
            if other != identifier and (other in usable or other not in wanted):
                taken.update(dict.fromkeys(usable.get(other, keys).split(","), other))
    return taken


def _problem(identifier: str, keys: str, taken: Mapping[str, str]) -> str | None:
    for key in keys.split(","):
        if not key or key != key.strip() or " " in key:
            return f"{identifier}: {keys!r} is not a key"
        if key in FORBIDDEN or key.startswith("alt+"):
            return f"{identifier}: {key} belongs to terminals and multiplexers"
        if key in taken:
            return f"{identifier}: {key} is taken by {taken[key]}"
    return None
