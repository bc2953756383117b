"""Opening the dashboard: a frame at once, and nothing loaded that its first rows do not need."""

from __future__ import annotations

import gc
import os
import signal
import sys

from tui_numbers.cli.process import refuse_tracing, tidy_environment
from tui_numbers.cli.startup_frame import Skeleton
from tui_numbers.cli.streams import prepare, say

# Loading typing takes as long as starting Python does, and the first frame waits for it.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import NoReturn

    from tui_numbers.cli.global_flags import Flags
    from tui_numbers.services.session import Session

_FRAMES_A_SECOND = "240"
_INTERRUPTED = 130


def start(arguments: Iterable[str]) -> NoReturn:
    """Open the dashboard as the whole program, over ``--demo`` and ``--read-only`` at most."""
    skeleton = Skeleton(sys.__stderr__, os.environ)
    code = _INTERRUPTED
    try:
        prepare()
        if _is_drawable():
            skeleton.show()
        refuse_tracing()
        from tui_numbers.cli.errors import guarded
        from tui_numbers.cli.global_flags import Flags

        flags = Flags(demo="--demo" in arguments, read_only="--read-only" in arguments)
        code = guarded(lambda: open_dashboard(flags, skeleton))
    except KeyboardInterrupt:
        # At a moment when nobody else was there to take it.
        pass
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        skeleton.remove()
    sys.exit(code)


def open_dashboard(flags: Flags, skeleton: Skeleton | None = None) -> int:
    """Open the dashboard; return its exit code when it is left.

    Raises:
        ConfigError: The configuration cannot be used.
    """
    if not _is_drawable():
        from tui_numbers.cli import errors
        from tui_numbers.cli.terminal import why_no_dashboard

        reason = why_no_dashboard()
        if reason is not None:
            _tell(reason)
            return errors.USAGE
    skeleton = skeleton or Skeleton(sys.__stderr__, os.environ)
    tidy_environment(os.environ)
    # Nothing that start-up makes is garbage; the dashboard collects again once it is drawn.
    gc.disable()
    try:
        if not skeleton.shown:
            skeleton.show()
        session = _session(flags)
        skeleton.fill(lambda width, height: _known(session, width, height))
        return _run(session, skeleton)
    except KeyboardInterrupt:
        # A driver that was interrupted in the middle may have left things half done.
        skeleton.force_back()
        raise
    finally:
        gc.enable()
        skeleton.remove()


def _session(flags: Flags) -> Session:
    from tui_numbers.services.session import begin_session

    return begin_session(
        demo=flags.demo,
        numbers=flags.numbers,
        accounts=flags.accounts or None,
        read_only=flags.read_only,
    )


def _known(session: Session, width: int, height: int) -> Sequence[str]:
    from tui_numbers.ui.first_frame import known_lines

    return known_lines(session, width, height)


def _run(session: Session, skeleton: Skeleton) -> int:
    # Textual collects changes for one frame of its clock, which a key has to wait for.
    os.environ.setdefault("TEXTUAL_FPS", _FRAMES_A_SECOND)
    from tui_numbers.ui.running import run_dashboard

    if not skeleton.shown:
        return run_dashboard(session)
    # Signals are the frame's until the dashboard's own driver takes them, or its loop does.
    skeleton.hand_over(signal.SIGINT)
    return run_dashboard(session, standing=skeleton)


def _is_drawable() -> bool:
    streams = (sys.stdin, sys.stdout, sys.stderr)
    term = os.environ.get("TERM", "")
    return all(stream.isatty() for stream in streams) and term not in ("", "dumb")


def _tell(reason: str) -> None:
    """Say why there is no dashboard; where standard error leads elsewhere, not there."""
    if sys.stdout.isatty() and not sys.stderr.isatty():
        sys.stdout.write(f"{reason}\n")
    else:
        say(reason)
