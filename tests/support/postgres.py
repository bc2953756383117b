"""A PostgreSQL server of the tests' own: one for all workers, gone with the run."""

import fcntl
import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import uuid
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

_SETTINGS = (
    "fsync=off synchronous_commit=on full_page_writes=off max_connections=200 "
    "listen_addresses=127.0.0.1 shared_buffers=64MB "
    "autovacuum=off log_min_messages=fatal jit=off"
)
_RECORD = "postgres.json"


@dataclass(frozen=True)
class Server:
    """A server for a role that needs no password, on a loopback port and a socket in its data."""

    port: int
    data: str
    programs: str
    settings: tuple[str, ...] = ()
    """What it is started with besides what suits tests, each ``name=value``."""

    def url(self, database: str = "postgres", port: int | None = None) -> str:
        return f"postgresql://postgres@127.0.0.1:{port or self.port}/{database}"

    def control(self, *words: str) -> None:
        """Run pg_ctl as the user who owns the server."""
        _run([f"{self.programs}/pg_ctl", "-D", self.data, "-s", "-w", *words])

    def start(self) -> None:
        socket_of = f"unix_socket_directories={self.data}"
        options = " ".join(f"-c {each}" for each in (*_SETTINGS.split(), socket_of, *self.settings))
        self.control("-o", f"-p {self.port} {options}", "-l", f"{self.data}/log", "start")

    def stop(self) -> None:
        self.control("-m", "immediate", "stop")


def installed() -> str | None:
    """Return the directory of PostgreSQL's programs; None where there are none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return str(found[-1].parent)
    initdb = shutil.which("initdb")
    return str(Path(initdb).resolve().parent) if initdb else None


def _run(command: list[str]) -> None:
    # Root may not run a server; Debian's package brings a user who may.
    user = "postgres" if os.geteuid() == 0 else None
    subprocess.run(
        command, check=True, user=user, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def new_server(settings: tuple[str, ...] = ()) -> Server:
    """Make a cluster and start it, with further settings, each ``name=value``.

    It skips the test where PostgreSQL is not installed.
    """
    programs = installed()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    data = tempfile.mkdtemp(prefix="tui-numbers-postgres")
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(data, owner.pw_uid, owner.pw_gid)
    options = ["-A", "trust", "-U", "postgres", "-N", "-E", "UTF8", "--locale=C"]
    _run([f"{programs}/initdb", "-D", data, *options])
    server = Server(_free_port(), data, programs, settings)
    server.start()
    return server


def discard(server: Server) -> None:
    """Stop a server, and remove its cluster."""
    server.stop()
    shutil.rmtree(server.data, ignore_errors=True)


def shared_server(root: Path) -> Server:
    """Return the server of this run, which the first that asks starts."""
    with (root / f"{_RECORD}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        record = root / _RECORD
        if not record.exists():
            server = new_server()
            record.write_text(json.dumps(server.__dict__))
        return Server(**json.loads(record.read_text()))


def discard_shared(root: Path) -> None:
    """Stop the server of this run, if one was started."""
    record = root / _RECORD
    if record.exists():
        discard(Server(**json.loads(record.read_text())))
        record.unlink()


_emptied: dict[str, list[str]] = {}
"""Databases of this process that are as if they were just made, by the URL of their server.

To make one, and to drop it, takes as long as most tests that use one.
"""


@contextmanager
def database(server: Server):
    """Give a database of its own on a server, with nothing in it: its URL."""
    import psycopg

    kept = _emptied.setdefault(server.url(), [])
    with psycopg.connect(server.url(), autocommit=True) as connection:
        if kept:
            name = kept.pop()
        else:
            name = f"t{uuid.uuid4().hex[:12]}"
            connection.execute(f"CREATE DATABASE {name}")
        try:
            yield server.url(name)
        finally:
            try:
                _empty(connection, server.url(name), name)
            except psycopg.Error:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
            else:
                kept.append(name)


def _empty(connection, url: str, name: str) -> None:
    """Let a database be as if it were just made, and used by nobody."""
    import psycopg

    connection.execute(f"ALTER DATABASE {name} RESET ALL")
    connection.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name]
    )
    with psycopg.connect(url, autocommit=True) as inside:
        inside.execute("DROP SCHEMA public CASCADE")
        inside.execute("CREATE SCHEMA public")


class CuttingProxy:
    """A way to a server that is cut at one message of the client: before it arrives, or after.

    Messages are counted from when ``cut`` is called.
    """

    def __init__(self, port: int) -> None:
        self._server = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._left = -1
        self._arrives = False
        self.has_cut = False
        self.goes_on = threading.Event()
        """Until it is set, what arrives after the cut is still on its way; it is set at first."""
        self.goes_on.set()
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def cut(self, message: int, *, arrives: bool) -> None:
        """Cut at the message of that number, from 0; ``arrives`` loses only its answer."""
        self._arrives = arrives
        self.has_cut = False
        self._left = message

    def close(self) -> None:
        self.goes_on.set()
        # Closing alone would leave the thread waiting for a connection.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._server))
            threading.Thread(target=self._answers, args=(server, client), daemon=True).start()
            threading.Thread(target=self._questions, args=(client, server), daemon=True).start()

    def _questions(self, client: socket.socket, server: socket.socket) -> None:
        with client, server, suppress(OSError):
            while data := client.recv(1 << 16):
                if self._left == 0:
                    self._left, self.has_cut = -1, True
                    if self._arrives:
                        client.shutdown(socket.SHUT_RDWR)
                        self.goes_on.wait()
                        server.sendall(data)
                        # The server ends what it was told before it sees the end of the line.
                        server.shutdown(socket.SHUT_WR)
                    else:
                        # Closing alone would leave the line open while it is read elsewhere.
                        server.shutdown(socket.SHUT_RDWR)
                        client.shutdown(socket.SHUT_RDWR)
                    return
                self._left -= self._left > 0
                server.sendall(data)

    def _answers(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(1 << 16):
                client.sendall(data)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)
