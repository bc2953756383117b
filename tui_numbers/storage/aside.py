"""Moving a file out of the way that cannot be used, without losing it."""

import contextlib
from pathlib import Path

_BESIDE = ("-journal", "-wal", "-shm")
_MOST = 9


def set_aside(path: Path) -> Path:
    """Rename ``path`` and what SQLite keeps beside it; return the new name.

    Of more than a few such files the last gives way.

    Raises:
        OSError: It cannot be renamed.
    """
    names = [path.with_name(f"{path.name}.aside-{number}") for number in range(1, _MOST + 1)]
    free = next((name for name in names if not name.exists()), names[-1])
    with contextlib.suppress(FileNotFoundError):
        path.replace(free)
    for ending in _BESIDE:
        # Left where it is, it would be taken for part of the new file.
        with contextlib.suppress(FileNotFoundError):
            Path(f"{path}{ending}").replace(f"{free}{ending}")
    return free
