"""Where credentials may go: https, or loopback, and one origin alone."""

import httpx
import pytest

from tests.support.scripted_http import SECRET, desk
from tui_numbers.providers.errors import ConfigurationProblem, ListingIncomplete
from tui_numbers.providers.origins import Hosts, is_below
from tui_numbers.providers.request import Basic, Bearer

BASE = "https://api.example/v1"


def endpoint(answers):
    opened = desk(answers)
    return opened.api.endpoint(BASE, Basic("user")), opened


@pytest.mark.parametrize(
    "url",
    ["https://api.example/v1/x?cursor=1", "https://api.example:443/v1/x?cursor=1"],
)
async def test_a_page_of_the_same_origin_is_followed(url):
    door, opened = endpoint([{}])
    await door.follow(url)
    assert opened.wire.requests[0].url.params["cursor"] == "1"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/v1/x",
        "http://api.example/v1/x",
        "https://api.example:444/v1/x",
        "https://api.example@evil.example/x",
        "//evil.example/x",
        "/v1/x",
        "https://[",
        "",
    ],
)
async def test_a_page_of_another_origin_gets_no_credentials(url):
    door, opened = endpoint([])
    with pytest.raises(ListingIncomplete):
        await door.follow(url)
    assert opened.wire.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example",
        "ftp://api.example",
        "api.example",
        "https://user:pw@api.example",
        "https://api.example?x=1",
        "https://api.example#x",
        "https://",
        "https://api.example:99999999",
        "",
    ],
)
def test_an_unsafe_base_url_is_refused(url):
    opened = desk([])
    with pytest.raises(ConfigurationProblem, match="base_url") as failure:
        opened.api.endpoint(url, Basic("user"))
    assert "pw" not in str(failure.value)
    with pytest.raises(ConfigurationProblem, match="other_url"):
        opened.api.endpoint(url, Basic("user"), named="other_url")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://localhost:1/x/", "http://[::1]:1", "https://a.example/"]
)
def test_https_or_loopback_is_taken(url):
    desk([]).api.endpoint(url, Basic("user"))


@pytest.mark.parametrize(
    ("base", "link", "url"),
    [
        (None, "/2010/x.json?a=1", "https://api.acme.example/2010/x.json?a=1"),
        (None, "https://api.acme.example/x", "https://api.acme.example/x"),
        ("http://127.0.0.1:1/acme", "/2010/x.json", "http://127.0.0.1:1/acme/api/2010/x.json"),
        ("http://127.0.0.1:1/acme/", "https://api.acme.example/x", "http://127.0.0.1:1/acme/api/x"),
        ("http://127.0.0.1:1/acme", "/acme/api/x", "http://127.0.0.1:1/acme/api/x"),
        ("http://127.0.0.1:1", "http://127.0.0.1:1/api/x", "http://127.0.0.1:1/api/x"),
        ("http://127.0.0.1:1", "//elsewhere.example/x", "//elsewhere.example/x"),
        ("http://127.0.0.1:1", "https://b.acme.example/x", "https://b.acme.example/x"),
    ],
)
def test_one_address_stands_for_every_host(base, link, url):
    assert Hosts("acme.example", base).link("api", link) == url


@pytest.mark.parametrize(
    ("url", "below"),
    [
        ("https://a.example/v1/x?y=1", True),
        ("https://a.example/v1", False),
        ("https://a.example/v10/x", False),
        ("https://a.example/v1/../x", False),
        ("https://a.example/v1/%2e%2e/x", False),
        ("https://b.example/v1/x", False),
        ("http://a.example/v1/x", False),
        ("https://user@a.example/v1/x", False),
    ],
)
def test_links_are_followed_below_the_address_alone(url, below):
    assert is_below(url, "https://a.example/v1") is below


async def test_a_bearer_token_is_sent_and_masked_where_an_answer_repeats_it():
    opened = desk(lambda request: httpx.Response(200, text=request.headers["authorization"]))
    reply = await opened.api.endpoint("https://api.example", Bearer()).get("/x")
    assert opened.wire.requests[0].headers["authorization"] == f"Bearer {SECRET}"
    assert reply.body == b"Bearer ****"


def test_a_bearer_token_that_no_header_can_hold_is_refused_without_showing_it():
    opened = desk([], secret="clé-secrète")
    with pytest.raises(ConfigurationProblem, match="secret cannot be used") as failure:
        opened.api.endpoint("https://api.example", Bearer())
    assert "cl" not in str(failure.value).replace("cannot be", "")
