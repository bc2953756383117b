from dataclasses import replace

import httpx
import pytest

from tests.support.scripted_http import SECRET
from tests.unit.providers.vonage.helpers import (
    APP,
    OK,
    OTHER_APP,
    form_of,
    found,
    listed,
    record,
    stock,
    vonage,
)
from tui_numbers.domain.changes import CLEAR, Change, Set
from tui_numbers.providers.errors import (
    BadReply,
    NoAnswer,
    NotFound,
    NotOffered,
    Rejected,
    Unreachable,
)

BASE = {"country": "GB", "msisdn": "447700900555"}
TEL = {"voiceCallbackType": "tel", "voiceCallbackValue": "447700900556"}
SIP = {"voiceCallbackType": "sip", "voiceCallbackValue": "sip:desk@pbx.example"}
OLD_VOICE = {"voiceCallbackType": "app", "voiceCallbackValue": APP}
OLD_MESSAGES = {"messagesCallbackType": "app", "messagesCallbackValue": OTHER_APP}
MO = {"moHttpUrl": "https://app.example/in?a=1&b=ü"}
STATUS = {"voiceStatusCallback": "https://app.example/ended"}
FULL = {"app_id": APP} | SIP | MO | STATUS
TO_PHONE = Change({"voice": Set("phone:+447700900777")})
PHONE_777 = {"voiceCallbackType": "tel", "voiceCallbackValue": "447700900777"}


async def posted(fields, edits):
    """Return the one form that is sent to a number whose record has ``fields``."""
    number = await found(fields)
    client, opened = vonage([listed(record(**fields)), OK])
    await client.update(number, Change(edits))
    read, write = opened.wire.requests
    assert (read.method, read.url.path) == ("GET", "/account/numbers")
    assert (write.method, write.url.path) == ("POST", "/number/update")
    return form_of(write)


UPDATES = [
    (FULL, TO_PHONE.edits, {"app_id": APP} | PHONE_777 | MO | STATUS),
    (FULL, {"voice": CLEAR}, {"app_id": APP} | MO | STATUS),
    (FULL, {"application": CLEAR}, SIP | MO | STATUS),
    (FULL, {"sms": CLEAR}, {"app_id": APP, "moHttpUrl": ""} | SIP | STATUS),
    (FULL, {"voice_status": CLEAR}, {"app_id": APP} | SIP | MO),
    (FULL, {"smpp_system_type": Set("inbound")}, FULL | {"moSmppSysType": "inbound"}),
    (FULL, {"application": Set(f"application:{OTHER_APP}")}, FULL | {"app_id": OTHER_APP}),
    (
        FULL,
        {"sms": Set("webhook:https://new.example/a:b?c=d")},
        FULL | {"moHttpUrl": "https://new.example/a:b?c=d"},
    ),
    (
        {"app_id": APP} | TEL,
        {"application": Set(f"application:{OTHER_APP}"), "voice": CLEAR},
        {"app_id": OTHER_APP},
    ),
    ({}, {"voice": Set("sip:sip:desk@pbx.example")}, SIP),
    ({}, {"voice_status": Set("https://app.example/ended")}, STATUS),
    (TEL, {"sms": CLEAR}, TEL | {"moHttpUrl": ""}),
    # Links of the old kind become app_id, or stay where nothing else can say the same.
    (OLD_VOICE | MO, {"voice_status": CLEAR}, {"app_id": APP} | MO),
    (OLD_VOICE, TO_PHONE.edits, {"app_id": APP} | PHONE_777),
    (OLD_VOICE, {"application": CLEAR}, {}),
    (OLD_MESSAGES, TO_PHONE.edits, OLD_MESSAGES | PHONE_777),
    (OLD_MESSAGES, {"application": Set(f"application:{APP}")}, {"app_id": APP}),
    (OLD_MESSAGES, {"application": CLEAR}, {}),
    (OLD_VOICE | OLD_MESSAGES, {"sms": CLEAR}, {"app_id": APP, "moHttpUrl": ""} | OLD_MESSAGES),
    ({"app_id": APP} | OLD_MESSAGES, TO_PHONE.edits, {"app_id": APP} | PHONE_777),
    (
        {"voiceStatusCallbackUrl": "https://app.example/ended"},
        TO_PHONE.edits,
        PHONE_777 | STATUS,
    ),
    (
        {"voiceCallbackType": "tel", "voiceCallbackValue": "+447700900556"},
        {"sms": CLEAR},
        TEL | {"moHttpUrl": ""},
    ),
    (
        {"voiceCallbackType": "vxml", "voiceCallbackValue": "https://app.example/vxml"},
        {"sms": CLEAR},
        {
            "voiceCallbackType": "vxml",
            "voiceCallbackValue": "https://app.example/vxml",
            "moHttpUrl": "",
        },
    ),
]


@pytest.mark.parametrize(("fields", "edits", "sent"), UPDATES)
async def test_an_update_sends_everything_that_is_to_be_there(fields, edits, sent):
    assert await posted(fields, edits) == BASE | sent


async def test_what_is_kept_is_sent_as_it_is_stored():
    url = "https://app.example/" + "a" * 4_500 + "\u200b"
    assert (await posted({"moHttpUrl": url}, TO_PHONE.edits))["moHttpUrl"] == url


async def test_the_country_is_the_records_own():
    number = await found({})
    client, opened = vonage([listed(record(country="IM")), OK])
    await client.update(number, TO_PHONE)
    assert form_of(opened.wire.requests[1])["country"] == "IM"
    client, opened = vonage([listed(record(country=None))])
    with pytest.raises(Rejected, match="country"):
        await client.update(number, TO_PHONE)


async def test_a_value_that_cannot_be_kept_stops_the_update():
    number = await found({})
    client, opened = vonage([listed(record(moHttpUrl=["x"]))])
    with pytest.raises(Rejected, match="moHttpUrl"):
        await client.update(number, TO_PHONE)
    assert len(opened.wire.requests) == 1
    client, opened = vonage([listed(record(moHttpUrl=["x"])), OK])
    await client.update(number, Change({"sms": Set("webhook:https://a.example")}))


REFUSED = [
    {"smpp_system_type": CLEAR},
    {"friendly": Set("x")},
    {"voice": Set("webhook:https://app.example")},
    {"voice": Set("")},
    {"sms": Set("phone:+447700900556")},
]


@pytest.mark.parametrize("edits", REFUSED)
async def test_what_vonage_does_not_have_is_not_sent(edits):
    number = await found({})
    client, opened = vonage([listed(record())])
    with pytest.raises(NotOffered):
        await client.update(number, Change(edits))
    assert all(request.method == "GET" for request in opened.wire.requests)


async def test_nothing_to_change_asks_for_nothing():
    client, opened = vonage([])
    await client.update(await found({}), Change({}))
    assert opened.wire.requests == []


async def test_a_number_that_is_gone():
    client, opened = vonage([{}])
    with pytest.raises(NotFound):
        await client.update(await found({}), TO_PHONE)
    assert len(opened.wire.requests) == 1


@pytest.mark.parametrize("lost", [httpx.ReadTimeout("x"), httpx.ReadError("x")])
async def test_a_lost_read_has_changed_nothing(lost):
    number = await found({})
    client, opened = vonage([lost] * 4)
    with pytest.raises(NoAnswer) as failure:
        await client.update(number, TO_PHONE)
    assert failure.value.may_have_applied is False
    assert NoAnswer.may_have_applied is True
    assert all(request.method == "GET" for request in opened.wire.requests)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.ReadTimeout("x"), NoAnswer),
        (httpx.RemoteProtocolError("x"), NoAnswer),
        (httpx.Response(200, text="<html>"), BadReply),
        (httpx.Response(200, text='{"error-co'), BadReply),
        (httpx.Response(200, text=""), BadReply),
        (httpx.Response(200, json={}), BadReply),
        (httpx.Response(200, json=[OK]), BadReply),
    ],
)
async def test_a_lost_answer_to_a_write(answer, error):
    for path, act in (
        ("/number/buy", lambda client, _: client.buy(stock(), None)),
        ("/number/cancel", lambda client, number: client.release(number)),
        ("/number/update", lambda client, number: client.update(number, TO_PHONE)),
    ):
        number = await found({})
        read = [listed(record())] if path == "/number/update" else []
        client, opened = vonage([*read, answer])
        with pytest.raises(error) as failure:
            await act(client, number)
        assert failure.value.may_have_applied is True
        assert [r.url.path for r in opened.wire.requests if r.method == "POST"] == [path]


async def test_a_write_that_could_not_leave():
    client, opened = vonage([httpx.ConnectError("refused")])
    with pytest.raises(Unreachable) as failure:
        await client.buy(stock(), None)
    assert failure.value.may_have_applied is False
    assert len(opened.wire.requests) == 1


async def test_buying_and_releasing():
    number = await found({})
    client, opened = vonage([OK, OK])
    assert (await client.buy(stock(), None)).status == "active"
    await client.release(number)
    bought, released = opened.wire.requests
    assert bought.url.path == "/number/buy"
    assert form_of(bought) == {"country": "GB", "msisdn": "442079460123"}
    assert released.url.path == "/number/cancel"
    assert form_of(released) == BASE


async def test_acting_for_a_subaccount():
    number = await found({})
    client, opened = vonage([OK, OK, listed(record()), OK], target_api_key="1a2345b7")
    await client.buy(stock(), None)
    await client.release(number)
    await client.update(number, TO_PHONE)
    posts = [form_of(request) for request in opened.wire.requests if request.method == "POST"]
    assert [form.get("target_api_key") for form in posts] == ["1a2345b7", "1a2345b7", None]


async def test_without_a_country_nothing_is_bought_or_released():
    client, opened = vonage([])
    with pytest.raises(Rejected, match="country"):
        await client.buy(stock(country=None), None)
    with pytest.raises(Rejected, match="country"):
        await client.release(replace(await found({}), country=None))
    assert opened.wire.requests == []


async def test_warnings_are_few_and_fit_one_line():
    client, _ = vonage([])
    plain = client.warnings(await found({}), TO_PHONE)
    assert len(plain) == 1
    assert "status webhook" in plain[0]
    assert "status webhook" not in client.warnings(await found(STATUS), TO_PHONE)[0]
    both = Change({"smpp_system_type": Set("x"), "voice_status": CLEAR})
    assert client.warnings(await found({}), both) == ()
    old = client.warnings(await found(OLD_VOICE | STATUS), TO_PHONE)
    assert "messages too" in old[-1]
    assert len(client.warnings(await found(OLD_MESSAGES | STATUS), TO_PHONE)) == 1
    assert len(client.warnings(await found({"app_id": APP} | STATUS), TO_PHONE)) == 1
    voice_alone = await found(OLD_VOICE | STATUS | {"features": ["VOICE"]})
    assert len(client.warnings(voice_alone, TO_PHONE)) == 1
    assert all(len(line) < 90 for line in plain + old)


async def test_a_value_that_holds_the_secret_is_not_sent_back_masked():
    hook = f"https://hooks.example/in?key={SECRET}"
    client, opened = vonage([listed(record(moHttpUrl=hook))])
    with pytest.raises(Rejected, match="nothing was sent: moHttpUrl"):
        await client.update(await found({}), Change({"voice_status": Set("https://x.example")}))
    assert len(opened.wire.requests) == 1
