"""Changes, purchases and releases: what is kept, what is sent, and that it is sent once."""

import pytest
from msgspec import structs

from tests.contract.cases import CASES
from tui_numbers.domain.changes import CLEAR, Change, Set
from tui_numbers.providers.contract import BuyTarget
from tui_numbers.providers.errors import (
    BadReply,
    CredentialsRejected,
    Forbidden,
    NoAnswer,
    NotOffered,
    RateLimited,
    Rejected,
    ServerFault,
)

SETTINGS = [
    pytest.param(case, spec.key, id=f"{case.key}-{spec.key}")
    for case in CASES
    for spec in case.info.settings
]


async def again(bench):
    return await bench.ordinary()


def fields_of(record):
    return structs.asdict(record)


@pytest.mark.parametrize(("case", "setting"), SETTINGS, indirect=["case"])
async def test_setting_one_value_keeps_every_other(bench, setting):
    case, world = bench.case, bench.world
    before, stored = await again(bench), fields_of(case.record(world, case.ordinary(world)))
    change = Change({setting: Set(case.values(world)[setting])})
    await bench.client.update(before, change)
    after, written = await again(bench), fields_of(case.record(world, case.ordinary(world)))
    moved = {key for key in stored if stored[key] != written[key]}
    assert moved
    assert moved <= case.moves[setting]
    wanted = change.applied_to(before.settings)
    assert after.settings == {key: wanted[key] for key in before.settings}
    assert bench.writes == 1


@pytest.mark.parametrize(("case", "setting"), SETTINGS, indirect=["case"])
async def test_clearing_removes_one_value_or_is_not_offered(bench, setting):
    case, world = bench.case, bench.world
    everything = Change({key: Set(text) for key, text in case.values(world).items()})
    await bench.client.update(await again(bench), everything)
    before, stored = await again(bench), fields_of(case.record(world, case.ordinary(world)))
    spec = case.info.setting(setting)
    assert spec is not None
    if not spec.clearable:
        with pytest.raises(NotOffered) as failure:
            await bench.client.update(before, Change({setting: CLEAR}))
        assert spec.why_not_clearable
        assert spec.why_not_clearable in str(failure.value)
        assert bench.writes == 1
        return
    await bench.client.update(before, Change({setting: CLEAR}))
    after, written = await again(bench), fields_of(case.record(world, case.ordinary(world)))
    assert after.settings == before.settings | {setting: None}
    moved = {key for key in stored if stored[key] != written[key]}
    assert moved <= case.moves[setting] | case.loses


async def test_keeping_everything_sends_nothing(bench):
    await bench.client.update(await again(bench), Change({}))
    assert bench.writes == 0


async def test_a_setting_that_does_not_exist_is_not_sent(bench):
    with pytest.raises(NotOffered):
        await bench.client.update(await again(bench), Change({"colour": Set("red")}))
    assert bench.writes == 0


async def test_what_an_update_loses_is_declared_and_warned_of(bench):
    number = await again(bench)
    key = next(iter(bench.case.values(bench.world)))
    lines = bench.client.warnings(number, Change({key: Set("x:y")}))
    assert all("\n" not in line and len(line) < 120 for line in lines)
    assert bool(bench.case.info.not_carried_over) <= bool(lines)


async def bought(bench):
    wanted = bench.case.wanted(bench.world)
    return await bench.client.buy(wanted, bench.case.bought_for(bench.world))


async def released(bench):
    await bench.client.release(await again(bench))


async def updated(bench):
    number = await again(bench)
    key, text = next(iter(bench.case.values(bench.world).items()))
    await bench.client.update(number, Change({key: Set(text)}))


WRITES = {"buy": bought, "release": released, "update": updated}
OFFERED = [
    pytest.param(case, write, id=f"{case.key}-{write}")
    for case in CASES
    for write in WRITES
    if write != "release" or case.info.release.offered
]
over_every_write = pytest.mark.parametrize(("case", "write"), OFFERED, indirect=["case"])


async def test_a_purchase_is_made_once(bench):
    # What is to be had first is another one afterwards.
    wanted, target = bench.case.wanted(bench.world).number, bench.case.bought_for(bench.world)
    owned = set(bench.case.owned(bench.world))
    purchase = await bought(bench)
    assert purchase.status in ("active", "pending")
    assert bench.writes == bench.asked("buy") == 1
    assert set(bench.case.owned(bench.world)) == owned | {wanted}
    found = await bench.client.find(wanted)
    assert found is not None
    assert (target is not None) == (bench.case.info.buy_target is BuyTarget.REQUIRED)
    assert set(found.routing.values()) - {None} == ({target} if target else set())


async def test_a_release_is_made_once_or_not_offered(bench):
    if bench.case.info.release.offered:
        known, owned = await again(bench), set(bench.case.owned(bench.world))
        await bench.client.release(known)
        assert bench.writes == bench.asked("release") == 1
        assert set(bench.case.owned(bench.world)) == owned - {known.number}
        assert await bench.client.find(known.number) is None
        assert await bench.client.find(known.number, known) is None
        return
    number = await again(bench)
    with pytest.raises(NotOffered) as failure:
        await bench.client.release(number)
    assert bench.case.info.release.reason in str(failure.value)
    assert bench.writes == 0


LOST = ["reset-before", "reset-after", "truncated", "html", "half-json", "empty"]
UNREADABLE = {"html", "half-json", "empty"}


@over_every_write
@pytest.mark.parametrize("kind", LOST)
async def test_a_write_whose_answer_is_lost_is_sent_once(bench, write, kind):
    bench.fault(write, kind)
    if (write, kind) in bench.case.bodiless:
        await WRITES[write](bench)
        assert bench.asked(write) == 1
        return
    with pytest.raises(NoAnswer) as failure:
        await WRITES[write](bench)
    assert failure.value.may_have_applied is True
    assert isinstance(failure.value, BadReply) == (kind in UNREADABLE)
    assert bench.asked(write) == bench.writes == 1


FAILURES = [
    ("unauthorized", CredentialsRejected, False),
    ("forbidden", Forbidden, False),
    ("429", RateLimited, False),
    ("429:retry-after=30", RateLimited, False),
    ("500", ServerFault, True),
    ("503", ServerFault, True),
    ("504:made=1", ServerFault, True),
]


@over_every_write
@pytest.mark.parametrize(("kind", "error", "may_have_applied"), FAILURES)
async def test_a_write_that_fails_is_sent_once(bench, write, kind, error, may_have_applied):
    bench.fault(write, kind)
    with pytest.raises(error) as failure:
        await WRITES[write](bench)
    assert failure.value.may_have_applied is may_have_applied
    assert bench.asked(write) == bench.writes == 1


@over_every_write
async def test_a_refusal_is_definite(bench, write):
    for status in bench.case.refusals:
        bench.sandbox.faults.clear()
        bench.sandbox.requests.clear()
        bench.fault(write, f"500:status={status}")
        with pytest.raises(Rejected) as failure:
            await WRITES[write](bench)
        assert failure.value.may_have_applied is False
        assert bench.writes == 1


@over_every_write
async def test_an_error_inside_a_success_is_noticed(bench, write):
    bench.fault(write, "error-inside-200")
    if (write, "error-inside-200") in bench.case.bodiless:
        await WRITES[write](bench)
        assert bench.writes == 1
        return
    with pytest.raises((Rejected, BadReply)):
        await WRITES[write](bench)
    assert bench.writes == 1
