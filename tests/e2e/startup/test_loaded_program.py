"""A program that the tests fork from a loaded one is as one that was started."""

import os
import signal

import pytest

from tests.support import loaded_program


@pytest.mark.parametrize(
    "words", [["--version"], ["nonsense"], ["list"], ["help", "due"], ["--demo"]], ids=" ".join
)
def test_it_says_the_same_and_ends_alike(words):
    said = []
    for loaded in (True, False):
        program = loaded_program.start("tui_numbers", words, dict(os.environ), loaded=loaded)
        said.append((*program.communicate(timeout=60), program.returncode))
    assert said[0] == said[1]


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="nothing is forked here")
def test_it_is_a_child_that_a_signal_ends():
    words = ("sandbox", "--port", "0", "--numbers", "6")
    with loaded_program.start("tui_numbers", words, dict(os.environ)) as program:
        assert isinstance(program, loaded_program.Loaded)
        assert program.stdout.readline()
        assert program.poll() is None
        program.send_signal(signal.SIGKILL)
        assert program.wait(60) == -signal.SIGKILL
