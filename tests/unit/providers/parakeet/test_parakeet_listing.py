from typing import Any

import httpx
import pytest

from tests.unit.providers.parakeet.helpers import BASE, account, all_of, asked, into, numbered, page
from tui_numbers.domain.query import OwnedQuery, StockQuery
from tui_numbers.providers.errors import (
    BadReply,
    CredentialsRejected,
    ListingIncomplete,
    ServerFault,
)

ANY = OwnedQuery()


async def test_follows_links_until_there_is_none() -> None:
    client, at = account(
        [
            page([numbered(1), numbered(2)], f"{BASE}/numbers?cursor=b"),
            page([numbered(3)], "/api/v1/numbers?cursor=c"),
            page([numbered(4)], "?cursor=d"),
            page([numbered(5)]),
        ]
    )
    found = await all_of(client.owned(ANY))
    assert [number.number for number in found] == [f"+1310555000{last}" for last in range(1, 6)]
    assert asked(at) == [
        "GET /numbers?limit=100",
        "GET /numbers?cursor=b",
        "GET /numbers?cursor=c",
        "GET /numbers?cursor=d",
    ]
    assert all(r.headers["authorization"].startswith("Basic ") for r in at.wire.requests)


@pytest.mark.parametrize(
    "target",
    [f"<{BASE}/numbers>; ", "</api/v1/numbers>; ", f"<{BASE}/numbers?limit=100>; ", "<>; ", ""],
    ids=["absolute", "relative", "with parameters", "empty", "none"],
)
async def test_a_cursor_that_stands_in_the_attribute_alone_is_followed_to_the_end(
    target: str,
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.params["limit"] == "100"
        index = int(request.url.params.get("cursor", "c0")[1:])
        link = f'{target}rel="next"; cursor="c{index + 1}"'
        headers = {"Link": link} if index < 3 else {}
        return httpx.Response(200, json=[numbered(index)], headers=headers)

    client, at = account(answer)
    assert len(await all_of(client.owned(ANY))) == 4
    assert len(at.wire.requests) == 4


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/numbers", "//elsewhere.example", BASE[:-7] + ":8443/n"]
)
async def test_a_cursor_is_not_taken_to_another_host(target: str) -> None:
    link = {"Link": f'<{target}>; rel="next"; cursor="b"'}
    client, at = account([httpx.Response(200, json=[numbered(1)], headers=link)])
    with pytest.raises(ListingIncomplete, match="another host"):
        await all_of(client.owned(ANY))
    assert len(at.wire.requests) == 1


@pytest.mark.parametrize("held", [1, 2, 100])
async def test_a_last_page_that_repeats_an_earlier_one_is_incomplete(held: int) -> None:
    rows = [numbered(index) for index in range(held)]
    client, _ = account([page(rows, "?cursor=b"), page(rows)])
    found: list[Any] = []
    with pytest.raises(ListingIncomplete, match="same records again"):
        await into(found, client.owned(ANY))
    assert len(found) == held


async def test_a_number_twice_on_one_page_or_over_pages_is_shown_once() -> None:
    first = page([numbered(1), numbered(1), numbered(2)], "?cursor=b")
    client, _ = account([first, page([numbered(2), numbered(3)])])
    found = await all_of(client.owned(ANY))
    assert [number.number[-1] for number in found] == ["1", "2", "3"]


@pytest.mark.parametrize("rows", [(1, 1), (1, 2, 1), (3, 2, 3, 2)])
async def test_a_stock_number_is_shown_once_whatever_types_it_is_listed_under(
    rows: tuple[int, ...],
) -> None:
    stock = [{"id": f"+1310555{row:04d}", "country": "US", "type": "local"} for row in rows]
    client, _ = account(lambda _: httpx.Response(200, json=stock))
    found = await all_of(client.available(StockQuery("US")))
    assert [item.number for item in found] == [f"+1310555{row:04d}" for row in dict.fromkeys(rows)]


async def test_a_user_twice_is_offered_once() -> None:
    users = [{"id": "US1", "email": "a@b.example"}, {"id": "US1", "email": "a@b.example"}]
    client, _ = account([page(users), page([])])
    assert len(await all_of(client.targets())) == 1


async def test_an_empty_page_ends_it_only_where_it_leads_nowhere() -> None:
    first = page([numbered(1)], "/api/v1/numbers?cursor=b")
    client, at = account([first, page([], "?cursor=b")])
    assert len(await all_of(client.owned(ANY))) == 1
    assert len(at.wire.requests) == 2
    client, at = account([first, page([], "?cursor=c"), page([numbered(2)])])
    assert len(await all_of(client.owned(ANY))) == 2
    assert len(at.wire.requests) == 3


async def test_empty_pages_without_end_are_left() -> None:
    cursors = iter(range(1_000))
    client, at = account(lambda _: page([], f"?cursor={next(cursors)}"))
    with pytest.raises(ListingIncomplete, match="nothing new"):
        await all_of(client.owned(ANY))
    assert len(at.wire.requests) < 20


@pytest.mark.parametrize(
    "header",
    [
        '</api/v1/numbers?cursor=b; rel="next"',
        'https://api.parakeet.is/api/v1/numbers?cursor=b; rel="next"',
        '<>; rel="next"',
        '</api/v1/numbers?cursor=\x7f>; rel="next"',
        f'</api/v1/numbers?cursor={"b" * 60_000}>; rel="next"',
    ],
)
async def test_a_next_page_that_cannot_be_read_is_not_the_end(header: str) -> None:
    client, at = account([httpx.Response(200, json=[numbered(1)], headers={"link": header})])
    with pytest.raises(ListingIncomplete, match="cannot be read"):
        await all_of(client.owned(ANY))
    assert len(at.wire.requests) == 1


@pytest.mark.parametrize(
    "second",
    [
        page([numbered(2)], "/api/v1/numbers?x=1&cursor=b"),
        page([numbered(1)], "/api/v1/numbers?cursor=c"),
        page([numbered(2)], BASE.replace("https", "http") + "/numbers?cursor=c"),
        page([numbered(2)], "https://api.parakeet.example/api/v1/numbers?cursor=c"),
        page([numbered(2)], "//elsewhere.example/numbers?cursor=c"),
        page([numbered(2)], "https://api.parakeet.is:8443/api/v1/numbers?cursor=c"),
        page([numbered(2)], "http://[half"),
    ],
    ids=["cursor", "records", "scheme", "host", "relative host", "port", "no url"],
)
async def test_a_listing_that_cannot_go_on_is_incomplete(second: httpx.Response) -> None:
    client, at = account([page([numbered(1)], "/api/v1/numbers?cursor=b"), second])
    found: list[Any] = []
    with pytest.raises(ListingIncomplete) as caught:
        await into(found, client.owned(ANY))
    assert caught.value.account == "uk-sms"
    assert found[0].number == "+13105550001"
    assert len(at.wire.requests) == 2


async def test_a_link_to_the_first_page_is_a_circle() -> None:
    client, _ = account(lambda request: page([{"name": "no key"}], str(request.url)))
    with pytest.raises(ListingIncomplete):
        await all_of(client.owned(ANY))


@pytest.mark.parametrize("status", [400, 404, 422])
async def test_an_expired_cursor_begins_again_without_repeating(status: int) -> None:
    client, at = account(
        [
            page([numbered(1), numbered(2)], "/api/v1/numbers?cursor=b"),
            httpx.Response(status, json={"error": "expired"}),
            page([numbered(1), numbered(2)], "/api/v1/numbers?cursor=b"),
            page([numbered(2), numbered(3)]),
        ]
    )
    found = await all_of(client.owned(ANY))
    assert [number.number[-1] for number in found] == ["1", "2", "3"]
    assert asked(at)[2] == "GET /numbers?limit=100"


async def test_a_second_expiry_leaves_it_incomplete() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if "cursor" in request.url.params:
            return httpx.Response(400)
        return page([numbered(1)], "/api/v1/numbers?cursor=b")

    client, at = account(answer)
    with pytest.raises(ListingIncomplete, match="expire"):
        await all_of(client.owned(ANY))
    assert len(at.wire.requests) == 4


async def test_other_errors_on_the_way_are_themselves() -> None:
    client, _ = account([page([numbered(1)], "?cursor=b"), httpx.Response(401)])
    with pytest.raises(CredentialsRejected):
        await all_of(client.owned(ANY))


@pytest.mark.parametrize("body", [b"<html>down</html>", b'[{"id":', b"", b'"text"', b'{"a": 1}'])
async def test_what_is_no_list_is_a_bad_reply(body: bytes) -> None:
    client, _ = account([httpx.Response(200, content=body)])
    with pytest.raises(BadReply):
        await all_of(client.owned(ANY))


async def test_an_error_inside_200_says_its_words() -> None:
    client, _ = account([{"error": "odd", "message": "Try\nlater"}])
    with pytest.raises(BadReply, match="Try␊later; odd"):
        await all_of(client.owned(ANY))


BODIES: list[tuple[Any, str]] = [
    ({"error": "uneditable"}, "uneditable"),
    ({"error": {"code": "x", "message": "words"}}, "words; x"),
    ({"errors": {"target": ["is missing"]}}, "target: is missing"),
    ({"errors": [{"description": "one"}, "two"]}, "one; two"),
    (["one", {"message": "two"}], "one; two"),
    ("only text", "only text"),
    ({"other": {"deep": "words"}}, "deep: words"),
    ({"error": None, "code": 7}, ""),
    (None, ""),
]


@pytest.mark.parametrize(("body", "words"), BODIES)
async def test_every_shape_of_error_body_is_read(body: Any, words: str) -> None:
    client, _ = account([httpx.Response(500, json=body)])
    with pytest.raises(ServerFault) as caught:
        await client.check()
    assert caught.value.message.endswith(f"(HTTP 500): {words}" if words else "(HTTP 500)")


@pytest.mark.parametrize(
    ("content", "words"), [(b"plain \x1b[31mred", "plain ␛[31mred"), (b"<p>no</p>", "")]
)
async def test_text_and_html_error_bodies(content: bytes, words: str) -> None:
    client, _ = account([httpx.Response(500, content=content)])
    with pytest.raises(ServerFault) as caught:
        await client.check()
    assert caught.value.message.endswith(f": {words}" if words else "(HTTP 500)")
