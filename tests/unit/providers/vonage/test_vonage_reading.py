import json
from decimal import Decimal

import pytest

from tests.unit.providers.vonage.helpers import (
    APP,
    NUMBER,
    OK,
    OTHER_APP,
    collect,
    form_of,
    found,
    listed,
    record,
    vonage,
)
from tui_numbers.domain.changes import Change, Set
from tui_numbers.domain.e164 import E164, international
from tui_numbers.domain.numbers import Channel, Money, Target, Undisclosed
from tui_numbers.domain.query import OwnedQuery

APPLICATION = Target("application", APP)
OTHER = Target("application", OTHER_APP)
PHONE = Target("phone", "+447700900556")
SIP = Target("sip", "sip:desk@pbx.example")
WEBHOOK = Target("webhook", "https://app.example/in")

TEL = {"voiceCallbackType": "tel", "voiceCallbackValue": "447700900556"}
SIP_FIELDS = {"voiceCallbackType": "sip", "voiceCallbackValue": "sip:desk@pbx.example"}
OLD_VOICE = {"voiceCallbackType": "app", "voiceCallbackValue": APP}
OLD_MESSAGES = {"messagesCallbackType": "app", "messagesCallbackValue": OTHER_APP}
MO = {"moHttpUrl": "https://app.example/in"}

DELIVERY = [
    ({}, None, None, (None, None, None)),
    ({"app_id": APP}, APPLICATION, APPLICATION, (APPLICATION, None, None)),
    ({"app_id": APP} | TEL, PHONE, APPLICATION, (APPLICATION, PHONE, None)),
    (SIP_FIELDS | MO, SIP, WEBHOOK, (None, SIP, WEBHOOK)),
    (OLD_VOICE | MO, APPLICATION, WEBHOOK, (APPLICATION, None, WEBHOOK)),
    (OLD_MESSAGES, None, OTHER, (OTHER, None, None)),
    (OLD_MESSAGES | MO, None, OTHER, (OTHER, None, WEBHOOK)),
    (OLD_VOICE | OLD_MESSAGES, APPLICATION, OTHER, (APPLICATION, None, None)),
    ({"app_id": APP} | OLD_MESSAGES, APPLICATION, APPLICATION, (APPLICATION, None, None)),
    ({"app_id": OTHER_APP} | OLD_VOICE, OTHER, OTHER, (OTHER, None, None)),
    ({"voiceCallbackType": "tel"}, None, None, (None, None, None)),
]


@pytest.mark.parametrize(("fields", "voice", "sms", "settings"), DELIVERY)
async def test_settings_and_the_target_in_force(fields, voice, sms, settings):
    number = await found(fields)
    assert number.routing == {Channel.VOICE: voice, Channel.SMS: sms}
    texts = tuple(target.text if target else None for target in settings)
    assert tuple(number.settings[key] for key in ("application", "voice", "sms")) == texts
    assert "smpp_system_type" not in number.settings


async def test_a_channel_that_the_number_cannot_carry_is_delivered_nowhere():
    number = await found({"features": ["VOICE"], "app_id": APP} | MO)
    assert number.routing == {Channel.VOICE: APPLICATION, Channel.SMS: None}
    assert number.settings["sms"] == WEBHOOK.text
    unknown = await found({"features": None, "app_id": APP})
    assert unknown.routing == {Channel.VOICE: APPLICATION, Channel.SMS: APPLICATION}


@pytest.mark.parametrize("key", ["voiceStatusCallback", "voiceStatusCallbackUrl"])
async def test_the_status_callback_has_two_names(key):
    number = await found({key: "https://app.example/ended"})
    assert number.settings["voice_status"] == "https://app.example/ended"


async def test_the_plain_fields():
    number = await found({"cost": "1.50", "features": ["SMS", "MMS", "VOICE", "FAX"]})
    assert (number.number, number.id, number.country) == (NUMBER, "447700900555", "GB")
    assert (number.type, number.status, number.name) == ("mobile", "active", None)
    assert number.capabilities == ("voice", "sms", "mms", "fax")
    assert number.monthly_cost == Money(Decimal("1.50"), "EUR")
    assert number.received is not None
    assert json.loads(number.received)["msisdn"] == "447700900555"


@pytest.mark.parametrize(
    ("wire", "ours"),
    [
        ("landline", "local"),
        ("landline-toll-free", "toll_free"),
        ("mobile-lvn", "mobile"),
        ("satellite", "satellite"),
        (None, None),
    ],
)
async def test_types(wire, ours):
    assert (await found({"type": wire})).type == ours


async def test_a_listing_keeps_no_raw_records():
    client, _ = vonage([listed(record())])
    (page,) = await collect(client.owned(OwnedQuery()))
    assert page.items[0].received is None


UNDOCUMENTED = [
    ("vxml", "http://vxml.example/a", Target("vxml", "http://vxml.example/a")),
    ("TEL", "442079460000", Target("TEL", "442079460000")),
    ("App", APP, Target("App", APP)),
    ("conference", "Board: room", Target("conference", "Board: room")),
    ("vxml", None, Undisclosed("vxml")),
    ("a:b", "c", Undisclosed("a:b")),
    # This is a word of ours for something else, and not what a "tel" is stored as.
    ("phone", "442079460000", Undisclosed("phone")),
    (None, "442079460000", Target("unknown", "442079460000")),
]


@pytest.mark.parametrize(("kind", "value", "target"), UNDOCUMENTED)
async def test_a_callback_of_a_kind_in_no_document_is_shown_as_it_is_stored(kind, value, target):
    number = await found({"voiceCallbackType": kind, "voiceCallbackValue": value, "app_id": APP})
    assert number.routing == {Channel.VOICE: target, Channel.SMS: APPLICATION}
    text = target.text if isinstance(target, Target) else target
    assert number.settings["voice"] == text
    assert not number.unrouted


@pytest.mark.parametrize("kind", ["APP", "webhook2", "whatsapp"])
async def test_a_messages_callback_of_a_kind_in_no_document_is_no_application(kind):
    number = await found({"messagesCallbackType": kind, "messagesCallbackValue": "x"})
    assert number.routing == {Channel.VOICE: None, Channel.SMS: Target(kind, "x")}
    assert number.settings["application"] == f"{kind}:x"


async def test_a_setting_is_kept_as_it_is_stored_and_a_type_is_cleaned():
    number = await found({"moHttpUrl": "https://app.example/\x1b[2J", "type": "a\nb"})
    assert number.settings["sms"] == "webhook:https://app.example/\x1b[2J"
    assert number.type == "a␊b"


async def test_wrong_types_in_one_record_cost_one_warning():
    bad = record("447700900557", features={"a": 1}, cost=[], country="GBR", voiceCallbackType=[])
    unusable = [record(None), record("not a number"), "text", None, record(4477.5)]
    client, _ = vonage([listed(record(), bad, *unusable, record("447700900559"))])
    (page,) = await collect(client.owned(OwnedQuery()))
    assert [item.number for item in page.items] == [
        NUMBER,
        E164("+447700900557"),
        E164("+447700900559"),
    ]
    assert page.dropped == 5
    assert len(page.warnings) == 6
    assert page.warnings[0].startswith("+447700900557: unreadable ")
    for key in ("features", "cost", "country", "voiceCallbackType"):
        assert page.warnings[0].count(key) == 1


@pytest.mark.parametrize("cost", ["1." + "0" * 50, "1e400", "NaN", "free", True, ["1"], {}])
async def test_a_price_that_is_none_is_not_told(cost):
    client, _ = vonage([listed(record(cost=cost))])
    (page,) = await collect(client.owned(OwnedQuery()))
    assert page.items[0].monthly_cost is None
    assert page.warnings == (f"{NUMBER}: unreadable cost",)


@pytest.mark.parametrize("msisdn", ["96167", 96167, "61611", "303030"])
async def test_a_short_code_keeps_its_bare_digits_and_is_found_by_them(msisdn):
    code = str(msisdn)
    row = record(msisdn, type="mobile-shortcode", country="US", features=["SMS"])
    client, _ = vonage([listed(record(), row)])
    (page,) = await collect(client.owned(OwnedQuery()))
    short = page.items[1]
    assert (short.number, short.id, international(short.number)) == (code, code, code)
    client, opened = vonage([listed(row)])
    found = await client.find(E164(code))
    assert found is not None
    assert (found.number, found.country) == (code, "US")
    assert opened.wire.requests[0].url.params["pattern"] == code


async def test_numbers_as_integers_are_listed_found_and_written():
    row = record(447700900555) | {"voiceCallbackType": "tel", "voiceCallbackValue": 447700900556}
    client, _ = vonage([listed(row)])
    (page,) = await collect(client.owned(OwnedQuery()))
    assert [item.number for item in page.items] == [NUMBER]
    assert page.items[0].settings["voice"] == PHONE.text
    client, opened = vonage([listed(row), OK])
    await client.update(page.items[0], Change({"sms": Set(WEBHOOK.text)}))
    sent = form_of(opened.wire.requests[-1])
    assert (sent["msisdn"], sent["voiceCallbackValue"]) == ("447700900555", "447700900556")
