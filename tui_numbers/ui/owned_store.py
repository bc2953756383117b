"""What is known of the owned numbers, account by account, while listings come and go."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import OwnedNumber, TargetOption
from tui_numbers.providers.errors import (
    CredentialsRejected,
    ProviderError,
    RateLimited,
    SecretMissing,
    Unreachable,
)
from tui_numbers.services.inventory import (
    AccountDone,
    AccountFailed,
    OwnedEvent,
    OwnedPage,
    with_labels,
)
from tui_numbers.ui.frame.status import Part, Tone

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
    arriving: list[OwnedNumber] = field(default_factory=list)
    progress: Progress = Progress.WAITING
    expected: int | None = None
    error: ProviderError | None = None
    as_of: datetime | None = None
    warnings: int = 0
    options: tuple[TargetOption, ...] = ()

    @property
    def rows(self) -> Sequence[OwnedNumber]:
        """What to show: the last listing until a new one is complete."""
        return self.settled or self.arriving

    def part(self) -> Part:
        """Return the account's words for the status line."""
        count = f"{len(self.rows):,}"
        if self.progress is Progress.LOADING:
            arrived = len(self.arriving)
            of = f" of {self.expected:,}" if self.expected else ""
            return Part(f"{self.name} loading {arrived:,}{of}")
        if self.progress is Progress.FAILED:
            kept = f" ({count} from before)" if self.rows else ""
            return Part(f"{self.name}: {failure_word(self.error)}{kept}", Tone.BAD)
        if self.warnings:
            return Part(f"{self.name} {count}, {self.warnings} unreadable (@)", Tone.WARN)
        return Part(f"{self.name} {count}" if self.progress is Progress.DONE else self.name)


def failure_word(error: ProviderError | None) -> str:
    """Return a few words for an account that failed; the log has the whole sentence."""
    match error:
        case CredentialsRejected():
            return "key rejected"
        case SecretMissing():
            return "no secret"
        case RateLimited():
            return "asked too often"
        case Unreachable():
            return "unreachable"
        case None:
            return "failed"
        case _:
            return error.message if len(error.message) <= 40 else error.message[:39] + "…"


class OwnedStore:
    """All accounts' numbers in the configuration's order."""

    def __init__(self, accounts: Iterable[str]) -> None:
        self.accounts = {name: AccountState(name) for name in accounts}

    def begin(self, names: Iterable[str]) -> None:
        """Note that these accounts are being asked."""
        for name in names:
            state = self.accounts[name]
            state.arriving = []
            state.progress = Progress.LOADING
            state.expected = None
            state.error = None
            state.warnings = 0

    def take(self, event: OwnedEvent, now: datetime) -> None:
        """Take in what an account said."""
        state = self.accounts[event.account]
        match event:
            case OwnedPage():
                state.arriving.extend(event.numbers)
                state.expected = event.total.count
                state.warnings += len(event.warnings)
            case AccountDone():
                state.settled = sorted(state.arriving, key=_by_number)
                state.arriving = []
                state.progress = Progress.DONE
                state.as_of = now
            case AccountFailed():
                state.progress = Progress.FAILED
                state.error = event.error
                if not state.settled:
                    state.settled = sorted(state.arriving, key=_by_number)
                    state.as_of = now
                state.arriving = []

    def replace(self, account: str, old: E164, new: OwnedNumber | None) -> None:
        """Put a number that was just read in the place of what was known; None removes it."""
        state = self.accounts[account]
        rows = [number for number in state.settled if number.number != old]
        if new is not None:
            rows.append(with_labels(new, state.options))
            rows.sort(key=_by_number)
        state.settled = rows

    def label(self, account: str, options: tuple[TargetOption, ...]) -> None:
        """Name the targets of an account's numbers."""
        state = self.accounts[account]
        state.options = options
        state.settled = [with_labels(number, options) for number in state.settled]

    def rows(self) -> list[OwnedNumber]:
        """Return every number, by account, then by number."""
        return [number for state in self.accounts.values() for number in state.rows]

    def find(self, number: E164) -> OwnedNumber | None:
        """Return an owned number by its E.164 form, if exactly one account holds it."""
        found = [
            row for state in self.accounts.values() for row in state.rows if row.number == number
        ]
        return found[0] if len(found) == 1 else None

    def parts(self) -> tuple[Part, ...]:
        """Return the words of every account."""
        return tuple(state.part() for state in self.accounts.values())

    @property
    def loading(self) -> bool:
        """Whether any account is still being asked."""
        return any(state.progress is Progress.LOADING for state in self.accounts.values())

    @property
    def as_of(self) -> datetime | None:
        """When the oldest of what is shown was read."""
        times = [state.as_of for state in self.accounts.values() if state.as_of is not None]
        return min(times) if times else None


def _by_number(number: OwnedNumber) -> str:
    return number.number
