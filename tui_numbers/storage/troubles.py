"""What SQLite's errors mean to whoever uses the program."""

import errno
import sqlite3

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


def words_of(error: Exception) -> str:
    """Return what an error of the file means."""
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


def is_busy(error: sqlite3.Error) -> bool:
    """Tell whether another process holds the file just now."""
    name = getattr(error, "sqlite_errorname", "") or ""
    return name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def is_fatal(error: sqlite3.Error) -> bool:
    """Tell whether no other journal mode would help."""
    name = getattr(error, "sqlite_errorname", "") or ""
    return name.startswith(
        ("SQLITE_FULL", "SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_READONLY", "SQLITE_PERM")
    )
