"""Failures of reads beyond the suite: waits, half answers, refusals inside a success, no way."""

import socket

import pytest

from tests.contract.cases import CASES
from tui_numbers.domain.query import OwnedQuery
from tui_numbers.providers.errors import (
    BadReply,
    CredentialsRejected,
    ListingIncomplete,
    NoAnswer,
    ProviderError,
    RateLimited,
    Rejected,
    ServerFault,
    Unreachable,
)
from tui_numbers.testing.listings import ATTEMPTS, assert_failed_as


async def listed(bench, client=None):
    return [page async for page in (client or bench.client).owned(OwnedQuery())]


FAILURES = [
    ("429:retry-after=7", RateLimited, ATTEMPTS),
    ("html:status=502", ServerFault, ATTEMPTS),
    ("truncated", NoAnswer, ATTEMPTS),
]


@pytest.mark.parametrize(("kind", "error", "requests"), FAILURES)
async def test_a_listing_that_fails(bench, kind, error, requests):
    bench.fault("list", kind)
    with pytest.raises(error) as failure:
        await listed(bench)
    assert_failed_as(failure.value, error)
    assert bench.asked("list") == requests
    assert len(bench.waits) >= requests - 1


async def test_an_error_inside_a_success_is_no_empty_list(bench):
    bench.fault("list", "error-inside-200")
    with pytest.raises((Rejected, BadReply)):
        await listed(bench)


async def test_targets_that_fail_are_no_empty_list(bench):
    for kind in ("error-inside-200", "unauthorized", "html", "empty"):
        bench.sandbox.faults.clear()
        bench.fault("*", kind)
        with pytest.raises(ProviderError):
            [page async for page in bench.client.targets()]


async def test_what_the_provider_asks_for_is_waited(bench):
    bench.fault("list", "429:retry-after=7,times=1")
    await listed(bench)
    assert max(bench.clock.slept) == 7
    assert any("too often" in wait.reason or "429" in wait.reason for wait in bench.waits)


async def test_longer_than_patience_is_not_waited(bench):
    bench.fault("list", "429:retry-after=3600")
    with pytest.raises(RateLimited) as failure:
        await listed(bench)
    assert failure.value.retry_after == 3600
    assert bench.clock.slept == []


async def test_a_read_recovers_from_half_an_answer(bench):
    bench.fault("list", "truncated:times=2")
    pages = await listed(bench)
    found = [item.number for page in pages for item in page.items]
    assert sorted(found) == sorted(bench.case.owned(bench.world))


async def test_a_later_page_that_fails_ends_the_listing(bench):
    if len(bench.case.owned(bench.world)) <= bench.case.info.page_size:
        pytest.skip("all of it fits one page")
    bench.fault("list", "500:after=1")
    with pytest.raises(ServerFault):
        await listed(bench)


async def test_a_wrong_secret(bench):
    client = bench.connect(secret="not-the-secret-at-all")
    with pytest.raises(CredentialsRejected) as failure:
        await client.check()
    assert "not-the-secret" not in str(failure.value)
    with pytest.raises(CredentialsRejected):
        await listed(bench, client)


def closed_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


async def test_an_unreachable_host(bench):
    client = bench.connect(origin=f"http://127.0.0.1:{closed_port()}")
    with pytest.raises(Unreachable) as failure:
        await client.check()
    assert "connection refused" in failure.value.message
    with pytest.raises(Unreachable) as failure:
        await client.buy(bench.case.wanted(bench.world), bench.case.bought_for(bench.world))
    assert failure.value.may_have_applied is False
    assert bench.clock.slept == []


FOLLOWING = [case for case in CASES if case.elsewhere is not None]


@pytest.mark.parametrize("case", FOLLOWING, ids=lambda case: case.key, indirect=True)
async def test_a_next_page_on_another_origin_is_not_asked_for(bench, elsewhere):
    bench.stage.extra = bench.case.elsewhere(elsewhere.origin)
    with pytest.raises(ListingIncomplete):
        await listed(bench)
    assert elsewhere.headers == []
