import pytest

from tests.unit.sandbox.conftest import client_of
from tui_numbers.sandbox.http import Limit
from tui_numbers.sandbox.telnyx import ASKS_UNTIL_THE_END

NUMBERS, VOICE, STOCK = "/phone_numbers", "/phone_numbers/voice", "/available_phone_numbers"


def _first(sandbox, **having):
    rows = sandbox.world.telnyx.numbers.records.values()
    return next(row for row in rows if all(getattr(row, k) == v for k, v in having.items()))


def code(answer):
    return answer.json()["errors"][0]["code"]


def _place(name):
    return f"filter[phone_number][{name}]"


async def _found(telnyx, country="US", **params):
    asked = {"filter[country_code]": country, "filter[phone_number_type]": "local", **params}
    return [row["phone_number"] for row in (await telnyx.get(STOCK, params=asked)).json()["data"]]


async def _order(telnyx, number, **more):
    row = {"phone_number": number, **more}
    return await telnyx.post("/number_orders", json={"phone_numbers": [row]})


async def test_a_key_is_borne(sandbox, telnyx):
    assert (await telnyx.get("/balance")).json()["data"]["currency"] == "USD"
    async with client_of(sandbox, "telnyx", auth=("x", "y")) as other:
        refused = await other.get(NUMBERS)
        assert (refused.status_code, code(refused)) == (401, "10009")


async def test_pages_tell_a_true_total(sandbox, telnyx):
    params = {"page[size]": 20, "page[number]": 4, "sort": "phone_number"}
    body = (await telnyx.get(NUMBERS, params=params)).json()
    assert len(body["data"]) == 18
    assert body["meta"] == {
        "page_number": 4,
        "page_size": 20,
        "total_pages": 4,
        "total_results": sandbox.world.size("telnyx"),
    }
    assert (await telnyx.get(NUMBERS, params={"page[size]": 251})).status_code == 400


@pytest.mark.parametrize("path", [NUMBERS, VOICE, "/phone_numbers/messaging"])
async def test_the_filter_of_numbers_takes_three_digits_and_nothing_else(sandbox, telnyx, path):
    number = _first(sandbox, country="DE").number

    async def found(text):
        body = (await telnyx.get(path, params={"filter[phone_number]": text})).json()
        return [row["phone_number"] for row in body["data"]]

    assert await found(number[1:]) == [number]
    assert number in await found(number[-4:])
    for text in (number, "49", "493 023", "4*9"):
        assert await found(text) == []


async def test_what_forwarding_says_stands_in_the_voice_settings_alone(sandbox, telnyx):
    rows = sandbox.world.telnyx.numbers.records.values()
    assert any(row.forwarding_enabled and row.forward is None for row in rows)
    assert any(row.forward and not row.forwarding_enabled for row in rows)
    assert {row.forwarding_type for row in rows} == {None, "always", "on-failure"}
    row = _first(sandbox, forwarding_type="on-failure")
    record = (await telnyx.get(f"{NUMBERS}/{row.id}")).json()["data"]
    assert row.forward not in record.values()
    voice = (await telnyx.get(f"{NUMBERS}/{row.id}/voice")).json()["data"]
    assert voice["call_forwarding"]["forwards_to"] == row.forward


async def test_every_interesting_case_is_there(sandbox):
    account = sandbox.world.telnyx
    rows = account.numbers.records.values()
    assert {"active", "port-pending", "requirement-info-pending"} <= {row.status for row in rows}
    assert {"longcode"} <= {row.older_word for row in rows}
    assert any(row.pin for row in rows)
    assert any(row.deletion_lock for row in rows)
    assert any(row.connection is None and row.forward is None for row in rows)
    inactive = {one.id for one in account.connections.values() if not one.active}
    assert sum(row.connection in inactive for row in rows) == 1


async def test_changes_keep_what_is_not_sent_and_tags_are_replaced_as_a_whole(sandbox, telnyx):
    row = _first(sandbox, reference="care-line")
    at = f"{NUMBERS}/{row.id}"
    changed = (await telnyx.patch(at, json={"tags": ["a"], "connection_id": None})).json()["data"]
    assert (changed["tags"], changed["connection_id"]) == (["a"], row.connection)
    assert changed["customer_reference"] == "care-line"
    refused = await telnyx.patch(at, json={"connection_id": "7"})
    assert (refused.status_code, code(refused)) == (422, "10027")


async def test_null_keeps_a_messaging_profile_and_an_empty_text_takes_it_away(sandbox, telnyx):
    row = _first(sandbox, reference="care-line")
    at = f"{NUMBERS}/{row.id}/messaging"
    kept = await telnyx.patch(at, json={"messaging_profile_id": None})
    assert kept.json()["data"]["messaging_profile_id"] == row.profile
    gone = await telnyx.patch(at, json={"messaging_profile_id": ""})
    assert gone.json()["data"]["messaging_profile_id"] is None


async def test_a_forwarding_is_in_e164_and_of_a_known_type(sandbox, telnyx):
    at = f"{NUMBERS}/{_first(sandbox, reference='care-line').id}/voice"
    for wanted in ({"forwards_to": "030 123"}, {"forwarding_type": "sometimes"}):
        assert (await telnyx.patch(at, json={"call_forwarding": wanted})).status_code == 422
    empty = await telnyx.patch(at, json={"call_forwarding": {"forwards_to": ""}})
    assert "forwards_to" not in empty.json()["data"]["call_forwarding"]


async def test_a_search_wants_a_country_and_leaves_its_code_out_of_patterns(telnyx):
    assert (await telnyx.get(STOCK, params={"country_code": "US"})).status_code == 400
    found = await _found(telnyx, **{_place("starts_with"): "312"})
    assert found
    assert all(number.startswith("+1312") for number in found)
    assert not any("1312" in number[2:5] for number in found)
    for wildcard in ("3*2", "3%2"):
        assert await _found(telnyx, **{_place("contains"): wildcard}) == []


async def test_a_short_pattern_also_finds_digits_that_stand_apart(telnyx):
    found = await _found(telnyx, **{_place("contains"): "56"})
    assert any("56" in number[2:] for number in found)
    assert any("56" not in number[2:] for number in found)


async def test_only_what_a_search_has_returned_can_be_ordered(sandbox, telnyx):
    number = sandbox.world.stock.numbers("telnyx", "US", "local")[3]
    early = await _order(telnyx, number)
    assert (early.status_code, code(early)) == (422, "85000")
    assert number in await _found(telnyx, **{_place("ends_with"): number[-6:]})
    order = (await _order(telnyx, number)).json()["data"]
    assert (order["status"], order["requirements_met"]) == ("success", True)
    late = await _order(telnyx, number)
    assert (late.status_code, code(late)) == (422, "85001")
    assert _first(sandbox, number=number).status == "active"


@pytest.mark.parametrize(
    ("ending", "asks", "status", "listed"),
    [
        ("00", ASKS_UNTIL_THE_END, "success", True),
        ("99", ASKS_UNTIL_THE_END, "failure", False),
        ("98", 2, "failure", False),
    ],
)
async def test_an_order_ends_by_the_end_of_its_number(
    sandbox, telnyx, ending, asks, status, listed
):
    number = (await _found(telnyx, **{_place("ends_with"): ending}))[0]
    order = (await _order(telnyx, number)).json()["data"]
    assert order["status"] == "pending"
    assert sandbox.world.stock.is_taken(number) == listed
    for asked in range(1, asks + 1):
        told = (await telnyx.get(f"/number_orders/{order['id']}")).json()["data"]
        assert told["status"] == (status if asked == asks else "pending")
    held = {row.number: row.status for row in sandbox.world.telnyx.numbers.records.values()}
    assert held.get(number) == ("active" if listed else None)


async def test_papers_decide_where_a_country_demands_them(sandbox, telnyx):
    first, second, third = (await _found(telnyx, "DE"))[:3]
    waiting = (await _order(telnyx, first)).json()["data"]
    for _ in range(2 * ASKS_UNTIL_THE_END):
        told = (await telnyx.get(f"/number_orders/{waiting['id']}")).json()["data"]
    assert (told["status"], told["requirements_met"]) == ("pending", False)
    assert told["phone_numbers"][0]["requirements_status"] == "requirement-info-pending"
    groups = (await telnyx.get("/requirement_groups", params={"filter[country_code]": "DE"})).json()
    (approved,) = groups
    met = (await _order(telnyx, second, requirement_group_id=approved["id"])).json()["data"]
    assert met["requirements_met"]
    wrong = await _order(telnyx, third, requirement_group_id="x")
    assert (wrong.status_code, code(wrong)) == (422, "10027")
    cancelled = await telnyx.patch(
        f"/sub_number_orders/{waiting['sub_number_orders_ids'][0]}/cancel"
    )
    assert cancelled.json()["data"]["status"] == "failure"


async def test_a_deletion_lock_keeps_a_number(sandbox, telnyx):
    locked, free = _first(sandbox, deletion_lock=True), _first(sandbox, deletion_lock=False)
    assert (await telnyx.delete(f"{NUMBERS}/{locked.id}")).status_code == 422
    gone = await telnyx.delete(f"{NUMBERS}/{free.id}")
    assert gone.json()["data"]["status"] == "deleted"
    assert (await telnyx.get(f"{NUMBERS}/{free.id}")).status_code == 404


async def test_a_limit_is_announced_in_seconds_from_now(sandbox, telnyx, clock):
    sandbox.limits["telnyx"] = Limit(1, 30)
    first = await telnyx.get("/balance")
    assert first.headers["x-ratelimit-remaining"] == "0"
    clock.now += 10
    refused = await telnyx.get("/balance")
    assert (refused.status_code, code(refused)) == (429, "10011")
    assert refused.headers["x-ratelimit-reset"] == "20"
