"""Which country a word of a person means."""

import pytest

from tui_numbers.domain.countries import (
    COMMON_NAMES,
    COUNTRY_NAMES,
    UnknownCountry,
    find_countries,
    read_country,
)


@pytest.mark.parametrize(
    "text",
    [
        "GB",
        "gb",
        " uk ",
        "44",
        "+44",
        "0044",
        "england",
        "Great Britain",
        "the United Kingdom",
        "WALES",
    ],
)
def test_the_united_kingdom_is_found_by_whatever_people_call_it(text):
    assert read_country(text) == "GB"


@pytest.mark.parametrize(
    ("text", "code"),
    [("usa", "US"), ("cote d'ivoire", "CI"), ("aland islands", "AX"), ("+358", "FI"), ("39", "IT")],
)
def test_accents_and_signs_do_not_count_and_a_calling_code_means_its_main_country(text, code):
    assert read_country(text) == code


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1", "calling code of US (United States), CA (Canada), AG"),
        ("+7", "calling code of RU (Russia), KZ (Kazakhstan): name one"),
        ("Germny", "did you mean 'DE' (Germany)?"),
        ("unted kingdom", "did you mean 'GB' (United Kingdom)?"),
        ("ZQ", "its two letters (ISO 3166-1)"),
        ("", "no country"),
        ("999", "no country '999'"),
        ("044", "no country '044'"),
        ("+0044", "no country '+0044'"),
    ],
)
def test_what_means_none_or_several_names_what_is_near(text, said):
    with pytest.raises(UnknownCountry) as caught:
        read_country(text)
    assert said in str(caught.value)


def test_every_code_and_name_means_its_own_country():
    for code, name in COUNTRY_NAMES.items():
        assert (read_country(code), read_country(name)) == (code, code)
    assert set(COMMON_NAMES.values()) <= set(COUNTRY_NAMES)


@pytest.mark.parametrize(
    ("text", "first"),
    [("uk", "GB"), ("44", "GB"), ("engl", "GB"), ("1", "US"), ("king", "GB"), ("in", "IN")],
)
def test_a_list_of_countries_begins_with_what_is_meant(text, first):
    assert find_countries(text)[0] == first


def test_a_calling_code_offers_all_that_share_it():
    assert find_countries("1")[:2] == ["US", "CA"]
    assert len(find_countries("1")) > 20
    assert find_countries("+44") == ["GB", "GG", "IM", "JE"]
