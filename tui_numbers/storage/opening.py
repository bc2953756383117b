"""Opening the journal's file: private, durable, and in a mode that its file system bears."""

import errno
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tui_numbers.storage.filesystems import is_remote
from tui_numbers.storage.private import identity_of, make_private
from tui_numbers.storage.schema import checked_version, migrate, refuse_earlier
from tui_numbers.storage.troubles import is_busy, is_fatal

_BUSY_SECONDS = 10.0
_PAUSE = 0.02
_UNWRITABLE = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})

WITHOUT_WAL = (
    "the journal is on a file system that does not suit its quicker mode; it is kept in a slower "
    "one, which is as safe"
)


@dataclass(frozen=True)
class Opened:
    """An open journal."""

    connection: sqlite3.Connection
    writable: bool = True
    note: str | None = None
    """What is unusual about it, in words."""
    identity: tuple[int, int] | None = None
    """Device and inode of the file; None in memory."""

    def is_still(self, path: Path | None) -> bool:
        """Tell whether the file at ``path`` is the one that is open."""
        return path is None or self.identity == identity_of(path)


def open_journal(path: Path | None, *, writing: bool) -> Opened:
    """Open, and make where it is to be written; brings an earlier version up to this one.

    Raises:
        OSError: The file cannot be opened or made.
        sqlite3.Error: It cannot be used.
        WrongSchema: A later version wrote it, or it is no journal.
    """
    if path is None:
        connection = _connect(":memory:")
        migrate(connection)
        return Opened(connection)
    try:
        make_private(path, create=writing)
    except OSError as error:
        if writing or error.errno not in _UNWRITABLE:
            raise
        return _open_to_read(path)
    connection = _connect(str(path))
    try:
        note = _prepare(connection, remote=is_remote(path))
    except BaseException:
        connection.close()
        raise
    return Opened(connection, note=note, identity=identity_of(path))


def connect_at_once(path: Path) -> sqlite3.Connection:
    """Open a journal that is there to look into it; changes nothing, and waits for nobody."""
    return sqlite3.connect(f"file:{quote(str(path))}?mode=rw", timeout=0, uri=True)


def _connect(target: str, *, uri: bool = False) -> sqlite3.Connection:
    return sqlite3.connect(
        target, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=uri
    )


def _prepare(connection: sqlite3.Connection, *, remote: bool) -> str | None:
    """Set the journal mode and the schema; return what is unusual."""
    checked_version(connection)
    note = None
    try:
        mode = _set_mode(connection, "DELETE" if remote else "WAL")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        if is_busy(error) or is_fatal(error):
            raise
        mode = _set_mode(connection, "DELETE")
    if mode != "wal":
        note = WITHOUT_WAL
    connection.execute("PRAGMA synchronous = FULL")
    migrate(connection)
    return note


def _set_mode(connection: sqlite3.Connection, mode: str) -> str:
    """Set the journal mode; the change of it does not wait for other processes by itself."""
    until = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            found: str = connection.execute("PRAGMA journal_mode").fetchone()[0]
            if found != mode.lower():
                found = connection.execute(f"PRAGMA journal_mode = {mode}").fetchone()[0]
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > until:
                raise
            time.sleep(_PAUSE)
        else:
            return found


def _open_to_read(path: Path) -> Opened:
    """Open a file that may not be written to."""
    beside = Path(f"{path}-wal")
    settled = not (beside.exists() and beside.stat().st_size)
    # What stands in the file beside it would be passed over by an immutable one.
    options = "mode=ro&immutable=1" if settled else "mode=ro"
    connection = _connect(f"file:{quote(str(path))}?{options}", uri=True)
    try:
        refuse_earlier(connection)
    except BaseException:
        connection.close()
        raise
    note = "the journal can be read, and not written to"
    return Opened(connection, writable=False, note=note, identity=identity_of(path))
