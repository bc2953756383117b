from dataclasses import replace

import pytest

from services.fakes import (
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
from tui_numbers.domain.changes import Change, Set
from tui_numbers.domain.operations import Outcome
from tui_numbers.providers.errors import NoAnswer, Unreachable
from tui_numbers.providers.pacing import Timing
from tui_numbers.services.changes import Consent
from tui_numbers.services.identity import current_actor
from tui_numbers.services.planning import plan_buy, plan_release, plan_retarget, plan_set
from tui_numbers.services.settle import OVERTAKEN, settle

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
    assert after.seen.settings == owned(**now).settings


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
