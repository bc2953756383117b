"""The user's keys: what can be remapped, and what is wrong with a remapping."""

import difflib
from collections.abc import Mapping

from textual.binding import Binding

from tui_numbers.ui import bindings
from tui_numbers.ui.table import bindings as table_bindings

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


def all_bindings() -> tuple[Binding, ...]:
    """Return every binding that has an id."""
    return (*bindings.DASHBOARD, *table_bindings.BINDINGS)


def usable_keymap(wanted: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the part of a keymap that can be used, and a sentence for each part that cannot."""
    known = {binding.id: binding for binding in all_bindings() if binding.id}
    usable: dict[str, str] = {}
    problems: list[str] = []
    taken = {
        key: identifier
        for identifier, binding in known.items()
        if identifier not in wanted
        for key in binding.key.split(",")
    }
    for identifier, keys in wanted.items():
        if identifier not in known:
            close = difflib.get_close_matches(identifier, known, n=1)
            fix = f"; did you mean {close[0]!r}?" if close else ""
            problems.append(f"no binding {identifier!r}{fix}")
            continue
        problem = _problem(identifier, keys, taken)
        if problem:
            problems.append(problem)
            continue
        usable[identifier] = keys
        taken.update(dict.fromkeys(keys.split(","), identifier))
    return usable, problems


def _problem(identifier: str, keys: str, taken: Mapping[str, str]) -> str | None:
    for key in keys.split(","):
        if not key or key != key.strip() or " " in key:
            return f"{identifier}: {keys!r} is not a key"
        if key in FORBIDDEN or key.startswith("alt+"):
            return f"{identifier}: {key} belongs to terminals and multiplexers"
        if key in taken:
            return f"{identifier}: {key} is taken by {taken[key]}"
    return None
