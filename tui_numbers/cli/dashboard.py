"""Open the dashboard: draw a frame at once, then import only what its first rows need."""

from __future__ import annotations

import gc
import os
import signal
import sys

from tui_numbers.cli.process import prepare, refuse_tracing, say, tidy_environment
from tui_numbers.cli.startup_frame import StartupFrame, kept_theme

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
    """Open the dashboard without click, for ``--demo`` and ``--read-only`` at most, and exit."""
    startup = StartupFrame(sys.__stderr__, os.environ)
    code = _INTERRUPTED
    try:
        prepare()
        if _is_drawable():
            startup.theme = None if "--demo" in arguments else kept_theme(os.environ)
            startup.show()
        refuse_tracing()
        from tui_numbers.cli.errors import run_to_exit_code
        from tui_numbers.cli.global_flags import Flags

        flags = Flags(demo="--demo" in arguments, read_only="--read-only" in arguments)
        code = run_to_exit_code(lambda: open_dashboard(flags, startup))
    except KeyboardInterrupt:
        # At a moment when nobody else was there to take it.
        pass
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        startup.remove()
    sys.exit(code)


def open_dashboard(flags: Flags, startup: StartupFrame | None = None) -> int:
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
    if startup is None:
        startup = StartupFrame(sys.__stderr__, os.environ)
        startup.theme = None if flags.demo else kept_theme(os.environ)
    tidy_environment(os.environ)
    # Nothing that start-up makes is garbage; the dashboard collects again once it is drawn.
    gc.disable()
    try:
        if not startup.shown:
            startup.show()
        session = _session(flags)
        startup.fill(lambda width, height: _known(session, width, height))
        return _run(session, startup)
    except KeyboardInterrupt:
        # A driver that was interrupted in the middle may have left things half done.
        startup.force_back()
        raise
    finally:
        gc.enable()
        startup.remove()


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


def _run(session: Session, startup: StartupFrame) -> int:
    # Textual collects changes for one frame of its clock, which a key has to wait for.
    os.environ.setdefault("TEXTUAL_FPS", _FRAMES_A_SECOND)
    from tui_numbers.ui.running import run_dashboard

    if not startup.shown:
        return run_dashboard(session)
    # Signals are the frame's until the dashboard's own driver takes them, or its loop does.
    startup.hand_over(signal.SIGINT)
    return run_dashboard(session, standing=startup)


def _is_drawable() -> bool:
    streams = (sys.stdin, sys.stdout, sys.stderr)
    term = os.environ.get("TERM", "")
    return all(stream.isatty() for stream in streams) and term not in ("", "dumb")


def _tell(reason: str) -> None:
    """Say why there is no dashboard, on a stream that a person sees."""
    if sys.stdout.isatty() and not sys.stderr.isatty():
        sys.stdout.write(f"{reason}\n")
    else:
        say(reason)
