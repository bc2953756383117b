"""Whatever opens a file of SQLite's closes it, however it ends."""

import contextlib
import sqlite3

import pytest

from tests.support.command_line import AU
from tests.support.served import serving
from tui_numbers.services import settling


@pytest.fixture
def connections(monkeypatch):
    """Every connection that was made, and whether it was closed."""
    made = []
    real = sqlite3.connect

    class Watched(sqlite3.Connection):
        closed = False

        def close(self):
            self.closed = True
            super().close()

    def connect(*words, **more):
        made.append(real(*words, **more, factory=Watched))
        return made[-1]

    monkeypatch.setattr(sqlite3, "connect", connect)
    return made


@pytest.fixture(scope="module")
def served():
    with serving() as made:
        made.configure()
        yield made


@pytest.mark.parametrize(
    ("words", "opens"),
    [
        (("set", AU, "email_from=desk@northline.example", "--yes"), True),
        (("retarget", AU, "--to", "phone:12", "--yes"), False),
        (("set", AU, "friendly=Desk", "--dry-run"), False),
        (("list",), False),
        (("undo", "nothing"), True),
        (("history", "--settle"), True),
        (("doctor",), False),
        (("--demo", "history"), True),
    ],
)
def test_a_command_leaves_no_file_open(served, connections, words, opens):
    served.configure()
    served.run("set", AU, "email_to=desk@northline.example", "--yes")
    connections.clear()
    served.run(*words)
    assert [one for one in connections if not one.closed] == []
    assert bool(connections) or not opens


@pytest.mark.parametrize("error", [RuntimeError("a defect"), MemoryError(), KeyboardInterrupt()])
def test_a_command_that_breaks_off_leaves_no_file_open(served, connections, monkeypatch, error):
    async def broken(*words, **more):
        raise error

    served.configure()
    served.run("set", AU, "email_to=desk@northline.example", "--yes")
    connections.clear()
    monkeypatch.setattr(settling, "_reading", broken)
    with contextlib.suppress(type(error)):
        served.run("history", "--settle")
    assert connections
    assert [one for one in connections if not one.closed] == []
