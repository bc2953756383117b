"""The journal of operations: intentions are on disk before their request leaves."""

import contextlib
import os
import socket
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.domain.operations import Action, Actor, JournalError, Operation, Outcome
from tui_numbers.domain.records import owned_from_record, owned_record, time_read, time_text
from tui_numbers.storage.processes import is_running, this_process

SCHEMA_VERSION = 1
_BUSY_SECONDS = 10.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS operation (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    batch TEXT NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    user TEXT NOT NULL,
    host TEXT NOT NULL,
    ssh_client TEXT,
    process TEXT NOT NULL,
    account TEXT NOT NULL,
    provider TEXT NOT NULL,
    number TEXT NOT NULL,
    action TEXT NOT NULL,
    reason TEXT NOT NULL,
    undoes TEXT,
    keys TEXT NOT NULL,
    before TEXT,
    after TEXT,
    seen TEXT,
    outcome TEXT,
    error TEXT
);
CREATE INDEX IF NOT EXISTS operation_number ON operation (number, position);
CREATE INDEX IF NOT EXISTS operation_batch ON operation (batch, position);
"""

_COLUMNS = (
    "id, batch, started_at, finished_at, user, host, ssh_client, process, account, provider, "
    "number, action, reason, undoes, keys, before, after, seen, outcome, error"
)


@dataclass(frozen=True, slots=True)
class JournalQuery:
    """Which operations to read; None means any. Times are inclusive."""

    number: E164 | None = None
    since: datetime | None = None
    until: datetime | None = None
    outcome: Outcome | None = None
    batch: str | None = None
    account: str | None = None
    limit: int | None = None


class Journal:
    """All operations of this user; safe for several threads and several processes at once.

    Every method performs file I/O and may raise ``JournalError``; call it off the event loop.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    @property
    def where(self) -> str:
        """The file, for messages."""
        return str(self._path) if self._path else "in memory"

    def begin(self, operation: Operation) -> None:
        """Record an intention; it is on disk when this returns."""
        values = _row(operation, this_process())
        marks = ", ".join("?" * len(values))
        with self._transaction() as connection:
            insert = f"INSERT INTO operation ({_COLUMNS}) VALUES ({marks})"  # noqa: S608 - constants
            connection.execute(insert, values)

    def finish(
        self, operation: str, outcome: Outcome, seen: OwnedNumber | None, error: str | None
    ) -> None:
        """Record how an operation ended."""
        with self._transaction() as connection:
            connection.execute(
                "UPDATE operation SET finished_at = ?, outcome = ?, seen = ?, error = ? "
                "WHERE id = ?",
                (time_text(datetime.now(UTC)), outcome.value, _number_text(seen), error, operation),
            )

    def get(self, operation: str) -> Operation | None:
        """Return one operation, or None."""
        rows = self._rows("WHERE id = ?", (operation,))
        return rows[0] if rows else None

    def operations(self, query: JournalQuery = JournalQuery()) -> list[Operation]:
        """Return operations, newest first."""
        conditions: list[str] = []
        values: list[object] = []
        for column, comparison, value in (
            ("number", "=", query.number),
            ("started_at", ">=", time_text(query.since)),
            ("started_at", "<=", time_text(query.until)),
            ("batch", "=", query.batch),
            ("account", "=", query.account),
        ):
            if value is not None:
                conditions.append(f"{column} {comparison} ?")
                values.append(value)
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        found = self._rows(f"{where} ORDER BY position DESC", values)
        if query.outcome is not None:
            # Without an outcome of its own, an operation's state depends on its process.
            found = [operation for operation in found if operation.outcome is query.outcome]
        return found[: query.limit]

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _rows(self, rest: str, values: "list[object] | tuple[object, ...]") -> list[Operation]:
        if self._path is not None and not self._path.exists():
            return []
        with self._transaction(writing=False) as connection:
            select = f"SELECT {_COLUMNS} FROM operation {rest}"  # noqa: S608 - constants
            rows = connection.execute(select, values).fetchall()
        return [_operation(row) for row in rows]

    @contextlib.contextmanager
    def _transaction(self, *, writing: bool = True) -> Iterator[sqlite3.Connection]:
        problem = ""
        with self._lock:
            try:
                connection = self._open()
                if writing:
                    connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                except BaseException:
                    if connection.in_transaction:
                        connection.rollback()
                    raise
                if connection.in_transaction:
                    connection.commit()
            except (sqlite3.Error, OSError) as error:
                problem = str(error)
        if problem:
            raise JournalError(f"the journal {self.where} cannot be used: {problem}")

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            if self._path is not None:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                # Made before SQLite opens it, so that it never stands with a wider mode.
                os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            connection = sqlite3.connect(
                self._path or ":memory:",
                timeout=_BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
            try:
                _prepare(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise sqlite3.DatabaseError(
            f"it was written by a later version (schema {version}); update the program"
        )
    if version < SCHEMA_VERSION:
        connection.executescript(
            f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
        )


def _number_text(number: OwnedNumber | None) -> str | None:
    return None if number is None else msgspec.json.encode(owned_record(number)).decode()


def _number_read(text: str | None) -> OwnedNumber | None:
    return None if text is None else owned_from_record(msgspec.json.decode(text))


def _row(operation: Operation, process: str) -> tuple[Any, ...]:
    return (
        operation.id,
        operation.batch,
        time_text(operation.started_at),
        time_text(operation.finished_at),
        operation.actor.user,
        operation.actor.host,
        operation.actor.ssh_client,
        process,
        operation.account,
        operation.provider,
        operation.number,
        operation.action.value,
        operation.reason,
        operation.undoes,
        ",".join(operation.keys),
        _number_text(operation.before),
        _number_text(operation.after),
        _number_text(operation.seen),
        None if operation.outcome is None else operation.outcome.value,
        operation.error,
    )


def _operation(row: tuple[Any, ...]) -> Operation:
    host, process = row[5], row[7]
    outcome = Outcome(row[18]) if row[18] else None
    error = row[19]
    if outcome is None and not (host == socket.gethostname() and is_running(process)):
        outcome = Outcome.UNKNOWN
        error = "the program ended before the provider's answer was recorded"
    started = time_read(row[2])
    assert started is not None
    return Operation(
        id=row[0],
        batch=row[1],
        started_at=started,
        finished_at=time_read(row[3]),
        actor=Actor(row[4], host, row[6]),
        account=row[8],
        provider=row[9],
        number=E164(row[10]),
        action=Action(row[11]),
        reason=row[12],
        undoes=row[13],
        keys=tuple(filter(None, row[14].split(","))),
        before=_number_read(row[15]),
        after=_number_read(row[16]),
        seen=_number_read(row[17]),
        outcome=outcome,
        error=error,
    )
