"""What people paste as a number: read, or refused with the reason, and never another number."""

from functools import cache

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from tui_numbers.domain.e164 import (
    InvalidNumber,
    country_of,
    digits_of,
    international,
    is_valid,
    looks_like_number,
    malformed_phone,
    parse_number,
    read_number,
)


@cache
def examples():
    """Return each country's example number."""
    return {
        region: phonenumbers.format_number(example, PhoneNumberFormat.E164)
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
        if (example := phonenumbers.example_number(region)) is not None
    }


in_every_country = pytest.mark.parametrize(
    "part",
    [slice(40), pytest.param(slice(40, None), marks=pytest.mark.slow)],
    ids=["forty", "the others"],
)
"""A property of each country's example number, the first of them in the loop while editing."""


TRUNK = [
    ("+44 020 7946 0999", "0", "+442079460999"),
    ("0044 020 7946 0999", "0", "+442079460999"),
    ("44 020 7946 0999", "0", "+442079460999"),
    ("+44 (020) 7946 0999", "0", "+442079460999"),
    ("+44 (0)20 7946 0999", "0", "+442079460999"),
    ("+44 07700 900010", "0", "+447700900010"),
    ("+33 01 99 00 12 34", "0", "+33199001234"),
    ("+49 030 901820", "0", "+4930901820"),
    ("+49 (0)30 901820", "0", "+4930901820"),
    ("+61 0491 570 006", "0", "+61491570006"),
    ("+81 03-1234-5678", "0", "+81312345678"),
    ("+46 08-123 456 78", "0", "+46812345678"),
    ("+48 022 123 45 67", "0", "+48221234567"),
    ("+36 06 1 234 5678", "06", "+3612345678"),
    ("+7 8 495 123 45 67", "8", "+74951234567"),
    ("+7 (8) 727 250 12 34", "8", "+77272501234"),
    ("+1 1 267 367 6170", "1", "+12673676170"),
    ("+1 (1) 416 555 0123", "1", "+14165550123"),
    ("+370 8 612 34567", "8", "+37061234567"),
    ("tel:+44-020-7946-0999", "0", "+442079460999"),
]
KEPT = [
    ("+39 06 6982 1234", "+390669821234"),
    ("+39 (0)6 6982 1234", "+390669821234"),
    ("0039 02 1234 5678", "+390212345678"),
    ("+378 0549 886377", "+3780549886377"),
    ("+378 (0)549 886377", "+3780549886377"),
    ("+225 07 07 07 07 07", "+2250707070707"),
    ("+241 06 03 12 34", "+24106031234"),
    ("+47 02000", "+4702000"),
    ("+7 800 555 35 35", "+78005553535"),
]
MANGLED = [
    ("4930901820.0", "decimal fraction"),
    ("442079460999.00", "decimal fraction"),
    ("+12673676170.5", "decimal fraction"),
    ("12673676170.000", "decimal fraction"),
    ("4 930 901 820.0", "decimal fraction"),
    ("4,930,901,820.0", "holds ','"),
    ("4930901820,0", "holds ','"),
    ("4.93090182E+09", "rounded"),
    ("4,42E11", "rounded"),
    ("+4930123 +4930124", "two plus signs"),
    ("+442079460999+442079460998", "two plus signs"),
    ("++442079460999", "two plus signs"),
    ("44+2079460999", "plus sign in the midst"),
    ("+4930123\n+4930124", "several lines"),
    ("442079460999\t442079460998", "several lines or cells"),
    ("tel:+442079460999;ext=12", "an extension"),
    ("tel:+442079460999;isub=12", "a further part"),
    ("tel:7400906170;phone-context=+44", "a further part"),
    ("+44 20 7946 0999 ext. 12", "an extension"),
    ("+442079460999x12", "an extension"),
    ("+44 20 7946 0999 #12", "an extension"),
    ("+1 267 367 6170/71", "more than one number"),
    ("+1 267 367 6170-71", "more than one number"),
    ("+1 267 367 6170 / 367 6171", "more than one number"),
    ("+49 30 901820/21", "more than one number"),
    ("+44 20 7946 0999 / 7946 0998", "more than one number"),
    ("+44 20 7946 0999, 7946 0998", "holds ','"),
    ("+44 20 7946 0999 or 0998", "letters"),
    ("+1 800 FLOWERS", "letters"),
    ("+44 20 7946 O999", "letters"),
]
COPIED = [
    "\u202a+44 7400 906170\u202c",
    "\u200e+44 7400 906170\u200f",
    "\u2066+44\u20697400906170",
    "+44\u00a07400\u202f906170",
    "+44\u20097400\u3000906170",
    "\ufeff+447400906170",
    "+44\u200b7400\u2060906170",
    "+44\u00ad7400\u00ad906170",
    "'+447400906170",
    "\u2019+44 7400 906170",
    '"+44 7400 906170"',
    "<tel:+447400906170>",
    "tel:+44%207400%20906170",
    "tel://+447400906170",
    "TEL:\u00a0+44 7400 906170",
    "＋４４　７４００　９０６１７０",
    "+٤٤٧٤٠٠٩٠٦١٧٠",
    "+४४ ७४०० ९०६१७०",
    "+44–7400—906170",
    "+44\u22127400\u2011906170",
    "+44·7400·906170",
    "[+44] 7400.906.170",
    "+44.7400906170",
]


@pytest.mark.parametrize(("written", "taken", "number"), TRUNK)
def test_a_trunk_prefix_after_the_country_code_is_taken_off_and_said(written, taken, number):
    reading = read_number(written)
    assert reading.number == number
    assert reading.notes[0].startswith(f"the {taken} after +")
    assert number in reading.notes[0]


@pytest.mark.parametrize(("written", "number"), KEPT)
def test_a_zero_that_belongs_to_the_number_stays(written, number):
    reading = read_number(written)
    assert (reading.number, reading.notes) == (number, ())


@pytest.mark.parametrize(("written", "reason"), MANGLED)
def test_what_is_glued_cut_or_mangled_is_refused_with_the_reason(written, reason):
    with pytest.raises(InvalidNumber) as refused:
        read_number(written)
    assert reason in str(refused.value)
    assert repr(written) in str(refused.value)


@pytest.mark.parametrize("written", COPIED)
def test_what_a_copy_brings_along_is_read_through(written):
    reading = read_number(written)
    assert (reading.number, reading.notes) == ("+447400906170", ())
    assert looks_like_number(written)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+49 30/901820", "+4930901820"),
        ("+49 2345/67890", "+49234567890"),
        ("+43 1/2345678", "+4312345678"),
        ("+33.1.99.00.12.34", "+33199001234"),
        ("+49 30 901820-0", "+49309018200"),
    ],
)
def test_marks_that_only_separate_are_no_second_number(written, number):
    assert parse_number(written) == number


@pytest.mark.parametrize("written", ["2673676170", "267 367 6170", "(267) 367-6170"])
def test_a_national_number_of_the_country_asked_from_is_refused_without_its_plus(written):
    with pytest.raises(InvalidNumber, match="could be"):
        read_number(written, "US")
    reading = read_number(written, "GB")
    assert (reading.number, reading.bare) == ("+2673676170", True)


@pytest.mark.parametrize("home", ["GB", "US", None])
def test_a_number_of_ones_own_country_needs_no_plus(home):
    assert parse_number("442079460999", home) == "+442079460999"
    assert parse_number("447400906170", home) == "+447400906170"


@pytest.mark.parametrize(
    ("code", "bare"),
    [
        ("96167", "96167"),
        ("61611", "61611"),
        ("123", "123"),
        ("12345678", "12345678"),
        ("\u202a96167\u202c", "96167"),
        ("٩٦١٦٧", "96167"),
    ],
)
def test_a_short_code_is_read_only_where_one_may_stand(code, bare):
    assert parse_number(code, short_codes=True) == bare
    with pytest.raises(InvalidNumber, match="not a complete phone number"):
        parse_number(code)


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("+4402079460999", "+4402079460999"),
        ("+330199001234", "+330199001234"),
        ("+49030901820", "+49030901820"),
        ("+112673676170", "+112673676170"),
        ("+378886377", "+378886377"),
        ("96167", "96167"),
        ("02079460999", "02079460999"),
        ("+442079460999", "+44 20 7946 0999"),
        ("+390669821234", "+39 06 6982 1234"),
    ],
)
def test_what_is_shown_is_what_is_stored(stored, shown):
    assert international(stored) == shown


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        ("+4402079460999", "the 0 after +44 is too much"),
        ("+330199001234", "the 0 after +33 is too much"),
        ("+784951234567", "the 8 after +7 is too much"),
        ("+112673676170", "the 1 after +1 is too much"),
        ("442079460999", "+ and a country code are missing"),
        ("02079460999", "+ and a country code are missing"),
        ("+999123456", "no country has the code"),
        ("+1267367617071", "longer than any"),
    ],
)
def test_a_stored_number_that_is_none_is_found_out(stored, reason):
    found = malformed_phone(stored)
    assert found is not None
    assert stored in found
    assert reason in found
    assert not is_valid(stored)


@in_every_country
def test_every_country_s_number_is_read_in_every_spelling(part):
    for number in list(examples().values())[part]:
        digits = number[1:]
        written = international(number)
        spellings = [number, written, f"00{digits}", f"tel:{number}", f"'{number}"]
        spellings += [f"\u202a{written}", written.replace(" ", "\u00a0"), written.replace(" ", "-")]
        readings = [read_number(spelling) for spelling in spellings]
        assert [one.number for one in readings] == [number] * len(spellings)
        assert not any(one.notes for one in readings), number
        assert digits_of(written) == digits
        assert malformed_phone(number) is None, number


@in_every_country
def test_the_spelling_used_at_home_is_read_behind_the_country_code(part):
    for number in list(examples().values())[part]:
        parsed = phonenumbers.parse(number)
        home = phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL)
        try:
            reading = read_number(f"+{parsed.country_code} {home}")
        except InvalidNumber:
            pytest.fail(f"refused: +{parsed.country_code} {home}")
        assert reading.number == number


ANY_TEXT = st.text(alphabet="+0123456789 ()-./'\u00a0\u202a٤Ee;x", max_size=24)
ANY_NUMBER = st.from_regex(r"\+[1-9][0-9]{3,14}", fullmatch=True)


@given(ANY_TEXT | ANY_NUMBER, st.sampled_from(["GB", "US", "IT", None]))
def test_no_reading_changes_the_digits_beyond_what_it_says(text, home):
    try:
        reading = read_number(text, home)
    except InvalidNumber:
        return
    given_digits = "".join(str(int(digit)) for digit in text if digit.isdigit())
    digits = reading.number[1:]
    taken = reading.notes[0].split()[1] if reading.notes else ""
    code_length = next(n for n in range(4) if digits[:n] + taken + digits[n:] in given_digits)
    assert given_digits.removeprefix("00") == digits[:code_length] + taken + digits[code_length:]
    assert read_number(reading.number).number == reading.number


@given(ANY_NUMBER)
def test_showing_a_number_hides_and_adds_no_digit(number):
    assert digits_of(international(number)) == number[1:]


def test_types_of_every_country_keep_their_digits():
    for region in examples():
        for kind in PhoneNumberType.values():
            example = phonenumbers.example_number_for_type(region, kind)
            if example is None:
                continue
            number = phonenumbers.format_number(example, PhoneNumberFormat.E164)
            assert read_number(number).number == number
            assert country_of(number) is None or is_valid(number)


@pytest.mark.parametrize("text", ["1" * 200, "+44 " * 100, "4" * 100_000 + "x", "1 " * 100_000])
def test_a_whole_page_pasted_is_refused_in_one_line(text):
    with pytest.raises(InvalidNumber) as refused:
        read_number(text)
    assert len(str(refused.value)) < 150
    assert not looks_like_number(text.replace("+", ""))
