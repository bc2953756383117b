"""Everything the organisation owns, at all accounts at once."""

import asyncio
import gc
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input

from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services import inventory
from tui_numbers.ui import moment
from tui_numbers.ui.account_state import Progress
from tui_numbers.ui.detail.pane import DetailPane, Operations
from tui_numbers.ui.frame.status import Part
from tui_numbers.ui.messages import CursorNumber, OpenNumber, OwnedArrived, TargetsArrived
from tui_numbers.ui.owned_store import OwnedStore, key_of, reads_the_same
from tui_numbers.ui.table import CursorMoved, MarksChanged, NumberTable, Opened
from tui_numbers.ui.views.columns import owned_columns, owned_haystack
from tui_numbers.ui.views.filter_line import FilterInput, FilterLine
from tui_numbers.ui.words import clock

if TYPE_CHECKING:
    from textual.timer import Timer

    from tui_numbers.providers.pacing import Waiting
    from tui_numbers.services.session import Session
    from tui_numbers.services.snapshot import OwnedSnapshot

_REDRAW_SECONDS = 1.0
"""Least time between redraws while rows arrive."""
_SHARE = 4
"""How many times as long as a redraw the next one waits."""


class OwnedView(Vertical):
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
        self._settled = False
        self._problem: str | None = None

    def compose(self) -> ComposeResult:
        """Lay the view out."""
        table = NumberTable[OwnedNumber](
            owned_columns(),
            key_of,
            owned_haystack,
            same=reads_the_same,
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
    def parts(self) -> tuple[Part, ...]:
        """What the status line says of the accounts."""
        return self.store.parts()

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
        await asyncio.to_thread(lambda: self.store.restore(snapshot.whole()))
        self._draw_soon(at_once=True)
        self._tell_problem(snapshot)

    def _tell_problem(self, snapshot: "OwnedSnapshot") -> None:
        """Say once why nothing is kept for the next start."""
        if snapshot.problem not in (None, self._problem):
            self._problem = snapshot.problem
            self.app.log_line(snapshot.problem)  # type: ignore[attr-defined]

    def refresh_rows(self, accounts: Iterable[str] | None = None) -> None:
        """Ask the accounts again; what is shown stays until they have answered."""
        names = tuple(self.store.accounts) if accounts is None else tuple(accounts)
        # Those that were to be asked later are asked now, since one listing follows another.
        names = tuple(dict.fromkeys((*names, *self.store.recovering)))
        self._generation += 1
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
                await asyncio.to_thread(self.store.take, message.event, moment.now())
                self._keep(message.event.account)
                self._fetch_targets(message.event.account)
            case _:
                self.store.take(message.event, moment.now())
        match message.event:
            case inventory.AccountFailed():
                again = message.event.again
                later = f"; asked again in {again:.0f} s" if again is not None else ""
                self.app.log_line(  # type: ignore[attr-defined]
                    f"{message.event.account}: {message.event.error}{later}"
                )
            case inventory.OwnedPage():
                for line in message.event.warnings:
                    self.app.log_line(f"{message.event.account}: {line}")  # type: ignore[attr-defined]
        self._draw_soon(at_once=not self.store.loading or self.table.total_count == 0)

    def wait(self, waiting: "Waiting") -> None:
        """Say why an account that is being asked lets us wait."""
        if self.store.wait(waiting.account, waiting.word):
            self.app.log_line(  # type: ignore[attr-defined]
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
            while self._again and self._drawn != self.store.version:
                self._again = False
                await self._show_rows()
        finally:
            self._drawing = False
        self._tell_counts()
        self._tell_status()
        if not self.store.loading and not self._settled:
            self._settled = True
            # What was loaded stays: no collection has to walk it again while keys are handled.
            await asyncio.to_thread(_freeze)

    async def _show_rows(self) -> None:
        version, began = self.store.version, time.monotonic()
        prepared = await asyncio.to_thread(self.table.prepare, self.store.rows())
        self.table.sync(prepared)
        self._drawn = version
        self._tell_counts()
        self._tell_status()
        # Most of the time stays for what arrives, however many rows there are.
        self._rest = max(_REDRAW_SECONDS, _SHARE * (time.monotonic() - began))

    def show_number(self, account: str, e164: E164, number: OwnedNumber | None) -> None:
        """Take in what was read of one number after a write; None where it is gone."""
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
        if table.total_count == 0:
            table.empty_message = self._why_empty()
        elif table.shown_count == 0:
            table.empty_message = "nothing matches the filter: Esc in the filter clears it"
        filtered = table.shown_count != table.total_count
        total = max(table.total_count, self.store.promised)
        shown = table.shown_count if filtered else total
        marks = len(table.marked_rows)
        of = f"{shown:,} of {total:,}" if shown != total else f"{total:,}"
        marked = f" · {marks:,} marked" if marks else ""
        as_of = f" · as of {clock(self.store.as_of)}" if self.store.as_of else ""
        self.query_one(FilterLine).count(f"{of}{marked}{as_of}")

    def _why_empty(self) -> str:
        if not self.store.accounts:
            return "no account is configured: A adds one"
        if self.store.loading or not self._generation:
            return "loading"
        if self.store.recovering:
            return "no account could be read, asking again: A says why"
        if any(state.progress is Progress.FAILED for state in self.store.accounts.values()):
            return "no account could be read: A says why, r asks again"
        return "no numbers are owned yet: 2 searches for numbers to buy"

    def _tell_status(self) -> None:
        self.post_message(CursorNumber(self.table.cursor_row))

    def _fetch_targets(self, account: str) -> None:
        """Learn the names of an account's targets, for its rows and the picker."""
        self.run_worker(
            self._targets(account), group=f"targets {account}", exclusive=True, exit_on_error=False
        )

    async def _targets(self, account: str) -> None:
        def failed(error: ProviderError) -> None:
            self.app.log_line(f"{account}: targets: {error}")  # type: ignore[attr-defined]

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
        if await asyncio.to_thread(self.store.label, message.account, message.options):
            self._keep(message.account)
        self._draw_soon(at_once=True)

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        if isinstance(event.input, FilterInput):
            self.table.set_filter(event.value)
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

    @on(Opened)
    def _opened(self, event: Opened) -> None:
        event.stop()
        self.post_message(OpenNumber())


def _freeze() -> None:
    gc.collect()
    gc.freeze()
