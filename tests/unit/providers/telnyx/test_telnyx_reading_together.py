"""Several numbers of a Telnyx account by its two lists, where both are short and whole."""

import pytest

from tests.unit.providers.telnyx.helpers import listed, record, refusal, telnyx, voice
from tui_numbers.domain.e164 import E164
from tui_numbers.providers.errors import ProviderError

HELD = [E164(f"+6125550{at:04}") for at in range(12)]
ABSENT = E164("+61255509999")
PHONE = "+493023125501"


def _record(number, **more):
    return record(id=number[1:], phone_number=number, **more)


def _voice(number, **forwarding):
    return voice(number[1:], number, **forwarding)


def _answers(rows, voices, **more):
    return {"/phone_numbers": listed(*rows, **more), "/phone_numbers/voice": listed(*voices)}


async def test_two_requests_tell_all_that_are_held_and_that_the_others_are_not():
    forwards = {number: {"forwards_to": PHONE, "forwarding_type": "always"} for number in HELD[:3]}
    voices = [_voice(number, **forwards.get(number, {})) for number in HELD]
    client, made = telnyx(_answers(map(_record, HELD), voices))
    found = await client.find_many(dict.fromkeys([*HELD, ABSENT]))
    assert len(made.wire.requests) == 2
    assert found.pop(ABSENT) is None
    for number, told, settings in zip(HELD, found.values(), voices, strict=True):
        one, _ = telnyx(_answers([_record(number)], [settings]))
        alone = await one.find(number)
        assert (told.number, told.settings, told.routing) == (
            number,
            alone.settings,
            alone.routing,
        )
        assert told.received == alone.received


async def test_a_long_list_tells_nothing_and_is_left_after_its_first_page():
    client, made = telnyx(_answers(map(_record, HELD), map(_voice, HELD), total=5_000))
    assert await client.find_many(dict.fromkeys(HELD)) == {}
    assert len(made.wire.requests) <= 2


@pytest.mark.parametrize(
    "rows",
    [
        [_record(HELD[0]), _record(HELD[0]) | {"id": "7"}],
        [_record(HELD[0], status="deleted"), _record(HELD[0]) | {"id": "7"}],
    ],
)
async def test_a_number_listed_twice_or_without_voice_settings_is_left_out(rows):
    client, _ = telnyx(_answers([*rows, _record(HELD[1])], [_voice(HELD[1])]))
    found = await client.find_many(dict.fromkeys(HELD[:2]))
    assert list(found) == [HELD[1]]


async def test_a_deleted_number_is_not_held():
    client, _ = telnyx(_answers([_record(HELD[0], status="deleted")], [_voice(HELD[0])]))
    assert await client.find_many(dict.fromkeys(HELD[:1])) == {HELD[0]: None}


async def test_what_a_broken_profile_hides_is_asked_for_singly():
    errors = [{"code": "10007", "title": "Profile cannot be read"}]
    client, _ = telnyx(_answers(map(_record, HELD), map(_voice, HELD), errors=errors))
    assert await client.find_many(dict.fromkeys(HELD)) == {}


async def test_without_voice_settings_nothing_is_told():
    answers = _answers(map(_record, HELD), ())
    client, _ = telnyx(answers | {"/phone_numbers/voice": refusal(403, "10010")})
    with pytest.raises(ProviderError):
        await client.find_many(dict.fromkeys(HELD))
