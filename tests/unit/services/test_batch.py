import pytest

from tests.support.fake_provider import (
    ACCOUNT,
    INFO,
    NUMBER,
    FakeProvider,
    available,
    owned,
    phone,
    session,
)
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.operations import Outcome
from tui_numbers.providers.contract import Pace
from tui_numbers.providers.errors import Rejected
from tui_numbers.services.batch import NOT_SENT, Batch, spaced_seconds
from tui_numbers.services.planning import Consent, plan_buy, plan_retarget
from tui_numbers.wording.plans import duration_lines

NUMBERS = [E164(f"+4477009001{last:02}") for last in range(20)]
TO = phone("+442079460000")
YES = Consent(given=True)


def _plans(provider):
    return [plan_retarget(ACCOUNT, INFO, one, TO) for one in provider.numbers.values()]


async def test_results_stand_in_the_order_of_the_plans_under_one_batch():
    provider = FakeProvider({number: owned(number) for number in NUMBERS})
    changes = session(provider)
    batch = Batch(changes, _plans(provider), YES, "INC-7")
    told = {}
    results = await batch.run(lambda place, result: told.update({place: result}))
    assert [result.plan.number for result in results] == NUMBERS
    assert {result.outcome for result in results} == {Outcome.VERIFIED}
    assert [told[place] for place in range(20)] == results
    recorded = changes.journal.operations()
    assert {one.batch for one in recorded} == {batch.id}
    assert {one.reason for one in recorded} == {"INC-7"}
    assert len(provider.sent) == len(set(provider.sent)) == 20


async def test_a_failure_in_the_middle_stops_nothing_else():
    provider = FakeProvider({number: owned(number) for number in NUMBERS})
    plans = _plans(provider)
    del provider.numbers[NUMBERS[7]]
    results = await Batch(session(provider), plans, YES).run()
    outcomes = [result.outcome for result in results]
    assert outcomes[7] is Outcome.REFUSED
    assert outcomes.count(Outcome.VERIFIED) == 19


async def test_cancelling_sends_nothing_more_and_finishes_what_was_sent():
    provider = FakeProvider({number: owned(number) for number in NUMBERS})
    changes = session(provider)
    batch = Batch(changes, _plans(provider), YES)
    results = await batch.run(lambda place, result: batch.cancel())
    sent = [result for result in results if result.error != NOT_SENT]
    assert 0 < len(sent) < 20
    assert {result.outcome for result in sent} == {Outcome.VERIFIED}
    assert len(provider.sent) == len(sent)
    recorded = changes.journal.operations()
    assert len(recorded) == 20
    begun = [one for one in recorded if one.begun]
    assert {one.outcome for one in begun} == {Outcome.VERIFIED}
    rest = [one for one in recorded if not one.begun]
    assert {(one.outcome, one.error) for one in rest} == {(Outcome.REFUSED, NOT_SENT)}


async def test_a_lone_plan_of_several_numbers_is_still_one_of_several():
    provider = FakeProvider({NUMBER: owned()})
    changes = session(provider, locks=frozenset({NUMBER}))
    (result,) = await Batch(changes, _plans(provider), YES, several=True).run()
    assert "locked" in result.error


async def test_whoever_fails_at_being_told_leaves_no_write_without_an_outcome():
    provider = FakeProvider({number: owned(number) for number in NUMBERS})
    changes = session(provider)

    def told(place, result):
        raise LookupError(place)

    with pytest.raises(LookupError):
        await Batch(changes, _plans(provider), YES).run(told)
    assert {one.outcome for one in changes.journal.operations()} == {Outcome.VERIFIED}
    assert len(provider.sent) == 20


def _stock_of(provider, numbers):
    provider.stock = {number: available(number) for number in numbers}
    return [plan_buy(ACCOUNT, INFO, one, TO) for one in provider.stock.values()]


async def test_purchases_are_one_batch_and_each_is_pointed_after_it():
    provider = FakeProvider()
    changes = session(provider)
    batch = Batch(changes, _stock_of(provider, NUMBERS[:3]), YES, "INC-7")
    told = []
    steps = []
    results = await batch.run(
        lambda place, result: told.append((place, result.plan.action)),
        lambda plan, step: steps.append((plan.number, plan.action, step)),
    )
    ended = {(number, action) for number, action, step in steps if step == "verified"}
    assert ended == {(number, what) for number in NUMBERS[:3] for what in ("buy", "retarget")}
    assert [(one.plan.number, one.plan.action) for one in results] == [
        *((number, "buy") for number in NUMBERS[:3]),
        *((number, "retarget") for number in NUMBERS[:3]),
    ]
    assert {result.outcome for result in results} == {Outcome.VERIFIED}
    assert sorted(told) == sorted((at, what) for at in range(3) for what in ("buy", "retarget"))
    recorded = changes.journal.operations()
    assert {one.batch for one in recorded} == {batch.id}
    assert {one.reason for one in recorded} == {"INC-7"}
    assert sorted(provider.sent) == sorted(
        (what, number) for number in NUMBERS[:3] for what in ("buy", "update")
    )


async def test_a_purchase_that_fails_is_not_pointed_and_stops_no_other():
    provider = FakeProvider()
    provider.refuse = Rejected("no funds")
    changes = session(provider)
    batch = Batch(changes, _stock_of(provider, NUMBERS[:2]), YES)
    results = await batch.run()
    assert [one.outcome for one in results] == [Outcome.FAILED] * 2
    assert sorted(provider.sent) == [("buy", number) for number in NUMBERS[:2]]
    assert {one.outcome for one in changes.journal.operations()} == {Outcome.FAILED}


async def test_purchases_that_are_not_agreed_to_send_nothing_and_are_not_recorded():
    provider = FakeProvider()
    changes = session(provider)
    results = await Batch(changes, _stock_of(provider, NUMBERS[:2]), Consent()).run()
    assert {one.outcome for one in results} == {Outcome.REFUSED}
    assert (provider.sent, changes.journal.operations()) == ([], [])


@pytest.mark.parametrize(
    ("pace", "said"),
    [
        (Pace(), []),
        (Pace(writes_per_second=100.0), []),
        (Pace(writes_per_second=4.0), ["about 10 s"]),
        (Pace(writes_per_second=0.2), ["about 3 minutes"]),
    ],
)
def test_how_long_it_takes_is_said_where_writes_are_spaced_and_it_takes_long(pace, said):
    provider = FakeProvider({number: owned(number) for number in NUMBERS})
    writer = session(provider)
    writer.workspace.pace = lambda account: pace
    lines = duration_lines(spaced_seconds(writer.workspace, _plans(provider)))
    assert [line.text.partition(":")[0] for line in lines] == said
