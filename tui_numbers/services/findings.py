"""Find what is wrong with owned numbers, from what listings and the journal told; no I/O.

A listing that was not made says nothing: whether a target is gone is known only where the targets
of its account were listed, and ``Findings.unchecked`` names the accounts where they were not.
"""

import functools
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from tui_numbers.domain import clock
from tui_numbers.domain.e164 import E164, international, malformed_phone
from tui_numbers.domain.numbers import (
    Channel,
    Destination,
    Finding,
    OwnedNumber,
    Target,
    TargetOption,
)
from tui_numbers.domain.operations import Operation, Outcome
from tui_numbers.domain.temporary import End, EndState
from tui_numbers.providers.contract import ProviderInfo
from tui_numbers.services.routing import carries

OLD: Final = timedelta(days=7)
"""How long a number may be pending or porting before that is a finding."""

FIXES: Final[Mapping[str, str]] = {
    "unknown": "settle it: history --settle, or S in History (3)",
    "conflict": "somebody changed it since: keep it as it is (due --keep), or put it back by hand",
    "overdue": "put it back: due --run, or a dashboard that is open does",
    "ring": "retarget one of them (t)",
    "target_gone": "retarget it (t)",
    "target_not_ready": "make the target ready at its provider, or retarget the number (t)",
    "malformed_target": "retarget it to a whole number with + and country code (t)",
    "unrouted": "retarget it (t), or release it (X)",
    "decided_elsewhere": "change it where it is decided: it is only shown here",
    "porting": "ask the provider how the porting stands",
    "pending": "ask the provider what it waits for",
    "duplicate": "see which account calls reach, and release it at the other (X)",
}
"""What to do about a finding, by its code; those that matter most come first."""

URGENT: Final = frozenset(
    {
        "unknown",
        "conflict",
        "overdue",
        "ring",
        "target_gone",
        "target_not_ready",
        "malformed_target",
    }
)
"""The codes that a person must deal with now; but for SMS that a target does not take while the
calls of the number arrive, which may be as it was meant."""

CODES: Final = tuple(FIXES)

_SLICE = 4096
_LONGEST_RING = 8
"""Numbers of a ring that are named."""


@dataclass(frozen=True)
class Known:
    """What findings are made from."""

    numbers: Sequence[OwnedNumber]
    """All that could be read, of every account."""
    infos: Mapping[str, ProviderInfo]
    """By account."""
    options: Mapping[str, Sequence[TargetOption]] = field(default_factory=dict)
    """What each account lists as targets, where that was asked since its numbers were."""
    operations: Sequence[Operation] = ()
    """Those whose outcome is open."""
    ends: Sequence[End] = ()
    """The ends of temporary changes that stand."""
    skew: timedelta = timedelta()
    """How far the journal's clock, by which operations and ends go, is ahead of this machine's."""


class Told(NamedTuple):
    """What is wrong with a number, before it is told of which; numbers that are alike share it."""

    code: str
    text: str
    is_mild: bool = False
    """Whether it can wait although its code is among the urgent ones."""

    @property
    def urgent(self) -> bool:
        """Whether a person must deal with it now."""
        return self.code in URGENT and not self.is_mild

    def of(self, account: str, number: E164) -> Finding:
        """Return it as a finding of a number."""
        return Finding(account, number, self.code, self.text, FIXES[self.code], self.urgent)


@dataclass(frozen=True)
class Findings:
    """What is wrong, by number."""

    told: Mapping[str, Mapping[E164, tuple[Told, ...]]] = field(default_factory=dict)
    """By account, then by number; the urgent ones of a number first."""
    unchecked: tuple[str, ...] = ()
    """Accounts with targets of which it is not known whether they are there."""
    temporary: Mapping[tuple[str, E164], End] = field(default_factory=dict)
    """The numbers that are to be put back, by account and number, with their next end."""

    def end_of(self, number: OwnedNumber) -> End | None:
        """Return the next end of a number that is temporary, or None."""
        return self.temporary.get((number.account, number.number))

    def of(self, number: OwnedNumber) -> tuple[Finding, ...]:
        """Return what is wrong with a number."""
        told = self.told.get(number.account, {}).get(number.number, ())
        return tuple(one.of(number.account, number.number) for one in told)

    def has(self, number: OwnedNumber) -> bool:
        """Tell whether anything is wrong with a number."""
        return number.number in self.told.get(number.account, ())

    def keys(self) -> Iterator[tuple[str, E164]]:
        """Yield account and number of what something is wrong with."""
        for account, numbers in self.told.items():
            for number in numbers:
                yield account, number

    def every(self, *, urgent: bool = False) -> list[Finding]:
        """Return all of them, or the urgent ones, number by number."""
        return [
            one.of(account, number)
            for account, numbers in self.told.items()
            for number, told in numbers.items()
            for one in told
            if one.urgent or not urgent
        ]

    @functools.cached_property
    def counts(self) -> Mapping[str, int]:
        """How many there are of each code that occurs, those that matter most first."""
        counted: dict[str, int] = dict.fromkeys(CODES, 0)
        for numbers in self.told.values():
            for told in numbers.values():
                for one in told:
                    counted[one.code] += 1
        return {code: count for code, count in counted.items() if count}


NONE: Final = Findings()
_NO_FLAGS: Final[frozenset[str]] = frozenset()
_FLAGS: Final = {
    (True, False): frozenset({"finding"}),
    (False, True): frozenset({"temporary"}),
    (True, True): frozenset({"finding", "temporary"}),
}


def flags_of(found: Findings, number: OwnedNumber) -> frozenset[str]:
    """Return the words of ``is:`` that hold for a number by what was found."""
    is_found, is_temporary = found.has(number), found.end_of(number) is not None
    return _FLAGS.get((is_found, is_temporary), _NO_FLAGS)


def find(known: Known, pause: Callable[[], None] = lambda: None) -> Findings:
    """Return what is wrong; ``pause`` is called every few milliseconds, to let others work."""
    found: dict[str, dict[E164, tuple[Told, ...]]] = {account: {} for account in known.infos}
    judges = {
        account: _Judge(info, known.options.get(account)) for account, info in known.infos.items()
    }
    for at, number in enumerate(known.numbers):
        if not at % _SLICE:
            pause()
        told = judges[number.account].of(number)
        if told:
            found[number.account][number.number] = told
    more: dict[tuple[str, E164], list[Told]] = defaultdict(list)
    for add in (_rings, _duplicates):
        pause()
        for number, line in add(known.numbers):
            more[number.account, number.number].append(line)
    for account, e164, line in _from_journal(known):
        more[account, e164].append(line)
    for (account, e164), lines in more.items():
        numbers = found.setdefault(account, {})
        numbers[e164] = tuple(sorted((*numbers.get(e164, ()), *lines), key=_rank))
    for account in {account for account, _ in more}:
        found[account] = dict(sorted(found[account].items()))
    unchecked = tuple(name for name, judge in judges.items() if judge.is_blind)
    # Of several ends of one number the earliest is the one to know.
    temporary = {(end.account, end.number): end for end in reversed(known.ends)}
    return Findings(found, unchecked, temporary)


_RANKS = {code: place for place, code in enumerate(CODES)}


def _rank(told: Told) -> int:
    return _RANKS[told.code]


class _Judge:
    """Judges the numbers of one account by themselves; those that are alike are judged once."""

    def __init__(self, info: ProviderInfo, options: Sequence[TargetOption] | None) -> None:
        self._info = info
        self._options = (
            None
            if options is None
            else {(one.target.kind, one.target.value.casefold()): one for one in options}
        )
        self._known: dict[tuple[int, tuple[str, ...]], tuple[Told, ...]] = {}
        self._now = clock.now()
        self.is_blind = False
        """Whether a target came by whose listing was not made."""

    def of(self, number: OwnedNumber) -> tuple[Told, ...]:
        """Return what is wrong with a number, whatever else there is."""
        # Numbers that point alike share one routing, which lives as long as they do.
        key = (id(number.routing), number.capabilities)
        told = self._known.get(key)
        if told is None:
            told = self._known[key] = tuple(sorted(self._of_routing(number), key=_rank))
        if number.elsewhere:
            told = (
                *(one for one in told if one.code != "unrouted"),
                *(
                    Told("decided_elsewhere", text)
                    for text in dict.fromkeys(number.elsewhere.values())
                ),
            )
        if number.status in ("pending", "porting"):
            waiting = _long_waiting(number, self._now)
            return (*told, waiting) if waiting else told
        return told

    def _of_routing(self, number: OwnedNumber) -> Iterable[Told]:
        if number.unrouted:
            carried = [one for one in Channel if carries(number, one)]
            yield Told("unrouted", f"{_go(carried or Channel)} nowhere")
        by_target: dict[Destination, list[Channel]] = defaultdict(list)
        for channel, target in number.routing.items():
            if isinstance(target, Target):
                by_target[target].append(channel)
        for target, channels in by_target.items():
            assert isinstance(target, Target)
            kind = self._info.target_kind(target.kind)
            if target.kind == "phone":
                problem = _malformed(target.value)
                if problem:
                    lost = " and ".join(one.words for one in channels)
                    yield Told("malformed_target", f"{lost} cannot arrive: {problem}")
            elif kind is not None and kind.listed:
                yield from self._of_listed(number, target, channels, all_listed=kind.all_listed)

    def _of_listed(
        self, number: OwnedNumber, target: Target, channels: list[Channel], *, all_listed: bool
    ) -> Iterable[Told]:
        if self._options is None:
            self.is_blind = True
            return
        option = self._options.get((target.kind, target.value.casefold()))
        if option is None:
            if all_listed:
                name = f"{target.kind} {target.label or target.value}"
                text = f"{_where(channels)} {name}, which the account does not list"
                yield Told("target_gone", text)
            return
        lost = [one for one in channels if one not in option.channels and carries(number, one)]
        if lost:
            name = f"{target.kind} {option.target.label or target.value}"
            is_mild = Channel.VOICE not in lost and carries(number, Channel.VOICE)
            text = f"{_where(lost)} {name}, which {_takes(option)}"
            yield Told("target_not_ready", text, is_mild)


def _go(channels: Iterable[Channel]) -> str:
    first, *others = channels
    return "calls and SMS go" if others else first.goes


def _where(channels: Iterable[Channel]) -> str:
    return f"{_go(channels)} to"


def _takes(option: TargetOption) -> str:
    if option.problem:
        return f"takes nothing: {option.problem}"
    taken = " and ".join(one.words for one in option.channels)
    return f"takes {taken} alone" if taken else "takes neither calls nor SMS"


@functools.lru_cache(maxsize=65536)
def _malformed(value: str) -> str | None:
    """Keep what is known of a phone number, since asking takes long and most repeat."""
    return malformed_phone(value)


def _long_waiting(number: OwnedNumber, now: datetime) -> Told | None:
    """Tell of a number that has long not become active, where the provider tells since when."""
    times = [moment for moment in (number.created_at, number.updated_at) if moment is not None]
    if not times or now - max(times) < OLD:
        return None
    assert number.status is not None
    days = (now - max(times)).days
    return Told(number.status, f"{number.status} for {days} days")


def _rings(numbers: Iterable[OwnedNumber]) -> Iterable[tuple[OwnedNumber, Told]]:
    """Yield the numbers whose calls are forwarded from owned number to owned number for ever."""
    forwarded: dict[E164, E164] = {}
    holders: dict[E164, list[OwnedNumber]] = defaultdict(list)
    for number in numbers:
        target = number.routing.get(Channel.VOICE)
        if target is not None and target.kind == "phone" and isinstance(target, Target):
            forwarded.setdefault(number.number, E164(target.value))
            holders[number.number].append(number)
    endless: dict[E164, bool] = {}
    for start in forwarded:
        if start not in endless:
            path = _path(forwarded, start, endless)
            last = path[-1]
            # Every number on the way ends as the last one does.
            ends = endless.get(last, last in path[:-1])
            endless.update(dict.fromkeys(path, ends))
    for start, ends in endless.items():
        for number in holders.get(start, ()) if ends else ():
            yield number, Told("ring", _ring_words(_path(forwarded, start)))


def _path(forwarded: Mapping[E164, E164], start: E164, known: Container[E164] = ()) -> list[E164]:
    """Return the numbers that a call goes through, up to one that came before or is known."""
    path = [start]
    seen = {start}
    while (following := forwarded.get(path[-1])) is not None:
        path.append(following)
        if following in seen or following in known:
            break
        seen.add(following)
    return path


def _ring_words(path: Sequence[E164]) -> str:
    if len(path) == 2:
        return "calls go to the number itself"
    shown = list(map(international, path[: _LONGEST_RING + 1]))
    if len(path) > len(shown):
        shown.append("…")
    return f"calls go round: {' -> '.join(shown)}"


def ring_of(number: OwnedNumber, path: Sequence[E164]) -> Finding:
    """Return that the calls of a number go round, by the numbers that they go through.

    ``path`` begins with the number, and ends with the first that comes twice.
    """
    return Told("ring", _ring_words(path)).of(number.account, number.number)


def _duplicates(numbers: Iterable[OwnedNumber]) -> Iterable[tuple[OwnedNumber, Told]]:
    """Yield the numbers that several accounts hold."""
    first: dict[E164, OwnedNumber] = {}
    several: dict[E164, list[OwnedNumber]] = {}
    for number in numbers:
        known = first.setdefault(number.number, number)
        if known is not number:
            several.setdefault(number.number, [known]).append(number)
    for held in several.values():
        for number in held:
            others = ", ".join(one.account for one in held if one is not number)
            yield number, Told("duplicate", f"{others} holds it too")


def _from_journal(known: Known) -> Iterable[tuple[str, E164, Told]]:
    """Yield what is open of what was done from here."""
    now = clock.now() + known.skew
    for one in known.operations:
        when = clock.local(one.started_at)
        done = f"{one.action} of {when:%Y-%m-%d %H:%M}"
        if one.outcome is Outcome.UNKNOWN:
            yield one.account, one.number, Told("unknown", f"{done}: nobody can tell how it ended")
        elif one.outcome is Outcome.PENDING and now - one.started_at >= OLD:
            yield one.account, one.number, Told("pending", f"{done}: accepted, and not listed yet")
    for end in known.ends:
        due = f"{clock.local(end.until):%Y-%m-%d %H:%M}"
        if end.state is EndState.CONFLICT:
            text = f"it was to be put back at {due}, but somebody changed it since"
            yield end.account, end.number, Told("conflict", text)
        elif end.is_overdue(now):
            yield end.account, end.number, Told("overdue", f"it was to be put back at {due}")
