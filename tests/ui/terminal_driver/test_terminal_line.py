"""In a real pseudo-terminal: few bytes, none when idle, and an orderly end however it comes."""

import os
import re
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from tests.ui.terminal_driver.app_terminal import Terminal
from tests.ui.terminal_driver.terminal_app import LAST, OVERTAKEN

DOWN, PAGE_DOWN, END, UP = "\x1b[B", "\x1b[6~", "\x1b[F", "\x1b[A"
KEYS = (DOWN, DOWN, PAGE_DOWN, "/", "x", "\x7f", "\r", UP, END, PAGE_DOWN, DOWN)


def started(driver: str, **options: str) -> Terminal:
    terminal = Terminal(driver, **options)
    terminal.until_told("ready")
    terminal.settle()
    return terminal


@pytest.mark.parametrize("colours", ["truecolor", "256", "standard"])
def test_keys_cost_few_bytes(colours: str) -> None:
    with started("ours", colours=colours) as terminal:
        assert len(terminal.written.encode()) < 6000
        terminal.type(DOWN)
        # One row is new and the rest is scrolled.
        assert len(terminal.settle().encode()) < 300
        terminal.type(PAGE_DOWN)
        assert len(terminal.settle().encode()) < 1600


def test_idleness_costs_nothing() -> None:
    with started("ours") as terminal:
        assert not terminal.take(1)
        terminal.type("/")
        terminal.settle()
        assert not terminal.take(1)


def test_a_terminal_that_takes_nothing_holds_nothing_up() -> None:
    with started("ours") as terminal:
        terminal.stall()
        for at in range(1, 151):
            # More writes than any queue has room for.
            terminal.type(DOWN + "w")
            terminal.until(lambda at=at: terminal.told.count("writing") == at)
        os.kill(terminal.process.pid, signal.SIGTERM)
        terminal.until_told("lost")
        os.write(terminal.gate, b".")
        assert terminal.ended() == 0
        assert "written\nended 3 MainThread" in terminal.told


def test_a_terminal_that_was_slow_shows_the_newest_in_the_end() -> None:
    with started("ours") as slow, started("ours") as quick:
        slow.stall()
        for terminal in (slow, quick):
            for at in range(1, 21):
                terminal.type(PAGE_DOWN + "w")
                terminal.until(lambda t=terminal, at=at: t.told.count("writing") == at)
        slow.go_on()
        for terminal in (slow, quick):
            terminal.settle()
        assert slow.screen.cells() == quick.screen.cells()


def test_the_screen_is_as_textual_s_own_driver_leaves_it() -> None:
    with started("ours") as ours, started("stock") as stock:
        for key in KEYS:
            for terminal in (ours, stock):
                terminal.type(key)
                terminal.settle()
        assert ours.screen.cells() == stock.screen.cells()
        for size in ((100, 30), (60, 15), (80, 24)):
            for terminal in (ours, stock):
                terminal.told = ""
                terminal.resize(*size)
                terminal.until_told(f"size {size[0]}x{size[1]}")
                terminal.settle()
            assert ours.screen.cells() == stock.screen.cells()
        assert len(ours.written) < len(stock.written)


def test_of_two_sizes_that_come_at_once_the_last_is_drawn_for() -> None:
    with started("overtaken") as overtaken, started("ours") as ours:
        ours.resize(*LAST)
        ours.until_told(f"size {LAST[0]}x{LAST[1]}")
        ours.settle()
        overtaken.screen.resize(*LAST[::-1])
        overtaken.shake(*OVERTAKEN)
        overtaken.until_told(f"size {LAST[0]}x{LAST[1]}")
        overtaken.until(lambda: overtaken.screen.cells() == ours.screen.cells())


@pytest.mark.parametrize("driver", ["ours", "plain"])
@pytest.mark.parametrize("end", ["hangup", "SIGHUP", "SIGTERM"])
def test_a_lost_line_ends_the_app_after_what_is_under_way(driver: str, end: str) -> None:
    with started(driver) as terminal:
        terminal.type("w")
        terminal.until_told("writing")
        if end == "hangup":
            terminal.hang_up()
        else:
            os.kill(terminal.process.pid, getattr(signal, end))
        terminal.until_told("lost")
        # Both often come at once, and again.
        os.kill(terminal.process.pid, signal.SIGHUP)
        os.kill(terminal.process.pid, signal.SIGTERM)
        assert "written" not in terminal.told
        os.write(terminal.gate, b".")
        assert terminal.ended() == 0
        told = [line for line in terminal.told.splitlines() if not line.startswith("size")]
        assert told == ["ready", "writing", "lost", "written", "ended 3 MainThread"]
        if end != "hangup":
            terminal.assert_sane()


@pytest.mark.parametrize("driver", ["ours", "plain"])
def test_quitting_leaves_a_sane_terminal(driver: str) -> None:
    with started(driver) as terminal:
        terminal.type("q")
        assert terminal.ended() == 0
        terminal.assert_sane()


def test_a_lost_line_stops_reading_while_the_write_goes_on() -> None:
    with started("ours") as terminal:
        terminal.type("w")
        terminal.until_told("writing")
        terminal.hang_up()
        terminal.until_told("lost")
        tasks = Path(f"/proc/{terminal.process.pid}/task")
        if tasks.is_dir():
            # Nothing is left that could spin: each thread waits.
            terminal.until(lambda: states(tasks) == {"S"})
        os.write(terminal.gate, b".")
        assert terminal.ended() == 0


def states(tasks: Path) -> set[str]:
    """The states of a process's threads, of which a spinning one has ``R``."""
    found = set()
    for task in tasks.iterdir():
        # One that has just ended is not there any more.
        with suppress(OSError):
            stat = (task / "stat").read_text(encoding="ascii", errors="replace")
            found.add(stat.rpartition(")")[2].split()[0])
    return found


@pytest.mark.parametrize("driver", ["ours", "plain"])
def test_stopping_and_going_on(driver: str) -> None:
    with started(driver) as terminal:
        terminal.type(PAGE_DOWN)
        terminal.settle()
        before = terminal.screen.cells()
        os.kill(terminal.process.pid, signal.SIGTSTP)
        terminal.stopped()
        terminal.assert_sane()
        terminal.screen.enter()
        start = len(terminal.written)
        os.kill(terminal.process.pid, signal.SIGCONT)
        terminal.until(lambda: terminal.screen.cells() == before)
        assert "\x1b[?1049h" in terminal.written[start:]
        terminal.type(DOWN)
        terminal.settle()
        assert terminal.screen.cells() != before
        terminal.type("q")
        assert terminal.ended() == 0
        terminal.assert_sane()


def test_going_on_after_a_stop_without_warning() -> None:
    with started("ours") as terminal:
        before = terminal.screen.cells()
        os.kill(terminal.process.pid, signal.SIGSTOP)
        terminal.stopped()
        start = len(terminal.written)
        terminal.screen.enter()
        os.kill(terminal.process.pid, signal.SIGCONT)
        terminal.until(lambda: "\x1b[?1049h" in terminal.written[start:])
        terminal.until(lambda: terminal.screen.cells() == before)
        assert len(re.findall(r"\x1b\[\?1049[hl]", terminal.written[start:])) == 2
        terminal.type("q")
        assert terminal.ended() == 0
        terminal.assert_sane()
