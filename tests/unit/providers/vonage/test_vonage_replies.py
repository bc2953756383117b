import logging

import httpx
import pytest

from tests.support.scripted_http import SECRET
from tests.unit.providers.vonage.helpers import KEY, OK, collect, query_of, stock, vonage
from tui_numbers.domain.query import OwnedQuery
from tui_numbers.providers.errors import (
    BadReply,
    ConfigurationProblem,
    CredentialsRejected,
    Forbidden,
    NotFound,
    RateLimited,
    Rejected,
    ServerFault,
)


def legacy(status, code=None, label="no"):
    body = {"error-code": str(status) if code is None else code, "error-code-label": label}
    return httpx.Response(status, json=body)


def problem(status):
    body = {"type": "https://x.example#y", "title": "Forbidden", "detail": "Not yours."}
    return httpx.Response(status, json=body)


ERRORS = [
    (legacy(401), CredentialsRejected, "no"),
    (legacy(403), Forbidden, "no"),
    (legacy(404), NotFound, "no"),
    (legacy(420, label="method failed"), Rejected, "method failed"),
    (legacy(429), RateLimited, "no"),
    (legacy(500), ServerFault, "no"),
    (legacy(200, "401", "authentication failed"), CredentialsRejected, "authentication failed"),
    (legacy(200, 420), Rejected, "no"),
    (legacy(200, "429"), RateLimited, "no"),
    (legacy(200, "403"), Forbidden, "no"),
    (legacy(200, "500"), ServerFault, "no"),
    (legacy(200, "7", "odd"), Rejected, "odd"),
    (legacy(200, ["x"]), BadReply, "error-code"),
    (legacy(200, ""), BadReply, "error-code"),
    (legacy(200, True), BadReply, "error-code"),
    (httpx.Response(200, json={"error-code": None}), BadReply, "error-code"),
    (problem(200), Rejected, "Forbidden: Not yours."),
    (problem(403), Forbidden, "Forbidden: Not yours."),
    (problem(429), RateLimited, "Forbidden: Not yours."),
    (httpx.Response(429), RateLimited, ""),
    (httpx.Response(429, text="slow down"), RateLimited, "slow down"),
    (httpx.Response(503, text="<html><h1>x</h1>"), ServerFault, "HTTP 503"),
    (httpx.Response(400, text="x" * 5_000), Rejected, "xxx…"),
    (httpx.Response(400, json=["a"]), Rejected, "HTTP 400"),
    (httpx.Response(302, headers={"location": "https://evil.example"}), BadReply, "redirects"),
    (httpx.Response(400, text='{"half":'), Rejected, "HTTP 400"),
]


@pytest.mark.parametrize(("answer", "error", "words"), ERRORS)
async def test_what_an_answer_means_to_a_write(answer, error, words):
    client, opened = vonage([answer])
    with pytest.raises(error) as failure:
        await client.buy(stock(), None)
    assert type(failure.value) is error
    assert words in failure.value.message
    assert "<" not in failure.value.message
    assert failure.value.account == "uk-sms"
    assert len(opened.wire.requests) == 1


@pytest.mark.parametrize("code", ["200", 200, " 200 "])
async def test_success_is_text_or_a_number(code):
    client, _ = vonage([{"error-code": code}])
    assert (await client.buy(stock(), None)).status == "active"


async def test_fields_that_are_missing_are_named():
    client, _ = vonage([httpx.Response(400, json={"country": "Is required.", "n": 1})])
    with pytest.raises(Rejected) as failure:
        await client.buy(stock(), None)
    assert failure.value.fields == {"country": "Is required."}
    assert "country: Is required." in failure.value.message


async def test_invalid_parameters_of_a_problem():
    listed = [{"name": "page_size", "reason": "too large"}, {"name": 3}, "x"]
    body = {"title": "Bad", "detail": "request", "invalid_parameters": listed}
    client, _ = vonage([httpx.Response(400, json=body)])
    with pytest.raises(Rejected) as failure:
        await collect(client.targets())
    assert failure.value.fields == {"page_size": "too large"}


async def test_the_dashboard_hint_is_shown_whole_and_harmless():
    hint = "Numbers from here can be requested at https://d.example/buy-numbers as they \x1b[31m"
    client, _ = vonage([legacy(420, label=hint)])
    with pytest.raises(Rejected) as failure:
        await client.buy(stock(), None)
    assert hint.replace("\x1b", "␛") in failure.value.message


async def test_check_tells_the_balance():
    client, opened = vonage([httpx.Response(200, text='{"value":12.340,"autoReload":false}')])
    check = await client.check()
    assert check.title == f"Vonage {KEY}"
    assert str(check.balance) == "EUR 12.340"
    assert check.details == {"Auto reload": "off"}
    assert opened.wire.requests[0].url == "https://rest.nexmo.com/account/get-balance"
    client, _ = vonage([{"value": None}])
    check = await client.check()
    assert (check.balance, check.details) == (None, {})


async def test_basic_by_default_and_two_hosts():
    client, opened = vonage([{}, {}])
    await collect(client.owned(OwnedQuery()))
    await collect(client.targets())
    numbers, applications = opened.wire.requests
    assert (numbers.url.host, applications.url.host) == ("rest.nexmo.com", "api.nexmo.com")
    for request in (numbers, applications):
        assert request.headers["authorization"].startswith("Basic ")
        assert "api_secret" not in str(request.url)
        assert request.headers["user-agent"].startswith("tui-numbers/")


async def test_query_credentials_are_for_the_numbers_alone():
    client, opened = vonage([{}, {}], auth="query")
    await collect(client.owned(OwnedQuery()))
    await collect(client.targets())
    numbers, applications = opened.wire.requests
    assert query_of(numbers)["api_key"] == KEY
    assert query_of(numbers)["api_secret"] == SECRET
    assert "authorization" not in numbers.headers
    assert "api_secret" not in str(applications.url)
    assert applications.headers["authorization"].startswith("Basic ")


async def test_query_credentials_of_a_write_are_in_the_query():
    client, opened = vonage([OK], auth="query")
    await client.buy(stock(), None)
    (request,) = opened.wire.requests
    assert query_of(request)["api_secret"] == SECRET
    assert b"api_secret" not in request.content


@pytest.mark.parametrize(
    ("fields", "numbers", "applications"),
    [
        (
            {"base_url": "http://127.0.0.1:8470/vonage/"},
            "http://127.0.0.1:8470/vonage/account/numbers",
            "http://127.0.0.1:8470/vonage/v2/applications",
        ),
        (
            {"applications_url": "https://api-eu.example"},
            "https://rest.nexmo.com/account/numbers",
            "https://api-eu.example/v2/applications",
        ),
        (
            {"base_url": "https://a.example", "applications_url": "https://b.example"},
            "https://a.example/account/numbers",
            "https://b.example/v2/applications",
        ),
    ],
)
async def test_the_second_host_follows_the_first(fields, numbers, applications):
    client, opened = vonage([{}, {}], **fields)
    await collect(client.owned(OwnedQuery()))
    await collect(client.targets())
    assert [str(r.url).partition("?")[0] for r in opened.wire.requests] == [numbers, applications]


@pytest.mark.parametrize("named", ["base_url", "applications_url"])
def test_an_unsafe_address_is_named(named):
    with pytest.raises(ConfigurationProblem, match=named):
        vonage([], **{"base_url": "https://a.example", named: "http://a.example"})


async def test_query_credentials_are_not_repeated_by_errors_or_logs(caplog):
    caplog.set_level(logging.DEBUG)

    def echo(request):
        return httpx.Response(404, text=f"no such page: {request.url}")

    client, _ = vonage(echo, auth="query")
    with pytest.raises(NotFound) as failure:
        await collect(client.owned(OwnedQuery()))
    shown = str(failure.value) + caplog.text
    for form in (SECRET, "s3cret", "value%2B1", "value+1"):
        assert form not in shown
