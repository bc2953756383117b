"""What differs between two states of a number, each difference told once."""

from dataclasses import replace

from tests.support.fake_provider import owned
from tui_numbers.domain.numbers import Channel, Target
from tui_numbers.wording.changes import distinct, moved_words, moves
from tui_numbers.wording.plans import change_lines

HERE = Target("phone", "+442079460032")
THERE = Target("phone", "+442079460999")
BEFORE = replace(
    owned(), routing={Channel.VOICE: HERE}, settings={"voice": HERE.text, "friendly": None}
)
AFTER = replace(
    owned(), routing={Channel.VOICE: THERE}, settings={"voice": THERE.text, "friendly": "desk"}
)
CALLS = "phone +44 20 7946 0032 -> phone +44 20 7946 0999"


def test_a_setting_that_says_what_its_channel_says_is_told_once():
    told = [(move.label, move.text) for move in distinct(moves(BEFORE, AFTER))]
    assert told == [("calls", CALLS), ("setting friendly", "empty -> desk")]


def test_a_setting_that_leaves_out_the_kind_of_its_target_is_told_once_too():
    before = replace(BEFORE, settings={"forward": HERE.value})
    after = replace(AFTER, settings={"forward": THERE.value})
    assert [move.label for move in distinct(moves(before, after))] == ["calls"]


def test_where_channels_move_that_is_the_change_and_settings_stand_beside_it():
    assert [(line.label, line.tone) for line in change_lines(BEFORE, AFTER)] == [
        ("calls", "change"),
        ("setting friendly", ""),
    ]


def test_a_change_of_settings_tells_each_setting():
    words = moved_words(BEFORE, AFTER, settings=True)
    assert words == "voice: phone:+442079460032 -> phone:+442079460999; friendly: empty -> desk"
    assert moved_words(BEFORE, AFTER, settings=False) == f"calls: {CALLS}"
    assert moved_words(BEFORE, BEFORE, settings=True) == ""
