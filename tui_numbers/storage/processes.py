"""Check whether a recorded process is still alive."""

import functools
import os
import socket
from pathlib import Path

from tui_numbers.domain.text import clean


@functools.cache
def this_process() -> str:
    """Return an identifier of this process that no later process shares."""
    return f"{os.getpid()}:{_start_of(os.getpid()) or ''}"


def this_host() -> str:
    """Return the name of this machine."""
    return clean(socket.gethostname())


def is_this_host(host: str) -> bool:
    """Tell whether ``host`` is this machine, whose processes can be looked at."""
    return host == this_host()


def is_running(process: str) -> bool:
    """Tell whether the process that ``this_process`` identified is still running."""
    identifier, _, started = process.partition(":")
    if not identifier.isdigit():
        return False
    pid = int(identifier)
    found = _start_of(pid)
    if found is not None:
        return found == started
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    # What has a file there was found to have ended; one without may be hidden (hidepid), as
    # processes are whose memory nobody may read.
    return not _stat_of(pid).exists()


def _stat_of(pid: int) -> Path:
    return Path(f"/proc/{pid}/stat")


def _start_of(pid: int) -> str | None:
    """Return when a process started, in clock ticks since boot with the boot's name (Linux)."""
    try:
        stat = _stat_of(pid).read_text(errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None
    # The second field, the command's name, may hold spaces and parentheses.
    fields = stat.rpartition(")")[2].split()
    state, started = fields[0], fields[19]
    return None if state == "Z" else f"{started}@{boot}"
