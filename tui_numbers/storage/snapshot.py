"""Keep the last listing of each account on disk, private, in a file of SQLite."""

import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from tui_numbers.domain import clock
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.domain.records import time_text
from tui_numbers.storage.database import is_busy
from tui_numbers.storage.private_files import identity_of, make_private, set_aside
from tui_numbers.storage.schema import transaction
from tui_numbers.storage.snapshot_codec import Unusable, pack, unpack

SCHEMA_VERSION = 4


APPLICATION_ID = 0x74754E73
"""Stands in the file's header, so that no other program's database is taken for a snapshot."""


_BUSY_SECONDS = 2.0


_DAMAGED = ("SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_FORMAT")


_SCHEMA = """
CREATE TABLE account (
    name TEXT PRIMARY KEY,
    identity TEXT NOT NULL,
    as_of TEXT NOT NULL,
    count INTEGER NOT NULL,
    spellings TEXT NOT NULL,
    head BLOB NOT NULL
);
CREATE TABLE block (
    account TEXT NOT NULL,
    place INTEGER NOT NULL,
    packed BLOB NOT NULL,
    PRIMARY KEY (account, place)
);
CREATE TABLE patch (
    account TEXT NOT NULL,
    number TEXT NOT NULL,
    packed BLOB,
    PRIMARY KEY (account, number)
);
"""


def open_snapshot(path: Path) -> sqlite3.Connection:
    """Open the file, and make it where it is missing.

    Raises:
        Unusable: It is of something else, or of another version.
        OSError: It cannot be opened or made.
        sqlite3.Error: It cannot be used.
    """
    make_private(path)
    connection = sqlite3.connect(
        path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        # What is lost with the power is read from the providers again.
        connection.execute("PRAGMA synchronous = NORMAL")
        if not _is_ours(connection):
            _create(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _is_ours(connection: sqlite3.Connection) -> bool:
    """Tell a snapshot from an empty file; anything else is foreign."""
    with transaction(connection):
        # Another process may be making the tables: what is read here belongs together.
        application: int = connection.execute("PRAGMA application_id").fetchone()[0]
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        tables: int = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if (application, version) == (APPLICATION_ID, SCHEMA_VERSION):
        return True
    if tables or application or version:
        raise Unusable("it is of something else, or of another version")
    return False


def _create(connection: sqlite3.Connection) -> None:
    with transaction(connection, writing=True):
        # Asked again under the lock: another process may have been quicker.
        if not _is_ours(connection):
            for statement in filter(str.strip, _SCHEMA.split(";")):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def is_unusable(error: Exception) -> bool:
    """Tell whether the file itself is at fault, rather than the moment or the disk."""
    if isinstance(error, Unusable):
        return True
    if not isinstance(error, sqlite3.Error) or is_busy(error):
        return False
    name = getattr(error, "sqlite_errorname", "") or ""
    return name.startswith(_DAMAGED) or "no such" in str(error)


HEAD_ROWS = 96
"""Rows of each account that the first frame may need, kept apart with their spellings."""


_BLOCK_ROWS = 2048
"""Rows that are packed and unpacked at a time, so that neither takes much time or memory."""


class SnapshotError(Exception):
    """The snapshot cannot be used just now; the program goes on without it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of one account, ordered by number."""

    as_of: datetime
    count: int
    """How many numbers there are, where only the first are read."""
    numbers: list[OwnedNumber]
    spellings: Mapping[E164, str] = field(default_factory=dict)
    """How the first numbers are written for people."""


class Snapshot:
    """One file; safe for several threads and processes. Every method performs file I/O.

    A file that is damaged, of something else or of another version is moved aside, and a new one
    is begun.

    Raises:
        SnapshotError: From every method, where the file cannot be used at all.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None
        """Device and inode of the file that was opened last."""
        self._closed = False

    def read(self, identities: Mapping[str, str], *, heads: bool = False) -> dict[str, Kept]:
        """Read accounts whose identity is unchanged; creates no file.

        Args:
            identities: By account name, the text that tells whose numbers they are.
            heads: Read only the first rows of each.
        """
        with self._transaction(writing=False) as connection:
            if connection is None:
                return {}
            return {
                name: kept
                for name, identity in identities.items()
                if (kept := _read(connection, name, identity, heads=heads)) is not None
            }

    def save(
        self,
        name: str,
        identity: str,
        numbers: Sequence[OwnedNumber],
        as_of: datetime,
        spellings: Mapping[E164, str],
    ) -> None:
        """Store a complete listing of an account, unless a later one is stored already.

        Args:
            name: The account.
            identity: The text that tells whose numbers they are.
            numbers: All of them, ordered by number.
            as_of: When they were read.
            spellings: How the numbers that the first ``HEAD_ROWS`` show are written for people.
        """
        values = (
            name,
            identity,
            time_text(as_of),
            len(numbers),
            json.dumps(dict(spellings)),
            pack(numbers[:HEAD_ROWS]),
        )
        with self._transaction() as connection:
            assert connection is not None
            later = connection.execute(
                "SELECT 1 FROM account "
                "WHERE name = ? AND identity = ? AND as_of > ? AND as_of <= ?",
                # What claims to be of the future was kept before the clock was put right.
                (*values[:3], time_text(clock.now())),
            ).fetchone()
            if later is None:
                _forget(connection, name)
                connection.execute("INSERT INTO account VALUES (?, ?, ?, ?, ?, ?)", values)
                for start in range(HEAD_ROWS, len(numbers), _BLOCK_ROWS):
                    packed = pack(numbers[start : start + _BLOCK_ROWS])
                    connection.execute("INSERT INTO block VALUES (?, ?, ?)", (name, start, packed))

    def replace(self, name: str, identity: str, number: E164, new: OwnedNumber | None) -> None:
        """Keep what was just read of one number; None where it is gone."""
        packed = None if new is None else pack([new])
        with self._transaction(writing=self.path.exists()) as connection:
            if connection is None:
                return
            connection.execute(
                "INSERT OR REPLACE INTO patch SELECT name, ?, ? FROM account "
                "WHERE name = ? AND identity = ?",
                (number, packed, name, identity),
            )

    def forget_others(self, names: Sequence[str]) -> None:
        """Drop the accounts that are not configured any more."""
        with self._transaction(writing=self.path.exists()) as connection:
            if connection is None:
                return
            for (name,) in connection.execute("SELECT name FROM account").fetchall():
                if name not in names:
                    _forget(connection, name)

    def close(self) -> None:
        """Close the file for good; what comes later fails."""
        with self._lock:
            self._closed = True
            self._close()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextlib.contextmanager
    def _transaction(self, *, writing: bool = True) -> Iterator[sqlite3.Connection | None]:
        """Give the open file, or None where there is none and nothing is to be written."""
        problem = ""
        with self._lock:
            try:
                connection = self._open(writing=writing)
                if connection is None:
                    yield None
                    return
                connection.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
                try:
                    yield connection
                    connection.commit()
                finally:
                    if connection.in_transaction:
                        connection.rollback()
            except (sqlite3.Error, OSError, Unusable) as error:
                self._close()
                problem = str(error)
                if is_unusable(error) and not self._closed:
                    self._set_aside()
        if problem:
            raise SnapshotError(f"the snapshot {self.path} cannot be used: {problem}")

    def _open(self, *, writing: bool) -> sqlite3.Connection | None:
        if self._closed:
            raise Unusable("it is closed")
        if self._connection is None:
            if not writing and not self.path.exists():
                return None
            self._identity = identity_of(self.path)
            try:
                self._connection = open_snapshot(self.path)
            except (Unusable, sqlite3.DatabaseError) as error:
                if not is_unusable(error):
                    raise
                self._set_aside()
                self._connection = open_snapshot(self.path)
            self._identity = identity_of(self.path)
        return self._connection

    def _set_aside(self) -> None:
        """Quarantine an unusable file, unless another process has replaced it."""
        if self._identity is not None and self._identity == identity_of(self.path):
            set_aside(self.path)


def _forget(connection: sqlite3.Connection, name: str) -> None:
    connection.execute("DELETE FROM account WHERE name = ?", (name,))
    connection.execute("DELETE FROM block WHERE account = ?", (name,))
    connection.execute("DELETE FROM patch WHERE account = ?", (name,))


def _read(connection: sqlite3.Connection, name: str, identity: str, *, heads: bool) -> Kept | None:
    row = connection.execute(
        "SELECT as_of, count, spellings, head FROM account WHERE name = ? AND identity = ?",
        (name, identity),
    ).fetchone()
    if row is None:
        return None
    as_of, count, spellings, head = row
    numbers = unpack(name, head)
    try:
        written = json.loads(spellings)
        spelled = {E164(number): str(text) for number, text in written.items()}
        kept = Kept(datetime.fromisoformat(as_of), count, numbers, spelled)
    except (ValueError, TypeError, AttributeError) as error:
        raise Unusable(str(error)) from None
    if not heads:
        blocks = "SELECT packed FROM block WHERE account = ? ORDER BY place"
        for (packed,) in connection.execute(blocks, (name,)):
            numbers.extend(unpack(name, packed))
    return _patched(connection, name, kept, heads=heads)


def _patched(connection: sqlite3.Connection, name: str, kept: Kept, *, heads: bool) -> Kept:
    """Apply single numbers that were read since the last listing."""
    patches = {
        number: unpack(name, packed) if packed is not None else []
        for number, packed in connection.execute(
            "SELECT number, packed FROM patch WHERE account = ?", (name,)
        )
    }
    if not patches:
        return kept
    known = {one.number for one in kept.numbers}
    rows = [one for one in kept.numbers if one.number not in patches]
    for number, news in patches.items():
        if number in known or not heads:
            rows.extend(news)
    rows.sort(key=lambda one: one.number)
    return replace(kept, numbers=rows, count=kept.count if heads else len(rows))
