"""The base of every dialog, the yes-or-no question, and a page of text."""

from collections.abc import Iterable
from typing import Any, ClassVar, Generic, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from tui_numbers.ui.actions import Scope, bindings_of
from tui_numbers.ui.frame import NeedsRoom
from tui_numbers.ui.keyboard import AwaitsKeys, DialogShown
from tui_numbers.ui.line_input import LineInput
from tui_numbers.ui.text import content, measure
from tui_numbers.ui.themes import OTHER_STYLES

T = TypeVar("T")


_ROOMY = 22
"""Lines from which a dialog keeps a distance to its border."""


class Dialog(AwaitsKeys, NeedsRoom, ModalScreen[T], Generic[T]):
    """A screen that asks one thing."""

    CSS_PATH = OTHER_STYLES
    VERTICAL_BREAKPOINTS = [(0, "-low"), (_ROOMY, "-high")]  # noqa: RUF012 - as Textual has it
    _left = False

    def __init__(self) -> None:
        super().__init__()
        self.made_at = Message().time

    @on(events.Compose)
    def _know_the_height(self) -> None:
        """Take the class of the height before any part comes that is styled for it.

        The first resize would give it too, and have every part styled once more.
        """
        self.add_class("-high" if self.app.size.height >= _ROOMY else "-low", update=False)

    def on_screen_suspend(self) -> None:
        """Make room for the one above: two boxes at once read as one with too many edges."""
        # One that was left is suspended too, and needs no other looks any more.
        if self in self.app.screen_stack:
            self.add_class("-covered")

    @on(events.ScreenResume)
    def _style_once(self, event: events.ScreenResume) -> None:
        """Style nothing again that was styled as it came."""
        event.refresh_styles = False

    def on_screen_resume(self) -> None:
        """Take keys only once the dialog can be seen."""
        self.remove_class("-covered")
        self.call_after_refresh(self._now_shown)

    def _now_shown(self) -> None:
        if not self.shown:
            self.post_message(DialogShown(self))

    def on_click(self, event: events.Click) -> None:
        """Take a click beside the box for Esc: the mouse alone gets out of every dialog."""
        if event.widget is self:
            # From the app, for a key that a screen sends comes no further than that screen.
            self.app.call_later(self.app.simulate_key, "escape")

    @property
    def stands(self) -> bool:
        """Whether its parts can be written to; they go one by one while it is taken away."""
        return self.is_attached and bool(self.display)

    @property
    def unsaved(self) -> str:
        """What was typed here and would be lost by leaving; empty for nothing."""
        return ""

    async def leave_unsaved(self) -> None:
        """Leave without a result; asks before anything typed is dropped."""
        if not self.unsaved or await drops_unsaved(self.app, [self], "Leave the form?"):
            self.leave(None)

    def leave(self, result: T | None = None) -> None:
        """End the dialog; a second key that was on its way ends nothing more."""
        if self.is_active and not self._left:
            self._left = True
            self.dismiss(result)


async def drops_unsaved(app: Any, dialogs: Iterable[Dialog[Any]], title: str) -> bool:
    """Ask whether what stands in dialogs and was not sent is dropped; yes where there is none."""
    lost = "; ".join(dialog.unsaved for dialog in dialogs if dialog.unsaved)
    if not lost:
        return True
    question = AskScreen(title, f"not sent: {lost}", "Drop changes", "Keep editing")
    return bool(await app.push_screen_wait(question))


class PlainButton(Button):
    """A button that takes every press; Textual's own takes none for a while after one."""

    def __init__(self, label: str, *, id: str, compact: bool) -> None:  # noqa: A002
        super().__init__(content(label), id=id, compact=compact)
        self.active_effect_duration = 0

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Return the cells of the word, its brackets, and Textual's space around them."""
        return measure(str(self.label)) + 4

    def render(self) -> Content:
        """Draw the word, between brackets where it has the focus: seen without colours too."""
        left, right = "[]" if self.has_focus else "  "
        return Content(left) + content(str(self.label)) + Content(right)


class LineScreen(Dialog[str]):
    """Dismissed with the line that was typed, or None."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(Scope.LINE)

    def __init__(self, title: str, value: str, hint: str, problem: str = "") -> None:
        """Take what stands in the line at first, and what was wrong with it the last time."""
        super().__init__()
        self._title = title
        self._value = value
        self._hint = hint
        self._problem = problem

    def compose(self) -> ComposeResult:
        """Lay the dialog out."""
        with Vertical(classes="dialog ask"):
            yield Static(content(self._title), classes="dialog-title", markup=False)
            yield LineInput(self._value, max_length=1000)
            yield Static(content(self._problem), classes="line-problem", markup=False)
            yield Static(content(self._hint), classes="dialog-note", markup=False)

    def on_mount(self) -> None:
        """Begin to type."""
        self.set_focus(self.query_one(LineInput))

    @on(LineInput.Changed)
    def _changed(self, event: LineInput.Changed) -> None:
        """Take away what was wrong with what stood there."""
        if self._problem and event.value != self._value:
            self._problem = ""
            self.query_one(".line-problem", Static).update(content(""))

    @on(LineInput.Submitted)
    def _taken(self, event: LineInput.Submitted) -> None:
        if event.value.strip():
            self.leave(event.value)

    def action_cancel(self) -> None:
        """Leave without a line."""
        self.leave(None)


class AskScreen(Dialog[bool]):
    """Dismissed with True for yes."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(Scope.QUESTION)

    takes_typed_ahead = False

    def __init__(self, title: str, text: str, yes: str, no: str) -> None:
        super().__init__()
        self._title = title
        self._question = text
        self._yes = yes
        self._no = no

    def compose(self) -> ComposeResult:
        """Lay the question out."""
        with Vertical(classes="dialog ask"):
            yield Static(content(self._title), classes="dialog-title", markup=False)
            yield Static(content(self._question), classes="dialog-question", markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield PlainButton(self._no, id="no", compact=True)
                yield PlainButton(self._yes, id="yes", compact=True)
            yield Static("", classes="dialog-note", markup=False)

    def on_mount(self) -> None:
        """Let Enter change nothing."""
        self.set_focus(self.query_one("#no"))

    def on_descendant_focus(self) -> None:
        """Say what Enter does with the button that has the focus."""
        takes = self._yes if self.focused is self.query_one("#yes") else self._no
        note = f"Enter: {takes} · y: {self._yes} · n or Esc: {self._no}"
        self.query_one(".dialog-note", Static).update(content(note))

    def change(self, title: str, text: str) -> None:
        """Ask in other words, since what they were about is not so any more."""
        if self.stands:
            self.query_one(".dialog-title", Static).update(content(title))
            self.query_one(".dialog-question", Static).update(content(text))

    def action_answer(self, answer: bool) -> None:
        """Answer."""
        self.leave(answer)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.leave(event.button.id == "yes")


class PageScreen(Dialog[None]):
    """Scrolls with the usual keys, and goes on Escape, q or the key that opened it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(Scope.PAGE)

    def __init__(self, title: str, page: Content, *, at_end: bool = False) -> None:
        super().__init__()
        self._title = title
        self._text = page
        self._at_end = at_end

    def compose(self) -> ComposeResult:
        """Lay the page out."""
        with Vertical(classes="dialog page"):
            yield Static(content(self._title), classes="dialog-title", markup=False)
            with VerticalScroll(classes="page-text", can_focus=False):
                yield Static(self._text, markup=False)
            yield Static("Esc closes · y copies", classes="dialog-note", markup=False)

    def on_mount(self) -> None:
        """Begin at the end where that is the newest."""
        if self._at_end:
            self.query_one(".page-text").scroll_end(animate=False)

    def action_move(self, by: int) -> None:
        """Scroll by lines."""
        self.query_one(".page-text").scroll_relative(y=by, animate=False)

    def action_page(self, by: int) -> None:
        """Scroll by pages."""
        area = self.query_one(".page-text")
        area.scroll_relative(y=by * max(1, area.size.height - 1), animate=False)

    def action_end(self, which: int) -> None:
        """Scroll to the top or the end."""
        area = self.query_one(".page-text")
        if which < 0:
            area.scroll_home(animate=False)
        else:
            area.scroll_end(animate=False)

    def action_copy(self) -> None:
        """Copy the page through the terminal."""
        self.app.copy_to_clipboard(self._text.plain)

    def action_close(self) -> None:
        """Leave."""
        self.leave()
