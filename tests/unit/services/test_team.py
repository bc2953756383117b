"""What a preview says of what somebody else did to a number of late."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.fake_provider import ACCOUNT, INFO, NUMBER, FakeProvider, owned, phone, session
from tests.support.journals import root_of, store_of
from tests.support.operations import WHEN, operation
from tui_numbers.domain import clock
from tui_numbers.domain.operations import Action, Actor, Outcome
from tui_numbers.providers.errors import NoAnswer
from tui_numbers.services.planning import Consent, plan_retarget
from tui_numbers.services.settling import settle
from tui_numbers.services.team import changed_by_another, is_same_person
from tui_numbers.wording.changes import doings_words

BEN = Actor("ben", "bastion", name="Ben")
ANNA = Actor("anna", "elsewhere", name="Anna")


def done(name="a1", actor=ANNA, outcome=Outcome.VERIFIED, **more):
    return replace(operation(name), actor=actor, outcome=outcome, finished_at=WHEN, **more)


@pytest.mark.parametrize(
    ("later", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=3, seconds=40), "3 minutes ago"),
        (timedelta(hours=1, minutes=59), "1 hour ago"),
        (timedelta(hours=11), "11 hours ago"),
        # The clock of another machine may be ahead.
        (timedelta(minutes=-2), "just now"),
    ],
)
def test_it_says_who_changed_the_number_how_long_ago_and_how_that_ended(later, words):
    told = changed_by_another([done()], BEN, WHEN + later)
    assert told == f"changed by Anna {words} (retarget, verified)"


def test_a_change_under_way_is_told_as_one():
    going = replace(done(), outcome=None, finished_at=None)
    told = changed_by_another([going], BEN, WHEN)
    assert told == "being changed by Anna just now (retarget, under way)"


@pytest.mark.parametrize(
    "operations",
    [
        [],
        [done(actor=BEN)],
        # One's own change came after hers, and shows that one knew.
        [done("b2", actor=BEN), done()],
        [done(outcome=Outcome.REFUSED)],
        [done(outcome=Outcome.UNCHANGED)],
        [replace(done(), begun=False, outcome=Outcome.PLANNED)],
    ],
)
def test_nothing_is_said_where_nobody_else_changed_it_last(operations):
    assert changed_by_another(operations, BEN, WHEN) is None


def test_nothing_is_said_of_the_shift_before():
    assert changed_by_another([done()], BEN, WHEN + timedelta(hours=13)) is None


def test_a_person_is_known_by_name_at_every_machine_and_without_one_by_user_and_host():
    assert is_same_person(BEN, replace(BEN, host="laptop"))
    assert not is_same_person(BEN, replace(BEN, name="Anna"))
    assert not is_same_person(BEN, replace(BEN, name=None))
    assert is_same_person(Actor("ann", "a"), Actor("ann", "a", "192.0.2.1"))
    assert not is_same_person(Actor("ann", "a"), Actor("ann", "b"))


def test_what_others_did_is_one_line_with_its_outcome_first():
    assert doings_words([done()]) == (
        "Anna: retarget +44 7700 900123 verified: calls -> phone +44 20 7946 0000; SMS -> nowhere"
    )
    assert doings_words([done(action=Action.RELEASE, requested=None)]).endswith(" verified")
    several = [done(), done("a2", number="+442079460001"), done("a3", BEN, Outcome.FAILED)]
    assert doings_words(several) == "Anna, Ben: 2 numbers changed: 2 verified, 1 failed"


@pytest.fixture
def store(tmp_path, tmp_path_factory):
    with store_of("postgresql", tmp_path, root_of(tmp_path_factory)) as made:
        yield made


def ahead(hours):
    """Return the clock of a machine that is ahead of the database's."""
    real = clock.timestamp()
    return clock.Clock(lambda: real + hours * 3600)


@pytest.mark.parametrize(("writer", "settler"), [(0, 1), (1, 0), (-1, 0), (-1, 1)])
async def test_a_request_that_may_still_arrive_is_waited_for_whatever_the_clocks_of_machines_say(
    store, writer, settler
):
    provider = FakeProvider({NUMBER: owned()}, refuse=NoAnswer("gone"))
    with clock.use(ahead(writer)):
        changes = session(provider, journal=store.open())
        changes.journal.operations()
        plan = plan_retarget(ACCOUNT, INFO, owned(), phone("+442079460801"))
        result = await changes.apply(plan, Consent(given=True))
    assert result.outcome is Outcome.UNKNOWN
    provider.refuse = None
    with clock.use(ahead(settler)):
        other = session(provider, journal=store.open())
        (found,) = other.journal.operations()
        reason = await settle(other.workspace, other.journal, found)
    assert reason is not None
    assert reason.startswith("too early, asked again at")
    assert store.open().get(found.id).outcome is Outcome.UNKNOWN
