"""Create, check and quarantine files that nobody else may read or change."""

import contextlib
import errno
import os
import stat
from pathlib import Path


def make_private(path: Path, *, create: bool = True) -> None:
    """Create a file with mode 0600 before SQLite opens it.

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


def why_exposed(path: Path) -> str | None:
    """Explain how others can change a file or directory; None where they cannot.

    Raises:
        OSError: It cannot be looked at.
    """
    if os.name != "posix":
        return None
    found = path.stat()
    if found.st_uid not in (os.geteuid(), 0):
        return f"it belongs to another user ({_user_name(found.st_uid)})"
    sticky = stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX
    writable = found.st_mode & stat.S_IWOTH or (
        found.st_mode & stat.S_IWGRP and not _is_own_group(found.st_gid)
    )
    if writable and not sticky:
        return f"others can write to it (mode {stat.S_IMODE(found.st_mode):o})"
    return None


def places_of(path: Path) -> tuple[Path, ...]:
    """Return a file and the directories in which another one can be put in its place."""
    return tuple(dict.fromkeys((path, path.parent, path.resolve().parent)))


def remedy_of(path: Path) -> str:
    """Return the commands that make a file or directory private."""
    return f"chown $USER {path}; chmod go-w {path}"


def open_private_log(path: Path) -> int:
    """Open a private log for appending.

    Raises:
        OSError: It cannot be opened, or is no file of this user.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
    # A queue without a reader would hold the end of the program up.
    handle = os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o600)
    found = os.fstat(handle)
    reason = "it is no file" if not stat.S_ISREG(found.st_mode) else None
    if reason is None and os.name == "posix":
        if found.st_uid != os.geteuid():
            reason = "it belongs to another user"
        elif found.st_mode & 0o077:
            os.fchmod(handle, 0o600)
    if reason is not None:
        os.close(handle)
        raise OSError(errno.EPERM, reason, str(path))
    return handle


def identity_of(path: Path) -> tuple[int, int] | None:
    """Return device and inode of the file at ``path``; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


_BESIDE = ("-journal", "-wal", "-shm")
_MOST = 9


def set_aside(path: Path) -> Path:
    """Quarantine ``path`` and SQLite's files beside it by renaming them; return the new name.

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


def _is_own_group(number: int) -> bool:
    """Whether a group is the one that a user has alone, as many systems give each user one."""
    import grp
    import pwd

    try:
        user, group = pwd.getpwuid(os.geteuid()), grp.getgrgid(number)
    except KeyError:
        return False
    return group.gr_name == user.pw_name and set(group.gr_mem) <= {user.pw_name}


def _user_name(number: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _refusal(path: Path) -> OSError:
    """Return why a file cannot be read and written, as opening it would have said."""
    read_only = hasattr(os, "statvfs") and os.statvfs(path).f_flag & os.ST_RDONLY
    number = errno.EROFS if read_only else errno.EACCES
    return OSError(number, os.strerror(number), str(path))
