"""The dashboard inside tmux and GNU screen, and what both show once it has ended."""

import shutil

import pytest
from real_program import Program

INSIDE = "$TUI --demo --numbers 60; echo ended $?; read -r"
MULTIPLEXERS = {
    "tmux": f"exec tmux -u -S $HOME/tmux -f /dev/null new-session '{INSIDE}'",
    "screen": f"SCREENDIR=$HOME/screen exec screen -U -c /dev/null bash -c '{INSIDE}'",
}


@pytest.mark.parametrize("name", MULTIPLEXERS)
def test_it_draws_and_gives_the_terminal_back(name):
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    script = "mkdir -m 700 $HOME/screen; " + MULTIPLEXERS[name]
    with Program(shell=script, environ={"LC_ALL": "C.UTF-8"}) as outside:
        outside.loaded()
        outside.type("j")
        outside.until(lambda: outside.screen.display[4].startswith("▌"))
        outside.resize(100, 30)
        outside.until(lambda: " Enter details" in "".join(outside.screen.display[27:]))
        outside.type("t")
        outside.shows("part of a name")
        outside.quiet()
        outside.type("\x1b")
        outside.until(lambda: "part of a name" not in outside.text)
        outside.quiet()
        outside.type("q")
        outside.shows("ended 0")
        outside.type("\r")
        outside.ended()
        assert outside.is_sane()
