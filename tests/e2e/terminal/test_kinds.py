"""Terminals of few colours, none, or few characters: words, not colours, carry the meaning."""

import pytest

from tests.support.real_program import Program

DEMO = ("--demo", "--numbers", "60")


@pytest.mark.parametrize(
    "environ",
    [
        {"TERM": "linux", "COLORTERM": None},
        {"TERM": "screen-256color", "COLORTERM": None},
        {"NO_COLOR": "1"},
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C"},
    ],
    ids=["16 colours", "256 colours", "no colour", "ascii", "the C locale"],
)
def test_the_row_and_the_words_stand_out(environ):
    with Program(words=DEMO, environ=environ) as program:
        program.loaded()
        y = next(y for y, line in enumerate(program.screen.display) if line[0] in "▌>")
        assert "active" in program.screen.display[y]
        row, other = program.screen.buffer[y][6], program.screen.buffer[y + 1][6]
        assert row.bold
        assert not other.bold
        # Where there are no colours, the row is reversed.
        assert (row.bg, row.reverse) != (other.bg, other.reverse)
        ascii_only = environ.get("PYTHONIOENCODING") == "ascii"
        assert program.raw.isascii() is ascii_only
        if "NO_COLOR" in environ:
            assert {cell.fg for cell in program.screen.buffer[y].values()} == {"default"}
        program.signal("SIGTERM")
        assert program.ended() == 0
        assert program.is_sane()
