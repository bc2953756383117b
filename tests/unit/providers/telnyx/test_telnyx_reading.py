from dataclasses import replace

import httpx
import pytest

from tests.unit.providers.telnyx.helpers import (
    CONNECTION,
    IDENTITY,
    NUMBER,
    PROFILE,
    listed,
    record,
    refusal,
    telnyx,
    voice,
)
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import NOT_KNOWN, Channel, Money, Target
from tui_numbers.domain.query import Match, OwnedQuery, StockQuery
from tui_numbers.providers.contract import OrderStatus
from tui_numbers.providers.errors import (
    BadReply,
    CredentialsRejected,
    Forbidden,
    ListingIncomplete,
    NotFound,
    RateLimited,
    Rejected,
    ServerFault,
)
from tui_numbers.providers.telnyx.records import order_state
from tui_numbers.wording.values import further_facts

PHONE = "+493023125501"


async def _read(row, settings):
    client, _ = telnyx({"/phone_numbers": listed(row), "/phone_numbers/voice": listed(settings)})
    (page,) = [page async for page in client.owned(OwnedQuery())]
    (number,) = page.items
    return number


async def test_a_record_tells_what_a_person_wants_to_know():
    number = await _read(record(), voice())
    assert (number.number, number.id, number.country) == (NUMBER, IDENTITY, "AU")
    assert (number.type, number.status, number.name) == ("local", "active", "SUP-7")
    assert number.routing == {
        Channel.VOICE: Target("connection", CONNECTION),
        Channel.SMS: Target("profile", PROFILE),
    }
    assert number.routing[Channel.VOICE].label == "support-sip"
    assert number.settings == {
        "forward": None,
        "connection": f"connection:{CONNECTION}",
        "sms": f"profile:{PROFILE}",
        "forward_on_failure": None,
        "reference": "SUP-7",
        "tags": "oncall,eu",
    }
    # Neither price nor capabilities stand in the record.
    assert (number.monthly_cost, number.capabilities, number.city) == (None, (), None)


@pytest.mark.parametrize(
    ("forwarding", "forward", "on_failure"),
    [
        ({}, None, None),
        ({"forwards_to": ""}, None, None),
        ({"forwards_to": PHONE}, None, None),
        ({"forwarding_type": "always"}, None, None),
        ({"forwards_to": PHONE, "forwarding_type": "always"}, PHONE, None),
        ({"forwards_to": PHONE, "forwarding_type": "on-failure"}, None, PHONE),
        ({"forwards_to": PHONE, "forwarding_type": "on_failure"}, None, PHONE),
        (
            {"forwards_to": PHONE, "forwarding_type": "always", "call_forwarding_enabled": False},
            None,
            None,
        ),
        ({"forwards_to": "desk", "forwarding_type": "always"}, "desk", None),
    ],
)
async def test_calls_are_forwarded_only_where_a_number_and_a_type_say_so(
    forwarding, forward, on_failure
):
    number = await _read(record(), voice(**forwarding))
    assert number.settings["forward"] == forward
    assert number.settings["forward_on_failure"] == on_failure
    wanted = Target("phone", forward) if forward else Target("connection", CONNECTION)
    assert number.routing[Channel.VOICE] == wanted


async def test_a_forwarding_of_an_unknown_kind_is_told_and_not_made_up():
    number = await _read(record(), voice(forwards_to=PHONE, forwarding_type="on-weekends"))
    assert number.settings["forward"].kind == "on-weekends"
    assert number.settings["forward_on_failure"] is None


@pytest.mark.parametrize(
    ("word", "status", "own"),
    [
        ("active", "active", None),
        ("purchase-pending", "pending", "purchase-pending"),
        ("port-pending", "porting", "port-pending"),
        ("port_pending", "porting", "port_pending"),
        ("requirement-info-pending", "requirement-info-pending", None),
        ("emergency-only", "emergency-only", None),
    ],
)
async def test_states_of_a_purchase_a_porting_and_of_papers(word, status, own):
    number = await _read(record(status=word), voice())
    assert (number.status, number.told.get("status")) == (status, own)


@pytest.mark.parametrize(
    ("word", "kind"), [("longcode", "local"), ("tollfree", "toll_free"), ("landline", "landline")]
)
async def test_types_of_older_records_are_ours(word, kind):
    number = await _read(record(phone_number_type=word), voice())
    assert number.type == kind
    assert number.told.get("type") == (None if word == kind else word)


async def test_a_lock_of_the_provider_is_told():
    number = await _read(record(deletion_lock_enabled=True), voice())
    assert "deletion lock is on" in number.told["kept"]
    assert further_facts(number) == [("Not released", number.told["kept"])]
    assert "kept" not in (await _read(record(), voice())).told


@pytest.mark.parametrize(
    ("tags", "stored"),
    [([], None), (None, None), (["a b"], "a b"), (["", " "], None), (["a", "b"], "a,b")],
)
async def test_tags_are_written_by_comma(tags, stored):
    assert (await _read(record(tags=tags), voice())).settings["tags"] == stored


async def test_a_tag_with_a_comma_is_not_told_as_two():
    stored = (await _read(record(tags=["a,b"]), voice())).settings["tags"]
    assert not isinstance(stored, str | None)


async def test_a_deleted_number_that_is_still_listed_is_not_held():
    rows = [record(), record(id="2", phone_number="+61255500003", status="deleted")]
    answers = {
        "/phone_numbers": listed(*rows),
        "/phone_numbers/voice": listed(voice(), voice("2", "+61255500003")),
    }
    client, _ = telnyx(answers)
    pages = [page async for page in client.owned(OwnedQuery())]
    assert [one.number for page in pages for one in page.items] == [NUMBER]
    assert not any(page.warnings or page.dropped for page in pages)
    assert await client.find(E164("+61255500003")) is None


async def test_what_the_second_listing_does_not_tell_is_not_known_and_never_none():
    answers = {"/phone_numbers": listed(record()), "/phone_numbers/voice": httpx.Response(500)}
    client, _ = telnyx(answers)
    pages = client.owned(OwnedQuery())
    (number,) = (await anext(pages)).items
    with pytest.raises(ListingIncomplete, match="where calls are forwarded is not known"):
        await anext(pages)
    assert number.settings["forward"] == number.settings["forward_on_failure"] == NOT_KNOWN
    assert number.routing[Channel.VOICE] == NOT_KNOWN
    assert number.routing[Channel.SMS] == Target("profile", PROFILE)
    assert not number.unrouted


async def test_a_number_that_only_one_of_the_two_listings_has_is_not_known():
    answers = {
        "/phone_numbers": listed(record(), record(id="2", phone_number="+61255500003")),
        "/phone_numbers/voice": listed(voice()),
    }
    client, _ = telnyx(answers)
    numbers = [one async for page in client.owned(OwnedQuery()) for one in page.items]
    assert [one.settings["forward"] for one in numbers] == [None, NOT_KNOWN]


async def test_a_broken_messaging_profile_costs_no_page():
    """It is asked to be told beside the records, which come all the same."""

    def numbers(request):
        tolerant = request.url.params.get("handle_messaging_profile_error") == "true"
        errors = [{"code": "10002", "title": "Messaging profile", "detail": "broken"}]
        if not tolerant:
            return httpx.Response(503, json={"errors": errors})
        return httpx.Response(200, json=listed(record(messaging_profile_id=None), errors=errors))

    client, _ = telnyx({"/phone_numbers": numbers, "/phone_numbers/voice": listed(voice())})
    (page,) = [page async for page in client.owned(OwnedQuery())]
    assert page.items[0].settings["sms"] is None
    assert page.warnings == ("not all could be read: Messaging profile: broken (10002)",)


async def test_a_number_is_found_by_its_digits_or_by_its_identifier():
    answers = {
        "/phone_numbers": listed(record(id="9", phone_number=NUMBER + "1"), record()),
        "/phone_numbers/voice": listed(voice("9", NUMBER + "1"), voice()),
        f"/phone_numbers/{IDENTITY}": {"data": record()},
        f"/phone_numbers/{IDENTITY}/voice": {"data": voice(forwards_to=PHONE)},
    }
    client, made = telnyx(answers)
    found = await client.find(E164(NUMBER))
    assert found.id == IDENTITY
    asked = {request.url.params["filter[phone_number]"] for request in made.wire.requests}
    assert asked == {NUMBER[1:]}
    again = await client.find(E164(NUMBER), found)
    assert again.same_delivery(found)
    assert len(made.wire.requests) == 4
    assert await client.find(E164("+61255500009"), found) is None


async def test_voice_settings_that_are_not_there_yet_do_not_take_the_number_away():
    answers = {
        f"/phone_numbers/{IDENTITY}": {"data": record()},
        f"/phone_numbers/{IDENTITY}/voice": refusal(404, "10005"),
    }
    client, _ = telnyx(answers)
    known = await _read(record(), voice())
    found = await client.find(E164(NUMBER), known)
    assert found.settings["forward"] == NOT_KNOWN


async def test_a_record_that_cannot_be_read_proves_no_absence():
    answers = {
        "/phone_numbers": listed({"id": "1", "phone_number": "x"}),
        "/phone_numbers/voice": listed(),
    }
    client, _ = telnyx(answers)
    with pytest.raises(ListingIncomplete, match="unclear"):
        await client.find(E164(NUMBER))


async def test_no_pin_nor_key_is_kept_of_any_record():
    answers = {
        f"/phone_numbers/{IDENTITY}": {"data": record(pin="77-PIN", api_key="KEY77")},
        f"/phone_numbers/{IDENTITY}/voice": {"data": voice() | {"voicemail": {"pin": "78-PIN"}}},
        "/connections": listed(),
        "/messaging_profiles": listed({"id": PROFILE, "name": "x", "v1_secret": "79-PIN"}),
    }
    client, _ = telnyx(answers)
    known = await _read(record(), voice())
    found = await client.find(E164(NUMBER), replace(known, received=None))
    shown = repr(found) + (found.received or b"").decode()
    shown += repr([page async for page in client.targets()])
    assert "-PIN" not in shown
    assert "KEY77" not in shown
    assert b"customer_reference" in found.received


REFUSALS = [
    (refusal(401, "10009"), CredentialsRejected, "Refused: no (10009)"),
    (refusal(403, "10010"), Forbidden, "does not permit"),
    (refusal(403, "10038"), Forbidden, "level of the Telnyx account"),
    (refusal(404, "10005"), NotFound, "10005"),
    (refusal(400, "10015"), Rejected, "10015"),
    (refusal(422, "10016", pointer="/call_forwarding/forwards_to"), Rejected, "10016"),
    (refusal(422, "85000"), Rejected, "search again"),
    (refusal(422, "85001"), Rejected, "search again"),
    (refusal(409, "10036"), Rejected, "try again later"),
    # The same code means other things elsewhere: the status decides.
    (refusal(400, "10011"), Rejected, "10011"),
    (refusal(429, "10011"), RateLimited, "10011"),
    (refusal(500, "10007"), ServerFault, "10007"),
    (httpx.Response(200, json={"errors": [{"code": "1", "title": "t"}]}), Rejected, "t (1)"),
    (httpx.Response(200, json=[]), BadReply, "without data"),
    (httpx.Response(200, json={"data": []}), BadReply, "without balance"),
    (httpx.Response(200, json={"data": {}}), BadReply, "without balance"),
    (httpx.Response(422, json={"errors": "odd"}), Rejected, "odd"),
    (httpx.Response(422, json={"errors": [{"code": 7}]}), Rejected, "HTTP 422"),
]


@pytest.mark.parametrize(("answer", "error", "said"), REFUSALS)
async def test_refusals(answer, error, said):
    client, _ = telnyx(lambda _: answer)
    with pytest.raises(error) as failure:
        await client.check()
    assert type(failure.value) is error
    assert said in str(failure.value)


async def test_a_refusal_names_the_field_it_is_about():
    client, _ = telnyx([refusal(422, "10027", "no such", "/connection_id")])
    with pytest.raises(Rejected) as failure:
        await client.check()
    assert failure.value.fields == {"connection_id": "Refused: no such (10027)"}


async def test_the_reset_of_a_rate_limit_is_told_in_seconds():
    headers = {"x-ratelimit-limit": "2", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "30"}
    balance = {"data": {"balance": "312.40", "currency": "USD"}}
    client, made = telnyx([httpx.Response(429, headers=headers), balance])
    check = await client.check()
    assert check.balance == Money.read("312.40", "USD")
    assert any(29 < waiting.seconds <= 30 for waiting in made.waits)


@pytest.mark.parametrize(
    ("pattern", "match", "asked"),
    [
        ("", Match.CONTAINS, [{}]),
        ("49302", Match.STARTS, [{"starts_with": "302"}]),
        ("302", Match.STARTS, [{"starts_with": "302"}]),
        ("4", Match.STARTS, [{}]),
        ("49", Match.STARTS, [{}]),
        ("555", Match.CONTAINS, [{"contains": "555"}]),
        ("49302", Match.CONTAINS, [{"starts_with": "302"}, {"contains": "49302"}]),
        ("9302", Match.CONTAINS, [{"starts_with": "302"}, {"contains": "9302"}]),
        ("SALE", Match.CONTAINS, [{"contains": "7253"}]),
        ("0042", Match.ENDS, [{"ends_with": "0042"}]),
    ],
)
async def test_patterns_are_sent_without_the_country_code_and_without_wildcards(
    pattern, match, asked
):
    client, made = telnyx(lambda _: httpx.Response(200, json=listed()))
    query = StockQuery("DE", "local", frozenset({"sms", "voice"}), pattern, match)
    assert [page.items async for page in client.available(query)] == [()] * len(asked)
    for request, wanted in zip(made.wire.requests, asked, strict=True):
        params = dict(request.url.params)
        assert params.pop("filter[country_code]") == "DE"
        assert params.pop("filter[phone_number_type]") == "local"
        assert params.pop("filter[features]") == "voice,sms"
        assert params.pop("filter[limit]").isdigit()
        assert params == {f"filter[phone_number][{place}]": text for place, text in wanted.items()}


async def test_an_offer_tells_its_place_features_and_both_prices():
    offer = {
        "phone_number": "+13125550142",
        "features": [{"name": "sms"}, {"name": "voice"}, {"name": "hd_voice"}],
        "region_information": [
            {"region_type": "country_code", "region_name": "US"},
            {"region_type": "rate_center", "region_name": "CHICAGO ZONE 11"},
        ],
        "cost_information": {
            "upfront_cost": "1.00000",
            "monthly_cost": "2.50000",
            "currency": "CAD",
        },
    }
    client, _ = telnyx([listed(offer)])
    (page,) = [page async for page in client.available(StockQuery("US", "local"))]
    (number,) = page.items
    assert (number.country, number.type, number.city) == ("US", "local", "CHICAGO ZONE 11")
    assert number.capabilities == ("voice", "sms", "hd_voice")
    assert str(number.monthly_cost) == "CAD 2.50000"
    assert str(number.setup_cost) == "CAD 1.00000"
    # The answer is cut off at what was asked for, and tells no total of its own.
    assert page.total.count is None


async def test_targets_that_are_switched_off_take_nothing():
    answers = {
        "/connections": listed(
            {"id": "1", "connection_name": "on"},
            {"id": "2", "connection_name": "off", "active": False},
        ),
        "/messaging_profiles": listed({"id": PROFILE, "name": "off", "enabled": False}),
    }
    client, _ = telnyx(answers)
    options = {o.target.text: o async for page in client.targets() for o in page.items}
    assert options["connection:1"].channels == (Channel.VOICE,)
    assert options["connection:2"].channels == ()
    assert options["connection:2"].problem == "the connection is not active"
    assert options[f"profile:{PROFILE}"].channels == ()
    assert await client.target(Target("connection", "2")) == options["connection:2"]
    assert await client.target(Target("connection", "3")) is None


@pytest.mark.parametrize(
    ("order", "status", "words"),
    [
        ({"status": "success"}, OrderStatus.DONE, ""),
        ({"status": "pending"}, OrderStatus.PENDING, ""),
        ({"status": "failure"}, OrderStatus.FAILED, ""),
        ({"status": "cancelled"}, OrderStatus.FAILED, "cancelled"),
        ({"status": "deleted"}, OrderStatus.FAILED, "deleted"),
        # A word that nobody knows is no reason to call it done or failed.
        ({"status": "on-hold"}, OrderStatus.PENDING, "on-hold"),
        ({}, OrderStatus.PENDING, ""),
        (
            {"status": "success", "phone_numbers": [{"status": "failure"}]},
            OrderStatus.FAILED,
            "",
        ),
        (
            {
                "status": "pending",
                "phone_numbers": [
                    {
                        "status": "pending",
                        "requirements_status": "requirement-info-pending",
                        "deadline": "2026-12-10T09:00:00Z",
                    }
                ],
            },
            OrderStatus.PENDING,
            "papers that the country demands are missing, cancelled by itself after 2026-12-10",
        ),
        (
            {"status": "pending", "phone_numbers": [{"requirements_status": "cancelled"}]},
            OrderStatus.FAILED,
            "cancelled",
        ),
    ],
)
def test_how_an_order_stands(order, status, words):
    state = order_state(order)
    assert (state.status, state.words) == (status, words)
