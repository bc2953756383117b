"""Draw form controls: choices, tick boxes, and a setting with its problem beside it."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from tui_numbers.domain.changes import CLEAR, Edit, Set
from tui_numbers.domain.numbers import Stored
from tui_numbers.domain.text import clean, is_storable
from tui_numbers.providers.contract import ProviderInfo, SettingSpec, ValueKind
from tui_numbers.services.input_parsing import InvalidInput, change_notes, read_value
from tui_numbers.ui.actions import Scope, bindings_of
from tui_numbers.ui.line_input import LineInput, StoredInput
from tui_numbers.ui.text import content


class ChoiceField(Widget, can_focus=True):
    """One of a few words; left, right and Space change it."""

    class Changed(Message):
        """Another word was chosen."""

        def __init__(self, field: "ChoiceField") -> None:
            super().__init__()
            self.field = field

        @property
        def control(self) -> "ChoiceField":
            """The field."""
            return self.field

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(Scope.CHOICE)

    def __init__(
        self,
        choices: tuple[tuple[str, str], ...],
        value: str,
        *,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id, classes="choice-field")
        self._choices = choices
        self.value = value

    def render(self) -> Content:
        """Draw the word between arrows."""
        return Content("‹ ") + content(dict(self._choices).get(self.value, self.value)) + " ›"

    def action_step(self, by: int) -> None:
        """Choose the next or the previous word."""
        values = [value for value, _ in self._choices]
        at = values.index(self.value) if self.value in values else 0
        self.set_value(values[(at + by) % len(values)])

    def set_value(self, value: str) -> None:
        """Choose a word."""
        if value != self.value:
            self.value = value
            self.refresh(layout=True)
            self.post_message(self.Changed(self))

    def on_click(self) -> None:
        """Choose the next word with the mouse."""
        self.action_step(1)


class Toggle(Widget, can_focus=True):
    """A box that is ticked or not; Space and Enter change it."""

    class Changed(Message):
        """The box was changed."""

        def __init__(self, toggle: "Toggle") -> None:
            super().__init__()
            self.toggle = toggle

        @property
        def control(self) -> "Toggle":
            """The box."""
            return self.toggle

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(Scope.TOGGLE)

    def __init__(self, label: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="toggle")
        self.label = label
        self.value = False

    def render(self) -> Content:
        """Draw the box and its word."""
        return Content(f"[{'x' if self.value else ' '}] ") + content(self.label)

    def action_tick(self) -> None:
        """Change the box."""
        self.value = not self.value
        self.refresh()
        self.post_message(self.Changed(self))

    def on_click(self) -> None:
        """Change the box with the mouse."""
        self.action_tick()


class ShownSetting(Vertical):
    """A setting that is not changed from here: its name, its value, and who changes it."""

    def __init__(self, spec: SettingSpec, words: str) -> None:
        super().__init__(classes="setting-field")
        self._spec = spec
        self._words = words

    def compose(self) -> ComposeResult:
        """Lay the lines out."""
        with Horizontal(classes="setting-line"):
            yield Static(content(f"  {self._spec.label}"), classes="setting-label", markup=False)
            yield Static(content(self._words), classes="setting-shown", markup=False)
        why = content(f"shown only: {self._spec.why_not_settable}")
        yield Static(why, classes="setting-why", markup=False)


_DIFFERS = ""
"""Stands in a choice for values that differ from number to number, and are kept."""


class SettingField(Vertical):
    """One setting: its name, its value, and beside it what is wrong."""

    def __init__(
        self,
        info: ProviderInfo,
        spec: SettingSpec,
        stored: Sequence[Stored],
        home: str | None,
        name_of: Callable[[str], str | None] = lambda value: None,
    ) -> None:
        """Take what the setting is at each of the numbers that are edited together."""
        super().__init__(classes="setting-field")
        self._info = info
        self.spec = spec
        self._differs = any(value != stored[0] for value in stored)
        self._is_stored = any(value is not None for value in stored)
        self._stored = None if self._differs else stored[0]
        # Only a value that was changed is sent, so what cannot be typed is kept as it is.
        told = self._stored if isinstance(self._stored, str) else ""
        self._shown = told if self._is_text and is_storable(told) else clean(told)
        self._home = home
        self._name_of = name_of
        self._said = ("", "")
        """The label and the note that are shown."""

    def compose(self) -> ComposeResult:
        """Lay the field out."""
        with Horizontal(classes="setting-line"):
            yield Static(content(f"  {self.spec.label}"), classes="setting-label", markup=False)
            if self.spec.kind is ValueKind.CHOICE:
                yield self._choice()
            elif self._is_text:
                yield StoredInput(self._shown, placeholder=self._placeholder())
            else:
                yield LineInput(self._shown, placeholder=self._placeholder())
            if self.spec.clearable and self._is_stored:
                yield Toggle("clear")
        yield Static("", classes="setting-problem", markup=False)

    def _choice(self) -> ChoiceField:
        choices = tuple((word, word) for word in self.spec.choices)
        if self._differs:
            return ChoiceField(((_DIFFERS, "differs, kept"), *choices), _DIFFERS)
        return ChoiceField(choices, self._shown or self.spec.choices[0])

    @property
    def _is_text(self) -> bool:
        return self.spec.kind is ValueKind.TEXT

    def _placeholder(self) -> str:
        """Return what an empty field says; in brackets, as no value is written."""
        if self._differs:
            return "(they differ; empty keeps each)"
        if self._stored is not None and not isinstance(self._stored, str):
            return f"({self._stored}; empty keeps it)"
        if not self.spec.readable:
            return "(not told by the provider; empty keeps it)"
        written = () if self.spec.bare else self.spec.target_kinds
        kinds = " or ".join(f"{kind}:…" for kind in written)
        return f"(empty; {kinds})" if kinds else "(empty)"

    @property
    def text(self) -> str:
        """What stands in the field."""
        found = self.query("Input, ChoiceField").first()
        return found.value if isinstance(found, Input | ChoiceField) else ""

    def put(self, text: str) -> None:
        """Fill the field."""
        found = self.query("Input, ChoiceField").first()
        if isinstance(found, Input):
            found.value = text
        elif isinstance(found, ChoiceField):
            found.set_value(text)

    @property
    def _clearing(self) -> bool:
        toggles = self.query(Toggle)
        return bool(toggles) and toggles.first().value

    def edit(self) -> Edit | None:
        """Return what the field asks for; None keeps what is stored.

        Raises:
            InvalidInput: What stands there cannot be used.
        """
        if self._clearing:
            return CLEAR
        text = self.text.strip()
        if not text or text == self._shown.strip():
            return None
        if (
            self.spec.kind is ValueKind.CHOICE
            and not self._differs
            and self._stored is None
            and text == self.spec.choices[0]
        ):
            return None
        value = read_value(self._info, self.spec.key, self.text, self._home)
        return None if value == self._stored and not self._differs else Set(value)

    def check(self) -> bool:
        """Show whether the field is changed and what is wrong; tell whether it is usable."""
        problem = ""
        changed = False
        try:
            changed = self.edit() is not None
        except InvalidInput as error:
            problem, changed = str(error), True
        emptied = self._stored is not None and not self.text.strip() and not self._clearing
        named = self._name_of(self.text.strip())
        note = problem or (f"= {named}" if named else "")
        if changed and not note:
            note = "; ".join(change_notes(self._info, {self.spec.key: self.text}, self._home))
        if emptied and not problem:
            note = "empty keeps what is stored" + (
                ": tick clear to remove it" if self.spec.clearable else ""
            )
        self.set_class(changed, "-changed")
        self.set_class(bool(problem), "-problem")
        self._say(f"{'*' if changed else ' '} {self.spec.label}", note)
        return not problem

    def _say(self, label: str, note: str) -> None:
        """Write a label, and a note below it; a new note has the whole form laid out."""
        if (label, note) == self._said:
            return
        self._said = (label, note)
        self.query_one(".setting-label", Static).update(content(label), layout=False)
        line = self.query_one(".setting-problem", Static)
        line.update(content(note))
        line.display = bool(note)
