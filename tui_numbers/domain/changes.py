"""Describe changes of settings: keep, set or clear."""

from collections.abc import Mapping
from dataclasses import dataclass

from tui_numbers.domain.numbers import Settings, Stored, Undisclosed


@dataclass(frozen=True, slots=True)
class Set:
    """Give a setting this value, in the text form that ``set`` accepts."""

    value: str


@dataclass(frozen=True, slots=True)
class Clear:
    """Remove a setting's value; never meant by an empty text."""


CLEAR = Clear()

Edit = Set | Clear


@dataclass(frozen=True, slots=True)
class Change:
    """The edits of one number, by setting key; a key that is absent is kept as it is."""

    edits: Mapping[str, Edit]

    def __bool__(self) -> bool:
        return bool(self.edits)

    def applied_to(self, settings: Settings) -> dict[str, Stored]:
        """Return ``settings`` as they will be when this change is made."""
        after = dict(settings)
        for key, edit in self.edits.items():
            after[key] = edit.value if isinstance(edit, Set) else None
        return after

    @classmethod
    def between(cls, before: Settings, after: Settings) -> "Change":
        """Return the change that turns ``before`` into ``after``, for keys that both hold.

        What ``after`` does not disclose cannot be asked for, and is left out.
        """
        edits: dict[str, Edit] = {}
        for key, value in after.items():
            if key in before and before[key] != value and not isinstance(value, Undisclosed):
                edits[key] = CLEAR if value is None else Set(value)
        return cls(edits)
