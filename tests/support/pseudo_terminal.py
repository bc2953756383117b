"""A pseudo-terminal with a program in it, and an emulator that draws what the program writes."""

import codecs
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Self

from tests.support.emulator import Emulator
from tests.support.loaded_program import start_at_terminal

PATIENCE = 40
"""Seconds after which something is held never to come; nothing is measured by it."""

_LAST = bytes(8)
"""NULs behind all that the program wrote, to know when that has come; they show nothing."""

_AT_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""
"""Makes the terminal that of the session, as a login does: so Ctrl+C and hidden input work."""


@contextmanager
def _end_of(process: int) -> Iterator[list[int]]:
    """Give what a select returns at once when a process has ended, where the system has it."""
    if not hasattr(os, "pidfd_open"):
        yield []
        return
    try:
        descriptor = os.pidfd_open(process)
    except ProcessLookupError:  # It has ended, and was waited for.
        yield []
        return
    try:
        yield [descriptor]
    finally:
        os.close(descriptor)


class PseudoTerminal:
    """Start a program in a terminal of its own, type, and read what the screen shows."""

    def __init__(
        self,
        words: Sequence[str],
        environ: Mapping[str, str],
        size: tuple[int, int] = (80, 24),
        *,
        controlling: bool = True,
        pass_fds: Sequence[int] = (),
        loaded: bool = False,
    ) -> None:
        """Start it; ``controlling`` makes the terminal that of the program's session.

        The numbers of ``pass_fds`` are its last arguments. ``loaded`` forks ``python -m MODULE``
        from a process that has loaded it, where that can be.
        """
        self.screen = Emulator(*size)
        self.raw = b""
        self.master, self.slave = pty.openpty()
        self.shake(*size)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self.found = termios.tcgetattr(self.slave)
        leader = [sys.executable, "-S", "-c", _AT_TERMINAL] if controlling else []
        forked = start_at_terminal(words, environ, self.slave, pass_fds) if loaded else None
        self.process = forked or subprocess.Popen(
            [*leader, *words, *map(str, pass_fds)],
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            env=dict(environ),
            pass_fds=tuple(pass_fds),
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        for descriptor in (self.master, self.slave):
            if descriptor >= 0:
                os.close(descriptor)

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    def take(self, seconds: float) -> int:
        """Take in what comes within a time; answers how many bytes it was."""
        if self.master < 0 or not select.select([self.master], [], [], seconds)[0]:
            return 0
        return self.read()

    def read(self) -> int:
        """Take in what is there, once something is; nothing comes after the program's end."""
        try:
            data = os.read(self.master, 1 << 16)
        except OSError:
            data = b""
        self.raw += data
        # The line discipline has been here already.
        self.screen.stream.feed(self._decode(data))
        return len(data)

    def until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"never came; the screen shows:\n{self.text}"
            self.take(0.2)

    def type(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def signal(self, name: str) -> None:
        os.kill(self.process.pid, getattr(signal, name))

    def ended(self) -> int:
        """Wait for the program's end; return its exit code."""
        deadline = time.monotonic() + PATIENCE
        with _end_of(self.process.pid) as ends:
            while self.process.poll() is None:
                assert time.monotonic() < deadline, f"it does not end:\n{self.text}"
                self._wait_for(ends)
        while self.take(0):
            pass
        if self.slave >= 0 and self.master >= 0:
            self._take_the_last(deadline)
        return self.process.returncode

    def _wait_for(self, ends: Sequence[int]) -> None:
        """Take in what comes, until the program ends where that can be waited for."""
        lines = [self.master] if self.master >= 0 else []
        if self.master in select.select([*lines, *ends], [], [], 0.2)[0]:
            self.read()

    def _take_the_last(self, deadline: float) -> None:
        """Take in what the kernel hands on only after the program's end."""
        # Where a test had the line take nothing.
        termios.tcflow(self.slave, termios.TCOON)
        os.write(self.slave, _LAST)
        while _LAST not in self.raw:
            assert time.monotonic() < deadline, "the terminal hands nothing on"
            self.take(0.2)
        self.raw = self.raw.replace(_LAST, b"")

    def stopped(self) -> None:
        """Wait until the process is stopped, as a shell does."""

        def is_stopped() -> bool:
            pid, status = os.waitpid(self.process.pid, os.WNOHANG | os.WUNTRACED)
            return bool(pid) and os.WIFSTOPPED(status)

        self.until(is_stopped)
        while self.take(0):
            pass

    def resize(self, width: int, height: int) -> None:
        """Let the terminal have another size, and the program know of it."""
        # Before the program can have drawn for the new size.
        self.screen.resize(height, width)
        self.shake(width, height)

    def shake(self, width: int, height: int) -> None:
        """Say a size that does not last, so that what is drawn for it is not looked at."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self.take(0)

    def let_go(self) -> None:
        """Leave the terminal to the program alone, so that its end is that of the line."""
        os.close(self.slave)
        self.slave = -1

    def hang_up(self) -> None:
        """Drop the line, as a lost SSH session does."""
        for descriptor in (self.slave, self.master):
            if descriptor >= 0:
                os.close(descriptor)
        self.master = self.slave = -1
