from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.providers.fonedynamics.helpers import NUMBER, owned, record
from tui_numbers.domain.numbers import Channel, Stored, Target, Undisclosed
from tui_numbers.providers.decoding import Fields, read_page
from tui_numbers.providers.fonedynamics import records
from tui_numbers.providers.fonedynamics.info import INFO
from tui_numbers.providers.fonedynamics.records import ADDRESSES, FLOWS, NUMBERS, PROJECTS


def test_reads_a_whole_record() -> None:
    number = owned()
    assert (number.id, number.number, number.country) == ("61255501234", NUMBER, "AU")
    assert (number.type, number.status, number.name) == ("local", "active", "Front desk")
    assert (number.region, number.city) == ("NSW", "Sydney")
    assert number.capabilities == ("voice", "sms")
    assert number.routing == {Channel.VOICE: Target("phone", "+61491570006"), Channel.SMS: None}
    assert number.settings == {
        "voice": "phone:+61491570006",
        "friendly": "Front desk",
        "recording": "off",
        "attribution_source": "web",
        "attribution_medium": None,
        "attribution_campaign": None,
        "attribution_content": None,
    }
    assert number.settings.keys() == {spec.key for spec in INFO.settings if spec.readable}


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({"EndpointNumber": None}, None),
        ({"EndpointNumber": ""}, None),
        ({"RoutingMethod": None}, "phone:+61491570006"),
        ({"EndpointNumber": "1300 975 707"}, "phone:1300 975 707"),
        ({"RoutingMethod": "Flow"}, Undisclosed("flow")),
        ({"RoutingMethod": "flow", "Flow": "c0ffee01"}, "flow:c0ffee01"),
        ({"RoutingMethod": "Flow", "Flow": {"ConfigId": "c1"}}, "flow:c1"),
        ({"RoutingMethod": "Flow", "Flow": {}}, Undisclosed("flow")),
        ({"RoutingMethod": "Call:Queue"}, Undisclosed("Call:Queue")),
        ({"RoutingMethod": "Voicemail"}, Undisclosed("Voicemail")),
        ({"RoutingMethod": "SIP"}, Undisclosed("SIP")),
    ],
)
def test_routing_of_every_kind(changes: dict[str, Any], setting: Stored) -> None:
    number = owned(**changes)
    assert number.settings["voice"] == setting
    target = number.routing[Channel.VOICE]
    assert (target.text if isinstance(target, Target) else target) == setting


def test_a_number_without_voice_is_not_delivered_to_its_endpoint() -> None:
    number = owned(Capabilities=["SMS"])
    assert number.routing == {Channel.VOICE: None, Channel.SMS: None}
    assert number.settings["voice"] == "phone:+61491570006"
    assert owned(Capabilities=None).routing[Channel.VOICE] is not None


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("Local", "local"),
        ("Toll-Free", "toll_free"),
        ("Shared-Rate", "shared_cost"),
        ("National", "national"),
        ("Satellite", "satellite"),
        (None, None),
    ],
)
def test_types(word: str | None, kind: str | None) -> None:
    assert owned(Type=word).type == kind


def test_further_words_are_kept() -> None:
    number = owned(Status="Suspended", Recording="Transcript\x1b", Capabilities="MMS,Voice,Fax")
    assert number.status == "suspended"
    assert number.settings["recording"] == "Transcript\x1b"
    assert number.capabilities == ("voice", "mms", "fax")


def test_a_bad_record_is_one_warning() -> None:
    bad = record(Friendly=[1], Capabilities=7, CountryCode="AUS", Region={}, RoutingMethod=[])
    page = read_page(
        [record(), bad, record(Number="0255501234"), 7],
        lambda fields: records.owned_number(fields, "a"),
    )
    assert len(page.items) == 2
    assert page.dropped == 2
    assert len(page.warnings) == 3
    for key in ("Friendly", "Capabilities", "CountryCode", "Region", "RoutingMethod"):
        assert key in page.warnings[0]


NUMBER_ROW = {"Number": "+61255501234", "Capabilities": ["Voice"]}


@pytest.mark.parametrize(
    "value",
    [
        [NUMBER_ROW],
        {"Numbers": [NUMBER_ROW]},
        {"Numbers": [NUMBER_ROW], "Warnings": [], "ResponseStatus": {}},
        {"Results": [NUMBER_ROW], "TotalCount": 1},
        {"Number": NUMBER_ROW},
        {"Result": NUMBER_ROW, "ResponseStatus": {}},
        NUMBER_ROW,
    ],
)
def test_every_envelope_is_opened(value: object) -> None:
    assert NUMBERS.records(value) == [NUMBER_ROW]


@pytest.mark.parametrize(
    ("value", "records_in"),
    [
        ({"Numbers": []}, []),
        ({"Numbers": None}, []),
        ([], []),
        ({}, None),
        ({"ResponseStatus": {"Message": "x"}}, None),
        ({"A": [], "B": []}, None),
        ("text", None),
        (None, None),
    ],
)
def test_envelopes_with_nothing_inside(value: object, records_in: list[Any] | None) -> None:
    assert NUMBERS.records(value) == records_in


def test_helper_records_have_envelopes_of_their_own() -> None:
    assert FLOWS.records({"ConfigId": "c", "Name": "n"}) == [{"ConfigId": "c", "Name": "n"}]
    assert PROJECTS.records({"Property": {"PropertySid": "S"}}) == [{"PropertySid": "S"}]
    assert ADDRESSES.records({"Address": {"AddressSid": "D"}}) == [{"AddressSid": "D"}]


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*sorted(record()), "Flow"]), JSON))
def test_no_record_breaks_the_reading(changes: dict[str, Any]) -> None:
    page = read_page([record(**changes)], lambda fields: records.owned_number(fields, "a"))
    for number in page.items:
        text = number.settings["voice"]
        assert text is None or isinstance(text, Undisclosed) or text == Target.from_text(text).text
        msgspec.json.encode(dict(number.settings))
    read_page([changes], records.flow_option)
    read_page([changes], records.address)


@given(JSON)
def test_no_body_breaks_an_envelope(value: object) -> None:
    for envelope in (NUMBERS, FLOWS, PROJECTS, ADDRESSES):
        assert isinstance(envelope.records(value), list | None)


def test_unreadable_records_of_helpers_are_left_out() -> None:
    assert records.flow_option(Fields({"Name": "x"})) is None
    assert records.address(Fields({})) is None


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"Type": "Shared-Rate"}, {"type": "shared-rate"}),
        ({"Type": "Toll-Free", "PropertySid": "SB1"}, {"property": "SB1"}),
        ({"Type": "Shared-Rate", "PropertySid": "S2"}, {"type": "shared-rate", "property": "S2"}),
        ({"Type": "Satellite"}, {}),
    ],
)
def test_what_our_words_do_not_say_is_kept(changes: dict[str, Any], told: dict[str, str]) -> None:
    assert owned(**{"PropertySid": None, **changes}).told == told
