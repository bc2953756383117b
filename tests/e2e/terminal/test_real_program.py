"""The main job end to end, the silence between keys, and a line that is lost."""

from tests.support.real_program import Program, operations
from tui_numbers.domain.operations import Outcome

_WINDOW = 0.8
"""How long nothing may be written, in seconds.

With the look before it that is more than a second, and twice what a cursor that blinks is shown.
"""


def test_find_retarget_verify_undo_and_quit(sandbox):
    with Program(sandbox.fresh(), loaded=False) as program:
        find_retarget_verify_undo_and_quit(program)


def find_retarget_verify_undo_and_quit(program):
    program.loaded()
    program.type("/US\r")
    program.shows(" of 120")
    program.type("t")
    program.shows("go to", "part of a name")
    program.steady()
    program.type("\x1b[B\r")
    program.shows("->", "Enter or y sends")
    assert not operations()
    program.type("\r")
    program.shows("verified: read back, and as asked")
    (retarget,) = operations()
    assert retarget.outcome is Outcome.VERIFIED
    program.type("u")
    program.shows("Undo the retarget", "Enter or y sends")
    program.steady()
    program.type("y")
    program.shows("verified")
    undo, _ = operations()
    assert undo.observed.routing == retarget.before.routing
    program.type(" ")
    program.steady()
    program.type("q")
    assert program.ended() == 0


def _rows_under_cursor(program):
    return [line for line in program.screen.display if line.startswith("▌")]


def test_search_buy_and_release(program):
    program.loaded()
    program.type("2\r")
    program.shows("name, code or")
    program.type("GB\r")
    program.shows("GB United Kingdom", "us-desk 50")
    program.steady()
    # Only the account that buys without a target tells the features of its stock.
    program.type("\t" * 6 + " ")
    program.until(lambda: any("uk-sms" in line for line in _rows_under_cursor(program)))
    program.type("\x1b")
    program.steady()
    (line,) = _rows_under_cursor(program)
    number = "".join(character for character in line[:22] if character.isdigit())
    program.type("b")
    program.shows("where to?")
    program.steady()
    program.type("\r")
    program.shows("a month", "no undo")
    program.type("y")
    program.shows("verified")
    program.type(" 1/" + number[-7:] + "\r")
    program.shows("1 of 121")
    program.type("X")
    program.shows("type the last four digits")
    program.steady()
    program.type("\x1b[Z" * 3 + number[-4:] + "\t\t\r")
    program.shows("verified")
    program.type(" ")
    program.shows("0 of 120")
    assert [row.action for row in operations()] == ["release", "buy"]


PLACES = {
    "the list": ("", "as of"),
    "a search": ("2/", "pick a country"),
    "history": ("\x1b3", "nothing was changed"),
    "targets": ("4", " targets"),
    "routes": ("5", "route"),
    "the overview": ("0", "All numbers"),
    "the details": ("1\r", "Delivery"),
    "the picker of targets": ("\x1bt", "go to"),
    "a release": ("\x1bX", "Tab moves"),
    "help": ("\x1b?", "The number under the cursor"),
}


def test_nothing_is_written_while_nothing_happens(program):
    program.loaded()
    for place, (keys, words) in PLACES.items():
        program.press(keys)
        program.shows(words)
        program.steady()
        assert program.take(_WINDOW) == 0, place


def test_the_next_start_says_what_a_killed_program_left_unknown(program):
    program.served.hold("*:update", ":times=1")
    program.loaded()
    program.type("t")
    program.shows("go to")
    program.steady()
    program.type("\r")
    program.shows("Enter or y sends")
    program.type("y")
    program.until(lambda: any(one.begun for one in operations()))
    program.signal("SIGKILL")
    program.process.wait()
    with Program(program.served) as following:
        following.shows("! 1 unknown")
        following.loaded()
        following.type("j")
        following.steady()
        assert "! 1 unknown" in following.text


def test_end_of_file_ends_the_program(program):
    program.loaded()
    program.hang_up()
    program.ended()
