"""The view of owned numbers: list all accounts, keep a snapshot, filter and mark rows."""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input

from tui_numbers.domain import clock
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.filter_terms import OWNED
from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services import inventory
from tui_numbers.ui.account_state import Progress
from tui_numbers.ui.detail.pane import DetailPane, Operations
from tui_numbers.ui.frame import Part
from tui_numbers.ui.host import View
from tui_numbers.ui.messages import (
    CursorNumber,
    NumberChanged,
    OpenNumber,
    OwnedArrived,
    TargetsArrived,
)
from tui_numbers.ui.owned_store import (
    ArrivalFreezer,
    OwnedStore,
    collection_paused,
    key_of,
    reads_the_same,
)
from tui_numbers.ui.selection import Selection
from tui_numbers.ui.table import CursorMoved, MarksChanged, NumberTable, Prepared, RowOpened
from tui_numbers.ui.views.filter_line import FilterInput, FilterLine
from tui_numbers.ui.views.table_layouts import owned_table
from tui_numbers.wording.search_text import OwnedText, no_area
from tui_numbers.wording.values import time_of_day

if TYPE_CHECKING:
    from textual.timer import Timer

    from tui_numbers.providers.pacing import Waiting
    from tui_numbers.services.locations import UsualAreas
    from tui_numbers.services.owned_snapshot import OwnedSnapshot
    from tui_numbers.services.session import Session


def count_words(table: NumberTable[OwnedNumber], store: OwnedStore) -> str:
    """Return how many numbers of how many are shown, how many are marked, and as of when."""
    filtered = table.shown_count != table.total_count
    total = max(table.total_count, store.promised)
    shown = table.shown_count if filtered else total
    marks = len(table.model.marks)
    of = f"{shown:,} of {total:,}" if shown != total else f"{total:,}"
    marked = f" · {marks:,} marked" if marks else ""
    as_of = f" · as of {time_of_day(store.as_of)}" if store.as_of else ""
    return f"{of}{marked}{as_of}"


def why_empty(store: OwnedStore, *, filtered: bool, chosen: bool) -> str:
    """Return what stands where no number is shown; ``chosen`` accounts may not be all there are."""
    states = store.accounts.values()
    dropped = sum(state.dropped for state in states)
    failed = any(state.progress is Progress.FAILED for state in states)
    if filtered:
        read = " of what could be read" if dropped or failed else ""
        return f"nothing{read} matches the filter: Esc in the filter clears it"
    if not store.accounts and chosen:
        return "none of the accounts asked for is left: A adds one"
    if not store.accounts:
        return "no account is configured: A adds one"
    if store.loading:
        return "loading"
    if len(store.recovering) == len(store.accounts):
        return "no account could be read, asking again: A says why"
    if all(state.progress is Progress.FAILED for state in states):
        return "no account could be read: A says why, r asks again"
    if failed:
        return "no numbers at the accounts that could be read: A says why others could not"
    if dropped:
        return f"{dropped:,} records came, and none holds a usable number: @ shows them"
    return "no numbers are owned yet: 2 searches for numbers to buy"


T = TypeVar("T")


_REDRAW_SECONDS = 1.0
"""Least time between redraws while rows arrive."""


_SHARE = 4
"""How many times as long as a redraw the next one waits."""


class OwnedView(View):
    """The table of owned numbers, its filter, and the detail beside it."""

    def __init__(self, session: "Session", operations: Operations) -> None:
        super().__init__(id="owned")
        self._session = session
        self._snapshot = session.snapshot
        self._operations = operations
        self.store = OwnedStore(account.name for account in session.accounts)
        self._generation = 0
        self._redraw: Timer | None = None
        self._drawing = False
        self._again = False
        self._drawn = -1
        """Which version of the store the table shows."""
        self._rest = _REDRAW_SECONDS
        self._arriving = ArrivalFreezer()
        self._problem: str | None = None
        self._text = OwnedText({})
        """What rows are found by; of no provider yet, since none is loaded in the first frame."""
        self._areas: UsualAreas | None = None
        self._areas_wanted = False
        self._text_changed = False

    def compose(self) -> ComposeResult:
        """Lay the view out."""
        table = NumberTable[OwnedNumber](
            owned_table(lambda number: number in self._session.locks),
            key_of,
            self._text_of,
            same=reads_the_same,
            layout=OWNED,
            empty_message="loading",
            id="owned-table",
        )
        if self._snapshot is not None:
            self.store.restore(self._snapshot.heads())
            table.model.sync(self.store.rows())
        yield FilterLine()
        with Horizontal(classes="table-and-detail"):
            yield table
            yield DetailPane(self._session, self._operations)

    @property
    def table(self) -> NumberTable[OwnedNumber]:
        """The table."""
        return self.query_one("#owned-table", NumberTable)

    @property
    def parts(self) -> tuple[Part, ...]:  # type: ignore[override]
        """What the status line says of the accounts."""
        return self.store.parts()

    def selection(self) -> Selection:
        """Return the number under the cursor, and those that are marked."""
        return Selection("owned", self.table.cursor_row, tuple(self.table.marked_rows))

    def on_mount(self) -> None:
        """Say how much is known from before."""
        self._tell_counts()
        self._tell_status()

    def go_on(self) -> None:
        """Do what the first frame did not wait for: read the rest, and ask every account."""
        if self._snapshot is not None and self.table.total_count:
            self._restore(self._snapshot)
        self.refresh_rows()

    @work(exclusive=False, group="snapshot", exit_on_error=False)
    async def _restore(self, snapshot: "OwnedSnapshot") -> None:
        await self._beside(lambda: self.store.restore(snapshot.whole()))
        self._draw_soon(at_once=True)
        self._tell_problem(snapshot)

    def _tell_problem(self, snapshot: "OwnedSnapshot") -> None:
        """Say once why nothing is kept for the next start."""
        if snapshot.problem not in (None, self._problem):
            self._problem = snapshot.problem
            self.dashboard.log_line(snapshot.problem)

    def refresh_rows(self, accounts: Iterable[str] | None = None) -> None:
        """Ask the accounts again; what is shown stays until they have answered."""
        names = tuple(self.store.accounts) if accounts is None else tuple(accounts)
        # Those that were to be asked later are asked now, since one listing follows another.
        names = tuple(dict.fromkeys((*names, *self.store.recovering)))
        self._generation += 1
        self._arriving = ArrivalFreezer()
        self.store.begin(names)
        self._tell_counts()
        self._tell_status()
        self._listen(self._generation, names)

    @work(exclusive=True, group="owned", exit_on_error=False)
    async def _listen(self, generation: int, names: tuple[str, ...]) -> None:
        from tui_numbers.services import recovery

        workspace = self._session.workspace
        accounts = [workspace.account(name) for name in names]
        async for event in recovery.owned(workspace, accounts):
            self.post_message(OwnedArrived(generation, event))

    @on(OwnedArrived)
    async def _take(self, message: OwnedArrived) -> None:
        if message.generation != self._generation:
            return
        match message.event:
            case inventory.AccountDone():
                event, now = message.event, clock.now()
                await self._beside(lambda: self.store.take(event, now))
                self._keep(message.event.account)
                self._fetch_targets(message.event.account)
            case _:
                self.store.take(message.event, clock.now())
        match message.event:
            case inventory.AccountFailed():
                again = message.event.again
                later = f"; asked again in {again:.0f} s" if again is not None else ""
                self.dashboard.log_line(f"{message.event.account}: {message.event.error}{later}")
            case inventory.OwnedPage():
                self._arriving.note(len(message.event.numbers))
                for line in message.event.warnings:
                    self.dashboard.log_line(f"{message.event.account}: {line}")
        self._draw_soon(at_once=not self.store.loading or self.table.total_count == 0)

    def wait(self, waiting: "Waiting") -> None:
        """Say why an account that is being asked lets us wait."""
        if self.store.wait(waiting.account, waiting.word):
            self.dashboard.log_line(
                f"{waiting.account}: waiting {waiting.seconds:.0f} s: {waiting.reason}"
            )
            self._tell_status()

    def _draw_soon(self, *, at_once: bool) -> None:
        if at_once:
            if self._redraw is not None:
                self._redraw.stop()
                self._redraw = None
            self._draw()
        elif self._redraw is None:
            self._redraw = self.set_timer(self._rest, self._draw_later)

    def _draw_later(self) -> None:
        self._redraw = None
        self._draw_soon(at_once=True)

    @work(exclusive=False, group="draw", exit_on_error=False)
    async def _draw(self) -> None:
        """Show what is known; the costly part runs off the event loop."""
        self._again = True
        if self._drawing:
            return
        self._drawing = True
        try:
            while self._again and (self._text_changed or self._drawn != self.store.version):
                self._again = False
                await self._show_rows()
        finally:
            self._drawing = False
        self._tell_counts()
        self._tell_status()

    async def _beside(self, work: Callable[[], T]) -> T:
        """Do beside the event loop what makes something of every row."""

        def quietly() -> T:
            with collection_paused(self.store.promised):
                return work()

        return await asyncio.to_thread(quietly)

    async def _show_rows(self) -> None:
        version, began = self.store.version, time.monotonic()
        rows = self.store.rows()
        self._text_changed = False

        def prepare() -> Prepared[OwnedNumber]:
            return self.table.prepare(rows, afresh=self._renew_text())

        self.table.sync(await self._beside(prepare))
        self._drawn = version
        self._tell_counts()
        self._tell_status()
        # Most of the time stays for what arrives, however many rows there are.
        self._rest = max(_REDRAW_SECONDS, _SHARE * (time.monotonic() - began))

    def _text_of(self, number: OwnedNumber) -> str:
        return self._text(number)

    def _renew_text(self) -> bool:
        """Let rows be found by what is known by now, and tell whether that is more than before."""
        workspace = self._session.workspace
        infos = {account.name: workspace.info(account) for account in workspace.accounts}
        text = OwnedText(infos, self._areas.name if self._areas else no_area, self._session.locks)
        changed, self._text = text != self._text, text
        return changed

    @work(exclusive=False, group="areas", exit_on_error=False)
    async def _learn_areas(self) -> None:
        """Let rows be found by where their digits say that they are from."""
        from tui_numbers.services.locations import UsualAreas

        self._areas = await asyncio.to_thread(UsualAreas)
        self._text_changed = True
        self._draw_soon(at_once=True)

    def number_changed(self, message: NumberChanged) -> None:
        """Take in what was read of one number after a write."""
        account, e164, number = message.account, message.e164, message.number
        self.store.replace(account, e164, number)
        self._draw()
        self._keep_one(account, e164, number)

    @work(exclusive=False, group="snapshot", exit_on_error=False)
    async def _keep(self, account: str) -> None:
        """Keep an account's numbers for the next start."""
        state = self.store.accounts[account]
        if self._snapshot is not None and state.as_of is not None:
            await asyncio.to_thread(self._snapshot.save, account, state.settled, state.as_of)
            self._tell_problem(self._snapshot)

    @work(exclusive=False, group="snapshot", exit_on_error=False)
    async def _keep_one(self, account: str, e164: E164, number: OwnedNumber | None) -> None:
        if self._snapshot is not None:
            await asyncio.to_thread(self._snapshot.replace, account, e164, number)
            self._tell_problem(self._snapshot)

    def _tell_counts(self) -> None:
        table = self.table
        if not table.shown_count:
            chosen = self._session.only is not None
            filtered = table.total_count > 0
            table.empty_message = why_empty(self.store, filtered=filtered, chosen=chosen)
        self.query_one(FilterLine).count(count_words(table, self.store))

    def _tell_status(self) -> None:
        self.post_message(CursorNumber(self.table.cursor_row))

    def _fetch_targets(self, account: str) -> None:
        """Learn the names of an account's targets, for its rows and the picker."""
        self.run_worker(
            self._targets(account), group=f"targets {account}", exclusive=True, exit_on_error=False
        )

    async def _targets(self, account: str) -> None:
        def failed(error: ProviderError) -> None:
            self.dashboard.log_line(f"{account}: targets: {error}")

        from tui_numbers.services import recovery

        workspace = self._session.workspace
        try:
            options = await recovery.targets(workspace, workspace.account(account), failed)
        except ProviderError as error:
            failed(error)
        else:
            self.post_message(TargetsArrived(account, options))

    @on(TargetsArrived)
    async def _name_targets(self, message: TargetsArrived) -> None:
        if await self._beside(lambda: self.store.label(message.account, message.options)):
            self._keep(message.account)
        self._draw_soon(at_once=True)

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        if isinstance(event.input, FilterInput):
            # The tables are large, and digits find no names.
            if not self._areas_wanted and any(map(str.isalpha, event.value)):
                self._areas_wanted = True
                self._learn_areas()
            self.query_one(FilterLine).apply(self.table)
            self._tell_counts()

    @on(FilterInput.Left)
    def _to_table(self) -> None:
        # At once, where ``focus()`` would let keys typed right behind still reach the filter.
        self.screen.set_focus(self.table)

    @on(CursorMoved)
    def _cursor_moved(self, event: CursorMoved) -> None:
        event.stop()
        self.query_one(DetailPane).show(event.row)
        self.post_message(CursorNumber(event.row))

    @on(MarksChanged)
    def _marks_changed(self) -> None:
        self._tell_counts()

    @on(RowOpened)
    def _opened(self, event: RowOpened) -> None:
        event.stop()
        self.post_message(OpenNumber())
