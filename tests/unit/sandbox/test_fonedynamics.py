import pytest

from tests.unit.sandbox.conftest import client_of
from tui_numbers.sandbox.accounts import (
    FONEDYNAMICS_ACCOUNT_SID,
    FONEDYNAMICS_PROPERTY_SID,
    FONEDYNAMICS_SECOND_PROPERTY_SID,
)
from tui_numbers.sandbox.seeds import SALES_DESK

PATH = f"/v2/Numbers/{SALES_DESK[1:]}"
LIST = f"/v2/Accounts/{FONEDYNAMICS_ACCOUNT_SID}/Numbers"
PROPERTY = f"/v2/Properties/{FONEDYNAMICS_PROPERTY_SID}"


def code(answer) -> str:
    return answer.json()["ResponseStatus"]["ErrorCode"]


async def test_credentials(sandbox):
    async with client_of(sandbox, "fonedynamics", auth=("A", "b")) as stranger:
        answer = await stranger.get(PATH)
    assert (answer.status_code, code(answer)) == (401, "UNAUTHORIZED")


async def test_digits_alone_in_the_path(fonedynamics):
    answer = await fonedynamics.get(PATH)
    assert answer.json()["Number"]["Number"] == SALES_DESK
    for path in ("/v2/Numbers/+61255506170", "/v2/Numbers/%2B61255506170", "/v2/Numbers/61"):
        answer = await fonedynamics.get(path)
        assert (answer.status_code, code(answer)) == (400, "NUMBER_NOT_FOUND")


async def test_pages_by_offset(fonedynamics):
    first = (await fonedynamics.get(LIST)).json()["Numbers"]
    second = (await fonedynamics.get(LIST, params={"Results_Skip": 200})).json()["Numbers"]
    assert (len(first), len(second)) == (200, 2)
    capped = (await fonedynamics.get(LIST, params={"Results_Count": 999})).json()["Numbers"]
    assert len(capped) == 200
    assert (await fonedynamics.get(LIST, params={"Results_Count": "x"})).status_code == 400


async def test_properties_hold_their_own_numbers(fonedynamics):
    mine = (await fonedynamics.get(f"{PROPERTY}/Numbers")).json()["Numbers"]
    assert {record["PropertySid"] for record in mine} == {FONEDYNAMICS_PROPERTY_SID}
    assert code(await fonedynamics.get("/v2/Properties/SNONE/Numbers")) == "PROPERTY_NOT_FOUND"
    assert code(await fonedynamics.get("/v2/Accounts/ANONE/Numbers")) == "ACCOUNT_NOT_FOUND"


async def test_only_the_misspelt_filter_works(fonedynamics):
    wrong = (await fonedynamics.get(LIST, params={"Capabilities": "MMS"})).json()["Numbers"]
    right = (await fonedynamics.get(LIST, params={"Capabilites": "SMS,MMS"})).json()["Numbers"]
    assert len(wrong) == 200
    assert {record["Capabilities"] for record in right} == {"Voice,SMS,MMS"}
    kinds = (await fonedynamics.get(LIST, params={"Type": "Toll-Free,National"})).json()["Numbers"]
    assert {record["Type"] for record in kinds} == {"Toll-Free", "National"}


async def test_configure_changes_what_is_sent(sandbox, fonedynamics):
    before = (await fonedynamics.get(PATH)).json()["Number"]
    body = {"Friendly": "Renamed", "SendSmsTo": "+61491570110", "Recording": None}
    answer = await fonedynamics.post(PATH, json=body)
    assert answer.json()["Number"] == before | {"Friendly": "Renamed"}
    assert (await fonedynamics.get(PATH)).json()["Number"] == answer.json()["Number"]
    assert sandbox.world.fonedynamics.numbers.get(SALES_DESK).sms_to == "+61491570110"


async def test_routing_to_a_flow_and_back(fonedynamics):
    flows = (await fonedynamics.get(f"{PROPERTY}/Flows")).json()["Flows"]
    body = {"RoutingMethod": "Flow", "Flow": flows[0]["ConfigId"]}
    record = (await fonedynamics.post(PATH, json=body)).json()["Number"]
    assert (record["Flow"], record["EndpointNumber"]) == (flows[0]["ConfigId"], None)
    body = {"RoutingMethod": "Endpoint", "EndpointNumber": "+61491570110"}
    record = (await fonedynamics.post(PATH, json=body)).json()["Number"]
    assert "Flow" not in record


async def test_old_flow_numbers_keep_their_flow_secret(sandbox, fonedynamics):
    records = sandbox.world.fonedynamics.numbers.records.values()
    old = next(r for r in records if r.routing == "Flow" and not r.flow_shown)
    path = f"/v2/Numbers/{old.number[1:]}"
    record = (await fonedynamics.post(path, json={"Friendly": "x"})).json()["Number"]
    assert record["RoutingMethod"] == "Flow"
    assert "Flow" not in record


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"RoutingMethod": "Endpoint"}, "PARAMETER_REQUIRED"),
        ({"RoutingMethod": "Endpoint", "EndpointNumber": ""}, "PARAMETER_REQUIRED"),
        ({"EndpointNumber": "0255506170"}, "PARAMETER_INVALID"),
        ({"RoutingMethod": "Queue"}, "PARAMETER_INVALID"),
        ({"RoutingMethod": "Flow"}, "PARAMETER_REQUIRED"),
        ({"RoutingMethod": "Flow", "Flow": "none"}, "FLOW_NOT_FOUND"),
        ({"RoutingMethod": "Endpoint", "Flow": "x"}, "CONFLICTING_PARAMETERS"),
        ({"Recording": "Video"}, "PARAMETER_INVALID"),
        ({"Friendly": 3}, "PARAMETER_INVALID"),
        ({"AddressSid": "DNONE"}, "ADDRESS_NOT_FOUND"),
        ([], "PARAMETER_INVALID"),
    ],
)
async def test_bad_configurations_change_nothing(sandbox, fonedynamics, body, expected):
    before = sandbox.world.fonedynamics.numbers.get(SALES_DESK)
    answer = await fonedynamics.post(PATH, json=body)
    assert (answer.status_code, code(answer)) == (400, expected)
    assert sandbox.world.fonedynamics.numbers.get(SALES_DESK) == before


async def test_purchase_is_active_or_pending(fonedynamics):
    answer = await fonedynamics.post(f"{PROPERTY}/Numbers", json={"Number": "+61290001234"})
    assert answer.json() == {"Number": "+61290001234", "Status": "Active"}
    answer = await fonedynamics.post(f"{PROPERTY}/Numbers", json={"Number": "+442079460999"})
    assert answer.json()["Status"] == "Pending"
    again = await fonedynamics.post(f"{PROPERTY}/Numbers", json={"Number": "+61290001234"})
    assert (again.status_code, code(again)) == (403, "NUMBER_UNAVAILABLE")
    assert (await fonedynamics.get("/v2/Numbers/61290001234")).status_code == 200


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, "PARAMETER_REQUIRED"),
        ({"Number": "61290001234"}, "NUMBER_NOT_FOUND"),
        ({"Number": "+999123456"}, "NUMBER_NOT_FOUND"),
        ({"Number": "+33142000000"}, "COUNTRY_UNAVAILABLE"),
        ({"Number": "+61290001234", "AddressSid": "DNONE"}, "ADDRESS_NOT_FOUND"),
    ],
)
async def test_bad_purchases(fonedynamics, body, expected):
    assert code(await fonedynamics.post(f"{PROPERTY}/Numbers", json=body)) == expected


async def test_helper_lists(fonedynamics):
    projects = (await fonedynamics.get("/v2/Properties")).json()
    assert projects["TotalCount"] == len(projects["Projects"]) == 2
    assert (await fonedynamics.get(PROPERTY)).json()["Project"] in projects["Projects"]
    other = f"/v2/Properties/{FONEDYNAMICS_SECOND_PROPERTY_SID}/Flows"
    flows = (await fonedynamics.get(other, params={"Results_Count": 2})).json()
    assert (len(flows["Flows"]), flows["TotalCount"]) == (2, 9)
    path = f"/v2/Accounts/{FONEDYNAMICS_ACCOUNT_SID}/Addresses"
    addresses = (await fonedynamics.get(path, params={"CountryCode": "NZ"})).json()["Addresses"]
    assert [address["City"] for address in addresses] == ["Auckland"]
    one = await fonedynamics.get(f"/v2/Addresses/{addresses[0]['AddressSid']}")
    assert one.json() == {"Address": addresses[0]}


async def test_no_release_and_no_search(fonedynamics):
    assert (await fonedynamics.delete(PATH)).status_code == 404
    assert (await fonedynamics.get("/v2/AvailableNumbers")).status_code == 404
