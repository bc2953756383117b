"""Drive the terminal: send only changed cells, survive a hang-up, copy to the clipboard."""

import base64
import os
import select
import selectors
import signal
import sys
import termios
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Condition, Event, Lock, RLock
from typing import TYPE_CHECKING, Any, Final, TextIO

from textual import events
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.message import Message

from tui_numbers.domain.text import HANDLER
from tui_numbers.ui.terminal.differ import Differ
from tui_numbers.ui.terminal.emitter import TerminalFeatures
from tui_numbers.ui.terminal.input_parser import InputParser

if TYPE_CHECKING:
    import asyncio

_CHUNK: Final = 2048
_MOST_CHARACTERS: Final = 4096
_MOST_WRITES: Final = 8
_NEARLY_FULL: Final = 24
LONGEST_COPIED: Final = 74_994
"""Bytes of text that fit the 100,000 that terminals accept in one OSC 52 sequence."""
_SCREEN_CHUNK: Final = 256
_STEADY: Final = 0.1
"""Seconds without another change after which a size is taken to be the last of its storm."""
FALLBACK_SIZE: Final = (80, 25)
"""The size of a terminal that does not tell its own."""
_LARGEST: Final = 1000
"""Columns or rows beyond which a reported size is not believed."""
_PATIENCE: Final = 1.0
"""Seconds that a terminal gets to take what was written before the driver closes."""
RESET: Final = (
    "\x1b[r\x1b[m\x1b[?7h\x1b[?1000l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l"
    "\x1b[?1004l\x1b[?2004l\x1b[<u\x1b[?1049l\x1b[?25h"
)
"""The sequences that leave any terminal as a shell expects it."""


class LineAwareDriver(LinuxDriver):
    """Textual's driver, without its death or its busy loop when the line is lost.

    An app learns of it by its method ``line_lost()``, called once on its own loop for SIGHUP,
    SIGTERM and the end of input alike; an app without one exits.
    """

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, **options)
        if "STY" in os.environ:
            # GNU screen, asked for the mouse, passes no Escape on that stands by itself.
            self._mouse = False
        assert sys.__stderr__ is not None
        self._terminal = TerminalFile(sys.__stderr__, self._later(self._drained))
        self._file: Any = self._terminal
        self.exit_event: WakingEvent = WakingEvent()
        self._line_lost = False
        self._started = False
        self._stopped = False
        self._given_up = False
        self._sized = False
        if self._size is None:
            # Textual would ask the environment until it is told a size.
            self._size = self._own_size()
        self._settling: asyncio.TimerHandle | None = None
        for number in (signal.SIGHUP, signal.SIGTERM):
            if signal.getsignal(number) is not signal.SIG_IGN:
                # The loop's own way wakes it from its sleep, whichever thread got the signal, and
                # with it those that Textual handles; it ends with the loop.
                self._loop.add_signal_handler(number, self._tell_app)

    @property
    def can_suspend(self) -> bool:
        """Tell whether a shell with job control could continue a stopped process."""
        try:
            parent = os.getppid()
            same_session = os.getsid(parent) == os.getsid(0)
            return same_session and os.getpgid(parent) != os.getpgrp()
        except OSError:
            return False

    def copy(self, text: str) -> bool:
        """Send text to the clipboard at the user's end; tell whether it was short enough."""
        sequence = osc52(text, os.environ)
        if sequence is not None:
            self._send(sequence)
        return sequence is not None

    def lose_line(self) -> None:
        """Tell the app, once and on its loop, that the terminal hung up; safe from any thread."""
        self._later(self._tell_app)()

    def write(self, data: str) -> None:
        """Queue output for the terminal, as far as there is one."""
        self._send(data)

    def start_application_mode(self) -> None:
        """Take the terminal over."""
        self._started, self._sized = True, False
        self._given_up = self._terminal.dead = False
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def stop_application_mode(self) -> None:
        """Give the terminal back in the state in which it was found."""
        if self._mouse_pixels:
            self.write("\x1b[?1016l")
            self._mouse_pixels = False
        self.write("\x1b[r\x1b[m")
        super().stop_application_mode()
        self._started = False
        if self._settling is not None:
            self._settling.cancel()

    def close(self) -> None:
        """End the writing; a terminal that takes nothing does not hold the process up."""
        patience = 0 if self._given_up else _PATIENCE
        if not self._terminal.wait(patience):
            self._give_up()
        if self._terminal.wait(patience):
            super().close()

    def run_input_thread(self) -> None:
        """Hand input to the app until told to stop or the line is lost."""
        parser = InputParser(mouse=self._mouse)
        decode = _decoder(self._terminal.encoding)
        with self.exit_event.wakeable() as wake, selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(wake, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                # Only what is unfinished needs the clock.
                due = parser.deadline
                wait = None if due is None else max(0.0, due - time.monotonic())
                ready = {key.fd for key, _ in selector.select(wait)}
                if self.fileno in ready:
                    data = self._read_input()
                    if data == b"":
                        self.lose_line()
                        return
                    parser.takes_sizes = self._in_band_window_resize
                    for event in parser.feed(decode(data or b""), time.monotonic()):
                        self.process_message(event)
                for event in parser.tick(time.monotonic()):
                    self.process_message(event)

    def process_message(self, message: Message) -> None:
        """Hand an event to the app; a change of size is looked at once more when it is steady."""
        if isinstance(message, events.Resize):
            message = self._measured(message)
            self._later(self._settle_soon)()
        super().process_message(message)

    def _get_terminal_size(self) -> tuple[int, int]:
        """Return the size; Textual is told of none that did not pass here."""
        if self._sized:
            self._later(self._settle_soon)()
        self._sized = True
        return self._own_size() or FALLBACK_SIZE

    def _own_size(self) -> tuple[int, int] | None:
        """Return the terminal's own size, whatever the environment says; None where it has none."""
        for descriptor in (self._terminal.fileno(), self.fileno):
            with suppress(OSError):
                width, height = os.get_terminal_size(descriptor)
                if width > 0 and height > 0:
                    return width, height
        return None

    def _measured(self, reported: events.Resize) -> events.Resize:
        """Return a size reported as input, which counts only where the terminal itself has none."""
        width, height = self._own_size() or (
            min(reported.size.width, _LARGEST), min(reported.size.height, _LARGEST)
        )  # fmt: skip
        size = Size(width, height)
        return events.Resize(size, size, pixel_size=reported.pixel_size)

    def _settle_soon(self) -> None:
        if self._settling is not None:
            self._settling.cancel()
        self._settling = self._loop.call_later(_STEADY, self._settle)

    def _settle(self) -> None:
        """Lay out and draw all screens again: resizes that overtake one another leave remains."""
        if self._started and not self._line_lost:
            size = Size(*(self._own_size() or self._app.size))
            self._app.post_message(events.Resize(size, size))
            self._app.call_later(self._app.refresh, layout=True)

    def _read_input(self) -> bytes | None:
        """Return input, None if another process read it first, empty at the end of input."""
        try:
            return os.read(self.fileno, 4096)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def _send(self, data: str) -> None:
        writer = self._writer_thread
        stuck = self._line_lost and self._terminal.is_stuck()
        if writer is not None and writer.is_alive() and not stuck:
            self._terminal.expect(data)
            writer.write(data)

    def _drained(self) -> None:
        """Run on the loop once the queue has been written."""

    def _give_up(self) -> None:
        self._given_up = self._terminal.dead = True
        with suppress(OSError, termios.error):
            # What is stuck in the terminal's queue is thrown away, which frees the writer.
            fileno = self._terminal.fileno()
            termios.tcflush(fileno, termios.TCOFLUSH)
            if select.select([], [fileno], [], 0)[1]:
                os.write(fileno, RESET.encode("ascii"))

    def _later(self, call: Any) -> Any:
        """Return a function that schedules ``call`` on the loop, from any thread, while it runs."""

        def schedule() -> None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(call)

        return schedule

    def _tell_app(self) -> None:
        if not self._line_lost:
            self._line_lost = True
            self._app.call_later(getattr(self._app, "line_lost", self._app.exit))

    def _sigtstp_application(self, *_: Any) -> None:
        """Stop on the loop, where no frame is half written."""
        if self._auto_restart and self._started:
            self._later(self._stop_process)()
        else:
            os.kill(os.getpid(), signal.SIGSTOP)

    def _stop_process(self) -> None:
        if self._started:
            self.suspend_application_mode()
            self._must_signal_resume = self._stopped = True
        os.kill(os.getpid(), signal.SIGSTOP)

    def _sigcont_application(self, *_: Any) -> None:
        if self._auto_restart:
            self._later(self._continue)()

    def _continue(self) -> None:
        """Take the terminal again, also after a stop that came without warning.

        A line that hangs up sends the same signal, and then there is nothing to take.
        """
        if self._line_lost or not (self._started or self._stopped):
            return
        try:
            in_foreground = os.tcgetpgrp(self.fileno) == os.getpgrp()
        except OSError:
            self._tell_app()
            return
        if not in_foreground:
            os.kill(os.getpid(), signal.SIGSTOP)
            return
        if self._started:
            self.suspend_application_mode()
        self._stopped = False
        self.resume_application_mode()
        # Textual draws nothing for a size that it knows already.
        self._app.call_later(self._app.refresh, layout=True)


class DiffingDriver(LineAwareDriver):
    """Send the difference between what Textual draws and what the terminal shows.

    Textual writes from the loop's thread and from that of the input, so a lock is held.
    """

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, **options)
        self._lock = RLock()
        self._differ = Differ(*(self._own_size() or FALLBACK_SIZE), TerminalFeatures.of(os.environ))

    def write(self, data: str) -> None:
        """Parse what Textual writes, and send what it changes on the screen.

        While the terminal is behind nothing is sent; the newest screen follows when it is not.
        """
        with self._lock:
            passed = self._differ.read(data)
            painted = "" if self._terminal.is_behind() else self._differ.paint()
            if passed or painted:
                self._send(passed + painted)

    def repaint(self) -> None:
        """Paint the whole screen again, for when something else wrote to the terminal."""
        with self._lock:
            painted = self._differ.repaint()
            if painted:
                self._send(painted)

    def _measured(self, reported: events.Resize) -> events.Resize:
        """Resize the buffers to a size that was reported as input as well."""
        message = super()._measured(reported)
        self._resized(*message.size)
        return message

    def _drained(self) -> None:
        self.write("")

    def _get_terminal_size(self) -> tuple[int, int]:
        """Return the size; Textual is told of none that did not pass here."""
        size = super()._get_terminal_size()
        self._resized(*size)
        return size

    def _resized(self, width: int, height: int) -> None:
        self._later(lambda: self._fit(width, height))()

    def _fit(self, width: int, height: int) -> None:
        """Resize the buffers to the terminal; Textual itself draws into the new ones."""
        # A signal within the handler of another has the older size come last.
        width, height = self._own_size() or (width, height)
        with self._lock:
            if (width, height) != self._differ.size:
                self._differ.resize(width, height)
            else:
                self.repaint()


class TerminalFile:
    """Write to a terminal's descriptor, and drop what is written once the terminal is gone.

    It goes around the buffer of ``sys.stderr``: a thread that is stuck inside that one would take
    the whole process with it at the end.
    """

    def __init__(self, file: TextIO, drained: Callable[[], None] = lambda: None) -> None:
        self._fileno = file.fileno()
        self.encoding = file.encoding or "utf-8"
        """A character that it lacks is replaced by another one, as wide."""
        self._drained = drained
        self._changed = Condition()
        self._characters = 0
        self._writes = 0
        self._awaited = False
        self.dead = False
        """Set once nothing can be written any more, or nothing should be."""

    def fileno(self) -> int:
        """Return the descriptor of the terminal."""
        return self._fileno

    def isatty(self) -> bool:
        """Tell whether it is a terminal."""
        with suppress(OSError):
            return os.isatty(self._fileno)
        return False

    def expect(self, text: str) -> None:
        """Count what is about to be queued for writing."""
        with self._changed:
            self._characters += len(text)
            self._writes += 1

    def is_behind(self) -> bool:
        """Tell whether too much is queued for more to be added; ``drained`` is called after."""
        with self._changed:
            behind = self._characters > _MOST_CHARACTERS or self._writes >= _MOST_WRITES
            self._awaited = self._awaited or behind
            return behind

    def is_stuck(self) -> bool:
        """Tell whether queued writes nearly fill their queue, which would block the next one."""
        with self._changed:
            return self._writes >= _NEARLY_FULL

    def wait(self, seconds: float) -> bool:
        """Wait until all that was expected is written; tell whether it was."""
        with self._changed:
            return self._changed.wait_for(lambda: self._writes <= 0, seconds)

    def write(self, text: str) -> int:
        """Write all of a text, unless the terminal is gone."""
        data = text.encode(self.encoding, HANDLER)
        try:
            while data and not self.dead:
                data = data[self._push(data[:_CHUNK]) :]
        except OSError:
            self.dead = True
        finally:
            self._settle(len(text))
        return len(text)

    def flush(self) -> None:
        """Do nothing, since nothing is buffered here."""

    def _push(self, data: bytes) -> int:
        try:
            return os.write(self._fileno, data)
        except BlockingIOError:
            # Whoever shares the terminal may have made it non-blocking.
            select.select([], [self._fileno], [], 1)
            return 0

    def _settle(self, characters: int) -> None:
        with self._changed:
            self._characters -= characters
            self._writes -= 1
            idle = self._writes <= 0
            told, self._awaited = self._awaited and idle, self._awaited and not idle
            self._changed.notify_all()
        if told:
            self._drained()


def osc52(text: str, environ: Mapping[str, str]) -> str | None:
    """Return the OSC 52 sequence that copies ``text``, or None where it is too long for terminals.

    Inside tmux it is sent twice, wrapped and bare, since either can be the one that its
    configuration lets through.
    """
    content = text.encode("utf-8", "replace")
    if len(content) > LONGEST_COPIED:
        return None
    sequence = f"\x1b]52;c;{base64.b64encode(content).decode('ascii')}\a"
    if environ.get("TMUX"):
        doubled = sequence.replace("\x1b", "\x1b\x1b")
        return f"\x1bPtmux;{doubled}\x1b\\{sequence}"
    if environ.get("STY"):
        chunks = (
            sequence[at : at + _SCREEN_CHUNK] for at in range(0, len(sequence), _SCREEN_CHUNK)
        )
        return "".join(f"\x1bP{chunk}\x1b\\" for chunk in chunks)
    return sequence


class WakingEvent(Event):
    """An event that also makes a descriptor readable, so that nobody has to poll it."""

    def __init__(self) -> None:
        super().__init__()
        self._guard = Lock()
        self._write_end: int | None = None

    @contextmanager
    def wakeable(self) -> Iterator[int]:
        """Open the descriptor that ``set`` makes readable."""
        read_end, write_end = os.pipe()
        with self._guard:
            self._write_end = write_end
        try:
            yield read_end
        finally:
            with self._guard:
                self._write_end = None
            os.close(read_end)
            os.close(write_end)

    def set(self) -> None:
        """Set the event, and wake whoever waits for the descriptor."""
        super().set()
        with self._guard:
            if self._write_end is not None:
                os.write(self._write_end, b"\0")


def _decoder(encoding: str) -> Callable[[bytes], str]:
    """Return what decodes input; bytes that are controls in eight bits are kept in UTF-8."""
    errors = "surrogateescape" if encoding.lower().startswith("utf") else "replace"
    return getincrementaldecoder(encoding)(errors).decode
