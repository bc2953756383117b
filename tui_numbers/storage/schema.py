"""Define and migrate the schema of the journal, each change in one transaction."""

import contextlib
import sqlite3
from collections.abc import Iterator


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection, *, writing: bool = False) -> Iterator[None]:
    """Run what is inside in one transaction; in the surrounding one where there is one.

    Every reading inside sees the file at one moment, whatever other processes write. ``writing``
    takes the lock to write first, so that what was read still holds when it is acted on.
    """
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
    try:
        yield
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


SCHEMA_VERSION = 4


_FIRST = """
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


_SECOND = """
ALTER TABLE operation ADD COLUMN asked TEXT;
ALTER TABLE operation ADD COLUMN begun INTEGER NOT NULL DEFAULT 1;
"""


_THIRD = """
ALTER TABLE operation ADD COLUMN reference TEXT;
"""


_FOURTH = """
ALTER TABLE operation ADD COLUMN until TEXT;
ALTER TABLE operation ADD COLUMN route TEXT;
ALTER TABLE operation ADD COLUMN takes TEXT NOT NULL DEFAULT '';
ALTER TABLE operation ADD COLUMN name TEXT;
CREATE INDEX IF NOT EXISTS operation_started ON operation (started_at);
CREATE INDEX IF NOT EXISTS operation_open ON operation (position)
    WHERE outcome IS NULL OR outcome = 'unknown' OR outcome = 'pending';
CREATE INDEX IF NOT EXISTS operation_route ON operation (route, position) WHERE route IS NOT NULL;
CREATE TABLE IF NOT EXISTS ending (
    operation TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    number TEXT NOT NULL,
    until TEXT NOT NULL,
    puts_back TEXT NOT NULL,
    taken_by TEXT,
    conflict INTEGER NOT NULL DEFAULT 0,
    note TEXT,
    claim TEXT,
    claim_host TEXT,
    claim_process TEXT,
    claimed_at TEXT,
    closing TEXT,
    closed_at TEXT,
    closed_by TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ending_open ON ending (until) WHERE closing IS NULL;
CREATE INDEX IF NOT EXISTS ending_number ON ending (number, account) WHERE closing IS NULL;
CREATE TABLE IF NOT EXISTS rehearsal (
    route TEXT NOT NULL PRIMARY KEY,
    at TEXT NOT NULL,
    numbers INTEGER NOT NULL,
    impossible INTEGER NOT NULL,
    seconds REAL NOT NULL,
    user TEXT NOT NULL,
    host TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS handover (
    at TEXT NOT NULL,
    user TEXT NOT NULL,
    host TEXT NOT NULL
);
"""


_STEPS = (_FIRST, _SECOND, _THIRD, _FOURTH)
"""What leads from each version to the next; version 0 is an empty file."""


class WrongSchema(Exception):
    """The file is not a journal that this version can use; the text says why."""


def migrate(connection: sqlite3.Connection) -> None:
    """Migrate the file to ``SCHEMA_VERSION`` in one transaction; safe for two processes.

    Raises:
        WrongSchema: A later version wrote it, or it is no journal.
    """
    if checked_version(connection) == SCHEMA_VERSION:
        return
    with transaction(connection, writing=True):
        # Asked again under the lock: another process may have been quicker.
        for step in _STEPS[checked_version(connection) :]:
            for statement in filter(str.strip, step.split(";")):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def checked_version(connection: sqlite3.Connection) -> int:
    """Return the schema version of the file, once it is known to be usable.

    Raises:
        WrongSchema: A later version wrote it, or it is no journal.
    """
    with transaction(connection):
        # Another process may be making the tables: version and tables belong together.
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if version > SCHEMA_VERSION:
        raise WrongSchema(
            f"it was written by a later version (schema {version}, this one knows "
            f"{SCHEMA_VERSION}): update the program"
        )
    if (tables and version == 0) or (version and "operation" not in tables):
        raise WrongSchema("it is a database of something else: move it away")
    return version


def refuse_earlier(connection: sqlite3.Connection) -> None:
    """Refuse a file that would have to be migrated first.

    Raises:
        WrongSchema: It is of any other version than this one.
    """
    version = checked_version(connection)
    if version < SCHEMA_VERSION:
        raise WrongSchema(f"it is of an earlier version (schema {version}), and cannot be written")


def is_busy(error: sqlite3.Error) -> bool:
    """Tell whether another process holds the file just now."""
    name = getattr(error, "sqlite_errorname", "") or ""
    return name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
