"""Filter a table while typing: complete, recall, and say what the filter leaves."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Static

from tui_numbers.domain.filter_terms import PLAIN, Layout
from tui_numbers.domain.filtering import Completion, FilterError, complete
from tui_numbers.ui.actions import Scope, bindings_of
from tui_numbers.ui.line_input import LineInput
from tui_numbers.ui.table import NumberTable
from tui_numbers.ui.text import content

Values = Mapping[str, Iterable[str]]
"""The values that are known of fields and of kinds of targets."""

_MOST_RECALLED = 100


def _nothing_more() -> None:
    """Stand for what follows where nothing does."""


class FilterInput(LineInput):
    """Keeps the filter on Enter, clears it on Escape, completes on Tab, recalls on Up."""

    class Left(Message):
        """The person is done with the filter."""

    class Offered(Message):
        """Several things may stand where Tab was pressed."""

        def __init__(self, choices: tuple[str, ...], text: str) -> None:
            super().__init__()
            self.choices = choices
            self.text = text

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(Scope.FILTER)

    def __init__(self, layout: Layout, values: Callable[[], Values]) -> None:
        super().__init__(
            placeholder="last digits, name, target; Tab shows fields",
            select_on_focus=False,
        )
        self._layout = layout
        self._values = values
        self._offered: Completion | None = None
        self._offered_in = ""
        """What stood here when something was offered."""
        self._next = 0
        self._past: list[str] = []
        """Filters that were used in this run, the latest last."""
        self._at = 0
        """Which of them stands here; their number where it is none."""
        self._typed = ""
        """What stood here before one of them was recalled."""

    def action_leave(self) -> None:
        """Go back to the table and keep the filter."""
        self.remember()
        self.post_message(self.Left())

    def action_next(self) -> None:
        """Go to the filter used after the one that was recalled, or back to the table."""
        if self._at < len(self._past):
            self._recall(self._at + 1)
        else:
            self.action_leave()

    def action_recall(self) -> None:
        """Go to the filter that was used before."""
        if self._at == len(self._past):
            self._typed = self.value
        if self._at:
            self._recall(self._at - 1)

    def action_clear(self) -> None:
        """Empty the filter; with nothing left to empty, go back to the table."""
        if self.value:
            self.remember()
            self.value = ""
        else:
            self.post_message(self.Left())

    def action_complete(self) -> None:
        """Complete what stands before the cursor; again goes through what it may be."""
        offered = self._offered
        if offered is None or self.value != self._offered_in:
            self._complete(complete(self.value, self.cursor_position, self._layout, self._values()))
            return
        choice = offered.choices[self._next % len(offered.choices)]
        self._next += 1
        self._put(Completion(offered.start, self.cursor_position), choice)
        self._offer(offered)

    def remember(self) -> None:
        """Keep the filter for the rest of this run, to be recalled."""
        if text := self.value.strip():
            others = [one for one in self._past if one != text]
            self._past = [*others[-_MOST_RECALLED:], text]
        self._at = len(self._past)

    def _complete(self, found: Completion) -> None:
        if not found.choices:
            return
        if len(found.choices) == 1:
            self._put(found, found.choices[0])
            return
        if found.shared.startswith(self.value[found.start : found.end]):
            self._put(found, found.shared)
        self._next = 0
        self._offer(found)

    def _offer(self, found: Completion) -> None:
        """Let the next Tab go on with what may stand here, while nothing else is typed."""
        self._offered, self._offered_in = found, self.value
        self.post_message(self.Offered(found.choices, self.value))

    def _put(self, place: Completion, text: str) -> None:
        self.value = f"{self.value[: place.start]}{text}{self.value[place.end :]}"
        self.cursor_position = place.start + len(text)

    def _recall(self, at: int) -> None:
        self._at = at
        self.value = self._past[at] if at < len(self._past) else self._typed
        self.cursor_position = len(self.value)


class FilterLine(Horizontal):
    """The filter and, at its right, how many rows are shown, or why the filter cannot be read."""

    def __init__(self, layout: Layout = PLAIN, values: Callable[[], Values] = dict) -> None:
        super().__init__()
        self._layout = layout
        self._values = values
        self._count = ""
        self._problem = ""
        self._said = ("", False)
        """What stands at the right, and whether it is a problem."""
        self._offer = ("", "")
        """What Tab may complete to, and the filter for which it may."""

    def compose(self) -> ComposeResult:
        """Lay the line out."""
        yield Static("/", classes="filter-sign", markup=False)
        yield FilterInput(self._layout, self._values)
        yield Static("", classes="filter-count", markup=False)

    @property
    def input(self) -> FilterInput:
        """Where the filter is typed."""
        return self.query_one(FilterInput)

    def apply(self, table: NumberTable[Any], then: Callable[[], None] = _nothing_more) -> None:
        """Show the rows that the filter finds; while it cannot be read, what was shown stays.

        ``then`` is called when they are shown, which may be later where there are very many.
        """
        text = self.input.value
        try:
            search = table.model.search_ahead(text)
            if search is None:
                table.set_filter(text)
        except FilterError as error:
            search, self._problem = None, str(error)
        else:
            self._problem = ""
        self._tell()
        if search is None:
            self.workers.cancel_group(self, "search")
            then()
        else:
            self._search(table, text, search, then)

    def count(self, text: str) -> None:
        """Say how many rows are shown."""
        self._count = text
        self._tell()

    @work(exclusive=True, group="search", exit_on_error=False)
    async def _search(
        self,
        table: NumberTable[Any],
        text: str,
        search: Callable[[], Callable[[], None]],
        then: Callable[[], None],
    ) -> None:
        """Try an expression on very many rows beside the event loop."""
        keep = await asyncio.to_thread(search)
        keep()
        if text == self.input.value:
            table.set_filter(text)
            then()

    def _tell(self) -> None:
        side = self.query_one(".filter-count", Static)
        choices, text = self._offer
        offered = choices if text == self.input.value else ""
        said = (offered or self._problem or self._count, bool(self._problem) and not offered)
        if said != self._said:
            # A new text asks for a layout, which costs more than finding the rows does.
            self._said = said
            side.set_class(said[1], "-problem")
            side.update(content(said[0]))

    def on_filter_input_offered(self, message: FilterInput.Offered) -> None:
        """Say what Tab may complete to."""
        message.stop()
        choices = " ".join(choice.strip() for choice in message.choices)
        self._offer = (choices, message.text)
        self._tell()
