"""Several numbers of a Twilio account by pages of its list: what they tell, and what they cost."""

import asyncio

from tests.unit.providers.twilio.conftest import page, record
from tui_numbers.domain.e164 import E164

NUMBERS = "/IncomingPhoneNumbers.json"
HELD = [E164(f"+141555501{at:02}") for at in range(20)]
ABSENT = E164("+14155550199")
GONE_ON = "/2010-04-01/Accounts/AC/IncomingPhoneNumbers.json?Page=1"


def _record(number, **changes):
    return record(sid=f"PN{number[1:]:0>32}", phone_number=number, **changes)


def _counts(made):
    """How often the list, the services and the regions were asked for."""
    paths = made.paths()
    parts = (NUMBERS, "/v1/Services", "/v2/PhoneNumbers/")
    return tuple(sum(part in path for path in paths) for part in parts)


async def test_one_page_tells_all_that_are_held_and_that_the_others_are_not(scripted):
    made = scripted({NUMBERS: page(*map(_record, HELD))})
    found = await made.client.find_many(dict.fromkeys([*HELD, ABSENT]))
    assert found[ABSENT] is None
    for number in HELD:
        alone = await scripted({NUMBERS: page(_record(number))}).client.find(number)
        told = found[number]
        assert (told.number, told.settings, told.routing) == (
            number,
            alone.settings,
            alone.routing,
        )
        assert (told.elsewhere, told.received) == (alone.elsewhere, alone.received)
    assert _counts(made) == (1, 1, len(HELD))


async def test_regions_and_services_are_read_once_for_a_batch(scripted):
    made = scripted({NUMBERS: page(*map(_record, HELD))})
    known = await made.client.find_many(dict.fromkeys(HELD))
    await made.client.find_many(known)
    for number in known.values():
        await made.client.decided_elsewhere(number)
    assert _counts(made) == (2, 1, len(HELD))


async def test_numbers_that_are_read_singly_share_one_reading_of_the_services(scripted):
    made = scripted({f"/PN{one[1:]:0>32}.json": _record(one) for one in HELD})
    known = await scripted({NUMBERS: page(*map(_record, HELD))}).client.find_many(
        dict.fromkeys(HELD)
    )
    await asyncio.gather(*(made.client.find(number, known[number]) for number in HELD))
    assert _counts(made) == (0, 1, len(HELD))


async def test_what_decides_elsewhere_is_told_of_each(scripted):
    made = scripted(
        {NUMBERS: page(*map(_record, HELD[:2])), f"/{HELD[1]}": {"voice_region": "ie1"}}
    )
    found = await made.client.find_many(dict.fromkeys(HELD[:2]))
    assert not found[HELD[0]].elsewhere
    assert "region ie1" in found[HELD[1]].elsewhere["voice"]


async def test_a_long_list_is_left_where_it_tells_less_than_it_costs(scripted):
    others = [_record(f"+1415666{at:04}") for at in range(50)]
    made = scripted({NUMBERS: page(_record(HELD[0]), *others, following=GONE_ON)})
    found = await made.client.find_many(dict.fromkeys([*HELD, ABSENT]))
    # That the others are not held, a part of the list does not tell.
    assert list(found) == HELD[:1]
    assert _counts(made)[0] == 1


async def test_a_list_is_read_on_while_its_pages_tell_enough(scripted):
    pages = [page(*map(_record, HELD[:16]), following=GONE_ON), page(*map(_record, HELD[16:]))]
    made = scripted({NUMBERS: pages})
    found = await made.client.find_many(dict.fromkeys([*HELD, ABSENT]))
    assert (set(found), found[ABSENT]) == ({*HELD, ABSENT}, None)
    assert _counts(made)[0] == 2


async def test_a_number_listed_twice_and_one_that_may_be_unreadable_are_left_out(scripted):
    twice = [_record(HELD[0]), record(sid="PN" + "9" * 32, phone_number=HELD[0])]
    made = scripted({NUMBERS: page(*twice, _record(HELD[1]), {"sid": "PN" + "8" * 32})})
    found = await made.client.find_many(dict.fromkeys([*HELD[:2], ABSENT]))
    assert list(found) == [HELD[1]]


async def test_few_numbers_ask_for_a_short_page(scripted):
    sizes = []
    for count in (2, 20):
        made = scripted({NUMBERS: page(*map(_record, HELD))})
        await made.client.find_many(dict.fromkeys(HELD[:count]))
        sizes += [one.url.params.get("PageSize") for one in made.desk.wire.requests][:1]
    assert sizes == ["50", "500"]
