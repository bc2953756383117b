"""Keep the journal of a team in PostgreSQL, which several machines share.

Locks between machines are the database's own, and so is the clock that decides which ends are due.
``psycopg`` is imported when the journal is first used; the extra ``team`` installs it.
"""

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from tui_numbers.domain import clock
from tui_numbers.domain.accounts import Secret
from tui_numbers.domain.operations import JournalError, Operation, Outcome
from tui_numbers.domain.records import time_text
from tui_numbers.domain.text import clean
from tui_numbers.storage.schema import WrongSchema
from tui_numbers.storage.sql_journal import SqlJournal

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

SCHEMA_VERSION = 1
"""Of the tables in PostgreSQL, which have steps of their own."""
CHANNEL = "tui_numbers_journal"
"""What programs listen on that watch the journal."""
CONNECT_SECONDS = 5
STATEMENT_SECONDS = 8.0
"""How long the database may take to answer, and how long another transaction may hold a lock."""
NOT_INSTALLED = "psycopg is not installed: pip install 'tui-numbers[team]'"
NOT_RECORDED = "not sent: the connection to the journal was lost while it was recorded"

_LONGEST_NOTICE = 7000
"""Bytes of one notification; PostgreSQL takes less than 8000."""
_SCHEMA_LOCK, _NUMBER_LOCK = 0x7475695F, 0x6E756D62
"""Classes of advisory locks: one for the schema, one for writes to each number."""

_FIRST = """
CREATE TABLE operation (
    position BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    batch TEXT NOT NULL,
    started_at TEXT COLLATE "C" NOT NULL,
    finished_at TEXT COLLATE "C",
    "user" TEXT NOT NULL,
    host TEXT NOT NULL,
    ssh_client TEXT,
    process TEXT NOT NULL,
    account TEXT NOT NULL,
    provider TEXT NOT NULL,
    number TEXT NOT NULL,
    action TEXT NOT NULL,
    reason TEXT NOT NULL,
    undoes TEXT,
    keys TEXT NOT NULL,
    before TEXT,
    after TEXT,
    seen TEXT,
    outcome TEXT,
    error TEXT,
    asked TEXT,
    begun SMALLINT NOT NULL DEFAULT 1,
    reference TEXT,
    until TEXT COLLATE "C",
    route TEXT,
    takes TEXT NOT NULL DEFAULT ''
);
CREATE INDEX operation_number ON operation (number, position);
CREATE INDEX operation_batch ON operation (batch, position);
CREATE INDEX operation_started ON operation (started_at);
CREATE INDEX operation_open ON operation (position)
    WHERE outcome IS NULL OR outcome = 'unknown' OR outcome = 'pending';
CREATE INDEX operation_route ON operation (route, position) WHERE route IS NOT NULL;
CREATE TABLE ending (
    operation TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    number TEXT NOT NULL,
    until TEXT COLLATE "C" NOT NULL,
    puts_back TEXT NOT NULL,
    taken_by TEXT,
    conflict SMALLINT NOT NULL DEFAULT 0,
    note TEXT,
    claim TEXT,
    claim_host TEXT,
    claim_process TEXT,
    claimed_at TEXT COLLATE "C",
    closing TEXT,
    closed_at TEXT COLLATE "C",
    closed_by TEXT
);
CREATE INDEX ending_open ON ending (until) WHERE closing IS NULL;
CREATE INDEX ending_number ON ending (number, account) WHERE closing IS NULL;
CREATE TABLE rehearsal (
    route TEXT NOT NULL PRIMARY KEY,
    at TEXT COLLATE "C" NOT NULL,
    numbers INTEGER NOT NULL,
    impossible INTEGER NOT NULL,
    seconds DOUBLE PRECISION NOT NULL,
    "user" TEXT NOT NULL,
    host TEXT NOT NULL
);
CREATE TABLE handover (
    at TEXT COLLATE "C" NOT NULL,
    "user" TEXT NOT NULL,
    host TEXT NOT NULL
);
"""

_STEPS = (_FIRST,)
"""What leads from each version to the next; version 0 is a database without our tables."""


class _Uncertain(JournalError):
    """The connection was lost while a transaction was committed: it may stand or not."""


class _Statements:
    """A connection that takes the statements of ``SqlJournal``, with ``?`` for each value."""

    def __init__(self, connection: "Connection") -> None:
        self.connection = connection

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> Any:
        return self.connection.execute(statement.replace("?", "%s").encode(), values)

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> object:
        with self.connection.cursor() as cursor:
            cursor.executemany(statement.replace("?", "%s").encode(), rows)
        return None


class PostgresJournal(SqlJournal):
    """The journal of a team, in a database that several machines share."""

    _LOCKED = " FOR UPDATE"
    _LOCKED_ENDS = " FOR UPDATE OF ending"
    _FREE_ENDS = " FOR UPDATE OF ending SKIP LOCKED"

    def __init__(
        self,
        url: str,
        password: Callable[[], Secret | None] = lambda: None,
        *,
        connect_seconds: int = CONNECT_SECONDS,
    ) -> None:
        """Connect when it is first used.

        Args:
            url: ``postgresql://…`` without a password; libpq looks for one in its usual places.
            password: Looks for one elsewhere, such as in the keyring, where the server wants one
                and libpq knows none.
            connect_seconds: How long connecting may take.
        """
        super().__init__()
        self._url = url
        self._password = password
        self._connect_seconds = connect_seconds
        self._lock = threading.RLock()
        self._connection: Connection | None = None
        self._ahead = timedelta()
        """How far the database's clock is ahead of this machine's, as last seen."""

    @property
    def where(self) -> str:
        """The database, without anything secret."""
        parts = urlsplit(self._url)
        who = f"{unquote(parts.username)}@" if parts.username else ""
        port = f":{parts.port}" if parts.port else ""
        return clean(f"postgresql://{who}{parts.hostname or ''}{port}{parts.path}")

    @property
    def clock_skew(self) -> timedelta:
        """How far the database's clock is ahead of this machine's, as last seen."""
        return self._ahead

    def plan(self, operations: Sequence[Operation]) -> None:
        """Record what several operations are to do, before the first of them begins."""
        try:
            super().plan(operations)
        except _Uncertain:
            self._owe_refusals(operations)
            raise

    def begin(self, operation: Operation, mark: int | None = None, claim: str = "") -> None:
        """Record an intention, with its own end where it has one; durable when this returns.

        Raises:
            Overtaken: As in every store.
        """
        try:
            super().begin(operation, mark, claim)
        except _Uncertain:
            self._owe_refusals((operation,))
            raise

    def now(self) -> datetime:
        """Return the time by the database's clock.

        Raises:
            JournalError: It cannot be asked.
        """
        with self._transaction(writing=False):
            return self._now()

    def left_open_at_once(self) -> Sequence[Operation] | None:
        """Return None: a database is not asked without waiting."""
        return None

    def watch(self, on_change: Callable[[tuple[str, ...]], None]) -> Callable[[], None]:
        """Call ``on_change`` from a thread with the operations that others change; return a stop.

        It is called with none of them where it is not known which; so it is after every time that
        the connection was lost.
        """
        stopped = threading.Event()
        thread = threading.Thread(
            target=self._listen, args=(on_change, stopped), name="journal", daemon=True
        )
        thread.start()
        return stopped.set

    def close(self) -> None:
        """Close the connection; an outcome that could not be recorded is tried once more before."""
        super().close()
        with self._lock:
            self._drop_connection()

    def _now(self) -> datetime:
        return clock.now() + self._ahead

    def _owe_refusals(self, operations: Sequence[Operation]) -> None:
        """Record with the next write that operations were not sent, where they were recorded."""
        moment = time_text(self._now())
        for one in operations:
            self._owed[one.id] = (moment, Outcome.REFUSED.value, None, NOT_RECORDED, None, one.id)

    def _lock_number(self, statements: Any, account: str, number: str) -> None:
        statements.execute(
            "SELECT pg_advisory_xact_lock(?, hashtext(?))", (_NUMBER_LOCK, f"{account} {number}")
        )

    def _announce(self, statements: Any, operations: Iterable[str]) -> None:
        told = ",".join(operations)
        if len(told) > _LONGEST_NOTICE:
            told = ""
        statements.execute("SELECT pg_notify(?, ?)", (CHANNEL, told))

    @contextlib.contextmanager
    def _transaction(self, *, writing: bool = True) -> Iterator[Any]:
        problem = ""
        with self._lock:
            try:
                connection = self._open()
                self._begin(connection)
                try:
                    statements = _Statements(connection)
                    owed = self._record_owed(statements) if writing else {}
                    yield statements
                    self._commit(connection)
                except BaseException:
                    self._roll_back(connection)
                    raise
                self._forget_owed(owed)
            except _Uncertain as error:
                raise _Uncertain(f"the journal {self.where} cannot be used: {error}") from None
            except WrongSchema as error:
                problem = str(error)
            except OSError as error:
                problem = error.strerror or str(error)
            except JournalError:
                raise
            except Exception as error:
                problem = _explained(error)
                if not problem:
                    raise
        if problem:
            raise JournalError(f"the journal {self.where} cannot be used: {problem}")

    def _begin(self, connection: "Connection") -> None:
        cursor = connection.execute("BEGIN; SELECT clock_timestamp()")
        cursor.nextset()
        row = cursor.fetchone()
        assert row is not None
        self._ahead = row[0] - clock.now()

    def _commit(self, connection: "Connection") -> None:
        import psycopg

        try:
            connection.execute("COMMIT")
        except psycopg.OperationalError as error:
            # The database may have committed although its answer was lost.
            raise _Uncertain(_first_line(error)) from None

    def _roll_back(self, connection: "Connection") -> None:
        try:
            connection.execute("ROLLBACK")
        except Exception:  # noqa: BLE001 - whatever it is, the connection is of no more use
            self._drop_connection()

    def _open(self) -> "Connection":
        if self._connection is not None and (self._connection.closed or self._connection.broken):
            self._drop_connection()
        if self._connection is None:
            connection = self._connect()
            try:
                _migrate(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _connect(self) -> "Connection":
        try:
            import psycopg
        except ImportError:
            raise WrongSchema(NOT_INSTALLED) from None
        milliseconds = int(STATEMENT_SECONDS * 1000)
        told = psycopg.conninfo.conninfo_to_dict(self._url)
        options = (
            f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds} "
            f"-c idle_in_transaction_session_timeout={2 * milliseconds}"
        )
        told |= {
            "connect_timeout": self._connect_seconds,
            "application_name": "tui-numbers",
            "keepalives_idle": 10,
            "keepalives_interval": 3,
            "keepalives_count": 3,
            "tcp_user_timeout": milliseconds + 2000,
            "options": f"{told.get('options') or ''} {options}",
        }
        try:
            return psycopg.connect(psycopg.conninfo.make_conninfo("", **told), autocommit=True)
        except psycopg.OperationalError as error:
            kept = self._password() if error.pgconn and error.pgconn.needs_password else None
            if kept is None:
                raise
        told["password"] = kept.reveal()
        return psycopg.connect(psycopg.conninfo.make_conninfo("", **told), autocommit=True)

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _listen(
        self, on_change: Callable[[tuple[str, ...]], None], stopped: threading.Event
    ) -> None:
        """Wait for notifications until stopped; connect again whenever the connection is lost."""
        import psycopg

        lost = False
        while not stopped.is_set():
            try:
                with self._connect() as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    if lost:
                        on_change(())
                    lost = False
                    while not stopped.is_set():
                        for notice in connection.notifies(timeout=1.0):
                            if notice.pid != self._own_pid():
                                on_change(tuple(filter(None, notice.payload.split(","))))
            except (psycopg.Error, OSError):
                lost = True
                stopped.wait(2.0)

    def _own_pid(self) -> int | None:
        connection = self._connection
        return connection.info.backend_pid if connection and not connection.closed else None


def _migrate(connection: "Connection") -> None:
    """Make the tables, or bring them to this version, under a lock; safe for several programs.

    Raises:
        WrongSchema: A later version of the program made them.
    """
    # What another program is making in this moment may look like something else's.
    if _version(connection, at_rest=False) == SCHEMA_VERSION:
        return
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s, 0)", (_SCHEMA_LOCK,))
        # Asked again under the lock: another program may have been quicker.
        version = _version(connection)
        if version == SCHEMA_VERSION:
            return
        for step in _STEPS[version:]:
            connection.execute(step.encode())
        connection.execute("CREATE TABLE IF NOT EXISTS journal_schema (version INTEGER NOT NULL)")
        connection.execute("DELETE FROM journal_schema")
        connection.execute("INSERT INTO journal_schema VALUES (%s)", (SCHEMA_VERSION,))


def _version(connection: "Connection", *, at_rest: bool = True) -> int:
    """Return the version of the tables; 0 without any.

    ``at_rest`` says that nobody else can be making them.

    Raises:
        WrongSchema: A later version of the program made them, or they are of something else.
    """
    # Read from the catalogue: to_regclass may remember, in a transaction, what was there before.
    found = connection.execute(
        "SELECT relname FROM pg_catalog.pg_class WHERE relname IN ('journal_schema', 'operation') "
        "AND pg_catalog.pg_table_is_visible(oid)"
    ).fetchall()
    if ("journal_schema",) not in found:
        if found and at_rest:
            raise WrongSchema("its table operation is of something else: name another database")
        return 0
    row = connection.execute("SELECT version FROM journal_schema").fetchone()
    version: int = row[0] if row is not None else 0
    if version > SCHEMA_VERSION:
        raise WrongSchema(
            f"a later version of this program made it (schema {version}, this one knows "
            f"{SCHEMA_VERSION}): update the program"
        )
    return version


def _explained(error: Exception) -> str:
    """Explain an error of the database in words; empty for one that is none."""
    import psycopg

    if not isinstance(error, psycopg.Error):
        return ""
    if isinstance(error, psycopg.errors.QueryCanceled | psycopg.errors.LockNotAvailable):
        return "the database did not answer in time"
    if isinstance(error, psycopg.errors.ReadOnlySqlTransaction):
        return "the database takes no writes just now (a standby, or set to read only)"
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return f"its role may not do this: {_first_line(error)}; see tui-numbers help team"
    return _first_line(error)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return clean(lines[0]) if lines else type(error).__name__
