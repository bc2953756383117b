"""Check the user's ``[keymap]`` against the table of actions."""

import difflib
from collections.abc import Mapping

from tui_numbers.ui.actions import ACTIONS, TOGETHER, actions_of

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


def usable_keymap(wanted: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the part of a keymap that can be used, and a sentence for each part that cannot."""
    usable: dict[str, str] = {}
    problems: list[str] = []
    for identifier, keys in wanted.items():
        if identifier not in ACTIONS:
            close = difflib.get_close_matches(identifier, ACTIONS, n=1)
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
    """Return the keys of all other actions that work at one time with this one."""
    taken: dict[str, str] = {}
    for scopes in TOGETHER:
        beside = {action.id: action.keys for action in actions_of(*scopes)}
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
