"""The dashboard inside tmux and GNU screen, and what both show once it has ended."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.real_program import ESCAPE_CALM, INSIDE, Program

SCRIPT = f"{INSIDE}; echo ended $?; read -r"
MULTIPLEXERS = {
    "tmux": f"exec tmux -u -S $HOME/tmux -f /dev/null new-session '{SCRIPT}'",
    "screen": f"SCREENDIR=$HOME/screen exec screen -U -c /dev/null bash -c '{SCRIPT}'",
}


@pytest.fixture(autouse=True)
def _no_server_is_left():
    """End the server of tmux, which outlives its terminal where a test fails."""
    yield
    if shutil.which("tmux"):
        ending = ["tmux", "-S", Path.home() / "tmux", "kill-server"]
        subprocess.run(ending, check=False, capture_output=True)


@pytest.mark.parametrize("name", MULTIPLEXERS)
def test_it_draws_and_gives_the_terminal_back(name):
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    script = "mkdir -m 700 $HOME/screen; " + MULTIPLEXERS[name]
    with Program(shell=script, environ={"LC_ALL": "C.UTF-8"}) as outside:
        outside.look_inside()
        outside.loaded()
        outside.type("j")
        outside.until(lambda: outside.screen.display[4].startswith("▌"))
        outside.resize(100, 30)
        outside.until(lambda: " Enter details" in "".join(outside.screen.display[27:]))
        outside.type("t")
        outside.shows("part of a name")
        outside.steady()
        outside.type("\x1b")
        outside.until(lambda: "part of a name" not in outside.text)
        outside.steady()
        outside.type("q")
        outside.shows("ended 0")
        outside.type("\r")
        outside.ended()
        assert outside.is_sane()


REPLIES = {
    "DA1": "\x1b[?62;22;52c",
    "DECRPM": "\x1b[?1016;2$y",
    "OSC 11": "\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\",
    "XTGETTCAP": "\x1bP1+r544E=787465726D\x1b\\",
}


def _into_pane(text):
    """Have the program in tmux read exactly these bytes."""
    codes = [f"{byte:02x}" for byte in text.encode()]
    socket = Path.home() / "tmux"
    subprocess.run(["tmux", "-S", socket, "send-keys", "-H", *codes], check=True)


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_no_reply_that_reaches_a_pane_answers_a_confirmation():
    with Program(shell=MULTIPLEXERS["tmux"], environ={"LC_ALL": "C.UTF-8"}) as outside:
        outside.look_inside()
        outside.loaded()
        outside.type("t")
        outside.shows("part of a name")
        outside.steady()
        outside.type("\r")
        outside.shows("Enter or y sends")
        outside.steady()
        # The last line is tmux's own, with the time of day.
        before = outside.screen.cells()[:-1]
        for reply in REPLIES.values():
            for at in (len(reply), len(reply) - 1):
                for part in filter(None, (reply[:at], reply[at:])):
                    _into_pane(part)
                    # Longer than an Escape waits for what follows it.
                    outside.steady(ESCAPE_CALM)
                assert outside.screen.cells()[:-1] == before, reply
        outside.steady()
        assert outside.screen.cells()[:-1] == before
        outside.type("\x1b")
        outside.until(lambda: "Enter or y sends" not in outside.text)
        outside.steady()
        outside.type("q")
        outside.shows("ended 0")
        outside.type("\r")
        outside.ended()
