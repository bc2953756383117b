"""Names of targets, which providers tell in one place and leave out in others."""

from collections.abc import Iterable
from dataclasses import replace

from tui_numbers.domain.numbers import Channel, Destination, OwnedNumber, Routing, Target

_Key = tuple[tuple[Channel, Destination | None, str | None], ...]


class Labels:
    """Names of targets, put to numbers; numbers that point alike share their routing."""

    def __init__(self, targets: Iterable[Target]) -> None:
        self._names = {
            (target.kind, target.value): target.label for target in targets if target.label
        }
        self._routings: dict[_Key, Routing] = {}

    def on(self, number: OwnedNumber) -> OwnedNumber:
        """Return ``number`` with the names of its targets, where they are known."""
        if not any(map(self._is_missing, number.routing.values())):
            return number
        # Targets are equal whatever their labels.
        key = tuple(
            (channel, target, target.label if target else None)
            for channel, target in number.routing.items()
        )
        if key not in self._routings:
            self._routings[key] = {channel: self._named(target) for channel, target, _ in key}
        return replace(number, routing=self._routings[key])

    def _is_missing(self, target: Destination | None) -> bool:
        return self._named(target) is not target

    def _named(self, target: Destination | None) -> Destination | None:
        if not isinstance(target, Target) or target.label:
            return target
        name = self._names.get((target.kind, target.value))
        return replace(target, label=name) if name else target


def labels_of(numbers: Iterable[OwnedNumber]) -> Labels:
    """Return the names that the targets of ``numbers`` have."""
    return Labels(
        target
        for number in numbers
        for target in number.routing.values()
        if isinstance(target, Target)
    )
