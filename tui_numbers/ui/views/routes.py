"""List saved routes, and how each stands by what is owned now."""

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from tui_numbers.domain.e164 import international
from tui_numbers.domain.operations import JournalError
from tui_numbers.domain.routes import RouteError
from tui_numbers.domain.temporary import zoned_words
from tui_numbers.ui.actions import Scope, bindings_of
from tui_numbers.ui.detail_facts import Fact, facts_content
from tui_numbers.ui.dialogs.dialog import PageScreen
from tui_numbers.ui.frame import Part, Tone
from tui_numbers.ui.host import CursorNumber, View
from tui_numbers.ui.selection import ActsOnSelection, Selection
from tui_numbers.ui.table import CursorMoved, NumberTable, RowOpened
from tui_numbers.ui.views.filter_line import FilterInput, FilterLine
from tui_numbers.ui.views.table_layouts import route_table
from tui_numbers.wording.on_call import (
    STANDING_WORDS,
    rehearsal_words,
    route_tone,
    route_words,
    setting_value_words,
    sharing_words,
    standing_tone,
)
from tui_numbers.wording.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_numbers.services.planning import Result
    from tui_numbers.services.routes import RouteState
    from tui_numbers.services.session import Session

_NOTHING = "no route is saved: mark numbers in Owned (1), then : and route NAME keeps them as one"
_UNMATCHED = "nothing matches the filter: Esc in the filter clears it"


class RoutesView(View):
    """Saved routes as a table."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(Scope.ROUTES)

    def __init__(self, session: "Session") -> None:
        super().__init__(id="routes")
        self._session = session

    def compose(self) -> ComposeResult:
        """Lay the view out."""
        yield FilterLine()
        yield NumberTable["RouteState"](
            route_table(),
            lambda row: row.route.name,
            lambda row: f"{row.route.name} {row.route.title} {route_words(row)}".casefold(),
            empty_message="reading the numbers of the routes",
            id="routes-table",
        )

    @property
    def table(self) -> "NumberTable[RouteState]":
        """The table."""
        return self.query_one("#routes-table", NumberTable)

    def selection(self) -> Selection:
        """Return the route under the cursor."""
        return Selection("routes", route=self.table.cursor_row)

    def action_begin(self, identifier: str) -> None:
        """Begin the flow of an action over the route under the cursor."""
        if isinstance(self.screen, ActsOnSelection):
            self.screen.action_begin(identifier)

    def when_opened(self) -> None:
        """Work out how the routes stand."""
        super().when_opened()
        self.refresh_rows()

    def take_results(self, results: "Sequence[Result]") -> None:
        """Work out again how the routes stand, where they are shown."""
        if self.display:
            self.refresh_rows()

    @work(exclusive=True, group="routes", exit_on_error=False)
    async def refresh_rows(self) -> None:
        """Read the files, the numbers and the journal again."""
        from tui_numbers.services.routes import Standings

        self._told = (Part("reading the numbers of the routes"),)
        self.post_message(CursorNumber(None))
        try:
            routes, problems = await asyncio.to_thread(self._session.routes.load_all)
            states = await Standings(self._session.writer).of(routes)
        except (RouteError, JournalError) as error:
            self.table.empty_message = "the routes cannot be read: @ says why"
            self._told = ()
            self.dashboard.say(str(error), Tone.BAD)
            return
        self.table.empty_message = _NOTHING
        self.table.sync(self.table.prepare(states))
        for problem in problems:
            self.dashboard.say(problem, Tone.BAD)
        count = f"{len(states):,} route{'' if len(states) == 1 else 's'}"
        self._told = (
            Part(count),
            *(Part(problem, Tone.BAD) for problem in problems),
            *(
                Part(f"{state.route.name} in force", Tone.GOOD)
                for state in states
                if state.in_force
            ),
        )
        self._count()
        self.post_message(CursorNumber(None))

    def _count(self) -> None:
        shown, total = self.table.shown_count, self.table.total_count
        if total and not shown:
            self.table.empty_message = _UNMATCHED
        words = f"{shown:,} of {total:,}" if shown != total else f"{total:,}"
        self.query_one(FilterLine).count(words)

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        if isinstance(event.input, FilterInput):
            self.query_one(FilterLine).apply(self.table, self._count)

    @on(FilterInput.Left)
    def _to_table(self) -> None:
        self.screen.set_focus(self.table)

    @on(CursorMoved)
    def _cursor_moved(self, event: CursorMoved) -> None:
        event.stop()
        self.post_message(CursorNumber(None))

    @on(RowOpened)
    def _opened(self, event: RowOpened) -> None:
        """Show the lines of the route under the cursor, and how each stands."""
        event.stop()
        state: RouteState = event.row
        width = min(self.app.size.width * 9 // 10, 100) - 8
        title = state.route.title or state.route.name
        self.app.push_screen(PageScreen(title, facts_content(route_facts(state), width)))


def route_facts(state: "RouteState") -> list[Fact]:
    """Return everything to know of a route: how it stands, and each of its numbers."""
    facts = [
        Fact("", state.route.name),
        Fact("Stands", route_words(state), route_tone(state)),
        Fact("Rehearsed", rehearsal_words(state.rehearsal)),
    ]
    if state.route.note:
        facts.append(Fact("Note", state.route.note))
    if state.until is not None:
        facts.append(Fact("Until", zoned_words(state.until)))
    facts += [Fact("Shares", line, "warn") for line in sharing_words(state)]
    facts += [Fact("File", line, "bad") for line in state.route.problems]
    for number in state.numbers:
        written = international(number.line.number) or UNKNOWN
        facts.append(Fact("", f"{written}  {number.line.account}"))
        for setting in number.settings:
            wanted = setting_value_words(number, setting.wanted)
            standing = STANDING_WORDS[setting.standing]
            told = f"{wanted}: {standing}"
            if setting.standing.value == "elsewhere":
                told += f", now {setting_value_words(number, setting.actual)}"
            facts.append(Fact(setting.key, told, standing_tone(setting.standing) or "dim"))
            if setting.problem:
                facts.append(Fact("problem", setting.problem, "bad"))
    return facts
