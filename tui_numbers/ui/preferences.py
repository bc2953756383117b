"""Keep what a person chooses on screen, theme, columns and sorting, in the configuration."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tui_numbers.services.config import ConfigError, view_key
from tui_numbers.services.config_keys import UI, names
from tui_numbers.ui.frame import Tone
from tui_numbers.ui.views.table_layouts import preferred

if TYPE_CHECKING:
    from tui_numbers.services.config import UiConfig
    from tui_numbers.services.session import Session
    from tui_numbers.ui.table import NumberTable, Sort

_KEYS = names(UI)


class Preferences:
    """Reads ``[ui]``, and writes what changes in it, one change after another.

    What is chosen holds at once; the file follows. In the demo there is none.
    """

    def __init__(self, session: "Session", say: Callable[[str, Tone], None]) -> None:
        self._session = session
        self._say = say
        self._waiting: dict[str, dict[str, Any]] = {}
        self._writing: asyncio.Task[None] | None = None

    @property
    def ui(self) -> "UiConfig":
        """What is preferred, as far as it is written."""
        return self._session.config.ui

    def keep(self, table: str, **values: Any) -> None:
        """Write values into ``ui`` or ``views.NAME`` behind the screen; None takes a key out."""
        self._waiting[table] = self._waiting.get(table, {}) | values
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())

    async def finish(self) -> None:
        """Wait until everything is written."""
        while self._writing is not None:
            await asyncio.shield(self._writing)

    async def _write(self) -> None:
        try:
            while self._waiting:
                table, values = self._waiting.popitem()
                try:
                    await asyncio.to_thread(self._session.remember, table, values)
                except ConfigError as error:
                    self._say(f"kept for this session only: {error}", Tone.WARN)
        finally:
            self._writing = None

    def keep_sort(self, view: str, sort: "Sort | None") -> None:
        """Keep by which column a view is sorted; nothing is kept where ``[ui]`` has no such key."""
        key = view_key(view, "sort")
        if key in _KEYS:
            way = "-" if sort is not None and sort.reverse else ""
            self.keep("ui", **{key: f"{way}{sort.key}" if sort is not None else None})

    def keep_columns(self, view: str, columns: Sequence[str]) -> None:
        """Keep which columns a view shows; those that fit where there are none."""
        key = view_key(view, "columns")
        if key in _KEYS:
            self.keep("ui", **{key: list(columns) or None})
        else:
            self._say(f"the columns of {view.capitalize()} stay so until you quit", Tone.PLAIN)

    def apply(self, view: str, table: "NumberTable[Any]") -> None:
        """Lay a view's table out as it is preferred; an unknown column is said and passed over."""
        wish, problems = preferred(self.ui, view, table.columns)
        if wish.chosen:
            table.choose_columns(wish.chosen)
        if wish.sorted_by is not None:
            table.sort_by(wish.sorted_by, reverse=wish.reverse)
            # Nobody has chosen a row yet: what comes first is what is looked at.
            table.action_first()
            table.model.unpin()
        for problem in problems:
            self._say(problem, Tone.WARN)
