import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.fake_provider import INFO, SMS, VOICE, owned
from tui_numbers.domain.changes import CLEAR, Change, Set
from tui_numbers.domain.numbers import Channel, Target
from tui_numbers.services import routing
from tui_numbers.services.input_parsing import InvalidInput

APP, APP2 = Target("app", "a1"), Target("app", "a2")
PHONE, SIP = Target("phone", "+442079460000"), Target("sip", "sip:desk@pbx.example")
HOOK = Target("hook", "https://h.example/in")


@pytest.mark.parametrize(
    ("target", "asked", "channel"),
    [(APP, None, VOICE), (PHONE, None, VOICE), (HOOK, None, SMS), (APP, SMS, SMS)],
)
def test_the_channel_is_voice_unless_asked_or_the_kind_serves_only_sms(target, asked, channel):
    assert routing.channel_for(INFO, target, asked) is channel


def test_a_kind_that_does_not_serve_the_channel_is_refused():
    with pytest.raises(InvalidInput, match="does not serve sms"):
        routing.channel_for(INFO, PHONE, SMS)


def test_the_first_setting_with_a_value_wins():
    settings = owned(app="app:a1", voice="phone:+442079460000").settings
    assert routing.effective(INFO, settings, VOICE) == PHONE
    assert routing.effective(INFO, settings, SMS) == APP


def test_retargeting_to_a_lower_setting_clears_what_would_win_over_it():
    number = owned(app="app:a1", voice="phone:+442079460000")
    found = routing.retarget(INFO, number, VOICE, APP)
    assert found.change == Change({"voice": CLEAR, "app": Set("app:a1")})
    assert found.warnings == ()


def test_a_target_that_serves_both_channels_warns_of_the_other():
    found = routing.retarget(INFO, owned(app="app:a1"), VOICE, APP2)
    assert found.warnings == ("this moves SMS too: the same target serves both",)


def test_what_only_clearing_would_move_is_refused():
    found = routing.retarget(INFO, owned(app="app:a1"), SMS, HOOK)
    assert "where calls go (app:a1)" in found.refusal
    assert not found.change


def test_a_channel_that_the_number_does_not_carry_is_refused():
    found = routing.retarget(INFO, owned(capabilities=("sms",)), VOICE, PHONE)
    assert found.refusal == "the number carries SMS, and no calls"


def test_what_cannot_be_read_stands_in_no_after():
    after = routing.number_after(INFO, owned(), Change({"mail": Set("a@b.c"), "name": Set("x")}))
    assert "mail" not in after.settings
    assert after.settings["name"] == "x"


_settings = st.fixed_dictionaries(
    {
        "app": st.sampled_from([None, "app:a1", "app:a2"]),
        "voice": st.sampled_from([None, PHONE.text, SIP.text]),
        "sms": st.sampled_from([None, HOOK.text, "hook:https://other.example"]),
    }
)
_capabilities = st.sampled_from([(), ("voice",), ("sms",), ("voice", "sms")])


@given(_settings, _capabilities, st.sampled_from([APP, APP2, PHONE, SIP, HOOK]), st.booleans())
def test_a_retarget_delivers_its_channel_and_moves_no_other_unwarned(
    settings, capabilities, target, other
):
    number = owned(capabilities=capabilities, **settings)
    served = INFO.target_kind(target.kind).channels
    channel = served[-1] if other else served[0]
    found = routing.retarget(INFO, number, channel, target)
    if found.refusal is not None:
        assert not found.change
        return
    after = routing.number_after(INFO, number, found.change)
    assert after.routing[channel] == target
    for one in Channel:
        if one is not channel and after.routing[one] != number.routing[one]:
            assert any(line.startswith(f"this moves {one.words} too") for line in found.warnings)
    untouched = set(number.settings) - set(found.change.edits)
    assert all(after.settings[key] == number.settings[key] for key in untouched)
