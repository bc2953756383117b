"""Track one account's listing: its numbers so far, its progress, its words in the status line."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import OwnedNumber, TargetOption
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.routing import Labels
from tui_numbers.ui.frame import Part, Tone
from tui_numbers.wording.values import failure_words


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
    """Return ``new`` with the texts and times of what was known where they are equal to its own."""
    old = known.get(new.number)
    if old is None or old.id != new.id:
        return new
    return replace(
        new,
        id=old.id,
        number=old.number,
        name=old.name if old.name == new.name else new.name,
        created_at=old.created_at if old.created_at == new.created_at else new.created_at,
        updated_at=old.updated_at if old.updated_at == new.updated_at else new.updated_at,
    )
