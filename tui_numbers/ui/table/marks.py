"""The rows a person marked, and how many of them the filter hides."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence, Set


class Marks:
    """Marked keys, told apart by whether their rows are shown."""

    def __init__(self, count_shown: Callable[[Set[Hashable]], int]) -> None:
        self._count_shown = count_shown
        self._keys: set[Hashable] = set()
        self._shown: int | None = 0
        self.version = 0
        """Grows with every change of what is marked."""

    def __contains__(self, key: Hashable) -> bool:
        return key in self._keys

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def shown(self) -> int:
        """How many marked rows pass the filter."""
        if self._shown is None:
            self._shown = self._count_shown(self._keys)
        return self._shown

    @property
    def hidden(self) -> int:
        """How many marked rows the filter hides."""
        return len(self._keys) - self.shown

    def recount(self) -> None:
        """Count the shown ones afresh when next asked."""
        self._shown = None if self._keys else 0

    def _changed(self) -> None:
        self.version += 1
        self.recount()

    def toggle(self, key: Hashable) -> None:
        """Mark a key, or take its mark away."""
        self._keys ^= {key}
        self._changed()

    def toggle_all(self, keys: Sequence[Hashable]) -> None:
        """Mark all ``keys``, or take their marks away where all have one."""
        if self._keys.issuperset(keys):
            self._keys.difference_update(keys)
        else:
            self._keys.update(keys)
        self._changed()

    def discard(self, keys: Iterable[Hashable]) -> None:
        """Take marks away."""
        self._keys.difference_update(keys)
        self._changed()

    def clear(self) -> None:
        """Take all marks away."""
        self._keys.clear()
        self._changed()
