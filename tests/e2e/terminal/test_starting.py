"""A start that is broken off at any moment leaves the terminal as it was found."""

import pytest

from tests.support.real_program import Program

DEMO = ("--demo", "--numbers", "60")
MOMENTS = (1, 40, 300, 450, 700, 1500)
"""Bytes seen on the terminal, from the very first to what is drawn with the first numbers."""


@pytest.mark.parametrize(
    ("name", "moments"),
    [("SIGTERM", MOMENTS), ("SIGHUP", MOMENTS[::2]), ("SIGINT", MOMENTS[1::2])],
    ids=["SIGTERM", "SIGHUP", "SIGINT"],
)
def test_a_signal_at_any_moment_of_the_start(name, moments):
    for moment in moments:
        with Program(words=DEMO, loaded=False) as starting:
            starting.until(lambda s=starting, least=moment: s.written >= least)
            starting.signal(name)
            code = starting.ended()
            assert code in (0, 143, 129, 130, -2), (moment, code, starting.text)
            assert starting.is_sane(), moment
            assert "Traceback" not in starting.raw.decode(errors="replace"), moment


def test_a_quit_typed_ahead():
    with Program(words=DEMO, loaded=False) as starting:
        starting.until(lambda: starting.written)
        starting.type("q")
        assert starting.ended() == 0
        assert starting.is_sane()


def test_a_line_that_is_lost_during_the_start():
    for moment in (1, 450):
        with Program(words=DEMO, loaded=False) as starting:
            starting.until(lambda s=starting, least=moment: s.written >= least)
            starting.hang_up()
            starting.ended()
