from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.fake_provider import (
    ACCOUNT,
    INFO,
    NUMBER,
    FakeProvider,
    available,
    instant,
    owned,
    phone,
    session,
)
from tui_numbers.domain import clock
from tui_numbers.domain.changes import Change, Set
from tui_numbers.domain.operations import Outcome
from tui_numbers.providers.contract import BuyTarget
from tui_numbers.providers.errors import NoAnswer, Rejected, Unreachable
from tui_numbers.providers.pacing import Timing
from tui_numbers.services.planning import Consent, plan_buy, plan_release, plan_retarget, plan_set
from tui_numbers.services.settling import OVERTAKEN, settle, to_settle, with_unsettled
from tui_numbers.services.undo import CannotUndo, latest_undoable, look_again, prepare_undo
from tui_numbers.services.writes import current_actor

YES = Consent(given=True, released=frozenset({NUMBER}))
TO = phone("+442079460000")


async def _unknown(provider, plan):
    """Leave an operation unknown: sent, lost, and no read-back."""
    provider.refuse = NoAnswer("gone")
    changes = session(provider)
    result = await changes.apply(plan, YES)
    assert result.outcome is Outcome.UNKNOWN
    provider.refuse = None
    return changes, changes.journal.get(result.operation)


async def _settled(changes, operation, after=3600.0):
    """Settle an operation so many seconds after it began."""
    began = operation.started_at.timestamp()
    changes.workspace.http.timing = Timing(wall=lambda: began + after, sleep=instant)
    reason = await settle(changes.workspace, changes.journal, operation)
    return reason, changes.journal.get(operation.id)


@pytest.mark.parametrize(
    ("now", "outcome"),
    [
        ({"voice": TO.text}, Outcome.VERIFIED),
        ({"voice": TO.text, "name": "later"}, Outcome.VERIFIED),
        ({}, Outcome.FAILED),
        ({"voice": "phone:+442079460999"}, Outcome.DIFFERENT),
        ({"name": "later"}, Outcome.DIFFERENT),
    ],
)
async def test_a_change_is_judged_by_what_shows_now(now, outcome):
    provider = FakeProvider({NUMBER: owned()})
    changes, operation = await _unknown(provider, plan_retarget(ACCOUNT, INFO, owned(), TO))
    provider.numbers[NUMBER] = owned(**now)
    reason, after = await _settled(changes, operation)
    assert (reason, after.outcome) == (None, outcome)
    assert after.observed.settings == owned(**now).settings


async def test_what_cannot_be_read_stays_unknown():
    provider = FakeProvider({NUMBER: owned()})
    plan = plan_set(ACCOUNT, INFO, owned(), Change({"mail": Set("a@b.c")}))
    changes, operation = await _unknown(provider, plan)
    reason, after = await _settled(changes, operation)
    assert "does not show mail" in reason
    assert after.outcome is Outcome.UNKNOWN


async def test_an_account_that_does_not_answer_leaves_it_unknown():
    provider = FakeProvider({NUMBER: owned()})
    changes, operation = await _unknown(provider, plan_retarget(ACCOUNT, INFO, owned(), TO))
    provider.failing_reads = {provider.reads + 1: Unreachable("no host")}
    reason, after = await _settled(changes, operation)
    assert reason == "no host"
    assert after.outcome is Outcome.UNKNOWN


async def test_a_later_operation_tells_what_it_found():
    provider = FakeProvider({NUMBER: owned()})
    changes, operation = await _unknown(provider, plan_retarget(ACCOUNT, INFO, owned(), TO))
    provider.numbers[NUMBER] = owned(voice=TO.text)
    later = plan_retarget(ACCOUNT, INFO, owned(voice=TO.text), phone("+442079460999"))
    over = replace(YES, over=frozenset({operation.id}))
    assert (await changes.apply(later, over)).outcome is Outcome.VERIFIED
    _, after = await _settled(changes, operation)
    assert after.outcome is Outcome.VERIFIED


def _meanwhile(provider, act):
    """Let something happen after the next reading was answered, and before anybody took it in."""
    find = provider.find

    async def found(*given):
        answer = await find(*given)
        provider.find = find
        await act()
        return answer

    provider.find = found


async def test_a_write_that_begins_during_the_reading_leaves_it_open():
    provider = FakeProvider({NUMBER: owned()})
    changes, operation = await _unknown(provider, plan_retarget(ACCOUNT, INFO, owned(), TO))
    late = owned(voice=TO.text)

    async def another():
        # The lost request is carried out after all, and somebody goes on from there.
        provider.numbers[NUMBER] = late
        back = plan_retarget(ACCOUNT, INFO, late, phone("+442079460999"))
        over = replace(YES, over=frozenset({operation.id}))
        assert (await changes.apply(back, over)).outcome is Outcome.VERIFIED

    _meanwhile(provider, another)
    assert await _settled(changes, operation) == (OVERTAKEN, changes.journal.get(operation.id))
    assert changes.journal.get(operation.id).outcome is Outcome.UNKNOWN
    _, after = await _settled(changes, operation)
    assert after.outcome is Outcome.VERIFIED


async def test_what_another_process_settled_meanwhile_stands():
    provider = FakeProvider({NUMBER: owned()})
    changes, operation = await _unknown(provider, plan_retarget(ACCOUNT, INFO, owned(), TO))
    provider.numbers[NUMBER] = owned()

    async def another():
        provider.numbers[NUMBER] = owned(voice=TO.text)
        assert await settle(changes.workspace, changes.journal, operation) is None

    _meanwhile(provider, another)
    reason, after = await _settled(changes, operation)
    assert (reason, after.outcome) == (None, Outcome.VERIFIED)


async def test_a_number_that_is_being_written_to_settles_nothing():
    provider = FakeProvider({NUMBER: owned()})
    changes, operation = await _unknown(provider, plan_retarget(ACCOUNT, INFO, owned(), TO))
    changes.journal.begin(replace(operation, id="older", outcome=None, actor=current_actor()), 99)
    changes.journal._opened.connection.execute("UPDATE operation SET position = 0 WHERE id='older'")
    reason, after = await _settled(changes, operation)
    assert "another write to this number is under way" in reason
    assert after.outcome is Outcome.UNKNOWN


async def test_purchases_and_releases_are_judged_by_possession():
    stock = available(NUMBER)
    for held, outcome in ((True, Outcome.VERIFIED), (False, Outcome.FAILED)):
        provider = FakeProvider()
        changes, operation = await _unknown(provider, plan_buy(ACCOUNT, INFO, stock, None))
        provider.numbers = {NUMBER: owned()} if held else {}
        assert (await _settled(changes, operation))[1].outcome is outcome
    for held, outcome in ((True, Outcome.FAILED), (False, Outcome.VERIFIED)):
        provider = FakeProvider({NUMBER: owned()})
        changes, operation = await _unknown(provider, plan_release(ACCOUNT, INFO, owned()))
        provider.numbers = {NUMBER: owned()} if held else {}
        assert (await _settled(changes, operation))[1].outcome is outcome


async def test_an_account_that_is_gone_leaves_it_unknown():
    provider = FakeProvider({NUMBER: owned()})
    changes, operation = await _unknown(provider, plan_retarget(ACCOUNT, INFO, owned(), TO))
    elsewhere = session(provider, replace(ACCOUNT, name="other"))
    reason = await settle(elsewhere.workspace, changes.journal, operation)
    assert reason == "account desk is not configured any more"


def _to_come(action):
    """Return the plan of an action, and the numbers before it and once it is done."""
    if action == "buy":
        return plan_buy(ACCOUNT, INFO, available(NUMBER), None), {}, {NUMBER: owned()}
    if action == "release":
        return plan_release(ACCOUNT, INFO, owned()), {NUMBER: owned()}, {}
    plan = plan_retarget(ACCOUNT, INFO, owned(), TO)
    return plan, {NUMBER: owned()}, {NUMBER: owned(voice=TO.text)}


ACTIONS = ["retarget", "buy", "release"]


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("seconds", [1, 26, 60, 121, 179])
async def test_the_old_state_settles_nothing_while_the_request_may_still_arrive(action, seconds):
    plan, before, _ = _to_come(action)
    provider = FakeProvider(dict(before))
    changes, operation = await _unknown(provider, plan)
    reason, now = await _settled(changes, operation, seconds)
    assert reason.startswith("too early, asked again at ")
    assert now.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("seconds", [1, 26, 179])
async def test_what_was_asked_is_verified_as_soon_as_it_shows(action, seconds):
    plan, before, after = _to_come(action)
    provider = FakeProvider(dict(before))
    changes, operation = await _unknown(provider, plan)
    provider.numbers = after
    reason, now = await _settled(changes, operation, seconds)
    assert (reason, now.outcome) == (None, Outcome.VERIFIED)


@pytest.mark.parametrize("seconds", [1, 26, 179])
async def test_a_third_state_settles_nothing_while_the_request_may_still_arrive(seconds):
    provider = FakeProvider({NUMBER: owned()})
    changes, operation = await _unknown(provider, plan_retarget(ACCOUNT, INFO, owned(), TO))
    provider.numbers[NUMBER] = owned(voice="phone:+442079460999")
    reason, now = await _settled(changes, operation, seconds)
    assert reason.startswith("too early")
    assert now.outcome is Outcome.UNKNOWN


async def test_the_time_that_is_named_is_one_at_which_asking_helps():
    provider = FakeProvider({NUMBER: owned()})
    changes, operation = await _unknown(provider, plan_retarget(ACCOUNT, INFO, owned(), TO))
    reason, _ = await _settled(changes, operation, 26)
    named = reason.split("at ")[1][:5]
    began = operation.started_at
    told = {at: f"{clock.local(began + timedelta(seconds=at)):%H:%M}" for at in range(300)}
    seconds = min(at for at, minute in told.items() if minute == named)
    assert 180 <= seconds < 241
    reason, now = await _settled(changes, operation, seconds)
    assert (reason, now.outcome) == (None, Outcome.FAILED)


@pytest.mark.parametrize("action", ACTIONS)
async def test_a_failure_by_reading_opens_again_when_it_was_done_after_all(action):
    plan, before, after = _to_come(action)
    provider = FakeProvider(dict(before))
    changes, operation = await _unknown(provider, plan)
    _, failed = await _settled(changes, operation)
    assert failed.outcome is Outcome.FAILED
    reason, still = await _settled(changes, failed)
    assert (reason, still.outcome) == ("it still reads failed", Outcome.FAILED)
    provider.numbers = after
    assert to_settle([failed], changes.journal.operations()) == [failed]
    reason, now = await _settled(changes, failed)
    assert (reason, now.outcome) == (None, Outcome.VERIFIED)


async def _failed_and_done(provider):
    """Return the rules, and an operation that a reading called failed, and that came true."""
    changes, operation = await _unknown(provider, plan_retarget(ACCOUNT, INFO, owned(), TO))
    _, failed = await _settled(changes, operation)
    provider.numbers[NUMBER] = owned(voice=TO.text)
    return changes, failed


async def test_a_failure_by_reading_is_put_back_once_it_was_done_after_all():
    provider = FakeProvider({NUMBER: owned()})
    changes, failed = await _failed_and_done(provider)
    space, journal = changes.workspace, changes.journal
    (again,) = await look_again(space, journal, [failed])
    assert again.outcome is Outcome.VERIFIED
    found = await latest_undoable(space, journal, ACCOUNT.name, NUMBER)
    result = await changes.apply(await prepare_undo(space, found), YES)
    assert (result.outcome, provider.numbers[NUMBER].settings["voice"]) == (Outcome.VERIFIED, None)


async def test_a_preview_says_that_a_failure_by_reading_was_done_after_all():
    provider = FakeProvider({NUMBER: owned()})
    changes, failed = await _failed_and_done(provider)
    plan = plan_retarget(ACCOUNT, INFO, provider.numbers[NUMBER], phone("+442079460999"))
    plan = await with_unsettled(changes.workspace, changes.journal, plan)
    assert "recorded as failed, was done after all" in plan.warnings[-1]
    assert changes.journal.get(failed.id).outcome is Outcome.VERIFIED


async def test_a_definite_refusal_is_never_opened_again():
    provider = FakeProvider({NUMBER: owned()}, refuse=Rejected("no"))
    changes = session(provider)
    result = await changes.apply(plan_retarget(ACCOUNT, INFO, owned(), TO), YES)
    refused = changes.journal.get(result.operation)
    provider.numbers[NUMBER] = owned(voice=TO.text)
    assert to_settle([refused], changes.journal.operations()) == []
    assert await look_again(changes.workspace, changes.journal, [refused]) == [refused]


@pytest.mark.parametrize("seconds", [0, 26, 179])
async def test_an_unknown_that_may_still_arrive_is_not_taken_for_put_back(seconds):
    provider = FakeProvider({NUMBER: owned()})
    changes, operation = await _unknown(provider, plan_retarget(ACCOUNT, INFO, owned(), TO))
    began = operation.started_at.timestamp()
    changes.workspace.http.timing = Timing(wall=lambda: began + seconds, sleep=instant)
    with pytest.raises(CannotUndo, match="too early, asked again at"):
        await prepare_undo(changes.workspace, operation)


@pytest.mark.parametrize("also", [{}, {"name": "later"}])
async def test_a_change_that_came_late_is_put_back_or_settled(also):
    provider = FakeProvider({NUMBER: owned()}, skip_change=True)
    changes = session(provider)
    result = await changes.apply(plan_retarget(ACCOUNT, INFO, owned(), TO), YES)
    late = changes.journal.get(result.operation)
    assert late.outcome is Outcome.DIFFERENT
    provider.skip_change = False
    provider.numbers[NUMBER] = owned(voice=TO.text, **also)
    undone = await prepare_undo(changes.workspace, late)
    assert undone.requested.settings["voice"] is None
    assert to_settle([late], changes.journal.operations()) == [late]
    reason, now = await _settled(changes, late, 12)
    assert (reason, now.outcome) == (None, Outcome.VERIFIED)


async def test_what_still_reads_different_stays_so():
    provider = FakeProvider({NUMBER: owned()}, skip_change=True)
    changes = session(provider)
    result = await changes.apply(plan_retarget(ACCOUNT, INFO, owned(), TO), YES)
    late = changes.journal.get(result.operation)
    reason, now = await _settled(changes, late)
    assert (reason, now) == ("it still reads different", late)


async def test_a_purchase_that_is_not_listed_yet_is_pending_until_it_is():
    provider = FakeProvider(skip_change=True)
    changes = session(provider)
    (result,) = await changes.buy(plan_buy(ACCOUNT, INFO, available(NUMBER), None), YES)
    pending = changes.journal.get(result.operation)
    assert (result.outcome, pending.outcome) == (Outcome.PENDING, Outcome.PENDING)
    for after in (14, 3600, 86_400):
        reason, now = await _settled(changes, pending, after)
        assert (reason, now.outcome) == ("accepted, and not listed yet", Outcome.PENDING)
    provider.numbers = {NUMBER: owned()}
    reason, now = await _settled(changes, pending, 90_000)
    assert (reason, now.outcome) == (None, Outcome.VERIFIED)


async def test_a_purchase_settled_later_is_held_to_the_target_it_named():
    strict = replace(INFO, buy_target=BuyTarget.REQUIRED)
    provider = FakeProvider()
    changes = session(provider, info=strict)
    provider.refuse = NoAnswer("gone")
    (result,) = await changes.buy(plan_buy(ACCOUNT, strict, available(NUMBER), TO), YES)
    provider.numbers = {NUMBER: owned(voice="phone:+442079460999")}
    reason, now = await _settled(changes, changes.journal.get(result.operation))
    assert (reason, now.outcome) == (None, Outcome.DIFFERENT)
    assert "bought, but it points at phone:+442079460999" in now.error
