"""Pick from lists: a value from one that narrows as you type, or the columns of a table."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui_numbers.ui.actions import Scope, bindings_of
from tui_numbers.ui.detail_facts import hung
from tui_numbers.ui.dialogs.dialog import Dialog
from tui_numbers.ui.line_input import LineInput
from tui_numbers.ui.text import content, fit, measure

if TYPE_CHECKING:
    from tui_numbers.ui.host import Host
    from tui_numbers.ui.layout import Column
    from tui_numbers.ui.table import NumberTable


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
        typed = self.query_one(Input).value
        found = list(self._search(typed))
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
        if typed.strip() and not found:
            words = "nothing matches"
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


_HINT = "Space shows, < > moves, u usual, Enter keeps, Esc drops"
_NO_ROOM, _EMPTY = "no room here", "empty here"
_LEAST_LINES = 5
_FRAME_LINES = 9
"""Lines of the screen that the list does not have."""


@dataclass(slots=True)
class _Entry:
    """One column in the list."""

    column: "Column[Any]"
    shown: bool


class ColumnsScreen(Dialog[tuple[str, ...]]):
    """Dismissed with the keys of the columns to show, none for the usual ones; None for no change.

    Args:
        columns: All columns of the table, in their usual order.
        chosen: What was chosen before; empty for the usual columns.
        drawn: The keys of what is on screen.
        empty: The keys of columns that no row has a value for.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(Scope.COLUMNS)

    def __init__(
        self,
        columns: "Sequence[Column[Any]]",
        chosen: Sequence[str],
        drawn: Iterable[str],
        empty: Iterable[str],
    ) -> None:
        super().__init__()
        self._empty = frozenset(empty)
        self._columns = tuple(columns)
        self._drawn = frozenset(drawn)
        self._entries = self._listed(chosen)
        self._at = 0

    def compose(self) -> ComposeResult:
        """Lay the dialog out."""
        with Vertical(classes="dialog columns"):
            yield Static("Columns", classes="dialog-title", markup=False)
            yield Static("", classes="column-list", markup=False)
            yield Static(content(_HINT), classes="dialog-note", markup=False)

    def on_mount(self) -> None:
        """Show the columns."""
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        """Show as many lines as there is room for."""
        super().on_resize(event)
        self._draw()

    def _listed(self, chosen: Sequence[str]) -> list[_Entry]:
        """Return the columns to show in their order, and behind them the others."""
        known = {column.key: column for column in self._columns}
        wanted = [key for key in chosen if key in known] or [
            column.key for column in self._columns if not column.extra
        ]
        entries = [_Entry(known[key], True) for key in wanted]
        return entries + [_Entry(one, False) for one in self._columns if one.key not in wanted]

    @property
    def _chosen(self) -> tuple[str, ...]:
        return tuple(entry.column.key for entry in self._entries if entry.shown)

    def _draw(self) -> None:
        room = max(_LEAST_LINES, self.app.size.height - _FRAME_LINES)
        first = max(0, min(self._at - room // 2, len(self._entries) - room))
        lines = [
            self._line(entry, cursor=first + at == self._at)
            for at, entry in enumerate(self._entries[first : first + room])
        ]
        self.query_one(".column-list", Static).update(Content("\n").join(lines))

    def _line(self, entry: _Entry, *, cursor: bool) -> Content:
        column = entry.column
        why = _EMPTY if column.key in self._empty else _NO_ROOM
        hidden = entry.shown and column.key not in self._drawn
        note = f"  {why}" if hidden else ""
        box = "[x]" if entry.shown else "[ ]"
        line = content(f"{'▌' if cursor else ' '} {box} {fit(column.meaning, 32).rstrip()}{note}")
        return line.stylize("bold") if cursor else line

    def action_move(self, by: int) -> None:
        """Go to another column."""
        self._at = max(0, min(self._at + by, len(self._entries) - 1))
        self._draw()

    def action_tick(self) -> None:
        """Show or hide the column under the cursor; one is always shown."""
        entry = self._entries[self._at]
        if entry.shown and len(self._chosen) == 1:
            self._note("one column stays")
            return
        entry.shown = not entry.shown
        self._draw()

    def action_shift(self, by: int) -> None:
        """Move the column under the cursor to the left or the right of its neighbour."""
        to = self._at + by
        if 0 <= to < len(self._entries):
            entries = self._entries
            entries[self._at], entries[to] = entries[to], entries[self._at]
            self._at = to
            self._draw()

    def action_usual(self) -> None:
        """Go back to the usual columns."""
        self._entries = self._listed(())
        self._at = 0
        self._draw()

    def action_keep(self) -> None:
        """Use the columns."""
        usual = tuple(entry.column.key for entry in self._listed(()) if entry.shown)
        self.leave(() if self._chosen == usual else self._chosen)

    def action_drop(self) -> None:
        """Leave the columns as they were."""
        self.leave(None)

    def _note(self, text: str) -> None:
        self.query_one(".dialog-note", Static).update(content(f"{text} · {_HINT}"))


async def choose_columns(host: "Host", view: str, table: "NumberTable[Any]") -> None:
    """Have the columns of a view's table chosen, and keep them for the next start."""
    drawn = [column.key for column in table.shown_columns]
    keys = await host.push_screen_wait(
        ColumnsScreen(table.columns, table.chosen, drawn, table.empty_columns)
    )
    if keys is not None:
        table.choose_columns(keys)
        host.preferences.keep_columns(view, keys)
