"""Page cursors: bound to the parameters they were made for, and short-lived."""

from typing import NamedTuple

from tui_numbers.sandbox.draws import token

_LIVE = 1024


class Cursor(NamedTuple):
    """Where a page begins and which listing it belongs to."""

    listing: str
    parameters: tuple[tuple[str, str], ...]
    offset: int
    limit: int
    previous: str | None


class Cursors:
    """The cursors that are still good; the oldest go first, and all at once on ``expire``."""

    def __init__(self) -> None:
        self._live: dict[str, Cursor] = {}
        self._generation = 0

    def issue(self, cursor: Cursor) -> str:
        """Return the name of a cursor."""
        name = token(self._generation, cursor)
        self._live.pop(name, None)
        self._live[name] = cursor
        if len(self._live) > _LIVE:
            del self._live[next(iter(self._live))]
        return name

    def find(self, name: str) -> Cursor | None:
        """Return the cursor of that name while it is good."""
        return self._live.get(name)

    def expire(self) -> None:
        """Make every cursor bad."""
        self._live.clear()
        self._generation += 1
