"""List everything that numbers point at, or could, with how many do."""

import asyncio
from abc import abstractmethod
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.widgets import Input

from tui_numbers.domain.filter_terms import PLAIN, USES
from tui_numbers.domain.filtering import field_text
from tui_numbers.domain.numbers import Channel, OwnedNumber, Target
from tui_numbers.services.inventory import Standing, TargetUse, target_uses
from tui_numbers.ui.frame import Part, Tone
from tui_numbers.ui.host import CursorNumber, View
from tui_numbers.ui.layout import Column
from tui_numbers.ui.owned_store import OwnedStore, collection_paused
from tui_numbers.ui.selection import Selection
from tui_numbers.ui.table import CursorMoved, NumberTable, RowOpened
from tui_numbers.ui.views.filter_line import FilterInput, FilterLine
from tui_numbers.ui.views.owned import why_empty
from tui_numbers.ui.views.table_layouts import target_table

if TYPE_CHECKING:
    from tui_numbers.services.session import Session

R = TypeVar("R")

_REST_SECONDS = 0.1
"""How long nothing must have changed before numbers are counted again."""
_UNMATCHED = "nothing matches the filter: Esc in the filter clears it"


class CountedView(View, Generic[R]):
    """A view that counts owned numbers, again whenever what is known of them changes."""

    layout_of_rows = PLAIN
    """What its rows are found by."""
    hint = ""
    """What stands in the filter while it is empty."""

    def __init__(self, session: "Session", identifier: str) -> None:
        super().__init__(id=identifier)
        self.session = session

    def on_mount(self) -> None:
        """Say what the filter looks at."""
        self.query_one(FilterInput).placeholder = self.hint

    def compose(self) -> ComposeResult:
        """Lay the view out."""
        yield FilterLine(self.layout_of_rows)
        yield NumberTable[R](
            self.columns(),
            self.key_of,
            self.text_of,
            layout=self.layout_of_rows,
            empty_message="counting",
            id=f"{self.id}-table",
        )

    @abstractmethod
    def columns(self) -> Sequence[Column[R]]:
        """Return the columns of its table."""

    @abstractmethod
    def key_of(self, row: R) -> Hashable:
        """Return what tells a row from others."""

    @abstractmethod
    def text_of(self, row: R) -> str:
        """Return what a row is found by."""

    @abstractmethod
    def count(self) -> Sequence[R]:
        """Count; runs beside the event loop."""

    @abstractmethod
    def filter_for(self, row: R) -> str | None:
        """Return the filter that finds the numbers of a row; None where it stands for none."""

    @property
    def table(self) -> "NumberTable[Any]":
        """The table."""
        return self.query_one(NumberTable)

    @property
    def store(self) -> OwnedStore:
        """What is known of owned numbers."""
        return self.dashboard.main.owned.store

    @property
    def parts(self) -> tuple[Part, ...]:
        """What the status line says of the accounts."""
        return self.store.parts()

    def when_opened(self) -> None:
        """Count what is known by now."""
        super().when_opened()
        self.recount()

    def refresh_rows(self) -> None:
        """Ask the accounts again; what they tell is counted when it comes."""
        self.dashboard.main.owned.refresh_rows()

    def owned_settled(self) -> None:
        """Count again, where it is shown."""
        if self.display:
            self.recount()

    @work(exclusive=True, group="counting", exit_on_error=False)
    async def recount(self) -> None:
        """Count beside the event loop, once nothing has changed for a moment."""
        if self.table.total_count:
            await asyncio.sleep(_REST_SECONDS)

        def quietly() -> Any:
            with collection_paused(self.store.promised):
                return self.table.prepare(self.count())

        self.table.sync(await asyncio.to_thread(quietly))
        self._tell()

    def _tell(self) -> None:
        table = self.table
        shown, total = table.shown_count, table.total_count
        if not shown:
            chosen = self.session.only is not None
            filtered = total > 0
            table.empty_message = (
                _UNMATCHED if filtered else why_empty(self.store, filtered=False, chosen=chosen)
            )
        self.query_one(FilterLine).count(self.count_words(shown, total))
        self.post_message(CursorNumber(None))

    def count_words(self, shown: int, total: int) -> str:
        """Return what stands at the right of the filter."""
        return f"{shown:,} of {total:,}" if shown != total else f"{total:,}"

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        if isinstance(event.input, FilterInput):
            self.query_one(FilterLine).apply(self.table)
            self._tell()

    @on(FilterInput.Left)
    def _to_table(self) -> None:
        self.screen.set_focus(self.table)

    @on(CursorMoved)
    def _cursor_moved(self, event: CursorMoved) -> None:
        event.stop()
        self.post_message(CursorNumber(None))

    @on(RowOpened)
    async def _opened(self, event: RowOpened) -> None:
        """Show the numbers of the row in Owned."""
        event.stop()
        text = self.filter_for(event.row)
        if text is not None:
            await self.dashboard.main.show_filtered("owned", text)


class TargetsView(CountedView[TargetUse]):
    """The targets of all accounts."""

    layout_of_rows = USES
    hint = "target, name, account; Tab: fields"

    def __init__(self, session: "Session") -> None:
        super().__init__(session, "targets")
        self._pointing: dict[Hashable, tuple[OwnedNumber, ...]] = {}
        """The numbers whose calls go to a target, by the key of its row."""

    def columns(self) -> Sequence[Column[TargetUse]]:
        """Return the columns of targets."""
        return target_table()

    def key_of(self, row: TargetUse) -> Hashable:
        """Return account and target."""
        return (row.account, row.target.text if row.target is not None else None)

    def text_of(self, row: TargetUse) -> str:
        """Return account, target, name and how it stands."""
        from tui_numbers.wording.search_text import target_use_text

        return target_use_text(row)

    def count(self) -> Sequence[TargetUse]:
        """Count the numbers of every account by target."""
        uses: list[TargetUse] = []
        pointing: dict[Hashable, list[OwnedNumber]] = {}
        listed, space = self.store.listed_targets(), self.session.workspace
        rows: dict[str, list[OwnedNumber]] = {name: [] for name in self.store.accounts}
        for number in self.store.rows():
            rows[number.account].append(number)
            target = number.routing.get(Channel.VOICE)
            if target is not None or number.unrouted:
                key = (number.account, target.text if target is not None else None)
                pointing.setdefault(key, []).append(number)
        for name, numbers in rows.items():
            uses += target_uses(name, numbers, space.info(name), listed.get(name))
        uses.sort(key=lambda use: (use.standing is not Standing.GONE, -use.numbers))
        self._pointing = {key: tuple(numbers) for key, numbers in pointing.items()}
        return uses

    def filter_for(self, row: TargetUse) -> str | None:
        """Return the filter that finds the numbers that point there."""
        account = field_text("account", row.account, whole=True)
        if row.target is None:
            return f"is:unrouted {account}"
        if not isinstance(row.target, Target):
            return f"{field_text('to', row.target.kind)} {account}"
        label = row.target.label
        if label and self._is_only_one(row, label):
            return f"{field_text('to', label)} {account}"
        return f"{field_text(row.target.kind, row.target.value)} {account}"

    def _is_only_one(self, row: TargetUse, label: str) -> bool:
        """Tell whether no other target of the account holds these words."""
        words = label.casefold()
        others = (
            one for one in self.table.model.every_row() if one.account == row.account
            and one != row and one.target is not None
        )  # fmt: skip
        return not any(
            words in f"{one.target.label or ''} {one.target.text}".casefold() for one in others
        )

    def selection(self) -> Selection:
        """Return the numbers whose calls go to the target under the cursor, or to those marked."""
        table = self.table
        keys = list(table.model.marks) or [table.cursor_key]
        numbers = [number for key in keys for number in self._pointing.get(key, ())]
        return Selection("targets", None, tuple(numbers))

    @property
    def parts(self) -> tuple[Part, ...]:
        """What the status line says of the accounts, those without a list of targets first."""
        untold = [
            Part(f"{state.name}: no list of targets, {state.untold_targets}", Tone.WARN)
            for state in self.store.accounts.values()
            if state.untold_targets
        ]
        return (*untold, *self.store.parts())

    def count_words(self, shown: int, total: int) -> str:
        """Return how many targets there are, and how many of them are gone."""
        gone = sum(row.standing is Standing.GONE for row in self.table.model.every_row())
        words = super().count_words(shown, total)
        return f"{words} targets · {gone:,} gone" if gone else f"{words} targets"
