"""What is made of Twilio's records: owned numbers, targets, stock, prices."""

from datetime import UTC, datetime

import httpx
import pytest

from tests.unit.providers.twilio.conftest import PN, SID, page, record
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import NOT_KNOWN, Channel, Target
from tui_numbers.domain.query import Match, OwnedQuery, StockQuery
from tui_numbers.providers.errors import (
    BadReply,
    ConfigurationProblem,
    CredentialsRejected,
    Forbidden,
    ListingIncomplete,
    NotFound,
    ProviderError,
    RateLimited,
    Rejected,
)

VOICE, SMS = Channel.VOICE, Channel.SMS
NUMBERS = "/IncomingPhoneNumbers.json"
NUMBER = E164("+14155550123")
MG = "MG" + "2" * 32
TK, AP = "TK" + "3" * 32, "AP" + "4" * 32


async def listed(client, query=None):
    pages = [one async for one in client.owned(query or OwnedQuery())]
    return [item for one in pages for item in one.items], [
        line for one in pages for line in one.warnings
    ]


async def one(scripted, **changes):
    ((number,), warnings) = await listed(scripted({NUMBERS: page(record(**changes))}).client)
    return number, warnings


async def test_a_record_is_read_with_the_country_of_its_digits(scripted):
    number, _ = await one(scripted)
    assert (number.id, number.number, number.country) == (PN, NUMBER, "US")
    assert (number.type, number.status, number.name) == ("local", "active", "Desk")
    assert number.capabilities == ("voice", "sms")
    assert number.created_at == datetime(2025, 3, 4, 9, 12, 44, tzinfo=UTC)
    assert set(number.settings.values()) == {None, "Desk"}
    assert number.monthly_cost is None


@pytest.mark.parametrize(
    ("written", "country"),
    [
        ("+14165550100", "CA"),
        ("+18005550100", None),
        ("+61255500001", "AU"),
        ("+447911123456", "GG"),
        ("+80012345678", None),
    ],
)
async def test_a_number_of_no_country_alone_has_none(scripted, written, country):
    number, _ = await one(scripted, phone_number=written)
    assert number.country == country


@pytest.mark.parametrize(
    ("word", "kind", "own"),
    [
        ("local", "local", None),
        ("toll free", "toll_free", None),
        ("tollfree", "toll_free", "tollfree"),
        (None, None, None),
        ("satellite", "satellite", None),
    ],
)
async def test_a_type_may_be_absent_or_new(scripted, word, kind, own):
    number, warnings = await one(scripted, type=word)
    assert (number.type, number.told.get("type")) == (kind, own)
    assert not warnings


async def test_names_of_capabilities_are_read_without_regard_to_case(scripted):
    number, _ = await one(scripted, capabilities={"Voice": True, "SMS": True, "MMS": False})
    assert number.capabilities == ("voice", "sms")


@pytest.mark.parametrize(
    ("changes", "voice"),
    [
        ({"trunk_sid": TK, "voice_application_sid": AP, "voice_url": "https://a"}, f"trunk:{TK}"),
        ({"voice_application_sid": AP, "voice_url": "https://a"}, f"application:{AP}"),
        ({"voice_url": "https://a"}, "webhook:https://a"),
        ({}, None),
    ],
)
async def test_a_trunk_goes_before_an_application_and_that_before_a_url(scripted, changes, voice):
    number, _ = await one(scripted, **changes)
    assert number.routing[VOICE] == (Target.from_text(voice) if voice else None)
    stored = f"webhook:{changes['voice_url']}" if "voice_url" in changes else None
    assert number.settings["voice"] == stored


def service(**changes):
    return {
        "/v1/Services": {
            "services": [
                {
                    "sid": MG,
                    "friendly_name": "Orders",
                    "inbound_request_url": "https://hooks.example",
                    "use_inbound_webhook_on_number": False,
                    **changes,
                }
            ],
            "meta": {"next_page_url": None},
        },
        f"/{MG}/PhoneNumbers": {"phone_numbers": [{"sid": PN}], "meta": {}},
    }


@pytest.mark.parametrize(
    ("changes", "routed", "said"),
    [
        ({}, f"service:{MG}", "the Messaging Service Orders decides where messages go"),
        ({"inbound_request_url": None}, f"service:{MG}", "and drops them"),
        ({"use_inbound_webhook_on_number": True}, "webhook:https://own", None),
    ],
)
async def test_a_messaging_service_decides_only_where_it_does(scripted, changes, routed, said):
    answers = {NUMBERS: page(record(sms_url="https://own"))} | service(**changes)
    ((number,), _) = await listed(scripted(answers).client)
    assert number.routing[SMS] == Target.from_text(routed)
    assert said in number.elsewhere.get(SMS, "") if said else SMS not in number.elsewhere
    assert number.settings["sms"] == "webhook:https://own"


@pytest.mark.parametrize("status", [403, 404, 500])
async def test_services_that_cannot_be_read_leave_messages_not_known(scripted, status):
    answers = {NUMBERS: page(record(sms_url="https://own")), "/v1/Services": httpx.Response(status)}
    pages, failure = scripted(answers).client.owned(OwnedQuery()), None
    first = await anext(pages)
    try:
        assert [each async for each in pages] == []
    except ListingIncomplete as error:
        failure = error
    ((number,), warnings) = first.items, first.warnings
    assert number.routing[SMS] == NOT_KNOWN
    assert number.settings["messaging_service"] == NOT_KNOWN
    assert number.routing[VOICE] is None
    (line,) = warnings
    assert "where messages go is not known" in line
    # What a key may not read, or a host does not have, is no reason to try again.
    assert (failure is None) == (status < 500)


async def test_pages_are_followed_as_they_are_linked(scripted):
    second = f"/2010-04-01/Accounts/{SID}{NUMBERS}?PageSize=1000&Page=1&PageToken=PAx"
    other = record(sid=PN[:-1] + "2", phone_number="+14155550124")
    asked = scripted({NUMBERS: [page(record(), following=second), page(other)]})
    numbers, _ = await listed(asked.client)
    assert [number.number for number in numbers] == [NUMBER, "+14155550124"]
    urls = [str(one.url) for one in asked.desk.wire.requests if one.url.path.endswith(NUMBERS)]
    assert urls[0].endswith("PageSize=1000")
    assert urls[1] == f"https://stand-in.example/tw/api{second}"


@pytest.mark.parametrize(
    "link",
    [
        "https://elsewhere.example/2010-04-01/x.json",
        "//elsewhere.example/x.json",
        "https://stand-in.example/other/x.json",
        "https://pricing.twilio.com/x.json",
        "https://stand-in.example/tw/api/../../x.json",
    ],
)
async def test_credentials_never_follow_a_link_elsewhere(scripted, link):
    asked = scripted({NUMBERS: page(record(), following=link)})
    with pytest.raises(ListingIncomplete):
        await listed(asked.client)
    assert {one.url.host for one in asked.desk.wire.requests} == {"stand-in.example"}
    assert all(one.url.path.startswith("/tw/") for one in asked.desk.wire.requests)


async def test_types_that_records_need_not_tell_are_asked_for(scripted):
    answers = {"/Local.json": page(record(type=None))}
    asked = scripted(answers)
    ((number,), _) = await listed(asked.client, OwnedQuery(types=frozenset({"local"})))
    assert number.type == "local"


async def test_a_number_is_read_by_its_sid_and_else_looked_for_exactly(scripted):
    longer = record(sid=PN[:-1] + "9", phone_number="+141555501234")
    asked = scripted({f"/{PN}.json": record(), NUMBERS: page(longer, record())})
    found = await asked.client.find(NUMBER)
    assert found is not None
    assert (found.id, bool(found.received)) == (PN, True)
    again = await asked.client.find(NUMBER, found)
    assert again is not None
    assert (again.id, again.settings) == (found.id, found.settings)
    assert await asked.client.find(E164("+14155550199")) is None


async def test_a_number_that_has_another_sid_now_is_found(scripted):
    known = await scripted({NUMBERS: page(record())}).client.find(NUMBER)
    gone = httpx.Response(404, json={"code": 20404, "message": "not found", "status": 404})
    asked = scripted({f"/{PN}.json": gone, NUMBERS: page(record(sid=PN[:-1] + "5"))})
    found = await asked.client.find(NUMBER, known)
    assert found is not None
    assert found.id == PN[:-1] + "5"


async def test_no_token_is_kept_where_a_record_holds_one(scripted):
    asked = scripted({NUMBERS: page(record(auth_token="f00ba4", nested={"auth_token": "f00ba4"}))})
    found = await asked.client.find(NUMBER)
    assert found is not None
    assert found.received is not None
    assert b"f00ba4" not in found.received
    assert b"auth_token" not in found.received


@pytest.mark.parametrize(
    ("digits", "match", "asked"),
    [
        ("61255", Match.STARTS, "+61255"),
        ("1234", Match.ENDS, "1234$"),
        ("1234", Match.CONTAINS, "1234"),
        ("TAXI", Match.CONTAINS, "8294"),
        ("7", Match.CONTAINS, None),
    ],
)
async def test_a_pattern_is_sent_as_twilio_reads_it(scripted, digits, match, asked):
    made = scripted({"/Local.json": {"available_phone_numbers": []}})
    query = StockQuery("AU", "local", pattern=digits, match=match)
    [page async for page in made.client.available(query)]
    sent = [one for one in made.desk.wire.requests if one.url.path.endswith("/Local.json")]
    assert sent[0].url.params.get("Contains") == asked


@pytest.mark.parametrize(
    ("place", "sent"), [("Boston", {"InLocality": "Boston"}), ("ma", {"InRegion": "MA"})]
)
async def test_a_place_is_asked_for_as_a_whole_and_else_looked_for_in_what_is_shown(
    scripted, place, sent
):
    made = scripted({"/Local.json": {"available_phone_numbers": []}})
    [each async for each in made.client.available(StockQuery("US", "local", place=place))]
    asked = [dict(one.url.params) for one in made.desk.wire.requests if "Local" in one.url.path]
    assert asked == [{"PageSize": "1000", **sent}, {"PageSize": "1000"}]


async def test_prices_are_of_the_price_list_whatever_their_type(scripted):
    rows = [
        {"phone_number": "+61255500001", "iso_country": "AU", "latitude": "-33.8",
         "address_requirements": "local", "capabilities": {"voice": True}},
    ]  # fmt: skip
    prices = [
        {"number_type": "local", "base_price": 4.0, "current_price": 3.25},
        {"number_type": "toll free", "base_price": "16.00", "current_price": "16.00"},
    ]
    made = scripted(
        {
            "/Local.json": {"available_phone_numbers": rows},
            "/Countries/AU": {"price_unit": "USD", "phone_number_prices": prices},
        }
    )
    pages = [page async for page in made.client.available(StockQuery("AU", "local"))]
    (number,) = pages[0].items
    assert str(number.monthly_cost) == "USD 3.25"
    assert number.address_requirement == "local"
    assert pages[0].total.capped


async def test_a_type_that_a_country_lacks_is_none_of_that_type(scripted):
    gone = httpx.Response(404, json={"code": 20404, "message": "not found", "status": 404})
    made = scripted({"/Mobile.json": gone})
    pages = [page async for page in made.client.available(StockQuery("US", "mobile"))]
    assert [page.items for page in pages] == [()]


async def test_every_type_that_a_country_has_is_searched(scripted):
    uris = {"local": "/x", "toll_free": "/y", "machine_to_machine": "/z"}
    made = scripted(
        {
            "/US.json": {"subresource_uris": uris},
            "/Local.json": {"available_phone_numbers": []},
            "/TollFree.json": {"available_phone_numbers": []},
        }
    )
    pages = [page async for page in made.client.available(StockQuery("US"))]
    assert len(pages) == 2


@pytest.mark.parametrize(
    ("status", "code", "error", "words"),
    [
        (401, 20003, CredentialsRejected, "rejected the key"),
        (403, 20403, Forbidden, "does not permit"),
        (404, 20404, NotFound, "no such thing"),
        (429, 20429, RateLimited, "asked too often"),
        (400, 21422, Rejected, "search again"),
        (400, 21631, Rejected, "--with address"),
        (400, 21649, Rejected, "--with bundle"),
        (400, 21669, Rejected, "another region"),
    ],
)
async def test_a_refusal_is_told_as_what_it_is(scripted, status, code, error, words):
    body = {"code": code, "message": "as it is", "more_info": "https://x", "status": status}
    made = scripted({"/Balance.json": page(), NUMBERS: httpx.Response(status, json=body)})
    with pytest.raises(ProviderError) as failure:
        await made.client.find(NUMBER)
    assert type(failure.value) is error
    assert words in str(failure.value)


async def test_a_subaccount_without_a_balance_is_checked_by_a_listing(scripted):
    none = httpx.Response(404, json={"code": 20404, "message": "not found", "status": 404})
    check = await scripted({"/Balance.json": none}).client.check()
    assert check.balance is None
    assert SID in check.title
    money = {"balance": "7.50", "currency": "USD", "account_sid": SID}
    assert str((await scripted({"/Balance.json": money}).client.check()).balance) == "USD 7.50"


async def test_the_account_record_is_never_read(scripted):
    made = scripted({NUMBERS: page(record())})
    await listed(made.client)
    assert not any(path.endswith(f"Accounts/{SID}.json") for path in made.paths())
    assert not any(path.endswith("/Accounts.json") for path in made.paths())


def test_a_region_that_is_none_is_told(scripted):
    with pytest.raises(ConfigurationProblem, match="region is one of"):
        scripted({}, region="moon")


async def test_a_record_without_a_number_is_no_other_number(scripted):
    with pytest.raises(BadReply):
        await scripted({NUMBERS: page({"sid": PN})}).client.find(NUMBER)
