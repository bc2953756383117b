"""Keep the journal in a SQLite file of this machine: an intention is on disk before its request."""

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from tui_numbers.domain import clock
from tui_numbers.domain.operations import JournalError, Operation
from tui_numbers.storage.database import JournalFile, connect_at_once, explain, open_journal
from tui_numbers.storage.schema import WrongSchema, checked_version
from tui_numbers.storage.sql_journal import LEFT_OPEN, SqlJournal, open_of


class SqliteJournal(SqlJournal):
    """The journal of one user, in a file or in memory."""

    def __init__(self, path: Path | None, now: Callable[[], datetime] = clock.now) -> None:
        super().__init__()
        self._path = path
        self._clock = now
        self._lock = threading.RLock()
        self._opened: JournalFile | None = None

    @property
    def where(self) -> str:
        """The file, for messages."""
        return str(self._path) if self._path else "in memory"

    @property
    def note(self) -> str | None:
        """What is unusual about the file, in words; None before it is first used."""
        return self._opened.note if self._opened is not None else None

    def left_open_at_once(self) -> Sequence[Operation] | None:
        """Return the same without waiting for another process; None where that is not possible."""
        if self._path is None:
            return self.left_open()
        if self._is_missing():
            return ()
        try:
            with contextlib.closing(connect_at_once(self._path)) as connection:
                checked_version(connection)
                rows = connection.execute(LEFT_OPEN).fetchall()
                return open_of(rows, self._now())
        except (sqlite3.Error, OSError, WrongSchema):
            return None

    def close(self) -> None:
        """Close the file; an outcome that could not be recorded is tried once more before."""
        super().close()
        self._drop_connection()

    def _now(self) -> datetime:
        return self._clock()

    def _drop_connection(self) -> None:
        with self._lock:
            if self._opened is not None:
                self._opened.connection.close()
                self._opened = None

    def _is_missing(self) -> bool:
        try:
            return self._path is not None and not self._path.exists()
        except OSError:
            return False

    @contextlib.contextmanager
    def _transaction(self, *, writing: bool = True) -> Iterator[sqlite3.Connection]:
        problem = ""
        with self._lock:
            try:
                connection = self._open(writing=writing)
                if writing:
                    connection.execute("BEGIN IMMEDIATE")
                try:
                    owed = self._record_owed(connection) if writing else {}
                    yield connection
                    if connection.in_transaction:
                        connection.commit()
                except BaseException:
                    if connection.in_transaction:
                        connection.rollback()
                    raise
                self._forget_owed(owed)
            except (sqlite3.Error, OSError, WrongSchema) as error:
                problem = explain(error)
        if problem:
            raise JournalError(f"the journal {self.where} cannot be used: {problem}")

    def _open(self, *, writing: bool) -> sqlite3.Connection:
        opened = self._opened
        usable = opened is not None and (opened.writable or not writing)
        if opened is not None and not (usable and opened.is_still(self._path)):
            # Another file may stand there now; what is written to the old one would be lost.
            self._drop_connection()
            opened = None
        if opened is None:
            opened = self._opened = open_journal(self._path, writing=writing)
        return opened.connection
