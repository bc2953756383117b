import json

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
from tui_numbers.domain.changes import CLEAR, Change, Set
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import AvailableNumber, Target
from tui_numbers.domain.query import OwnedQuery
from tui_numbers.providers.contract import OrderStatus
from tui_numbers.providers.errors import NoAnswer, NotFound, NotOffered, Rejected, ServerFault
from tui_numbers.providers.telnyx.info import INFO
from tui_numbers.services.input_parsing import InvalidInput, read_target, read_value

PHONE = "+493023125501"
ALWAYS = {"forwards_to": PHONE, "forwarding_type": "always"}
FAILING = {"forwards_to": PHONE, "forwarding_type": "on-failure"}
ORDER = "12ade33a-21c0-473b-b055-b3c836e1c292"


async def _number(**forwarding):
    answers = {
        "/phone_numbers": listed(record()),
        "/phone_numbers/voice": listed(voice(**forwarding)),
    }
    client, _ = telnyx(answers)
    (page,) = [page async for page in client.owned(OwnedQuery())]
    return page.items[0]


async def _sent(edits, **forwarding):
    """Return the paths below the number that a change is sent to, with the bodies."""
    client, made = telnyx(lambda _: httpx.Response(200, json={"data": record()}))
    await client.update(await _number(**forwarding), Change(edits))
    requests = made.wire.requests
    assert {request.method for request in requests} <= {"PATCH"}
    at = f"/v2/phone_numbers/{IDENTITY}"
    return [(r.url.path.removeprefix(at), json.loads(r.content)) for r in requests]


def _forwarded(kind):
    return {
        "call_forwarding": {
            "call_forwarding_enabled": True,
            "forwards_to": PHONE,
            "forwarding_type": kind,
        }
    }


NONE = {"call_forwarding": {"forwards_to": ""}}


@pytest.mark.parametrize(
    ("edits", "forwarding", "sent"),
    [
        ({}, {}, []),
        ({"connection": Set("connection:7")}, {}, [("", {"connection_id": "7"})]),
        ({"reference": Set("a b")}, {}, [("", {"customer_reference": "a b"})]),
        ({"reference": CLEAR}, {}, [("", {"customer_reference": ""})]),
        ({"tags": Set("a, b,,c d ")}, {}, [("", {"tags": ["a", "b", "c d"]})]),
        ({"tags": CLEAR}, {}, [("", {"tags": []})]),
        (
            {"sms": Set(f"profile:{PROFILE}")},
            {},
            [("/messaging", {"messaging_profile_id": PROFILE})],
        ),
        # Null would keep it.
        ({"sms": CLEAR}, {}, [("/messaging", {"messaging_profile_id": ""})]),
        ({"forward": Set(PHONE)}, {}, [("/voice", _forwarded("always"))]),
        ({"forward_on_failure": Set(PHONE)}, {}, [("/voice", _forwarded("on-failure"))]),
        (
            {"forward": Set(PHONE), "forward_on_failure": CLEAR},
            FAILING,
            [("/voice", _forwarded("always"))],
        ),
        ({"forward": CLEAR}, ALWAYS, [("/voice", NONE)]),
        ({"forward_on_failure": CLEAR}, FAILING, [("/voice", NONE)]),
        # Both stand in one place: clearing the one that is empty must not take the other away.
        ({"forward": CLEAR}, FAILING, []),
        ({"forward_on_failure": CLEAR}, ALWAYS, []),
        (
            {"connection": Set("connection:7"), "forward": CLEAR, "sms": CLEAR},
            ALWAYS,
            [
                ("", {"connection_id": "7"}),
                ("/voice", NONE),
                ("/messaging", {"messaging_profile_id": ""}),
            ],
        ),
    ],
)
async def test_each_setting_goes_to_its_address_and_nothing_else_is_sent(edits, forwarding, sent):
    assert await _sent(edits, **forwarding) == sent


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ({"connection": CLEAR}, "no way to take a connection away"),
        ({"connection": Set("connection:x/y")}, "is no target here"),
        ({"connection": Set(f"profile:{PROFILE}")}, "is no target here"),
        ({"sms": Set("profile:1")}, "is no target here"),
        ({"forward": Set("desk")}, "is no E.164 number"),
        ({"forward_on_failure": Set("desk")}, "no E.164 number"),
        ({"forward": Set(PHONE), "forward_on_failure": Set(PHONE)}, "not both"),
        ({"colour": Set("red")}, "no setting 'colour'"),
    ],
)
async def test_what_no_document_knows_is_not_sent(edits, said):
    client, made = telnyx([])
    with pytest.raises(NotOffered, match=said):
        await client.update(await _number(), Change(edits))
    assert said in client.why_not(Change(edits))
    assert made.wire.requests == []


@pytest.mark.parametrize(
    ("key", "typed", "stored"),
    [
        ("forward", "+49 30 23125501", PHONE),
        ("forward", f"phone:{PHONE}", PHONE),
        ("forward_on_failure", "+49 30 23125501", PHONE),
        ("forward_on_failure", f"phone:{PHONE}", PHONE),
        ("connection", f"connection:{CONNECTION}", f"connection:{CONNECTION}"),
        ("sms", PROFILE, f"profile:{PROFILE}"),
        ("tags", " oncall , eu west,,oncall", "oncall,eu west"),
    ],
)
def test_a_typed_value_is_stored_as_it_will_read_back(key, typed, stored):
    assert read_value(INFO, key, typed) == stored
    assert read_value(INFO, key, stored) == stored


@pytest.mark.parametrize("typed", ["Support", CONNECTION, "tags:x"])
def test_bare_words_and_digits_are_no_connection(typed):
    with pytest.raises(InvalidInput):
        read_target(INFO, typed)


def test_tags_of_commas_alone_are_refused():
    with pytest.raises(InvalidInput, match="commas alone"):
        read_value(INFO, "tags", " , ,")


async def test_what_may_be_sent_has_no_reason_against_it():
    client, _ = telnyx([])
    assert client.why_not(Change({"connection": Set(f"connection:{CONNECTION}")})) is None


async def test_a_later_address_that_refuses_leaves_it_open_what_was_done():
    change = Change({"connection": Set("connection:7"), "forward": Set(PHONE)})
    first = {"data": record()}
    for failure, error in ((refusal(422, "10027"), Rejected), (httpx.Response(500), ServerFault)):
        client, made = telnyx([first, failure])
        with pytest.raises(error) as raised:
            await client.update(await _number(), change)
        assert raised.value.may_have_applied
        assert len(made.wire.requests) == 2
    client, _ = telnyx([refusal(422, "10027")])
    with pytest.raises(Rejected) as raised:
        await client.update(await _number(), change)
    assert not raised.value.may_have_applied


def _offer(number="+13125550142"):
    return AvailableNumber("uk-sms", "telnyx", E164(number), "US", "local", ())


def _ordered(status="success", **more):
    row = {"phone_number": "+13125550142", "status": status, **more}
    return {"data": {"id": ORDER, "status": status, "phone_numbers": [row]}}


async def test_a_purchase_searches_first_and_orders_once():
    client, made = telnyx([listed({"phone_number": "+13125550142"}), _ordered()])
    purchase = await client.buy(_offer(), None, {"requirement_group": PROFILE})
    assert (purchase.status, purchase.reference) == ("active", ORDER)
    search, order = made.wire.requests
    assert (search.method, search.url.path) == ("GET", "/v2/available_phone_numbers")
    assert search.url.params["filter[phone_number][starts_with]"] == "3125550142"
    assert json.loads(order.content) == {
        "phone_numbers": [{"phone_number": "+13125550142", "requirement_group_id": PROFILE}]
    }


@pytest.mark.parametrize(
    ("target", "named"),
    [
        (Target("connection", CONNECTION), {"connection_id": CONNECTION}),
        (Target("profile", PROFILE), {"messaging_profile_id": PROFILE}),
        (Target("phone", PHONE), {}),
    ],
)
async def test_an_order_names_the_target_that_it_can(target, named):
    client, made = telnyx([listed({"phone_number": "+13125550142"}), _ordered()])
    await client.buy(_offer(), target)
    body = json.loads(made.wire.requests[-1].content)
    assert body == {"phone_numbers": [{"phone_number": "+13125550142"}], **named}
    assert INFO.points_afterwards(target) == (not named)


async def test_an_order_that_waits_leaves_its_reference():
    client, _ = telnyx([listed({"phone_number": "+13125550142"}), _ordered("pending")])
    purchase = await client.buy(_offer(), None)
    assert (purchase.status, purchase.reference) == ("pending", ORDER)


async def test_an_order_that_fails_at_once_bought_nothing():
    client, _ = telnyx([listed({"phone_number": "+13125550142"}), _ordered("failure")])
    with pytest.raises(Rejected, match="the order failed") as failure:
        await client.buy(_offer(), None)
    assert not failure.value.may_have_applied


async def test_what_no_search_finds_is_not_ordered():
    client, made = telnyx([listed({"phone_number": "+13125550143"}), listed()])
    with pytest.raises(Rejected, match="no longer in stock"):
        await client.buy(_offer(), None)
    assert {request.method for request in made.wire.requests} == {"GET"}


async def test_a_search_that_is_lost_bought_nothing():
    client, made = telnyx(lambda _: (_ for _ in ()).throw(httpx.ReadTimeout("late")))
    with pytest.raises(NoAnswer) as failure:
        await client.buy(_offer(), None)
    assert not failure.value.may_have_applied
    assert {request.method for request in made.wire.requests} == {"GET"}


async def test_orders_are_asked_by_reference_and_found_by_number():
    older = _ordered("failure")["data"] | {"id": "old", "created_at": "2026-11-26T09:00:00Z"}
    newer = _ordered("pending")["data"] | {"created_at": "2026-11-26T09:00:01Z"}
    other = {"id": "x", "phone_numbers": [{"phone_number": "+13125550143"}]}
    answers = {
        "/number_orders": listed(newer, other, older),
        f"/number_orders/{ORDER}": _ordered("pending"),
    }
    client, made = telnyx(answers)
    number = await _number()
    assert await client.order_since(E164("+13125550142"), number.seen_at) == ORDER
    assert made.wire.requests[0].url.params["filter[created_at][gt]"].endswith("Z")
    assert await client.order_since(E164("+13125550149"), number.seen_at) is None
    assert (await client.order(ORDER)).status is OrderStatus.PENDING
    with pytest.raises(NotFound):
        await client.order("../phone_numbers")


@pytest.mark.parametrize(
    ("demanded", "choices"), [([], []), ([{"label": "Address"}], [(PROFILE, "Head office")])]
)
async def test_groups_of_papers_are_offered_where_any_are_demanded(demanded, choices):
    groups = [
        {"id": PROFILE, "customer_reference": "Head office", "status": "approved"},
        {"id": "2", "status": "declined"},
    ]
    needs = {"phone_number_type": "local", "regulatory_requirements": demanded}
    answers = {
        "/phone_numbers_regulatory_requirements": listed(needs),
        "/requirement_groups": lambda _: httpx.Response(200, json=groups),
    }
    client, _ = telnyx(answers)
    found = await client.buy_choices("requirement_group", _offer())
    assert [(one.value, one.label) for one in found] == choices
    assert await client.buy_choices("address", _offer()) == ()


async def test_a_release_deletes_by_the_identifier():
    client, made = telnyx([{"data": record(status="deleted")}])
    await client.release(await _number())
    (request,) = made.wire.requests
    assert (request.method, request.url.path) == ("DELETE", f"/v2/phone_numbers/{IDENTITY}")
    assert NUMBER not in str(request.url)
