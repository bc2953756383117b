"""In a real pseudo-terminal: few bytes, none when idle, and an orderly end however it comes."""

import os
import re
import signal

import pytest
from terminal_pty import Terminal

DOWN, PAGE_DOWN, END, UP = "\x1b[B", "\x1b[6~", "\x1b[F", "\x1b[A"
KEYS = (DOWN, DOWN, PAGE_DOWN, "/", "x", "\x7f", "\r", UP, END, PAGE_DOWN, DOWN)
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a pseudo-terminal")


def started(driver: str, **options: str) -> Terminal:
    terminal = Terminal(driver, **options)
    terminal.until_told("ready")
    terminal.settle()
    return terminal


@pytest.mark.parametrize("colours", ["truecolor", "256", "standard"])
def test_keys_cost_few_bytes_and_idleness_none(colours: str) -> None:
    with started("ours", colours=colours) as terminal:
        boot = len(terminal.written.encode())
        assert boot < 6000
        terminal.press(DOWN)
        # One row is new and the rest is scrolled.
        assert len(terminal.settle().encode()) < 300
        terminal.press(PAGE_DOWN)
        assert len(terminal.settle().encode()) < 1600
        assert not terminal.step(1)
        terminal.press("/")
        terminal.settle()
        assert not terminal.step(1)


def test_the_screen_is_as_textual_s_own_driver_leaves_it() -> None:
    with started("ours") as ours, started("stock") as stock:
        for key in (*KEYS, *KEYS):
            for terminal in (ours, stock):
                terminal.press(key)
                terminal.settle()
        assert ours.emulator.cells() == stock.emulator.cells()
        for size in ((100, 30), (60, 15), (80, 24)):
            for terminal in (ours, stock):
                terminal.told = ""
                terminal.resize(*size)
                terminal.until_told(f"size {size[0]}x{size[1]}")
                terminal.settle()
            assert ours.emulator.cells() == stock.emulator.cells()
        assert len(ours.written) < len(stock.written)


@pytest.mark.parametrize("driver", ["ours", "plain"])
@pytest.mark.parametrize("end", ["hangup", "SIGHUP", "SIGTERM"])
def test_a_lost_line_ends_the_app_after_what_is_under_way(driver: str, end: str) -> None:
    with started(driver) as terminal:
        terminal.press("w")
        terminal.until_told("writing")
        if end == "hangup":
            terminal.hang_up()
        else:
            os.kill(terminal.pid, getattr(signal, end))
        terminal.until_told("lost")
        # Both often come at once, and again.
        os.kill(terminal.pid, signal.SIGHUP)
        os.kill(terminal.pid, signal.SIGTERM)
        assert "written" not in terminal.told
        os.write(terminal.gate, b".")
        assert terminal.until_ended() == 0
        told = [line for line in terminal.told.splitlines() if not line.startswith("size")]
        assert told == ["ready", "writing", "lost", "written", "ended 3 MainThread"]
        if end != "hangup":
            terminal.assert_sane()


@pytest.mark.parametrize("driver", ["ours", "plain"])
def test_quitting_leaves_a_sane_terminal(driver: str) -> None:
    with started(driver) as terminal:
        terminal.press("q")
        assert terminal.until_ended() == 0
        terminal.assert_sane()


def test_a_lost_line_stops_reading_while_the_write_goes_on() -> None:
    with started("ours") as terminal:
        terminal.press("w")
        terminal.until_told("writing")
        terminal.hang_up()
        terminal.until_told("lost")
        tasks = f"/proc/{terminal.pid}/task"
        if os.path.isdir(tasks):  # noqa: PTH112
            # Nothing is left that could spin: each thread waits.
            terminal.until(lambda: states(tasks) == {"S"})
        os.write(terminal.gate, b".")
        assert terminal.until_ended() == 0


def states(tasks: str) -> set[str]:
    """The states of a process's threads, of which a spinning one has ``R``."""
    found = set()
    for task in os.listdir(tasks):  # noqa: PTH208
        with open(f"{tasks}/{task}/stat", encoding="ascii", errors="replace") as file:  # noqa: PTH123
            found.add(file.read().rpartition(")")[2].split()[0])
    return found


@pytest.mark.parametrize("driver", ["ours", "plain"])
@pytest.mark.parametrize("how", ["key", "SIGTSTP"])
def test_stopping_and_going_on(driver: str, how: str) -> None:
    with started(driver) as terminal:
        terminal.press(PAGE_DOWN)
        terminal.settle()
        before = terminal.emulator.cells()
        if how == "key":
            terminal.press("p")
        else:
            os.kill(terminal.pid, signal.SIGTSTP)
        terminal.until_stopped()
        terminal.assert_sane()
        terminal.emulator.enter()
        start = len(terminal.written)
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.until(lambda: terminal.emulator.cells() == before)
        assert "\x1b[?1049h" in terminal.written[start:]
        terminal.press(DOWN)
        terminal.settle()
        assert terminal.emulator.cells() != before
        terminal.press("q")
        assert terminal.until_ended() == 0
        terminal.assert_sane()


def test_going_on_after_a_stop_without_warning() -> None:
    with started("ours") as terminal:
        before = terminal.emulator.cells()
        os.kill(terminal.pid, signal.SIGSTOP)
        terminal.until_stopped()
        start = len(terminal.written)
        terminal.emulator.enter()
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.until(lambda: "\x1b[?1049h" in terminal.written[start:])
        terminal.until(lambda: terminal.emulator.cells() == before)
        assert len(re.findall(r"\x1b\[\?1049[hl]", terminal.written[start:])) == 2
        terminal.press("q")
        assert terminal.until_ended() == 0
        terminal.assert_sane()
