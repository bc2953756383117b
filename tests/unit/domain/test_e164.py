import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from tui_numbers.domain.e164 import (
    InvalidNumber,
    country_of,
    digits_of,
    home_country,
    international,
    is_e164,
    is_shared,
    is_valid,
    parse_number,
)


def _examples():
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE):
            example = phonenumbers.example_number_for_type(region, kind)
            if example is not None:
                yield region, example


EXAMPLES = list(_examples())
EXAMPLE = st.sampled_from(EXAMPLES)
# A dot or a slash may also be a decimal point, or stand before a second number.
SEPARATORS = st.sampled_from([" ", "-", "\u00a0", "‑", "–", ""])
PREFIXES = st.sampled_from(["+", "00", "tel:+", "+ ", "(+", " +", "TEL:+"])


def e164(example):
    return phonenumbers.format_number(example, PhoneNumberFormat.E164)


@pytest.mark.parametrize(
    "shape", [PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.RFC3966]
)
def test_every_international_spelling_of_every_country(shape):
    for region, example in EXAMPLES:
        written = phonenumbers.format_number(example, shape)
        assert parse_number(written) == e164(example), region


@given(EXAMPLE, PREFIXES, st.data())
def test_separators_and_prefixes_do_not_matter(case, prefix, data):
    digits = e164(case[1])[1:]
    gaps = data.draw(st.lists(SEPARATORS, min_size=len(digits), max_size=len(digits)))
    written = prefix + "".join(digit + gap for digit, gap in zip(digits, gaps, strict=True))
    assert parse_number(written) == "+" + digits


@given(st.text())
def test_any_text_is_a_number_or_refused(text):
    try:
        number = parse_number(text)
    except InvalidNumber:
        return
    assert is_e164(number)
    assert parse_number(number) == number


@given(EXAMPLE)
def test_what_is_written_for_people_is_read_back(case):
    number = e164(case[1])
    assert parse_number(international(number)) == number
    assert digits_of(international(number)) == number[1:]


def test_the_country_of_a_number_is_one_that_shares_its_code():
    for region, example in EXAMPLES:
        found = country_of(e164(example))
        shared = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[example.country_code]
        assert found is None or found in shared, region


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+44 20 7946 0000", "+442079460000"),
        ("+44 (0)20 7946 0000", "+442079460000"),
        ("+44 ( 0 ) 20 7946 0000", "+442079460000"),
        ("0044 20 7946 0000", "+442079460000"),
        ("tel:+44-20-7946-0000", "+442079460000"),
        ("442079460000", "+442079460000"),
        ("+1 (267) 367-6170", "+12673676170"),
        ("+٤٤٢٠٧٩٤٦٠٠٠٠", "+442079460000"),
    ],
)
def test_usual_spellings(text, number):
    assert parse_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "+",
        "6170",
        "020 7946 0000",
        "2079460000",
        "+44",
        "+0442079460000",
        "+999 1234 5678",
        "+4420794600001234567",
        "tel:",
        "call me",
        "+44 20 7946 OOOO",
        "+44 20 7946 0000 ext 5",
        "https://example.com",
        "12345678",
    ],
)
def test_parts_and_nonsense_are_refused(text):
    with pytest.raises(InvalidNumber):
        parse_number(text)


def test_two_readings_are_refused_and_not_guessed():
    # A number in Athens with its country code, and in Berlin without it.
    both = "302101234567"
    with pytest.raises(InvalidNumber, match="could be"):
        parse_number(both, "DE")
    assert parse_number("+" + both, "DE") == "+" + both
    assert parse_number(both, "GB") == parse_number(both) == "+" + both


@given(st.from_regex(r"\+[1-9][0-9]{3,14}", fullmatch=True))
def test_formatting_bears_any_e164_number(number):
    assert international(number)
    assert is_valid(number) in (True, False)
    country = country_of(number)
    assert country is None or len(country) == 2


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+14155550123", "US"),
        ("+14165550123", "CA"),
        ("+18765550123", "JM"),
        ("+18005550123", None),
        ("+15005550006", None),
        ("+80012345678", None),
        ("+61255500001", "AU"),
        ("+447911123456", "GG"),
        ("+442079460000", "GB"),
        ("+77012345678", "KZ"),
        ("+390612345678", "IT"),
        ("96167", None),
    ],
)
def test_a_number_without_a_record_of_its_country_has_that_of_its_digits(number, country):
    assert home_country(number) == country
    assert not is_shared(number) or country is None
