"""Journals in every store, for tests that hold for all of them."""

import os
import sqlite3
from contextlib import closing, contextmanager

import pytest

from tests.support import postgres
from tui_numbers.domain import clock
from tui_numbers.storage.postgres_journal import PostgresJournal
from tui_numbers.storage.sqlite_journal import SqliteJournal

GONE = "1:gone"
"""A process that is there no more."""
STORES = ("sqlite", "postgresql")


class SqliteStore:
    """A file, which several journals may open."""

    def __init__(self, path):
        self.path = path
        self._opened = []

    def open(self, now=clock.now):
        self._opened.append(SqliteJournal(self.path, now))
        return self._opened[-1]

    def run(self, statement, values=()):
        with closing(sqlite3.connect(self.path)) as connection, connection:
            return connection.execute(statement, values).fetchall()

    @contextmanager
    def broken(self, journal):
        """Let writing to the journal fail meanwhile."""
        real, journal._path = journal._path, journal._path / "nowhere"
        yield
        journal._path = real

    def close(self):
        for journal in self._opened:
            journal.close()


class _TimedPostgres(PostgresJournal):
    """The journal at a database whose clock is given."""

    def __init__(self, url, now):
        super().__init__(url)
        self._given = now

    def _now(self):
        return self._given()


class PostgresStore:
    """A database, which several journals may open."""

    def __init__(self, url):
        self.url = url
        self._opened = []

    def open(self, now=None):
        journal = PostgresJournal(self.url) if now is None else _TimedPostgres(self.url, now)
        self._opened.append(journal)
        return journal

    def run(self, statement, values=()):
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement.replace("?", "%s"), values)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def broken(self, journal):
        """Let writing to the journal fail meanwhile."""
        real, journal._url = journal._url, "postgresql://postgres@127.0.0.1:1/nowhere"
        journal._drop_connection()
        yield
        journal._url = real

    def close(self):
        for journal in self._opened:
            journal.close()


def forget_process(store, column="process", table="operation"):
    """Let the program that made the records be gone."""
    store.run(f"UPDATE {table} SET {column} = ?", (GONE,))


@contextmanager
def store_of(kind, folder, root):
    """Make a store: a file in a folder, or a database of its own on the server of this run."""
    if kind == "sqlite":
        store = SqliteStore(folder / "state" / "journal.db")
        yield store
        store.close()
        return
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    with postgres.database(postgres.shared_server(root)) as url:
        store = PostgresStore(url)
        yield store
        store.close()


def root_of(factory):
    """Return the directory that the workers of one run share."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
