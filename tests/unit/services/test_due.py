"""The ends of temporary changes: put back once, by the rules of a write, and never over others."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.fake_provider import (
    ACCOUNT,
    INFO,
    NUMBER,
    OTHER,
    FakeProvider,
    owned,
    phone,
    session,
)
from tui_numbers.domain import clock
from tui_numbers.domain.changes import Change, Set
from tui_numbers.domain.clock import Clock
from tui_numbers.domain.operations import Action, Outcome
from tui_numbers.domain.temporary import EndState
from tui_numbers.providers.errors import NoAnswer, Rejected, Unreachable
from tui_numbers.services.batch import Batch
from tui_numbers.services.due import Rounds, Runner, late_words
from tui_numbers.services.planning import Consent, plan_retarget, plan_set
from tui_numbers.services.preview import Preview
from tui_numbers.services.undo import prepare_undo
from tui_numbers.storage.journal import JournalQuery
from tui_numbers.storage.sqlite_journal import SqliteJournal

BEFORE, NIGHT, BEN = "phone:+442079460000", "+442079460999", "+442079460111"
YES = Consent(given=True)
START = datetime(2026, 11, 26, 20, 0, tzinfo=UTC)


class Desk:
    """One account, its numbers, and a clock that is set by hand."""

    def __init__(self, path, numbers=(NUMBER,), account=ACCOUNT):
        self.moment = START
        self.provider = FakeProvider({one: owned(one, voice=BEFORE) for one in numbers})
        self.path, self.account = path, account
        self.writer = self.program()

    def program(self, **options):
        """Another program over the same account and journal."""
        return session(self.provider, self.account, journal=SqliteJournal(self.path), **options)

    def now(self):
        return self.moment.timestamp()

    @property
    def journal(self):
        return self.writer.journal

    @property
    def ends(self):
        return self.journal.ends()

    def voice(self, number=NUMBER):
        return self.provider.numbers[number].settings["voice"]

    async def point(self, to=NIGHT, number=NUMBER, consent=YES, **more):
        plan = plan_retarget(self.account, INFO, self.provider.numbers[number], phone(to))
        preview = Preview(self.writer)
        plan = await preview.of(replace(plan, **more))
        (result,) = await Batch(self.writer, [plan], consent, reason="INC-7").run()
        return result

    async def for_hours(self, hours, **more):
        return await self.point(until=self.moment + timedelta(hours=hours), **more)

    def pass_time(self, **span):
        self.moment += timedelta(**span)

    def by_hand(self, value, number=NUMBER):
        """Somebody changes the number at the provider's portal."""
        now = self.provider.numbers[number]
        self.provider.numbers[number] = replace(now, settings={**now.settings, "voice": value})

    async def run(self, writer=None):
        return await Runner(writer or self.writer).run()


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path / "journal.db")
    with clock.use(Clock(desk.now, UTC)):
        yield desk


async def test_what_is_due_is_put_back_and_what_is_not_is_left(desk):
    result = await desk.for_hours(2)
    assert result.outcome is Outcome.VERIFIED
    assert await desk.run() == []
    desk.pass_time(hours=2)
    (carried,) = await desk.run()
    assert (carried.is_done, carried.result.outcome) == (True, Outcome.VERIFIED)
    assert (desk.voice(), desk.ends) == (BEFORE, [])
    newest = desk.journal.operations()[0]
    assert (newest.action, newest.undoes) == (Action.UNDO, result.operation)
    assert newest.reason.startswith(
        f"end of the temporary change {result.operation}: due Thu 22:00"
    )
    assert await desk.run() == []
    assert len(desk.provider.sent) == 2


async def test_late_is_done_and_said(desk):
    await desk.for_hours(2)
    desk.pass_time(hours=2, minutes=12)
    (carried,) = await desk.run()
    assert carried.note == "due Thu 22:00 UTC, put back Thu 22:12 UTC"
    assert desk.journal.operations()[0].reason.endswith(carried.note)
    assert late_words(carried.end, carried.end.until) is None


async def test_what_somebody_changed_since_is_left_and_stays_open_as_a_conflict(desk):
    await desk.for_hours(2)
    desk.by_hand(f"phone:{BEN}")
    desk.pass_time(hours=2)
    (carried,) = await desk.run()
    assert carried.is_conflict
    assert "a later change stands in between" in carried.note
    (end,) = desk.ends
    assert (end.state, end.note) == (EndState.CONFLICT, carried.note)
    assert desk.voice() == f"phone:{BEN}"
    assert await desk.run() == []
    assert len(desk.provider.sent) == 1


async def test_what_was_put_back_by_hand_at_the_provider_is_done(desk):
    await desk.for_hours(2)
    desk.by_hand(BEFORE)
    desk.pass_time(hours=2)
    (carried,) = await desk.run()
    assert (carried.is_done, desk.ends, len(desk.provider.sent)) == (True, [], 1)


async def test_undoing_it_by_hand_ends_it(desk):
    result = await desk.for_hours(2)
    operation = desk.journal.get(result.operation)
    plan = await prepare_undo(desk.writer.workspace, operation)
    assert (await desk.writer.apply(plan, YES)).outcome is Outcome.VERIFIED
    assert desk.ends == []


async def test_a_number_that_is_not_held_any_more_is_a_conflict(desk):
    await desk.for_hours(2)
    del desk.provider.numbers[NUMBER]
    desk.pass_time(hours=2)
    (carried,) = await desk.run()
    assert (carried.is_conflict, "does not hold" in carried.note) == (True, True)


async def test_an_account_that_cannot_be_read_is_tried_again(desk):
    await desk.for_hours(2)
    desk.pass_time(hours=2)
    desk.provider.failing_reads = {desk.provider.reads + 1: Unreachable("no route")}
    (carried,) = await desk.run()
    assert (carried.is_done, carried.is_conflict) == (False, False)
    assert "no route" in carried.note
    assert desk.ends[0].state is EndState.WAITING
    (carried,) = await desk.run()
    assert carried.is_done


async def test_what_the_provider_refuses_is_for_a_person_and_not_sent_again(desk):
    await desk.for_hours(2)
    desk.pass_time(hours=2)
    desk.provider.refuse = Rejected("not today")
    (carried,) = await desk.run()
    assert carried.is_conflict
    assert await desk.run() == []
    desk.provider.refuse = None
    desk.journal.move_ends([carried.end.operation], desk.moment)
    (carried,) = await desk.run()
    assert (carried.is_done, desk.voice()) == (True, BEFORE)


async def test_consent_to_a_production_account_was_given_with_the_change(tmp_path):
    desk = Desk(tmp_path / "journal.db", account=replace(ACCOUNT, production=True))
    with clock.use(Clock(desk.now, UTC)):
        named = replace(YES, production=frozenset({"desk"}))
        assert (await desk.for_hours(2, consent=named)).outcome is Outcome.VERIFIED
        desk.pass_time(hours=2)
        (carried,) = await desk.run()
    assert carried.is_done


@pytest.mark.parametrize("how", ["session", "account"])
async def test_who_may_not_write_puts_nothing_back(desk, how):
    await desk.for_hours(2)
    desk.pass_time(hours=2)
    if how == "session":
        reader = desk.program(read_only=True)
    else:
        desk.account = replace(ACCOUNT, read_only=True)
        reader = desk.program()
    assert await desk.run(reader) == []
    assert desk.ends[0].state is EndState.WAITING


async def test_four_runners_at_once_send_each_request_once(tmp_path):
    numbers = [f"+4477009001{place:02}" for place in range(12)]
    desk = Desk(tmp_path / "journal.db", numbers)
    with clock.use(Clock(desk.now, UTC)):
        for number in numbers:
            await desk.for_hours(1, number=number)
        desk.pass_time(hours=1)
        programs = [desk.program() for _ in range(4)]
        found = await asyncio.gather(*map(desk.run, programs))
    assert sum(map(len, found)) == 12
    assert sorted(number for _, number in desk.provider.sent[12:]) == sorted(numbers)
    assert {desk.voice(number) for number in numbers} == {BEFORE}


async def test_a_change_that_was_not_made_has_no_end(desk):
    desk.provider.refuse = Rejected("no")
    assert (await desk.for_hours(2)).outcome is Outcome.FAILED
    desk.pass_time(hours=2)
    assert (desk.ends, await desk.run()) == ([], [])


async def test_a_change_without_a_known_outcome_is_settled_before_it_is_put_back(desk):
    desk.provider.lose_answer = NoAnswer("lost")
    desk.provider.visible_after = 40
    result = await desk.for_hours(2)
    assert result.outcome is Outcome.UNKNOWN
    desk.provider.lose_answer, desk.provider.visible_after = None, 0
    desk.pass_time(hours=2)
    (carried,) = await desk.run()
    assert carried.is_done
    assert desk.journal.get(result.operation).outcome is Outcome.VERIFIED
    assert desk.voice() == BEFORE


async def test_a_put_back_without_an_answer_is_settled_and_not_sent_again(desk):
    await desk.for_hours(2)
    desk.pass_time(hours=2)
    desk.provider.lose_answer = NoAnswer("lost")
    back = range(desk.provider.reads + 3, desk.provider.reads + 30)
    desk.provider.failing_reads = dict.fromkeys(back, Unreachable("down"))
    (carried,) = await desk.run()
    assert (carried.result.outcome, carried.is_done) == (Outcome.UNKNOWN, False)
    assert desk.ends[0].state is EndState.CLAIMED
    desk.provider.lose_answer, desk.provider.failing_reads = None, {}
    desk.pass_time(hours=1)
    (carried,) = await desk.run()
    assert (carried.is_done, carried.note) == (True, "it was put back before")
    assert (len(desk.provider.sent), desk.ends) == (2, [])


async def test_a_put_back_that_never_arrived_is_sent_once_more(desk):
    await desk.for_hours(2)
    desk.pass_time(hours=2)
    desk.provider.lose_answer = NoAnswer("lost")
    desk.provider.skip_change = True
    (carried,) = await desk.run()
    assert carried.result.outcome is Outcome.UNKNOWN
    desk.provider.lose_answer, desk.provider.skip_change = None, False
    (early,) = await desk.run()
    assert (early.is_done, len(desk.provider.sent)) == (False, 2)
    desk.pass_time(hours=1)
    (carried,) = await desk.run()
    assert (carried.is_done, desk.voice(), len(desk.provider.sent)) == (True, BEFORE, 3)


async def _other_left_open(desk):
    """Leave open whether another setting of the number was changed; it was not."""
    change = Change({"name": Set("Night desk")})
    plan = plan_set(desk.account, INFO, desk.provider.numbers[NUMBER], change)
    desk.provider.lose_answer, desk.provider.skip_change = NoAnswer("lost"), True
    result = await desk.writer.apply(plan, YES)
    assert result.outcome is Outcome.UNKNOWN
    desk.provider.lose_answer, desk.provider.skip_change = None, False
    return result.operation


async def test_what_else_was_left_open_is_settled_before_a_number_is_put_back(desk):
    await desk.for_hours(2)
    other = await _other_left_open(desk)
    desk.pass_time(hours=2)
    (carried,) = await desk.run()
    assert (carried.is_done, desk.voice()) == (True, BEFORE)
    assert desk.journal.get(other).outcome is Outcome.FAILED


async def test_what_else_cannot_be_settled_yet_is_named_and_nothing_is_recorded(desk):
    await desk.for_hours(2)
    desk.pass_time(hours=2)
    other = await _other_left_open(desk)
    before = [one.id for one in desk.journal.operations()]
    (carried,) = await desk.run()
    assert (carried.is_done, carried.is_conflict, carried.result) == (False, False, None)
    assert f"is unknown ({other}); settle it" in carried.note
    assert desk.ends[0].note == carried.note
    assert [one.id for one in desk.journal.operations()] == before
    desk.pass_time(hours=1)
    (carried,) = await desk.run()
    assert (carried.is_done, desk.voice()) == (True, BEFORE)


class _Killed(BaseException):
    """The program is gone at this point."""


@pytest.mark.parametrize("point", ["before the record", "before the request", "after it"])
async def test_a_runner_that_is_killed_leaves_the_rest_to_the_next(desk, monkeypatch, point):
    await desk.for_hours(2)
    desk.pass_time(hours=2)
    journal = desk.journal
    claimed = journal.claim_due("r1", ["desk"])
    _forget(desk.path, "ending", "claim_process")
    if point != "before the record":
        plan = await prepare_undo(desk.writer.workspace, journal.get(claimed[0].operation))
        from tui_numbers.services.writes import intention_of

        plan = replace(plan, takes=(claimed[0].operation,), claim="r1")
        journal.begin(
            intention_of(plan, plan.before, operation="zz", batch="zz", reason="",
                         writer=desk.writer),
            None, "r1",
        )  # fmt: skip
        _forget(desk.path, "operation", "process", "WHERE id = 'zz'")
    if point == "after it":
        desk.by_hand(BEFORE)
    desk.pass_time(hours=1)
    found = [one for _ in range(2) for one in await desk.run(desk.program())]
    assert found[-1].is_done
    assert (desk.voice(), desk.ends) == (BEFORE, [])
    assert len(desk.provider.sent) == (1 if point == "after it" else 2)


def _forget(path, table, column, rest=""):
    import sqlite3

    with sqlite3.connect(path) as connection:
        connection.execute(f"UPDATE {table} SET {column} = '1:gone' {rest}")
    connection.close()


async def test_a_later_change_asks_whether_the_end_still_stands(desk):
    await desk.for_hours(2)
    result = await desk.point(BEN)
    assert result.outcome is Outcome.REFUSED
    assert "temporary until Thu 22:00 UTC" in result.error
    assert "--end stands, or --end lifted" in result.error


async def test_an_end_that_stands_puts_the_later_change_back_too(desk):
    first = await desk.for_hours(2)
    stands = replace(YES, standing=frozenset({first.operation}))
    assert (await desk.point(BEN, consent=stands)).outcome is Outcome.VERIFIED
    (end,) = desk.ends
    assert (end.until, len(end.puts_back)) == (START + timedelta(hours=2), 2)
    desk.pass_time(hours=2)
    (carried,) = await desk.run()
    assert (carried.is_done, desk.voice(), desk.ends) == (True, BEFORE, [])


async def test_an_end_that_is_lifted_leaves_the_later_change(desk):
    first = await desk.for_hours(2)
    lifted = replace(YES, lifted=frozenset({first.operation}))
    await desk.point(BEN, consent=lifted)
    desk.pass_time(hours=2)
    assert (desk.ends, await desk.run(), desk.voice()) == ([], [], f"phone:{BEN}")


async def test_an_undo_of_what_lifted_an_end_says_that_nothing_ends_the_earlier_change(desk):
    first = await desk.for_hours(2)
    lifted = replace(YES, lifted=frozenset({first.operation}))
    second = await desk.point(BEN, consent=lifted)
    undo = await prepare_undo(desk.writer.workspace, desk.journal.get(second.operation))
    (warning,) = (await Preview(desk.writer).of(undo)).warnings
    assert "whose end, Thu 22:00 UTC, was lifted" in warning
    assert f"undo of {first.operation}" in warning


async def test_an_undo_of_what_left_an_end_standing_warns_of_none(desk):
    first = await desk.for_hours(2)
    stands = replace(YES, standing=frozenset({first.operation}))
    second = await desk.point(BEN, consent=stands)
    undo = await prepare_undo(desk.writer.workspace, desk.journal.get(second.operation))
    assert (await Preview(desk.writer).of(undo)).warnings == ()


async def test_an_earlier_end_inside_a_later_one_goes_back_step_by_step(desk):
    await desk.for_hours(3)
    await desk.for_hours(1, to=BEN)
    desk.pass_time(hours=1)
    assert (await desk.run())[0].is_done
    assert desk.voice() == f"phone:{NIGHT}"
    desk.pass_time(hours=2)
    assert (await desk.run())[0].is_done
    assert desk.voice() == BEFORE


async def test_a_later_end_takes_an_earlier_one_over(desk):
    await desk.for_hours(1)
    await desk.for_hours(3, to=BEN)
    desk.pass_time(hours=1)
    assert (await desk.run(), desk.voice()) == ([], f"phone:{BEN}")
    desk.pass_time(hours=2)
    assert (await desk.run())[0].is_done
    assert desk.voice() == BEFORE


async def test_a_change_of_something_else_asks_nothing_and_touches_no_end(desk):
    await desk.for_hours(2)
    plan = plan_set(
        ACCOUNT, INFO, desk.provider.numbers[NUMBER], Change({"name": Set("Night desk")})
    )
    assert (await desk.writer.apply(plan, YES)).outcome is Outcome.VERIFIED
    desk.pass_time(hours=2)
    assert (await desk.run())[0].is_done
    assert desk.provider.numbers[NUMBER].settings["name"] == "Night desk"


async def test_what_could_not_be_put_back_cannot_have_an_end(desk):
    until = START + timedelta(hours=2)
    change = Change({"mail": Set("a@b.example")})
    plan = plan_set(ACCOUNT, INFO, desk.provider.numbers[NUMBER], change)
    preview = Preview(desk.writer)
    told = await preview.of(replace(plan, until=until))
    assert "it cannot have an end: the provider does not show mail" in told.refusal
    # Whoever sets an end after the preview is refused as well.
    result = await desk.writer.apply(replace(plan, until=until), YES)
    assert (result.outcome, desk.provider.sent) == (Outcome.REFUSED, [])


async def test_a_clock_that_is_set_back_carries_nothing_out_twice(desk):
    await desk.for_hours(2)
    desk.pass_time(hours=3)
    assert (await desk.run())[0].is_done
    desk.pass_time(hours=-3)
    desk.pass_time(hours=3)
    assert (await desk.run(), len(desk.provider.sent)) == ([], 2)


async def test_a_runner_that_stays_tries_ever_more_seldom(desk):
    await desk.for_hours(2)
    desk.pass_time(hours=2)
    desk.provider.failing_reads = dict.fromkeys(range(1000), Unreachable("down"))
    rounds = Rounds(Runner(desk.writer))
    tried = []
    for minute in range(60):
        if await rounds.run():
            tried.append(minute)
        desk.pass_time(minutes=1)
    assert tried[:4] == [0, 1, 2, 4]
    assert 10 < len(tried) < 20
    desk.provider.failing_reads = {}
    desk.pass_time(minutes=5)
    assert (await rounds.run())[0].is_done


async def test_the_intention_and_its_end_are_one_record(desk):
    desk.journal.begin = _unwritable
    result = await desk.for_hours(2)
    assert (result.outcome, desk.provider.sent, desk.ends) == (Outcome.REFUSED, [], [])


def _unwritable(*arguments):
    from tui_numbers.domain.operations import JournalError

    raise JournalError("disk full")


async def test_a_batch_that_is_resumed_keeps_end_and_route(tmp_path):
    from tui_numbers.services.batch import batch_of, left_of, prepare_resume

    desk = Desk(tmp_path / "journal.db", [NUMBER, OTHER])
    with clock.use(Clock(desk.now, UTC)):
        until = START + timedelta(hours=2)
        plans = [
            replace(plan_retarget(ACCOUNT, INFO, one, phone(NIGHT)), until=until, route="night")
            for one in desk.provider.numbers.values()
        ]
        batch = Batch(desk.writer, plans, YES)
        batch.cancel()
        await batch.run()
        left = left_of(await batch_of(desk.journal, batch.id))
        assert len(left) == 2
        again = [
            await prepare_resume(desk.writer.workspace, one, lambda number: None) for one in left
        ]
        assert {(one.until, one.route) for one in again} == {(until, "night")}
        rest = Batch(desk.writer, again, YES)
        rest.id, rest.resumes = batch.id, left
        await rest.run()
        assert [end.route for end in desk.ends] == ["night", "night"]
        assert desk.journal.operations(JournalQuery(route="night", limit=1))[0].batch == batch.id
