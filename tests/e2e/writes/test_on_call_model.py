"""Random nights on call, step by step over the real clients and the sandbox.

Whatever is applied, changed by hand, put back, killed and started again: the journal never lies,
nobody's later change is overwritten, each end is carried out at most once, and once if a runner
runs.
"""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from tests.support.writes import YES, make_scene
from tui_numbers.domain import clock
from tui_numbers.domain.changes import Set
from tui_numbers.domain.clock import Clock
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.operations import Action, Outcome
from tui_numbers.domain.routes import Route, RouteLine
from tui_numbers.services.batch import Batch
from tui_numbers.services.due import Runner
from tui_numbers.services.routes import Standings, to_revert
from tui_numbers.services.undo import CannotUndo, prepare_undo
from tui_numbers.services.writes import intention_of, new_identifier
from tui_numbers.storage.sqlite_journal import SqliteJournal

pytestmark = pytest.mark.slow

VOICES = [f"phone:+44207946{place:04}" for place in range(900, 906)]
NIGHT = "phone:+442079460999"


class Nights(RuleBasedStateMachine):
    """Three numbers of one account, one route over them, and several programs."""

    def __init__(self):
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.ahead = 0.0
        self.base = clock.now().timestamp()
        self.used = clock.use(Clock(lambda: self.base + self.ahead))
        self.used.__enter__()

    @initialize(folder=st.uuids())
    def begin(self, folder):
        import tempfile
        from pathlib import Path

        self.folder = tempfile.TemporaryDirectory(prefix=str(folder)[:8])
        self.path = Path(self.folder.name) / "journal.db"
        self.scene = make_scene(12, SqliteJournal(self.path))
        self.numbers = [E164(one) for one in self.scene.numbers("vonage")[:3]]
        for number in self.numbers:
            self.by_hand(number, VOICES[0])
        edits = {"voice": Set(NIGHT)}
        lines = tuple(RouteLine("uk-sms", number, edits) for number in self.numbers)
        self.route = Route("night", lines=lines)
        self.foreign = {}
        """What somebody set at the provider last, by number, where nothing of ours came after."""

    def run(self, work):
        return self.loop.run_until_complete(work)

    @property
    def journal(self):
        return self.scene.journal

    def voice(self, number):
        record = self.scene.record("vonage", number)
        return f"phone:+{record.voice_value.lstrip('+')}" if record.voice_value else None

    def by_hand(self, number, value):
        numbers = self.scene.sandbox.world.vonage.numbers
        key = number[1:] if numbers.get(number) is None else number
        from msgspec import structs

        told = value.removeprefix("phone:+")
        numbers.put(key, structs.replace(numbers.get(key), voice_type="tel", voice_value=told))

    def sent(self):
        return len(self.scene.writes)

    @rule(number=st.integers(0, 2), value=st.sampled_from(VOICES[1:]))
    def somebody_changes_it_at_the_provider(self, number, value):
        number = self.numbers[number]
        self.by_hand(number, value)
        self.foreign[number] = value

    @rule(hours=st.sampled_from([None, 1, 3]), stand=st.booleans())
    def the_route_is_applied(self, hours, stand):
        until = clock.now() + timedelta(hours=hours) if hours else None
        (state,) = self.run(Standings(self.scene.writer).of([self.route], until=until))
        plans = [one.plan for one in state.numbers if one.plan is not None and one.plan.is_needed]
        earlier = frozenset(end.operation for end in self.journal.ends())
        consent = replace(YES, **{"standing" if stand else "lifted": earlier})
        consent = replace(consent, over=frozenset(one.id for one in self.journal.left_open()))
        results = self.run(Batch(self.scene.writer, plans, consent).run())
        for result in results:
            if result.outcome is Outcome.VERIFIED:
                self.foreign.pop(result.plan.number, None)

    @rule()
    def the_route_is_put_back(self):
        (state,) = self.run(Standings(self.scene.writer).of([self.route]))
        for group in to_revert(self.journal, state):
            number = group[0].number
            theirs = self.foreign.get(number)
            try:
                plan = self.run(prepare_undo(self.scene.workspace, *group))
            except CannotUndo:
                continue
            result = self.run(self.scene.writer.apply(plan, YES))
            if theirs is not None and theirs != NIGHT:
                assert self.voice(number) == theirs
            elif result.outcome is Outcome.VERIFIED:
                self.foreign.pop(number, None)

    @rule(hours=st.integers(1, 4))
    def time_passes(self, hours):
        self.ahead += hours * 3600.0
        self.scene.clock.ahead += hours * 3600.0

    @rule()
    def the_program_is_started_again(self):
        self.journal.close()
        self.scene.writer.journal = SqliteJournal(self.path)

    @precondition(lambda self: any(end.is_overdue(clock.now()) for end in self.journal.ends()))
    @rule(record=st.booleans())
    def a_runner_is_killed(self, record):
        """It had claimed what is due, and may have recorded that it puts one back."""
        claimed = self.journal.claim_due("killed", ["uk-sms"])
        for end in claimed[:1] if record else ():
            try:
                operation = self.journal.get(end.operation)
                plan = self.run(prepare_undo(self.scene.workspace, operation))
            except CannotUndo:
                continue
            if not plan.is_needed:
                continue
            plan = replace(plan, takes=(end.operation,), claim="killed")
            name = new_identifier()
            intention = intention_of(
                plan, plan.before, operation=name, batch=name, reason="",
                writer=self.scene.writer,
            )  # fmt: skip
            self.journal.begin(intention, None, "killed")
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute("UPDATE ending SET claim_process = '1:gone'")
            connection.execute("UPDATE operation SET process = '1:gone' WHERE outcome IS NULL")

    @rule(several=st.integers(1, 4))
    def runners_run(self, several):
        before = {end.operation: end for end in self.journal.ends()}
        theirs = dict(self.foreign)
        at_first = {number: self.voice(number) for number in self.numbers}
        sent = self.sent()

        async def all_of_them():
            runners = [
                Runner(replace(self.scene.writer, journal=SqliteJournal(self.path)))
                for _ in range(several)
            ]
            found = await asyncio.gather(*(one.run() for one in runners))
            for one in runners:
                one.writer.journal.close()
            return [carried for part in found for carried in part]

        carried = self.run(all_of_them())
        assert len({one.end.operation for one in carried}) == len(carried)
        written = [one for one in carried if one.result is not None
                   and one.result.outcome is Outcome.VERIFIED]  # fmt: skip
        assert self.sent() - sent == len(written)
        for one in carried:
            assert one.end.operation in before
            assert one.end.is_overdue(clock.now())
            number = one.end.number
            if number in theirs and at_first[number] == theirs[number] and theirs[number] != NIGHT:
                assert self.voice(number) == theirs[number], "a later change was overwritten"
        for one in written:
            self.foreign.pop(one.end.number, None)

    @rule()
    def in_the_end_a_runner_leaves_nothing_due(self):
        for _ in range(3):
            self.ahead += 3600.0
            self.scene.clock.ahead += 3600.0
            self.run(Runner(self.scene.writer).run())
        left = [end for end in self.journal.ends() if end.is_overdue(clock.now())]
        assert {end.state.value for end in left} <= {"conflict"}

    @invariant()
    def each_end_was_carried_out_at_most_once(self):
        if not hasattr(self, "path"):
            return
        done = [
            one.takes for one in self.journal.operations()
            if one.action is Action.UNDO and one.outcome is Outcome.VERIFIED and one.takes
        ]  # fmt: skip
        taken = [name for takes in done for name in takes]
        assert len(taken) == len(set(taken))

    @invariant()
    def the_journal_says_what_is_there(self):
        """What was verified last on a number is what it shows, unless somebody else was there."""
        if not hasattr(self, "path"):
            return
        for number in self.numbers:
            if number in self.foreign:
                continue
            for one in self.journal.operations():
                if one.number == number and one.outcome is Outcome.VERIFIED:
                    assert self.voice(number) == one.observed.settings["voice"]
                    break

    def teardown(self):
        if hasattr(self, "path"):
            self.journal.close()
            self.folder.cleanup()
        self.loop.close()
        self.used.__exit__(None, None, None)


TestNights = Nights.TestCase
TestNights.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
