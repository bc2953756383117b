"""Keep the journal in a SQLite file of this machine: open it privately, commit it durably."""

import contextlib
import errno
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from tui_numbers.domain import clock
from tui_numbers.domain.operations import JournalError, Operation
from tui_numbers.storage.private_files import identity_of, make_private
from tui_numbers.storage.schema import (
    WrongSchema,
    checked_version,
    is_busy,
    migrate,
    refuse_earlier,
)
from tui_numbers.storage.sql_journal import LEFT_OPEN, SqlJournal, open_of

_REMOTE = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "gfs2"}
    | {"ocfs2", "fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.davfs", "davfs", "virtiofs"}
)
_MOUNTS = Path("/proc/self/mounts")

_WORDS = (
    ("SQLITE_FULL", "the disk is full: make room on it"),
    ("SQLITE_READONLY", "it cannot be written to: the file system or its mode forbids it"),
    ("SQLITE_NOTADB", "it is damaged, or no journal: move it away, and a new one is begun"),
    ("SQLITE_CORRUPT", "it is damaged: move it away, and a new one is begun"),
    ("SQLITE_BUSY", "another process keeps it locked"),
    ("SQLITE_LOCKED", "another process keeps it locked"),
    ("SQLITE_CANTOPEN", "it cannot be opened"),
    ("SQLITE_PERM", "its mode forbids it"),
    ("SQLITE_IOERR", "the disk is full, or it fails"),
)

_REMEDIES = (
    ((errno.ENOSPC, errno.EDQUOT), ": make room on it"),
    ((errno.EISDIR, errno.ENOTDIR, errno.EEXIST), ": move away what stands there"),
    ((errno.EACCES, errno.EPERM), ": make it yours, or set XDG_STATE_HOME to a directory that is"),
    ((errno.EROFS,), ": set XDG_STATE_HOME to a directory on another one"),
)
_BUSY_SECONDS = 10.0
_PAUSE = 0.02
_UNWRITABLE = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})

WITHOUT_WAL = (
    "the journal is on a file system that does not suit its quicker mode; it is kept in a slower "
    "one, which is as safe"
)


@dataclass(frozen=True)
class JournalFile:
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


def open_journal(path: Path | None, *, writing: bool) -> JournalFile:
    """Open the journal, create it where it is to be written, and migrate an earlier version.

    Raises:
        OSError: The file cannot be opened or made.
        sqlite3.Error: It cannot be used.
        WrongSchema: A later version wrote it, or it is no journal.
    """
    if path is None:
        connection = _connect(":memory:")
        migrate(connection)
        return JournalFile(connection)
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
    return JournalFile(connection, note=note, identity=identity_of(path))


def connect_at_once(path: Path) -> sqlite3.Connection:
    """Open an existing journal for reading, without migrating it or waiting for a lock."""
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


def _open_to_read(path: Path) -> JournalFile:
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
    return JournalFile(connection, writable=False, note=note, identity=identity_of(path))


def explain(error: Exception) -> str:
    """Explain a database error in words."""
    if isinstance(error, OSError):
        where = f" ({error.filename})" if error.filename else ""
        remedy = next((words for numbers, words in _REMEDIES if error.errno in numbers), "")
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return f"the disk is full{remedy}"
        return f"{error.strerror or error}{where}{remedy}"
    if isinstance(error, sqlite3.Error):
        name = getattr(error, "sqlite_errorname", "") or ""
        found = next((words for prefix, words in _WORDS if name.startswith(prefix)), None)
        if found is not None:
            return f"{found} ({name})" if name.startswith("SQLITE_IOERR") else found
    return str(error)


def is_fatal(error: sqlite3.Error) -> bool:
    """Tell whether no other journal mode would help."""
    name = getattr(error, "sqlite_errorname", "") or ""
    return name.startswith(
        ("SQLITE_FULL", "SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_READONLY", "SQLITE_PERM")
    )


def is_remote(path: Path, mounts: Path = _MOUNTS) -> bool:
    """Tell whether ``path`` is on a network file system, as far as the system says (Linux)."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
        real = f"{path.resolve()}/"
    except OSError:
        return False
    kind, longest = "", -1
    for line in lines:
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        # As text: there may be hundreds, and the journal is opened with each command.
        point = fields[1].replace("\\040", " ").rstrip("/") + "/"
        # A later mount on the same point hides the earlier one.
        if real.startswith(point) and len(point) >= longest:
            kind, longest = fields[2], len(point)
    return kind in _REMOTE


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
