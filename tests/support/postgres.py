"""A PostgreSQL server of the tests' own: one for all workers, gone with the run."""

import fcntl
import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_SETTINGS = (
    "fsync=off synchronous_commit=on full_page_writes=off max_connections=200 "
    "listen_addresses=127.0.0.1 unix_socket_directories='' shared_buffers=64MB "
    "autovacuum=off log_min_messages=fatal jit=off"
)
_RECORD = "postgres.json"


@dataclass(frozen=True)
class Server:
    """A server that listens on a port of the loopback, for a role that needs no password."""

    port: int
    data: str
    programs: str

    def url(self, database: str = "postgres", port: int | None = None) -> str:
        return f"postgresql://postgres@127.0.0.1:{port or self.port}/{database}"

    def control(self, *words: str) -> None:
        """Run pg_ctl as the user who owns the server."""
        _run([f"{self.programs}/pg_ctl", "-D", self.data, "-s", "-w", *words])

    def start(self) -> None:
        options = " ".join(f"-c {each}" for each in _SETTINGS.split(" ") if each)
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


def new_server() -> Server:
    """Make a cluster and start it.

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
    server = Server(_free_port(), data, programs)
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


@contextmanager
def database(server: Server):
    """Make a database of its own on a server, and yield its URL."""
    import psycopg

    name = f"t{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield server.url(name)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
