"""Where a number is from, by its digits."""

import pytest

from tui_numbers.domain.e164 import E164
from tui_numbers.services.locations import UsualAreas, area_name, area_of, place_of

AREAS = {
    "+442079460000": "London",
    "+12125550100": "New York, NY",
    "+390612345678": "Rome",
    "+5491123456789": "Buenos Aires",
    "+447700900000": None,
    "+18005550100": None,
    "+999123456": None,
}


@pytest.mark.parametrize("number", AREAS)
def test_the_area_is_that_of_the_longest_prefix(number):
    area = area_of(E164(number))
    if AREAS[number] is None:
        assert area is None
    else:
        assert area is not None
        assert AREAS[number] in area


def test_a_place_has_country_area_and_time():
    place = place_of(E164("+442079460000"))
    assert (place.country, place.area, place.zones) == ("GB", "London", ("Europe/London",))


@pytest.mark.parametrize("number", [*AREAS, "+5491187654321", "+12015550111", "+861300000000"])
def test_many_numbers_have_the_areas_that_each_of_them_has(number):
    assert UsualAreas().name(number) == area_name(number)
