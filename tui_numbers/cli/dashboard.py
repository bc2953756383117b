"""Open the dashboard: draw its frame at once, then import only what its first rows need."""

from __future__ import annotations

import gc
import os
import signal
import sys

from tui_numbers.cli.process import prepare, refuse_tracing, say, tidy_environment

# Loading typing takes as long as starting Python does, and the first frame waits for it.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import FrameType
    from typing import Any, NoReturn, TextIO

    from tui_numbers.cli.global_flags import Flags
    from tui_numbers.services.session import Session


_NARROWEST, _LOWEST = 60, 15
"""The smallest terminal, in columns and lines, on which the dashboard shows a frame."""

_ENTER = "\x1b[?1049h\x1b[?25l"
_LEAVE = "\x1b[m\x1b[?1049l\x1b[?25h"
_MODES = "".join(f"\x1b[?{mode}l" for mode in (1000, 1003, 1004, 1006, 1015, 2004)) + "\x1b[<u"
"""Turns off every terminal mode that a driver may have turned on."""

_GROUND = "\x1b[48;2;28;28;28m\x1b[38;2;198;198;198m"
_BAR = "\x1b[48;2;48;48;48m"
_LIGHT_GROUND = "\x1b[48;2;250;250;250m\x1b[38;2;38;38;38m"
_LIGHT_BAR = "\x1b[48;2;228;228;228m"
_PLAIN_BAR = "\x1b[1m"
_LIGHT, _PLAIN = "numbers-light", "numbers-16"
"""The themes that are not drawn as the usual one is."""
_TABS = "1 Owned  2 Available  3 History  4 Targets  5 Routes  0 Overview "
_SHORT_TABS = "1 Owned  2 Stock  3 Hist  4 Targ  5 Routes  0 "
"""The views as the dashboard names them, and where it shortens their names."""
_WIDE_TABS = 92
"""Columns from which there is room for whole names."""
_SIGNALS = ("SIGTERM", "SIGHUP", "SIGINT")


class StartupFrame:
    """A frame on the alternate screen, until the dashboard draws over it or it is removed."""

    def __init__(self, terminal: TextIO | None, environ: Mapping[str, str]) -> None:
        self._terminal = terminal
        self._environ = environ
        self.theme: str | None = None
        """The theme that the dashboard will have; None for the usual one."""
        self._taken: dict[int, Any] = {}
        """The signals handled here meanwhile, and the handlers that they had before."""
        self._size = (0, 0)
        self.found: list[Any] | None = None
        """The terminal's attributes as they were found; None where they were left alone."""
        self.shown = False
        self._drawn = False

    def show(self) -> None:
        """Write the frame, where there is a terminal with room for it."""
        size = self._measured()
        if size is None:
            return
        self._size = size
        for name in _SIGNALS:
            number = getattr(signal, name, None)
            if number is None:
                continue
            before = signal.getsignal(number)
            if before in (signal.SIG_DFL, signal.default_int_handler):
                signal.signal(number, self._end)
                self._taken[number] = before
        self.shown = self._drawn = True
        self._keep_keys()
        self._write(_ENTER + frame_text(*size, self._environ, self.theme))

    def fill(self, known: Callable[[int, int], Sequence[str]]) -> None:
        """Write the rows that ``known`` returns for so many columns and lines below the title."""
        encoding = (getattr(self._terminal, "encoding", None) or "").lower()
        if self.shown and encoding.startswith("utf"):
            lines = known(*self._size)
            if lines:
                self._write(rows_text(lines, *self._size, self._environ, self.theme))

    def _keep_keys(self) -> None:
        """Turn echo and line editing off, so that keys typed now reach the dashboard."""
        import termios

        assert sys.__stdin__ is not None
        try:
            self.found = termios.tcgetattr(sys.__stdin__)
            quiet = termios.tcgetattr(sys.__stdin__)
            quiet[0] &= ~(termios.ICRNL | termios.IXON)
            quiet[3] &= ~(termios.ICANON | termios.ECHO)
            # A program that is stopped now would leave its frame standing.
            quiet[6][termios.VSUSP] = b"\0"
            termios.tcsetattr(sys.__stdin__, termios.TCSANOW, quiet)
        except (termios.error, OSError, ValueError):
            self.found = None

    def _restore_keys(self) -> None:
        if self.found is not None and sys.__stdin__ is not None:
            import termios

            try:
                termios.tcsetattr(sys.__stdin__, termios.TCSANOW, self.found)
            except (termios.error, OSError, ValueError):
                return

    def hand_over(self, *numbers: int) -> None:
        """Restore the handlers of all signals, or of those named."""
        for number in numbers or tuple(self._taken):
            before = self._taken.pop(number, None)
            if before is not None and signal.getsignal(number) == self._end:
                signal.signal(number, before)

    def remove(self) -> None:
        """Leave the alternate screen and restore signals and terminal."""
        self.hand_over()
        if self.shown:
            self.shown = False
            self._write(_LEAVE)
            self._restore_keys()

    def force_back(self) -> None:
        """Restore the terminal although a driver may have changed its modes."""
        if self._drawn:
            self.shown = True
            self._write(_MODES)
            self.remove()

    def _measured(self) -> tuple[int, int] | None:
        if self._terminal is None or not self._terminal.isatty():
            return None
        if self._environ.get("TERM", "dumb") == "dumb" or os.name != "posix":
            return None
        try:
            width, height = os.get_terminal_size(self._terminal.fileno())
        except OSError:
            return None
        return (width, height) if width >= _NARROWEST and height >= _LOWEST else None

    def _write(self, text: str) -> None:
        assert self._terminal is not None
        try:
            self._terminal.write(text)
            self._terminal.flush()
        except (OSError, ValueError):
            self.shown = False

    def _end(self, number: int, _frame: FrameType | None) -> None:
        """Restore the terminal and exit, whatever was being done at this moment.

        Neither by the stream, inside whose own writing the signal may have come, nor by an
        exception, which could be taken for that of whatever is being loaded.
        """
        if self.shown and self._terminal is not None:
            try:
                self._restore_keys()
                os.write(self._terminal.fileno(), _LEAVE.encode("ascii"))
            except (OSError, ValueError):
                pass
        os._exit(128 + number)


def kept_theme(environ: Mapping[str, str]) -> str | None:
    """Return the theme that ``[ui]`` of the configuration names, or None.

    The file is looked through line by line, since a parser takes longer to load than the frame to
    draw; what it means is settled when the configuration is read.
    """
    home = environ.get("XDG_CONFIG_HOME") or f"{environ.get('HOME', '')}/.config"
    inside = False
    try:
        with open(  # noqa: PTH123 - pathlib is not loaded yet
            f"{home}/tui-numbers/config.toml", encoding="utf-8-sig", errors="replace"
        ) as file:
            for line in file:
                words = line.partition("#")[0].strip()
                if words.startswith("["):
                    inside = words == "[ui]"
                elif inside and words.partition("=")[0].strip() == "theme":
                    return words.partition("=")[2].strip(" \t\"'")
    except OSError:
        pass
    return None


def frame_text(
    width: int, height: int, environ: Mapping[str, str], theme: str | None = None
) -> str:
    """Return the escape sequences that draw the frame: the title, and "loading"."""
    title = " tui-numbers".ljust(width)
    views = _TABS if width >= _WIDE_TABS else _SHORT_TABS
    title = title[: width - len(views)] + views
    ground, bar = _colours(environ, theme)
    place = f"\x1b[{height // 2};{(width - len('loading')) // 2 + 1}H"
    return f"{ground}\x1b[2J\x1b[1;1H{bar}{title}\x1b[m{ground}{place}loading"


def rows_text(
    lines: Sequence[str],
    width: int,
    height: int,
    environ: Mapping[str, str],
    theme: str | None = None,
) -> str:
    """Return the escape sequences that write rows below the title, and "loading"."""
    ground, _ = _colours(environ, theme)
    written = [f"\x1b[{at};1H{line}\x1b[K" for at, line in enumerate(lines, 2)]
    below = f"\x1b[{len(lines) + 2};1H\x1b[J\x1b[{height - 1};2Hloading"
    return ground + "".join(written) + below


def _colours(environ: Mapping[str, str], theme: str | None) -> tuple[str, str]:
    """Return the sequences that set the colours of the background and of the title."""
    rich = environ.get("COLORTERM") in ("truecolor", "24bit") and not environ.get("NO_COLOR")
    if not rich or theme == _PLAIN:
        return "", _PLAIN_BAR
    return (_LIGHT_GROUND, _LIGHT_BAR) if theme == _LIGHT else (_GROUND, _BAR)


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
