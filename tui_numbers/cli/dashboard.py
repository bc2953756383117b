"""Opening the dashboard: a frame at once, and nothing loaded that its first rows do not need."""

import gc
import os
import sys
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from tui_numbers.cli.skeleton import Skeleton

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_numbers.cli.given import Flags
    from tui_numbers.services.session import Session

_FRAMES_A_SECOND = "240"
_INTERRUPTED = 130
_NO_TERMINAL = "the dashboard needs a terminal; in scripts use a command, see: tui-numbers --help"


def start(arguments: Iterable[str]) -> NoReturn:
    """Open the dashboard as the whole program, over ``--demo`` and ``--read-only`` at most."""
    skeleton = Skeleton(sys.__stderr__, os.environ)
    try:
        if _is_terminal():
            skeleton.show()
        from tui_numbers.cli.given import Flags
        from tui_numbers.cli.guard import guarded
    except KeyboardInterrupt:
        skeleton.remove()
        sys.exit(_INTERRUPTED)
    flags = Flags(demo="--demo" in arguments, read_only="--read-only" in arguments)
    sys.exit(guarded(lambda: open_dashboard(flags, skeleton)))


def open_dashboard(flags: "Flags", skeleton: Skeleton | None = None) -> int:
    """Open the dashboard; return its exit code when it is left.

    Raises:
        ConfigError: The configuration cannot be used.
    """
    from tui_numbers.cli import exits

    if not _is_terminal():
        sys.stderr.write(f"{_NO_TERMINAL}\n")
        return exits.USAGE
    if skeleton is None:
        skeleton = Skeleton(sys.__stderr__, os.environ)
        skeleton.show()
    # Nothing that start-up makes is garbage; the dashboard collects again once it is drawn.
    gc.disable()
    try:
        session = _session(flags)
        skeleton.fill(partial(_known, session))
        return _run(session, skeleton)
    finally:
        gc.enable()
        skeleton.remove()


def _session(flags: "Flags") -> "Session":
    from tui_numbers.services.session import begin_session

    return begin_session(
        demo=flags.demo,
        numbers=flags.numbers,
        accounts=flags.accounts,
        read_only=flags.read_only,
    )


def _known(session: "Session", width: int, height: int) -> "Sequence[str]":
    from tui_numbers.ui.still import known_lines

    return known_lines(session, width, height)


def _run(session: "Session", skeleton: Skeleton) -> int:
    # Textual collects changes for one frame of its clock, which a key has to wait for.
    os.environ.setdefault("TEXTUAL_FPS", _FRAMES_A_SECOND)
    from tui_numbers.ui.running import run_dashboard

    if not skeleton.shown:
        return run_dashboard(session)
    # Signals are the frame's until the dashboard's own driver takes them.
    return run_dashboard(session, standing=skeleton)


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()
