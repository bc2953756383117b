"""List owned numbers and targets of all accounts side by side, retry, and count by target."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from tui_numbers.domain.accounts import Account
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import Channel, Destination, OwnedNumber, Target, TargetOption
from tui_numbers.domain.query import OwnedQuery
from tui_numbers.providers.errors import ProviderError, RateLimited
from tui_numbers.services.routing import Labels, Names, carries, with_names

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from tui_numbers.domain.query import Total
    from tui_numbers.providers.contract import Provider, ProviderInfo
    from tui_numbers.providers.pacing import Timing
    from tui_numbers.services.workspace import Workspace


T = TypeVar("T")
E = TypeVar("E", bound="DataclassInstance")


@dataclass(frozen=True, slots=True)
class OwnedPage:
    """Numbers of one account that passed the filter, as they arrived."""

    account: str
    numbers: tuple[OwnedNumber, ...]
    total: "Total"
    """How many the account holds in all."""
    unknown: int = 0
    """Left out because the provider does not tell what the filter asks for."""
    warnings: tuple[str, ...] = ()
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class AccountDone:
    """An account is listed completely."""

    account: str
    count: int


@dataclass(frozen=True, slots=True)
class AccountFailed:
    """The listing of an account failed; pages that came before still hold."""

    account: str
    error: ProviderError
    again: float | None = None
    """Seconds until it is asked again by itself; None where it is not."""


OwnedEvent = OwnedPage | AccountDone | AccountFailed


async def owned_of(
    workspace: "Workspace", account: Account, query: OwnedQuery
) -> AsyncIterator[OwnedEvent]:
    """Yield one account's numbers page by page, then that it is done or has failed."""
    from tui_numbers.services.containment import contained

    count = 0
    try:
        client = await workspace.client(account)
        async for page in client.owned(query):
            with contained(account.name):
                passed, unknown = _filtered(page.items, query, client)
            count += len(passed)
            yield OwnedPage(account.name, passed, page.total, unknown, page.warnings, page.dropped)
    except ProviderError as error:
        yield AccountFailed(account.name, error)
    else:
        yield AccountDone(account.name, count)


def _filtered(
    numbers: tuple[OwnedNumber, ...], query: OwnedQuery, client: "Provider"
) -> tuple[tuple[OwnedNumber, ...], int]:
    """Return what passes, and how many were left out because nothing is told."""
    if query == OwnedQuery():
        return numbers, 0
    stored = client.info.stored_targets
    verdicts = [query.accepts(number, stored(number.settings)) for number in numbers]
    passed = tuple(number for number, verdict in zip(numbers, verdicts, strict=True) if verdict)
    return passed, verdicts.count(None)


def owned(
    workspace: "Workspace", query: OwnedQuery, accounts: Iterable[Account] | None = None
) -> AsyncIterator[OwnedEvent]:
    """Yield the numbers of several accounts (all, unless named), asked concurrently."""
    asked = workspace.accounts if accounts is None else tuple(accounts)
    return merge([owned_of(workspace, account, query) for account in asked])


@dataclass
class Listing:
    """The numbers of all accounts, ordered by account and number, with what went wrong."""

    numbers: list[OwnedNumber] = field(default_factory=list)
    failures: dict[str, ProviderError] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)
    """By account, how many were left out for want of what the filter asks for."""
    warnings: list[str] = field(default_factory=list)
    dropped: int = 0


async def list_owned(
    workspace: "Workspace",
    query: OwnedQuery,
    on_event: Callable[[OwnedEvent], None] = lambda event: None,
) -> Listing:
    """Ask every account for its numbers and wait for all of them."""
    listing = Listing()
    async for event in owned(workspace, query):
        on_event(event)
        match event:
            case OwnedPage():
                listing.numbers.extend(event.numbers)
                listing.dropped += event.dropped
                listing.warnings.extend(f"{event.account}: {line}" for line in event.warnings)
                if event.unknown:
                    told = listing.unknown.get(event.account, 0)
                    listing.unknown[event.account] = told + event.unknown
            case AccountFailed():
                listing.failures[event.account] = event.error
            case AccountDone():
                pass
    order = {account.name: place for place, account in enumerate(workspace.accounts)}
    listing.numbers.sort(key=lambda number: (order[number.account], number.number))
    return listing


@dataclass
class Lookup:
    """Where one exact number is held."""

    found: list[OwnedNumber] = field(default_factory=list)
    failures: dict[str, ProviderError] = field(default_factory=dict)


async def find_number(workspace: "Workspace", number: E164) -> Lookup:
    """Read one number afresh at every account concurrently."""
    lookup = Lookup()

    async def ask(account: Account) -> OwnedNumber | None:
        client = await workspace.client(account)
        return await client.find(number)

    answers = await asyncio.gather(
        *(ask(account) for account in workspace.accounts), return_exceptions=True
    )
    for account, answer in zip(workspace.accounts, answers, strict=True):
        if isinstance(answer, ProviderError):
            lookup.failures[account.name] = answer
        elif isinstance(answer, BaseException):
            raise answer
        elif answer is not None:
            lookup.found.append(answer)
    return lookup


async def list_targets(
    workspace: "Workspace", account: Account, number: OwnedNumber | None = None
) -> tuple[TargetOption, ...]:
    """Return everything an account lists as a target, each once.

    Raises:
        ProviderError: The account could not tell.
    """
    client = await workspace.client(account)
    options: dict[tuple[str, str], TargetOption] = {}
    async for page in client.targets(number):
        for option in page.items:
            options.setdefault((option.target.kind, option.target.value), option)
    return tuple(options.values())


@dataclass
class TargetListing:
    """What accounts list as targets, and which could not tell."""

    options: dict[str, tuple[TargetOption, ...]] = field(default_factory=dict)
    """By account, in the order in which they were asked."""
    failures: dict[str, ProviderError] = field(default_factory=dict)

    def named(self, numbers: Iterable[OwnedNumber]) -> list[OwnedNumber]:
        """Return numbers with the names of their targets, as far as they are known."""
        names = self.names
        return [with_names(number, names) for number in numbers]

    @property
    def names(self) -> Names:
        """The names of targets by account."""
        return {
            account: Labels(option.target for option in options)
            for account, options in self.options.items()
        }


async def targets_of(workspace: "Workspace", accounts: Iterable[str]) -> TargetListing:
    """List what these accounts offer as targets, asked concurrently."""
    asked = tuple(dict.fromkeys(accounts))
    answers = await asyncio.gather(
        *(list_targets(workspace, workspace.account(name)) for name in asked),
        return_exceptions=True,
    )
    listing = TargetListing()
    for name, answer in zip(asked, answers, strict=True):
        if isinstance(answer, ProviderError):
            listing.failures[name] = answer
        elif isinstance(answer, BaseException):
            raise answer
        else:
            listing.options[name] = answer
    return listing


async def targets_to_name(workspace: "Workspace", numbers: Iterable[OwnedNumber]) -> TargetListing:
    """List the targets of the accounts where a number points at one whose name is not told."""
    lacking = {number.account for number in numbers if _lacks_label(workspace, number)}
    return await targets_of(workspace, sorted(lacking))


async def labelled(workspace: "Workspace", numbers: Sequence[OwnedNumber]) -> list[OwnedNumber]:
    """Return the numbers with their targets' names; an account that cannot tell is passed over."""
    return (await targets_to_name(workspace, numbers)).named(numbers)


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
    """Return the names of what these accounts list as targets, asked concurrently."""
    return (await targets_of(workspace, sorted(accounts))).names


class Standing(StrEnum):
    """How a target stands to what its account lists."""

    LISTED = "listed"
    NOT_READY = "not ready"
    """Listed, but it takes nothing, or not what goes there."""
    GONE = "gone"
    """Numbers point there, and the account does not list it."""
    TYPED = "typed"
    """Of a kind that no account lists, or whose listing was not made."""
    NOWHERE = "nowhere"
    """No target at all."""


@dataclass(frozen=True, slots=True)
class TargetUse:
    """A target of one account, and how many of its numbers point there."""

    account: str
    target: Destination | None
    """None stands for those that go nowhere."""
    channels: tuple[Channel, ...]
    """What arrives there."""
    standing: Standing
    voice: int = 0
    """Numbers whose calls go there."""
    sms: int = 0
    """Numbers whose messages go there."""
    numbers: int = 0
    """Numbers of which either goes there."""
    problem: str = ""


def target_uses(
    account: str,
    numbers: Iterable[OwnedNumber],
    info: "ProviderInfo",
    options: Sequence[TargetOption] | None,
) -> list[TargetUse]:
    """Return the targets of one account with how many of ``numbers`` point there.

    Those that it lists come first, in its order; then whatever else numbers point at, those with
    most of them first; last what goes nowhere. ``options`` is None where it could not list any.
    """
    counts = _counted(numbers)
    listed = {(one.target.kind, one.target.value.casefold()): one for one in options or ()}
    uses = []
    for key, option in listed.items():
        voice, sms, either, _ = counts.pop(key, (0, 0, 0, None))
        lost = (voice and Channel.VOICE not in option.channels) or not option.channels
        standing = Standing.NOT_READY if lost else Standing.LISTED
        uses.append(
            TargetUse(account, option.target, option.channels, standing, voice, sms, either,
                      option.problem)
        )  # fmt: skip
    nowhere = counts.pop(None, None)
    for _, (voice, sms, either, target) in sorted(
        counts.items(), key=lambda item: (-item[1][2], item[0] or ("", ""))
    ):
        kind = info.target_kind(target.kind) if target is not None else None
        whole = kind is not None and kind.listed and kind.all_listed and options is not None
        gone = whole and isinstance(target, Target)
        channels = kind.channels if kind is not None and not gone else ()
        standing = Standing.GONE if gone else Standing.TYPED
        uses.append(TargetUse(account, target, channels, standing, voice, sms, either))
    if nowhere is not None:
        uses.append(TargetUse(account, None, (), Standing.NOWHERE, *nowhere[:3]))
    return uses


_UseKey = tuple[str, str] | None
_Counts = tuple[int, int, int, Destination | None]


def _counted(numbers: Iterable[OwnedNumber]) -> dict[_UseKey, _Counts]:
    """Count calls, messages and numbers by target; None is the key of what goes nowhere."""
    alike: dict[tuple[int, tuple[str, ...]], int] = {}
    samples: dict[tuple[int, tuple[str, ...]], OwnedNumber] = {}
    for number in numbers:
        # Numbers that point alike share one routing, which lives as long as they do.
        look = (id(number.routing), number.capabilities)
        alike[look] = alike.get(look, 0) + 1
        samples.setdefault(look, number)
    counts: dict[_UseKey, _Counts] = {}
    for look, count in alike.items():
        for key, (voice, sms, target) in _uses_of(samples[look]).items():
            before = counts.get(key, (0, 0, 0, None))
            counts[key] = (
                before[0] + voice * count, before[1] + sms * count, before[2] + count,
                before[3] if before[3] is not None and before[3].label else target,
            )  # fmt: skip
    return counts


def _uses_of(number: OwnedNumber) -> dict[_UseKey, tuple[bool, bool, Destination | None]]:
    """Return where a number's calls and messages go, by target."""
    if number.unrouted:
        return {None: (carries(number, Channel.VOICE), carries(number, Channel.SMS), None)}
    uses: dict[_UseKey, tuple[bool, bool, Destination | None]] = {}
    for channel in Channel:
        target = number.routing.get(channel)
        if target is not None:
            value = target.value.casefold() if isinstance(target, Target) else ""
            voice, sms, _ = uses.get((target.kind, value), (False, False, None))
            uses[target.kind, value] = (
                voice or channel is Channel.VOICE, sms or channel is Channel.SMS, target,
            )  # fmt: skip
    return uses


async def merge(streams: Iterable[AsyncIterator[T]]) -> AsyncIterator[T]:
    """Merge streams, yielding items as they come; closing this closes all of them.

    An exception of one stream ends all: streams report failures as items.
    """
    queue: asyncio.Queue[T | BaseException | None] = asyncio.Queue()

    async def drain(stream: AsyncIterator[T]) -> None:
        try:
            async for item in stream:
                await queue.put(item)
        except Exception as error:  # noqa: BLE001 - handed to the consumer, which raises it
            await queue.put(error)
        await queue.put(None)

    tasks = [asyncio.create_task(drain(stream)) for stream in streams]
    try:
        open_streams = len(tasks)
        while open_streams:
            item = await queue.get()
            if item is None:
                open_streams -= 1
            elif isinstance(item, BaseException):
                raise item
            else:
                yield item
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task


_PAUSES = (5.0, 10.0, 20.0, 40.0, 60.0)
"""Seconds before each new attempt; the last holds for all further ones."""
_LONGEST_ASKED = 3600.0
"""Seconds of a pause that a provider asks for, at most."""


def pause_after(failures: int, error: ProviderError) -> float:
    """Return the seconds before the next attempt, after so many that failed (from 1)."""
    seconds = _PAUSES[min(failures, len(_PAUSES)) - 1]
    asked = error.retry_after if isinstance(error, RateLimited) else None
    return max(seconds, min(asked or 0.0, _LONGEST_ASKED))


def owned_with_retries(
    workspace: "Workspace", accounts: Iterable[Account]
) -> AsyncIterator[OwnedEvent]:
    """Yield the accounts' numbers; one that fails for now is asked again until it answers.

    ``providers/http.py`` repeats a request within seconds. This comes after, ever more seldom, for
    as long as a screen is open to show it.
    """
    return merge([_one_with_retries(workspace, account) for account in accounts])


def _one_with_retries(workspace: "Workspace", account: Account) -> AsyncIterator[OwnedEvent]:
    def passing(event: OwnedEvent) -> ProviderError | None:
        return event.error if isinstance(event, AccountFailed) and event.error.passes else None

    return until_answered(
        lambda: owned_of(workspace, account, OwnedQuery()), passing, workspace.http.timing
    )


async def until_answered(
    ask: Callable[[], AsyncIterator[E]],
    passing: Callable[[E], ProviderError | None],
    timing: "Timing",
) -> AsyncIterator[E]:
    """Yield what ``ask`` yields, and ask again, ever more seldom, while that is a failure.

    ``passing`` returns the error of an event that tells of one which may pass. Such an event says
    in ``again`` how many seconds are waited then.
    """
    failures = 0
    while True:
        pause: float | None = None
        async for event in ask():
            error = passing(event)
            if error is None:
                yield event
                continue
            failures += 1
            pause = pause_after(failures, error)
            yield replace(event, again=pause)
        if pause is None:
            return
        await timing.sleep(pause)


async def targets_with_retries(
    workspace: "Workspace", account: Account, on_failure: Callable[[ProviderError], None]
) -> tuple[TargetOption, ...]:
    """Return the targets that an account lists; ``on_failure`` is told of the first failure.

    Raises:
        ProviderError: It cannot tell, and waiting does not help.
    """
    failures = 0
    while True:
        try:
            return await list_targets(workspace, account)
        except ProviderError as error:
            if not error.passes:
                raise
            failures += 1
            if failures == 1:
                on_failure(error)
            pause = pause_after(failures, error)
        await workspace.http.timing.sleep(pause)
