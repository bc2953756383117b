"""What a person at a terminal sees and is asked, through a pseudo-terminal."""

import os
import re
import sys

import pytest

from tests.support.command_line import TO, UK, US, write_config
from tests.support.pseudo_terminal import PseudoTerminal
from tui_numbers.sandbox.accounts import VONAGE_API_SECRET, config_toml

_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_QUESTION = re.compile(r"(\[y/N\] |: )$")
_PATIENCE = 30


def talk(*words, answers=(), **variables):
    """Run a command on a terminal; return its exit code and everything it showed."""
    environ = {**os.environ, "TERM": "xterm", **variables}
    command = [sys.executable, "-m", "tui_numbers", *words]
    with PseudoTerminal(command, environ, loaded=True) as terminal:
        terminal.let_go()
        waiting, seen = list(answers), 0
        while terminal.take(_PATIENCE):
            if waiting and _QUESTION.search(plain(terminal.raw[seen:].decode(errors="replace"))):
                seen = len(terminal.raw)
                terminal.type(waiting.pop(0))
        return terminal.process.wait(_PATIENCE), terminal.raw.decode(errors="replace")


def plain(shown):
    return _ESCAPES.sub("", shown).replace("\r", "")


def demo(*words, answers=()):
    code, shown = talk("--demo", "--numbers", "60", *words, answers=answers)
    return code, plain(shown)


def test_a_listing_is_a_table_that_fits():
    code, shown = demo("list", "--filter", "support")
    assert code == 0
    assert "app Support IVR" in shown
    assert "[" not in shown.splitlines()[-2]


def test_yes_sends_and_the_verdict_is_the_last_word():
    code, shown = demo("retarget", UK, "--to", TO, answers=["y\n"])
    assert code == 0
    assert "calls: app Support IVR -> phone +44 20 7946 0999" in shown
    assert shown.rstrip().endswith("calls go to phone +44 20 7946 0999")


@pytest.mark.parametrize("answer", ["n\n", "\n", "yep\n", "\x04"])
def test_anything_but_yes_sends_nothing(answer):
    code, shown = demo("retarget", UK, "--to", TO, answers=[answer])
    assert code == 6
    assert "not confirmed" in shown


def test_ctrl_c_at_the_question_sends_nothing():
    code, shown = demo("retarget", UK, "--to", TO, answers=["\x03"])
    assert code == 130
    assert shown.rstrip().endswith("stopped; nothing further was sent")


@pytest.mark.parametrize(("answer", "code"), [("y\n", 6), ("6\n", 0)])
def test_above_five_the_count_is_typed(answer, code):
    numbers = ["+33199001630", "+34910273571", "+441174960112", "+441134960653", UK, "+35315276745"]
    found, shown = demo("retarget", *numbers, "--to", TO, answers=[answer])
    assert "Type 6 to send these 6 changes" in shown
    assert found == code


def test_a_release_asks_for_the_whole_number():
    code, shown = demo("release", UK, "--account", "uk-sms", answers=["6170\n"])
    assert code == 6
    assert "it was not typed again" in shown
    code, shown = demo("release", UK, "--account", "uk-sms", answers=["44 7400 906170\n"])
    assert code == 0
    assert "does not hold it any more" in shown


def test_buying_asks_and_says_that_there_is_no_undo():
    code, shown = demo("buy", "+61255506199", "--account", "au-sales", answers=["n\n"])
    assert code == 6
    assert "no undo" in shown


def test_several_purchases_are_asked_for_once_with_their_sum():
    words = ["buy", "+61255506199", "+61255506299", "--account", "au-sales"]
    code, shown = demo(*words, answers=["n\n"])
    assert code == 6
    assert "2 together: price unknown · set-up unknown" in shown
    assert shown.count("Buy these 2? This spends money and has no undo. [y/N]") == 1
    code, shown = demo(*words, answers=["y\n"])
    assert (code, shown.count("verified")) == (0, 4)


def test_a_missing_secret_is_asked_for_and_not_shown(served):
    code, shown = talk(
        "list", "--account", "uk-sms", "--filter", "6170", answers=[VONAGE_API_SECRET + "\n"]
    )
    assert code == 0
    assert "+44 7400 906170" in shown
    assert VONAGE_API_SECRET not in shown


def test_a_production_account_is_named_even_after_yes(served):
    text = config_toml(served.origin)
    write_config(text.replace('provider = "parakeet"', 'provider = "parakeet"\nproduction = true'))
    words = ["retarget", US, "--yes", "--to", "team:TMdeada1bb3fc16493c3281d1b277cd73e"]
    code, shown = talk(*words, answers=["y\n"], **served.environment)
    assert code == 6
    assert "us-desk is production: type its name" in shown
    assert talk(*words, answers=["us-desk\n"], **served.environment)[0] == 0


def test_a_dumb_terminal_gets_no_control_sequence():
    words = ["--demo", "--numbers", "60", "list", "--filter", "6170"]
    _, shown = talk(*words, TERM="dumb")
    assert "\x1b" not in shown
    assert "+44 7400 906170" in shown
    _, coloured = talk(*words)
    assert "\x1b[32mactive" in coloured
