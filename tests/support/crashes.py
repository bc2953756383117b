"""Crashes to order, in one process: the program vanishes at a step, and its records stay."""

from tui_numbers.storage.sqlite_journal import SqliteJournal


class Crash(BaseException):
    """The program is gone; nothing of its own may handle this."""


def forget_process(journal: SqliteJournal) -> None:
    """Make every operation under way, or waiting, one of a process that is gone."""
    opened = journal._opened
    assert opened is not None
    opened.connection.execute("UPDATE operation SET process = '1:gone' WHERE outcome IS NULL")
    journal._owed.clear()
