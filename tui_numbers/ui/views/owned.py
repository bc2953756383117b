"""List the owned numbers of all accounts over a snapshot; filter and mark rows."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input

from tui_numbers.domain import clock
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.filter_terms import OWNED
from tui_numbers.domain.filtering import TARGET_KINDS
from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.config import ViewConfig
from tui_numbers.ui.detail_pane import DetailPane, Operations
from tui_numbers.ui.frame import Part, Tone
from tui_numbers.ui.host import (
    CursorNumber,
    NumberChanged,
    OpenNumber,
    OwnedArrived,
    OwnedSettled,
    TargetsArrived,
    View,
)
from tui_numbers.ui.owned_store import (
    ArrivalFreezer,
    OwnedStore,
    Progress,
    collection_paused,
    give_back_memory,
    key_of,
    reads_the_same,
)
from tui_numbers.ui.selection import Selection
from tui_numbers.ui.table import CursorMoved, MarksChanged, NumberTable, Prepared, RowOpened
from tui_numbers.ui.views.filter_line import FilterInput, FilterLine
from tui_numbers.ui.views.table_layouts import owned_table
from tui_numbers.wording.columns import UnknownColumn, read_sort
from tui_numbers.wording.search_text import OwnedText, Values, no_area, owned_values
from tui_numbers.wording.values import time_of_day

if TYPE_CHECKING:
    from datetime import datetime

    from textual.timer import Timer

    from tui_numbers.domain.temporary import End
    from tui_numbers.providers.pacing import Waiting
    from tui_numbers.services.findings import Findings
    from tui_numbers.services.locations import UsualAreas
    from tui_numbers.services.owned_snapshot import OwnedSnapshot
    from tui_numbers.services.planning import Result
    from tui_numbers.services.session import Session


def count_words(table: NumberTable[OwnedNumber], store: OwnedStore, view: str = "") -> str:
    """Return how many numbers of how many are shown, how many are marked, and as of when.

    Before it stands the saved view that is open; behind it, how many are left out since nobody
    tells what the filter asks for.
    """
    filtered = table.shown_count != table.total_count
    total = max(table.total_count, store.promised)
    shown = table.shown_count if filtered else total
    marks = table.model.marks
    of = f"{shown:,} of {total:,}" if shown != total else f"{total:,}"
    hidden = f", {marks.hidden:,} hidden" if marks.hidden else ""
    marked = f" · {len(marks):,} marked{hidden}" if len(marks) else ""
    as_of = f" · as of {time_of_day(store.as_of)}" if store.as_of else ""
    untold = table.model.untold_count
    left_out = f" · {untold:,} not told" if untold else ""
    return f"{f'view {view} · ' if view else ''}{of}{left_out}{marked}{as_of}"


def why_empty(store: OwnedStore, *, filtered: bool, chosen: bool) -> str:
    """Return what stands where no number is shown; ``chosen`` accounts may not be all there are."""
    states = store.accounts.values()
    dropped = sum(state.dropped for state in states)
    failed = any(state.progress is Progress.FAILED for state in states)
    if filtered:
        return _why_unmatched(store, dropped)
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
        return f"{_records(dropped)} came, and none holds a usable number: @ shows them"
    return "no numbers are owned yet: 2 searches for numbers to buy"


def _why_unmatched(store: OwnedStore, dropped: int) -> str:
    """Return that nothing matches, and what it was not looked for in."""
    states = store.accounts.values()
    missing = [state.name for state in states if state.progress is Progress.FAILED]
    reasons = []
    if missing:
        accounts = f"{len(missing)} account{'' if len(missing) == 1 else 's'} missing"
        reasons.append(f"{accounts}: {', '.join(missing)} (A says why)")
    if dropped:
        reasons.append(f"{_records(dropped)} could not be read (@ shows them)")
    reasons.append("loading" if store.loading else "Esc in the filter clears it")
    return "; ".join(("nothing matches", *reasons))


def _records(count: int) -> str:
    return f"{count:,} record{'' if count == 1 else 's'}"


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
        self._quiet = False
        """Whether nobody asked for the listing under way, so that its progress is not told."""
        self._temporary: Mapping[tuple[str, E164], End] = {}
        """The numbers that are to be put back, with their ends."""
        self._problem: str | None = None
        self._text = OwnedText({})
        """What rows are found by; of no provider yet, since none is loaded in the first frame."""
        self._areas: UsualAreas | None = None
        self._areas_wanted = False
        self._text_changed = False
        self._saved = ("", "")
        """The saved view that was opened last, and its filter."""

    def compose(self) -> ComposeResult:
        """Lay the view out."""
        table = NumberTable[OwnedNumber](
            owned_table(lambda number: number in self._session.locks, self._until),
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
        yield FilterLine(OWNED, self._values)
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
        if not (self._quiet and self.store.loading):
            self._told = self.store.parts()
        return self._told

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
        self._ask_later()

    def _ask_later(self) -> None:
        """Have the accounts asked again by themselves, where somebody wants that."""
        seconds = self.dashboard.preferences.ui.refresh_seconds
        if seconds is not None:
            self.set_timer(seconds, self._ask_again)

    def _ask_again(self) -> None:
        """Ask again unless something is under way; nothing is drawn where nothing changed."""
        if not self.store.loading and not self.dashboard.writes.under_way:
            self.refresh_rows(quiet=True)
        self._ask_later()

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

    def refresh_rows(self, accounts: Iterable[str] | None = None, *, quiet: bool = False) -> None:
        """Ask the accounts again; what is shown stays until they have answered.

        ``quiet`` says nothing of how far they are.
        """
        self._quiet = quiet
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
        # The first frame asks no account.
        from tui_numbers.services import inventory

        workspace = self._session.workspace
        accounts = [workspace.account(name) for name in names]
        async for event in inventory.owned_with_retries(workspace, accounts):
            self.post_message(OwnedArrived(generation, event))

    @on(OwnedArrived)
    async def _take(self, message: OwnedArrived) -> None:
        from tui_numbers.services import inventory

        if message.generation != self._generation:
            return
        match message.event:
            case inventory.AccountDone():
                event, now = message.event, clock.now()
                await self._beside(lambda: self.store.take(event, now))
                self._keep(message.event.account)
                self._fetch_targets(message.event.account)
                self.post_message(OwnedSettled())
            case _:
                self.store.take(message.event, clock.now())
        match message.event:
            case inventory.AccountFailed():
                self.post_message(OwnedSettled())
                again = message.event.again
                later = f"; asked again in {again:.0f} s" if again is not None else ""
                self.dashboard.log_line(f"{message.event.account}: {message.event.error}{later}")
            case inventory.OwnedPage():
                self._arriving.note(len(message.event.numbers))
                for line in message.event.warnings:
                    self.dashboard.log_line(f"{message.event.account}: {line}")
        self._draw_soon(at_once=not self.store.loading or self.table.total_count == 0)

    def take_results(self, results: "Sequence[Result]") -> None:
        """Take the marks of what was acted on away: they were for that."""
        self.table.unmark((one.plan.account.name, one.plan.number) for one in results)

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
        accounts = workspace.accounts
        infos = {account.name: workspace.info(account) for account in accounts}
        kinds = {kind.key for info in infos.values() for kind in info.target_kinds}
        self.table.model.target_kinds = TARGET_KINDS | kinds
        read_only = {one.name for one in accounts if one.read_only or workspace.read_only}
        area_of = self._areas.name if self._areas else no_area
        text = OwnedText(infos, area_of, self._session.locks, frozenset(read_only))
        changed, self._text = text != self._text, text
        return changed

    @work(exclusive=False, group="areas", exit_on_error=False)
    async def _learn_areas(self) -> None:
        """Let rows be found by where their digits say that they are from."""
        from tui_numbers.services.locations import UsualAreas

        self._areas = await asyncio.to_thread(UsualAreas)
        self._text_changed = True
        self._draw_soon(at_once=True)

    def take_findings(self, found: "Findings") -> None:
        """Let numbers be found by whether something is wrong with them."""
        self.table.set_flag("finding", found.keys())
        if found.temporary != self._temporary:
            self._temporary = found.temporary
            self.table.set_flag("temporary", found.temporary)
            self.table.redraw_rows()
        self._tell_counts()

    def _until(self, number: OwnedNumber) -> "datetime | None":
        """Return when a number is put back, where it is temporary."""
        end = self._temporary.get((number.account, number.number))
        return end.until if end is not None else None

    def number_changed(self, message: NumberChanged) -> None:
        """Take in what was read of one number after a write."""
        account, e164, number = message.account, message.e164, message.number
        self.store.replace(account, e164, number)
        self.post_message(OwnedSettled())
        self._draw()
        self._keep_one(account, e164, number)

    @work(exclusive=False, group="snapshot", exit_on_error=False)
    async def _keep(self, account: str) -> None:
        """Keep an account's numbers for the next start."""
        state = self.store.accounts[account]
        if self._snapshot is not None and state.as_of is not None:
            await asyncio.to_thread(self._snapshot.save, account, state.settled, state.as_of)
            # What was packed is freed; it is as much as all numbers of the account.
            await asyncio.to_thread(give_back_memory)
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
        line = self.query_one(FilterLine)
        name, text = self._saved
        line.count(count_words(table, self.store, name if line.input.value == text else ""))

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
            self.store.miss_targets(account, error)
            self.post_message(OwnedSettled())

        from tui_numbers.services import inventory

        workspace = self._session.workspace
        try:
            options = await inventory.targets_with_retries(
                workspace, workspace.account(account), failed
            )
        except ProviderError as error:
            failed(error)
        else:
            self.post_message(TargetsArrived(account, options))

    @on(TargetsArrived)
    async def _name_targets(self, message: TargetsArrived) -> None:
        if await self._beside(lambda: self.store.label(message.account, message.options)):
            self._keep(message.account)
        self.post_message(OwnedSettled())
        self._draw_soon(at_once=True)

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        if isinstance(event.input, FilterInput):
            self.query_one(FilterLine).apply(self.table, self._filtered)

    def _filtered(self) -> None:
        """Go on when the rows that the filter finds are shown."""
        # The tables are large, and digits find no names.
        if not self._areas_wanted and self.table.model.filter.asks_places:
            self._areas_wanted = True
            self._learn_areas()
        self._tell_counts()
        if self.table.has_marks:
            self._tell_status()

    def present_view(self) -> ViewConfig:
        """Return the filter and the sort as they are, to be kept as a view."""
        sort = self.table.model.sort
        written = f"{'-' if sort.reverse else ''}{sort.key}" if sort is not None else None
        return ViewConfig(self.query_one(FilterLine).input.value.strip(), written)

    def open_saved(self, name: str, view: ViewConfig) -> None:
        """Filter and sort as a saved view does, and say which it is while its filter stays."""
        key, reverse = None, False
        if view.sort is not None:
            try:
                key, reverse = read_sort(view.sort, self.table.model.sortable)
            except UnknownColumn as error:
                self.dashboard.say(f"view {name}: {error}", Tone.WARN)
        self._saved = (name, view.filter)
        line = self.query_one(FilterLine)
        line.input.value = view.filter
        line.apply(self.table, self._filtered)
        self.table.sort_by(key, reverse=reverse)
        self._to_table()

    def _values(self) -> Values:
        """Return what a filter can be completed with."""
        states = self.store.accounts.values()
        targets = [option.target for state in states for option in state.options or ()]
        return owned_values(self.store.rows(), targets)

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
        self._tell_status()

    @on(RowOpened)
    def _opened(self, event: RowOpened) -> None:
        event.stop()
        self.post_message(OpenNumber())
