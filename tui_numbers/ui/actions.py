"""Declare the actions of the dashboard as one table; apply the keys of the configuration."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from textual.binding import Binding, BindingType

from tui_numbers.ui.availability import (
    Check,
    Situation,
    needs_batch,
    needs_no_marks,
    needs_number,
    needs_owned,
    needs_purchase_api,
    needs_release_api,
    needs_route,
    needs_stock,
    needs_undoable,
    needs_unsettled,
    needs_write_access,
)
from tui_numbers.ui.views import PREVIOUS, VIEWS

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


class Scope(Enum):
    """Where an action's keys work; the value heads its part of the help page."""

    NUMBER = "The number under the cursor"
    VIEW = "The view"
    TABLE = "The table"
    STOCK = "Available numbers"
    ROUTES = "Saved routes"
    EVERYWHERE = "Everywhere"
    FORM = "The form"
    DETAIL = "The detail"
    FILTER = "The filter"
    SEARCH = "The search of stock"
    COUNTRY = "The country"
    CHOICE = "A choice"
    TOGGLE = "A box to tick"
    PICKER = "A list to pick from"
    CONFIRM = "The confirmation"
    QUESTION = "A question"
    LINE = "A line to type"
    COLUMNS = "The choice of columns"
    ACCOUNTS = "The accounts"
    ACCOUNT_FORM = "The form of an account"
    HIDDEN = "A secret to type"
    WELCOME = "The first start"
    PAGE = "A page of text"


FLOW: Final = "flow"
"""Runs the flow that has the action's id, over what is selected."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a key does."""

    scope: Scope
    id: str
    """Its name in ``[keymap]``."""
    keys: str
    """By Textual's names, with commas between them."""
    word: str
    """Its word in the footer."""
    run: str
    """An action of the screen or the app, as Textual writes it, or ``FLOW``."""
    help: str = ""
    """What it does, on the help page and in the command palette; the word where it is empty."""
    why_not: tuple[Check, ...] = ()
    """What must hold for it; the first that refuses says why."""
    takes_marked: bool = False
    """Whether it acts on the marked numbers, where there are any."""
    takes_basket: bool = False
    """Whether it acts on what is chosen from stock, where there is any."""
    priority: bool = False
    """Whether its keys work whatever has the focus."""

    @property
    def sentence(self) -> str:
        """What it does, for people."""
        return self.help or self.word

    @property
    def command(self) -> str:
        """What Textual runs."""
        return f"begin('{self.id}')" if self.run == FLOW else self.run

    def refusal(self, now: Situation) -> str | None:
        """Return why it cannot be taken now, or None where it can."""
        return next((why for check in self.why_not if (why := check(now)) is not None), None)

    def key_names(self, keymap: Mapping[str, str]) -> list[str]:
        """Return its keys, as remapped, as they are written for people."""
        return [_name(key) for key in keymap.get(self.id, self.keys).split(",")]

    def binding(self) -> Binding:
        """Return it as Textual binds it."""
        return Binding(
            self.keys,
            self.command,
            self.word,
            show=bool(self.help),
            id=self.id,
            priority=self.priority,
        )


# fmt: off - one action a line, as far as lines hold them
_TABLE: Final = (
    Action(
        Scope.NUMBER,
        "number.retarget",
        "t",
        "retarget",
        FLOW,
        "Send calls somewhere else",
        (needs_owned, needs_write_access),
        takes_marked=True,
    ),
    Action(
        Scope.NUMBER,
        "number.edit",
        "e",
        "edit",
        FLOW,
        "Edit the settings in a form; of several marked, those they share",
        (needs_owned, needs_write_access),
        takes_marked=True,
    ),
    Action(
        Scope.NUMBER,
        "number.undo",
        "u",
        "undo",
        FLOW,
        "Put the latest change of this number back",
        (needs_undoable, needs_write_access),
        takes_marked=True,
    ),
    Action(
        Scope.NUMBER,
        "number.keep",
        "K",
        "keep",
        FLOW,
        "Let a temporary change stay: it is not put back",
        (needs_owned,),
        takes_marked=True,
    ),
    Action(
        Scope.NUMBER,
        "number.copy",
        "y",
        "copy",
        "copy",
        "Copy the number, or all marked, through the terminal",
        (needs_number,),
        takes_marked=True,
    ),
    Action(
        Scope.NUMBER,
        "stock.buy",
        "b",
        "buy",
        FLOW,
        "Buy what is chosen, or this number",
        (needs_stock, needs_purchase_api, needs_write_access),
        takes_basket=True,
    ),
    Action(
        Scope.NUMBER,
        "number.release",
        "X",
        "release",
        FLOW,
        "Give the number up, for good",
        (needs_owned, needs_release_api, needs_no_marks, needs_write_access),
    ),
    Action(
        Scope.NUMBER,
        "number.record",
        "v",
        "record",
        "record",
        "Show the record as it was received",
        (needs_number,),
    ),
    Action(
        Scope.VIEW, "view.filter", "slash", "filter", "filter", "Filter as you type; last digits do"
    ),
    Action(Scope.VIEW, "view.sort", "s", "sort", "sort", "Sort by the next column"),
    Action(Scope.VIEW, "view.reverse", "I", "reverse", "reverse", "Sort the other way round"),
    Action(Scope.VIEW, "view.columns", "C", "columns", "columns", "Choose and order columns"),
    Action(
        Scope.VIEW, "view.detail", "z", "detail", "detail", "Hide or show the detail at the side"
    ),
    Action(
        Scope.VIEW,
        "view.export",
        "w",
        "write",
        FLOW,
        "Write what is seen, or marked, to a file: .csv .json .md",
    ),
    Action(Scope.VIEW, "view.copy", "Y", "copy all", FLOW, "Copy what is seen, or marked, as text"),
    Action(Scope.VIEW, "view.refresh", "r", "refresh", "refresh", "Ask again"),
    Action(
        Scope.VIEW,
        "history.settle",
        "S",
        "settle",
        FLOW,
        "Read again where an outcome is not certain",
        (needs_unsettled,),
    ),
    Action(
        Scope.VIEW,
        "history.resume",
        "R",
        "resume",
        FLOW,
        "Go on with what a batch left",
        (needs_batch, needs_write_access),
    ),
    Action(
        Scope.VIEW,
        "history.undo_batch",
        "U",
        "undo all",
        FLOW,
        "Put a whole batch back",
        (needs_batch, needs_write_access),
    ),
    Action(Scope.STOCK, "stock.choose", "space", "choose", "mark", "Put it in the basket, or out"),
    Action(Scope.STOCK, "stock.basket", "B", "basket", "basket", "Show what is chosen alone"),
    Action(Scope.STOCK, "stock.more", "M", "more", "more", "Load more of what was found"),
    Action(Scope.STOCK, "stock.search", "f", "search", "search", "Go to the search form"),
    Action(
        Scope.ROUTES,
        "route.apply",
        "p",
        "apply",
        FLOW,
        "Send its numbers where the route wants them",
        (needs_route, needs_write_access),
    ),
    Action(
        Scope.ROUTES,
        "route.rehearse",
        "d",
        "rehearse",
        FLOW,
        "Make every read without sending, and keep the date",
        (needs_route,),
    ),
    Action(
        Scope.ROUTES,
        "route.revert",
        "V",
        "put back",
        FLOW,
        "Put back what its latest application replaced",
        (needs_route, needs_write_access),
    ),
    Action(Scope.VIEW, "history.fold", "left", "fold", "fold", "Close a batch that Enter opened"),
    Action(Scope.TABLE, "table.open", "enter", "details", "open"),
    Action(Scope.TABLE, "table.mark", "space", "Mark", "mark"),
    Action(Scope.TABLE, "table.mark_all", "a", "Mark all shown, or none", "mark_all"),
    Action(Scope.TABLE, "table.down", "down,j", "Down", "cursor_down"),
    Action(Scope.TABLE, "table.up", "up,k", "Up", "cursor_up"),
    Action(Scope.TABLE, "table.page_down", "pagedown", "Page down", "page_down"),
    Action(Scope.TABLE, "table.page_up", "pageup", "Page up", "page_up"),
    Action(Scope.TABLE, "table.half_down", "ctrl+d", "Half a page down", "half_down"),
    Action(Scope.TABLE, "table.half_up", "ctrl+u", "Half a page up", "half_up"),
    Action(Scope.TABLE, "table.home", "home,g", "First row", "first"),
    Action(Scope.TABLE, "table.end", "end,G", "Last row", "last"),
    *(
        Action(Scope.EVERYWHERE, f"view.{one.id}", one.key, one.name, f"view('{one.id}')", one.help)
        for one in VIEWS.values()
    ),
    Action(
        Scope.EVERYWHERE,
        "view.previous",
        "minus",
        "previous",
        f"view('{PREVIOUS}')",
        "The view that was open before",
    ),
    Action(
        Scope.EVERYWHERE,
        "app.attention",
        "exclamation_mark",
        "attention",
        "app.attention",
        "What needs a person: open outcomes, accounts that fail, findings",
    ),
    Action(
        Scope.EVERYWHERE, "app.help", "question_mark", "help", "app.help", "Keys of where you are"
    ),
    Action(
        Scope.EVERYWHERE,
        "app.help_anywhere",
        "f1",
        "help",
        "app.help",
        "Keys of where you are, in a field too",
        priority=True,
    ),
    Action(
        Scope.EVERYWHERE,
        "app.commands",
        "colon,ctrl+p",
        "commands",
        "app.commands",
        "Commands, and go to a number",
    ),
    Action(
        Scope.EVERYWHERE,
        "app.accounts",
        "A",
        "accounts",
        "app.accounts",
        "Accounts: how each stands, secrets, add, edit, remove",
    ),
    Action(
        Scope.EVERYWHERE,
        "app.handover",
        "H",
        "handover",
        FLOW,
        "Handover: what is open, temporary, in force and wrong, then what was done",
    ),
    Action(Scope.EVERYWHERE, "app.log", "at", "log", "app.log", "What was done in this session"),
    Action(Scope.EVERYWHERE, "app.theme", "T", "theme", "app.theme", "Next theme"),
    Action(
        Scope.EVERYWHERE,
        "app.suspend",
        "ctrl+z",
        "suspend",
        "app.suspend_process",
        "Back to the shell; fg goes on",
        priority=True,
    ),
    Action(
        Scope.EVERYWHERE, "app.quit", "q", "quit", "app.leave", "Quit; waits for a write under way"
    ),
    Action(Scope.EVERYWHERE, "app.back", "escape", "back", "back", "One step back; never quits"),
    Action(Scope.FORM, "form.save", "ctrl+s", "preview", "save", "Show before -> after"),
    Action(Scope.FORM, "form.pick", "ctrl+t", "pick", "pick", "Pick a value from a list"),
    Action(Scope.FORM, "form.leave", "escape", "leave", "leave", "Leave; asks to drop changes"),
    Action(Scope.FORM, "form.next", "down", "next", "app.focus_next"),
    Action(Scope.FORM, "form.previous", "up", "previous", "app.focus_previous"),
    Action(Scope.DETAIL, "detail.back", "enter", "back", "back"),
    Action(Scope.DETAIL, "detail.down", "down,j", "down", "scroll_by(1)"),
    Action(Scope.DETAIL, "detail.up", "up,k", "up", "scroll_by(-1)"),
    Action(Scope.DETAIL, "detail.page_down", "pagedown,space", "page down", "scroll_by(15)"),
    Action(Scope.DETAIL, "detail.page_up", "pageup", "page up", "scroll_by(-15)"),
    Action(Scope.FILTER, "filter.keep", "enter", "to the table", "leave"),
    Action(Scope.FILTER, "filter.complete", "tab", "complete", "complete"),
    Action(Scope.FILTER, "filter.recall", "up", "the filter before", "recall"),
    Action(Scope.FILTER, "filter.next", "down", "the next filter, or the table", "next"),
    Action(Scope.FILTER, "filter.clear", "escape", "clear, then leave", "clear"),
    Action(Scope.SEARCH, "search.results", "enter", "to the results", "results"),
    Action(Scope.COUNTRY, "country.pick", "enter,space,down", "pick a country", "pick"),
    Action(Scope.CHOICE, "choice.next", "right,space,enter", "next", "step(1)"),
    Action(Scope.CHOICE, "choice.previous", "left", "previous", "step(-1)"),
    Action(Scope.TOGGLE, "toggle.change", "space,enter", "tick", "tick"),
    Action(Scope.PICKER, "picker.cancel", "escape", "cancel", "cancel"),
    Action(Scope.PICKER, "picker.down", "down,ctrl+n", "down", "move(1)"),
    Action(Scope.PICKER, "picker.up", "up", "up", "move(-1)"),
    Action(Scope.PICKER, "picker.page_down", "pagedown", "page down", "move(8)"),
    Action(Scope.PICKER, "picker.page_up", "pageup", "page up", "move(-8)"),
    Action(Scope.CONFIRM, "confirm.yes", "y", "do it", "send"),
    Action(Scope.CONFIRM, "confirm.no", "n,escape", "cancel", "cancel"),
    Action(Scope.CONFIRM, "confirm.reason", "r", "reason", "reason", "Give a reason"),
    Action(
        Scope.CONFIRM, "confirm.until", "f", "end", "until", "Put it back after 2h, or at 07:00"
    ),
    Action(
        Scope.CONFIRM, "confirm.over", "o", "over", "over", "Send over an operation that is open"
    ),
    Action(
        Scope.CONFIRM, "confirm.stands", "p", "stands", "earlier(True)", "Let an earlier end stand"
    ),
    Action(Scope.CONFIRM, "confirm.lifted", "l", "lift", "earlier(False)", "Lift an earlier end"),
    Action(Scope.CONFIRM, "confirm.stop", "c", "stop", "stop", "Send nothing more of a batch"),
    Action(Scope.CONFIRM, "confirm.help", "question_mark", "help", "app.help"),
    Action(Scope.CONFIRM, "confirm.other", "left,right", "other button", "other_button"),
    Action(Scope.CONFIRM, "confirm.down", "down", "down", "scroll_lines(1)"),
    Action(Scope.CONFIRM, "confirm.up", "up", "up", "scroll_lines(-1)"),
    Action(Scope.CONFIRM, "confirm.page_down", "pagedown", "page down", "scroll_lines(10)"),
    Action(Scope.CONFIRM, "confirm.page_up", "pageup", "page up", "scroll_lines(-10)"),
    Action(Scope.QUESTION, "ask.yes", "y", "yes", "answer(True)"),
    Action(Scope.QUESTION, "ask.no", "n,escape", "no", "answer(False)"),
    Action(Scope.QUESTION, "ask.other", "left,right", "other button", "app.focus_next"),
    Action(Scope.QUESTION, "ask.help", "question_mark", "help", "app.help"),
    Action(Scope.LINE, "line.cancel", "escape", "cancel", "cancel"),
    Action(Scope.COLUMNS, "columns.show", "space", "show or hide", "tick"),
    Action(Scope.COLUMNS, "columns.forward", "less_than_sign,K", "further left", "shift(-1)"),
    Action(Scope.COLUMNS, "columns.back", "greater_than_sign,J", "further right", "shift(1)"),
    Action(Scope.COLUMNS, "columns.usual", "u", "as usual", "usual"),
    Action(Scope.COLUMNS, "columns.down", "down,j", "down", "move(1)"),
    Action(Scope.COLUMNS, "columns.up", "up,k", "up", "move(-1)"),
    Action(Scope.COLUMNS, "columns.keep", "enter", "keep", "keep"),
    Action(Scope.COLUMNS, "columns.drop", "escape", "drop", "drop"),
    Action(Scope.COLUMNS, "columns.help", "question_mark", "help", "app.help"),
    Action(Scope.ACCOUNTS, "accounts.check", "c,enter", "check", "check"),
    Action(Scope.ACCOUNTS, "accounts.check_all", "r", "check all", "check_all"),
    Action(Scope.ACCOUNTS, "accounts.secret", "s", "type its secret", "secret"),
    Action(Scope.ACCOUNTS, "accounts.add", "a", "add an account", "add"),
    Action(Scope.ACCOUNTS, "accounts.edit", "e", "edit", "edit"),
    Action(Scope.ACCOUNTS, "accounts.remove", "X", "remove", "remove"),
    Action(Scope.ACCOUNTS, "accounts.down", "j", "down", "move(1)"),
    Action(Scope.ACCOUNTS, "accounts.up", "k", "up", "move(-1)"),
    Action(Scope.ACCOUNTS, "accounts.help", "question_mark", "help", "app.help"),
    Action(Scope.ACCOUNTS, "accounts.close", "escape,q,A", "close", "close"),
    Action(Scope.ACCOUNT_FORM, "account.save", "ctrl+s", "try and save", "save"),
    Action(Scope.ACCOUNT_FORM, "account.leave", "escape", "leave; asks to drop changes", "close"),
    Action(Scope.ACCOUNT_FORM, "account.next", "down", "next", "app.focus_next"),
    Action(Scope.ACCOUNT_FORM, "account.previous", "up", "previous", "app.focus_previous"),
    Action(Scope.HIDDEN, "secret.cancel", "escape", "cancel", "cancel"),
    Action(Scope.WELCOME, "welcome.demo", "d", "look around in the demo", "choose('demo')"),
    Action(Scope.WELCOME, "welcome.add", "a", "add an account", "choose('add')"),
    Action(Scope.WELCOME, "welcome.where", "c", "where the configuration is", "choose('where')"),
    Action(Scope.WELCOME, "welcome.help", "question_mark", "help", "app.help"),
    Action(Scope.WELCOME, "welcome.quit", "q", "quit", "app.leave"),
    Action(Scope.WELCOME, "welcome.close", "escape", "close", "close"),
    Action(Scope.PAGE, "page.close", "escape,q,question_mark,at", "close", "close"),
    Action(Scope.PAGE, "page.down", "down,j", "down", "move(1)"),
    Action(Scope.PAGE, "page.up", "up,k", "up", "move(-1)"),
    Action(Scope.PAGE, "page.page_down", "pagedown,space", "page down", "page(1)"),
    Action(Scope.PAGE, "page.page_up", "pageup", "page up", "page(-1)"),
    Action(Scope.PAGE, "page.home", "home,g", "top", "end(-1)"),
    Action(Scope.PAGE, "page.end", "end,G", "end", "end(1)"),
    Action(Scope.PAGE, "page.copy", "y", "copy", "copy"),
)


# fmt: on

ACTIONS: Final = {action.id: action for action in _TABLE}
"""By their ids."""


DASHBOARD: Final = (Scope.EVERYWHERE, Scope.VIEW, Scope.NUMBER)
"""What the dashboard's one screen binds, in the order of the command palette."""


TOGETHER: Final = (
    (*DASHBOARD, Scope.TABLE),
    (Scope.NUMBER, Scope.EVERYWHERE, Scope.DETAIL),
    # What is chosen is marked, so one of the table's keys stands here too.
    (*DASHBOARD, Scope.STOCK),
    (*DASHBOARD, Scope.TABLE, Scope.ROUTES),
    *(
        (scope,)
        for scope in Scope
        if scope not in {*DASHBOARD, Scope.TABLE, Scope.STOCK, Scope.ROUTES, Scope.DETAIL}
    ),
)
"""The scopes that work at one time, among which no key may have two meanings."""


def actions_of(*scopes: Scope) -> tuple[Action, ...]:
    """Return the actions of some scopes, scope by scope."""
    return tuple(action for scope in scopes for action in ACTIONS.values() if action.scope is scope)


def bindings_of(*scopes: Scope, but: str = "") -> list[BindingType]:
    """Return the bindings of some scopes, for a screen or a widget to declare.

    ``but`` is a key that means something else there.
    """
    found: list[BindingType] = []
    for action in actions_of(*scopes):
        keys = ",".join(key for key in action.keys.split(",") if key != but)
        found.append(replace(action, keys=keys).binding())
    return found


def _name(key: str) -> str:
    named = {
        "slash": "/",
        "question_mark": "?",
        "less_than_sign": "<",
        "greater_than_sign": ">",
        "colon": ":",
        "at": "@",
        "minus": "-",
        "exclamation_mark": "!",
        "escape": "Esc",
        "enter": "Enter",
        "space": "Space",
        "pagedown": "PageDown",
        "pageup": "PageUp",
        "home": "Home",
        "end": "End",
        "up": "Up",
        "left": "Left",
        "right": "Right",
        "down": "Down",
    }
    if key.startswith("ctrl+"):
        return "Ctrl+" + key[5:].upper()
    return named.get(key, key)
