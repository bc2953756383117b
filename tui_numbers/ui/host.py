"""Declare what flows and views may ask of the dashboard, and the messages to its screens."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Coroutine
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from textual import on
from textual.containers import Vertical
from textual.message import Message
from textual.message_pump import MessagePump
from textual.worker import Worker, WorkerState

from tui_numbers.domain.clock import now
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import AvailableNumber, OwnedNumber, TargetOption
from tui_numbers.domain.text import clean
from tui_numbers.ui.frame import Part, Tone
from tui_numbers.wording.values import time_of_day

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from textual.screen import Screen
    from textual.widgets import Input

    from tui_numbers.domain.numbers import Finding
    from tui_numbers.domain.operations import Operation
    from tui_numbers.domain.temporary import End
    from tui_numbers.providers.pacing import Waiting
    from tui_numbers.services.inventory import OwnedEvent
    from tui_numbers.services.planning import Result
    from tui_numbers.services.session import Session
    from tui_numbers.services.stock import StockEvent
    from tui_numbers.ui.detail_pane import DetailPane
    from tui_numbers.ui.flows.target_picker import RecentTargets
    from tui_numbers.ui.preferences import Preferences
    from tui_numbers.ui.screen import MainScreen
    from tui_numbers.ui.selection import Selection
    from tui_numbers.ui.table import NumberTable


_MOST_LINES = 500


class SessionLog:
    """The latest lines, oldest first."""

    def __init__(self) -> None:
        self._lines: deque[tuple[datetime, str]] = deque(maxlen=_MOST_LINES)

    def add(self, text: str) -> None:
        """Keep a line."""
        self._lines.append((now(), clean(text)))

    @property
    def lines(self) -> tuple[str, ...]:
        """All lines, for people."""
        return tuple(f"{time_of_day(when)}  {text}" for when, text in self._lines)


T = TypeVar("T")


class PendingWrites:
    """Every write that the dashboard has begun."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    @property
    def under_way(self) -> int:
        """How many have not ended yet."""
        return len(self._running)

    async def run(self, write: Coroutine[Any, Any, T]) -> T:
        """Run a write to its end, also when whoever awaits it is cancelled."""
        task = asyncio.create_task(write)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def one_ended(self) -> None:
        """Wait until one of them has ended."""
        if self._running:
            await asyncio.wait(set(self._running), return_when=asyncio.FIRST_COMPLETED)

    async def finish(self) -> None:
        """Wait until every write has ended and is recorded."""
        while self._running:
            await asyncio.wait(set(self._running))


class Host(Protocol):
    """The dashboard, as its parts know it."""

    session: "Session"
    writes: "PendingWrites"
    keys: "Mapping[str, str]"
    """What of the configured keymap is in use."""
    preferences: "Preferences"

    @property
    def main(self) -> "MainScreen":
        """The screen with the views."""

    @property
    def screen(self) -> "Screen[Any]":
        """The screen on top."""

    @property
    def recent_targets(self) -> "RecentTargets":
        """The targets picked in this session."""

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show one line until the next key, and keep it in the log."""

    def saying(self, text: str) -> AbstractContextManager[None]:
        """Say what is under way while a block runs, and no longer."""
        ...

    def read_other_styles(self) -> None:
        """Read the style sheets of dialogs and other views, if that was not done yet."""

    def log_line(self, text: str) -> None:
        """Keep a line for the log of this session."""

    def tell_failure(self, error: Exception) -> None:
        """Say that the program itself failed."""

    def copy(self, text: str, called: str = "") -> None:
        """Copy through the terminal, and say so; ``called`` is what several lines are."""

    async def push_screen_wait(self, screen: "Screen[T]") -> T | Any:
        """Show a screen, and return what it is dismissed with."""

    def begin(self, flow: "Coroutine[Any, Any, None]") -> None:
        """Run a flow of screens."""

    def begin_flow(self, action: str, chosen: "Selection") -> None:
        """Run the flow of an action over what is selected."""

    def find_owned(self, number: "E164") -> "OwnedNumber | None":
        """Return an owned number that is listed, if one account holds it."""

    def findings_of(self, number: "OwnedNumber") -> "Sequence[Finding]":
        """Return what is wrong with a number, as far as that was looked at."""
        ...

    def end_of(self, number: "OwnedNumber") -> "End | None":
        """Return the next end of a number that is temporary, as far as that was looked at."""

    def known_targets(self, account: str) -> "Sequence[TargetOption]":
        """Return the targets of an account as far as they were listed."""
        ...

    def operations_of(self, number: "OwnedNumber") -> "list[Operation]":
        """Read from the journal what was done to a number."""
        ...

    def take_results(self, results: "Sequence[Result]") -> None:
        """Show everywhere what operations came to."""

    def show_number(self, account: str, number: "E164", found: "OwnedNumber | None") -> None:
        """Show everywhere what a number is now that it was read; None where it is gone."""

    def reopen(self, session: "Session") -> None:
        """End this dashboard for another one over ``session``."""


class InDashboard(MessagePump):
    """Mixed into screens and widgets that stand in a dashboard and nowhere else."""

    @property
    def dashboard(self) -> Host:
        """The app, as far as its parts may know it."""
        return cast("Host", self.app)

    @on(Worker.StateChanged)
    def _worker_ended(self, event: Worker.StateChanged) -> None:
        """Say what ended work behind the screen, which would look as if it went on."""
        if event.state is WorkerState.ERROR and isinstance(event.worker.error, Exception):
            self.dashboard.tell_failure(event.worker.error)


class View(InDashboard, Vertical):
    """One view of the dashboard's screen: a table, mostly with a filter above it."""

    _told: tuple[Part, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """What the status line says of it."""
        return self._told

    @property
    def table(self) -> "NumberTable[Any]":
        """The table, which has the focus when nothing else was asked for."""
        raise LookupError(f"{self!r} has no table")

    def exported_rows(self) -> "Sequence[Any]":
        """Return the rows that are written to a file: those marked, or all that are shown."""
        return self.table.exported_rows

    def subject_of(self, row: Any) -> Any:
        """Return the number, operation or target that a row is of, as records know it."""
        return row

    def selection(self) -> "Selection":
        """Return what the keys act on."""
        from tui_numbers.ui.selection import Selection

        return Selection(self.id or "")

    def on_mount(self) -> None:
        """Lay the table out as this person prefers it."""
        with contextlib.suppress(LookupError):
            self.dashboard.preferences.apply(self.id or "", self.table)

    def refresh_rows(self) -> object:
        """Ask again for what it shows."""
        return None

    def when_opened(self) -> None:
        """Put the focus where work begins; called each time it is opened."""
        self.screen.set_focus(self.table)

    def pane(self) -> "DetailPane | None":
        """Return its detail of one number, where it has one."""
        from tui_numbers.ui.detail_pane import DetailPane

        found = self.query(DetailPane)
        return found.first() if found else None

    def filter_input(self) -> "Input | None":
        """Return the filter line's input, where it has one."""
        from tui_numbers.ui.views.filter_line import FilterInput

        found = self.query(FilterInput)
        return found.first() if found else None

    def focus_filter(self) -> None:
        """Go to the filter."""
        self.screen.set_focus(self.filter_input())

    def fold(self) -> None:
        """Close what was opened under the cursor, where rows hold others."""

    def wait(self, waiting: "Waiting") -> None:
        """Say why a request waits, where it is one for this view."""

    def owned_settled(self) -> None:
        """Take in that what is known of owned numbers is whole again."""

    def number_changed(self, message: "NumberChanged") -> None:
        """Take in what was read of one number after a write."""

    def take_results(self, results: "Sequence[Result]") -> None:
        """Take in what operations came to, those that changed nothing among them."""


@dataclass
class OwnedArrived(Message):
    """Something of a listing; ``generation`` tells which."""

    generation: int
    event: "OwnedEvent"


@dataclass
class TargetsArrived(Message):
    """The targets that an account lists."""

    account: str
    options: tuple[TargetOption, ...]


@dataclass
class OwnedSettled(Message):
    """What is known of owned numbers is whole again: listed, failed, named, or one was read."""


@dataclass
class StockArrived(Message):
    """Something of a stock search; ``generation`` tells which."""

    generation: int
    event: "StockEvent"


@dataclass
class NumberChanged(Message):
    """A number was read after a write; ``number`` is None where it is gone."""

    account: str
    e164: E164
    number: OwnedNumber | None


@dataclass
class CursorNumber(Message):
    """Another number is under the cursor."""

    number: OwnedNumber | AvailableNumber | None


@dataclass
class OpenNumber(Message):
    """Everything about the number under the cursor is wanted."""
