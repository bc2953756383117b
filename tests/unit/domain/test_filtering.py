from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_numbers.domain.e164 import international
from tui_numbers.domain.filter_terms import haystack
from tui_numbers.domain.filtering import FilterError, compile_filter, quoted

NUMBERS = st.sampled_from(
    ["+442079460000", "+447700906170", "+12673676170", "+390612345678", "+61255506170"]
) | st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True)
TEXTS = st.lists(
    st.none()
    | st.sampled_from(
        ["Customer Service", "Büro 24/7", "team:TM0a1b", "Straße", "[red]x[/]", "6170"]
    )
    | st.text(max_size=12),
    max_size=4,
)
HAYS = st.builds(haystack, NUMBERS, TEXTS)
QUERIES = (
    st.sampled_from(
        ["6170", "+44 20 79", "020 7946", "(0)20", "service", "!service", "!", "6170 !team", "0 0"]
    )
    | st.text(alphabet="0123456789 +-()!abx", max_size=10)
    | st.text(max_size=10)
)


@given(st.text() | QUERIES, HAYS)
def test_any_text_is_a_filter_or_is_refused(text, hay):
    with suppress(FilterError):
        assert compile_filter(text).matches(hay) in (True, False)


@given(st.sampled_from(["", " ", "\t\u00a0"]), HAYS)
def test_nothing_typed_matches_everything(text, hay):
    assert compile_filter(text).matches(hay)


@given(NUMBERS, TEXTS)
def test_a_number_is_found_in_every_spelling(number, texts):
    hay = haystack(number, texts)
    spellings = [number, number[1:], "00" + number[1:], international(number), number[-4:]]
    spellings += [" ".join(number[1:]), "-".join(number[1:])]
    for spelling in spellings:
        assert compile_filter(spelling).matches(hay), spelling


def test_a_national_spelling_is_found():
    hay = haystack("+442079460000", ["Front desk"])
    for spelling in ("020 7946 0000", "(020) 7946", "02079460000", "+44 (0)20 7946 0000"):
        assert compile_filter(spelling).matches(hay), spelling
    assert not compile_filter("021 7946").matches(hay)


@given(st.from_regex(r"[^\s!]\S{0,7}", fullmatch=True), HAYS)
def test_an_exclamation_mark_inverts_one_word(word, hay):
    plain, inverted = compile_filter(quoted(word)), compile_filter("!" + quoted(word))
    assert plain.matches(hay) is not inverted.matches(hay)


@given(st.lists(st.from_regex(r"!?[a-z]{1,4}", fullmatch=True), max_size=4), HAYS)
def test_all_words_must_hold(words, hay):
    each = [compile_filter(word).matches(hay) for word in words]
    assert compile_filter(" ".join(words)).matches(hay) == all(each)


@given(NUMBERS, TEXTS)
def test_every_word_of_a_row_finds_it(number, texts):
    hay = haystack(number, texts)
    for text in filter(None, texts):
        for word in text.split():
            assert compile_filter(quoted(word)).matches(hay)


@given(QUERIES, NUMBERS | st.text(max_size=20))
def test_spans_lie_within_what_is_shown(text, shown):
    with suppress(FilterError):
        wanted = compile_filter(text)
        for number in (shown, international("+442079460000")):
            for start, end in wanted.spans(number):
                assert 0 <= start < end <= len(number)


def test_digits_are_marked_through_spaces():
    shown = "+44 20 7946 0000"
    ((start, end),) = compile_filter("79460").spans(shown)
    assert shown[start:end] == "7946 0"
    assert compile_filter("!79460").spans(shown) == []


@pytest.mark.parametrize(
    "typed",
    [
        "٩٠٦١٧٠",
        "９０６１７０",
        "tel:+447700906170",
        "tel:+44%207700%20906170",
        "\u202a+44 7700 906170\u202c",
        "'+447700906170",
        "+44 07700 906170",
        "+4407700906170",
        "+44 (0)7700 9061",
        "0044 07700 906170",
        "+44\u00a07700\u2011906170",
    ],
)
def test_the_filter_reads_a_number_as_every_other_place_does(typed):
    compiled = compile_filter(typed)
    assert compiled.matches(haystack("+447700906170", ["Front desk"]))
    assert not compiled.matches(haystack("+12673670000", ["Front desk"]))


@pytest.mark.parametrize("typed", ["+39061234", "+39(0)61234", "+3906-12345678", "003906"])
def test_the_filter_keeps_a_zero_that_belongs_to_the_number(typed):
    assert compile_filter(typed).matches(haystack("+390612345678", []))
    assert not compile_filter(typed).matches(haystack("+396123456781", []))


@pytest.mark.parametrize("stored", ["+4402079460999", "+49030901820", "+1267367617071"])
def test_a_number_that_is_stored_wrongly_is_found_as_it_is_shown(stored):
    assert compile_filter(international(stored)).matches(haystack(stored, []))


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Zoe\u0308 Büro", "zo\u00eb"),
        ("Zo\u00eb", "ZOE\u0308"),
        ("Re\u0301ception", "r\u00e9cept"),
        ("Straße 7", "STRASSE"),
        ("میز\u200cپشتیبانی", "میزپشتیبانی"),
        ("میز\ufffdپشتیبانی", "میز\u200cپشتیبانی"),
        ("Support", "\u202asupport\u202c"),
        ("Desk ۱۲", "12"),
    ],
)
def test_a_name_is_found_however_its_letters_are_stored(name, typed):
    hay = haystack("+442079460000", [name])
    assert compile_filter(typed).matches(hay)
    assert not compile_filter("!" + typed).matches(hay)


@pytest.mark.parametrize(
    "typed",
    [
        "٦١٧٠",
        "۶۱۷۰",
        "６１７０",
        "tel:+447400906170",
        "TEL:+44-7400-906170",
        "tel:+447400906170;phone-context=example",
        "tel:+44 7400 906170",
        "'+447400906170",
        "\u202a+44 7400 906170\u202c",
        "+44\u00a07400\u00a0906170",
        "\ufeff07400 906170",
        "＋44 7400 906170",
        "7400\u2011906170",
        "7400－906170",
    ],
)
def test_a_number_is_found_as_it_was_copied(typed):
    assert compile_filter(typed).matches(haystack("+447400906170", ["Desk"]))
    assert not compile_filter(typed).matches(haystack("+447400906107", ["Desk"]))


def test_a_phone_that_a_row_points_at_is_found_as_it_is_shown():
    hay = haystack("+447400906170", ["phone:+442079460999"], ["+442079460999"])
    for typed in ("+44 20 7946 0999", "020 7946 0999", "7946-0999"):
        assert compile_filter(typed).matches(hay), typed
    assert not compile_filter("+44 20 7946 0998").matches(hay)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("linked:application", True),
        ("linked:application:77", True),
        ("LINKED:Application:77AA", True),
        ("!linked:application", False),
        ("linked:sip", False),
        ("!linked:sip", True),
        ("application:77aa", False),
        ("77aa", False),
    ],
)
def test_a_target_that_another_one_overrides_is_found_as_linked_alone(typed, found):
    hay = haystack("+447400906170", ["phone:+442079460999"], linked=["application:77AA"])
    assert compile_filter(typed).matches(hay) is found
