"""Files and directories that nobody else may read."""

import contextlib
import errno
import os
import stat
from pathlib import Path


def make_private(path: Path, *, create: bool = True) -> None:
    """Make a file before SQLite does, so that it never stands with a wider mode.

    A file that is there is never opened: to close it again would drop the locks that SQLite holds
    on it for this process, and another one could then take the file from under it.

    Raises:
        OSError: It cannot be opened or made.
    """
    folder = path.parent
    if create:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EEXIST, "it is no file", str(path))
    if os.name == "posix":
        # The files beside it take their mode from it.
        if mode & 0o077:
            path.chmod(0o600)
        if folder.stat().st_mode & 0o077:
            with contextlib.suppress(PermissionError):
                folder.chmod(0o700)
    if not os.access(path, os.R_OK | os.W_OK):
        raise _refusal(path)


def identity_of(path: Path) -> tuple[int, int] | None:
    """Return device and inode of the file at ``path``; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _refusal(path: Path) -> OSError:
    """Return why a file cannot be read and written, as opening it would have said."""
    read_only = hasattr(os, "statvfs") and os.statvfs(path).f_flag & os.ST_RDONLY
    number = errno.EROFS if read_only else errno.EACCES
    return OSError(number, os.strerror(number), str(path))
