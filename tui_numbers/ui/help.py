"""Make the help page of where one is, and the README's key table, from the table of actions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from textual.binding import Binding
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widgets import Input

from tui_numbers.ui.actions import ACTIONS, Action, Scope, actions_of
from tui_numbers.ui.keymap import usable_keymap
from tui_numbers.ui.selection import ActsOnSelection
from tui_numbers.ui.text import content, fit

_SHOWN = (
    Scope.NUMBER,
    Scope.VIEW,
    Scope.TABLE,
    Scope.STOCK,
    Scope.ROUTES,
    Scope.EVERYWHERE,
    Scope.FORM,
    Scope.CONFIRM,
)

_BY_SENTENCE = {Scope.FORM, Scope.CONFIRM}
"""Of these, only what has a sentence is told beside all the others: the rest is as everywhere."""

_NOTES = (
    (
        "In the filter",
        (
            "Words must all be found; !word must not. Digits match any spelling.",
            "Enter or Down goes to the table and keeps the filter; Esc clears it.",
        ),
    ),
    (
        "The mouse",
        (
            "Click views, footer, headings (again: the other way round) and rows.",
            "Shift and drag select text; mouse = false in [ui] leaves it to the terminal.",
        ),
    ),
)


def key_rows(keymap: Mapping[str, str]) -> Iterable[tuple[str, str, str, str]]:
    """Yield (group, keys, what they do, id) for the actions that are documented, as remapped."""
    usable, _ = usable_keymap(keymap)
    for action in actions_of(*_SHOWN):
        if action.scope not in _BY_SENTENCE or action.help:
            yield action.scope.value, _keys(action, usable), _words(action), action.id


def title_of(screen: Screen[Any]) -> str:
    """Return the heading of the help page of a screen."""
    scopes = list(dict.fromkeys(action.scope for action in _actions_at(screen)))
    where = (
        "the dashboard" if isinstance(screen, ActsOnSelection) or not scopes else scopes[0].value
    )
    return f"Keys: {where[:1].lower()}{where[1:]}"


def help_text(screen: Screen[Any], keymap: Mapping[str, str]) -> Content:
    """Return the help page of a screen: the keys that work there, dim those that do not now.

    ``keymap`` is what of the configured one is in use.
    """
    groups: dict[Scope, list[Action]] = {}
    for action in _actions_at(screen):
        groups.setdefault(action.scope, []).append(action)
    dashboard = isinstance(screen, ActsOnSelection)
    if dashboard and not isinstance(screen.focused, Input):
        # What one has come for first; how to move, later.
        groups = {scope: groups[scope] for scope in Scope if scope in groups}
    lines: list[Content] = []
    for scope, actions in groups.items():
        lines += [Content(""), content(scope.value).stylize("bold")]
        lines += [_line(screen, action, keymap) for action in actions]
    if dashboard:
        for heading, notes in _NOTES:
            lines += [Content(""), Content.styled(heading, "bold"), *map(content, notes)]
    return Content("\n").join(lines[1:])


def _line(screen: Screen[Any], action: Action, keymap: Mapping[str, str]) -> Content:
    column = fit(_keys(action, keymap), 16)
    words = _words(action)
    why = screen.why_not(action) if isinstance(screen, ActsOnSelection) else None
    if why is not None:
        return content(f"{column} {words} (not now: {why})").stylize("$text-disabled dim")
    return Content.styled(column, "$text-accent") + content(f" {words}")


def _actions_at(screen: Screen[Any]) -> Sequence[Action]:
    """Return the actions whose keys work on a screen, those of what has the focus first."""
    found: dict[str, Action] = {}
    focused = screen.focused
    for node in (focused or screen).ancestors_with_self:
        for binding in _bindings_of(node):
            action = ACTIONS.get(binding.id or "")
            if action is not None and not (isinstance(focused, Input) and _is_typed(action)):
                found.setdefault(action.id, action)
    return list(found.values())


def _bindings_of(node: DOMNode) -> Iterator[Binding]:
    for kind in type(node).__mro__:
        for binding in kind.__dict__.get("BINDINGS", ()):
            if isinstance(binding, Binding):
                yield binding


def _is_typed(action: Action) -> bool:
    """Tell whether a field takes all keys of an action as text."""
    return all(len(key) == 1 for key in action.key_names({}))


def _keys(action: Action, keymap: Mapping[str, str]) -> str:
    return " ".join(action.key_names(keymap))


def _words(action: Action) -> str:
    return f"{action.sentence[:1].upper()}{action.sentence[1:]}"


def markdown_keys(keymap: Mapping[str, str] | None = None) -> str:
    """Return every key as a Markdown table, for the README."""
    lines = ["| Key | Does | Id for `[keymap]` |", "| --- | --- | --- |"]
    last = ""
    for group, keys, words, identifier in key_rows(keymap or {}):
        if group != last:
            lines.append(f"| **{group}** | | |")
            last = group
        shown = " ".join(f"`{key}`" for key in keys.split(" "))
        lines.append(f"| {shown} | {words} | `{identifier}` |")
    return "\n".join(lines)
