"""Signals, idle and while a write is under way: the terminal is given back, the journal true."""

import pytest

from tests.support.real_program import INSIDE, Program, operations, recorded
from tui_numbers.domain.operations import Outcome

DEMO = ("--demo", "--numbers", "60")


@pytest.fixture
def demo():
    with Program(words=DEMO) as running:
        running.loaded()
        yield running


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_ends_the_dashboard_and_gives_the_terminal_back(demo, name):
    demo.type("t")
    demo.shows("part of a name")
    demo.signal(name)
    assert demo.ended() == 0
    assert demo.is_sane()
    assert not recorded("errors.log")


def test_a_stop_gives_the_terminal_back_and_going_on_takes_it_again(demo):
    demo.type("t")
    demo.shows("part of a name")
    demo.steady()
    before = demo.screen.cells()
    demo.signal("SIGTSTP")
    demo.stopped()
    assert demo.is_sane()
    demo.screen.enter()
    demo.resize(100, 30)
    demo.signal("SIGCONT")
    demo.shows("part of a name", "3 History")
    demo.resize(80, 24)
    demo.until(lambda: demo.screen.cells() == before)
    demo.type("\x1b")
    demo.until(lambda: "part of a name" not in demo.text)
    demo.type("\x1a")
    demo.shows("no shell started this")
    demo.type("q")
    assert demo.ended() == 0
    assert demo.is_sane()


def test_ctrl_z_goes_back_to_the_shell_and_fg_goes_on():
    script = f"set -m; {INSIDE}; echo back; read -r; fg >/dev/null; echo ended $?"
    with Program(shell=script) as shell:
        shell.look_inside()
        shell.loaded()
        shell.type("t")
        shell.shows("part of a name")
        shell.type("\x1a")
        shell.shows("back")
        assert shell.is_sane()
        shell.type("\r")
        shell.shows("part of a name")
        shell.steady()
        shell.type("\x1b")
        shell.until(lambda: "part of a name" not in shell.text)
        shell.type("q")
        shell.shows("ended 0")
        assert shell.is_sane()


def _sent(program):
    """Have a retarget under way whose answer does not come."""
    program.loaded()
    program.type("t")
    program.shows("part of a name")
    program.steady()
    program.type("\x1b[B\r")
    program.shows("Enter or y sends")
    program.steady()
    program.type("y")
    program.shows("sending")


@pytest.mark.parametrize("end", ["SIGTERM", "SIGHUP", "SIGINT", "line"])
def test_a_write_under_way_is_read_back_and_recorded(program, end):
    program.served.hold("*:update", ":times=1")
    _sent(program)
    if end == "line":
        program.hang_up()
    else:
        program.signal(end)
    program.served.let_go()
    program.ended()
    assert end == "line" or program.is_sane()
    (retarget,) = operations()
    assert retarget.outcome is Outcome.VERIFIED
    assert not recorded("errors.log")
