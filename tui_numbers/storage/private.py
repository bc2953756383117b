"""Files and directories that nobody else may read."""

import contextlib
import errno
import os
import stat
from pathlib import Path


def make_private(path: Path, *, create: bool = True) -> None:
    """Make a file before SQLite does, so that it never stands with a wider mode.

    Raises:
        OSError: It cannot be opened or made.
    """
    folder = path.parent
    if create:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | (os.O_CREAT if create else 0), 0o600)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EEXIST, "it is no file", str(path))
        if os.name == "posix":
            # The files beside it take their mode from it.
            if os.fstat(handle).st_mode & 0o077:
                os.fchmod(handle, 0o600)
            if folder.stat().st_mode & 0o077:
                with contextlib.suppress(PermissionError):
                    folder.chmod(0o700)
    finally:
        os.close(handle)
