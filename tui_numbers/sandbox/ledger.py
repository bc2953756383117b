"""The numbers of one account, with changes that readers may see later than writers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

R = TypeVar("R")


@dataclass
class _Shadow(Generic[R]):
    """What readers still see in place of a change that was made."""

    record: R | None
    reads: int | None
    until: float | None


class Ledger(Generic[R]):
    """Records by key, in the order in which they were added. Records are never changed in place."""

    def __init__(self, records: dict[str, R] | None = None) -> None:
        self.records: dict[str, R] = {} if records is None else records
        self._shadows: dict[str, _Shadow[R]] = {}

    def __len__(self) -> int:
        return len(self.records)

    def get(self, key: str) -> R | None:
        """Return the record as it truly is."""
        return self.records.get(key)

    def put(self, key: str, record: R | None) -> None:
        """Add, replace or (with ``None``) remove a record."""
        if record is None:
            self.records.pop(key, None)
        else:
            self.records[key] = record

    def shade(
        self, key: str, record: R | None, reads: int | None = None, until: float | None = None
    ) -> None:
        """Show readers ``record`` for so many reads, or until that time."""
        earlier = self._shadows.get(key)
        seen = record if earlier is None else earlier.record
        self._shadows[key] = _Shadow(seen, reads, until)

    def visible(self, now: float, key: str | None = None) -> Mapping[str, R]:
        """Return what one read shows; a read of one ``key`` counts for that key alone."""
        if not self._shadows:
            return self.records
        shown = dict(self.records)
        for name, shadow in list(self._shadows.items()):
            if key is not None and name != key:
                continue
            if (shadow.reads is not None and shadow.reads <= 0) or (
                shadow.until is not None and now >= shadow.until
            ):
                del self._shadows[name]
                continue
            if shadow.reads is not None:
                shadow.reads -= 1
            if shadow.record is None:
                shown.pop(name, None)
            else:
                shown[name] = shadow.record
        return shown
