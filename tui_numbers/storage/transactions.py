"""Run SQLite statements in one transaction, over a connection in autocommit mode."""

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
