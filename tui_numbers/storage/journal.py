"""Record operations in SQLite: an intention is durable before its request is sent."""

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from tui_numbers.domain import clock
from tui_numbers.domain.changes import CLEAR, Change, Set
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import Channel, OwnedNumber, Target
from tui_numbers.domain.operations import (
    LONGEST_WRITE,
    Action,
    Actor,
    Asked,
    JournalError,
    Operation,
    Outcome,
    Overtaken,
)
from tui_numbers.domain.records import (
    kept_record,
    owned_from_record,
    target_from_record,
    target_record,
    time_read,
    time_text,
)
from tui_numbers.storage.database import JournalFile, connect_at_once, explain, open_journal
from tui_numbers.storage.processes import is_running, is_this_host, this_process
from tui_numbers.storage.schema import WrongSchema, checked_version

_COLUMNS = (
    "id, batch, started_at, finished_at, user, host, ssh_client, process, account, provider, "
    "number, action, reason, undoes, keys, before, after, seen, outcome, error, asked, begun, "
    "reference"
)
"""Journals are read by other versions too, so that what was requested stays in the column
``after``, and what was observed in ``seen``."""

ENDED_UNDER_WAY = "the program ended before the provider's answer was recorded"
ENDED_BEFORE = "not sent: the program ended before its turn"
WAITING = "not sent yet: its turn has not come"
LONGEST_SILENCE = 2 * LONGEST_WRITE
"""How long a batch that still runs may go without recording anything."""

_EXACT = '{"exact":true,'
"""How a number begins whose settings stand as they are stored."""
_MARKS = ", ".join("?" * len(_COLUMNS.split(",")))
_INSERT = f"INSERT INTO operation ({_COLUMNS}) VALUES ({_MARKS})"  # noqa: S608 - constants
_INSERT_NEW = _INSERT.replace("INSERT", "INSERT OR IGNORE", 1)
_STILL_AS_IT_WAS = (
    "begun AND coalesce(outcome, 'unknown') = ? AND NOT EXISTS (SELECT 1 FROM operation "
    "AS later WHERE later.number = operation.number AND later.account = operation.account "
    "AND later.begun AND later.position > ?)"
)
_LEFT_OPEN = (
    f"SELECT {_COLUMNS} FROM operation WHERE begun "  # noqa: S608 - constants
    "AND (outcome IS NULL OR outcome = 'unknown') ORDER BY position DESC"
)
_END = (
    "UPDATE operation SET finished_at = ?, outcome = ?, seen = ?, error = ?, "
    "reference = coalesce(?, reference) WHERE id = ?"
)


@dataclass(frozen=True, slots=True)
class JournalQuery:
    """Which operations to read; None means any. Times are inclusive."""

    number: E164 | None = None
    since: datetime | None = None
    until: datetime | None = None
    outcome: Outcome | None = None
    batch: str | None = None
    account: str | None = None


class Journal:
    """All operations of this user; safe for several threads and several processes at once.

    Every method performs file I/O and may raise ``JournalError``; call it off the event loop.
    """

    def __init__(self, path: Path | None, now: Callable[[], datetime] = clock.now) -> None:
        self._path = path
        self._now = now
        self._lock = threading.RLock()
        self._opened: JournalFile | None = None
        self._owed: dict[str, tuple[object, ...]] = {}
        """Outcomes that could not be recorded when they came; recorded with the next write."""

    @property
    def where(self) -> str:
        """The file, for messages."""
        return str(self._path) if self._path else "in memory"

    @property
    def note(self) -> str | None:
        """What is unusual about the file, in words; None before it is first used."""
        return self._opened.note if self._opened is not None else None

    def plan(self, operations: Sequence[Operation]) -> None:
        """Record what several operations are to do, before the first of them begins."""
        process = this_process()
        with self._transaction() as connection:
            rows = [_row_of(replace(one, begun=False, outcome=None), process) for one in operations]
            connection.executemany(_INSERT, rows)

    def take_over(self, operations: Sequence[Operation]) -> None:
        """End those of the operations that still wait for their turn, so that they never begin.

        Their process seems gone; where it only stood still, it finds them ended and sends nothing.
        """
        moment = time_text(self._now())
        with self._transaction() as connection:
            connection.executemany(
                f"{_END} AND NOT begun AND outcome IS NULL",
                [(moment, "refused", None, ENDED_BEFORE, None, one.id) for one in operations],
            )

    def mark(self, account: str, number: E164) -> int:
        """Return a mark for ``begin``: the place of the latest write to a number.

        Raises:
            Overtaken: A write to the number is under way.
        """
        if self._is_missing():
            return 0
        with self._transaction(writing=False) as connection:
            rows = connection.execute(
                "SELECT position, id, host, process, outcome, user, started_at FROM operation "
                "WHERE number = ? AND account = ? AND begun ORDER BY position DESC",
                (number, account),
            ).fetchall()
        for _, found, host, process, outcome, user, started in rows:
            age = self._now() - datetime.fromisoformat(started)
            going = outcome is None and found not in self._owed
            if going and _is_under_way(host, process, age):
                raise Overtaken(f"another write to this number is under way ({user}, {found})")
        return int(rows[0][0]) if rows else 0

    def begin(self, operation: Operation, mark: int | None = None) -> None:
        """Record an intention; it is on disk when this returns.

        ``mark`` was taken before the number was read afresh.

        Raises:
            Overtaken: Since then another write to the number has begun, or its turn was taken over.
        """
        with self._transaction() as connection:
            later = connection.execute(
                "SELECT user, id FROM operation "
                "WHERE number = ? AND account = ? AND begun AND position > ?",
                (operation.number, operation.account, mark),
            ).fetchone()
            if later is not None:
                raise Overtaken(f"changed since it was read, by {later[0]} ({later[1]})")
            ended = connection.execute(
                "SELECT 1 FROM operation WHERE id = ? AND NOT begun AND outcome IS NOT NULL",
                (operation.id,),
            ).fetchone()
            if ended is not None:
                raise Overtaken("its batch was resumed by another process")
            # Its place is that of its turn, so that places tell what came first on a number.
            connection.execute("DELETE FROM operation WHERE id = ? AND NOT begun", (operation.id,))
            connection.execute(_INSERT, _row_of(operation, this_process()))

    def end_unsent(self, operation: Operation) -> None:
        """Record how an operation ended that came to nothing, planned or not; never one sent."""
        ended = replace(operation, begun=False, finished_at=self._now())
        assert ended.outcome is not None
        observed = _number_text(ended.observed)
        values = (
            time_text(ended.finished_at),
            ended.outcome.value,
            observed,
            ended.error,
            None,
            ended.id,
        )
        with self._transaction() as connection:
            connection.execute(f"{_END} AND NOT begun", values)
            connection.execute(_INSERT_NEW, _row_of(ended, this_process()))

    def finish(
        self,
        operation: str,
        outcome: Outcome,
        observed: OwnedNumber | None,
        error: str | None,
        reference: str | None = None,
    ) -> None:
        """Record how an operation ended; tried again with the next write where it fails.

        ``reference`` is the provider's order of a purchase; None keeps the one that stands.
        """
        moment = time_text(self._now())
        seen = _number_text(observed)
        self._owed[operation] = (moment, outcome.value, seen, error, reference, operation)
        with self._transaction():
            # Every transaction records what is owed.
            pass

    def settle(
        self,
        operation: Operation,
        outcome: Outcome,
        observed: OwnedNumber | None,
        error: str | None,
        mark: int | None,
        reference: str | None = None,
    ) -> bool:
        """Record what a later reading proves of an operation; tell whether it does.

        It does not where the operation has another outcome by now, or where another write to the
        number has begun since ``mark`` was taken, before the reading; None leaves that out.
        """
        assert operation.outcome is not None
        moment = time_text(self._now())
        seen = _number_text(observed)
        values = (moment, outcome.value, seen, error, reference, operation.id)
        with self._transaction() as connection:
            condition = (operation.outcome.value, mark)
            changed = connection.execute(f"{_END} AND {_STILL_AS_IT_WAS}", (*values, *condition))
            return changed.rowcount > 0

    def get(self, operation: str) -> Operation | None:
        """Return one operation, or None."""
        rows = self._rows("WHERE id = ?", (operation,))
        return rows[0] if rows else None

    def operations(self, query: JournalQuery = JournalQuery()) -> list[Operation]:
        """Return operations, newest first."""
        conditions: list[str] = []
        values: list[object] = []
        for column, comparison, value in (
            ("number", "=", query.number),
            ("started_at", ">=", time_text(query.since)),
            ("started_at", "<=", time_text(query.until)),
            ("batch", "=", query.batch),
            ("account", "=", query.account),
        ):
            if value is not None:
                conditions.append(f"{column} {comparison} ?")
                values.append(value)
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        found = self._rows(f"{where} ORDER BY position DESC", values)
        if query.outcome is not None:
            # Without an outcome of its own, an operation's state depends on its process.
            found = [operation for operation in found if operation.outcome is query.outcome]
        return found

    def left_unknown(self) -> Sequence[Operation]:
        """Return the operations whose outcome is unknown, newest first."""
        if self._is_missing():
            return ()
        with self._transaction(writing=False) as connection:
            rows = connection.execute(_LEFT_OPEN).fetchall()
        return _unknown_of(rows, self._now())

    def left_unknown_at_once(self) -> Sequence[Operation] | None:
        """Return the same without waiting for another process; None where that is not possible."""
        if self._path is None:
            return self.left_unknown()
        if self._is_missing():
            return ()
        try:
            with contextlib.closing(connect_at_once(self._path)) as connection:
                checked_version(connection)
                rows = connection.execute(_LEFT_OPEN).fetchall()
                return _unknown_of(rows, self._now())
        except (sqlite3.Error, OSError, WrongSchema):
            return None

    def close(self) -> None:
        """Close the file; an outcome that could not be recorded is tried once more before."""
        if self._owed:
            # What fails even now reads as unknown at the next start, and is settled there.
            with contextlib.suppress(JournalError), self._transaction():
                pass
        self._drop_connection()

    def _drop_connection(self) -> None:
        with self._lock:
            if self._opened is not None:
                self._opened.connection.close()
                self._opened = None

    def _is_missing(self) -> bool:
        try:
            return self._path is not None and not self._path.exists()
        except OSError:
            return False

    def _rows(self, rest: str, values: "list[object] | tuple[object, ...]") -> list[Operation]:
        if self._is_missing():
            return []
        with self._transaction(writing=False) as connection:
            select = f"SELECT {_COLUMNS} FROM operation {rest}"  # noqa: S608 - constants
            rows = connection.execute(select, values).fetchall()
            waiting = {(row[1], row[7]) for row in rows if row[18] is None and not row[21]}
            heard = {each: _heard_of(connection, *each) for each in waiting}
        now = self._now()
        return [_operation_of(row, now, heard.get((row[1], row[7]))) for row in rows]

    @contextlib.contextmanager
    def _transaction(self, *, writing: bool = True) -> Iterator[sqlite3.Connection]:
        problem = ""
        with self._lock:
            try:
                connection = self._open(writing=writing)
                if writing:
                    connection.execute("BEGIN IMMEDIATE")
                try:
                    owed = dict(self._owed) if writing else {}
                    connection.executemany(_END, owed.values())
                    yield connection
                    if connection.in_transaction:
                        connection.commit()
                except BaseException:
                    if connection.in_transaction:
                        connection.rollback()
                    raise
                for operation, values in owed.items():
                    if self._owed.get(operation) is values:
                        del self._owed[operation]
            except (sqlite3.Error, OSError, WrongSchema) as error:
                problem = explain(error)
        if problem:
            raise JournalError(f"the journal {self.where} cannot be used: {problem}")

    def _open(self, *, writing: bool) -> sqlite3.Connection:
        opened = self._opened
        usable = opened is not None and (opened.writable or not writing)
        if opened is not None and not (usable and opened.is_still(self._path)):
            # Another file may stand there now; what is written to the old one would be lost.
            self._drop_connection()
            opened = None
        if opened is None:
            opened = self._opened = open_journal(self._path, writing=writing)
        return opened.connection


def _heard_of(connection: sqlite3.Connection, batch: str, process: str) -> datetime | None:
    """Return when a process last recorded the beginning or the end of an operation of a batch."""
    (latest,) = connection.execute(
        "SELECT max(max(started_at, coalesce(finished_at, ''))) FROM operation "
        "WHERE batch = ? AND process = ?",
        (batch, process),
    ).fetchone()
    return time_read(latest)


def _unknown_of(rows: Sequence[tuple[Any, ...]], now: datetime) -> Sequence[Operation]:
    found = (_operation_of(row, now) for row in rows)
    return [operation for operation in found if operation.outcome is Outcome.UNKNOWN]


def _row_of(operation: Operation, process: str) -> tuple[Any, ...]:
    """Convert an operation to the values of ``_COLUMNS``."""
    return (
        operation.id,
        operation.batch,
        time_text(operation.started_at),
        time_text(operation.finished_at),
        operation.actor.user,
        operation.actor.host,
        operation.actor.ssh_client,
        process,
        operation.account,
        operation.provider,
        operation.number,
        operation.action.value,
        operation.reason,
        operation.undoes,
        ",".join(operation.keys),
        _number_text(operation.before),
        _number_text(operation.requested),
        _number_text(operation.observed),
        None if operation.outcome is None else operation.outcome.value,
        operation.error,
        _asked_text(operation.asked),
        int(operation.begun),
        operation.reference,
    )


def _operation_of(row: tuple[Any, ...], now: datetime, heard: datetime | None = None) -> Operation:
    """Convert a row to an operation; without an outcome, its process decides its state.

    ``heard`` is when its process last recorded anything of its batch, where it waits for its turn.
    """
    started = time_read(row[2])
    assert started is not None
    begun = bool(row[21])
    latest = started if begun or heard is None else max(started, heard)
    outcome, error = _state(row, now - latest, begun=begun)
    return Operation(
        id=row[0],
        batch=row[1],
        started_at=started,
        finished_at=time_read(row[3]),
        actor=Actor(row[4], row[5], row[6]),
        account=row[8],
        provider=row[9],
        number=E164(row[10]),
        action=Action(row[11]),
        reason=row[12],
        undoes=row[13],
        keys=tuple(filter(None, row[14].split(","))),
        before=_number_read(row[15]),
        requested=_number_read(row[16]),
        observed=_number_read(row[17]),
        outcome=outcome,
        error=error,
        asked=_asked_read(row[20]),
        begun=begun,
        reference=row[22],
        exact=_is_exact(row[15]),
    )


def _is_under_way(host: str, process: str, age: timedelta, *, begun: bool = True) -> bool:
    """Tell whether a process may still be at an operation without an outcome, so long ago begun.

    The processes of another host cannot be looked at: there, the time that has passed decides.
    """
    if is_this_host(host):
        return is_running(process)
    return age < (LONGEST_WRITE if begun else LONGEST_SILENCE)


def _state(
    row: tuple[Any, ...], age: timedelta, *, begun: bool
) -> tuple[Outcome | None, str | None]:
    if row[18] is not None:
        return Outcome(row[18]), row[19]
    alive = _is_under_way(row[5], row[7], age, begun=begun)
    if begun:
        return (None, row[19]) if alive else (Outcome.UNKNOWN, ENDED_UNDER_WAY)
    return (Outcome.PLANNED, WAITING) if alive else (Outcome.REFUSED, ENDED_BEFORE)


def _number_text(number: OwnedNumber | None) -> str | None:
    """Encode a number for the journal."""
    if number is None:
        return None
    return msgspec.json.encode({"exact": True, **kept_record(number)}).decode()


def _is_exact(text: str | None) -> bool:
    """Tell whether settings were kept as stored; earlier versions kept them as they were shown."""
    return text is None or text.startswith(_EXACT)


def _number_read(text: str | None) -> OwnedNumber | None:
    return None if text is None else owned_from_record(msgspec.json.decode(text))


def _asked_text(asked: Asked | None) -> str | None:
    if asked is None:
        return None
    edits = {
        key: edit.value if isinstance(edit, Set) else None
        for key, edit in asked.change.edits.items()
    }
    record = {
        "edits": edits,
        "target": target_record(asked.target),
        "channel": asked.channel and asked.channel.value,
    }
    return msgspec.json.encode(record).decode()


def _asked_read(text: str | None) -> Asked | None:
    if text is None:
        return None
    record = msgspec.json.decode(text)
    target = target_from_record(record["target"])
    return Asked(
        Change(
            {key: CLEAR if value is None else Set(value) for key, value in record["edits"].items()}
        ),
        target if isinstance(target, Target) else None,
        record["channel"] and Channel(record["channel"]),
    )
