"""Names of targets, which providers tell in one place and leave out in others."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tui_numbers.domain.numbers import Channel, Destination, OwnedNumber, Routing, Target
from tui_numbers.providers.errors import ProviderError

if TYPE_CHECKING:
    from tui_numbers.services.workspace import Workspace

_Key = tuple[tuple[Channel, Destination | None, str | None], ...]


class Labels:
    """Names of targets, put to numbers; numbers that point alike share their routing."""

    def __init__(self, targets: Iterable[Target]) -> None:
        self._names = {
            (target.kind, target.value): target.label for target in targets if target.label
        }
        self._routings: dict[_Key, Routing] = {}

    def of(self, target: Target) -> Target:
        """Return ``target`` with its name, where it is known."""
        name = None if target.label else self._names.get((target.kind, target.value))
        return replace(target, label=name) if name else target

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
        return self.of(target) if isinstance(target, Target) else target


def labels_of(numbers: Iterable[OwnedNumber]) -> Labels:
    """Return the names that the targets of ``numbers`` have."""
    return Labels(
        target
        for number in numbers
        for target in number.routing.values()
        if isinstance(target, Target)
    )


Names = Mapping[str, Labels]
"""Names of targets by account."""


def with_names(number: OwnedNumber, names: Names) -> OwnedNumber:
    """Return ``number`` with the names of its targets, where they are known."""
    labels = names.get(number.account)
    return labels.on(number) if labels is not None else number


async def labelled(workspace: "Workspace", numbers: Sequence[OwnedNumber]) -> list[OwnedNumber]:
    """Return the numbers with their targets' names; an account that cannot tell is passed over."""
    accounts = {number.account for number in numbers if _lacks_label(workspace, number)}
    names = await target_names(workspace, accounts)
    return [with_names(number, names) for number in numbers]


def _lacks_label(workspace: "Workspace", number: OwnedNumber) -> bool:
    info = workspace.info(number.account)
    return any(
        isinstance(target, Target)
        and not target.label
        and (kind := info.target_kind(target.kind)) is not None
        and kind.listed
        for target in number.routing.values()
    )


async def target_names(workspace: "Workspace", accounts: Iterable[str]) -> Names:
    """Return the names of what these accounts list as targets, asked side by side."""
    from tui_numbers.services.inventory import list_targets

    async def ask(name: str) -> Labels:
        try:
            options = await list_targets(workspace, workspace.account(name))
        except ProviderError:
            return Labels(())
        return Labels(option.target for option in options)

    asked = sorted(accounts)
    return dict(zip(asked, await asyncio.gather(*map(ask, asked)), strict=True))
