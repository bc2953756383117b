"""Changes, faults, crashes and undos in any order: the journal agrees with the world, or says so.

A longer run: pytest tests/e2e/writes/test_model.py --hypothesis-profile=long
"""

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.support.crashes import Crash, forget_process
from tests.support.writes import PROVIDERS, WRITES, YES, make_scene, target_for
from tui_numbers.domain.operations import Outcome
from tui_numbers.providers.errors import ProviderError
from tui_numbers.providers.transport import warm_up
from tui_numbers.services import containment
from tui_numbers.services.settling import is_open, settle
from tui_numbers.services.undo import CannotUndo, can_be_undone, prepare_undo

FAULTS = [
    "update:reset-before", "update:reset-after", "update:not-applied", "update:truncated",
    "update:error-inside-200", "update:429", "update:500", "update:500:made=1", "update:html",
    "update:slow-visible:seconds=60;update:reset-after", "update:not-applied;update:reset-after",
    "update:other-setting", "update:slow-visible:reads=2", "update:slow-visible:seconds=60",
    "get:429", "get:500", "get:reset-before", "get:bad-record", "get:truncated",
]  # fmt: skip
STEPS = ["before the intention", "before sending", "after sending", "before the outcome"]
MAY_HAVE_MOVED = (Outcome.UNKNOWN, Outcome.VERIFIED, Outcome.DIFFERENT)
REQUESTS = {"telnyx": 3}
"""How many requests a change may take where it is more than one: each of them is sent once."""
VALUES = {
    "fonedynamics": {"friendly": ["Day desk", "Night desk"], "recording": ["off", "call"]},
    "telnyx": {"reference": ["day desk", "night desk"], "tags": ["a,b", "c"]},
    "twilio": {"friendly": ["Day desk", "Night desk"]},
    "vonage": {"voice_status": ["https://a.example/x", "https://b.example/y"]},
}
VISIBLE = {
    "parakeet": ("target",),
    "fonedynamics": ("endpoint", "flow", "friendly", "recording", "attribution_source"),
    "telnyx": ("connection", "profile", "forward", "forwarding_type", "reference", "tags"),
    "twilio": ("trunk", "voice_application", "voice_url", "sms_url", "friendly"),
    "vonage": ("app_id", "voice_value", "mo_http_url", "voice_status_callback"),
}


@dataclass(frozen=True)
class Place:
    provider: str
    number: str


class AtOnce(ThreadPoolExecutor):
    """Runs what is submitted there and then, so that the same seed gives the same run."""

    def submit(self, call, /, *args, **kwargs):
        future = Future()
        try:
            future.set_result(call(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - the future bears it
            future.set_exception(error)
        return future


class Program(RuleBasedStateMachine):
    """One user at every provider, none of which can be trusted."""

    def __init__(self):
        super().__init__()
        # Otherwise the first request does so, in a thread that is none here.
        warm_up()
        self.loop = asyncio.new_event_loop()
        self.loop.set_default_executor(AtOnce())
        self.scene = make_scene(112)
        self.places = [
            Place(provider, number)
            for provider in PROVIDERS
            for number in self.scene.numbers(provider)[:2]
        ]
        self.confirmed = 0
        self.known = None

    def teardown(self):
        self.run(self.scene.workspace.aclose())
        self.scene.journal.close()
        self.loop.close()

    def run(self, work):
        self.known = None
        try:
            return self.loop.run_until_complete(work)
        finally:
            self.known = None

    def operations(self):
        """Return what the journal holds, which nothing changes but what is run."""
        if self.known is None:
            self.known = self.scene.journal.operations()
        return self.known

    def agreed(self):
        """Agree to a write over whatever is open."""
        opened = filter(is_open, self.operations())
        return replace(YES, over=frozenset(one.id for one in opened))

    def truth(self, place):
        record = self.scene.record(place.provider, place.number)
        return {name: getattr(record, name) for name in VISIBLE[place.provider]}

    def check_sent_once(self, place, sent):
        """Check that no request of a write to a place was repeated."""
        asked = [(one.method, one.path) for one in self.scene.writes[sent:]]
        assert len(set(asked)) == len(asked) <= REQUESTS.get(place.provider, 1)

    def apply(self, plan, place):
        """Apply a plan; check that it was sent once at most, and that its verdict is true."""
        before, sent = self.truth(place), len(self.scene.writes)
        self.confirmed += REQUESTS.get(place.provider, 1)
        result = self.run(self.scene.writer.apply(plan, self.agreed()))
        self.check_sent_once(place, sent)
        now = self.truth(place)
        self.scene.behave()
        kept = self.scene.journal.get(result.operation)
        if kept is None:
            assert len(self.scene.writes) == sent
            assert now == before
            return result, before
        assert kept.outcome is result.outcome
        if result.outcome is Outcome.FAILED:
            assert now == before
        if result.outcome is Outcome.VERIFIED:
            self.scene.clock.ahead += 120
            seen = self.run(self.scene.find(place.provider, place.number))
            for key, edit in plan.change.edits.items():
                assert seen.settings[key] == getattr(edit, "value", None)
        return result, before

    async def planned(self, place, choice):
        values = VALUES.get(place.provider)
        if values is None or choice % 2:
            target = target_for(self.scene, place.provider, choice % 3)
            return await self.scene.retarget(place.provider, place.number, target)
        key = sorted(values)[choice % len(values)]
        return await self.scene.set(
            place.provider, place.number, **{key: values[key][choice // 2 % 2]}
        )

    @initialize()
    def settle_the_world(self):
        self.scene.clock.ahead += 1

    @rule(
        at=st.integers(0, 9),
        choice=st.integers(0, 11),
        fault=st.one_of(st.none(), st.sampled_from(FAULTS)),
        times=st.integers(1, 12),
        after=st.integers(0, 3),
    )
    def change(self, at, choice, fault, times, after):
        """Confirm a change while the provider misbehaves, or does not."""
        place = self.places[at]
        plan = self.run(self.planned(place, choice))
        if fault is not None:
            self.misbehave(place, fault, times, after)
        self.apply(plan, place)

    def misbehave(self, place, fault, times, after):
        more = f"times={times},after={after if fault.startswith('get') else 0}"
        for one in fault.split(";"):
            joint = "," if one.count(":") == 2 else ":"
            self.scene.misbehave(f"{place.provider}:{one}{joint}{more}")

    @rule(at=st.integers(0, 9), choice=st.integers(0, 11), step=st.sampled_from(STEPS))
    def crash(self, at, choice, step):
        """Confirm a change, and let the program vanish at one of its steps."""
        place = self.places[at]
        plan = self.run(self.planned(place, choice))
        before, sent = self.truth(place), len(self.scene.writes)
        self.confirmed += REQUESTS.get(place.provider, 1)
        try:
            self.run(self.vanishing(plan, step))
        except Crash:
            forget_process(self.scene.journal)
            self.known = None
        self.check_sent_once(place, sent)
        if self.truth(place) != before:
            # Whatever moved has a record, and nobody claims to know how it ended.
            newest = self.operations()[0]
            assert newest.number == place.number
            assert newest.outcome in MAY_HAVE_MOVED

    async def vanishing(self, plan, step):
        """Apply a plan whose program vanishes before or after one of its calls."""
        client = await self.scene.workspace.client(plan.account)
        owner, name, late = {
            "before the intention": (self.scene.journal, "begin", False),
            "before sending": (client, "update", False),
            "after sending": (client, "update", True),
            "before the outcome": (self.scene.journal, "finish", False),
        }[step]
        real = getattr(owner, name)

        def vanish(*given):
            raise Crash

        async def vanish_after(*given):
            if late:
                await real(*given)
            raise Crash

        setattr(owner, name, vanish_after if owner is client else vanish)
        try:
            await self.scene.writer.apply(plan, self.agreed())
        finally:
            setattr(owner, name, real)

    @rule(at=st.integers(0, 9), choice=st.integers(0, 11), turns=st.integers(0, 40))
    def cancel(self, at, choice, turns):
        """Confirm a change, and break it off after so many turns of the loop."""
        place = self.places[at]
        plan = self.run(self.planned(place, choice))
        before, sent = self.truth(place), len(self.scene.writes)
        self.confirmed += REQUESTS.get(place.provider, 1)

        async def broken_off():
            task = asyncio.create_task(self.scene.writer.apply(plan, self.agreed()))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        self.run(broken_off())
        self.check_sent_once(place, sent)
        if self.truth(place) != before:
            newest = self.operations()[0]
            assert newest.number == place.number
            assert newest.outcome in MAY_HAVE_MOVED

    @rule(choice=st.integers(0, 30))
    @precondition(lambda self: any(map(can_be_undone, self.operations())))
    def undo(self, choice):
        """Put an operation back; where that is verified every readable setting is as it was."""
        candidates = [one for one in self.operations() if can_be_undone(one)]
        operation = candidates[choice % len(candidates)]
        place = Place(operation.provider, operation.number)
        try:
            plan = self.run(prepare_undo(self.scene.workspace, operation))
        except (CannotUndo, ProviderError):
            return
        result, _ = self.apply(plan, place)
        if result.outcome in (Outcome.VERIFIED, Outcome.UNCHANGED):
            now = self.run(self.scene.find(place.provider, place.number)).settings
            for key in operation.keys:
                assert now[key] == operation.before.settings[key]

    @rule()
    @precondition(lambda self: any(map(is_open, self.operations())))
    def settle(self):
        """Read everything open again; what is settled by it is true."""
        self.scene.clock.ahead += 240
        for operation in reversed(self.operations()):
            if is_open(operation):
                self.run(settle(self.scene.workspace, self.scene.journal, operation))

    @rule(at=st.integers(0, 9), choice=st.integers(0, 5))
    def meddle(self, at, choice):
        """Somebody else changes a number, past this program."""
        place = self.places[at]
        seen = self.run(self.scene.find(place.provider, place.number))
        client = self.run(self.scene.workspace.client(self.scene.account(place.provider)))
        plan = self.run(self.planned(place, choice))
        if plan.change:
            self.run(client.update(seen, plan.change))
            self.confirmed += REQUESTS.get(place.provider, 1)

    @invariant()
    def sends_no_more_than_was_confirmed(self):
        assert len(self.scene.writes) <= self.confirmed
        assert {request.route for request in self.scene.writes} <= WRITES

    @invariant()
    def leaves_nothing_under_way(self):
        assert all(one.outcome is not None for one in self.operations())


def _profile():
    chosen = settings()
    usual = chosen.max_examples <= 100
    return settings(
        max_examples=min(chosen.max_examples, 60) if usual else chosen.max_examples,
        stateful_step_count=min(chosen.stateful_step_count, 60) // 2,
        deadline=None,
        derandomize=usual,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
        phases=[phase for phase in Phase if phase is not Phase.explain],
    )


def test_the_journal_agrees_with_the_world(monkeypatch):
    # Otherwise it is up to the machine's load which step a cancelled write had come to.
    monkeypatch.setattr(containment, "_GATHERING_SECONDS", 0)
    run_state_machine_as_test(Program, settings=_profile())
