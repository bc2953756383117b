"""Record operations in a database that speaks SQL: what every store has in common."""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.domain.operations import Actor, JournalError, Operation, Outcome, Overtaken
from tui_numbers.domain.records import time_read, time_text
from tui_numbers.domain.temporary import Closing, End, EndState, Rehearsal
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
    this_host,
    this_process,
    words_of,
)

_MARKS = ", ".join("?" * len(COLUMNS.split(",")))
_INSERT = f"INSERT INTO operation ({COLUMNS}) VALUES ({_MARKS})"  # noqa: S608 - constants
_INSERT_NEW = f"{_INSERT} ON CONFLICT (id) DO NOTHING"
_STILL_AS_IT_WAS = (
    "begun = 1 AND coalesce(outcome, 'unknown') = ? AND NOT EXISTS (SELECT 1 FROM operation "
    "AS later WHERE later.number = operation.number AND later.account = operation.account "
    "AND later.begun = 1 AND later.position > ?)"
)
LEFT_OPEN = (
    f"SELECT {COLUMNS} FROM operation WHERE begun = 1 "  # noqa: S608 - constants
    "AND (outcome IS NULL OR outcome = 'unknown' OR outcome = 'pending') ORDER BY position DESC"
)
_LATEST = (
    "SELECT position FROM operation WHERE number = ? AND account = ? AND begun = 1 "
    "ORDER BY position DESC LIMIT 1"
)
_GOING = (
    'SELECT id, host, process, coalesce(name, "user"), started_at FROM operation '
    "WHERE outcome IS NULL AND number = ? AND account = ? AND begun = 1 ORDER BY position DESC"
)
"""Those without an outcome are few, and have an index of their own."""
_WAITING = "SELECT outcome FROM operation WHERE id = ? AND begun = 0"
_OPEN_ENDS = (
    f"SELECT {ENDING_COLUMNS} FROM ending "  # noqa: S608 - constants
    "JOIN operation AS made ON made.id = ending.operation "
    "LEFT JOIN operation AS taken ON taken.id = ending.taken_by WHERE closing IS NULL"
)
_INSERT_AT = _INSERT.replace("(", "(position, ", 1).replace("VALUES (", "VALUES (?, ", 1)
_ENDINGS = (
    "operation, account, number, until, puts_back, taken_by, conflict, note, claim, "
    "claim_host, claim_process, claimed_at, closing, closed_at, closed_by"
)
_REHEARSALS = 'route, at, numbers, impossible, seconds, "user", host'
_COPIED = (
    (f"SELECT {COLUMNS} FROM operation ORDER BY position", _INSERT_NEW),  # noqa: S608 - constants
    (
        f"SELECT {_ENDINGS} FROM ending",  # noqa: S608 - constants
        f"INSERT INTO ending ({_ENDINGS}) "  # noqa: S608 - constants
        f"VALUES ({', '.join('?' * 15)}) ON CONFLICT DO NOTHING",
    ),
    (
        f"SELECT {_REHEARSALS} FROM rehearsal",  # noqa: S608 - constants
        f"INSERT INTO rehearsal ({_REHEARSALS}) "  # noqa: S608 - constants
        f"VALUES ({', '.join('?' * 7)}) ON CONFLICT DO NOTHING",
    ),
)
"""How each table is read, and written to another journal; the operations come first."""
_KEEP_REHEARSAL = (
    'INSERT INTO rehearsal (route, at, numbers, impossible, seconds, "user", host) '
    "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (route) DO UPDATE SET at = excluded.at, "
    "numbers = excluded.numbers, impossible = excluded.impossible, seconds = excluded.seconds, "
    '"user" = excluded."user", host = excluded.host'
)
_OF_THE_PROCESS = frozenset({Outcome.UNKNOWN, Outcome.REFUSED, Outcome.PLANNED})
"""Outcomes that an operation may have because of how its process stands."""
_EARLIEST_FIRST = "ORDER BY ending.until, ending.operation"
_END = (
    "UPDATE operation SET finished_at = ?, outcome = ?, seen = ?, error = ?, "
    "reference = coalesce(?, reference) WHERE id = ?"
)


class Cursor(Protocol):
    """What a statement found or changed."""

    @property
    def rowcount(self) -> int:
        """How many rows it changed."""

    def fetchone(self) -> Any:
        """Return the first row, or None."""

    def fetchall(self) -> list[Any]:
        """Return all rows."""


class Statements(Protocol):
    """A connection inside of a transaction; ``?`` stands for each value."""

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> Cursor:
        """Run one statement."""

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> object:
        """Run one statement for each row of values."""


class SqlJournal(Journal):
    """The journal in any database that speaks SQL; a store adds its transactions and its clock."""

    _LOCKED = ""
    """What a query ends with whose rows nobody else may change until the transaction ends."""
    _LOCKED_ENDS = ""
    """The same for ends."""
    _FREE_ENDS = ""
    """The same, which leaves out the ends that somebody else is changing."""

    def __init__(self) -> None:
        self._owed: dict[str, tuple[object, ...]] = {}
        """Outcomes that could not be recorded when they came; recorded with the next write."""

    @abstractmethod
    def _transaction(self, *, writing: bool = True) -> AbstractContextManager[Statements]:
        """Run what is inside in one transaction, and first record what is owed, where it writes.

        Raises:
            JournalError: The store cannot be used.
        """

    @abstractmethod
    def _now(self) -> datetime:
        """Return the time by the store's clock."""

    def _is_missing(self) -> bool:
        """Tell whether there is no journal yet, and nothing to be read."""
        return False

    def _lock_number(self, statements: Statements, account: str, number: str) -> None:
        """Let no other transaction begin a write to a number until this one ends."""

    def _announce(self, statements: Statements, operations: Iterable[str]) -> None:
        """Tell the other programs that watch the journal which operations changed."""

    def _record_owed(self, statements: Statements) -> dict[str, tuple[object, ...]]:
        """Record the outcomes that are owed, and return them for ``_forget_owed``.

        What is not there stays owed: a record whose answer was lost may arrive after this.
        """
        recorded = {
            operation: values
            for operation, values in tuple(self._owed.items())
            if statements.execute(_END, values).rowcount
        }
        if recorded:
            self._announce(statements, recorded)
        return recorded

    def _forget_owed(self, recorded: dict[str, tuple[object, ...]]) -> None:
        for operation, values in recorded.items():
            if self._owed.get(operation) is values:
                del self._owed[operation]

    def plan(self, operations: Sequence[Operation]) -> None:
        """Record what several operations are to do, before the first of them begins."""
        process = this_process()
        with self._transaction() as connection:
            rows = [row_of(replace(one, begun=False, outcome=None), process) for one in operations]
            connection.executemany(_INSERT, rows)
            self._announce(connection, (one.id for one in operations))

    def take_over(self, operations: Sequence[Operation]) -> None:
        """End those of the operations that still wait for their turn, so that they never begin.

        Their process seems gone; where it only stood still, it finds them ended and sends nothing.
        """
        moment = time_text(self._now())
        with self._transaction() as connection:
            connection.executemany(
                f"{_END} AND begun = 0 AND outcome IS NULL",
                [(moment, "refused", None, ENDED_BEFORE, None, one.id) for one in operations],
            )
            self._announce(connection, (one.id for one in operations))

    def mark(self, account: str, number: E164) -> int:
        """Return a mark for ``begin``: the place of the latest write to a number.

        Raises:
            Overtaken: A write to the number is under way.
        """
        if self._is_missing():
            return 0
        with self._transaction(writing=False) as connection:
            latest = connection.execute(_LATEST, (number, account)).fetchone()
            going = connection.execute(_GOING, (number, account)).fetchall()
        for found, host, process, user, started in going:
            age = self._now() - datetime.fromisoformat(started)
            if found not in self._owed and is_under_way(host, process, age):
                raise Overtaken(f"another write to this number is under way ({user}, {found})")
        return int(latest[0]) if latest is not None else 0

    def begin(self, operation: Operation, mark: int | None = None, claim: str = "") -> None:
        """Record an intention, with its own end where it has one; it is on disk when this returns.

        Raises:
            Overtaken: Since ``mark`` another write to the number has begun, its turn was taken
                over, or somebody else is putting back an end of which it takes the place.
        """
        with self._transaction() as connection:
            self._lock_number(connection, operation.account, operation.number)
            later = connection.execute(
                'SELECT coalesce(name, "user"), id FROM operation '
                "WHERE number = ? AND account = ? AND begun = 1 AND position > ?",
                (operation.number, operation.account, mark),
            ).fetchone()
            if later is not None:
                raise Overtaken(f"changed since it was read, by {later[0]} ({later[1]})")
            waiting = connection.execute(
                f"{_WAITING}{self._LOCKED}",
                (operation.id,),
            ).fetchone()
            if waiting is not None and waiting[0] is not None:
                raise Overtaken("its batch was resumed by another process")
            # Its place is that of its turn, so that places tell what came first on a number.
            connection.execute("DELETE FROM operation WHERE id = ? AND begun = 0", (operation.id,))
            connection.execute(_INSERT, row_of(operation, this_process()))
            self._take_ends(connection, operation, claim)
            self._announce(connection, (operation.id,))

    def _take_ends(self, connection: Statements, operation: Operation, claim: str) -> None:
        """Let an operation take the place of earlier ends, and record its own."""
        puts_back = [operation.id]
        for taken in operation.takes:
            for row in self._end_rows(connection, taken):
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
            connection.execute(f"{_END} AND begun = 0", values)
            connection.execute(_INSERT_NEW, row_of(ended, this_process()))
            self._announce(connection, (ended.id,))

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
            self._lock_number(connection, operation.account, operation.number)
            changed = connection.execute(f"{_END} AND {_STILL_AS_IT_WAS}", (*values, *condition))
            if changed.rowcount > 0:
                self._announce(connection, (operation.id,))
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
        if query.outcome is not None:
            undecided = " OR outcome IS NULL" if query.outcome in _OF_THE_PROCESS else ""
            conditions.append(f"(outcome = ?{undecided})")
            values.append(query.outcome.value)
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        # Without an outcome of its own, an operation's state depends on its process.
        limited = query.limit is not None and query.outcome not in _OF_THE_PROCESS
        limit = f" LIMIT {query.limit:d}" if limited else ""
        # The sign has SQLite look times up in their index, not walk all places.
        order = "position" if query.since is None else "+position"
        found = self._rows(f"{where} ORDER BY {order} DESC{limit}", values)
        if query.outcome is not None:
            found = [operation for operation in found if operation.outcome is query.outcome]
        return found[: query.limit]

    def left_open(self) -> Sequence[Operation]:
        """Return the operations whose outcome is unknown or pending, newest first."""
        if self._is_missing():
            return ()
        with self._transaction(writing=False) as connection:
            rows = connection.execute(LEFT_OPEN).fetchall()
        return open_of(rows, self._now())

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
            rows = _found_ends(connection, f"{conditions} {_EARLIEST_FIRST}", values)
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
            due = f"AND ending.until <= ? {_EARLIEST_FIRST}{self._FREE_ENDS}"
            for row in _found_ends(connection, due, (time_text(now),)):
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
            self._announce(connection, (end.operation,))

    def close_ends(
        self, operations: Sequence[str], how: Closing, actor: Actor, claim: str = ""
    ) -> int:
        """Close the open ends of these operations that nobody else is at; return how many."""
        with self._transaction() as connection:
            free = self._free(connection, operations, claim)
            for row in free:
                self._close(connection, row.operation, how, f"{actor.user}@{actor.host}")
            self._announce(connection, (row.operation for row in free))
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
            self._announce(connection, (row.operation for row in free))
            return len(free)

    def _free(
        self, connection: Statements, operations: Sequence[str], claim: str = ""
    ) -> list[EndRow]:
        now = self._now()
        return [
            row
            for operation in dict.fromkeys(operations)
            for row in self._end_rows(connection, operation)
            if not row.is_done and not row.is_held(now, by=claim)
        ]

    def _end_rows(self, connection: Statements, operation: str) -> list[EndRow]:
        return _found_ends(connection, f"AND ending.operation = ?{self._LOCKED_ENDS}", (operation,))

    def _close(self, connection: Statements, operation: str, how: Closing, who: str) -> None:
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
                _KEEP_REHEARSAL,
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
                'SELECT route, at, numbers, impossible, seconds, "user", host FROM rehearsal'
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
            connection.execute('INSERT INTO handover (at, "user", host) VALUES (?, ?, ?)', values)

    def last_handover(self) -> datetime | None:
        """Return when the latest handover was made, or None."""
        if self._is_missing():
            return None
        with self._transaction(writing=False) as connection:
            (latest,) = connection.execute("SELECT max(at) FROM handover").fetchone()
        return time_read(latest)

    def take_in(self, other: Journal) -> tuple[int, int]:
        """Copy all that another journal holds, before what is here; return how much was new."""
        assert isinstance(other, SqlJournal)
        rows, *others = other.contents()
        with self._transaction() as target:
            known = {name for (name,) in target.execute("SELECT id FROM operation").fetchall()}
            fresh = [row for row in rows if row[0] not in known]
            (first,) = target.execute("SELECT coalesce(min(position), 1) FROM operation").fetchone()
            # Places tell what came first on a number; these came before all that is here.
            start = min(first, 1) - len(fresh)
            target.executemany(_INSERT_AT, [(start + at, *row) for at, row in enumerate(fresh)])
            for (_, insert), found in zip(_COPIED[1:], others, strict=True):
                target.executemany(insert, found)
            self._announce(target, ())
        return len(fresh), len(rows)

    def contents(self) -> list[list[Any]]:
        """Return the rows of every table that another journal takes in."""
        if self._is_missing():
            return [[] for _ in _COPIED]
        with self._transaction(writing=False) as connection:
            return [connection.execute(select).fetchall() for select, _ in _COPIED]

    def close(self) -> None:
        """Close the store; an outcome that could not be recorded is tried once more before."""
        if self._owed:
            # What fails even now reads as unknown at the next start, and is settled there.
            with suppress(JournalError), self._transaction():
                pass

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


def _found_ends(connection: Statements, rest: str, values: Sequence[object] = ()) -> list[EndRow]:
    """Return the ends that nobody closed, done or not."""
    found = connection.execute(f"{_OPEN_ENDS} {rest}", tuple(values)).fetchall()
    return [EndRow(*row) for row in found]


def _heard_of(connection: Statements, batch: str, process: str) -> datetime | None:
    """Return when a process last recorded the beginning or the end of an operation of a batch."""
    (latest,) = connection.execute(
        "SELECT max(CASE WHEN finished_at > started_at THEN finished_at ELSE started_at END) "
        "FROM operation "
        "WHERE batch = ? AND process = ?",
        (batch, process),
    ).fetchone()
    return time_read(latest)


def open_of(rows: Sequence[tuple[Any, ...]], now: datetime) -> Sequence[Operation]:
    """Return the operations of those rows that are open by now."""
    found = (operation_of(row, now) for row in rows)
    return [one for one in found if one.outcome is not None and one.outcome.is_open]
