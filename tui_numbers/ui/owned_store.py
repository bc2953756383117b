"""Hold what is known of the owned numbers, account by account, while listings come and go."""

import gc
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING

from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import OwnedNumber, TargetOption
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.owned_snapshot import Kept
from tui_numbers.services.routing import Labels, labels_of
from tui_numbers.ui.frame import Part, Tone
from tui_numbers.wording.values import failure_words

if TYPE_CHECKING:
    from tui_numbers.services.inventory import OwnedEvent


class Progress(Enum):
    """How an account's listing stands."""

    WAITING = "waiting"
    LOADING = "loading"
    DONE = "done"
    FAILED = "failed"


@dataclass
class AccountState:
    """One account's numbers: those of the last listing, and those that arrive."""

    name: str
    settled: list[OwnedNumber] = field(default_factory=list)
    """By number."""
    arriving: list[OwnedNumber] = field(default_factory=list)
    progress: Progress = Progress.WAITING
    expected: int | None = None
    error: ProviderError | None = None
    missing: str = ""
    """Why it could not be read the last time, in words; empty where it could."""
    recovering: bool = False
    """Whether it failed, and is asked again by itself."""
    waiting: str = ""
    """Why a request that is under way waits, in a few words."""
    as_of: datetime | None = None
    warnings: int = 0
    dropped: int = 0
    """Records of the last listing that hold no number that could be read."""
    partial: bool = False
    """Whether what is shown comes from a listing that ended early."""
    fresh: bool = False
    """Whether that was the latest one."""
    options: tuple[TargetOption, ...] = ()
    listed: bool = False
    """Whether these are its targets as of the last listing of its numbers, or later."""
    untold_targets: str = ""
    """Why they could not be listed the last time, in words; empty where they could."""
    labels: Labels = field(default_factory=lambda: Labels(()))
    """Names of targets, as far as they are known."""
    answered: bool = False
    """Whether a listing came to its end, after which nothing older counts."""
    promised: int = 0
    """How many numbers there were the last time, while not all of them are read."""
    unnamed: list[OwnedNumber] | None = None
    """The last listing as it came, until the names of its targets have come too."""
    written: dict[E164, OwnedNumber | None] = field(default_factory=dict)
    """What was read of single numbers while a listing was under way."""
    before: dict[E164, OwnedNumber] = field(default_factory=dict)
    """What was known when a listing began, until it ends."""

    @property
    def rows(self) -> Sequence[OwnedNumber]:
        """What to show: the last listing until a new one is complete."""
        return self.settled or self.arriving

    def find(self, number: E164) -> OwnedNumber | None:
        """Return a number by its E.164 form."""
        at, found = place_of(self.settled, number)
        if found:
            return self.settled[at]
        arriving = () if self.settled else self.arriving
        return next((row for row in arriving if row.number == number), None)

    def take_page(self, numbers: Iterable[OwnedNumber]) -> None:
        """Take in some numbers; what reads as it did before is not kept twice meanwhile."""
        if not self.before and self.settled:
            self.before = {number.number: number for number in self.settled}
        self.arriving.extend(_sharing(number, self.before) for number in numbers)

    def end(self) -> None:
        """Let go of what only a listing under way needs."""
        self.arriving = []
        self.before = {}

    def keep_partial(self, now: datetime) -> None:
        """Keep what a listing told that ended early, where no complete one is known."""
        known = bool(self.settled) and not self.partial
        if not known and self.arriving and len(self.arriving) >= len(self.settled):
            self.settled = sorted(self.arriving, key=by_number)
            self.as_of = now
            self.partial = self.fresh = True

    def part(self) -> Part:
        """Return the account's words for the status line."""
        count = f"{len(self.rows):,}"
        if self.progress is Progress.LOADING and self.waiting:
            return Part(f"{self.name}: {self.waiting}, asking again", Tone.WARN)
        if self.progress is Progress.LOADING:
            arrived = len(self.arriving)
            of = f" of {self.expected:,}" if self.expected else ""
            return Part(f"{self.name} loading {arrived:,}{of}")
        if self.progress is Progress.FAILED:
            kept = f" ({count} {'read' if self.fresh else 'from before'})" if self.rows else ""
            word = failure_words(self.error) if self.error else "failed"
            return Part(f"{self.name}: {word}{kept}", Tone.BAD)
        if self.warnings:
            return Part(f"{self.name} {count}, {self.warnings} unreadable (@)", Tone.WARN)
        return Part(f"{self.name} {count}" if self.progress is Progress.DONE else self.name)


def by_number(number: OwnedNumber) -> E164:
    """Return what numbers of one account are sorted by."""
    return number.number


def place_of(numbers: Sequence[OwnedNumber], number: E164) -> tuple[int, bool]:
    """Return where among sorted ``numbers`` one stands or belongs, and whether it stands there."""
    at = bisect_left(numbers, number, key=by_number)
    return at, at < len(numbers) and numbers[at].number == number


def _sharing(new: OwnedNumber, known: Mapping[E164, OwnedNumber]) -> OwnedNumber:
    """Return ``new`` with the parts of what was known that are equal to its own."""
    old = known.get(new.number)
    if old is None or old.id != new.id:
        return new
    return replace(
        new,
        id=old.id,
        number=old.number,
        name=old.name if old.name == new.name else new.name,
        settings=old.settings if old.settings == new.settings else new.settings,
        created_at=old.created_at if old.created_at == new.created_at else new.created_at,
        updated_at=old.updated_at if old.updated_at == new.updated_at else new.updated_at,
    )


MANY = 4096
"""Rows that a collection walks in some milliseconds."""


@cache
def _memory_trimmer() -> Callable[[int], int]:
    """Return what gives memory that was freed back to the system; nothing but glibc keeps it."""
    import ctypes

    try:
        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return lambda _: 0
    return trim


def give_back_memory() -> None:
    """Return freed memory to the system, in a thread: answers of 100,000 rows leave 25 MB.

    Whoever is about to ask for more should wait, since it would be taken again.
    """
    _memory_trimmer()(0)


@contextmanager
def collection_paused(count: int) -> Iterator[None]:
    """Pause garbage collection, and freeze what was made, where ``count`` rows are many."""
    if count < MANY:
        yield
        return
    # What is garbage already would stay as well; there is little to walk before the rows come.
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


class ArrivalFreezer:
    """Freezes the rows of one listing as they arrive page by page, each time that many have come.

    Whatever else is alive at that moment is frozen as well, so a few rows do not trigger it.
    """

    def __init__(self) -> None:
        self._count = 0

    def note(self, count: int) -> None:
        """Note that so many more have come."""
        self._count += count
        if self._count >= MANY:
            self._count = 0
            gc.collect()
            gc.freeze()


NumberKey = tuple[str, str]
"""An owned number's key in tables: account name and E.164."""


def key_of(number: OwnedNumber) -> NumberKey:
    """Return the key of a number."""
    return (number.account, number.number)


def reads_the_same(old: OwnedNumber, new: OwnedNumber) -> bool:
    """Tell whether two states of a number read the same: names count, the time of reading not."""
    labels = [
        [target.label if target is not None else None for target in number.routing.values()]
        for number in (old, new)
    ]
    return labels[0] == labels[1] and (old == new or old == replace(new, seen_at=old.seen_at))


class OwnedStore:
    """All accounts' numbers in the configuration's order; safe for several threads."""

    def __init__(self, accounts: Iterable[str]) -> None:
        self.accounts = {name: AccountState(name) for name in accounts}
        self.version = 0
        """Grows with every change of what ``rows`` returns."""
        self._lock = threading.Lock()

    def restore(self, kept: Mapping[str, Kept]) -> None:
        """Show what was known before; an account that has answered since is left alone."""
        for name, found in kept.items():
            labels = labels_of(found.numbers)
            with self._lock:
                state = self.accounts[name]
                if state.answered:
                    continue
                state.settled = _with_written(found.numbers, state.written)
                state.before = {}
                state.partial = state.fresh = False
                state.labels = labels if not state.options else state.labels
                state.as_of = found.as_of
                state.promised = found.count
                self.version += 1

    def begin(self, names: Iterable[str]) -> None:
        """Note that these accounts are being asked."""
        with self._lock:
            for name in names:
                state = self.accounts[name]
                self.version += not state.settled
                state.end()
                state.progress = Progress.LOADING
                state.expected = None
                state.error = None
                state.recovering = False
                state.waiting = ""
                state.warnings = state.dropped = 0
                state.fresh = False
                state.written = {} if state.answered else state.written

    def take(self, event: "OwnedEvent", now: datetime) -> None:
        """Take in what an account said; the end of a long listing is better left to a thread."""
        # The first frame asks no account.
        from tui_numbers.services.inventory import AccountDone, AccountFailed, OwnedPage

        with self._lock:
            state = self.accounts[event.account]
            state.waiting = ""
            match event:
                case OwnedPage():
                    if state.recovering:
                        state.progress, state.recovering = Progress.LOADING, False
                    state.take_page(event.numbers)
                    self.version += not state.settled
                    state.expected = event.total.count
                    state.warnings += len(event.warnings)
                    state.dropped += event.dropped
                case AccountDone():
                    state.recovering = False
                    state.unnamed = _with_written(state.arriving, state.written)
                    state.settled = list(map(state.labels.on, state.unnamed))
                    state.end()
                    self.version += 1
                    state.written = {}
                    state.answered = True
                    state.partial = state.fresh = False
                    state.missing, state.listed = "", False
                    state.progress = Progress.DONE
                    state.as_of = now
                case AccountFailed():
                    state.progress = Progress.FAILED
                    state.error = event.error
                    state.missing = failure_words(event.error)
                    state.recovering = event.again is not None
                    state.warnings = state.dropped = 0
                    state.keep_partial(now)
                    state.end()
                    self.version += 1

    def replace(self, account: str, old: E164, new: OwnedNumber | None) -> None:
        """Put a number that was just read in the place of what was known; None removes it."""
        with self._lock:
            state = self.accounts[account]
            named = state.labels.on(new) if new is not None else None
            state.settled = _with_one(state.settled, old, named)
            if state.unnamed is not None:
                state.unnamed = _with_one(state.unnamed, old, new)
            if state.progress is not Progress.DONE:
                state.written[old] = named
            self.version += 1

    def wait(self, account: str, word: str) -> bool:
        """Note why an account that is being asked lets us wait; tell whether that is news."""
        with self._lock:
            state = self.accounts[account]
            news = state.progress is Progress.LOADING and state.waiting != word
            if news:
                state.waiting = word
            return news

    @property
    def recovering(self) -> tuple[str, ...]:
        """The accounts that are asked again by themselves."""
        return tuple(state.name for state in self.accounts.values() if state.recovering)

    def label(self, account: str, options: tuple[TargetOption, ...]) -> bool:
        """Name the targets of an account's numbers, and tell whether that changed any."""
        with self._lock:
            state = self.accounts[account]
            state.options = options
            state.listed = True
            state.untold_targets = ""
            state.labels = Labels(option.target for option in options)
            before = state.settled
            rows = before if state.unnamed is None else state.unnamed
            state.settled = list(map(state.labels.on, rows))
            state.unnamed = None
            self.version += 1
            return not all(map(reads_the_same, before, state.settled))

    def miss_targets(self, account: str, error: ProviderError) -> None:
        """Note that an account could not list its targets."""
        with self._lock:
            self.accounts[account].untold_targets = failure_words(error)

    @property
    def missing(self) -> list[tuple[str, str]]:
        """The accounts that could not be read the last time, and why, in a word or two."""
        return [(state.name, state.missing) for state in self.accounts.values() if state.missing]

    def listed_targets(self) -> dict[str, tuple[TargetOption, ...]]:
        """Return what each account lists as targets, where that was asked since its numbers."""
        return {state.name: state.options for state in self.accounts.values() if state.listed}

    @property
    def promised(self) -> int:
        """How many numbers there are, as far as anything told."""
        states = self.accounts.values()
        return sum(
            max(len(state.rows), 0 if state.answered else state.promised) for state in states
        )

    def rows(self) -> list[OwnedNumber]:
        """Return every number, by account, then by number."""
        return [number for state in self.accounts.values() for number in state.rows]

    def find(self, number: E164) -> OwnedNumber | None:
        """Return an owned number by its E.164 form, if exactly one account holds it."""
        found = [state.find(number) for state in self.accounts.values()]
        held = [row for row in found if row is not None]
        return held[0] if len(held) == 1 else None

    def parts(self) -> tuple[Part, ...]:
        """Return the words of every account, and once what is done about those that failed."""
        failed_first = sorted(
            self.accounts.values(), key=lambda state: state.progress is not Progress.FAILED
        )
        parts = {state.name: state.part() for state in failed_first}
        again = self.recovering
        if len(again) == 1:
            failed = parts[again[0]]
            parts[again[0]] = Part(f"{failed.text}, asking again", failed.tone)
        rest = (Part("asking again", Tone.WARN),) if len(again) > 1 else ()
        return (*parts.values(), *rest)

    @property
    def loading(self) -> bool:
        """Whether any account has yet to answer in full."""
        answered = (Progress.DONE, Progress.FAILED)
        return any(state.progress not in answered for state in self.accounts.values())

    @property
    def as_of(self) -> datetime | None:
        """When the oldest of what is shown was read."""
        times = [state.as_of for state in self.accounts.values() if state.as_of is not None]
        return min(times) if times else None


def _with_written(
    numbers: Iterable[OwnedNumber], written: Mapping[E164, OwnedNumber | None]
) -> list[OwnedNumber]:
    """Return numbers in their order, with what was read of single ones later in its place."""
    rows = {number.number: number for number in numbers}
    for old, new in written.items():
        known = rows.get(old)
        if known is None or new is None or known.seen_at <= new.seen_at:
            rows.pop(old, None)
            if new is not None:
                rows[new.number] = new
    return sorted(rows.values(), key=by_number)


def _with_one(numbers: list[OwnedNumber], old: E164, new: OwnedNumber | None) -> list[OwnedNumber]:
    """Return numbers in their order, with what was read of one later in its place."""
    at, found = place_of(numbers, old)
    if found and new is not None and numbers[at].seen_at > new.seen_at:
        return numbers
    kept = numbers[:at] + numbers[at + found :]
    if new is not None:
        at, found = place_of(kept, new.number)
        kept[at : at + found] = [new]
    return kept
