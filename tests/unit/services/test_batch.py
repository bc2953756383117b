import asyncio
from dataclasses import replace

import pytest

from tests.support.clock import StoppedClock
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
from tui_numbers.services.batch import Batch, spaced_seconds
from tui_numbers.services.planning import Consent, plan_buy, plan_retarget
from tui_numbers.services.writes import NOT_SENT
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
    results = await batch.run(on_step=lambda plan, step: step == "sent" and batch.cancel())
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


class Slow(FakeProvider):
    """Each write takes five seconds; while the first is made, somebody else changes a number."""

    def __init__(self, clock):
        super().__init__({number: owned(number) for number in NUMBERS})
        self.clock, self.journal, self.waiting = clock, None, []

    async def update(self, number, change):
        self.clock.time += 5
        await super().update(number, change)
        self.numbers[NUMBERS[-1]] = owned(NUMBERS[-1], voice="phone:+442079460999")
        begun = [one for one in self.journal.operations() if one.begun]
        self.waiting.append(len(begun) - len(self.sent))


async def test_what_waited_long_for_its_turn_is_read_again_and_refused_where_it_changed():
    clock = StoppedClock()
    provider = Slow(clock)
    plans = _plans(provider)
    changes = session(provider, info=replace(INFO, pace=Pace(widest=4)))
    changes.workspace.http.timing = clock.timing
    provider.journal = changes.journal
    *others, last = await Batch(changes, plans, YES).run()
    assert {result.outcome for result in others} == {Outcome.VERIFIED}
    assert last.outcome is Outcome.REFUSED
    assert "changed since it was shown" in last.error
    assert ("update", NUMBERS[-1]) not in provider.sent
    # What the program would leave unknown if it were killed are those that were sent.
    assert max(provider.waiting) < 4


class Together(FakeProvider):
    """Reads several numbers at once, and answers no write before all were sent."""

    def __init__(self):
        super().__init__({number: owned(number) for number in NUMBERS})
        self.groups, self.all_sent = [], asyncio.Event()

    async def find_many(self, numbers):
        self.groups.append(len(numbers))
        return {number: self.numbers.get(number) for number in numbers}

    async def update(self, number, change):
        await super().update(number, change)
        if len(self.sent) == len(NUMBERS):
            self.all_sent.set()
        await self.all_sent.wait()


async def test_a_batch_is_read_afresh_by_few_listings_and_read_back_by_one():
    provider = Together()
    plans = _plans(provider)
    changes = session(provider, info=replace(INFO, pace=Pace(widest=len(NUMBERS))))
    results = await Batch(changes, plans, YES).run()
    assert {result.outcome for result in results} == {Outcome.VERIFIED}
    assert provider.groups[-1] == len(NUMBERS)
    assert len(provider.groups) + provider.reads < len(NUMBERS)
    assert len(set(provider.sent)) == len(provider.sent) == len(NUMBERS)


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
