from hypothesis import given
from hypothesis import strategies as st

from tests.unit.providers.vonage.helpers import APP, OTHER_APP, record
from tui_numbers.domain.changes import CLEAR, Change, Set
from tui_numbers.domain.numbers import Channel
from tui_numbers.providers.decoding import Fields
from tui_numbers.providers.vonage import records
from tui_numbers.providers.vonage.writing import update_form

_URL = st.sampled_from(["https://a.example/in", "https://b.example/x?y=z", "http://c.example"])
_APP = st.sampled_from([APP, OTHER_APP])
_PHONE = st.sampled_from(["447700900556", "61491570006"])
_SIP = st.sampled_from(["sip:desk@pbx.example", "sips:a@b.example;transport=tls"])


def _voice(kind, value):
    return {"voiceCallbackType": kind, "voiceCallbackValue": value}


RECORDS = st.builds(
    lambda *parts: record(**{key: value for part in parts for key, value in part.items()}),
    st.one_of(st.just({}), _APP.map(lambda value: {"app_id": value})),
    st.one_of(
        st.just({}),
        _PHONE.map(lambda value: _voice("tel", value)),
        _SIP.map(lambda value: _voice("sip", value)),
        _APP.map(lambda value: _voice("app", value)),
    ),
    st.one_of(st.just({}), _URL.map(lambda value: {"moHttpUrl": value})),
    st.one_of(st.just({}), _URL.map(lambda value: {"voiceStatusCallback": value})),
    st.one_of(
        st.just({}),
        _APP.map(lambda v: {"messagesCallbackType": "app", "messagesCallbackValue": v}),
    ),
)
_VALUES = {
    "application": _APP.map("application:{}".format),
    "voice": _PHONE.map("phone:+{}".format) | _SIP.map("sip:{}".format),
    "sms": _URL.map("webhook:{}".format),
    "voice_status": _URL,
}
CHANGES = st.fixed_dictionaries(
    {}, optional={key: st.just(CLEAR) | values.map(Set) for key, values in _VALUES.items()}
).map(Change)


def _read(stored):
    number = records.owned_number(Fields(stored), "uk-sms", None)
    assert number is not None
    return number


@given(RECORDS, CHANGES)
def test_a_full_replace_leaves_every_other_setting_as_it_was(stored, change):
    form = update_form(stored, "GB", stored["msisdn"], change, "uk-sms")
    assert form.get("voiceCallbackType") != "app"
    assert not any(value.startswith("+") for value in form.values())
    kept = {key: stored[key] for key in ("country", "msisdn", "type", "features")}
    after = _read(kept | {key: value for key, value in form.items() if value})
    before = _read(stored)
    assert after.settings == change.applied_to(before.settings)
    if "voice" not in change.edits and "application" not in change.edits:
        assert after.routing[Channel.VOICE] == before.routing[Channel.VOICE]
