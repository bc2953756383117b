"""Writes beyond the suite: half answers, waits, errors after the change or inside a success."""

import pytest

from tests.contract.cases import CASES
from tui_numbers.providers.errors import BadReply, NoAnswer, RateLimited, Rejected, ServerFault
from tui_numbers.testing.writes import WRITES

OFFERED = [
    pytest.param(case, write, id=f"{case.key}-{write}")
    for case in CASES
    for write in WRITES
    if write != "release" or case.info.release.offered
]
over_every_write = pytest.mark.parametrize(("case", "write"), OFFERED, indirect=["case"])


@over_every_write
async def test_a_write_asks_its_own_route_once(bench, write):
    await WRITES[write](bench)
    assert bench.asked(write) == bench.writes == 1


async def test_a_purchase_tells_its_status(bench):
    purchase = await bench.client.buy(bench.wanted(), bench.bought_for())
    assert purchase.status in ("active", "pending")


@over_every_write
async def test_a_write_with_half_an_answer_is_sent_once(bench, write):
    bench.fault(write, "truncated")
    if (write, "truncated") in bench.bodiless:
        await WRITES[write](bench)
        assert bench.asked(write) == 1
        return
    with pytest.raises(NoAnswer) as failure:
        await WRITES[write](bench)
    assert failure.value.may_have_applied is True
    assert not isinstance(failure.value, BadReply)
    assert bench.asked(write) == bench.writes == 1


FAILURES = [("429:retry-after=30", RateLimited, False), ("504:made=1", ServerFault, True)]


@over_every_write
@pytest.mark.parametrize(("kind", "error", "may_have_applied"), FAILURES)
async def test_a_write_that_fails_is_sent_once(bench, write, kind, error, may_have_applied):
    bench.fault(write, kind)
    with pytest.raises(error) as failure:
        await WRITES[write](bench)
    assert failure.value.may_have_applied is may_have_applied
    assert bench.asked(write) == bench.writes == 1


@over_every_write
async def test_an_error_inside_a_success_is_noticed(bench, write):
    bench.fault(write, "error-inside-200")
    if (write, "error-inside-200") in bench.bodiless:
        await WRITES[write](bench)
        assert bench.writes == 1
        return
    with pytest.raises((Rejected, BadReply)):
        await WRITES[write](bench)
    assert bench.writes == 1
