"""Record operations in SQLite: an intention is durable before its request is sent."""

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from tui_numbers.domain import clock
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.domain.operations import Actor, JournalError, Operation, Outcome, Overtaken
from tui_numbers.domain.records import time_read, time_text
from tui_numbers.domain.temporary import Closing, End, EndState, Rehearsal
from tui_numbers.storage.database import JournalFile, connect_at_once, explain, open_journal
from tui_numbers.storage.journal import EVERYTHING, Journal, JournalQuery
from tui_numbers.storage.operation_rows import (
    COLUMNS,
    ENDED_BEFORE,
    ENDING_COLUMNS,
    EndRow,
    is_under_way,
    number_text,
    operation_of,
    row_of,
    words_of,
)
from tui_numbers.storage.processes import this_host, this_process
from tui_numbers.storage.schema import WrongSchema, checked_version

_MARKS = ", ".join("?" * len(COLUMNS.split(",")))
_INSERT = f"INSERT INTO operation ({COLUMNS}) VALUES ({_MARKS})"  # noqa: S608 - constants
_INSERT_NEW = _INSERT.replace("INSERT", "INSERT OR IGNORE", 1)
_STILL_AS_IT_WAS = (
    "begun AND coalesce(outcome, 'unknown') = ? AND NOT EXISTS (SELECT 1 FROM operation "
    "AS later WHERE later.number = operation.number AND later.account = operation.account "
    "AND later.begun AND later.position > ?)"
)
_LEFT_OPEN = (
    f"SELECT {COLUMNS} FROM operation WHERE begun "  # noqa: S608 - constants
    "AND (outcome IS NULL OR outcome = 'unknown' OR outcome = 'pending') ORDER BY position DESC"
)
_OPEN_ENDS = (
    f"SELECT {ENDING_COLUMNS} FROM ending "  # noqa: S608 - constants
    "JOIN operation AS made ON made.id = ending.operation "
    "LEFT JOIN operation AS taken ON taken.id = ending.taken_by WHERE closing IS NULL"
)
_EARLIEST_FIRST = "ORDER BY ending.until, ending.operation"
_END = (
    "UPDATE operation SET finished_at = ?, outcome = ?, seen = ?, error = ?, "
    "reference = coalesce(?, reference) WHERE id = ?"
)


class SqliteJournal(Journal):
    """The journal of one user, in a file or in memory."""

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
            rows = [row_of(replace(one, begun=False, outcome=None), process) for one in operations]
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
            if going and is_under_way(host, process, age):
                raise Overtaken(f"another write to this number is under way ({user}, {found})")
        return int(rows[0][0]) if rows else 0

    def begin(self, operation: Operation, mark: int | None = None, claim: str = "") -> None:
        """Record an intention, with its own end where it has one; it is on disk when this returns.

        Raises:
            Overtaken: Since ``mark`` another write to the number has begun, its turn was taken
                over, or somebody else is putting back an end of which it takes the place.
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
            connection.execute(_INSERT, row_of(operation, this_process()))
            self._take_ends(connection, operation, claim)

    def _take_ends(self, connection: sqlite3.Connection, operation: Operation, claim: str) -> None:
        """Let an operation take the place of earlier ends, and record its own."""
        puts_back = [operation.id]
        for taken in operation.takes:
            for row in _end_rows(connection, "AND ending.operation = ?", (taken,)):
                if row.is_held(self._now(), by=claim):
                    raise Overtaken(f"its end is being carried out by another process ({taken})")
                puts_back += words_of(row.puts_back)
                connection.execute(
                    "UPDATE ending SET taken_by = ? WHERE operation = ?", (operation.id, taken)
                )
        if operation.until is not None:
            connection.execute(
                "INSERT INTO ending (operation, account, number, until, puts_back) "
                "VALUES (?, ?, ?, ?, ?)",
                (
                    operation.id,
                    operation.account,
                    operation.number,
                    time_text(operation.until),
                    ",".join(puts_back),
                ),
            )

    def end_unsent(self, operation: Operation) -> None:
        """Record how an operation ended that came to nothing, planned or not; never one sent."""
        ended = replace(operation, begun=False, finished_at=self._now())
        assert ended.outcome is not None
        observed = number_text(ended.observed)
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
            connection.execute(_INSERT_NEW, row_of(ended, this_process()))

    def finish(
        self,
        operation: str,
        outcome: Outcome,
        observed: OwnedNumber | None,
        error: str | None,
        reference: str | None = None,
    ) -> None:
        """Record how an operation ended; tried again with the next write where it fails."""
        moment = time_text(self._now())
        seen = number_text(observed)
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
        seen = number_text(observed)
        values = (moment, outcome.value, seen, error, reference, operation.id)
        with self._transaction() as connection:
            condition = (operation.outcome.value, mark)
            changed = connection.execute(f"{_END} AND {_STILL_AS_IT_WAS}", (*values, *condition))
            return changed.rowcount > 0

    def get(self, operation: str) -> Operation | None:
        """Return one operation, or None."""
        rows = self._rows("WHERE id = ?", (operation,))
        return rows[0] if rows else None

    def operations(self, query: JournalQuery = EVERYTHING) -> list[Operation]:
        """Return operations, newest first."""
        conditions: list[str] = []
        values: list[object] = []
        for column, comparison, value in (
            ("number", "=", query.number),
            ("started_at", ">=", time_text(query.since)),
            ("started_at", "<=", time_text(query.until)),
            ("batch", "=", query.batch),
            ("account", "=", query.account),
            ("route", "=", query.route),
        ):
            if value is not None:
                conditions.append(f"{column} {comparison} ?")
                values.append(value)
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        limit = "" if query.limit is None else f" LIMIT {query.limit:d}"
        # The sign has SQLite look times up in their index, not walk all places.
        order = "position" if query.since is None else "+position"
        found = self._rows(f"{where} ORDER BY {order} DESC{limit}", values)
        if query.outcome is not None:
            # Without an outcome of its own, an operation's state depends on its process.
            found = [operation for operation in found if operation.outcome is query.outcome]
        return found

    def left_open(self) -> Sequence[Operation]:
        """Return the operations whose outcome is unknown or pending, newest first."""
        if self._is_missing():
            return ()
        with self._transaction(writing=False) as connection:
            rows = connection.execute(_LEFT_OPEN).fetchall()
        return _open_of(rows, self._now())

    def left_open_at_once(self) -> Sequence[Operation] | None:
        """Return the same without waiting for another process; None where that is not possible."""
        if self._path is None:
            return self.left_open()
        if self._is_missing():
            return ()
        try:
            with contextlib.closing(connect_at_once(self._path)) as connection:
                checked_version(connection)
                rows = connection.execute(_LEFT_OPEN).fetchall()
                return _open_of(rows, self._now())
        except (sqlite3.Error, OSError, WrongSchema):
            return None

    def ends(self, account: str | None = None, number: E164 | None = None) -> list[End]:
        """Return the open ends of temporary changes, of all numbers or of one, earliest first."""
        if self._is_missing():
            return []
        conditions, values = "", []
        for column, value in (("number", number), ("account", account)):
            if value is not None:
                conditions += f" AND ending.{column} = ?"
                values.append(value)
        with self._transaction(writing=False) as connection:
            rows = _end_rows(connection, f"{conditions} {_EARLIEST_FIRST}", values)
        now = self._now()
        return [row.end(now) for row in rows if row.had_effect and not row.is_done]

    def now(self) -> datetime:
        """Return the time by which ends are due."""
        return self._now()

    def claim_due(self, claim: str, accounts: Sequence[str]) -> list[End]:
        """Claim the ends at these accounts that are due and that nobody else is at."""
        if self._is_missing():
            return []
        claimed = []
        with self._transaction() as connection:
            now = self._now()
            due = f"AND ending.until <= ? {_EARLIEST_FIRST}"
            for row in _end_rows(connection, due, (time_text(now),)):
                if row.is_done:
                    self._close(connection, row.operation, Closing.DONE, "")
                elif (
                    row.had_effect
                    and row.account in accounts
                    and row.state(now) is not EndState.CONFLICT
                    and not row.is_held(now)
                ):
                    claimed.append(row.end(now))
            connection.executemany(
                "UPDATE ending SET claim = ?, claim_host = ?, claim_process = ?, claimed_at = ? "
                "WHERE operation = ?",
                [
                    (claim, this_host(), this_process(), time_text(now), end.operation)
                    for end in claimed
                ],
            )
        return claimed

    def give_back(self, end: End, claim: str, note: str | None, *, conflict: bool) -> None:
        """Give a claimed end back to be tried again, or leave it to a person as a conflict."""
        with self._transaction() as connection:
            connection.execute(
                "UPDATE ending SET claim = NULL, conflict = ?, note = ? "
                "WHERE operation = ? AND claim = ?",
                (int(conflict), note, end.operation, claim),
            )

    def close_ends(
        self, operations: Sequence[str], how: Closing, actor: Actor, claim: str = ""
    ) -> int:
        """Close the open ends of these operations that nobody else is at; return how many."""
        with self._transaction() as connection:
            free = self._free(connection, operations, claim)
            for row in free:
                self._close(connection, row.operation, how, f"{actor.user}@{actor.host}")
            return len(free)

    def move_ends(self, operations: Sequence[str], until: datetime) -> int:
        """Let the open ends of these operations that nobody is at wait for another time."""
        with self._transaction() as connection:
            free = self._free(connection, operations)
            for row in free:
                settled = row.state(self._now()) is EndState.CONFLICT
                connection.execute(
                    "UPDATE ending SET until = ?, conflict = 0, note = NULL, claim = NULL, "
                    "taken_by = ? WHERE operation = ?",
                    (time_text(until), None if settled else row.taken_by, row.operation),
                )
            return len(free)

    def _free(
        self, connection: sqlite3.Connection, operations: Sequence[str], claim: str = ""
    ) -> list[EndRow]:
        now = self._now()
        return [
            row
            for operation in dict.fromkeys(operations)
            for row in _end_rows(connection, "AND ending.operation = ?", (operation,))
            if not row.is_done and not row.is_held(now, by=claim)
        ]

    def _close(
        self, connection: sqlite3.Connection, operation: str, how: Closing, who: str
    ) -> None:
        connection.execute(
            "UPDATE ending SET closing = ?, closed_at = ?, closed_by = ?, claim = NULL "
            "WHERE operation = ?",
            (how.value, time_text(self._now()), who, operation),
        )

    def rehearse(self, rehearsal: Rehearsal) -> None:
        """Keep the latest rehearsal of a route."""
        who = rehearsal.actor
        with self._transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO rehearsal VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    rehearsal.route,
                    time_text(rehearsal.at),
                    rehearsal.numbers,
                    rehearsal.impossible,
                    rehearsal.seconds,
                    who.user,
                    who.host,
                ),
            )

    def rehearsals(self) -> dict[str, Rehearsal]:
        """Return the latest rehearsal of each route, by its name."""
        if self._is_missing():
            return {}
        with self._transaction(writing=False) as connection:
            rows = connection.execute(
                "SELECT route, at, numbers, impossible, seconds, user, host FROM rehearsal"
            ).fetchall()
        found = {}
        for route, at, numbers, impossible, seconds, user, host in rows:
            moment = time_read(at)
            assert moment is not None
            found[route] = Rehearsal(route, moment, numbers, impossible, seconds, Actor(user, host))
        return found

    def hand_over(self, actor: Actor) -> None:
        """Keep that a handover was made now."""
        with self._transaction() as connection:
            values = (time_text(self._now()), actor.user, actor.host)
            connection.execute("INSERT INTO handover VALUES (?, ?, ?)", values)

    def last_handover(self) -> datetime | None:
        """Return when the latest handover was made, or None."""
        if self._is_missing():
            return None
        with self._transaction(writing=False) as connection:
            (latest,) = connection.execute("SELECT max(at) FROM handover").fetchone()
        return time_read(latest)

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
            select = f"SELECT {COLUMNS} FROM operation {rest}"  # noqa: S608 - constants
            rows = connection.execute(select, values).fetchall()
            waiting = {(row[1], row[7]) for row in rows if row[18] is None and not row[21]}
            heard = {each: _heard_of(connection, *each) for each in waiting}
        now = self._now()
        return [operation_of(row, now, heard.get((row[1], row[7]))) for row in rows]

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


def _end_rows(
    connection: sqlite3.Connection, rest: str, values: Sequence[object] = ()
) -> list[EndRow]:
    """Return the ends that nobody closed, done or not."""
    return [EndRow(*row) for row in connection.execute(f"{_OPEN_ENDS} {rest}", tuple(values))]


def _heard_of(connection: sqlite3.Connection, batch: str, process: str) -> datetime | None:
    """Return when a process last recorded the beginning or the end of an operation of a batch."""
    (latest,) = connection.execute(
        "SELECT max(max(started_at, coalesce(finished_at, ''))) FROM operation "
        "WHERE batch = ? AND process = ?",
        (batch, process),
    ).fetchone()
    return time_read(latest)


def _open_of(rows: Sequence[tuple[Any, ...]], now: datetime) -> Sequence[Operation]:
    found = (operation_of(row, now) for row in rows)
    return [one for one in found if one.outcome is not None and one.outcome.is_open]
