"""The wrappings that answers may come in.

The pages on numbers print no sample. Other answers of the same API are wrapped in an object
with the plural or the singular for a key ("Get Projects", "Get Online Logins"), so a bare array
and a bare object are understood as well.
"""

from dataclasses import dataclass
from typing import Any

_STATUS = "ResponseStatus"


@dataclass(frozen=True, slots=True)
class Envelope:
    """The keys that one kind of record may be wrapped in."""

    plural: str
    singular: str
    key: str
    """A field that every such record has, by which a bare one is known."""

    def records(self, value: object) -> list[Any] | None:
        """Return the records in ``value``, or None where it holds none of this kind."""
        if isinstance(value, list):
            return value
        if not isinstance(value, dict):
            return None
        if self.plural in value and isinstance(value[self.plural], list | None):
            return value[self.plural] or []
        # A bare number has a key ``Number`` too: there it holds a text or an integer.
        if isinstance(value.get(self.singular), dict):
            return [value[self.singular]]
        if isinstance(value.get(self.key), str | int):
            return [value]
        arrays = [item for item in value.values() if isinstance(item, list)]
        objects = [item for key, item in value.items() if isinstance(item, dict) and key != _STATUS]
        # Under another name they are known by a record of this kind alone, never by none.
        if len(arrays) == 1:
            return arrays[0] if any(map(self._is_one, arrays[0])) else None
        return objects if len(objects) == 1 and not arrays and self._is_one(objects[0]) else None

    def _is_one(self, item: object) -> bool:
        return isinstance(item, dict) and self.key in item


NUMBERS = Envelope("Numbers", "Number", "Number")
PROJECTS = Envelope("Projects", "Project", "PropertySid")
FLOWS = Envelope("Flows", "Flow", "ConfigId")
ADDRESSES = Envelope("Addresses", "Address", "AddressSid")
