import pytest

from tests.support.fake_provider import INFO
from tui_numbers.domain.changes import CLEAR, Change, Set
from tui_numbers.domain.numbers import Target
from tui_numbers.services.input_parsing import (
    InvalidInput,
    change_notes,
    read_change,
    read_target,
    read_value,
)


@pytest.mark.parametrize(
    ("typed", "target"),
    [
        ("phone:+44 20 7946 0000", Target("phone", "+442079460000")),
        ("+44 (0)20 7946 0000", Target("phone", "+442079460000")),
        ("tel:+442079460000", Target("phone", "+442079460000")),
        ("PHONE:0044 20 7946 0000", Target("phone", "+442079460000")),
        ("app:a1", Target("app", "a1")),
        (" a22 ", Target("app", "a22")),
        ("sip:desk@pbx.example", Target("sip", "sip:desk@pbx.example")),
        ("sip:sip:desk@pbx.example", Target("sip", "sip:desk@pbx.example")),
        ("sips:desk@pbx.example", Target("sip", "sips:desk@pbx.example")),
        ("https://h.example/in", Target("hook", "https://h.example/in")),
        ("hook:http://h.example", Target("hook", "http://h.example")),
    ],
)
def test_a_target_is_read_in_any_usual_spelling(typed, target):
    assert read_target(INFO, typed) == target


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "cannot point at"),
        ("team:T1", "it takes targets such as app:a1"),
        ("phone:", "is empty"),
        ("phone:123", "country code"),
        ("app:x", "looks like a1"),
        ("hook:ftp://h.example", "https:// or http://"),
        ("hook:https://", "https:// or http://"),
        ("sip:a b@c", "looks like sip:"),
        ("app:a\x1b1", "cannot be printed"),
    ],
)
def test_what_is_no_target_is_refused_with_the_fix(typed, said):
    with pytest.raises(InvalidInput, match=said.replace("(", r"\(")) as raised:
        read_target(INFO, typed)
    assert raised.value.field == "to"


def test_digits_that_two_readings_fit_are_refused():
    with pytest.raises(InvalidInput, match="could be"):
        read_target(INFO, "302101234567", "DE")


@pytest.mark.parametrize(
    ("key", "typed", "stored"),
    [
        ("recording", "CALL", "call"),
        ("name", "  Night desk ", "Night desk"),
        ("voice", "+442079460000", "phone:+442079460000"),
        ("app", "a5", "app:a5"),
        ("mail", "a@b.example", "a@b.example"),
        ("sender", "Acme 1", "Acme 1"),
        ("sender", "+44 20 7946 0000", "+442079460000"),
    ],
)
def test_a_value_is_stored_as_set_accepts_it_again(key, typed, stored):
    assert read_value(INFO, key, typed) == stored
    assert read_value(INFO, key, stored) == stored


@pytest.mark.parametrize(
    ("key", "typed", "said"),
    [
        ("recordng", "call", "did you mean 'recording'"),
        ("recording", "yes", "one of off, call"),
        ("name", "", "there is no way"),
        ("voice", "", "use --clear voice"),
        ("name", "x" * 21, "longer than 20"),
        ("voice", "app:a1", "takes targets such as phone:.* or sip:desk"),
        ("mail", "nobody", "e-mail"),
        ("sender", "Far too long a name", "phone number"),
        ("name", "a\nb", "cannot be printed"),
    ],
)
def test_a_value_that_does_not_fit_names_its_setting(key, typed, said):
    with pytest.raises(InvalidInput, match=said) as raised:
        read_value(INFO, key, typed)
    assert raised.value.field == key


def test_a_change_sets_and_clears_and_never_both():
    change = read_change(INFO, {"name": "x"}, ("voice",), None)
    assert change == Change({"name": Set("x"), "voice": CLEAR})
    with pytest.raises(InvalidInput, match="both set and cleared"):
        read_change(INFO, {"voice": "sip:a@b"}, ("voice",), None)
    with pytest.raises(InvalidInput, match="no setting 'nme'"):
        read_change(INFO, {}, ("nme",), None)


@pytest.mark.parametrize(
    "typed",
    [
        "phone:\u202a+44 20 7946 0999\u202c",
        "+44\u00a020\u00a07946\u00a00999",
        "'+442079460999",
        "phone:tel:+44%2020%207946%200999",
        "+٤٤٢٠٧٩٤٦٠٩٩٩",
        '"+44 20 7946 0999"',
    ],
)
def test_a_target_takes_whatever_spelling_a_number_takes(typed):
    target = read_target(INFO, typed)
    assert (target, target.notes) == (Target("phone", "+442079460999"), ())


@pytest.mark.parametrize(
    ("typed", "value", "note"),
    [
        ("phone:+44 020 7946 0999", "+442079460999", "the 0 after +44 was taken off"),
        ("0033 01 99 00 12 34", "+33199001234", "the 0 after +33 was taken off"),
        ("+7 8 495 123 45 67", "+74951234567", "the 8 after +7 was taken off"),
        ("2673676170", "+2673676170", "written without +, read as +267 367 6170, in Botswana"),
        ("442079460999", "+442079460999", "written without +, read as +44 20 7946 0999"),
    ],
)
def test_a_target_tells_how_its_number_was_read(typed, value, note):
    target = read_target(INFO, typed, "GB")
    assert target.value == value
    assert note in target.notes[0]
    key = next(spec.key for spec in INFO.settings if "phone" in spec.target_kinds)
    assert change_notes(INFO, {key: typed}, "GB") == target.notes


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("4930901820.0", "decimal fraction"),
        ("+4930123 +4930124", "two plus signs"),
        ("tel:+442079460999;ext=12", "an extension"),
        ("+44 20 7946 0999 ext 12", "an extension"),
        ("phone:+1 267 367 6170/71", "more than one number"),
    ],
)
def test_a_number_that_cannot_be_meant_is_refused_as_a_target_with_the_reason(typed, reason):
    with pytest.raises(InvalidInput, match=reason):
        read_target(INFO, typed)
