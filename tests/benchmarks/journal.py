"""Measure a journal of very many operations, in each store.

Run ``python tests/benchmarks/journal.py [--operations 1000000] [--postgres URL]``. Without a URL a
PostgreSQL server of its own is started where one is installed; a URL must name an empty database.
The aim is that each line stays within 20 ms at p95.
"""

import argparse
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from measuring import Series, heading, machine

from tests.support import postgres
from tests.support.operations import operation
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.operations import Operation, Outcome
from tui_numbers.storage.journal import Journal, JournalQuery
from tui_numbers.storage.operation_rows import COLUMNS, row_of, this_process

NUMBERS = 10_000
"""To how many numbers the operations are; fewer where there are few operations."""
OPEN = 20
"""How many operations have an open outcome."""
ENDS = 200
"""How many temporary changes wait for their end."""
BEGAN = datetime(2024, 1, 1, tzinfo=UTC)
_ENDING = "INSERT INTO ending (operation, account, number, until, puts_back) VALUES (?, ?, ?, ?, ?)"
_ROW = f"INSERT INTO operation ({COLUMNS}) VALUES ({', '.join('?' * len(COLUMNS.split(',')))})"


def rows(count: int) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of operations, each some minutes after the one before."""
    model = operation(host="elsewhere", started_at=BEGAN, outcome=Outcome.VERIFIED)
    model = replace(model, finished_at=BEGAN, observed=model.requested)
    base = list(row_of(model, this_process()))
    names = COLUMNS.split(", ")
    at = {name: names.index(name) for name in ("id", "batch", "started_at", "finished_at")}
    number, outcome, until = names.index("number"), names.index("outcome"), names.index("until")
    for place in range(count):
        row = base[:]
        began = BEGAN + timedelta(seconds=60 * place)
        row[at["id"]], row[at["batch"]] = f"{place:012x}", f"b{place // 3:012x}"
        row[at["started_at"]] = began.isoformat()
        row[at["finished_at"]] = (began + timedelta(seconds=2)).isoformat()
        row[number] = number_of(place, count)
        if place % max(1, count // OPEN) == 0:
            row[outcome] = "unknown"
        if place >= count - ENDS:
            row[until] = (began + timedelta(hours=2)).isoformat()
        yield tuple(row)


def number_of(place: int, count: int) -> E164:
    """Return to which number an operation is; they take turns."""
    return E164(f"+4477{place * 7 % min(NUMBERS, count):08}")


def ends(count: int) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of the ends of the latest operations."""
    for place in range(max(0, count - ENDS), count):
        until = BEGAN + timedelta(seconds=60 * place, hours=2)
        name = f"{place:012x}"
        yield name, "desk", number_of(place, count), until.isoformat(), name


def fill(journal: Any, count: int) -> None:
    """Write operations and ends into a journal by SQL."""
    with journal._transaction() as statements:
        statements.executemany(_ROW, rows(count))
        statements.executemany(_ENDING, ends(count))


def fill_postgres(journal: Any, url: str, count: int) -> None:
    """The same by COPY, which is quick over a connection; the tables are made by the journal."""
    import psycopg

    journal.operations(JournalQuery(limit=1))
    with psycopg.connect(url, autocommit=True) as connection:
        for table, columns, found in (
            ("operation", COLUMNS, rows(count)),
            ("ending", "operation, account, number, until, puts_back", ends(count)),
        ):
            with connection.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in found:
                    copy.write_row(row)
        connection.execute("VACUUM ANALYZE")


def timed(work: Callable[[int], object], runs: int) -> Series:
    """Time some work, given the number of its run; what the first run opens is left out."""
    work(runs)
    found = []
    for run in range(runs):
        began = time.perf_counter()
        work(run)
        found.append(time.perf_counter() - began)
    return Series(found)


def write(journal: Journal, asked: Operation) -> None:
    """Record one operation as a write does."""
    mark = journal.mark(asked.account, asked.number)
    journal.begin(asked, mark)
    journal.finish(asked.id, Outcome.VERIFIED, asked.requested, None)


def measure(journal: Journal, count: int, runs: int) -> Iterable[tuple[str, Series]]:
    """Measure what screens, commands and writes ask of a journal."""
    from tui_numbers.ui.views.history import PAGE

    def number(run: int) -> E164:
        return number_of(run * 997, count)

    model = operation(host="bench", started_at=datetime.now(UTC))
    yield (
        f"history: the newest {PAGE}",
        timed(lambda run: journal.operations(JournalQuery(limit=PAGE)), runs),
    )
    yield (
        "operations of one number",
        timed(lambda run: journal.operations(JournalQuery(number(run), account="desk")), runs),
    )
    yield "what is open", timed(lambda run: journal.left_open(), runs)
    yield f"due: {ENDS} temporary changes", timed(lambda run: journal.ends(), runs)
    yield (
        "a write: mark, intention, outcome",
        timed(
            lambda run: write(journal, replace(model, id=f"w{run}", number=number(run))),
            runs,
        ),
    )


@contextlib.contextmanager
def server(url: str | None) -> Iterator[str | None]:
    """Yield the URL of a database: the one given, or one of a server of its own; or None."""
    if url is not None or postgres.installed() is None:
        yield url
        return
    # What a commit promises is part of what is measured.
    own = postgres.new_server(settings=("fsync=on", "full_page_writes=on"))
    try:
        yield own.url()
    finally:
        postgres.discard(own)


def disk(folder: Path, runs: int) -> Series:
    """Measure what the disk takes for one commit, which is the floor of a write's two."""

    def append(run: int) -> None:
        file.write(b"x" * 20_000)
        file.flush()
        os.fsync(file.fileno())

    with (folder / "floor").open("wb") as file:
        return timed(append, runs)


def report(title: str, journal: Journal, count: int, runs: int, filled: float) -> None:
    print(heading(f"{title}: {count:,} operations, filled in {filled:.0f} s"))
    for name, series in measure(journal, count, runs):
        print(series.line(name))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--postgres", metavar="URL", help="an empty database")
    options = parser.parse_args()
    from tui_numbers.storage.postgres_journal import PostgresJournal
    from tui_numbers.storage.sqlite_journal import SqliteJournal

    print(machine())
    count = options.operations
    with tempfile.TemporaryDirectory() as folder:
        print(heading("the disk"))
        print(disk(Path(folder), options.runs).line("one fsync of 20 kB"))
        file = SqliteJournal(Path(folder) / "state" / "journal.sqlite")
        began = time.perf_counter()
        fill(file, count)
        report("SQLite", file, count, options.runs, time.perf_counter() - began)
        file.close()
    with server(options.postgres) as url:
        if url is None:
            print("PostgreSQL is not installed, and no --postgres names a database")
            return
        team = PostgresJournal(url)
        began = time.perf_counter()
        fill_postgres(team, url, count)
        report("PostgreSQL", team, count, options.runs, time.perf_counter() - began)
        team.close()


if __name__ == "__main__":
    main()
