"""The parts of the driver: cells, styles, parser, emitter, clipboard, output, choice."""

import base64
import os
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.support.emulator import Emulator
from tui_numbers.ui import running
from tui_numbers.ui.terminal.differ import Differ, FrameParser
from tui_numbers.ui.terminal.driver import LONGEST_COPIED, TerminalFile, osc52
from tui_numbers.ui.terminal.emitter import TerminalFeatures
from tui_numbers.ui.terminal.grid import (
    CONTINUED,
    DEFAULT,
    UNKNOWN_PEN,
    Grid,
    Styles,
    has_certain_width,
    leading_marks,
    split_cells,
)

ALLOWED = re.compile(
    "\x1b\\[(?:[0-9;]*[HABCDGKXJmrSTLM]|\\?(?:7|25|1000|1002|1003|1004|1006|1015|1016|1049|2004"
    "|2026|2048)[hl]|\\?(?:2026|2048)\\$p|[<>][0-9]*u)"
    "|\x1b\\](?:[02];[^\x00-\x1f\x7f-\x9f]*|22;[a-z-]*)\a"
    "|\x1b\\]8;[!-~]*\x1b\\\\|[\r\n\b\a]"
)

UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def live(width: int = 20, height: int = 4, abilities: TerminalFeatures | None = None) -> Differ:
    differ = Differ(width, height, abilities)
    assert differ.read("\x1b[?1049h") == "\x1b[?1049h"
    return differ


def sent(differ: Differ, data: str) -> str:
    return differ.read(data) + differ.paint()


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("abc", list("abc")),
        ("漢a", ["漢", "", "a"]),
        ("e\u0301x", ["e\u0301", "x"]),
        ("❤\ufe0fx", ["❤\ufe0f", "", "x"]),
        ("👩\u200d🔧x", ["👩\u200d🔧", "", "x"]),
        ("a\x1bb\u202ec\x9bd\x00", list("abcd")),
        ("\u0301a", ["a"]),
    ],
)
def test_text_is_cut_into_columns(text: str, cells: list[str]) -> None:
    assert list(split_cells(text)) == cells


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_text_takes_the_columns_that_textual_counts(text: str) -> None:
    assert len(split_cells(text)) == cell_len(text) or not text.isprintable()
    assert not UNSEEN.search("".join(split_cells(text)))


def test_what_is_sure_and_what_leads() -> None:
    assert all(
        has_certain_width(cell) for cell in ("a", "ë", "—", "│", "漢", "한", "ｆ", CONTINUED)
    )
    assert not any(has_certain_width(cell) for cell in ("e\u0301", "❤\ufe0f", "😀", "👩\u200d🔧"))
    assert leading_marks("\u0301\u202e\u0302a\u0303") == "\u0301\u0302"


def test_half_a_wide_character_becomes_a_blank() -> None:
    grid = Grid(6, 1)
    grid.put(0, 0, split_cells("漢字漢"), DEFAULT)
    assert grid.put(1, 0, "ab", DEFAULT) == 3
    assert grid.text == [[" ", "a", "b", " ", "漢", ""]]
    grid.put(5, 0, split_cells("字"), DEFAULT)
    assert grid.text == [[" ", "a", "b", " ", " ", " "]]


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("", "1;31", "\x1b[1;31m"),
        ("1;31", "31", "\x1b[22m"),
        ("1;2;31;44", "2;31;44", "\x1b[22;2m"),
        ("1;31", "", "\x1b[m"),
        ("38;2;1;2;3;48;5;9", "48;5;9", "\x1b[39m"),
        ("4;3", "4;3", ""),
        ("1;3;4;7;9;32", "35", "\x1b[0;35m"),
    ],
)
def test_a_pen_changes_in_the_shortest_way(before: str, after: str, change: str) -> None:
    styles = Styles()
    assert styles.change(styles.apply(0, before), styles.apply(0, after)) == change


CODES = "0 1 2 3 4 7 9 21 22 23 24 27 29 31 39 45 49 97 103 38;5;9 48;2;1;2;3"
codes = st.lists(st.sampled_from(tuple(CODES.split())))


@given(st.lists(codes, min_size=2, max_size=6))
def test_changes_lead_where_the_parameters_do(steps: list[list[str]]) -> None:
    styles, style, pen, reached = Styles(), DEFAULT, UNKNOWN_PEN, DEFAULT
    for step in steps:
        style = styles.apply(style, ";".join(step))
        for parameters in re.findall("\x1b\\[([0-9;]*)m", styles.change(pen, style)):
            reached = styles.apply(reached, parameters)
        assert reached == style
        pen = style
    used = {style}
    look = styles.rendition(style)
    assert styles.rendition(styles.renumber(used)[style]) == look


@pytest.mark.parametrize(
    "data",
    [
        "\x1b]52;c;aGk=\a", "\x1b]52;c;aGk=\x1b\\", "\x1bc", "\x1b[5n", "\x1b[6n", "\x1b[c",
        "\x1bP+q\x1b\\", "\x1b_G\x1b\\", "\x1b[?47h", "\x1b[?1005h", "\x1b(0", "\x1b[3;4r",
        "\x1b[2S", "\x1b]0;a\x00b\a", "\x1b#8", "\x1b]1337;x\a", "\x1b[>c", "\x1b[!p",
        "\x9b31m", "\x07\x07", "\x1b[31", "\x1b]0;open", "\x1b[u",
        "\x1b]0;title\a", "\x1b]2;title\a",
    ],
)  # fmt: skip
def test_what_textual_never_writes_is_dropped(data: str) -> None:
    differ = live()
    sent(differ, "x\x1b[H")
    shown = sent(differ, data)
    assert ALLOWED.sub("", shown).strip(" 31m") == ""
    assert not any(bad in shown for bad in ("52;", "\x1bc", "n", "\x9b", "\a", "47", "\x00"))


@pytest.mark.parametrize(
    "data",
    [
        "\x1b[?25h", "\x1b[?25l", "\x1b[?1000h", "\x1b[?2004l", "\x1b[?2048$p", "\x1b[>25u",
        "\x1b[<u", "\a",        "\x1b]22;pointer\a", "\x1b[?7l",
    ],
)  # fmt: skip
def test_what_textual_writes_passes(data: str) -> None:
    assert sent(live(), data) == data


hostile = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.text("\x1b[]?;0123456789hlmHJKrSTABCDPX^_\\\a\x9b\x9d\u202e漢e\u0301", max_size=12),
        st.sampled_from(
            ("\x1b[31m", "\x1b[2;2H", "\x1b]8;id=1;http://a.b\x1b\\", "\x1b]52;c;eA==\a")
        ),
    ),
    max_size=8,
)


@given(hostile, hostile)
def test_nothing_but_text_and_allowed_controls_comes_out(
    first: list[str], second: list[str]
) -> None:
    differ = live(12, 3)
    for data in ("".join(first), "".join(second), "\x1b[?2026l\x1b[?1049h\x1b[H"):
        shown = sent(differ, data)
        left = ALLOWED.sub("", shown)
        assert "\x1b" not in left
        assert not UNSEEN.search(left)
        shown.encode("utf-8")


def test_the_same_frame_again_sends_nothing() -> None:
    differ = live()
    frame = "\x1b[1;1H\x1b[1;31mhello\x1b[0m     \x1b[2;1Hworld\x1b[4;3H"
    assert "hello" in sent(differ, frame)
    assert sent(differ, frame) == ""
    assert sent(differ, "\x1b[1;2H\x1b[1;31ma\x1b[0m\x1b[4;3H") == "\x1b[1;2H\x1b[1;31ma\x1b[3B"
    assert "world" in differ.repaint()


def test_the_cursor_stays_where_textual_left_it() -> None:
    differ = live()
    sent(differ, "\x1b[1;1Hx\x1b[3;5H")
    assert sent(differ, "\x1b[3;6H") == "\x1b[C"
    assert sent(differ, "\x1b[3;4H") == "\b\b"
    assert sent(differ, "\x1b[3;1H") == "\r"


def test_long_frames_are_synchronised_if_textual_does_so_and_short_ones_need_not_be() -> None:
    differ = live(80, 24)
    frame = "".join(f"\x1b[{y};1H{'abcdefghij' * 7}" for y in range(1, 25))
    assert sent(differ, "\x1b[?2026h") == ""
    assert sent(differ, frame) == ""
    shown = sent(differ, "\x1b[?2026l")
    assert shown.startswith("\x1b[?2026h")
    assert shown.endswith("\x1b[?2026l")
    assert sent(differ, "\x1b[?2026h\x1b[1;1Hx\x1b[1;1H\x1b[?2026l") == "\x1b[Hx\r"


def test_leaving_resets_what_a_shell_would_trip_over() -> None:
    differ = live()
    sent(differ, "\x1b[1;1H\x1b[31m\x1b]8;id=1;http://a.b\x1b\\x")
    assert sent(differ, "\x1b[?1049l") == "\x1b]8;;\x1b\\\x1b[r\x1b[m\x1b[?1049l"
    assert sent(differ, "\x1b[1;1Hunseen") == ""
    assert "unseen" in sent(differ, "\x1b[?1049h")


@pytest.mark.slow
def test_many_styles_do_not_pile_up() -> None:
    differ, plain, ours = live(), Emulator(20, 4), Emulator(20, 4)
    for at in range(20_000):
        frame = f"\x1b[{at % 4 + 1};{at % 20 + 1}H\x1b[38;2;{at >> 8};{at & 255};7mx\x1b[0m"
        shown = sent(differ, frame)
        if at > 16_000:
            plain.feed(frame)
            ours.feed(shown)
    assert len(differ._styles) < 17_000
    plain_row, our_row = plain.cells()[-1], ours.cells()[-1]
    assert plain_row == our_row


def test_a_doubtful_width_is_corrected_by_the_next_move() -> None:
    differ = live()
    shown = sent(differ, "\x1b[1;1Ha😀b\x1b[1;1H")
    assert "a  \x1b[2G😀\x1b[4Gb" in shown


def test_a_parser_follows_the_cursor() -> None:
    grid = Grid(6, 3)
    parser = FrameParser(grid, Styles())
    parser.read("ab\r\ncd\x1b[Ce\x1b[3;2Hxy\x1b[1K\x1b[Az\x1b[2;1H\x1b[K\x1b[Hq")
    assert ["".join(row) for row in grid.text] == ["qb    ", "      ", "      "]
    parser.read("\x1b[2J")
    assert parser.cleared


@pytest.mark.parametrize(
    ("environ", "erases", "scrolls"),
    [
        ({"TERM": "xterm-256color"}, True, True),
        ({"TERM": "screen-256color"}, False, True),
        ({"TERM": "screen", "TMUX": "/tmp/x"}, True, True),
        ({"TERM": "linux"}, True, False),
        ({"TERM": "vt100"}, False, False),
        ({"TERM": "xterm", "STY": "1"}, False, True),
    ],
)
def test_abilities_go_by_the_name(environ: dict[str, str], erases: bool, scrolls: bool) -> None:
    assert TerminalFeatures.of(environ) == TerminalFeatures(erases, scrolls)


def test_the_clipboard_sequence() -> None:
    bare = "\x1b]52;c;KzQ0IPCfmII=\a"
    assert osc52("+44 😂", {}) == bare
    wrapped = osc52("+44 😂", {"TMUX": "x"})
    assert wrapped == f"\x1bPtmux;\x1b{bare}\x1b\\{bare}"
    screen = osc52("a" * 999, {"STY": "x"})
    assert screen is not None
    pieces = re.findall("\x1bP([^\x1b]*|\x1b\\][^\x1b]*)\x1b\\\\", screen)
    assert base64.b64decode("".join(pieces)[7:-1]) == b"a" * 999
    assert max(map(len, pieces)) <= 256
    assert osc52("a" * LONGEST_COPIED, {}) is not None
    assert osc52("a" * (LONGEST_COPIED + 1), {}) is None


def test_output_to_a_terminal_that_is_gone_is_silent() -> None:
    read_end, write_end = os.pipe()
    told: list[int] = []
    with os.fdopen(write_end, "w") as stream:
        file = TerminalFile(stream, lambda: told.append(1))
        file.expect("abc")
        file.write("abc")
        assert os.read(read_end, 9) == b"abc"
        os.close(read_end)
        for _ in range(9):
            file.expect("x")
        assert file.is_behind()
        for _ in range(9):
            file.write("x")
        assert file.dead
        assert told == [1]
        assert file.wait(0)
        assert not file.is_behind()


def test_the_driver_is_chosen_by_environment_and_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    from tui_numbers.ui.terminal.driver import DiffingDriver, LineAwareDriver

    class Stream:
        def __init__(self, tty: bool) -> None:
            self.isatty = lambda: tty

    for name in ("__stdin__", "__stderr__"):
        monkeypatch.setattr(sys, name, Stream(True))
    monkeypatch.setattr(sys, "platform", "linux")
    assert running.driver_class_for({}) is DiffingDriver
    assert running.driver_class_for({"TUI_NUMBERS_DRIVER": "plain"}) is LineAwareDriver
    assert running.driver_class_for({"TEXTUAL_DRIVER": "a:B"}) is None
    monkeypatch.setattr(sys, "platform", "win32")
    assert running.driver_class_for({}) is None
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(sys, "__stdin__", Stream(False))
    assert running.driver_class_for({}) is None
