"""Before -> after, one confirmation, the steps, the verdict: all on one screen that stays."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from tui_numbers.services.changes import Result
from tui_numbers.ui.previews import Line, result_lines
from tui_numbers.ui.text import content, fit

OnStep = Callable[[str], None]
Send = Callable[[str, OnStep], Coroutine[Any, Any, list[Result]]]
"""Applies what was confirmed, given the reason; tells its steps in a word each."""

_LABEL_WIDTH = 10


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be confirmed."""

    title: str
    lines: Sequence[Line]
    verb: str
    """The action's word, on its button."""
    badge: str = ""
    """PRODUCTION, or nothing."""
    forbidden: bool = False
    """Whether the rules refuse it, so that it can only be read."""
    type_this: str = ""
    """What must be typed before the action can be taken; empty for nothing."""
    type_hint: str = ""
    dangerous: bool = False
    """Whether Cancel has the focus."""
    reason_required: bool = False
    undo_hint: str = ""


class ConfirmScreen(ModalScreen[list[Result] | None]):
    """Dismissed with the results, or None where nothing was confirmed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "send", "do it", show=False, id="confirm.yes"),
        Binding("n,escape", "cancel", "cancel", show=False, id="confirm.no"),
        Binding("left,right", "other_button", "other button", show=False, id="confirm.other"),
    ]

    def __init__(self, question: Question, send: Send) -> None:
        super().__init__()
        self._question = question
        self._send = send
        self._results: list[Result] | None = None
        self._sending = False

    def compose(self) -> ComposeResult:
        """Lay the dialog out."""
        question = self._question
        with Vertical(classes="dialog confirm"):
            with Horizontal(classes="dialog-heading"):
                yield Static(content(question.title), classes="dialog-title", markup=False)
                if question.badge:
                    yield Static(f" {question.badge} ", classes="badge danger", markup=False)
            with VerticalScroll(classes="dialog-lines", can_focus=False):
                yield Static(self._content(question.lines), markup=False)
            if question.type_this:
                yield self._input(question.type_hint, "typed")
            if not question.forbidden:
                hint = "reason (required)" if question.reason_required else "reason (optional)"
                yield self._input(hint, "reason")
            yield Static("", classes="dialog-verdict", markup=False)
            with Horizontal(classes="dialog-buttons"):
                if not question.forbidden:
                    yield Button(question.verb, id="send", compact=True)
                yield Button("Close" if question.forbidden else "Cancel", id="cancel", compact=True)
            yield Static("", classes="dialog-note", markup=False)

    def _input(self, hint: str, name: str) -> Input:
        field = Input(placeholder=hint, compact=True, id=name, max_length=200)
        field.cursor_blink = False
        return field

    def on_mount(self) -> None:
        """Put the focus where Enter does the expected and nothing dangerous."""
        question = self._question
        if question.forbidden or question.dangerous:
            self.query_one("#cancel").focus()
        elif question.type_this:
            self.query_one("#typed").focus()
        else:
            self.query_one("#send").focus()
        self._note()

    def _note(self) -> None:
        if self._question.forbidden:
            text = "Esc closes"
        elif self._question.type_this:
            text = "Tab moves, Esc cancels"
        else:
            text = "Enter or y does it, Esc or n does not, Tab to the reason"
        self.query_one(".dialog-note", Static).update(content(text))

    def _content(self, lines: Sequence[Line]) -> Content:
        shown = []
        for line in lines:
            text = content(line.text)
            if line.tone:
                text = text.stylize(self._tone(line.tone))
            label = fit(line.label, max(_LABEL_WIDTH, len(line.label))) + " " if line.label else ""
            shown.append(Content.styled(label, "dim") + text)
        return Content("\n").join(shown)

    @staticmethod
    def _tone(tone: str) -> str:
        return {
            "good": "$text-success bold",
            "warn": "$text-warning",
            "bad": "$text-error bold",
            "change": "bold",
        }.get(tone, "")

    @on(Input.Submitted)
    def _next_field(self) -> None:
        self.focus_next()

    @on(Button.Pressed, "#send")
    def action_send(self) -> None:
        """Send what was confirmed, once."""
        question = self._question
        if self._sending or question.forbidden or self._results is not None:
            return
        if isinstance(self.focused, Input):
            return
        if (
            question.type_this
            and self.query_one("#typed", Input).value.strip() != question.type_this
        ):
            self._say(f"not sent: {question.type_hint}", "warn")
            self.query_one("#typed").focus()
            return
        reason = self.query_one("#reason", Input).value.strip()
        if question.reason_required and not reason:
            self._say("not sent: this account requires a reason", "warn")
            self.query_one("#reason").focus()
            return
        self._sending = True
        for widget in self.query("Input, Button"):
            widget.disabled = True
        self.query_one(".dialog-note", Static).update(
            content("Esc leaves; what was sent is read back and recorded all the same")
        )
        self.run_worker(self._run(reason), exit_on_error=False)

    async def _run(self, reason: str) -> None:
        self._results = await self._send(reason, lambda step: self._say(step, ""))
        self._sending = False
        if not self.is_attached:
            return
        lines = [line for result in self._results for line in result_lines(result)]
        self.query_one(".dialog-verdict", Static).update(self._content(lines))
        self.query_one(".dialog-buttons").display = False
        hint = self._question.undo_hint
        done = any(result.outcome == "verified" for result in self._results)
        closing = "any key closes"
        note = f"{hint} · {closing}" if hint and done else closing
        self.query_one(".dialog-note", Static).update(content(note))

    def _say(self, text: str, tone: str) -> None:
        if self.is_attached:
            self.query_one(".dialog-verdict", Static).update(self._content([Line("", text, tone)]))

    def on_key(self, event: events.Key) -> None:
        """Close on any key once the verdict was read; ``u`` goes on to the undo."""
        if self._results is not None:
            event.stop()
            event.prevent_default()
            self.dismiss(self._results)
            if event.key == "u" and self._question.undo_hint:
                self.app.call_later(self.app.run_action, "undo")

    def action_cancel(self) -> None:
        """Leave; a write under way goes on and is recorded."""
        self.dismiss(self._results)

    @on(Button.Pressed, "#cancel")
    def _cancelled(self) -> None:
        self.action_cancel()

    def action_other_button(self) -> None:
        """Move between the buttons."""
        if isinstance(self.focused, Button):
            others = [button for button in self.query(Button) if button is not self.focused]
            if others:
                others[0].focus()
