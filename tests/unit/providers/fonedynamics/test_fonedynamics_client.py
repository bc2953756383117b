from typing import Any

import httpx
import msgspec
import pytest

from tests.support.scripted_http import Answer
from tests.unit.providers.fonedynamics.helpers import (
    ACCOUNT,
    NUMBER,
    PROPERTY,
    account,
    all_of,
    asked,
    failure,
    into,
    numbered,
    owned,
    record,
)
from tui_numbers.domain.numbers import Channel
from tui_numbers.domain.query import OwnedQuery, StockQuery
from tui_numbers.providers.errors import (
    BadReply,
    CredentialsRejected,
    Forbidden,
    ListingIncomplete,
    NotFound,
    NotOffered,
    RateLimited,
    Rejected,
    ServerFault,
)

ANY = OwnedQuery()


async def test_lists_the_account_until_a_page_is_empty() -> None:
    rows = [numbered(index) for index in range(450)]
    client, at = account([{"Numbers": rows[:200]}, rows[200:400], {"Numbers": rows[400:]}, []])
    assert len(await all_of(client.owned(ANY))) == 450
    assert asked(at) == [
        f"GET /Accounts/{ACCOUNT}/Numbers?Results_Count=200&Results_Skip={skip}"
        for skip in (0, 200, 400, 450)
    ]


async def test_a_configured_property_limits_the_list() -> None:
    client, at = account([{"Numbers": []}], PROPERTY)
    assert await all_of(client.owned(ANY)) == []
    assert asked(at) == [f"GET /Properties/{PROPERTY}/Numbers?Results_Count=200&Results_Skip=0"]


async def test_filters_are_sent_as_they_are_spelt() -> None:
    client, at = account([[]])
    query = OwnedQuery(
        types=frozenset({"toll_free"}), capabilities=frozenset({"sms", "voice", "fax"})
    )
    await all_of(client.owned(query))
    sent = at.wire.requests[0].url.params
    assert sent["Type"] == "Toll-Free"
    assert sent["Capabilites"] == "Voice,SMS"
    assert "Capabilities" not in sent


@pytest.mark.parametrize(
    ("types", "sent"),
    [
        ({"toll_free", "shared_cost"}, "Toll-Free,Shared-Rate"),
        ({"shared-rate"}, "Shared-Rate"),
        ({"Local", "national", "toll free"}, "Local,Toll-Free,National"),
        ({"local", "satellite"}, None),
    ],
)
async def test_several_types_are_one_list_as_the_document_spells_them(types, sent) -> None:
    client, at = account([[]])
    await all_of(client.owned(OwnedQuery(types=frozenset(types))))
    assert at.wire.requests[0].url.params.get("Type") == sent


async def test_what_the_api_cannot_filter_is_not_sent() -> None:
    client, at = account([[]])
    await all_of(
        client.owned(OwnedQuery(types=frozenset({"mobile"}), capabilities=frozenset({"fax"})))
    )
    assert set(at.wire.requests[0].url.params) == {"Results_Count", "Results_Skip"}


async def test_a_number_that_comes_twice_is_shown_once() -> None:
    rows = [numbered(index) for index in range(201)]
    client, _ = account([rows[:200], [rows[199], rows[200]], []])
    assert len(await all_of(client.owned(ANY))) == 201
    client, at = account([rows[:200], [rows[199]], []])
    assert len(await all_of(client.owned(ANY))) == 200
    assert len(at.wire.requests) == 3


async def test_a_server_that_does_not_skip_leaves_it_incomplete() -> None:
    rows = [numbered(index) for index in range(200)]
    client, at = account(lambda _: httpx.Response(200, json=rows))
    with pytest.raises(ListingIncomplete) as caught:
        await all_of(client.owned(ANY))
    assert caught.value.account == "uk-sms"
    assert len(at.wire.requests) == 2


@pytest.mark.parametrize(
    "body", [b"<html>", b"", b'{"Numbers": [', b"{}", b'"x"', b'{"ResponseStatus": {}}']
)
async def test_what_holds_no_numbers_is_a_bad_reply(body: bytes) -> None:
    client, _ = account([httpx.Response(200, content=body)])
    with pytest.raises(BadReply):
        await all_of(client.owned(ANY))


@pytest.mark.parametrize("answer", [{"Number": record()}, record(), [record()]])
async def test_find_asks_for_digits_alone(answer: Any) -> None:
    client, at = account([answer])
    found = await client.find(NUMBER)
    assert found is not None
    assert found.received is not None
    assert msgspec.json.decode(found.received)["PropertySid"] == PROPERTY
    assert asked(at) == ["GET /Numbers/61255501234"]


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404),
        failure("NUMBER_NOT_FOUND"),
        failure("NUMBER_NOT_FOUND", status=200),
        {"Numbers": []},
        record(Number="+61255501235"),
    ],
)
async def test_find_finds_nothing_else(answer: Any) -> None:
    client, _ = account([answer])
    assert await client.find(NUMBER, owned()) is None


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (failure("ACCOUNT_NOT_FOUND"), NotFound),
        (failure("PARAMETER_INVALID"), Rejected),
        ({"Number": record(Number=None)}, BadReply),
        (failure("UNAUTHORIZED", status=401), CredentialsRejected),
    ],
)
async def test_find_does_not_take_other_failures_for_absence(
    answer: Any, error: type[Exception]
) -> None:
    client, _ = account([answer])
    with pytest.raises(error):
        await client.find(NUMBER)


async def test_find_leaves_other_properties_to_their_accounts() -> None:
    client, _ = account([record(PropertySid="SB"), record(), record(PropertySid=None)], PROPERTY)
    assert await client.find(NUMBER) is None
    assert await client.find(NUMBER) is not None
    assert await client.find(NUMBER) is not None


def flows(*names: str) -> dict[str, Any]:
    rows = [{"ConfigId": f"id-{name}", "Name": name} for name in names]
    return {"Flows": rows, "TotalCount": len(rows)}


async def test_targets_are_flows_of_the_numbers_own_property() -> None:
    client, at = account([[numbered(1, PropertySid="SB")], [], flows("After hours")])
    (number,) = await all_of(client.owned(ANY))
    (option,) = await all_of(client.targets(number))
    assert (option.target.text, option.target.label) == ("flow:id-After hours", "After hours")
    assert option.channels == (Channel.VOICE,)
    assert asked(at)[2] == "GET /Properties/SB/Flows?Results_Count=50&Results_Skip=0"


async def test_targets_of_any_number_are_flows_of_every_project() -> None:
    projects = {"Projects": [{"PropertySid": "SA"}, {"PropertySid": "SB"}, {"Name": "x"}]}
    projects |= {"TotalCount": 3}
    client, at = account([projects, flows("a"), flows("b")])
    assert len(await all_of(client.targets(owned()))) == 2
    assert [request.split("?")[0] for request in asked(at)] == [
        "GET /Properties",
        "GET /Properties/SA/Flows",
        "GET /Properties/SB/Flows",
    ]


async def test_targets_of_a_configured_property() -> None:
    client, at = account([flows("a")], PROPERTY)
    assert len(await all_of(client.targets())) == 1
    assert f"/Properties/{PROPERTY}/Flows" in asked(at)[0]


async def test_addresses_are_listed_and_offered() -> None:
    row = {"AddressSid": "D1", "Friendly": "Office", "Line1": "1 Way", "City": "Sydney"}
    rows = {"Addresses": [row | {"CountryCode": "AU"}, {"City": "x"}], "TotalCount": 2}
    client, at = account([rows, rows])
    (address,) = await client.addresses()
    assert (address.id, address.name, address.lines) == ("D1", "Office", "1 Way, Sydney")
    (choice,) = await client.choices_for("address", owned())
    assert (choice.value, choice.label) == ("D1", "Office, 1 Way, Sydney, AU")
    assert await client.choices_for("friendly", owned()) == ()
    assert asked(at)[0].startswith(f"GET /Accounts/{ACCOUNT}/Addresses?Results_Count=200")


async def test_check_without_a_property() -> None:
    client, at = account([{"Projects": [{"PropertySid": "SA", "Name": "One of many"}]}])
    assert (await client.check()).title == ACCOUNT
    assert asked(at) == ["GET /Properties?Results_Count=1"]


@pytest.mark.parametrize("key", ["Project", "Property"])
async def test_check_of_a_property(key: str) -> None:
    row = {"PropertySid": PROPERTY, "Name": "Sales", "TimeZone": "Australia/Sydney"}
    client, at = account([{key: row}], PROPERTY)
    checked = await client.check()
    assert checked.title == "Sales"
    assert checked.details["time zone"] == "Australia/Sydney"
    assert asked(at) == [f"GET /Properties/{PROPERTY}"]


async def test_search_is_refused_with_the_reason() -> None:
    client, at = account([])
    with pytest.raises(NotOffered, match="stock"):
        await all_of(client.available(StockQuery("AU")))
    with pytest.raises(NotOffered, match="gives a number up"):
        await client.release(owned())
    assert at.wire.requests == []


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (failure("COUNTRY_NOT_FOUND", "No such country."), NotFound, "No such country. (COUNTRY"),
        (failure("FORBIDDEN", "In use by a call.", 403), Forbidden, "In use by a call."),
        (failure("UNAUTHORIZED", "Who?", 401), CredentialsRejected, "Who?"),
        (failure("SLOW", "", 429), RateLimited, "SLOW"),
        (failure("ODD", "Why", 200), Rejected, "Why (ODD)"),
        (httpx.Response(500, content=b"<html><b>x</b></html>"), ServerFault, "(HTTP 500)"),
        (httpx.Response(500, content=b"went\nwrong"), ServerFault, "went␊wrong"),
        (httpx.Response(400, json={"ResponseStatus": []}), Rejected, "(HTTP 400)"),
        (httpx.Response(400, json=[]), Rejected, "(HTTP 400)"),
    ],
)
async def test_every_shape_of_error(
    answer: httpx.Response, error: type[Exception], words: str
) -> None:
    client, _ = account(lambda _: answer)
    with pytest.raises(error) as caught:
        await client.check()
    assert type(caught.value) is error or issubclass(type(caught.value), NotFound)
    assert words in str(caught.value)
    assert getattr(caught.value, "account", "") == "uk-sms"


def capped(rows: list[Any], cap: int, total: int | None = None) -> Answer:
    """Answer with ``cap`` rows a page at most, however many are asked for."""

    def answer(request: httpx.Request) -> httpx.Response:
        skip = int(request.url.params["Results_Skip"])
        told = {} if total is None else {"TotalCount": total}
        return httpx.Response(200, json={"Numbers": rows[skip : skip + cap], **told})

    return answer


@pytest.mark.parametrize("cap", [1, 45, 50, 128, 199])
@pytest.mark.parametrize("told", [True, False])
async def test_a_server_that_answers_fewer_rows_than_asked_is_read_to_the_end(
    cap: int, told: bool
) -> None:
    rows = [numbered(index) for index in range(150)]
    client, at = account(capped(rows, cap, 150 if told else None))
    assert len(await all_of(client.owned(ANY))) == 150
    assert len(at.wire.requests) == -(-150 // cap) + (not told)


@pytest.mark.parametrize("count", [3, 45, 128, 200])
async def test_a_server_that_answers_the_same_rows_whatever_is_skipped_is_incomplete(
    count: int,
) -> None:
    rows = [numbered(index) for index in range(count)]
    client, at = account(lambda _: httpx.Response(200, json={"Numbers": rows}))
    found: list[Any] = []
    with pytest.raises(ListingIncomplete, match="same records again"):
        await into(found, client.owned(ANY))
    assert len(found) == count
    assert len(at.wire.requests) == 2


@pytest.mark.parametrize("cap", [7, 45, 49])
async def test_flows_and_addresses_behind_a_limit_are_all_offered(cap: int) -> None:
    flows = [{"ConfigId": f"c{index}", "Name": str(index)} for index in range(60)]
    places = [{"AddressSid": f"D{index}", "Line1": "1 Way"} for index in range(60)]

    def answer(request: httpx.Request) -> httpx.Response:
        rows = flows if request.url.path.endswith("Flows") else places
        skip = int(request.url.params["Results_Skip"])
        return httpx.Response(200, json=rows[skip : skip + cap])

    client, _ = account(answer, PROPERTY)
    assert len(await all_of(client.targets())) == 60
    assert len(await client.addresses()) == 60


async def test_a_total_that_is_not_reached_is_told() -> None:
    client, _ = account([{"Numbers": [numbered(0)], "TotalCount": 2}, {"Numbers": []}])
    with pytest.raises(ListingIncomplete, match="1 of 2"):
        await all_of(client.owned(ANY))


@pytest.mark.parametrize("plain", [str, int])
async def test_numbers_without_plus_or_as_integers_are_listed_and_found(plain: Any) -> None:
    rows = [numbered(index) for index in range(3)]
    sent = [{**row, "Number": plain(row["Number"][1:])} for row in rows]
    client, _ = account([sent, []])
    found = await all_of(client.owned(ANY))
    assert [one.number for one in found] == [row["Number"] for row in rows]
    client, _ = account([record(Number=plain(NUMBER[1:]), EndpointNumber=plain("61491570006"))])
    one = await client.find(NUMBER)
    assert one is not None
    assert (one.number, one.id) == (NUMBER, NUMBER[1:])
    assert one.settings["voice"] == "phone:+61491570006"


async def test_a_number_as_an_integer_that_comes_twice_is_shown_once() -> None:
    rows = [{**numbered(index), "Number": int(numbered(index)["Number"])} for index in range(201)]
    client, _ = account([rows[:200], [rows[199], rows[200]], []])
    assert len(await all_of(client.owned(ANY))) == 201


@pytest.mark.parametrize("endpoint", ["0491570006", "+610491570006", "447400906170"])
async def test_a_stored_target_that_is_no_number_here_is_kept_as_it_is(endpoint: str) -> None:
    client, _ = account([record(EndpointNumber=endpoint)])
    one = await client.find(NUMBER)
    assert one is not None
    assert one.settings["voice"] == f"phone:{endpoint}"
