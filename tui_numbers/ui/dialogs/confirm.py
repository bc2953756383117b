"""Confirm writes in a dialog: before -> after, one consent, progress, the verdict."""

from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.scrollbar import ScrollBar
from textual.widgets import Button, Input, Static

from tui_numbers.domain import clock
from tui_numbers.domain.e164 import international
from tui_numbers.domain.operations import Outcome
from tui_numbers.domain.temporary import InvalidEnd, read_end, zoned_words
from tui_numbers.services.planning import Result
from tui_numbers.ui.actions import Scope, bindings_of
from tui_numbers.ui.detail_facts import hung
from tui_numbers.ui.dialogs.dialog import Dialog, PlainButton
from tui_numbers.ui.line_input import LineInput
from tui_numbers.ui.text import content, fit, measure
from tui_numbers.wording.plans import Line, summary_lines
from tui_numbers.wording.values import outcome_tone

_LABEL_WIDTH = 10


_STEP_WIDTH = 15


_OUTCOME_WIDTH = 9


_ENDS = frozenset(outcome.value for outcome in Outcome)


_RANKS = {"bad": 0, "warn": 1, "": 2, "dim": 2, "good": 3}
"""In which order results stand, by how they are meant: what somebody must deal with comes first."""


_STYLES = {
    "good": "$text-success bold",
    "warn": "$text-warning",
    "bad": "$text-error bold",
    "change": "bold",
}


def lines_content(lines: Sequence[Line], room: int = 0) -> Content:
    """Return lines with their labels in one column; with ``room``, further lines hang below."""
    width = max([_LABEL_WIDTH, *(measure(line.label) for line in lines)])
    drawn: list[Content] = []
    for line in lines:
        text = content(line.text)
        if line.tone in _STYLES:
            text = text.stylize(_STYLES[line.tone])
        label = f"{fit(line.label, width)} " if line.label else ""
        drawn.extend(hung(Content.styled(label, "$label"), text, room, measure(label)))
    return Content("\n").join(drawn)


class Progress:
    """Several lines, each of which goes its own way from its first step to its outcome."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = list(lines)
        self._steps: dict[int, str] = {}
        self._results: Sequence[Result] = ()

    def step(self, place: int, step: str) -> None:
        """Note the latest step of one line."""
        self._steps[place] = step

    def end(self, results: Sequence[Result]) -> None:
        """Note how every line ended."""
        self._results = results

    @property
    def done(self) -> int:
        """How many have come to an outcome."""
        return sum(step in _ENDS for step in self._steps.values())

    def lines(self) -> list[Line]:
        """Return the lines as they stand; once all have ended, those that failed come first."""
        if not self._results:
            return [
                replace(
                    line, text=f"{fit(self._steps.get(at, 'waiting'), _STEP_WIDTH)} {line.text}"
                )
                for at, line in enumerate(self._lines)
            ]
        # One line may have come to several results: a purchase, and where it was pointed then.
        known = {line.label: line.text for line in self._lines}
        ended = []
        for result in self._results:
            number = international(result.plan.number)
            told = result.error or _became(known.get(number, result.plan.action.value))
            text = f"{fit(result.outcome.value, _OUTCOME_WIDTH)} {told}"
            ended.append(Line(number, text, outcome_tone(result.outcome)))
        return sorted(ended, key=lambda line: _RANKS[line.tone])


def _became(change: str) -> str:
    """Return what a change led to: what was before stood in the question."""
    before, arrow, after = change.rpartition(" -> ")
    return f"-> {after}" if arrow else before or after


OnStep = Callable[[int, str], None]
"""Told of each step in a word, with the place of the plan that makes it."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What was typed beside the consent."""

    reason: str = ""
    until: datetime | None = None
    """When it is to be put back; None where it has no end."""
    earlier_stands: bool | None = None
    """Whether the end of an earlier temporary change stands; None where nobody was asked."""


Send = Callable[[Answers, OnStep], Coroutine[Any, Any, list[Result]]]
"""Applies what was confirmed, given the answers."""


_LINES = ".dialog-lines Static"


def _cut(line: Line, room: int) -> Line:
    """Return a line that takes no more than one line of ``room`` cells."""
    left = room - max(_LABEL_WIDTH, measure(line.label)) - 1
    return replace(line, text=fit(line.text, max(1, left)).rstrip())


_WIDTH = 76


_FRAME = 7
"""Cells of border, padding and scrollbar."""


_SCROLL_KEYS = {"down": 1, "up": -1, "pagedown": 10, "pageup": -10}


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
    names: Sequence[str] = ()
    """The production accounts concerned, whose names are typed before anything is sent."""
    can_be_undone: bool = False
    """Whether what was done can be put back from the verdict."""
    notes: Sequence[Line] = ()
    """What concerns all of the lines."""
    several: bool = False
    """Whether each line is a number of its own, which ends in its own way."""
    goes_on: bool = False
    """Whether it can be planned anew where a number is not any more as it was shown."""
    takes_end: bool = False
    """Whether it can be put back by itself at a time that is typed."""
    end_note: str = ""
    """What has to run for that."""
    earlier_end: str = ""
    """The earlier temporary change whose end may stand or be lifted; empty for none."""
    second: str = ""
    """What is asked once more, with Cancel focused, before anything is sent; empty for nothing."""
    stop: Callable[[], None] | None = None
    """Keeps what has not been sent yet from being sent, where there are several."""


class Then(Enum):
    """What the person wants after the verdict."""

    DONE = "done"
    GO_ON = "go on from the state that was found"
    UNDO = "put it back"


class ConfirmScreen(Dialog[list[Result]]):
    """Dismissed with the results, or None where nothing was confirmed."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(Scope.CONFIRM)
    takes_typed_ahead = False

    def __init__(self, question: Question, send: Send) -> None:
        super().__init__()
        self._question = question
        self._stand: dict[str, Sequence[Line]] = {}
        """What stands in each part of it, which another width lays out anew."""
        self._send = send
        self._results: list[Result] | None = None
        self._sending = False
        self._asked_again = False
        self._earlier_stands: bool | None = None
        self._sending_keys = "y sends"
        """Which keys send while Cancel has the focus."""
        self._complaint = ""
        """Why it was not sent; it goes as soon as that is not so any more."""
        self._progress = Progress(question.lines)
        self.then = Then.DONE

    def compose(self) -> ComposeResult:
        """Lay the dialog out."""
        question = self._question
        kind = " -several" if question.several else ""
        with Vertical(classes=f"dialog confirm{kind}"):
            with Horizontal(classes="dialog-heading"):
                yield Static(content(question.title), classes="dialog-title", markup=False)
                if question.badge:
                    yield Static(content(f" {question.badge} "), classes="badge danger")
            with VerticalScroll(classes="dialog-lines", can_focus=False):
                yield Static("", markup=False)
            if not question.forbidden:
                for name, (_, hint) in self._typed.items():
                    yield self._input(hint, name)
                hint = "reason (required)" if question.reason_required else "reason (optional)"
                yield self._input(hint, "reason")
                if question.takes_end:
                    yield self._input("put back (optional): after 2h, or at 07:00", "until")
            yield Static("", classes="dialog-verdict", markup=False)
            with Horizontal(classes="dialog-buttons"):
                if not question.forbidden:
                    yield PlainButton(question.verb, id="send", compact=True)
                closing = "Close" if question.forbidden else "Cancel"
                yield PlainButton(closing, id="cancel", compact=True)
            yield Static("", classes="dialog-note", markup=False)

    @property
    def _typed(self) -> dict[str, tuple[str, str]]:
        """What must be typed, and how that is asked for, by the id of its field."""
        question = self._question
        names = {
            f"name-{at}": (name, f"production: type {name}")
            for at, name in enumerate(question.names)
        }
        if not question.type_this:
            return names
        return names | {"typed": (question.type_this, question.type_hint)}

    def _input(self, hint: str, name: str) -> Input:
        return LineInput(placeholder=hint, id=name, max_length=200)

    def on_mount(self) -> None:
        """Put the focus where Enter does the expected and nothing dangerous."""
        question = self._question
        if question.forbidden or question.dangerous:
            first = "#cancel"
        elif self._typed:
            first = f"#{next(iter(self._typed))}"
        else:
            first = "#send"
        self.set_focus(self.query_one(first))
        self._put(_LINES, self._shown_lines())

    def on_resize(self, event: events.Resize) -> None:
        """Let long lines fit the new width."""
        super().on_resize(event)
        for where, lines in self._stand.items():
            self._put(where, lines)

    def _shown_lines(self) -> list[Line]:
        if self._question.several and (self._sending or self._results is not None):
            return self._progress.lines()
        lines = [*self._question.notes, *self._question.lines]
        return sorted(lines, key=self._place)

    def _place(self, line: Line) -> int:
        """Return where a line stands, so that what decides is seen without scrolling."""
        if line.label == "refused":
            return 0
        if line.tone == "change" and not self._question.several:
            return 1
        return 2 if line.label == "warning" else 3

    def on_descendant_focus(self) -> None:
        """Say what Enter does where the focus is now."""
        if self._results is None and not self._sending:
            self._note()

    def _note(self) -> None:
        focused = self.focused.id if self.focused is not None else None
        ends = ", f an end" if self._question.takes_end else ""
        if self._question.forbidden:
            text = "Enter or Esc closes"
        elif focused == "reason":
            text = "Enter goes on, Esc cancels"
        elif focused == "until":
            text = self._end_words() or "Enter goes on, Esc cancels; empty for good"
        elif focused in self._typed:
            _, hint = self._typed[focused]
            then = "Enter goes on" if self._question.dangerous else "Enter then sends"
            text = f"{hint}; {then}, Esc cancels"
        elif focused == "send" and self._typed_end():
            # When it is put back is what is confirmed too.
            text = f"{self._end_words()}; Enter or y sends, Esc or n cancels"
        elif focused == "send":
            text = f"Enter or y sends, Esc or n cancels, r gives a reason{ends}"
        else:
            text = f"Enter or Esc cancels, {self._sending_keys}, Tab moves, r gives a reason{ends}"
        self._put(".dialog-note", [Line("", text)])

    def _put(self, where: str, lines: Sequence[Line]) -> None:
        self._stand[where] = lines
        if self.stands:
            room = min(_WIDTH, self.app.size.width) - _FRAME
            several = self._question.several and where == _LINES
            if several and (self._sending or self._results is not None):
                # One line each: what is wrong comes first, and all of it is in History.
                lines = [_cut(line, room) if line.tone == "good" else line for line in lines]
            self.query_one(where, Static).update(lines_content(lines, room))

    @on(Input.Changed)
    def _retract(self) -> None:
        """Take away why nothing was sent, once it is not so any more."""
        self._note()
        missing = self._missing()
        if self._complaint and (missing is None or missing[1] != self._complaint):
            self._complaint = ""
            self._put(".dialog-verdict", [])

    @on(Input.Submitted)
    def _next_field(self, event: Input.Submitted) -> None:
        """Go on; what was to be typed sends once it stands there, and where it can be undone."""
        is_typed = event.input.id in self._typed
        wrong = self._missing()
        if is_typed and wrong is not None and wrong[0] is event.input:
            self._complain(*wrong)
        elif is_typed and not self._question.dangerous:
            self._confirm(again=False)
        elif is_typed:
            self.focus_next()
        else:
            # What need not be filled is passed over.
            self.set_focus(self.query_one("#cancel" if self._question.dangerous else "#send"))

    @on(Button.Pressed, "#send")
    def _pressed(self) -> None:
        self._confirm(again=self._asked_again)

    def action_send(self) -> None:
        """Send what was confirmed; where more is asked, this key alone does not answer it."""
        if not isinstance(self.focused, Input):
            self._confirm(again=False)

    def action_over(self) -> None:
        """Answer what was asked once more."""
        if self._asked_again and not isinstance(self.focused, Input):
            self._confirm(again=True)

    def action_until(self) -> None:
        """Go to the field for an end."""
        for field in self.query("#until").results(Input):
            self.set_focus(field)

    def action_earlier(self, stands: bool) -> None:
        """Say whether the end of an earlier temporary change stands, and send."""
        if self._question.earlier_end and not isinstance(self.focused, Input):
            self._earlier_stands = stands
            self._confirm(again=self._asked_again)

    def action_reason(self) -> None:
        """Go to the field for a reason."""
        for field in self.query("#reason").results(Input):
            self.set_focus(field)

    def _complain(self, field: Input, text: str) -> None:
        self._complaint = text
        self._put(".dialog-verdict", [Line("", f"not sent: {text}", "warn")])
        self.set_focus(field)

    def _ask(self, text: str, keys: str) -> None:
        """Ask something more, with Cancel focused; only the keys named answer it."""
        self._put(".dialog-verdict", [Line("", text, "warn")])
        self._sending_keys = keys
        self.set_focus(self.query_one("#cancel"))
        self._note()

    def _confirm(self, *, again: bool) -> None:
        """Send, once, where everything that is asked was answered."""
        question = self._question
        if self._sending or question.forbidden or self._results is not None:
            return
        missing = self._missing()
        if missing is not None:
            self._complain(*missing)
            return
        answers = self._answers()
        if question.earlier_end and answers.until is None and self._earlier_stands is None:
            ask = f"{question.earlier_end}: p puts it back then all the same, l lifts that end"
            self._ask(ask, "p or l answers")
            return
        if question.second and not again:
            self._asked_again = True
            self._ask(question.second, "o sends")
            return
        self._sending = True
        for widget in self.query("Input, Button"):
            widget.disabled = True
        stop = "c stops what is not sent yet; " if self._may_stop else ""
        note = f"{stop}Esc leaves; what was sent is read back and recorded all the same"
        self._put(".dialog-note", [Line("", note)])
        self.run_worker(self._run(answers), exit_on_error=True)

    def _answers(self) -> Answers:
        """Return what was typed; the end can be read, or it would have been complained of."""
        reason = self.query_one("#reason", Input).value.strip()
        typed = self._typed_end()
        until = read_end(typed, clock.now()) if typed else None
        return Answers(reason, until, self._earlier_stands)

    def _typed_end(self) -> str:
        return "".join(field.value.strip() for field in self.query("#until").results(Input))

    def _end_words(self) -> str:
        """Return how the end that is typed is read, and what has to run for it."""
        typed = self._typed_end()
        if not typed:
            return ""
        try:
            moment = zoned_words(read_end(typed, clock.now()))
        except InvalidEnd as error:
            return str(error)
        return f"put back {moment}; {self._question.end_note}"

    @property
    def _may_stop(self) -> bool:
        return self._sending and self._question.several and self._question.stop is not None

    def action_stop(self) -> None:
        """Send nothing more of several; what was sent is read back and recorded."""
        if self._may_stop and self._question.stop is not None:
            self._question.stop()
            self._put(".dialog-note", [Line("", "stopped: waiting for what was sent already")])

    def _missing(self) -> tuple[Input, str] | None:
        """Return the field that has to be filled first, and why."""
        for name, (wanted, hint) in self._typed.items():
            field = self.query_one(f"#{name}", Input)
            if field.value.strip() != wanted:
                return field, hint
        reason = self.query_one("#reason", Input)
        if self._question.reason_required and not reason.value.strip():
            return reason, "this account requires a reason"
        typed = self._typed_end()
        if typed:
            try:
                read_end(typed, clock.now())
            except InvalidEnd as error:
                return self.query_one("#until", Input), str(error)
        return None

    async def _run(self, answers: Answers) -> None:
        self._results = await self._send(answers, self._step)
        self._sending = False
        if not self.stands:
            return
        if self._question.several:
            self._progress.end(self._results)
            self._put(_LINES, self._progress.lines())
            self.query_one(".dialog-lines").scroll_home(animate=False)
            self.query_one(".confirm").add_class("-ended")
        for field in self.query(Input):
            field.display = False
        verdict = summary_lines(self._results)
        if answers.until is not None and self._any(Outcome.VERIFIED):
            verdict.append(Line("", f"until {zoned_words(answers.until)}"))
        self._put(".dialog-verdict", verdict)
        self.query_one(".dialog-buttons").display = False
        self._put(".dialog-note", [Line("", " · ".join([*self._helpful_keys(), "any key closes"]))])

    def _helpful_keys(self) -> Iterator[str]:
        """Yield the keys that go on from the verdict."""
        if self._may_undo:
            yield "U puts all of it back" if self._question.several else "u puts it back"
        if self._may_go_on:
            yield "g goes on from the fresh state"
        if self._any(Outcome.UNKNOWN) or self._any(Outcome.PENDING):
            yield "3 then S reads it again"
        if self._question.several:
            yield "arrows scroll"

    def _any(self, outcome: Outcome) -> bool:
        return any(result.outcome is outcome for result in self._results or ())

    @property
    def _may_undo(self) -> bool:
        return self._question.can_be_undone and self._any(Outcome.VERIFIED)

    @property
    def _may_go_on(self) -> bool:
        found = any(result.current is not None for result in self._results or ())
        return found and self._question.goes_on

    def _step(self, place: int, step: str) -> None:
        if self._question.several:
            self._progress.step(place, step)
            self._put(_LINES, self._progress.lines())
            count = f"{self._progress.done:,} of {len(self._question.lines):,} done"
            self._put(".dialog-verdict", [Line("", count)])
        else:
            self._put(".dialog-verdict", [Line("", step)])

    def on_key(self, event: events.Key) -> None:
        """Close on any key once the verdict was read; some go on from there."""
        if self._results is None or event.key in _SCROLL_KEYS:
            return
        event.stop()
        event.prevent_default()
        undoes = ("u", "U", "upper_u") if self._question.several else ("u",)
        if event.key == "g" and self._may_go_on:
            self.then = Then.GO_ON
        elif event.key in undoes and self._may_undo:
            self.then = Then.UNDO
        self.leave(self._results)

    def on_click(self, event: events.Click) -> None:
        """Close by a click once the verdict was read; the second of two is part of the first."""
        if self._results is None:
            super().on_click(event)
        elif event.chain == 1 and not isinstance(event.widget, ScrollBar):
            self.leave(self._results)

    def action_scroll_lines(self, by: int) -> None:
        """Scroll what is asked, where it is long."""
        self.query_one(".dialog-lines").scroll_relative(y=by, animate=False)

    def action_cancel(self) -> None:
        """Leave; a write under way goes on and is recorded."""
        self.leave(self._results)

    @on(Button.Pressed, "#cancel")
    def _cancelled(self) -> None:
        self.action_cancel()

    def action_other_button(self) -> None:
        """Move between the buttons."""
        if isinstance(self.focused, Button):
            others = [button for button in self.query(Button) if button is not self.focused]
            if others:
                others[0].focus()
