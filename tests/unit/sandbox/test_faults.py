import json

import pytest

from tui_numbers.sandbox.accounts import FONEDYNAMICS_ACCOUNT_SID
from tui_numbers.sandbox.faults import (
    KINDS,
    ConnectionDropped,
    Fault,
    Faults,
    parse_fault,
    parse_faults,
)
from tui_numbers.sandbox.seeds import SALES_DESK
from tui_numbers.sandbox.vonage_numbers import SUPPORT_MOBILE

MSISDN = SUPPORT_MOBILE[1:]
RETARGET = {
    "country": "GB",
    "msisdn": MSISDN,
    "voiceCallbackType": "tel",
    "voiceCallbackValue": "442079460010",
}
FONE = f"/v2/Numbers/{SALES_DESK[1:]}"
FONE_LIST = f"/v2/Accounts/{FONEDYNAMICS_ACCOUNT_SID}/Numbers"
PATTERN = {"pattern": MSISDN, "search_pattern": 1}


def stored(sandbox):
    return sandbox.world.vonage.numbers.get(MSISDN)


async def shown(vonage) -> dict:
    return (await vonage.get("/account/numbers", params=PATTERN)).json()["numbers"][0]


@pytest.mark.parametrize("kind", ["429", "500", "502", "503", "504", "unauthorized", "forbidden"])
async def test_error_statuses_change_nothing(sandbox, vonage, kind):
    before = stored(sandbox)
    sandbox.faults.add(Fault("vonage", "update", kind, times=1))
    answer = await vonage.post("/number/update", data=RETARGET)
    expected = {"unauthorized": 401, "forbidden": 403}.get(kind) or int(kind)
    assert answer.status_code == expected
    assert stored(sandbox) == before
    assert (await vonage.post("/number/update", data=RETARGET)).status_code == 200


async def test_retry_after_and_a_change_behind_an_error(sandbox, parakeet, vonage):
    sandbox.faults.add(Fault("*", "check", "429", retry_after="7"))
    assert (await parakeet.get("/account")).headers["retry-after"] == "7"
    sandbox.faults.clear()
    sandbox.faults.add(Fault("vonage", "update", "504", made=True))
    assert (await vonage.post("/number/update", data=RETARGET)).status_code == 504
    assert stored(sandbox).voice_type == "tel"


async def test_pages_instead_of_json(sandbox, parakeet):
    sandbox.faults.add(Fault("parakeet", "check", "html", times=1))
    answer = await parakeet.get("/account")
    assert (answer.status_code, answer.text[:9]) == (200, "<!DOCTYPE")
    sandbox.faults.add(Fault("parakeet", "check", "html", status=503))
    assert (await parakeet.get("/account")).status_code == 503


async def test_spoilt_bodies(sandbox, parakeet):
    sandbox.faults.add(Fault("parakeet", "check", "half-json", times=1))
    answer = await parakeet.get("/account")
    assert int(answer.headers["content-length"]) == len(answer.content)
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    sandbox.faults.add(Fault("parakeet", "check", "empty", times=1))
    answer = await parakeet.get("/account")
    assert (answer.status_code, answer.content) == (200, b"")
    sandbox.faults.add(Fault("parakeet", "check", "truncated", times=1))
    with pytest.raises(ConnectionDropped):
        await parakeet.get("/account")
    assert (await parakeet.get("/account")).status_code == 200


async def test_resets_before_and_after(sandbox, vonage):
    before = stored(sandbox)
    sandbox.faults.add(Fault("vonage", "update", "reset-before", times=1))
    with pytest.raises(ConnectionDropped):
        await vonage.post("/number/update", data=RETARGET)
    assert stored(sandbox) == before
    sandbox.faults.add(Fault("vonage", "update", "reset-after", times=1))
    with pytest.raises(ConnectionDropped):
        await vonage.post("/number/update", data=RETARGET)
    assert stored(sandbox).voice_type == "tel"
    assert [r.status for r in sandbox.requests] == [0, 0]


async def test_accepted_and_not_applied(sandbox, parakeet, vonage, fonedynamics):
    everything = list(sandbox.world.parakeet.numbers.records.values())
    sandbox.faults.add(Fault("*", "*", "not-applied"))
    user = next(iter(sandbox.world.parakeet.users))
    answer = await parakeet.post(f"/numbers/{everything[0].id}", json={"target": user})
    assert answer.json()["target"]["id"] == user
    assert (await parakeet.delete(f"/numbers/{everything[3].id}")).status_code == 204
    stock = (await parakeet.get("/available_numbers?country=US&type=local")).json()
    body = {"number": stock[0]["number"], "target": user}
    assert (await parakeet.post("/numbers", json=body)).status_code == 201
    assert list(sandbox.world.parakeet.numbers.records.values()) == everything
    assert sandbox.world.stock.is_taken(everything[3].number)
    assert (await parakeet.get("/available_numbers?country=US&type=local")).json() == stock
    item = (await vonage.get("/number/search?country=GB&size=1")).json()["numbers"][0]
    form = {"country": "GB", "msisdn": item["msisdn"]}
    assert (await vonage.post("/number/buy", data=form)).status_code == 200
    assert str(sandbox.world.vonage.balance) == "187.45"
    answer = await fonedynamics.post(FONE, json={"Friendly": "Other"})
    assert answer.json()["Number"]["Friendly"] == "Other"
    assert (await fonedynamics.get(FONE)).json()["Number"]["Friendly"] == "Sydney front desk"


async def test_errors_inside_200(sandbox, parakeet, vonage, fonedynamics):
    before = stored(sandbox)
    sandbox.faults.add(Fault("*", "*", "error-inside-200"))
    answer = await vonage.post("/number/update", data=RETARGET)
    assert (answer.status_code, answer.json()["error-code"]) == (200, "420")
    assert stored(sandbox) == before
    assert (await vonage.get("/v2/applications")).json()["title"] == "Forbidden"
    answer = await fonedynamics.get(FONE)
    assert (answer.status_code, "ResponseStatus" in answer.json()) == (200, True)
    answer = await parakeet.get("/numbers")
    assert (answer.status_code, "error" in answer.json()) == (200, True)


async def test_changes_that_become_visible_after_reads(sandbox, vonage):
    sandbox.faults.add(Fault("vonage", "update", "slow-visible", reads=2, times=1))
    await vonage.post("/number/update", data=RETARGET)
    kinds = [(await shown(vonage)).get("voiceCallbackType") for _ in range(3)]
    assert kinds == ["app", "app", "tel"]


async def test_changes_that_become_visible_with_time(sandbox, vonage, clock):
    sandbox.faults.add(parse_fault("vonage:release:slow-visible:seconds=5"))
    await vonage.post("/number/cancel", data={"country": "GB", "msisdn": MSISDN})
    assert stored(sandbox) is None
    assert (await shown(vonage))["msisdn"] == MSISDN
    clock.now += 6
    assert (await vonage.get("/account/numbers", params=PATTERN)).json() == {}


async def test_a_slow_purchase_and_reads_of_other_numbers(sandbox, fonedynamics):
    sandbox.faults.add(parse_fault("fonedynamics:buy:slow-visible:reads=1"))
    path = f"{FONE_LIST.replace('Accounts', 'Properties')}".replace(
        FONEDYNAMICS_ACCOUNT_SID, next(iter(sandbox.world.fonedynamics.properties))
    )
    await fonedynamics.post(path, json={"Number": "+61290001234"})
    await fonedynamics.get(FONE)
    statuses = [(await fonedynamics.get("/v2/Numbers/61290001234")).status_code for _ in range(2)]
    assert statuses == [400, 200]


async def test_another_setting_is_wiped_too(sandbox, fonedynamics, vonage):
    sandbox.faults.add(Fault("*", "update", "other-setting"))
    await fonedynamics.post(
        FONE, json={"RoutingMethod": "Endpoint", "EndpointNumber": "+61491570110"}
    )
    record = (await fonedynamics.get(FONE)).json()["Number"]
    assert (record["EndpointNumber"], record["Friendly"]) == ("+61491570110", None)
    app = stored(sandbox).app_id
    await vonage.post("/number/update", data=RETARGET | {"app_id": app})
    assert (stored(sandbox).voice_type, stored(sandbox).app_id) == ("tel", None)


async def test_hidden_flows(sandbox, fonedynamics):
    sandbox.faults.add(Fault("fonedynamics", "*", "hide-flow"))
    records = (await fonedynamics.get(FONE_LIST)).json()["Numbers"]
    assert "Flow" in {record["RoutingMethod"] for record in records}
    assert not any("Flow" in record for record in records)


@pytest.mark.parametrize("route", ["list", "applications", "search"])
async def test_records_of_wrong_types(sandbox, vonage, route):
    path = {"list": "/account/numbers", "applications": "/v2/applications"}.get(
        route, "/number/search?country=GB"
    )
    clean = (await vonage.get(path)).json()
    sandbox.faults.add(Fault("vonage", route, "bad-record"))
    body = (await vonage.get(path)).json()
    rows, before = (x.get("numbers") or x["_embedded"]["applications"] for x in (body, clean))
    assert [a == b for a, b in zip(rows, before, strict=True)].count(False) == 1
    assert rows[1].get("msisdn", rows[1].get("id")) == before[1].get("msisdn", before[1].get("id"))


async def test_records_without_a_good_number(sandbox, parakeet, fonedynamics):
    sandbox.faults.add(Fault("*", "list", "bad-number"))
    rows = (await parakeet.get("/numbers")).json()
    assert [row["number"].startswith("+") for row in rows].count(False) == 1
    rows = (await fonedynamics.get(FONE_LIST)).json()["Numbers"]
    assert [row["Number"].startswith("+") for row in rows].count(False) == 1


async def test_extra_fields_and_unknown_values(sandbox, parakeet, vonage, fonedynamics):
    sandbox.faults.add(Fault("*", "*", "extra-fields"))
    answer = await parakeet.get("/numbers")
    assert 'rel="next"' in answer.headers["link"]
    assert {"suspended", "confirmed"} <= {row["status"] for row in answer.json()}
    assert all("x_labels" in row for row in answer.json())
    page = (await vonage.get("/account/numbers")).json()
    assert "x_trace" in page
    assert any("RCS" in row["features"] for row in page["numbers"])
    record = (await fonedynamics.get(FONE)).json()["Number"]
    assert record["Capabilities"] == "Voice,SMS,RCS"


@pytest.mark.parametrize(("kind", "by"), [("total-too-high", 3), ("total-too-low", -3)])
async def test_totals_that_lie(sandbox, vonage, kind, by):
    true = (await vonage.get("/account/numbers")).json()
    sandbox.faults.add(Fault("*", "list", kind))
    assert (await vonage.get("/account/numbers")).json() == true | {"count": true["count"] + by}


async def test_after_times_and_rate(sandbox, parakeet):
    sandbox.faults.add(Fault("parakeet", "check", "500", after=2, times=1))
    statuses = [(await parakeet.get("/account")).status_code for _ in range(4)]
    assert statuses == [200, 200, 500, 200]
    sandbox.faults.clear()
    sandbox.faults.add(Fault("parakeet", "check", "503", rate=0.5))
    statuses = [(await parakeet.get("/account")).status_code for _ in range(40)]
    assert 10 <= statuses.count(503) <= 30


async def test_latency_then_the_usual_answer(sandbox, parakeet):
    sandbox.faults.add(Fault("*", "*", "latency", seconds=0.001))
    assert (await parakeet.get("/account")).status_code == 200


def test_parsing():
    assert parse_fault("vonage:update:reset-after:times=1") == Fault(
        "vonage", "update", "reset-after", times=1
    )
    assert parse_fault(" *:*:429:retry-after=3,after=2:rate=0.5 ") == Fault(
        "*", "*", "429", retry_after="3", after=2, rate=0.5
    )
    many = parse_faults("*:*:html;# note\n\nparakeet:list:latency:seconds=0.1")
    assert [fault.kind for fault in many] == ["html", "latency"]
    environ = {"TUI_NUMBERS_SANDBOX_FAULTS": "*:*:500"}
    assert len(Faults.from_environment(environ)) == 1
    assert len(Faults.from_environment({})) == 0
    assert all(parse_fault(f"*:*:{kind}").kind == kind for kind in KINDS)


@pytest.mark.parametrize(
    "text",
    ["x", "a:b", "bandwidth:*:500", "*:fax:500", "*:*:melt", "*:*:500:when=1", "*:*:500:times=x",
     "*:*:500:rate=2", "*:*:500:status=9", "*:*:500:made=maybe"],
)  # fmt: skip
def test_parsing_errors(text):
    with pytest.raises(ValueError, match=r".+"):
        parse_fault(text)
