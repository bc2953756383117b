"""Open the snapshot file: private, versioned, quarantined when it cannot be read."""

import sqlite3
from pathlib import Path

from tui_numbers.storage.database import is_busy
from tui_numbers.storage.private_files import make_private
from tui_numbers.storage.transactions import transaction

SCHEMA_VERSION = 3
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


class Unusable(Exception):
    """The file, or what stands in it, was not written by this version."""


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
