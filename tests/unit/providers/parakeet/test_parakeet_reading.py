from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.providers.parakeet.helpers import (
    ID,
    NUMBER,
    TEAM,
    USER,
    account,
    all_of,
    asked,
    into,
    numbered,
    owned,
    page,
    record,
)
from tui_numbers.domain.numbers import Channel, Stored, Target, Undisclosed
from tui_numbers.domain.query import OwnedQuery, StockQuery
from tui_numbers.providers.decoding import Fields, read_page
from tui_numbers.providers.errors import (
    BadReply,
    CredentialsRejected,
    Forbidden,
    NotFound,
    RateLimited,
    Rejected,
)
from tui_numbers.providers.parakeet import records


def test_reads_a_whole_record() -> None:
    number = owned()
    target = Target("team", TEAM)
    assert (number.id, number.number, number.country) == (ID, NUMBER, "US")
    assert (number.type, number.status, number.name) == (None, "active", "Night Desk")
    assert number.capabilities == ("voice", "sms")
    assert number.routing == {Channel.VOICE: target, Channel.SMS: target}
    assert number.settings == {"target": f"team:{TEAM}"}
    assert number.created_at == datetime(2031, 4, 5, 6, 7, 8, 901000, UTC)
    assert number.received is None


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({"target": None, "target_type": None}, None),
        ({"target": None}, None),
        ({"target": {}}, None),
        ({"target": None, "target_type": "Voice:Mail"}, Undisclosed("Voice:Mail")),
        ({"target": {"id": "Q1"}, "target_type": "queue"}, "queue:Q1"),
        ({"target": {"id": "F1"}, "target_type": "Flow"}, "Flow:F1"),
        ({"target": {"id": USER}, "target_type": None}, f"user:{USER}"),
        ({"target": USER, "target_type": "user"}, f"user:{USER}"),
        ({"target": {"id": "XX1"}, "target_type": None}, "unknown:XX1"),
        ({"target": {"href": f"/api/v1/teams/{TEAM}"}}, f"team:{TEAM}"),
        (
            {"target": {"href": f"/api/v1/users/{USER}/", "id": None}, "target_type": "user"},
            f"user:{USER}",
        ),
        (
            {
                "target": {"href": f"https://api.parakeet.is/api/v1/users/{USER}?a=/b", "id": ""},
                "target_type": None,
            },
            f"user:{USER}",
        ),
        ({"target": f"/api/v1/teams/{TEAM}"}, f"team:{TEAM}"),
        ({"target": {"href": "/api/v1/queues/Q1"}, "target_type": "queue"}, "queue:Q1"),
        ({"target": {"href": "/"}}, None),
    ],
)
def test_targets_of_every_kind(changes: dict[str, Any], setting: Stored) -> None:
    number = owned(**changes)
    assert number.settings == {"target": setting}
    told = number.routing[Channel.VOICE]
    assert (told.text if isinstance(told, Target) else told) == setting


@pytest.mark.parametrize("fields", [{"href": "/api/v1/users/US1"}, {"id": "US1", "href": "/x/US2"}])
def test_a_user_known_by_its_address_alone_is_offered(fields: dict[str, Any]) -> None:
    option = records.user_option(Fields(fields))
    assert option is not None
    assert option.target == Target("user", "US1")


def test_a_channel_that_the_number_lacks_leads_nowhere() -> None:
    number = owned(capabilities=["VOICE", "fax"])
    assert number.routing[Channel.SMS] is None
    assert number.routing[Channel.VOICE] is not None
    assert number.capabilities == ("voice", "fax")
    assert owned(capabilities=[]).routing[Channel.SMS] is not None


def test_further_words_are_kept() -> None:
    assert owned(status="Suspended\x00").status == "suspended␀"
    assert owned(status="porting").status == "porting"
    assert owned(status=None).status is None


def test_a_bad_record_is_one_warning() -> None:
    bad = record(
        name=[1], target=["x"], capabilities={"a": 1}, created_at="soon", country_code="USA"
    )
    found = read_page(
        [record(), bad, record(number="310"), None, {"number": 5}],
        lambda fields: records.owned_number(fields, "a"),
    )
    assert len(found.items) == 2
    assert found.dropped == 3
    assert len(found.warnings) == 4
    assert f"{NUMBER}: unreadable" in found.warnings[0]
    for key in ("name", "target", "capabilities", "created_at", "country_code"):
        assert key in found.warnings[0]


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(record())), JSON))
def test_no_record_breaks_the_reading(changes: dict[str, Any]) -> None:
    page_of = read_page([record(**changes)], lambda fields: records.owned_number(fields, "a"))
    for number in page_of.items:
        text = number.settings["target"]
        assert not isinstance(text, str) or text == Target.from_text(text).text
        msgspec.json.encode(text)
    read_page([changes], lambda fields: records.available_number(fields, "a"))
    read_page([changes], records.user_option)
    read_page([changes], records.address)


async def test_check_tells_the_account() -> None:
    client, at = account(
        [{"id": "AC1", "name": "Example Ltd", "domain": "example", "country": "gb"}]
    )
    checked = await client.check()
    assert checked.title == "Example Ltd"
    assert checked.country == "GB"
    assert checked.details["domain"] == "example"
    assert asked(at) == ["GET /account"]


async def test_find_by_identifier() -> None:
    client, at = account([record()])
    found = await client.find(NUMBER, owned())
    assert found is not None
    assert found.received is not None
    assert msgspec.json.decode(found.received) == record()
    assert asked(at) == [f"GET /numbers/{ID}"]


@pytest.mark.parametrize("answer", [httpx.Response(404), record(number="+13105550199")])
async def test_find_by_identifier_finds_nothing_else(answer: Any) -> None:
    client, _ = account([answer])
    assert await client.find(NUMBER, owned()) is None


async def test_find_by_identifier_needs_a_number() -> None:
    client, _ = account([record(number=None)])
    with pytest.raises(BadReply):
        await client.find(NUMBER, owned())


@pytest.mark.parametrize("known", [None, owned(id="../users"), owned(id=None)])
async def test_find_pages_through_and_stops(known: Any) -> None:
    client, at = account(
        [page([None, numbered(1)], "?cursor=b"), page([record()], "?cursor=c"), page([numbered(2)])]
    )
    found = await client.find(NUMBER, known)
    assert found is not None
    assert found.number == NUMBER
    assert asked(at) == ["GET /numbers?limit=100", "GET /numbers?cursor=b"]


async def test_find_wants_all_digits() -> None:
    client, _ = account([page([record(number=NUMBER + "9"), record(number=NUMBER[:-1])])])
    assert await client.find(NUMBER) is None


def stock(number: str, **changes: Any) -> dict[str, Any]:
    return {"id": number, "number": number, "country": "US", "type": "local", **changes}


async def test_a_search_without_a_type_asks_for_each() -> None:
    client, at = account(
        [
            [stock("+13105550177", address_requirement="none")],
            [],
            [stock("+18005550177", type="toll_free", address_type="Any")],
        ]
    )
    found = await all_of(client.available(StockQuery("US", pattern="KEY")))
    assert [number.address_requirement for number in found] == ["none", "any"]
    assert found[1].type == "toll_free"
    assert found[0].monthly_cost is None
    assert asked(at) == [
        f"GET /available_numbers?country=US&type={kind}&query=539"
        for kind in ("local", "mobile", "toll_free")
    ]


async def test_a_refused_type_is_not_in_stock() -> None:
    client, _ = account([httpx.Response(422), [stock("+13105550177")], httpx.Response(404)])
    assert len(await all_of(client.available(StockQuery("US")))) == 1


async def test_a_search_that_is_refused_altogether_says_so() -> None:
    client, _ = account([httpx.Response(422, json={"message": "which?"})] * 3)
    with pytest.raises(Rejected, match="which"):
        await all_of(client.available(StockQuery("US")))
    client, _ = account([httpx.Response(404)])
    with pytest.raises(NotFound):
        await all_of(client.available(StockQuery("US", type="mobile")))


@pytest.mark.parametrize(
    ("status", "error"), [(401, CredentialsRejected), (403, Forbidden), (429, RateLimited)]
)
async def test_other_refusals_end_the_search(status: int, error: type[Exception]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.params["type"] == "local":
            return page([stock("+13105550177")])
        return httpx.Response(status, headers={"Retry-After": "600"})

    client, _ = account(answer)
    with pytest.raises(error):
        await all_of(client.available(StockQuery("US")))


async def test_a_type_that_it_does_not_know_is_not_asked_for() -> None:
    client, at = account([])
    assert await all_of(client.available(StockQuery("US", type="shared_cost"))) == []
    assert at.wire.requests == []


def user(key: str, **changes: Any) -> dict[str, Any]:
    profile = {"first_name": "Ada", "last_name": "Byron"}
    return {"id": key, "email": "ada@example.com", "profile": profile, **changes}


async def test_targets_are_users_and_the_teams_of_owned_numbers() -> None:
    client, at = account(
        [
            page([user("US1"), user("US2", profile=None)], "/api/v1/users?cursor=b"),
            page([user("US3", profile={"last_name": "Byron"}), {"email": "x"}]),
            page([numbered(1), numbered(2, target_type="user", target={"id": "US1"})]),
        ]
    )
    options = await all_of(client.targets())
    assert [(each.target.text, each.target.label) for each in options] == [
        ("user:US1", "Ada Byron"),
        ("user:US2", "ada@example.com"),
        ("user:US3", "Byron"),
        (f"team:{TEAM}", "Night Desk"),
    ]
    assert all(each.channels == (Channel.VOICE, Channel.SMS) for each in options)
    assert not any("/teams" in request for request in asked(at))


async def test_teams_are_remembered_from_a_listing() -> None:
    client, at = account([page([numbered(1)]), page([user("US1")])])
    await all_of(client.owned(OwnedQuery()))
    assert len(await all_of(client.targets())) == 2
    assert asked(at) == ["GET /numbers?limit=100", "GET /users?limit=100"]


async def test_teams_seen_before_a_listing_broke_are_given() -> None:
    client, _ = account(
        [page([user("US1")]), page([numbered(1)], "?cursor=b"), httpx.Response(403)]
    )
    found: list[Any] = []
    with pytest.raises(Forbidden):
        await into(found, client.targets())
    assert [option.target.kind for option in found] == ["user", "team"]


async def test_addresses_are_on_one_line() -> None:
    row = {
        "id": "AD1",
        "friendly_name": "Office",
        "street": "1 Example St",
        "street2": None,
        "city": "Philadelphia",
        "region": "PA",
        "postal_code": "19102",
        "country_code": "us",
    }
    client, at = account([[row, {"city": "x"}]])
    (address,) = await client.addresses()
    assert (address.id, address.name, address.country) == ("AD1", "Office", "US")
    assert address.lines == "1 Example St, Philadelphia, PA, 19102"
    assert asked(at) == ["GET /addresses"]


def test_a_date_beyond_the_calendar_is_unreadable() -> None:
    fields = Fields(record(created_at="0001-01-01T00:00:00+14:00"))
    number = records.owned_number(fields, "a")
    assert number is not None
    assert number.created_at is None
    assert fields.unreadable == ["created_at"]


@pytest.mark.parametrize("number", [NUMBER[1:], int(NUMBER), f" {NUMBER[1:]} "])
async def test_a_number_without_plus_or_as_an_integer_is_listed_and_found(number: Any) -> None:
    client, _ = account([[record(number=number)]])
    (page,) = [page async for page in client.owned(OwnedQuery())]
    assert [one.number for one in page.items] == [NUMBER]
    client, _ = account([record(number=number)])
    found = await client.find(NUMBER, owned())
    assert found is not None
    assert found.number == NUMBER


@pytest.mark.parametrize("number", ["3105550142", 3105550142])
def test_a_national_number_is_left_out_rather_than_read_as_another_country_s(number: Any) -> None:
    assert records.owned_number(Fields(record(number=number)), "a") is None


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, {"status": "confirmed"}),
        ({"status": "porting"}, {}),
        ({"number": "+74951234567", "formatted_number": "8 (495) 123-45-67"},
         {"status": "confirmed", "written": "8 (495) 123-45-67"}),
        ({"number": "+375172345678", "formatted_number": "8 017 234-56-78"},
         {"status": "confirmed", "written": "8 017 234-56-78"}),
        ({"number": "+442079460000", "formatted_number": "020 7946 0000"},
         {"status": "confirmed"}),
        ({"formatted_number": None, "status": None}, {}),
    ],
)  # fmt: skip
def test_what_our_words_and_digits_do_not_say_is_kept(
    changes: dict[str, Any], told: dict[str, str]
) -> None:
    assert owned(**changes).told == told
