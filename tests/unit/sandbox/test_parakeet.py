import re

import pytest

from tests.unit.sandbox.conftest import client_of
from tui_numbers.sandbox.faults import Fault
from tui_numbers.sandbox.http import Limit
from tui_numbers.sandbox.seeds import CUSTOMER_SERVICE

NEXT = re.compile(r'<([^>]+)>; rel="next"; cursor="([^"]+)"')


async def test_credentials(sandbox, parakeet):
    assert (await parakeet.get("/account")).json()["id"].startswith("AC")
    for auth in (None, ("ACwrong", "sandbox-parakeet-key")):
        async with client_of(sandbox, "parakeet", auth=auth) as stranger:
            assert (await stranger.get("/account")).status_code == 401


async def test_pages_by_cursor(sandbox, parakeet):
    seen, url = [], "/numbers?limit=100"
    while url:
        answer = await parakeet.get(url)
        seen += answer.json()
        link = answer.headers.get("link", "")
        assert not link or link.endswith(",")
        url = found[1] if (found := NEXT.search(link)) else None
    assert len(seen) == 524
    assert len({record["id"] for record in seen}) == 524
    assert [r.route for r in sandbox.requests] == ["list"] * 6
    assert seen[0]["number"] == CUSTOMER_SERVICE
    assert seen[0]["name"] == "Customer Service"
    assert seen[0]["formatted_number"] == "(267) 367-6170"


async def test_a_page_has_fifty_rows_and_a_cursor_of_its_own(parakeet):
    answer = await parakeet.get("/numbers")
    assert len(answer.json()) == 50
    cursor = NEXT.search(answer.headers["link"])[2]
    again = await parakeet.get("/numbers", params={"cursor": cursor})
    assert len(again.json()) == 50
    assert 'rel="prev"' in again.headers["link"]
    other = await parakeet.get("/numbers", params={"cursor": cursor, "limit": 20})
    assert other.status_code == 400
    assert (await parakeet.get("/users", params={"cursor": cursor})).status_code == 400


@pytest.mark.parametrize("limit", ["0", "101", "many", "-1"])
async def test_bad_limits(parakeet, limit):
    assert (await parakeet.get("/numbers", params={"limit": limit})).status_code == 422


async def test_cursors_expire(sandbox, parakeet):
    first = await parakeet.get("/numbers")
    sandbox.faults.add(Fault("parakeet", "list", "expired-cursor", times=1))
    following = NEXT.search(first.headers["link"])[1]
    assert (await parakeet.get(following)).status_code == 400
    assert (await parakeet.get(following)).status_code == 400
    fresh = await parakeet.get("/numbers")
    assert (await parakeet.get(NEXT.search(fresh.headers["link"])[1])).status_code == 200


async def test_a_listing_survives_a_release_between_pages(sandbox, parakeet):
    first = await parakeet.get("/numbers?limit=100")
    gone = first.json()[3]["id"]
    assert (await parakeet.delete(f"/numbers/{gone}")).status_code == 204
    second = await parakeet.get(NEXT.search(first.headers["link"])[1])
    keys = list(sandbox.world.parakeet.numbers.records)
    assert second.json()[0]["id"] == keys[99]


async def test_retarget_to_a_user_and_to_a_team(sandbox, parakeet):
    record = next(iter(sandbox.world.parakeet.numbers.records.values()))
    user = next(iter(sandbox.world.parakeet.users.values()))
    answer = await parakeet.post(f"/numbers/{record.id}", json={"target": user.id})
    assert answer.json()["target_type"] == "user"
    assert answer.json()["name"] == user.name
    assert answer.json()["updated_at"] > answer.json()["created_at"]
    body = {"target": {"id": record.target}}
    assert (await parakeet.post(f"/numbers/{record.id}", json=body)).json()["name"] == (
        "Customer Service"
    )


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b'{"target": "TMnone"}', 422),
        (b'{"target": null}', 422),
        (b"{}", 422),
        (b'{"target": {"id": 3}}', 422),
        (b"[]", 400),
        (b"no", 400),
        (b"", 400),
        (b'{"target": "\\ud800"}', 400),
        (b"[" * 5000, 400),
    ],
)
async def test_bad_updates(sandbox, parakeet, content, status):
    key = next(iter(sandbox.world.parakeet.numbers.records))
    answer = await parakeet.post(f"/numbers/{key}", content=content)
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "message"}


async def test_buy_and_release(sandbox, parakeet):
    query = {"country": "US", "type": "local", "query": "2020"}
    stock = (await parakeet.get("/available_numbers", params=query)).json()
    assert 2 <= len(stock) <= 50
    number, team = stock[0]["number"], next(iter(sandbox.world.parakeet.teams))
    body = {"number": number, "target": team}
    bought = await parakeet.post("/numbers", json=body)
    assert bought.status_code == 201
    assert bought.headers["location"].endswith("/parakeet/api/v1/numbers/" + bought.json()["id"])
    assert (await parakeet.post("/numbers", json=body)).json()["error"] == "number_taken"
    left = (await parakeet.get("/available_numbers", params=query)).json()
    assert number not in {item["number"] for item in left}
    released = await parakeet.delete(bought.headers["location"])
    assert (released.status_code, released.content) == (204, b"")
    assert released.headers["content-type"] == "application/json"
    assert (await parakeet.get(bought.headers["location"])).status_code == 404
    assert (await parakeet.get("/available_numbers", params=query)).json() == stock


async def test_a_porting_number_stays(sandbox, parakeet):
    records = sandbox.world.parakeet.numbers.records.values()
    porting = next(r for r in records if r.status == "porting")
    assert (await parakeet.delete(f"/numbers/{porting.id}")).status_code == 422


async def test_search_needs_country_and_type_and_understands_letters(parakeet):
    assert (await parakeet.get("/available_numbers?country=US")).status_code == 422
    assert (await parakeet.get("/available_numbers?country=US&type=fax")).status_code == 422
    found = (await parakeet.get("/available_numbers?country=US&type=local&query=cab")).json()
    assert found
    assert all("222" in item["number"] for item in found)
    assert (await parakeet.get("/available_numbers?country=XX&type=local")).json() == []


async def test_users_are_searched_and_paged(parakeet):
    first = await parakeet.get("/users?limit=40")
    following = await parakeet.get(NEXT.search(first.headers["link"])[1])
    assert len(first.json()) + len(following.json()) == 64
    user = first.json()[0]
    assert user["email"].endswith(".example")
    assert (await parakeet.get(f"/users/{user['id']}")).json() == user
    found = (await parakeet.get("/users", params={"name": "okafor"})).json()
    assert found
    assert {u["profile"]["last_name"] for u in found} == {"Okafor"}


async def test_paths_and_methods(parakeet):
    assert (await parakeet.get("/teams")).status_code == 404
    assert (await parakeet.get("/nothing")).status_code == 404
    wrong = await parakeet.put("/numbers")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, POST")
    assert (await parakeet.get("/account", headers={"Accept": "text/xml"})).status_code == 406
    assert len((await parakeet.get("/addresses")).json()) == 3


async def test_the_limit_is_announced_and_enforced(sandbox, parakeet, clock):
    answer = await parakeet.get("/account")
    allowed = int(answer.headers["x-ratelimit-limit"])
    assert allowed == sandbox.limits["parakeet"].requests
    assert answer.headers["x-ratelimit-remaining"] == str(allowed - 1)
    sandbox.limits["parakeet"] = Limit(requests=2, seconds=30)
    assert (await parakeet.get("/account")).status_code == 200
    refused = await parakeet.get("/account")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "30")
    clock.now += 31
    assert (await parakeet.get("/account")).status_code == 200


async def test_buying_has_a_stricter_limit(sandbox, parakeet):
    allowed = sandbox.limits["parakeet:buy"].requests
    assert allowed < sandbox.limits["parakeet"].requests
    answers = [await parakeet.post("/numbers", json={}) for _ in range(allowed + 1)]
    assert [a.status_code for a in answers] == [422] * allowed + [429]
    assert (await parakeet.get("/account")).status_code == 200
