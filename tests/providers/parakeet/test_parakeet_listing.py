from typing import Any

import httpx
import pytest

from tests.providers.parakeet.helpers import BASE, account, all_of, asked, into, numbered, page
from tui_numbers.domain.query import OwnedQuery
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


async def test_an_empty_page_ends_it() -> None:
    client, at = account([page([numbered(1)], "/api/v1/numbers?cursor=b"), page([], "?cursor=c")])
    assert len(await all_of(client.owned(ANY))) == 1
    assert len(at.wire.requests) == 2


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
