"""Examining the terminal: by what it says of itself, since asking it could hang."""

import contextlib
import locale
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping

from tui_numbers.services.doctor_findings import Finding, bad, note, ok
from tui_numbers.services.secret_command import child_environment

_TOPIC = "terminal"
_LEAST = (60, 15)
_USUAL = (80, 24)


def examine_terminal(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Yield size, colours, encoding, multiplexer and clipboard."""
    yield _size()
    yield _colours(environment)
    yield _encoding()
    if environment.get("TMUX"):
        yield _tmux()
    else:
        yield ok(_TOPIC, "clipboard", "copying goes through the terminal (OSC 52)")


def _size() -> Finding:
    if not _is_there():
        return note(_TOPIC, "size", "no terminal here: commands work, the dashboard does not")
    columns, lines = _measured()
    size = f"{columns}x{lines}"
    if columns < _LEAST[0] or lines < _LEAST[1]:
        return bad(_TOPIC, "size", f"{size} is too small", "make it 80x24 or larger")
    if columns < _USUAL[0] or lines < _USUAL[1]:
        return note(_TOPIC, "size", f"{size}, so columns are left out", "80x24 shows more")
    return ok(_TOPIC, "size", size)


def _measured() -> tuple[int, int]:
    """Return the size that the terminal itself has, as the dashboard sees it."""
    for stream in (sys.stderr, sys.stdout, sys.stdin):
        with contextlib.suppress(OSError, ValueError):
            columns, lines = os.get_terminal_size(stream.fileno())
            if columns > 0 and lines > 0:
                return columns, lines
    return shutil.get_terminal_size()


def _is_there() -> bool:
    return sys.stdin.isatty() or sys.stdout.isatty() or sys.stderr.isatty()


def _colours(environment: Mapping[str, str]) -> Finding:
    term = environment.get("TERM", "")
    if term in ("", "dumb"):
        if not _is_there():
            return note(_TOPIC, "colours", f"TERM is {term!r}, and there is no terminal")
        return bad(_TOPIC, "colours", f"TERM is {term!r}", "export TERM=xterm-256color")
    if environment.get("NO_COLOR"):
        return note(_TOPIC, "colours", "none: NO_COLOR is set", "unset NO_COLOR")
    if environment.get("COLORTERM") in ("truecolor", "24bit"):
        return ok(_TOPIC, "colours", f"true colour (TERM={term})")
    if "256" in term:
        return ok(_TOPIC, "colours", f"256 (TERM={term})")
    return note(
        _TOPIC, "colours", f"16 (TERM={term})", "export TERM=xterm-256color where it has more"
    )


def _encoding() -> Finding:
    name = sys.stdout.encoding or locale.getpreferredencoding(False)
    if name.lower().replace("-", "") == "utf8":
        return ok(_TOPIC, "text", "UTF-8")
    return bad(_TOPIC, "text", f"{name}, not UTF-8", "export LC_ALL=C.UTF-8")


def _tmux() -> Finding:
    """Say whether tmux passes copied text on."""
    tmux = shutil.which("tmux")
    try:
        asked = [tmux or "tmux", "show-options", "-sv", "set-clipboard"]
        answer = subprocess.run(  # noqa: S603 - a fixed command
            asked,
            capture_output=True,
            text=True,
            timeout=2,
            check=False,
            env=child_environment(),
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        answer = ""
    if answer == "on":
        return ok(_TOPIC, "clipboard", "tmux passes copied text on (set-clipboard on)")
    return note(
        _TOPIC,
        "clipboard",
        f"inside tmux with set-clipboard {answer or 'unknown'}",
        "tmux set -s set-clipboard on",
    )
