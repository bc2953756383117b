"""A write over an earlier operation of the same number that is open."""

from dataclasses import replace

import pytest

from tests.support.fake_provider import (
    ACCOUNT,
    INFO,
    NUMBER,
    OTHER,
    FakeProvider,
    available,
    owned,
    phone,
    session,
)
from tui_numbers.domain.changes import Change, Set
from tui_numbers.domain.operations import Outcome
from tui_numbers.providers.errors import NoAnswer
from tui_numbers.services.batch import Batch
from tui_numbers.services.planning import Consent, plan_buy, plan_release, plan_retarget, plan_set
from tui_numbers.services.settling import with_unsettled
from tui_numbers.services.undo import prepare_undo

YES = Consent(given=True, released=frozenset({NUMBER}))
TO, ELSEWHERE = phone("+442079460000"), phone("+442079460999")


def _retarget(held):
    return plan_retarget(ACCOUNT, INFO, held, ELSEWHERE)


def _set(held):
    return plan_set(ACCOUNT, INFO, held, Change({"name": Set("Night")}))


def _release(held):
    return plan_release(ACCOUNT, INFO, held)


WRITES = [_retarget, _set, _release]


async def _open():
    """Return the rules over a number whose latest write is unknown, the provider, the write."""
    provider = FakeProvider({NUMBER: owned()}, refuse=NoAnswer("gone"))
    changes = session(provider)
    result = await changes.apply(plan_retarget(ACCOUNT, INFO, owned(), TO), YES)
    assert result.outcome is Outcome.UNKNOWN
    provider.refuse = None
    provider.sent.clear()
    return changes, provider, changes.journal.get(result.operation)


@pytest.mark.parametrize("write", WRITES)
async def test_the_preview_names_the_open_operation_with_who_and_when(write):
    changes, _, earlier = await _open()
    plan = await with_unsettled(changes.workspace, changes.journal, write(owned()))
    (warning,) = [line for line in plan.warnings if "may still change" in line]
    began = earlier.started_at.astimezone()
    for part in (earlier.id, "ann@host", f"{began:%Y-%m-%d %H:%M}", "retarget", "unknown"):
        assert part in warning


@pytest.mark.parametrize("previewed", [True, False])
@pytest.mark.parametrize("write", WRITES)
async def test_a_plain_yes_does_not_cover_an_open_operation(write, previewed):
    changes, provider, earlier = await _open()
    plan = write(owned())
    if previewed:
        plan = await with_unsettled(changes.workspace, changes.journal, plan)
    result = await changes.apply(plan, YES)
    assert (result.outcome, provider.sent) == (Outcome.REFUSED, [])
    assert f"--over {earlier.id}" in result.error


@pytest.mark.parametrize("write", WRITES)
async def test_an_open_operation_that_is_named_is_written_over(write):
    changes, provider, earlier = await _open()
    plan = await with_unsettled(changes.workspace, changes.journal, write(owned()))
    result = await changes.apply(plan, replace(YES, over=frozenset({earlier.id})))
    assert (result.outcome, len(provider.sent)) == (Outcome.VERIFIED, 1)


@pytest.mark.parametrize("named", ["", "another"])
async def test_another_operation_that_is_named_covers_nothing(named):
    changes, provider, _ = await _open()
    result = await changes.apply(_retarget(owned()), replace(YES, over=frozenset({named})))
    assert (result.outcome, provider.sent) == (Outcome.REFUSED, [])


async def test_in_a_batch_only_the_number_with_an_open_operation_is_refused():
    changes, provider, _ = await _open()
    provider.numbers[OTHER] = owned(OTHER)
    plans = [_retarget(owned()), _retarget(owned(OTHER))]
    plans = [await with_unsettled(changes.workspace, changes.journal, plan) for plan in plans]
    results = await Batch(changes, plans, YES).run()
    assert [one.outcome for one in results] == [Outcome.REFUSED, Outcome.VERIFIED]
    assert provider.sent == [("update", OTHER)]


async def test_putting_the_open_operation_back_names_it_already():
    changes, provider, earlier = await _open()
    provider.numbers[NUMBER] = owned(voice=TO.text)
    plan = await prepare_undo(changes.workspace, earlier)
    plan = await with_unsettled(changes.workspace, changes.journal, plan)
    assert (await changes.apply(plan, YES)).outcome is Outcome.VERIFIED


async def test_a_pending_purchase_is_not_made_again_by_a_plain_yes():
    provider = FakeProvider(skip_change=True)
    changes = session(provider)
    plan = plan_buy(ACCOUNT, INFO, available(), None)
    (first,) = await changes.buy(plan, YES)
    assert first.outcome is Outcome.PENDING
    (second,) = await changes.buy(plan, YES)
    assert (second.outcome, len(provider.sent)) == (Outcome.REFUSED, 1)
    assert first.operation in second.error
