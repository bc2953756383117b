"""Say what the keys do: the command palette, and the page of keys."""

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.binding import Binding
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widgets import Input

from tui_numbers.domain.e164 import international
from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.domain.routes import NAME
from tui_numbers.services.config import ConfigError
from tui_numbers.ui.actions import ACTIONS, DASHBOARD, Action, Scope, actions_of, usable_keymap
from tui_numbers.ui.dialogs.picker import Choice, PickerScreen
from tui_numbers.ui.frame import Tone
from tui_numbers.ui.host import Host
from tui_numbers.ui.selection import ActsOnSelection
from tui_numbers.ui.text import content, fit

if TYPE_CHECKING:
    from tui_numbers.services.config import ViewConfig


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


_MOST_NUMBERS = 20


_SAVE = re.compile(r"save(\s+.*)?")


_ROUTE = re.compile(r"route(\s+.*)?")


_VIEW_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


_LEFT_OUT = {"app.back", "app.commands"}


@dataclass(frozen=True, slots=True)
class SavedView:
    """A saved view of owned numbers, to be opened."""

    name: str
    view: "ViewConfig"


@dataclass(frozen=True, slots=True)
class Saving:
    """The filter and the sort of Owned, to be kept as a view."""

    name: str


@dataclass(frozen=True, slots=True)
class SavingRoute:
    """The numbers that are marked, or shown, to be kept as a route."""

    name: str


async def open_palette(host: Host) -> None:
    """Let the person pick an action, a view or a number, then take it or go there."""

    def search(text: str) -> list[Choice]:
        if _SAVE.fullmatch(text.strip()):
            return [*_saving(host, text), *_actions(host, text)]
        if _ROUTE.fullmatch(text.strip()):
            return [*_saving_route(host, text), *_actions(host, text)]
        views, actions = _views(host, text), _actions(host, text)
        return [*views, *_numbers(host, text), *actions] if text.strip() else [*actions, *views]

    hint = "a command, a view, digits of a number, save NAME or route NAME"
    picked = await host.push_screen_wait(PickerScreen("Commands and numbers", search, hint=hint))
    if isinstance(picked, OwnedNumber):
        await host.main.go_to(picked)
    elif isinstance(picked, SavedView):
        await host.main.action_view("owned")
        host.main.owned.open_saved(picked.name, picked.view)
    elif isinstance(picked, Saving):
        await _save(host, picked.name)
    elif isinstance(picked, SavingRoute):
        from tui_numbers.ui.flows.on_call import save

        await save(host, picked.name)
    elif isinstance(picked, Action):
        await host.screen.run_action(picked.command)


def _views(host: Host, text: str) -> list[Choice]:
    """Return the saved views whose names begin with a text."""
    wanted = text.strip().casefold()
    return [
        Choice(SavedView(name, view), f"View {name}", view.filter)
        for name, view in sorted(host.session.config.views.items())
        if name.startswith(wanted)
    ]


def _saving(host: Host, text: str) -> list[Choice]:
    """Return what ``save NAME`` does, or why it cannot be done."""
    name = text.strip().removeprefix("save").strip()
    if not _VIEW_NAME.fullmatch(name):
        takes = "lower-case letters, digits, - and _" if name else "keeps filter and sort"
        label = f"save {name}: {takes}" if name else f"save NAME: {takes}"
        return [Choice(None, label, enabled=False)]
    known = name in host.session.config.views
    verb = "Put filter and sort into view" if known else "Keep filter and sort as view"
    return [Choice(Saving(name), f"{verb} {name}", host.main.owned.present_view().filter)]


def _saving_route(host: Host, text: str) -> list[Choice]:
    """Return what ``route NAME`` does, or why it cannot be done."""
    name = text.strip().removeprefix("route").strip()
    table = host.main.owned.table
    count = len(table.model.marks) or table.shown_count
    if not NAME.fullmatch(name):
        takes = "takes lower-case letters, digits, - and _" if name else "keeps them as a route"
        return [Choice(None, f"route {name}".strip(), takes, enabled=False)]
    which = "marked" if len(table.model.marks) else "shown"
    return [Choice(SavingRoute(name), f"Keep where these go as route {name}", f"{count:,} {which}")]


async def _save(host: Host, name: str) -> None:
    """Keep the filter and the sort of Owned as a view, which ``[views.NAME]`` holds then."""
    view = host.main.owned.present_view()
    values = {"filter": view.filter, "sort": view.sort}
    try:
        await asyncio.to_thread(host.session.remember, f"views.{name}", values)
    except ConfigError as error:
        host.say(str(error), Tone.BAD)
    else:
        where = "for this demo" if host.session.demo else f"as [views.{name}]"
        host.say(f"view {name} is kept {where}: :{name} opens it", Tone.GOOD)
    host.main.owned.open_saved(name, view)


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
