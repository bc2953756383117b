"""What a provider says when it refuses reaches the user, whatever shape it comes in."""

import httpx
import pytest

from tests.support.scripted_http import desk
from tui_numbers.providers.errors import CredentialsRejected, ProviderError
from tui_numbers.providers.registry import load_registry

FIELDS = {
    "vonage": {"api_key": "a1b2c3d4"},
    "parakeet": {"account_id": "US1"},
    "fonedynamics": {"account_sid": "AC1"},
}
BODIES = {
    "problem": {"type": "https://x.example#y", "title": "Bad thing", "detail": "Because of it."},
    "error_title": {"error_title": "Bad thing", "detail": "Because of it."},
    "error_detail": {"error_title": "Bad thing", "error_detail": "Because of it."},
    "description": {"error": "Bad thing", "error_description": "Because of it."},
    "code-beside": {"code": "E1", "title": "Bad thing", "detail": "Because of it."},
}


def client_of(provider, answers, **more):
    opened = desk(
        answers, fields=FIELDS[provider] | more.pop("fields", {}), provider=provider, **more
    )
    return load_registry().plugins[provider].connect(opened.api)


async def refusal(provider, status, body, **more):
    client = client_of(provider, lambda request: httpx.Response(status, json=body), **more)
    with pytest.raises(ProviderError) as caught:
        await client.check()
    return caught.value


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("status", [400, 401, 403, 422])
@pytest.mark.parametrize("provider", FIELDS)
async def test_every_word_of_a_refusal_reaches_the_user(provider, status, body):
    error = await refusal(provider, status, body)
    assert "Bad thing" in error.message
    assert "Because of it." in error.message


async def test_a_label_and_its_detail_are_both_told():
    body = {"error-code": "420", "error-code-label": "method failed", "detail": "No credit."}
    assert "method failed: No credit." in (await refusal("vonage", 420, body)).message


async def test_parameters_that_a_problem_lists_are_told():
    body = {
        "title": "Bad Request",
        "detail": "The request failed.",
        "invalid_parameters": [{"name": "page_size", "reason": "Must be at most 100."}],
    }
    error = await refusal("vonage", 400, body)
    assert "Bad Request: The request failed. (page_size: Must be at most 100.)" in error.message


async def test_an_error_title_inside_a_success_is_a_failure():
    error = await refusal("vonage", 200, {"error_title": "Not now", "detail": "Maintenance."})
    assert "Not now: Maintenance." in error.message


PRISM = {
    "type": "https://stoplight.io/prism/errors#UNAUTHORIZED",
    "title": "Invalid security scheme used",
    "status": 401,
    "detail": "Your request does not fulfill the security requirements.",
}
LEGACY = {"error-code": "401", "error-code-label": "authentication failed"}


@pytest.mark.parametrize("body", [PRISM, LEGACY, {}])
@pytest.mark.parametrize("base_url", ["http://127.0.0.1:4010", "https://numbers.example/v1"])
async def test_a_server_of_ones_own_that_refuses_basic_may_want_the_query(body, base_url):
    error = await refusal("vonage", 401, body, base_url=base_url)
    assert isinstance(error, CredentialsRejected)
    assert 'auth = "query"' in error.hint
    assert "accounts check uk-sms" in error.hint


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"base_url": "http://127.0.0.1:4010", "fields": {"auth": "query"}},
    ],
)
async def test_the_query_is_no_advice_where_it_is_used_or_of_no_use(more):
    error = await refusal("vonage", 401, PRISM, **more)
    assert 'auth = "query"' not in str(error)


async def test_the_query_is_no_advice_for_the_applications_that_know_basic_alone():
    client = client_of(
        "vonage",
        lambda request: httpx.Response(401, json=PRISM),
        base_url="http://127.0.0.1:4010",
    )
    with pytest.raises(CredentialsRejected) as caught:
        async for _ in client.targets():
            pass
    assert 'auth = "query"' not in caught.value.hint
