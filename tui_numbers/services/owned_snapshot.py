"""Load and save the snapshot of owned numbers; a failure never reaches a screen."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from tui_numbers.domain.accounts import Account
from tui_numbers.domain.e164 import E164, international, is_e164, learn_spellings
from tui_numbers.domain.numbers import OwnedNumber, Target
from tui_numbers.storage.snapshot import HEAD_ROWS, Kept, Snapshot, SnapshotError

__all__ = ["Kept", "OwnedSnapshot", "identity_of"]

T = TypeVar("T")


def identity_of(account: Account) -> str:
    """Return a fingerprint of an account's address and fields; it holds no secret."""
    return json.dumps([account.provider, account.base_url, sorted(account.fields.items())])


class OwnedSnapshot:
    """The last known numbers of the accounts in use.

    Every method performs file I/O; ``heads`` is quick enough for the first frame, the others are
    called in a thread. None of them fails: what went wrong stands in ``problem``.
    """

    def __init__(self, path: Path, accounts: Iterable[Account], configured: Iterable[str]) -> None:
        self._file = Snapshot(path)
        self._identities = {account.name: identity_of(account) for account in accounts}
        self._configured = tuple(configured)
        self.problem: str | None = None
        """Why it could not be used the last time, in words."""
        self._heads: Mapping[str, Kept] | None = None

    def heads(self) -> Mapping[str, Kept]:
        """Return the first rows of each account, and learn how they are written for people.

        They are read once, unless something was kept since.
        """
        if self._heads is None:
            nothing: Mapping[str, Kept] = {}
            self._heads = self._tried(
                lambda: self._file.read(self._identities, heads=True), nothing
            )
            for kept in self._heads.values():
                learn_spellings(kept.spellings)
        return self._heads

    def whole(self) -> Mapping[str, Kept]:
        """Return all stored numbers, and drop accounts that are not configured any more."""
        self._heads = None
        self._tried(lambda: self._file.forget_others(self._configured), None)
        nothing: Mapping[str, Kept] = {}
        return self._tried(lambda: self._file.read(self._identities), nothing)

    def save(self, account: str, numbers: Sequence[OwnedNumber], as_of: datetime) -> None:
        """Keep a complete listing, which is ordered by number."""
        self._heads = None
        spellings = {each: international(each) for each in _shown(numbers[:HEAD_ROWS])}
        identity = self._identities[account]
        self._tried(lambda: self._file.save(account, identity, numbers, as_of, spellings), None)

    def replace(self, account: str, number: E164, new: OwnedNumber | None) -> None:
        """Keep what was just read of one number; None where the account does not hold it."""
        self._heads = None
        identity = self._identities[account]
        self._tried(lambda: self._file.replace(account, identity, number, new), None)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _tried(self, work: Callable[[], T], otherwise: T) -> T:
        try:
            result = work()
        except SnapshotError as error:
            self.problem = str(error)
            return otherwise
        return result


def _shown(numbers: Iterable[OwnedNumber]) -> Iterator[E164]:
    """Yield the numbers that rows show: their own, and those that they point at."""
    for number in numbers:
        yield number.number
        for target in number.routing.values():
            if isinstance(target, Target) and is_e164(target.value):
                yield E164(target.value)
