"""Failures that every client must survive, and that nothing of the secret shows in them."""

import base64
import logging
import traceback
from collections import Counter

import pytest

from tui_numbers.domain.query import OwnedQuery
from tui_numbers.providers.contract import Provider
from tui_numbers.providers.errors import (
    BadReply,
    CredentialsRejected,
    Forbidden,
    NoAnswer,
    NotFound,
    ProviderError,
    RateLimited,
    Rejected,
    ServerFault,
)
from tui_numbers.testing.bench import Bench, Failure, Fault
from tui_numbers.testing.listings import PluginTests, listed, numbers_in

REJECTED = "tell-n0body/&+%"  # a secret that nobody has


SHOWN_AFTER = (
    None,
    500,
    403,
    401,
    429,
    Failure.HTML,
    Failure.HALF_JSON,
    Failure.DROPPED,
)


def forms_of(secret: str, users: tuple[str, ...]) -> set[str]:
    """Return what would give a secret away: plain, up to what a URL escapes, HTTP Basic."""
    basic = {base64.b64encode(f"{user}:{secret}".encode()).decode() for user in users}
    plain = secret.partition("/")[0]
    return {secret, plain} | basic


def shown_by(error: BaseException) -> str:
    """Return everything that an exception and its chain would print or carry."""
    told: list[str] = []
    seen: set[int] = set()
    chain: list[BaseException | None] = [error]
    while chain:
        each = chain.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        told += [str(each), repr(each), repr(each.args), repr(vars(each))]
        told += traceback.format_exception(each)
        for name in ("request", "_request", "response"):
            assert getattr(each, name, None) is None
        chain += [each.__cause__, each.__context__]
    return "\n".join(told)


def shown_by_logs(caplog: pytest.LogCaptureFixture) -> str:
    """Return everything that was logged, and what its records carry."""
    told = [caplog.text]
    for record in caplog.records:
        told += [record.getMessage(), repr(record.args), repr(vars(record))]
    return "\n".join(told)


async def everything(client: Provider, bench: Bench) -> str:
    """Ask for all there is, whatever fails; return what answers and failures show."""
    shown: list[str] = []
    number = None
    try:
        number = await bench.ordinary()
    except ProviderError as error:
        shown.append(shown_by(error))
    for call in (
        client.check(),
        client.buy(bench.wanted(), bench.bought_for()),
        client.addresses(),
    ):
        try:
            shown.append(repr(await call))
        except ProviderError as error:
            shown.append(shown_by(error))
    for pages in (client.owned(OwnedQuery()), client.targets(number)):
        try:
            shown += [repr(page) async for page in pages]
        except ProviderError as error:
            shown.append(shown_by(error))
    return "\n".join(shown)


class SecrecyTests(PluginTests):
    """What a client never shows."""

    @pytest.mark.parametrize("kind", SHOWN_AFTER)
    async def test_no_secret_in_any_repr_log_or_exception(
        self, bench: Bench, caplog: pytest.LogCaptureFixture, kind: Fault | None
    ) -> None:
        caplog.set_level(logging.DEBUG)
        if kind is not None:
            bench.fail_reads(kind)
            bench.fail_writes(kind)
        shown = await everything(bench.client, bench) + shown_by_logs(caplog)
        shown += repr(bench.client) + repr(vars(bench.client))
        for form in forms_of(bench.secret, tuple(bench.fields.values())):
            assert form not in shown

    async def test_a_rejected_secret_is_not_repeated(
        self, bench: Bench, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        client = bench.connect(secret=REJECTED)
        shown = await everything(client, bench) + shown_by_logs(caplog)
        for form in forms_of(REJECTED, tuple(bench.fields.values())):
            assert form not in shown


ATTEMPTS = 4


FAILURES: tuple[tuple[Fault, type[ProviderError], int], ...] = (
    (401, CredentialsRejected, 1),
    (403, Forbidden, 1),
    (404, NotFound, 1),
    (429, RateLimited, ATTEMPTS),
    (500, ServerFault, 1),
    (502, ServerFault, ATTEMPTS),
    (503, ServerFault, ATTEMPTS),
    (504, ServerFault, ATTEMPTS),
    (Failure.HTML, BadReply, 1),
    (Failure.HALF_JSON, BadReply, 1),
    (Failure.EMPTY, BadReply, 1),
    (Failure.DROPPED, NoAnswer, ATTEMPTS),
    (Failure.LOST, NoAnswer, ATTEMPTS),
)


PASSING = (
    429,
    502,
    503,
    504,
    Failure.DROPPED,
)


class FailureTests(PluginTests):
    """What a client says of a read that fails."""

    @pytest.mark.parametrize(("kind", "error", "requests"), FAILURES)
    async def test_a_listing_that_fails(
        self, bench: Bench, kind: Fault, error: type[ProviderError], requests: int
    ) -> None:
        bench.fail_reads(kind)
        with pytest.raises(error) as failure:
            await listed(bench)
        assert isinstance(failure.value, BadReply) == (error is BadReply)
        assert failure.value.account
        assert "\n" not in str(failure.value)
        assert "<" not in str(failure.value)
        # What tells more of the numbers may be asked side by side; each path has its attempts.
        attempts = Counter(request.path for request in bench.requests)
        assert max(attempts.values()) == requests
        assert len(bench.waits) >= requests - 1

    async def test_a_refused_read(self, bench: Bench) -> None:
        for refusal in bench.refusals:
            bench.mend()
            bench.fail_reads(refusal)
            with pytest.raises(Rejected):
                await listed(bench)

    @pytest.mark.parametrize("kind", PASSING)
    async def test_a_read_recovers(self, bench: Bench, kind: Fault) -> None:
        bench.fail_reads(kind, times=2)
        assert sorted(numbers_in(await listed(bench))) == sorted(bench.owned())
