"""What a terminal or its environment says by itself neither answers nor misleads the dashboard."""

import pytest

from tests.support.real_program import Program

DEMO = ("--demo", "--numbers", "60")
REPLIES = {
    "DA1": "\x1b[?62;22;52c",
    "DECRPM": "\x1b[?1016;2$y",
    "CPR": "\x1b[24;80R",
    "OSC 11": "\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\",
    "OSC 52": "\x1b]52;c;eXl5eQ==\a",
    "XTVERSION": "\x1bP>|tmux 3.4\x1b\\",
    "kitty graphics": "\x1b_Gi=31;OK\x1b\\",
    "a string in eight bits": "\x9d10;rgb:ffff/ffff/ffff\x9c",
}


def confirming(program):
    program.loaded()
    program.type("t")
    program.shows("part of a name")
    program.steady()
    program.type("\x1b[B\r")
    program.shows("Enter or y sends")
    program.steady()


@pytest.mark.parametrize("driver", ["", "plain"], ids=["ours", "plain"])
def test_no_reply_answers_a_confirmation(driver):
    with Program(words=DEMO, environ={"TUI_NUMBERS_DRIVER": driver}) as program:
        confirming(program)
        before = program.screen.cells()
        for reply in REPLIES.values():
            for at in (len(reply), 3, len(reply) - 1):
                program.lets_pass(reply[:at])
                assert program.screen.cells() == before, (reply, at, program.text)
                # What it does would be seen before the next one.
                program.type(reply[at:])
        program.steady()
        assert program.screen.cells() == before, program.text
        program.type("\x1b")
        program.until(lambda: "Enter or y sends" not in program.text)
        program.type("q")
        assert program.ended() == 0


def test_replies_cut_keys_and_lost_pastes_are_what_they_are():
    with Program(words=DEMO) as program:
        program.loaded()
        a_key_cut_by_the_line_is_that_key(program)
        program.steady()
        no_reply_is_typed_into_the_filter_or_opens_help(program)
        # The first clears the filter, the second leaves it.
        program.press("\x1b\x1b")
        program.shows("/ last digits")
        a_paste_whose_end_is_lost_arrives_and_keys_stay_alive(program, "")


def test_a_paste_whose_end_is_cut_arrives_and_keys_stay_alive():
    with Program(words=DEMO) as program:
        program.loaded()
        a_paste_whose_end_is_lost_arrives_and_keys_stay_alive(program, "\x1b[20")


def no_reply_is_typed_into_the_filter_or_opens_help(program):
    before = program.screen.cells()
    program.type("".join(REPLIES.values()))
    program.steady()
    assert program.screen.cells() == before
    program.type("/US")
    program.shows(" of 60")
    program.steady()
    before = program.screen.cells()
    program.type("".join(REPLIES.values()))
    program.steady()
    assert program.screen.cells() == before


def a_key_cut_by_the_line_is_that_key(program):
    program.lets_pass("\x1b[")
    program.type("B")
    program.until(lambda: program.screen.display[4].startswith("▌"))
    program.lets_pass("\x1b[")
    program.type("A")
    program.until(lambda: program.screen.display[3].startswith("▌"))


def a_paste_whose_end_is_lost_arrives_and_keys_stay_alive(program, end):
    program.type("/")
    program.type(f"\x1b[200~zzz{end}")
    program.shows("zzz", "0 of 60")
    program.type("\x7f")
    program.shows("/▌zz ")
    program.type("\r")
    program.steady()
    program.type("?")
    program.shows("The number under the cursor")


@pytest.mark.parametrize("claimed", [(40, 10), (200, 60)])
def test_the_terminal_has_the_size_that_it_has(claimed):
    environ = {"COLUMNS": str(claimed[0]), "LINES": str(claimed[1])}
    with Program(words=DEMO, environ=environ) as program:
        program.shows("tui-numbers", "loading")
        assert program.screen.display[0].rstrip().endswith("  0")
        assert program.screen.display[0][79] != "y"
        program.loaded()
        assert "commands" in program.screen.display[23]
        title = program.screen.display[0]
        assert "DEMO" in title[70:]
        assert program.screen.display[22].strip()


@pytest.mark.parametrize("driver", ["", "plain"], ids=["ours", "plain"])
def test_switches_for_developers_of_textual_are_off(tmp_path, monkeypatch, driver):
    monkeypatch.chdir(tmp_path)
    environ = {
        "TUI_NUMBERS_DRIVER": driver,
        "TEXTUAL": "debug,devtools",
        "TEXTUAL_LOG": str(tmp_path / "nowhere" / "typed.log"),
        "TEXTUAL_DEBUG": "1",
        "TEXTUAL_DRIVER": "nothing.at.all:Driver",
        "TEXTUAL_PRESS": "t,enter,enter",
        "TEXTUAL_SCREENSHOT": "0",
    }
    with Program(words=DEMO, environ=environ) as program:
        program.loaded()
        program.type("/abc")
        program.shows("abc")
        program.type("\r")
        program.steady()
        program.type("q")
        assert program.ended() == 0
    assert list(tmp_path.iterdir()) == []


def test_a_developer_can_switch_them_on(tmp_path):
    log = tmp_path / "typed.log"
    environ = {"TUI_NUMBERS_DEVELOPMENT": "1", "TEXTUAL_LOG": str(log)}
    with Program(words=DEMO, environ=environ) as program:
        program.loaded()
    assert "Mount" in log.read_text()
