"""Keep saved routes, work out how each stands, and plan to apply one or to put it back."""

import asyncio
import os
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from tui_numbers.domain.accounts import Account
from tui_numbers.domain.changes import CLEAR, Change, Edit, Set
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import Channel, OwnedNumber, Stored, Target, TargetOption
from tui_numbers.domain.operations import Actor, Operation
from tui_numbers.domain.query import OwnedQuery
from tui_numbers.domain.routes import (
    Route,
    RouteError,
    RouteLine,
    Standing,
    check_name,
    read_route,
    route_text,
)
from tui_numbers.domain.temporary import End, Rehearsal
from tui_numbers.domain.text import nearest
from tui_numbers.providers.contract import ProviderInfo, TargetKind, ValueKind
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.batch import spaced_seconds
from tui_numbers.services.input_parsing import InvalidInput, read_change
from tui_numbers.services.inventory import AccountFailed, OwnedPage, list_targets, owned_of
from tui_numbers.services.planning import Plan, plan_set
from tui_numbers.services.preview import Preview
from tui_numbers.services.routing import Labels
from tui_numbers.services.undo import can_be_undone
from tui_numbers.services.writes import Writer
from tui_numbers.storage.journal import Journal, JournalQuery

_ENDING = ".toml"
_LISTED_ABOVE = 40
"""How many numbers of an account are read one by one; more are read by listing the account."""
_AT_ONCE = 8
_REQUESTS_OF_A_WRITE = 4
"""Read afresh, send, read back, and one more where the provider wants it."""
_LOOKED_AT = 2_000
"""How many of a route's latest operations are looked at to put it back."""


class RouteBook:
    """The files of saved routes, one each; in memory for the demo. Every method may block."""

    def __init__(self, folder: Path | None, given: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        self._texts = dict(given or {})

    def where(self, name: str) -> str:
        """Return where a route is kept, for messages."""
        return str(self._folder / f"{name}{_ENDING}") if self._folder else f"{name} (in memory)"

    def names(self) -> list[str]:
        """Return the names of all routes, in order.

        Raises:
            RouteError: The directory cannot be read.
        """
        if self._folder is None:
            return sorted(self._texts)
        try:
            return sorted(path.stem for path in self._folder.glob(f"*{_ENDING}"))
        except OSError as error:
            raise RouteError(f"{self._folder}: {error.strerror}") from None

    def load(self, name: str) -> Route:
        """Read one route.

        Raises:
            RouteError: There is none, or it cannot be read; the text says the fix.
        """
        if self._folder is None:
            if name not in self._texts:
                raise self._missing(name)
            return read_route(name, self._texts[name])
        path = self._folder / f"{check_name(name)}{_ENDING}"
        try:
            return read_route(name, path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise self._missing(name) from None
        except UnicodeDecodeError:
            raise RouteError(f"{path} is not UTF-8: save it as that") from None
        except OSError as error:
            raise RouteError(f"{path}: {error.strerror}") from None

    def _missing(self, name: str) -> RouteError:
        known = self.names()
        hint = nearest(name, known) if known else "none is saved: route save NAME makes one"
        return RouteError(f"no route {name!r}; {hint}")

    def load_all(self) -> tuple[list[Route], list[str]]:
        """Read all routes; return those that can be read, and what is wrong with the others.

        Raises:
            RouteError: The directory cannot be read.
        """
        routes, problems = [], []
        for name in self.names():
            try:
                routes.append(self.load(name))
            except RouteError as error:
                problems.append(str(error))
        return routes, problems

    def save(self, route: Route, *, replacing: bool) -> None:
        """Write the file of a route whole, or not at all.

        Raises:
            RouteError: It is there already and is not to be replaced, or cannot be written.
        """
        name = check_name(route.name)
        if not replacing and name in self.names():
            raise RouteError(f"route {name} is there already: add --replace to write it anew")
        text = route_text(route)
        if self._folder is None:
            self._texts[name] = text
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, temporary = tempfile.mkstemp(dir=self._folder, prefix=f".{name}.")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
                Path(temporary).replace(self._folder / f"{name}{_ENDING}")
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise RouteError(f"{self.where(name)}: {error.strerror}") from None

    def remove(self, name: str) -> None:
        """Remove the file of a route.

        Raises:
            RouteError: There is none, or it cannot be removed.
        """
        if self._folder is None:
            if self._texts.pop(name, None) is None:
                raise self._missing(name)
            return
        path = self._folder / f"{check_name(name)}{_ENDING}"
        try:
            path.unlink()
        except FileNotFoundError:
            raise self._missing(name) from None
        except OSError as error:
            raise RouteError(f"{path}: {error.strerror}") from None


@dataclass(frozen=True, slots=True)
class SettingState:
    """How one wanted setting of a number stands."""

    key: str
    wanted: Stored
    actual: Stored
    standing: Standing
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class NumberState:
    """How one number of a route stands."""

    line: RouteLine
    settings: tuple[SettingState, ...]
    owned: OwnedNumber | None = None
    plan: Plan | None = None
    """What applies it; None where that is impossible."""
    problem: str | None = None
    """Why it cannot be applied, or what is wrong although it is in force."""

    @property
    def standing(self) -> Standing:
        """The worst standing of its settings."""
        found = {one.standing for one in self.settings}
        for standing in (Standing.IMPOSSIBLE, Standing.ELSEWHERE):
            if standing in found or not found:
                return standing
        return Standing.IN_FORCE


@dataclass(frozen=True)
class RouteState:
    """How a route stands, from what is owned now and what the journal keeps."""

    route: Route
    numbers: tuple[NumberState, ...]
    applied_at: datetime | None = None
    applied_by: Actor | None = None
    until: datetime | None = None
    """The latest end of what it has applied, where that is temporary."""
    rehearsal: Rehearsal | None = None
    seconds: float = 0.0
    """About how long applying it takes."""
    sharing: Mapping[str, int] = field(default_factory=dict)
    """Other routes that set some of the same, with how many numbers."""

    def count(self, standing: Standing) -> int:
        """Return how many of its numbers stand so."""
        return Counter(one.standing for one in self.numbers)[standing]

    @property
    def in_force(self) -> int:
        """How many of its numbers are as it wants them."""
        return self.count(Standing.IN_FORCE)

    @property
    def impossible(self) -> int:
        """How many of its numbers it cannot be applied to."""
        return self.count(Standing.IMPOSSIBLE)

    @property
    def different(self) -> int:
        """How many are otherwise although others are as it wants them."""
        return self.count(Standing.ELSEWHERE) if self.in_force else 0

    @property
    def elsewhere(self) -> int:
        """How many are otherwise where none is as it wants them."""
        return 0 if self.in_force else self.count(Standing.ELSEWHERE)


class Standings:
    """Works out how routes stand; every number and target is read once for all of them."""

    def __init__(self, writer: Writer, *, named: bool = True) -> None:
        """Begin; ``named`` asks for the names of targets too, for people."""
        self._writer = writer
        self._named = named
        self._listing: dict[str, asyncio.Lock] = {}
        self._listed: dict[str, dict[str, TargetOption]] = {}
        self._workspace = writer.workspace
        self._preview = Preview(writer)
        self._options: dict[tuple[str, str], TargetOption | None] = {}
        self._seconds: dict[str, list[float]] = defaultdict(list)

    async def of(
        self, routes: Sequence[Route], *, until: datetime | None = None
    ) -> list[RouteState]:
        """Return how each route stands.

        ``until`` is the end that an application is to have.

        Raises:
            JournalError: The journal cannot be read.
        """
        read = await self._read({line.key for route in routes for line in route.lines
                                 if line.problem is None})  # fmt: skip
        known = await asyncio.to_thread(self._known, [route.name for route in routes])
        return [await self._state(route, routes, read, known, until) for route in routes]

    def _known(self, names: Sequence[str]) -> "_Known":
        journal = self._writer.journal
        ends = journal.ends()
        return _Known({name: last_application(journal, name) for name in names},
                      ends, journal.rehearsals())  # fmt: skip

    async def _state(
        self,
        route: Route,
        routes: Sequence[Route],
        read: "Mapping[tuple[str, E164], OwnedNumber | str]",
        known: "_Known",
        until: datetime | None,
    ) -> RouteState:
        turns = asyncio.Semaphore(_AT_ONCE)
        several = len(route.lines) > 1

        async def one(line: RouteLine) -> NumberState:
            async with turns:
                return await self._number(route, line, read, until, several=several)

        numbers = tuple(await asyncio.gather(*map(one, route.lines)))
        applied = known.applied.get(route.name)
        untils = [end.until for end in known.ends if end.route == route.name]
        sharing = {
            other.name: len(shared)
            for other in routes
            if other.name != route.name and (shared := route.shared_with(other))
        }
        return RouteState(
            route,
            numbers,
            applied.started_at if applied is not None else None,
            applied.actor if applied is not None else None,
            max(untils, default=None),
            known.rehearsals.get(route.name),
            self._estimate(numbers),
            sharing,
        )

    async def _read(
        self, keys: Iterable[tuple[str, E164]]
    ) -> dict[tuple[str, E164], OwnedNumber | str]:
        """Return each number as it is now, or why it is not known."""
        by_account: dict[str, list[E164]] = defaultdict(list)
        for account, number in keys:
            by_account[account].append(number)
        found: dict[tuple[str, E164], OwnedNumber | str] = {}
        parts = await asyncio.gather(
            *(self._read_account(name, numbers) for name, numbers in by_account.items())
        )
        for part in parts:
            found.update(part)
        return found

    async def _read_account(
        self, name: str, numbers: Sequence[E164]
    ) -> dict[tuple[str, E164], OwnedNumber | str]:
        try:
            account = self._workspace.account(name)
        except KeyError:
            known = [one.name for one in self._workspace.accounts]
            return {(name, one): f"no account {name!r} in use; {nearest(name, known)}"
                    for one in numbers}  # fmt: skip
        if len(numbers) > _LISTED_ABOVE:
            return await self._list_account(account, numbers)
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(number: E164) -> OwnedNumber | str:
            async with turns:
                timing = self._workspace.http.timing
                began = timing.now()
                try:
                    client = await self._workspace.client(account)
                    owned = await client.find(number)
                except ProviderError as error:
                    return f"it could not be read: {error}"
                self._seconds[name].append(timing.now() - began)
                return owned or f"{name} does not hold {number} any more"

        answers = await asyncio.gather(*map(one, numbers))
        return {(name, number): told for number, told in zip(numbers, answers, strict=True)}

    async def _list_account(
        self, account: Account, numbers: Sequence[E164]
    ) -> dict[tuple[str, E164], OwnedNumber | str]:
        found: dict[tuple[str, E164], OwnedNumber | str] = {
            (account.name, one): f"{account.name} does not hold {one} any more" for one in numbers
        }
        async for event in owned_of(self._workspace, account, OwnedQuery()):
            if isinstance(event, OwnedPage):
                found.update({(account.name, one.number): one for one in event.numbers
                              if (account.name, one.number) in found})  # fmt: skip
            elif isinstance(event, AccountFailed):
                return dict.fromkeys(found, f"it could not be read: {event.error}")
        return found

    async def _number(
        self,
        route: Route,
        line: RouteLine,
        read: Mapping[tuple[str, E164], OwnedNumber | str],
        until: datetime | None,
        *,
        several: bool,
    ) -> NumberState:
        owned = line.problem or read[line.key]
        if isinstance(owned, str):
            return _impossible(line, owned)
        account = self._workspace.account(line.account)
        info = self._workspace.info(account)
        try:
            change = line.change if _stands(line, owned) else _wanted_change(info, line, owned)
            others = {one.number: one for one in read.values() if isinstance(one, OwnedNumber)}
            plan = replace(plan_set(account, info, owned, change, others.get),
                           route=route.name, until=until)  # fmt: skip
            plan = await self._preview.of(plan)
            gone, named = await self._targets(account, info, change)
        except InvalidInput as error:
            return _impossible(line, str(error), owned)
        except ProviderError as error:
            return _impossible(line, f"it could not be asked about: {error}", owned)
        problem = "; ".join(gone.values()) or None
        if plan.is_needed:
            forbidden = self._writer.forbidden(plan, "-", several=several)
            problem = problem or forbidden
        states = tuple(
            _setting_state(key, edit, owned, problem, gone.get(key))
            for key, edit in change.edits.items()
        )
        labels = Labels((*named, *self._names(account.name)))
        if plan.before is not None and plan.requested is not None:
            plan = replace(plan, before=labels.on(plan.before), requested=labels.on(plan.requested))
        possible = problem is None or not plan.is_needed
        return NumberState(line, states, labels.on(owned), plan if possible else None, problem)

    async def _targets(
        self, account: Account, info: ProviderInfo, change: Change
    ) -> tuple[dict[str, str], list[Target]]:
        """Return which settings name a target that is gone, and the others with their names."""
        gone: dict[str, str] = {}
        named: list[Target] = []
        for key, edit in change.edits.items():
            spec = info.setting(key)
            if not isinstance(edit, Set) or spec is None or spec.kind is not ValueKind.TARGET:
                continue
            target = spec.target_in(edit.value)
            kind = info.target_kind(target.kind)
            if kind is None or not kind.listed or not (kind.all_listed or self._named):
                continue
            option = await self._option(account, kind, target)
            if option is not None:
                named.append(option.target)
            elif kind.all_listed:
                gone[key] = (
                    f"{account.name} does not list {target.text} any more: nothing arrives there"
                )
        return gone, named

    def _names(self, account: str) -> Iterable[Target]:
        return (one.target for one in self._listed.get(account, {}).values())

    async def _option(
        self, account: Account, kind: TargetKind, target: Target
    ) -> TargetOption | None:
        """Return a target as the account lists it, or None; each is asked for once."""
        if kind.channels_vary:
            asked = (account.name, target.text)
            if asked not in self._options:
                client = await self._workspace.client(account)
                self._options[asked] = await client.target(target)
            return self._options[asked]
        async with self._listing.setdefault(account.name, asyncio.Lock()):
            if account.name not in self._listed:
                options = await list_targets(self._workspace, account)
                self._listed[account.name] = {one.target.text: one for one in options}
        return self._listed[account.name].get(target.text)

    def _estimate(self, numbers: Sequence[NumberState]) -> float:
        """Return about how many seconds applying takes, by how long reading took."""
        counts = Counter(
            one.line.account for one in numbers if one.plan is not None and one.plan.is_needed
        )
        longest = 0.0
        for account, count in counts.items():
            measured = self._seconds.get(account)
            if measured:
                each = sum(measured) / len(measured) * _REQUESTS_OF_A_WRITE
                longest = max(longest, each * -(-count // _AT_ONCE))
        plans = [one.plan for one in numbers if one.plan is not None]
        return max(longest, spaced_seconds(self._workspace, plans))


@dataclass(frozen=True)
class _Known:
    """What the journal keeps of routes."""

    applied: Mapping[str, Operation | None]
    ends: Sequence[End]
    rehearsals: Mapping[str, Rehearsal]


def _impossible(line: RouteLine, problem: str, owned: OwnedNumber | None = None) -> NumberState:
    states = tuple(
        SettingState(
            key,
            edit.value if isinstance(edit, Set) else None,
            owned.settings.get(key) if owned is not None else None,
            Standing.IMPOSSIBLE,
            problem,
        )
        for key, edit in line.edits.items()
    )
    unread = (SettingState("", None, None, Standing.IMPOSSIBLE, problem),)
    return NumberState(line, states or unread, owned, None, problem)


def _stands(line: RouteLine, owned: OwnedNumber) -> bool:
    """Tell whether a number is as a line has it, character for character.

    What is stored need not be what could be typed, and a baseline keeps it all the same.
    """
    return all(
        key in owned.settings
        and owned.settings[key] == (edit.value if isinstance(edit, Set) else None)
        for key, edit in line.edits.items()
    )


def _wanted_change(info: ProviderInfo, line: RouteLine, owned: OwnedNumber) -> Change:
    """Return what a line asks for, in the form in which it is stored.

    Raises:
        InvalidInput: A setting is unknown, or a value does not fit it.
    """
    assigned = {key: edit.value for key, edit in line.edits.items() if isinstance(edit, Set)}
    cleared = tuple(key for key, edit in line.edits.items() if edit == CLEAR)
    return read_change(info, assigned, cleared, owned.country)


def _setting_state(
    key: str, edit: Edit, owned: OwnedNumber, problem: str | None, gone: str | None
) -> SettingState:
    wanted = edit.value if isinstance(edit, Set) else None
    actual = owned.settings.get(key)
    if key in owned.settings and actual == wanted:
        return SettingState(key, wanted, actual, Standing.IN_FORCE, gone)
    standing = Standing.ELSEWHERE if problem is None else Standing.IMPOSSIBLE
    return SettingState(key, wanted, actual, standing, problem)


def last_application(journal: Journal, name: str) -> Operation | None:
    """Return the first operation with an effect of the latest application of a route; blocks."""
    found = journal.operations(JournalQuery(route=name, limit=_LOOKED_AT))
    effective = [one for one in found if can_be_undone(one)]
    if not effective:
        return None
    return next(one for one in reversed(effective) if one.batch == effective[0].batch)


def to_revert(journal: Journal, state: RouteState) -> list[list[Operation]]:
    """Return what puts back what a route replaced, number by number; blocks.

    That is what its latest application changed, and what an earlier one did to numbers that
    are still as the route wants them.
    """
    found = journal.operations(JournalQuery(route=state.route.name, limit=_LOOKED_AT))
    effective = [one for one in found if can_be_undone(one)]
    if not effective:
        return []
    holding = {one.line.key for one in state.numbers if one.standing is Standing.IN_FORCE}
    latest: dict[tuple[str, E164], Operation] = {}
    for one in effective:
        key = (one.account, one.number)
        if one.batch == effective[0].batch or key in holding:
            latest.setdefault(key, one)
    return [[one] for one in latest.values()]


def kept_at(info: ProviderInfo, owned: OwnedNumber, channel: Channel | None) -> Change:
    """Return the change that keeps a channel where it is delivered already."""
    edits: dict[str, Edit] = {}
    for key in info.precedence.get(channel or Channel.VOICE, ()):
        value = owned.settings.get(key)
        if isinstance(value, str):
            edits[key] = Set(value)
            break
        edits[key] = CLEAR
    return Change(edits)


def baseline(info: ProviderInfo, owned: OwnedNumber, change: Change | None = None) -> RouteLine:
    """Return the line that keeps a number as it is, or as ``change`` makes it."""
    if change is not None:
        return RouteLine(owned.account, owned.number, change.edits)
    edits: dict[str, Edit] = {}
    for spec in info.settings:
        value = owned.settings.get(spec.key)
        if not (spec.channels and spec.readable and spec.settable):
            continue
        if isinstance(value, str):
            edits[spec.key] = Set(value)
        elif value is None and spec.clearable:
            edits[spec.key] = CLEAR
    return RouteLine(owned.account, owned.number, edits)
