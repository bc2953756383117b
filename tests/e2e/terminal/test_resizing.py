"""Storms of other sizes, in every place where they can come: the last size wins, and whole."""

import random

import pytest

from tests.support.real_program import LONG_CALM, Program

SIZES = ((120, 40), (80, 24))
ALL_ROWS = (200, 80)
GOES_ON = ("│ Time there ", "│ As of ")
"""Before what has another value once the minute is over, and the number was read again."""
PLACES = {
    "the list": ("", "as of"),
    "a filter": ("/US", "as of"),
    "the picker of targets": ("\r\x1bt", "part of a name"),
    "a confirmation": ("\r", "Enter or y sends"),
    "a form": ("\x1b\x1be", "Ctrl+S previews"),
    "help": ("\x1b?", "The number under the cursor"),
    "the palette": ("\x1b:", "Commands and numbers"),
    "a release": ("\x1bX", "type the last four digits"),
    "history": ("\x1b3", "nothing was changed"),
}


def storm(program, seed):
    draw = random.Random(seed)
    for _ in range(100):
        anything = draw.randint(1, 300), draw.randint(1, 100)
        program.shake(*draw.choice(((1, 1), (500, 200), (59, 14), anything)))


def drawn(program, size):
    program.resize(*size)
    program.steady()
    return seen(program)


def seen(program):
    """Return what the screen shows, but for the times of a number that go on meanwhile."""
    cells = program.screen.cells()
    for y, line in enumerate(program.screen.display):
        for label in GOES_ON:
            if label in line:
                cells[y] = cells[y][: line.index(label)]
    return cells


@pytest.mark.parametrize("driver", ["", "plain"], ids=["ours", "plain"])
def test_after_a_storm_everything_is_as_it_was(driver):
    places = PLACES if not driver else {"the picker of targets": ("t", "part of a name")}
    with Program(words=("--demo", "--numbers", "60"), environ={"TUI_NUMBERS_DRIVER": driver}) as it:
        it.loaded()
        it.steady(LONG_CALM)
        # A column stays as wide as what was ever drawn in it: here, all rows.
        drawn(it, ALL_ROWS)
        for turn, (place, (keys, words)) in enumerate(places.items()):
            it.press(keys)
            it.shows(words)
            size = SIZES[turn % 2]
            before = drawn(it, size)
            storm(it, place)
            it.resize(*size)
            # It may not have heard of the storm yet, and drops keys while it hears of small sizes.
            it.steady()
            it.until(lambda before=before: seen(it) == before)
        it.signal("SIGTERM")
        assert it.ended() == 0
        assert it.is_sane()
