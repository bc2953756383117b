"""How memorable a number is, and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_numbers.domain.memorable import memorable

NUMBERS = st.from_regex(r"\+[1-9][0-9]{7,14}", fullmatch=True)


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("+442079462020", "ends 2020"),
        ("+12127777369", "4 x 7"),
        ("+442079469229", "palindrome 9229"),
        ("+442071235321", "palindrome 1235321"),
        ("+442079112233", "pairs 112233"),
        ("+442079461234", "rising 1234"),
        ("+442079469876", "falling 9876"),
        ("+442079461000", "round end 000"),
        ("+442079461900", "round end 00"),
        ("+442079461907", ""),
    ],
)
def test_the_reason_says_what_stands_out(number, reason):
    assert memorable(number).reason == reason


def test_more_of_the_same_is_better():
    worse_to_better = ["+442079461907", "+442079461900", "+442079461000", "+442079460000"]
    points = [memorable(number).points for number in worse_to_better]
    assert points == sorted(points)
    assert len(set(points)) == 4


@given(NUMBERS, st.text("ABCDEFGHJ", min_size=1, max_size=8))
def test_a_spelled_word_is_better_than_any_digits(number, word):
    best = memorable("+447777777777")
    assert memorable(number, word).points > best.points
    assert memorable(number, word).reason == word
    assert memorable(number, word + "A").points > memorable(number, word).points


@given(NUMBERS)
def test_a_reason_is_true_of_the_number_and_never_without_points(number):
    found = memorable(number)
    assert bool(found.reason) == (found.points > 0)
    words = found.reason.split()
    if " x " in found.reason:
        assert words[2] * int(words[0]) in number
    elif words:
        assert words[-1] in number[-8:]
    if words and words[0] == "palindrome":
        assert words[1] == words[1][::-1]
    if words and words[0] in ("ends", "palindrome", "pairs", "round"):
        assert number.endswith(words[-1])


@given(NUMBERS, st.sampled_from(["1", "44", "353"]))
def test_what_stands_before_the_last_eight_digits_does_not_count(number, code):
    assert memorable(f"+{code}{number[-8:]}") == memorable(f"+{number[-8:]}")


@given(st.from_regex(r"[0-9]{7}", fullmatch=True))
def test_one_digit_throughout_beats_everything(tail):
    assert memorable("+4477777777").points >= memorable(f"+4{tail}7").points
