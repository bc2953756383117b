"""Names of targets, for people: asked for only where rows lack them."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from tui_numbers.domain.numbers import OwnedNumber, Target, TargetOption
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.inventory import list_targets
from tui_numbers.services.workspace import Workspace

Names = dict[tuple[str, str, str], str | None]


async def labelled(workspace: Workspace, numbers: Sequence[OwnedNumber]) -> list[OwnedNumber]:
    """Return the numbers with their targets' names; an account that cannot tell is passed over."""
    names = await target_names(
        workspace, {n.account for n in numbers if _lacks_label(workspace, n)}
    )
    return [with_names(number, names) for number in numbers] if names else list(numbers)


def _lacks_label(workspace: Workspace, number: OwnedNumber) -> bool:
    info = workspace.info(number.account)
    return any(
        isinstance(target, Target)
        and not target.label
        and (kind := info.target_kind(target.kind)) is not None
        and kind.listed
        for target in number.routing.values()
    )


async def target_names(workspace: Workspace, accounts: set[str]) -> Names:
    """Return the names of what these accounts list as targets."""

    async def ask(name: str) -> tuple[TargetOption, ...]:
        try:
            return await list_targets(workspace, workspace.account(name))
        except ProviderError:
            return ()

    asked = sorted(accounts)
    names: Names = {}
    for account, options in zip(asked, await asyncio.gather(*map(ask, asked)), strict=True):
        for option in options:
            target = option.target
            names[account, target.kind, target.value] = target.label
    return names


def with_names(number: OwnedNumber, names: Names) -> OwnedNumber:
    """Return ``number`` with the names of its targets, where they are known."""
    routing = {
        channel: target
        if not isinstance(target, Target) or target.label
        else replace(target, label=names.get((number.account, target.kind, target.value)))
        for channel, target in number.routing.items()
    }
    return replace(number, routing=routing)
