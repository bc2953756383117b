"""A read that fails is told as what it is, and asked again where that may help."""

import pytest

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
from tui_numbers.testing.declaration import PluginTests
from tui_numbers.testing.listings import listed, numbers_in

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
        assert len(bench.requests) == requests
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
