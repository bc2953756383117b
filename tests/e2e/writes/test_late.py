"""What a provider applies, lists or answers late, over the real clients and the sandbox."""

from dataclasses import replace

import pytest

from tests.support.writes import PROVIDERS, YES, make_scene, target_for
from tui_numbers.domain.accounts import Secret
from tui_numbers.domain.operations import Outcome
from tui_numbers.sandbox.accounts import VONAGE_SUBACCOUNT_KEY, VONAGE_SUBACCOUNT_SECRET
from tui_numbers.services.batch import (
    Batch,
    CannotResume,
    batch_of,
    left_of,
    prepare_resume,
    settle_open,
)
from tui_numbers.services.planning import Consent, plan_buy, plan_release, plan_retarget
from tui_numbers.services.settling import settle
from tui_numbers.services.undo import prepare_undo


async def _settled(scene, operation):
    reason = await settle(scene.workspace, scene.journal, scene.journal.get(operation))
    return reason, scene.journal.get(operation).outcome


async def _find(scene, provider, number):
    client = await scene.workspace.client(scene.account(provider))
    return await client.find(number)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("seconds", [40, 90, 150])
async def test_a_change_without_an_answer_that_is_made_late_is_never_called_undone(
    scene, provider, seconds
):
    plan = await scene.retarget(provider, scene.numbers(provider)[1], target_for(scene, provider))
    scene.misbehave(
        f"{provider}:update:slow-visible:seconds={seconds};{provider}:update:reset-after"
    )
    result = await scene.writer.apply(plan, YES)
    assert result.outcome is Outcome.UNKNOWN
    reason, outcome = await _settled(scene, result.operation)
    assert reason.startswith("too early, asked again at ")
    assert outcome is Outcome.UNKNOWN
    scene.clock.ahead += seconds
    assert await _settled(scene, result.operation) == (None, Outcome.VERIFIED)
    scene.behave()
    back = await prepare_undo(scene.workspace, scene.journal.get(result.operation))
    assert (await scene.writer.apply(back, YES)).outcome is Outcome.VERIFIED


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("seconds", [200, 400])
async def test_a_change_that_is_made_later_than_any_request_may_take_opens_a_failure_again(
    scene, provider, seconds
):
    plan = await scene.retarget(provider, scene.numbers(provider)[1], target_for(scene, provider))
    scene.misbehave(
        f"{provider}:update:slow-visible:seconds={seconds};{provider}:update:reset-after"
    )
    result = await scene.writer.apply(plan, YES)
    scene.clock.ahead += 181 - 10
    assert await _settled(scene, result.operation) == (None, Outcome.FAILED)
    scene.clock.ahead += seconds
    assert await _settled(scene, result.operation) == (None, Outcome.VERIFIED)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("seconds", [12, 14, 60])
async def test_a_change_that_was_accepted_and_is_applied_late_is_settled_and_put_back(
    scene, provider, seconds
):
    number = scene.numbers(provider)[1]
    plan = await scene.retarget(provider, number, target_for(scene, provider))
    scene.misbehave(f"{provider}:update:slow-visible:seconds={seconds}:times=1")
    result = await scene.writer.apply(plan, YES)
    assert result.outcome is Outcome.DIFFERENT
    late = scene.journal.get(result.operation)
    scene.clock.ahead += seconds
    undo = await prepare_undo(scene.workspace, late)
    assert await _settled(scene, result.operation) == (None, Outcome.VERIFIED)
    assert (await scene.writer.apply(undo, YES)).outcome is Outcome.VERIFIED
    found = await _find(scene, provider, number)
    assert found.settings == plan.before.settings


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("seconds", [14, 60, 600])
async def test_a_purchase_that_is_listed_late_is_pending_until_then(scene, provider, seconds):
    plan = await scene.buy(provider)
    scene.misbehave(f"{provider}:buy:slow-visible:seconds={seconds}:times=1")
    result = (await scene.writer.buy(plan, YES))[0]
    assert (result.outcome, result.observed) == (Outcome.PENDING, None)
    again = (await scene.writer.buy(plan, YES))[0]
    assert (again.outcome, len(scene.writes)) == (Outcome.REFUSED, 1)
    assert (await _settled(scene, result.operation))[1] is Outcome.PENDING
    scene.clock.ahead += seconds
    assert await _settled(scene, result.operation) == (None, Outcome.VERIFIED)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_purchase_without_an_answer_is_not_made_twice(scene, provider):
    plan = await scene.buy(provider)
    scene.misbehave(f"{provider}:buy:slow-visible:seconds=40;{provider}:buy:reset-after")
    result = (await scene.writer.buy(plan, YES))[0]
    assert result.outcome is Outcome.UNKNOWN
    # Where the order that it left can be found, it is known to have been accepted.
    open_still = Outcome.PENDING if provider == "telnyx" else Outcome.UNKNOWN
    assert (await _settled(scene, result.operation))[1] is open_still
    again = (await scene.writer.buy(plan, YES))[0]
    assert (again.outcome, len(scene.writes)) == (Outcome.REFUSED, 1)
    scene.clock.ahead += 40
    assert await _settled(scene, result.operation) == (None, Outcome.VERIFIED)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("count", [2, 3, 4])
async def test_what_may_still_arrive_is_not_sent_again_by_a_resume(scene, provider, count):
    numbers = scene.numbers(provider)[:count]
    plans = [
        await scene.retarget(provider, number, target_for(scene, provider)) for number in numbers
    ]
    # Each reading back waits on the one clock, so several of them may well take 40 seconds.
    scene.misbehave(f"{provider}:update:slow-visible:seconds=400;{provider}:update:reset-after")
    batch = Batch(scene.writer, plans, YES)
    results = await batch.run()
    assert {one.outcome for one in results} == {Outcome.UNKNOWN}
    await settle_open(scene.workspace, scene.journal, left_of(scene.journal.operations()))
    left = left_of(await batch_of(scene.journal, batch.id))
    assert len(left) == count
    for one in left:
        with pytest.raises(CannotResume, match="its outcome is unknown, so it is not sent again"):
            await prepare_resume(scene.workspace, one, lambda number: None)
    scene.clock.ahead += 400
    await settle_open(scene.workspace, scene.journal, left)
    assert left_of(await batch_of(scene.journal, batch.id)) == []


ANSWERS = ["html:status=404", "html:status=410", "html:status=420", "html:status=409"]


@pytest.mark.parametrize("provider", ["parakeet", "vonage"])
@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("seconds", [0, 5])
async def test_a_removal_that_was_done_and_is_answered_with_a_refusal_is_verified(
    scene, provider, answer, seconds
):
    plan = await scene.release(provider, scene.numbers(provider)[3])
    scene.misbehave(f"{provider}:release:{answer},made=1")
    if seconds:
        scene.misbehave(f"{provider}:release:slow-visible:seconds={seconds}")
    consent = Consent(given=True, released=frozenset({plan.number}))
    result = await scene.writer.apply(plan, consent)
    assert result.outcome is Outcome.VERIFIED, result.error
    assert "does not hold the number" in result.error
    assert scene.record(provider, plan.number) is None


@pytest.mark.parametrize("provider", ["parakeet", "vonage"])
@pytest.mark.parametrize("answer", ANSWERS)
async def test_a_removal_that_was_refused_and_not_done_failed(scene, provider, answer):
    plan = await scene.release(provider, scene.numbers(provider)[3])
    scene.misbehave(f"{provider}:release:{answer}")
    consent = Consent(given=True, released=frozenset({plan.number}))
    result = await scene.writer.apply(plan, consent)
    assert result.outcome is Outcome.FAILED
    assert scene.record(provider, plan.number) is not None


@pytest.mark.parametrize("provider", ["parakeet", "vonage"])
async def test_a_removal_for_which_a_colleague_was_quicker_is_verified(scene, provider):
    plan = await scene.release(provider, scene.numbers(provider)[3])
    client = await scene.workspace.client(plan.account)
    real = client.release

    async def second(number):
        await real(number)
        await real(number)

    client.release = second
    consent = Consent(given=True, released=frozenset({plan.number}))
    result = await scene.writer.apply(plan, consent)
    assert result.outcome is Outcome.VERIFIED, result.error
    assert "does not hold the number" in result.error


@pytest.fixture
async def parent():
    """A scene whose Vonage account buys and releases for a subaccount."""
    made = make_scene()
    accounts = made.workspace.accounts
    made.workspace.accounts = tuple(
        replace(one, fields={**one.fields, "target_api_key": VONAGE_SUBACCOUNT_KEY})
        if one.provider == "vonage"
        else one
        for one in accounts
    )
    yield made
    await made.workspace.aclose()
    made.journal.close()


@pytest.mark.parametrize("fault", ["", "reset-after", "500:made=1"])
async def test_a_purchase_for_a_subaccount_is_never_called_undone(parent, fault):
    plan = await parent.buy("vonage")
    plan = plan_buy(plan.account, plan.info, plan.stock, None)
    if fault:
        parent.misbehave(f"vonage:buy:{fault}")
    (result,) = await parent.writer.buy(plan, YES)
    assert result.outcome is (Outcome.UNKNOWN if fault else Outcome.PENDING)
    assert f"it is for {VONAGE_SUBACCOUNT_KEY}" in result.error
    ledger = parent.sandbox.world.vonage.subaccounts[VONAGE_SUBACCOUNT_KEY]
    assert ledger.get(plan.number[1:]) is not None
    parent.clock.ahead += 86_400
    reason, outcome = await _settled(parent, result.operation)
    assert outcome is result.outcome
    assert "does not list" in reason


async def test_a_release_of_the_parents_number_says_that_it_would_mean_the_subaccount(parent):
    number = parent.numbers("vonage")[3]
    plan = await parent.release("vonage", number)
    consent = Consent(given=True, released=frozenset({number}))
    result = await parent.writer.apply(plan, consent)
    assert result.outcome is Outcome.REFUSED
    assert f"a release means a number of {VONAGE_SUBACCOUNT_KEY}" in result.error
    assert parent.writes == []
    own = replace(plan.account, fields={"api_key": plan.account.fields["api_key"]})
    assert plan_release(own, plan.info, plan.before).refusal is None


async def test_the_subaccounts_own_key_lists_changes_and_releases_what_was_bought_for_it(parent):
    plan = await parent.buy("vonage")
    plan = plan_buy(plan.account, plan.info, plan.stock, None)
    (bought,) = await parent.writer.buy(plan, YES)
    assert bought.outcome is Outcome.PENDING
    own = replace(plan.account, name="sub", fields={"api_key": VONAGE_SUBACCOUNT_KEY})
    space = parent.workspace
    space.accounts = (*space.accounts, own)
    space.secrets.hold(own, Secret(VONAGE_SUBACCOUNT_SECRET))
    held = await (await space.client(own)).find(plan.number)
    target = target_for(parent, "vonage")
    pointed = await parent.writer.apply(plan_retarget(own, plan.info, held, target), YES)
    assert pointed.outcome is Outcome.VERIFIED, pointed.error
    consent = Consent(given=True, released=frozenset({plan.number}))
    released = await parent.writer.apply(plan_release(own, plan.info, pointed.observed), consent)
    assert released.outcome is Outcome.VERIFIED, released.error
