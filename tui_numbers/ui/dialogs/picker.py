"""Pick one of a list that narrows as you type: a target, a country, a command."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui_numbers.domain.dataclass import dataclass
from tui_numbers.ui.actions import Scope, bindings_of
from tui_numbers.ui.detail.facts import hung
from tui_numbers.ui.dialogs.dialog import Dialog
from tui_numbers.ui.line_input import LineInput
from tui_numbers.ui.text import content, fit, measure

_MOST_SHOWN = 200
_BAR = "▌ "
_UNTOUCHED = "  "


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be picked."""

    value: Any
    label: str
    note: str = ""
    """A few words at the right, such as where the choice comes from."""
    enabled: bool = True
    wraps: bool = False
    """Whether a long label goes on below, because its end matters."""


Search = Callable[[str], Sequence[Choice]]
"""Returns the choices for what is typed, best first; called on every key, so it must be quick."""


class PickerScreen(Dialog[Any]):
    """Dismissed with the value of the choice taken, or None."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(Scope.PICKER)

    def __init__(
        self, title: str, search: Search, *, hint: str = "", text: str = "", note: str = ""
    ) -> None:
        super().__init__()
        self._title = title
        self._search = search
        self._hint = hint
        self._text = text
        self._choices: list[Choice] = []
        self._note = note
        self._barred: int | None = None

    def compose(self) -> ComposeResult:
        """Lay the dialog out."""
        with Vertical(classes="dialog picker"):
            yield Static(content(self._title), classes="dialog-title", markup=False)
            yield LineInput(self._text, placeholder=self._hint, select_on_focus=False)
            yield OptionList(markup=False, compact=True)
            yield Static("", classes="dialog-note", markup=False)

    def on_mount(self) -> None:
        """Show the first choices."""
        self.query_one(OptionList).can_focus = False
        self.show_choices()

    def show_choices(self, note: str | None = None) -> None:
        """Ask for the choices again, because something was typed or has arrived."""
        found = list(self._search(self.query_one(Input).value))
        self._choices = found[:_MOST_SHOWN]
        choices = self.query_one(OptionList)
        room = max(20, choices.size.width - 4) if choices.size.width else 60
        choices.clear_options()
        choices.add_options(
            [
                Option(self._line(choice, room), disabled=not choice.enabled)
                for choice in self._choices
            ]
        )
        choices.highlighted = next(
            (place for place, choice in enumerate(self._choices) if choice.enabled), None
        )
        if note is not None:
            self._note = note
        more = len(found) - _MOST_SHOWN
        words = f"{more:,} more: type to narrow" if more > 0 else ""
        self.query_one(".dialog-note", Static).update(content(self._note or words))

    def _line(self, choice: Choice, room: int) -> Content:
        if choice.value is None and not choice.enabled:
            # Why nothing can be taken is read to its end, where the remedy stands.
            lines = hung(Content(_UNTOUCHED), content(choice.label), room, len(_UNTOUCHED))
            return Content("\n").join(lines)
        note = fit(choice.note, min(measure(choice.note), room // 2))
        if choice.wraps:
            narrow = max(8, room - measure(note) - len(_UNTOUCHED))
            label = content(choice.label)
            first, *rest = hung(Content(""), label, narrow + len(_UNTOUCHED), len(_UNTOUCHED))
            gap = " " * (narrow - first.cell_length + len(_UNTOUCHED))
            first = Content(_UNTOUCHED) + first + Content(gap) + content(note).stylize("dim")
            return Content("\n").join([first, *(Content(_UNTOUCHED) + line for line in rest)])
        left = fit(choice.label, max(8, room - measure(note) - 2))
        return Content(f"{_UNTOUCHED}{left}  ") + content(note).stylize("dim")

    @on(Input.Changed)
    def _narrow(self) -> None:
        self.show_choices()

    def on_resize(self, event: events.Resize) -> None:
        """Cut the lines to the new width."""
        self.show_choices()

    @on(Input.Submitted)
    def _take(self) -> None:
        at = self.query_one(OptionList).highlighted
        if at is not None and at < len(self._choices) and self._choices[at].enabled:
            self.leave(self._choices[at].value)

    @on(OptionList.OptionHighlighted)
    def _show_highlight(self, event: OptionList.OptionHighlighted) -> None:
        """Draw the bar of tables before the line that Enter takes, so that no colour is needed."""
        choices = event.option_list
        for place in {self._barred, event.option_index} - {None}:
            if place is not None and place < choices.option_count:
                bar = _BAR if place == event.option_index else _UNTOUCHED
                line = choices.get_option_at_index(place).prompt
                if isinstance(line, Content):
                    barred = Content(bar) + line[len(_BAR) :]
                    choices.replace_option_prompt_at_index(place, barred)
        self._barred = event.option_index

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self.leave(self._choices[event.option_index].value)

    def action_move(self, by: int) -> None:
        """Move in the list while the input keeps the focus."""
        choices = self.query_one(OptionList)
        enabled = [place for place, choice in enumerate(self._choices) if choice.enabled]
        if not enabled:
            return
        now = choices.highlighted
        at = enabled.index(now) if now in enabled else -1
        choices.highlighted = enabled[max(0, min(at + by, len(enabled) - 1))]

    def action_cancel(self) -> None:
        """Leave without picking."""
        self.leave(None)
