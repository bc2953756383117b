from decimal import Decimal

import pytest

from tests.unit.sandbox.conftest import client_of
from tui_numbers.sandbox.accounts import (
    VONAGE_API_KEY,
    VONAGE_API_SECRET,
    VONAGE_SUBACCOUNT_KEY,
    VONAGE_SUBACCOUNT_SECRET,
)
from tui_numbers.sandbox.http import Limit
from tui_numbers.sandbox.vonage_numbers import SUPPORT_MOBILE

MSISDN = SUPPORT_MOBILE[1:]
MINE = {"country": "GB", "msisdn": MSISDN}


async def read(vonage, msisdn: str = MSISDN) -> dict:
    query = {"pattern": msisdn, "search_pattern": 1}
    return (await vonage.get("/account/numbers", params=query)).json()["numbers"][0]


async def test_credentials(sandbox, vonage):
    assert (await vonage.get("/account/get-balance")).json() == {
        "value": 187.45,
        "autoReload": False,
    }
    query = {"api_key": VONAGE_API_KEY, "api_secret": VONAGE_API_SECRET}
    async with client_of(sandbox, "vonage", auth=None) as stranger:
        assert (await stranger.get("/account/numbers", params=query)).status_code == 200
        assert (await stranger.get("/v2/applications", params=query)).status_code == 401
        refused = await stranger.get("/account/numbers")
    assert refused.status_code == 401
    assert refused.json() == {"error-code": "401", "error-code-label": "authentication failed"}
    assert VONAGE_API_SECRET not in str(sandbox.requests)


@pytest.mark.parametrize("way", ["header", "query", "form"])
@pytest.mark.parametrize("path", ["/number/update", "/number/buy", "/number/cancel"])
async def test_a_write_takes_the_credentials_in_its_header_its_query_or_its_form(
    sandbox, way, path
):
    given = {"api_key": VONAGE_API_KEY, "api_secret": VONAGE_API_SECRET}
    options = {"auth": (VONAGE_API_KEY, VONAGE_API_SECRET) if way == "header" else None}
    async with client_of(sandbox, "vonage", **options) as client:
        asked = {"params": given if way == "query" else None}
        number = MINE
        if path == "/number/buy":
            number = {"country": "GB", "msisdn": next(iter(sandbox.world.stock.numbers(
                "vonage", "GB", "local")))[1:]}  # fmt: skip
        fields = number | (given if way == "form" else {})
        answer = await client.post(path, data=fields, **asked)
    assert answer.json() == {"error-code": "200", "error-code-label": "success"}
    assert VONAGE_API_SECRET not in str(sandbox.requests)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"api_key": VONAGE_API_KEY},
        {"api_key": VONAGE_API_KEY, "api_secret": "wrong"},
        {"api_key": "", "api_secret": ""},
    ],
)
async def test_a_form_with_other_credentials_is_refused_and_changes_nothing(sandbox, fields):
    before = sandbox.world.vonage.numbers.get(MSISDN)
    async with client_of(sandbox, "vonage", auth=None) as stranger:
        refused = await stranger.post("/number/cancel", data=MINE | fields)
    assert refused.status_code == 401
    assert sandbox.world.vonage.numbers.get(MSISDN) == before


@pytest.mark.parametrize(
    "change",
    [
        {"app_id": "another"},
        {"voiceCallbackType": "tel", "voiceCallbackValue": "442079460010"},
        {"voiceStatusCallback": "https://hooks.northline.example/status"},
    ],
)
async def test_a_whole_record_that_was_read_can_be_posted_with_a_change(sandbox, vonage, change):
    """So do official clients: they read, change one value and send all that they read."""
    if "app_id" in change:
        change = {"app_id": list(sandbox.world.vonage.applications)[1]}
    listed = await read(vonage)
    features = {"features": ",".join(listed["features"]), "cost": "1.25"}
    posted = listed | features | {"messagesCallbackType": "", "messagesCallbackValue": ""} | change
    assert (await vonage.post("/number/update", data=posted)).status_code == 200
    assert await read(vonage) == listed | change
    # A link goes where it is left out of what was read, and other settings stay.
    posted.pop("app_id")
    blank = {"voiceCallbackType": "", "voiceCallbackValue": ""}
    assert (await vonage.post("/number/update", data=posted | blank)).status_code == 200
    after = await read(vonage)
    assert not after.keys() & {"app_id", "voiceCallbackType", "messagesCallbackType"}
    assert (after["features"], after["type"]) == (listed["features"], listed["type"])


async def test_pages_by_index(sandbox, vonage):
    seen = []
    for index in range(1, 6):
        query = {"size": 100, "index": index}
        page = (await vonage.get("/account/numbers", params=query)).json()
        seen += page["numbers"]
        assert page["count"] == 424
    assert len({record["msisdn"] for record in seen}) == 424
    assert len((await vonage.get("/account/numbers")).json()["numbers"]) == 10
    beyond = (await vonage.get("/account/numbers?index=99")).json()
    assert beyond == {"count": 424, "numbers": []}
    assert {r.route for r in sandbox.requests} == {"list"}


async def test_a_short_code_is_among_the_owned_ones(sandbox, vonage):
    record = await read(vonage, "96167")
    assert {key: record[key] for key in ("country", "msisdn", "type", "features")} == {
        "country": "US",
        "msisdn": "96167",
        "type": "mobile-shortcode",
        "features": ["SMS"],
    }
    change = {"country": "US", "msisdn": "96167", "moHttpUrl": "https://hooks.northline.example/s"}
    assert (await vonage.post("/number/update", data=change)).status_code == 200
    assert (await read(vonage, "96167"))["moHttpUrl"] == change["moHttpUrl"]
    assert (await vonage.post("/number/cancel", data=change)).status_code == 200
    assert (await vonage.get("/number/search?country=US&pattern=96167")).status_code == 200
    assert (await vonage.get("/account/numbers")).json()["count"] == 423


async def test_patterns_and_filters(sandbox, vonage):
    async def count(**query: object) -> int:
        return (await vonage.get("/account/numbers", params=query)).json().get("count", 0)

    assert await count(pattern="6170", search_pattern=2) == 1
    assert await count(pattern="6170") == 0
    assert await count(pattern="44740090", search_pattern=0) == 1
    assert await count(country="GB", pattern="4009", search_pattern=1) >= 1
    linked, free = await count(has_application="true"), await count(has_application="false")
    assert (linked + free, linked > free > 0) == (424, True)
    for yes, no in (("True", "False"), ("TRUE", "FALSE"), (True, False)):
        assert await count(has_application=yes) == linked
        assert await count(has_application=no) == free
    app = next(iter(sandbox.world.vonage.applications))
    assert 0 < await count(application_id=app) < linked
    assert (await vonage.get("/account/numbers?country=ZZ")).json() == {}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("size=101", 400),
        ("size=x", 400),
        ("search_pattern=3", 400),
        ("country=GBR", 400),
        ("has_application=yes", 400),
        ("has_application=", 400),
        ("country=GB&features=VOICE,SMS", 420),
        ("country=GB&type=fax", 400),
        ("index=-4", 200),
        ("index=%D9%A3", 400),
    ],
)
async def test_bad_parameters(vonage, query, status):
    assert (await vonage.get(f"/account/numbers?{query}")).status_code == status


async def test_search(vonage):
    query = {"country": "GB", "features": "SMS,VOICE", "pattern": "2020", "search_pattern": 1}
    page = (await vonage.get("/number/search", params=query | {"size": 100})).json()
    assert page["count"] >= 5
    for item in page["numbers"]:
        assert {"SMS", "VOICE"} <= set(item["features"])
        assert "2020" in item["msisdn"]
        assert isinstance(item["cost"], str)
        assert Decimal(item["cost"]) > 0
    assert (await vonage.get("/number/search?country=US")).json()["count"] > 40_000
    assert (await vonage.get("/number/search?country=ZZ")).json() == {}
    missing = await vonage.get("/number/search")
    assert (missing.status_code, missing.json()) == (400, {"country": "Is required."})


async def test_update_replaces_everything(sandbox, vonage):
    app = (await read(vonage))["app_id"]
    everything = MINE | {
        "app_id": app,
        "moHttpUrl": "https://hooks.northline.example/in",
        "moSmppSysType": "inbound",
        "voiceCallbackType": "tel",
        "voiceCallbackValue": "442079460010",
        "voiceStatusCallback": "https://hooks.northline.example/status",
        "messagesCallbackType": "app",
        "messagesCallbackValue": app,
    }
    answer = await vonage.post("/number/update", data=everything)
    assert answer.json() == {"error-code": "200", "error-code-label": "success"}
    record = await read(vonage)
    assert "moSmppSysType" not in record
    assert everything.items() - {("moSmppSysType", "inbound")} <= {
        (key, value) for key, value in record.items() if isinstance(value, str)
    }
    assert sandbox.world.vonage.numbers.get(MSISDN).smpp_system_type == "inbound"
    await vonage.post("/number/update", data=MINE | {"app_id": app})
    linked = await read(vonage)
    assert set(linked) - {"voiceCallbackType", "voiceCallbackValue"} == {
        "country", "msisdn", "type", "features", "app_id",
    }  # fmt: skip
    assert (linked["voiceCallbackType"], linked["voiceCallbackValue"]) == ("app", app)
    assert sandbox.world.vonage.numbers.get(MSISDN).smpp_system_type is None
    await vonage.post("/number/update", data=MINE | {"moHttpUrl": ""})
    assert set(await read(vonage)) == {"country", "msisdn", "type", "features"}


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"msisdn": "447700900000"}, 420),
        ({"country": "DE"}, 420),
        ({"app_id": "nobody"}, 420),
        ({"moHttpUrl": "https://dead.example/in"}, 420),
        ({"moHttpUrl": "not a url"}, 420),
        ({"moHttpUrl": "http://[broken"}, 420),
        ({"voiceCallbackType": "tel"}, 420),
        ({"voiceCallbackType": "tel", "voiceCallbackValue": "desk"}, 420),
        ({"voiceCallbackType": "fax", "voiceCallbackValue": "1"}, 400),
        ({"messagesCallbackType": "sip"}, 400),
        ({"country": ""}, 400),
        ({"country": "GBR"}, 400),
    ],
)
async def test_bad_updates_change_nothing(sandbox, vonage, fields, status):
    before = sandbox.world.vonage.numbers.get(MSISDN)
    assert (await vonage.post("/number/update", data=MINE | fields)).status_code == status
    assert sandbox.world.vonage.numbers.get(MSISDN) == before


async def test_only_forms_are_read(vonage):
    answer = await vonage.post("/number/update", json=MINE)
    assert (answer.status_code, answer.json()["error-code"]) == (420, "420")
    assert (await vonage.post("/number/update", params=MINE)).status_code == 400
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for content in (b"\xff\xfe", b"country=%FF", b"a=1&" * 200):
        answer = await vonage.post("/number/update", content=content, headers=headers)
        assert answer.status_code == 400


async def test_buy_and_cancel(sandbox, vonage):
    query = {"country": "GB", "type": "landline", "size": 1}
    item = (await vonage.get("/number/search", params=query)).json()["numbers"][0]
    form = {"country": "GB", "msisdn": item["msisdn"]}
    assert (await vonage.post("/number/buy", data=form)).json()["error-code"] == "200"
    assert sandbox.world.vonage.balance == Decimal("187.45") - Decimal(item["cost"])
    again = await vonage.post("/number/buy", data=form)
    assert (again.status_code, "already" in again.text) == (420, True)
    assert (await read(vonage, item["msisdn"]))["type"] == "landline"
    wrong = await vonage.post("/number/cancel", data=form | {"country": "DE"})
    assert wrong.status_code == 420
    assert (await vonage.post("/number/cancel", data=form)).status_code == 200
    assert (await vonage.post("/number/cancel", data=form)).status_code == 420
    assert (await vonage.get("/number/search", params=query)).json()["numbers"] == [item]


async def test_a_founding_number_can_be_released_and_bought_back(vonage):
    assert (await vonage.post("/number/cancel", data=MINE)).status_code == 200
    query = {"country": "GB", "pattern": MSISDN}
    assert (await vonage.get("/number/search", params=query)).json()["count"] == 1
    assert (await vonage.post("/number/buy", data=MINE)).status_code == 200


async def test_purchases_that_fail(sandbox, vonage):
    stock = (await vonage.get("/number/search?country=DE&size=1")).json()["numbers"][0]
    form = {"country": "DE", "msisdn": stock["msisdn"]}
    refused = await vonage.post("/number/buy", data=form)
    assert refused.status_code == 420
    assert refused.json() == {
        "error-code": "420",
        "error-code-label": "Numbers from this country can be requested from the Dashboard "
        "(https://dashboard.nexmo.com/buy-numbers) as they require a valid local address to be "
        "provided before being purchased.",
    }
    gb = (await vonage.get("/number/search?country=GB&size=1")).json()["numbers"][0]
    form = {"country": "GB", "msisdn": gb["msisdn"]}
    other = await vonage.post("/number/buy", data=form | {"country": "US"})
    assert other.status_code == 420
    sandbox.world.vonage.balance = Decimal("0.10")
    broke = await vonage.post("/number/buy", data=form)
    assert broke.json()["error-code-label"] == "method failed"


async def test_subaccounts(sandbox, vonage):
    item = (await vonage.get("/number/search?country=GB&size=1")).json()["numbers"][0]
    form = {"country": "GB", "msisdn": item["msisdn"], "target_api_key": VONAGE_SUBACCOUNT_KEY}
    assert (await vonage.post("/number/buy", data=form)).status_code == 200
    query = {"pattern": item["msisdn"]}
    assert (await vonage.get("/account/numbers", params=query)).json() == {}
    mine = {"country": "GB", "msisdn": item["msisdn"]}
    assert (await vonage.post("/number/cancel", data=mine)).status_code == 420
    assert (await vonage.post("/number/cancel", data=form)).status_code == 200
    assert (await vonage.post("/number/buy", data=form)).status_code == 200
    own = (VONAGE_SUBACCOUNT_KEY, VONAGE_SUBACCOUNT_SECRET)
    async with client_of(sandbox, "vonage", auth=own) as subaccount:
        (listed,) = (await subaccount.get("/account/numbers")).json()["numbers"]
        assert listed["msisdn"] == item["msisdn"]
        assert (await subaccount.post("/number/cancel", data=mine)).status_code == 200
        assert (await subaccount.get("/account/numbers")).json() == {}
    stranger = form | {"target_api_key": "nobody"}
    assert (await vonage.post("/number/buy", data=stranger)).status_code == 420


async def test_applications(vonage):
    page = (await vonage.get("/v2/applications?page_size=5&page=3")).json()
    assert (page["total_items"], page["total_pages"]) == (12, 3)
    assert len(page["_embedded"]["applications"]) == 2
    assert "next" not in page["_links"]
    first = (await vonage.get("/v2/applications?page_size=5")).json()
    assert first["_links"]["next"]["href"] == "/v2/applications?page_size=5&page=2"
    assert "_embedded" not in (await vonage.get("/v2/applications?page=9")).json()
    wrong = await vonage.get("/v2/applications?page_size=101")
    assert (wrong.status_code, wrong.json()["invalid_parameters"][0]["name"]) == (400, "page_size")
    one = first["_embedded"]["applications"][0]
    assert (await vonage.get(f"/v2/applications/{one['id']}")).json() == one
    assert (await vonage.get("/v2/applications/none")).status_code == 404


async def test_no_limit_unless_asked_for(sandbox, vonage):
    answer = await vonage.get("/account/get-balance")
    assert not [name for name in answer.headers if "ratelimit" in name]
    sandbox.limits["vonage"] = Limit(requests=1, seconds=10)
    assert (await vonage.get("/account/get-balance")).status_code == 200
    refused = await vonage.get("/account/get-balance")
    assert (refused.status_code, refused.content) == (429, b"")
    assert "retry-after" not in refused.headers
