"""Start programs as forks of a process that has loaded them, where the start is not tested.

What takes most of a start is importing, and that is done once. Where the system cannot do it, or
the environment would change what is imported, the program starts as it does elsewhere.
"""

import atexit
import ctypes
import importlib
import io
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_READ_BY_IMPORTS = ("PYTHON", "TEXTUAL", "ESCDELAY", "TUI_NUMBERS_DEVELOPMENT")
"""Beginnings of variables that the interpreter or an imported module reads once."""
_LOCALE = ("LC_ALL", "LC_CTYPE", "LANG")
"""The variables of which the first that is set is the locale of characters."""
_OF_THE_TESTS = "TEXTUAL_SNAPSHOT_TEMPDIR"
"""Set by the plug-in of snapshots, and read by nothing else."""
_MOST = 1 << 20
"""Bytes of the longest request."""
_MOST_PASSED = 8
"""Descriptors in one request."""
_SET_CHILD_SUBREAPER = 36


class Loaded:
    """A program that was forked: what ``subprocess.Popen`` has, as far as tests use it."""

    def __init__(self, pid, stdout, stderr):
        self.pid = pid
        self.stdout = stdout
        self.stderr = stderr
        self.returncode = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for stream in (self.stdout, self.stderr):
            if stream is not None:
                stream.close()
        self.wait()

    def poll(self):
        """Return the exit code once it has ended, and minus the signal that ended it."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout=None):
        """Wait for its end; return the exit code."""
        if self.poll() is None:
            ends = os.pidfd_open(self.pid)
            try:
                if not select.select([ends], [], [], timeout)[0]:
                    raise subprocess.TimeoutExpired("a loaded program", timeout)
            finally:
                os.close(ends)
        return self.poll()

    def communicate(self, timeout=None):
        """Read both streams to their end; return their texts."""
        read = {}
        streams = {"out": self.stdout, "err": self.stderr}
        readers = [
            threading.Thread(
                target=lambda name=name, stream=stream: read.update({name: stream.read()}),
                daemon=True,
            )
            for name, stream in streams.items()
            if stream is not None
        ]
        deadline = None if timeout is None else time.monotonic() + timeout
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join(None if deadline is None else max(0, deadline - time.monotonic()))
            if reader.is_alive():
                raise subprocess.TimeoutExpired("a loaded program", timeout)
        self.wait(None if deadline is None else max(0, deadline - time.monotonic()))
        for stream in streams.values():
            if stream is not None:
                stream.close()
        return read.get("out"), read.get("err")

    def send_signal(self, number):
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self):
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self):
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


def start(module, words, env, *, cwd=None, loaded=True):
    """Start ``python -m MODULE WORDS`` without input; its output is read as text."""
    if not (loaded and _fits(env)):
        return subprocess.Popen(
            [sys.executable, "-m", module, *words],
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    nothing = os.open(os.devnull, os.O_RDONLY)
    (out, out_end), (err, err_end) = os.pipe(), os.pipe()
    given = (nothing, out_end, err_end)
    try:
        pid = _loader().fork(module, words, env, given, cwd=cwd)
    finally:
        for descriptor in given:
            os.close(descriptor)
    return Loaded(pid, *(os.fdopen(one, encoding="utf-8") for one in (out, err)))


def start_at_terminal(command, env, terminal, passed=()):
    """Start ``python -m MODULE WORDS`` in a session of its own, whose terminal is given.

    The numbers that the descriptors passed on have there are its last arguments. Returns None
    where it must be started otherwise.
    """
    interpreter, option, module, *words = command
    assert (interpreter, option) == (sys.executable, "-m")
    if not _fits(env):
        return None
    streams = (terminal,) * 3 + tuple(passed)
    return Loaded(_loader().fork(module, words, env, streams, terminal=True), None, None)


def _fits(env):
    """Tell whether what is loaded is what a program with this environment would import."""
    if sys.platform != "linux":
        return False
    return _read_by_imports(env) == _AT_FIRST


def _read_by_imports(env):
    read = {
        name: text
        for name, text in env.items()
        if name.startswith(_READ_BY_IMPORTS) and name != _OF_THE_TESTS
    }
    locale = next((env[name] for name in _LOCALE if env.get(name)), "")
    return read | {"LC_ALL": locale}


_AT_FIRST = _read_by_imports(os.environ)
"""Those variables as the run of tests was given them."""


class _Loader:
    """The process that has loaded everything, seen from the tests."""

    def __init__(self):
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        for end in (self._line, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _MOST)
        self._lock = threading.Lock()
        others = {
            name: text
            for name, text in os.environ.items()
            if not name.startswith((*_READ_BY_IMPORTS, *_LOCALE))
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(theirs.fileno())],
            cwd=_ROOT,
            env=others | _AT_FIRST,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        atexit.register(self._end)

    def _end(self):
        self._line.close()
        self._process.wait()

    def fork(self, module, words, env, streams, *, cwd=None, terminal=False):
        """Return the identifier of a child of this process that runs a module."""
        asked = {
            "module": module,
            "words": list(words),
            "environment": dict(env),
            "folder": os.fspath(cwd or Path.cwd()),
            "terminal": terminal,
        }
        with self._lock, _adopting():
            socket.send_fds(self._line, [json.dumps(asked).encode()], streams)
            pid = int(self._line.recv(64))
            # By then whoever forked it has ended, and it is ours.
            assert self._line.recv(64) == b"forked"
        return pid


@cache
def _loader():
    return _Loader()


@contextmanager
def _adopting():
    """Be, for the moment, the parent of those whose parent ends."""
    control = ctypes.CDLL(None).prctl
    control(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        control(_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def _load():
    """Import the program, and what of others it imports only when it needs it."""
    import tui_numbers

    for module in pkgutil.walk_packages(tui_numbers.__path__, "tui_numbers."):
        if not module.name.startswith(("tui_numbers.testing", "tui_numbers.__main__")):
            with suppress(ImportError):
                importlib.import_module(module.name)
    for name in ("httpx", "phonenumbers", "psycopg", "starlette.routing"):
        with suppress(ImportError):
            importlib.import_module(name)


def _serve(line):
    """Fork for each request; return, in the fork, what it is to run. Ends with the line."""
    import gc

    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        data, streams, _, _ = socket.recv_fds(line, _MOST, _MOST_PASSED)
        if not data:
            os._exit(0)
        between = os.fork()
        if not between:
            child = os.fork()
            if not child:
                signal.signal(signal.SIGINT, signal.default_int_handler)
                line.close()
                return json.loads(data), streams
            line.send(str(child).encode())
            os._exit(0)
        os.waitpid(between, 0)
        for descriptor in streams:
            os.close(descriptor)
        line.send(b"forked")


def _become(asked, streams):
    """Be as a process that was started with this environment, folder and these streams."""
    import fcntl
    import termios

    standard, passed = streams[:3], streams[3:]
    for number, descriptor in enumerate(standard):
        os.dup2(descriptor, number)
    for descriptor in standard:
        os.close(descriptor)
    if asked["terminal"]:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    time.tzset()
    sys.stdin = sys.__stdin__ = _text(0, "r", "strict")
    sys.stdout = sys.__stdout__ = _text(1, "w", "strict")
    sys.stderr = sys.__stderr__ = _text(2, "w", "backslashreplace")
    sys.argv = ["", *asked["words"], *map(str, passed)]
    sys.path[0] = asked["folder"]


def _text(number, mode, errors):
    file = os.fdopen(number, f"{mode}b", closefd=False)
    lines = number == 2 or os.isatty(number)
    return io.TextIOWrapper(file, "utf-8", errors, line_buffering=lines)


def _run(module):
    """Run it as the interpreter would, and end without taking apart what is loaded."""
    end = []

    def leave():
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        if end:
            os._exit(end[0])

    _AT_LAST.append(leave)
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as ending:
        if ending.code is None or isinstance(ending.code, int):
            end.append((ending.code or 0) & 0xFF)
        raise
    end.append(0)


_AT_LAST = []
"""What is called once all else that was registered for the end has been."""


if __name__ == "__main__":
    atexit.register(lambda: [call() for call in _AT_LAST])
    _load()
    _asked, _streams = _serve(socket.socket(fileno=int(sys.argv[1])))
    _become(_asked, _streams)
    _run(_asked["module"])
