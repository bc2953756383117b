"""Keep the last listing of each account on disk, private, in a file of SQLite."""

import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from tui_numbers.domain import clock
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import (
    Channel,
    Destination,
    Money,
    OwnedNumber,
    Stored,
    Target,
    Undisclosed,
    shared_routing,
    shared_settings,
)
from tui_numbers.domain.records import time_text
from tui_numbers.storage.private_files import identity_of, make_private, set_aside
from tui_numbers.storage.schema import is_busy, transaction


class Unusable(Exception):
    """The file, or what stands in it, was not written by this version."""


class _Traits(msgspec.Struct, array_like=True, frozen=True):
    """What numbers of one kind have in common."""

    provider: str
    country: str | None
    type: str | None
    capabilities: tuple[str, ...]
    status: str | None
    region: str | None
    city: str | None
    monthly_cost: Money | None
    told: dict[str, str] = {}


class _Pointer(msgspec.Struct, array_like=True, frozen=True):
    """A target; without a value where only its kind is told."""

    kind: str
    value: str | None
    label: str | None

    @property
    def destination(self) -> Destination:
        if self.value is None:
            return Undisclosed(self.kind, self.label)
        return Target(self.kind, self.value, self.label)


class _Delivery(msgspec.Struct, array_like=True, frozen=True):
    """Where numbers are delivered that point at the same targets."""

    routing: dict[Channel, _Pointer | None]
    settings: dict[str, str | None]
    undisclosed: dict[str, str]
    """The kinds of targets that settings hold and do not tell."""
    elsewhere: dict[Channel, str] = {}

    @classmethod
    def of(cls, number: OwnedNumber) -> "_Delivery":
        kinds = {
            key: value.kind
            for key, value in number.settings.items()
            if isinstance(value, Undisclosed)
        }
        return cls(
            {channel: _pointer(target) for channel, target in number.routing.items()},
            {
                key: None if isinstance(value, Undisclosed) else value
                for key, value in number.settings.items()
            },
            kinds,
            dict(number.elsewhere),
        )

    def stored(self) -> dict[str, Stored]:
        """Return the settings."""
        hidden = {key: Undisclosed(kind) for key, kind in self.undisclosed.items()}
        return self.settings | hidden


def _pointer(target: Destination | None) -> _Pointer | None:
    if target is None:
        return None
    value = target.value if isinstance(target, Target) else None
    return _Pointer(target.kind, value, target.label)


class _Row(msgspec.Struct, array_like=True, frozen=True, gc=False):
    number: str
    id: str
    name: str | None
    created_at: datetime | None
    updated_at: datetime | None
    seen_at: datetime
    traits: int
    delivery: int


class _Block(msgspec.Struct, array_like=True, frozen=True):
    traits: list[_Traits]
    deliveries: list[_Delivery]
    rows: list[_Row]


_encoder = msgspec.msgpack.Encoder()


_decoder = msgspec.msgpack.Decoder(_Block)


class _Shared:
    """Values by what they say, each once, in the order in which they first came."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._places: dict[Any, int] = {}

    def place(self, key: Any) -> int | None:
        return self._places.get(key)

    def add(self, key: Any, value: Any) -> int:
        self.values.append(value)
        return self._places.setdefault(key, len(self.values) - 1)


def pack(numbers: Iterable[OwnedNumber]) -> bytes:
    """Return numbers of one account as bytes; records as received are left out."""
    traits, deliveries = _Shared(), _Shared()
    rows = [
        _Row(
            number.number,
            number.id,
            number.name,
            number.created_at,
            number.updated_at,
            number.seen_at,
            _traits_place(traits, number),
            _delivery_place(deliveries, number),
        )
        for number in numbers
    ]
    return _encoder.encode(_Block(traits.values, deliveries.values, rows))


def _traits_key(number: OwnedNumber | _Traits) -> tuple[object, ...]:
    cost = number.monthly_cost
    return (
        number.provider,
        number.country,
        number.type,
        number.capabilities,
        number.status,
        number.region,
        number.city,
        # Equal amounts may be written with other digits, and those are kept.
        cost and (cost.digits, cost.currency),
        tuple(number.told.items()),
    )


def _traits_place(shared: _Shared, number: OwnedNumber) -> int:
    key = _traits_key(number)
    place = shared.place(key)
    if place is not None:
        return place
    return shared.add(key, _Traits(*(getattr(number, name) for name in _Traits.__struct_fields__)))


def _delivery_place(shared: _Shared, number: OwnedNumber) -> int:
    # Targets are equal whatever their labels.
    targets = tuple(
        (channel, target, target.label if target else None)
        for channel, target in number.routing.items()
    )
    key = (targets, tuple(number.settings.items()), tuple(number.elsewhere.items()))
    place = shared.place(key)
    if place is not None:
        return place
    return shared.add(key, _Delivery.of(number))


def unpack(account: str, packed: bytes) -> list[OwnedNumber]:
    """Return the numbers of ``pack``; what many of them share is in memory once.

    Raises:
        Unusable: The bytes are not such numbers.
    """
    try:
        block = _decoder.decode(packed)
        return _numbers(account, block)
    except (msgspec.DecodeError, IndexError) as error:
        raise Unusable(str(error)) from None


_traits: dict[tuple[Any, ...], _Traits] = {}


_MOST_TRAITS = 10_000


def _kept_once(traits: _Traits) -> _Traits:
    """Return one object for all that say the same, whichever block they are of."""
    if len(_traits) >= _MOST_TRAITS:
        return traits
    return _traits.setdefault(_traits_key(traits), traits)


def _numbers(account: str, block: _Block) -> list[OwnedNumber]:
    traits: Sequence[_Traits] = [_kept_once(each) for each in block.traits]
    deliveries = [
        (
            shared_routing(
                {
                    channel: None if one is None else one.destination
                    for channel, one in each.routing.items()
                }
            ),
            shared_settings(each.stored()),
            each.elsewhere,
        )
        for each in block.deliveries
    ]
    found = []
    seen_at: datetime | None = None
    for row in block.rows:
        if row.seen_at != seen_at:
            # Numbers of one page were read at one time, and share it.
            seen_at = row.seen_at
        kind = traits[row.traits]
        routing, settings, elsewhere = deliveries[row.delivery]
        found.append(
            OwnedNumber(
                account,
                kind.provider,
                row.id,
                E164(row.number),
                kind.country,
                kind.type,
                kind.capabilities,
                kind.status,
                row.name,
                kind.region,
                kind.city,
                kind.monthly_cost,
                routing,
                settings,
                row.created_at,
                row.updated_at,
                seen_at,
                told=kind.told,
                elsewhere=elsewhere,
            )
        )
    return found


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
