"""One process at a time: a lock on a directory, which leaves no file behind."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

_PATIENCE = 5.0
_PAUSE = 0.02


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep other processes of this program out of ``folder`` while the block runs.

    Where the system knows no such lock the block simply runs.

    Raises:
        OSError: Another process does not let go of it.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise
                time.sleep(_PAUSE)
            except OSError:
                break  # some network file systems have no locks
        yield
    finally:
        os.close(handle)
