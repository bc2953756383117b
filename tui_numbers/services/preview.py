"""Preview plans: add warnings and refusals that only the provider or the journal knows."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from tui_numbers.domain.accounts import Account
from tui_numbers.domain.numbers import (
    Address,
    AvailableNumber,
    Channel,
    Destination,
    Money,
    OwnedNumber,
    Target,
    TargetOption,
    sums,
)
from tui_numbers.domain.operations import Action, Operation
from tui_numbers.providers.contract import Provider, ProviderInfo
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.planning import NotPlanned, Plan, with_target_names
from tui_numbers.services.protection import lock_warnings
from tui_numbers.services.routing import decided_elsewhere, delivers
from tui_numbers.services.settling import with_unsettled
from tui_numbers.services.team import with_doings_of_others
from tui_numbers.services.temporary import why_without_end, with_ends
from tui_numbers.services.undo import why_not_restorable
from tui_numbers.services.workspace import Workspace
from tui_numbers.services.writes import Writer

Prepare = Callable[[Sequence[Operation]], Awaitable[Plan]]
"""Reads a number afresh and plans again what operations on it asked for, or undoes them."""

_AT_ONCE = 8


class Preview:
    """Adds to plans what providers and the journal know; each target is asked for once."""

    def __init__(
        self, writer: Writer, named: Callable[[OwnedNumber], OwnedNumber] = lambda number: number
    ) -> None:
        """Begin; ``named`` puts names of targets to a number, where its reader is a person."""
        self._named = named
        self._workspace = writer.workspace
        self._journal = writer.journal
        self._actor = writer.actor
        self._told: dict[tuple[str, Target], asyncio.Task[TargetOption | str]] = {}

    async def of(self, plan: Plan) -> Plan:
        """Return the plan with what may be lost or refused, and what others did to its number.

        Raises:
            ProviderError: The account cannot be used.
        """
        plan = await self._asked(plan)
        plan = await with_unsettled(self._workspace, self._journal, plan)
        plan = await with_doings_of_others(self._journal, plan, self._actor)
        plan = await with_ends(self._journal, plan)
        return with_target_names(plan, self._named)

    async def of_all(self, plans: Iterable[Plan]) -> list[Plan | ProviderError]:
        """Return each plan as ``of`` does, several at once, or why its account cannot be used."""
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(plan: Plan) -> Plan | ProviderError:
            async with turns:
                try:
                    return await self.of(plan)
                except ProviderError as error:
                    return error

        return list(await asyncio.gather(*map(one, plans)))

    async def of_recorded(
        self, groups: Sequence[Sequence[Operation]], prepare: Prepare
    ) -> list[Plan | NotPlanned | ProviderError]:
        """Plan again what the journal holds, several numbers at once.

        ``groups`` are the operations on one number each, and ``prepare`` makes their plan. Why a
        number has none stands in its place.
        """
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(group: Sequence[Operation]) -> Plan | NotPlanned | ProviderError:
            async with turns:
                try:
                    return await self.of(await prepare(group))
                except (NotPlanned, ProviderError) as error:
                    return error

        return list(await asyncio.gather(*map(one, groups)))

    async def _asked(self, plan: Plan) -> Plan:
        if plan.action is Action.RELEASE or (plan.action is Action.BUY and plan.target is None):
            return plan
        client = await self._workspace.client(plan.account)
        warnings, refusal = [*plan.warnings], plan.refusal
        if plan.change:
            warnings = [*lock_warnings(self._workspace.locks, plan), *warnings]
        if plan.before is not None and plan.change:
            warnings += client.warnings(plan.before, plan.change)
            warnings += _not_restorable(client, plan, plan.before)
            refusal = refusal or client.why_not(plan.change)
            if refusal is None and delivers(plan.info, plan.change):
                told = await client.decided_elsewhere(plan.before)
                refusal = decided_elsewhere(plan.info, told, plan.change)
            if plan.until is not None:
                refusal = refusal or why_without_end(plan, client)
        lines, unserved = await self._deliveries(client, plan)
        warnings += lines
        refusal = refusal or unserved
        return replace(plan, warnings=tuple(dict.fromkeys(warnings)), refusal=refusal)

    async def _deliveries(self, client: Provider, plan: Plan) -> tuple[list[str], str | None]:
        """Return warnings of targets that do not serve what they get, and why that is refused."""
        lines: list[str] = []
        refusal: str | None = None
        served = 0
        moved = _moved(plan)
        for channel, was, target in moved:
            told = await self._told_of(client, plan, target)
            if isinstance(told, str):
                lines.append(told)
            elif channel not in told.channels:
                problem = _unserved(told, channel)
                lines.append(problem)
                if channel is _asked(plan) or await self._serves(client, plan, was, channel):
                    refusal = refusal or problem
                continue
            served += 1
        if moved and not served:
            refusal = refusal or lines[0]
        if plan.action is Action.UNDO or refusal is None:
            return lines, None
        return [line for line in lines if line != refusal], refusal

    async def _serves(
        self, client: Provider, plan: Plan, target: Destination | None, channel: Channel
    ) -> bool:
        """Tell whether a channel arrives where it goes now, as far as that is known."""
        if not isinstance(target, Target) or not _varies(plan, target):
            return target is not None
        told = await self._told_of(client, plan, target)
        return isinstance(told, str) or channel in told.channels

    async def _told_of(self, client: Provider, plan: Plan, target: Target) -> TargetOption | str:
        """Return a target with the channels that it serves, or why they are not known."""
        key = (plan.account.name, target)
        if key not in self._told:
            self._told[key] = asyncio.create_task(_ask(client, target))
        # Others wait for the same answer, whoever is cancelled.
        return await asyncio.shield(self._told[key])


async def _ask(client: Provider, target: Target) -> TargetOption | str:
    name = target.label or target.text
    try:
        option = await client.target(target)
    except ProviderError as error:
        return f"whether {name} takes calls and SMS could not be asked: {error.message}"
    if option is None:
        return f"the account does not list {name}: nothing may arrive there"
    return option


def _asked(plan: Plan) -> Channel | None:
    return plan.channel or (Channel.VOICE if plan.action is Action.BUY else None)


def _varies(plan: Plan, target: Target) -> bool:
    kind = plan.info.target_kind(target.kind)
    return kind is not None and kind.channels_vary


def _moved(plan: Plan) -> list[tuple[Channel, Destination | None, Target]]:
    """Return the channels that a plan sends to targets that may not serve them, from where."""
    found: list[tuple[Channel, Destination | None, Target]] = []
    for channel in Channel:
        was = plan.before.routing.get(channel) if plan.before is not None else None
        will = plan.requested.routing.get(channel) if plan.requested is not None else None
        if channel is _asked(plan) and plan.target is not None:
            will = plan.target
        elif will == was:
            continue
        if isinstance(will, Target) and _varies(plan, will):
            found.append((channel, was, will))
    # What was asked for is told before what moves beside it.
    return sorted(found, key=lambda entry: entry[0] is not _asked(plan))


def _unserved(option: TargetOption, channel: Channel) -> str:
    name = option.target.label or option.target.text
    if option.problem:
        return f"{name}: {option.problem}, so {channel.words} would not arrive"
    taken = " and ".join(one.words for one in option.channels)
    takes = f"takes {taken} alone" if taken else "takes neither calls nor SMS"
    return f"{name} {takes}: {channel.words} would not arrive"


def _not_restorable(client: Provider, plan: Plan, before: OwnedNumber) -> list[str]:
    """Warn of what stands now and could not be put back, or is of a kind unknown here."""
    lines = []
    for key in plan.change.edits:
        was = before.settings.get(key)
        problem = why_not_restorable(client, key, was)
        if problem is not None:
            lines.append(f"{key} is {was} now, and cannot be put back: {problem}")
    return lines


@dataclass(frozen=True, slots=True)
class Purse:
    """Balance and addresses of the account that pays for a purchase; None where unknown."""

    balance: Money | None = None
    addresses: tuple[Address, ...] | None = None


async def purse(workspace: Workspace, account: Account) -> Purse:
    """Ask an account for its balance and addresses; what fails stays unknown."""
    balance: Money | None = None
    addresses: tuple[Address, ...] | None = None
    try:
        client = await workspace.client(account)
        balance = (await client.check()).balance
        addresses = await client.addresses()
    except ProviderError:
        pass
    return Purse(balance, addresses)


def purchase_warnings(
    info: ProviderInfo, stock: Sequence[AvailableNumber], known: Purse
) -> tuple[str, ...]:
    """Warn of a balance that does not cover the prices at one account, and of a missing address."""
    balance = known.balance
    prices, _ = sums(one.monthly_cost for one in stock)
    lines = [
        f"the balance is {balance}, less than one month ({price})"
        for price in prices
        if balance and price.currency == balance.currency and balance.amount < price.amount
    ]
    needs_address = any(one.address_requirement not in (None, "none") for one in stock)
    if needs_address and known.addresses == ():
        lines.append(f"no address is registered at {info.title}: it may refuse")
    return tuple(lines)
