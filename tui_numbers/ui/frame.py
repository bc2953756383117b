"""Frame every view: title bar, status line, footer, and the minimum size."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from tui_numbers.ui.text import content, fit, measure
from tui_numbers.ui.views import FIRST, VIEWS, ViewSpec

if TYPE_CHECKING:
    from textual import events
    from textual.screen import Screen

    from tui_numbers.services.session import Session


LEAST = Size(60, 15)


def too_small(size: Size) -> bool:
    """Tell whether a terminal is too small for the dashboard."""
    return size.width < LEAST.width or size.height < LEAST.height


class TooSmall(Static):
    """Covers the screen until there is room."""

    def __init__(self) -> None:
        super().__init__(
            content(f"too small: {LEAST.width}x{LEAST.height} needed"),
            classes="too-small",
            markup=False,
        )


class NeedsRoom:
    """Mixed into screens: covered while the terminal is too small for them."""

    def on_resize(self, event: "events.Resize") -> None:
        """Cover the screen, or uncover it."""
        self._fit_cover(event.size)

    def on_screen_resume(self) -> None:
        """Do so as well where the size changed while another screen stood before this one."""
        self._fit_cover(cast("Screen[Any]", self).app.size)

    def _fit_cover(self, size: Size) -> None:
        screen = cast("Screen[Any]", self)
        covers = screen.query(TooSmall)
        if not too_small(size):
            covers.remove()
        elif not covers:
            screen.mount(TooSmall())


_NAME = " tui-numbers "


_BETWEEN = "  "


_LEAST_SCOPE, _LEAST_ALONE = 12, 8
"""Cells that the accounts in use keep, beside the name of the program and without it."""


class TitleBar(Widget):
    """Name, scope, views and badges on one line."""

    COMPONENT_CLASSES = {  # noqa: RUF012 - Textual's own declaration
        "title-bar--name",
        "title-bar--view",
        "title-bar--danger",
    }

    def __init__(self, session: "Session") -> None:
        super().__init__()
        self._scope = scope_of(session)
        self._badges = badges_of(session)
        self._view = FIRST
        self.tabs: list[tuple[range, str]] = []
        """The cells where each view's tab stands, and its id, as last drawn."""

    def show_view(self, view: str) -> None:
        """Mark the view that is open."""
        if view != self._view:
            self._view = view
            self.refresh()

    async def on_click(self, event: "events.Click") -> None:
        """Open the view whose tab was clicked."""
        for cells, view in self.tabs:
            if event.x in cells:
                await self.app.run_action(f"view('{view}')", self.screen)

    def render(self) -> Content:
        """Draw the line."""
        style = {
            part: self.get_visual_style(f"title-bar--{part}") for part in ("name", "view", "danger")
        }
        # Where a part's own style says reverse, Textual leaves it out.
        danger = "bold reverse" if self.app.no_color else style["danger"]
        badges = [
            content(f" {badge} ").stylize(danger if badge == "PRODUCTION" else "bold reverse")
            for badge in self._badges
        ]
        taken = sum(badge.cell_length + len(_BETWEEN) for badge in badges) + 1
        name, names, labels = title_parts(self._view, self._scope, self.size.width - taken)
        views = Content(_BETWEEN).join(
            content(label).stylize(style["view"]) if view == self._view else content(label)
            for view, label in labels
        )
        right = Content(_BETWEEN).join([views, *badges]) + Content(" ")
        gap = " " * max(1, self.size.width - len(name) - measure(names) - right.cell_length)
        at = len(name) + measure(names) + len(gap)
        self.tabs = []
        for view, label in labels:
            self.tabs.append((range(at, at + len(label)), view))
            at += len(label) + len(_BETWEEN)
        return content(name).stylize(style["name"]) + content(names + gap) + right


Tabs = list[tuple[str, str]]
"""The id and the label of each view."""


def title_parts(view: str, scope: str, room: int) -> tuple[str, str, Tabs]:
    """Return the name of the program, the accounts in use and the views, as far as they fit.

    The names of views that are not open are shortened first; then the name of the program goes,
    the accounts are cut, and at last only the keys of the views are left.

    Args:
        view: The view that is open, whose name is never shortened.
        scope: The accounts in use, in words.
        room: Cells of the line for all of it.
    """
    whole, short, bare = (
        _tabs(view, lambda one: one.name),
        _tabs(view, lambda one: one.short),
        _tabs(view, lambda one: ""),
    )
    cells = measure(scope)
    for name, least, tabs in (
        (f"{_NAME} ", cells, whole),
        (_NAME, min(cells, _LEAST_SCOPE), short),
        (" ", min(cells, _LEAST_ALONE), short),
        (_NAME, min(cells, _LEAST_ALONE), bare),
        (" ", 0, bare),
    ):
        left = room - len(name) - _cells(tabs) - 1
        if left >= least:
            break
    return name, fit(scope, max(0, min(left, cells))), tabs


def _tabs(view: str, name: Callable[[ViewSpec], str]) -> Tabs:
    return [
        (one.id, f"{one.key} {one.name if one.id == view else name(one)}".rstrip())
        for one in VIEWS.values()
    ]


def _cells(tabs: Tabs) -> int:
    return sum(len(label) for _, label in tabs) + len(_BETWEEN) * (len(tabs) - 1)


def scope_of(session: "Session") -> str:
    """Return which accounts are in use."""
    accounts = session.accounts
    chosen = len(session.config.accounts) not in (0, len(accounts))
    names = ", ".join(account.name for account in accounts)
    return names if chosen or len(accounts) == 1 else "all accounts"


def badges_of(session: "Session") -> tuple[str, ...]:
    """Return what to beware of."""
    production = any(account.production for account in session.accounts)
    flags = (
        ("DEMO", session.demo),
        ("READ-ONLY", session.read_only),
        ("PRODUCTION", production),
    )
    return tuple(badge for badge, shown in flags if shown)


_THE_REST = " @: all"


class Tone(StrEnum):
    """The meaning of a text, shown as a colour; the words say it too."""

    PLAIN = "plain"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Part:
    """One account's words."""

    text: str
    tone: Tone = Tone.PLAIN


class StatusLine(Widget):
    """Accounts side by side; a message stands in their place until the next key."""

    COMPONENT_CLASSES = {"status-line--good", "status-line--warn", "status-line--bad"}  # noqa: RUF012 - Textual's own declaration

    def __init__(self) -> None:
        super().__init__()
        self._parts: tuple[Part, ...] = ()
        self._message: Part | None = None

    def show(self, parts: tuple[Part, ...]) -> None:
        """Show how the accounts stand."""
        if parts != self._parts:
            self._parts = parts
            if self._message is None:
                self.refresh()

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show a message in the place of the accounts."""
        self._message = Part(text, tone)
        self.refresh()

    def settle(self, text: str | None = None) -> None:
        """Take the message away, or only the one that says ``text``."""
        if self._message is not None and text in (None, self._message.text):
            self._message = None
            self.refresh()

    def render(self) -> Content:
        """Draw the line."""
        if self._message is not None:
            return Content(" ") + self._cut(self._message)
        parts = self._parts
        return Content(" ") + Content("  ·  ").join(self._styled(part) for part in parts)

    def _cut(self, message: Part) -> Content:
        """Return a message on one line, and say where the rest of a long one is."""
        room = self.size.width - 2
        text = message.text
        if measure(text) > room:
            text = fit(text, room - len(_THE_REST)) + _THE_REST
        return self._styled(Part(text, message.tone))

    def _styled(self, part: Part) -> Content:
        if part.tone is Tone.PLAIN:
            return content(part.text)
        return content(part.text).stylize(self.get_visual_style(f"status-line--{part.tone}"))


@dataclass(frozen=True, slots=True)
class Verb:
    """One key and its word."""

    key: str
    word: str
    enabled: bool = True
    press: str = ""
    """The key by Textual's name; a click on the verb presses it."""


class VerbBar(Widget):
    """The footer: at most seven keys with their words."""

    COMPONENT_CLASSES = {"verb-bar--key", "verb-bar--off"}  # noqa: RUF012 - Textual's own declaration

    def __init__(self) -> None:
        super().__init__()
        self._verbs: tuple[Verb, ...] = ()
        self._places: list[tuple[range, str]] = []
        """The cells where each verb stands, and its key, as last drawn."""

    class Clicked(Message):
        """A verb was clicked, which asks for what its key does."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def on_click(self, event: "events.Click") -> None:
        """Tell which verb was clicked."""
        for cells, key in self._places:
            if event.x in cells:
                self.post_message(self.Clicked(key))

    def show(self, verbs: Sequence[Verb]) -> None:
        """Show these verbs; repaints only when they differ."""
        if tuple(verbs) != self._verbs:
            self._verbs = tuple(verbs)
            self.refresh()

    def render(self) -> Content:
        """Draw as many verbs as the line holds."""
        key_style = self.get_visual_style("verb-bar--key")
        off_style = self.get_visual_style("verb-bar--off")
        line = Content(" ")
        used = 1
        self._places = []
        for verb in self._verbs:
            text = f"{verb.key} {verb.word}"
            if used + measure(text) > self.size.width:
                break
            self._places.append((range(used, used + measure(text)), verb.press))
            if verb.enabled:
                line += content(verb.key).stylize(key_style) + content(f" {verb.word}  ")
            else:
                line += content(f"{text}  ").stylize(off_style)
            used += measure(text) + 2
        return line
