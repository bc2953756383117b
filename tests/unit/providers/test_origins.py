"""Where credentials may go: https, or loopback, and one origin alone."""

import pytest

from tests.support.scripted_http import desk
from tui_numbers.providers.errors import ConfigurationProblem, ListingIncomplete
from tui_numbers.providers.request import Basic

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
