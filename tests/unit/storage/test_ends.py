"""What a journal keeps of temporary changes: their ends, who is at one, and what closes it."""

import socket
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.fake_provider import NUMBER, OTHER
from tests.support.journals import forget_process
from tests.support.operations import WHEN, operation
from tui_numbers.domain.operations import Action, Actor, Outcome, Overtaken
from tui_numbers.domain.temporary import Closing, EndState, Rehearsal
from tui_numbers.storage.journal import JournalQuery

HERE = socket.gethostname()
ANN = Actor("ann", HERE)
UNTIL = WHEN + timedelta(hours=2)
DESK = ["desk"]


class Now:
    """The store's clock, set by hand."""

    def __init__(self):
        self.moment = WHEN

    def __call__(self):
        return self.moment


@pytest.fixture
def now():
    return Now()


@pytest.fixture
def journal(store, now):
    return store.open(now)


def temporary(name="a1", **more):
    return operation(name, **{"until": UNTIL, "host": HERE, **more})


def make(journal, name="a1", outcome=Outcome.VERIFIED, **more):
    journal.begin(temporary(name, **more))
    if outcome is not None:
        journal.finish(name, outcome, None, None)


def put_back(journal, name, taken, claim="", outcome=Outcome.VERIFIED):
    undo = operation(name, action=Action.UNDO, undoes=taken, takes=(taken,), host=HERE)
    journal.begin(undo, None, claim)
    if outcome is not None:
        journal.finish(name, outcome, None, "as it came")


def test_an_end_is_kept_with_the_change_that_it_ends(journal):
    make(journal, route="after-hours")
    (end,) = journal.ends()
    assert (end.operation, end.batch, end.account, end.number) == ("a1", "b1", "desk", NUMBER)
    assert (end.until, end.state, end.route) == (UNTIL, EndState.WAITING, "after-hours")
    assert (end.keys, end.puts_back) == (("voice", "app"), ("a1",))
    kept = journal.get("a1")
    assert (kept.until, kept.route) == (UNTIL, "after-hours")


def test_ends_of_one_number_are_found_and_the_earliest_comes_first(journal):
    make(journal, "late", until=UNTIL + timedelta(hours=1))
    make(journal, "other", number=OTHER)
    assert [end.operation for end in journal.ends()] == ["other", "late"]
    assert [end.operation for end in journal.ends("desk", OTHER)] == ["other"]


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.REFUSED, Outcome.UNCHANGED])
def test_a_change_that_was_not_made_has_no_end(journal, now, outcome):
    make(journal, outcome=outcome)
    now.moment = UNTIL
    assert journal.ends() == []
    assert journal.claim_due("r1", DESK) == []


def test_a_change_that_was_made_after_all_has_its_end_again(journal):
    make(journal, outcome=Outcome.FAILED)
    journal.settle(journal.get("a1"), Outcome.VERIFIED, None, None, None)
    assert [end.operation for end in journal.ends()] == ["a1"]


def test_what_waits_for_its_turn_has_no_end_yet(journal):
    journal.plan([temporary("a1"), temporary("a2", number=OTHER)])
    assert journal.ends() == []
    assert journal.get("a1").until == UNTIL


def test_an_end_is_due_by_the_stores_clock(journal, now):
    make(journal)
    assert journal.claim_due("r1", DESK) == []
    now.moment = UNTIL
    assert [end.operation for end in journal.claim_due("r1", DESK)] == ["a1"]


def test_an_end_at_an_account_that_a_runner_has_not_is_left_to_others(journal, now):
    make(journal)
    now.moment = UNTIL
    assert journal.claim_due("r1", ["elsewhere"]) == []
    assert len(journal.claim_due("r2", DESK)) == 1


def test_one_runner_alone_gets_an_end(journal, store, now):
    make(journal)
    now.moment = UNTIL
    other = store.open(now)
    assert len(journal.claim_due("r1", DESK)) == 1
    assert other.claim_due("r2", DESK) == []
    assert journal.ends()[0].state is EndState.CLAIMED


def test_the_claim_of_a_program_that_is_gone_is_given_back(journal, store, now):
    make(journal)
    now.moment = UNTIL
    assert journal.claim_due("r1", DESK)
    forget_process(store, "claim_process", "ending")
    assert journal.ends()[0].state is EndState.WAITING
    assert len(journal.claim_due("r2", DESK)) == 1


def test_whoever_lost_its_claim_sends_nothing(journal, store, now):
    make(journal)
    now.moment = UNTIL
    journal.claim_due("r1", DESK)
    forget_process(store, "claim_process", "ending")
    journal.claim_due("r2", DESK)
    with pytest.raises(Overtaken, match="carried out by another"):
        put_back(journal, "u1", "a1", claim="r1")
    put_back(journal, "u2", "a1", claim="r2")
    assert journal.ends() == []


def test_what_was_put_back_is_open_no_more(journal, now):
    make(journal)
    now.moment = UNTIL
    journal.claim_due("r1", DESK)
    put_back(journal, "u1", "a1", claim="r1")
    assert journal.ends() == []
    assert journal.claim_due("r2", DESK) == []


def test_a_put_back_without_an_answer_stays_claimed_and_names_its_attempt(journal, store, now):
    make(journal)
    now.moment = UNTIL
    journal.claim_due("r1", DESK)
    put_back(journal, "u1", "a1", claim="r1", outcome=None)
    assert journal.claim_due("r2", DESK) == []
    forget_process(store)
    forget_process(store, "claim_process", "ending")
    (end,) = journal.claim_due("r2", DESK)
    assert (end.state, end.attempt) == (EndState.CLAIMED, "u1")


def test_a_put_back_that_reads_otherwise_is_a_conflict_with_its_reason(journal, now):
    make(journal)
    now.moment = UNTIL
    journal.claim_due("r1", DESK)
    put_back(journal, "u1", "a1", claim="r1", outcome=Outcome.DIFFERENT)
    (end,) = journal.ends()
    assert (end.state, end.note) == (EndState.CONFLICT, "as it came")


def test_a_put_back_that_failed_waits_again(journal, now):
    make(journal)
    now.moment = UNTIL
    (end,) = journal.claim_due("r1", DESK)
    put_back(journal, "u1", "a1", claim="r1", outcome=Outcome.FAILED)
    journal.give_back(end, "r1", None, conflict=False)
    assert journal.ends()[0].state is EndState.WAITING
    assert len(journal.claim_due("r2", DESK)) == 1


def test_a_conflict_is_left_to_a_person(journal, now):
    make(journal)
    now.moment = UNTIL
    (end,) = journal.claim_due("r1", DESK)
    journal.give_back(end, "r1", "changed since by ben", conflict=True)
    (end,) = journal.ends()
    assert (end.state, end.note) == (EndState.CONFLICT, "changed since by ben")
    assert journal.claim_due("r2", DESK) == []
    assert journal.close_ends(["a1"], Closing.KEPT, ANN) == 1
    assert journal.ends() == []


def test_an_end_is_moved_and_a_conflict_with_it(journal, now):
    make(journal)
    now.moment = UNTIL
    (end,) = journal.claim_due("r1", DESK)
    journal.give_back(end, "r1", "changed", conflict=True)
    later = UNTIL + timedelta(hours=1)
    assert journal.move_ends(["a1", "no such"], later) == 1
    (end,) = journal.ends()
    assert (end.until, end.state, end.note) == (later, EndState.WAITING, None)


def test_what_a_runner_is_at_is_neither_kept_nor_moved(journal, now):
    make(journal)
    now.moment = UNTIL
    journal.claim_due("r1", DESK)
    assert journal.close_ends(["a1"], Closing.KEPT, ANN) == 0
    assert journal.move_ends(["a1"], UNTIL + timedelta(hours=1)) == 0
    assert journal.close_ends(["a1"], Closing.DONE, ANN, "r1") == 1


def test_a_later_change_takes_an_end_over_and_puts_both_back(journal):
    make(journal, "a1")
    make(journal, "a2", until=UNTIL + timedelta(hours=1), takes=("a1",))
    (end,) = journal.ends()
    assert (end.operation, end.puts_back) == ("a2", ("a2", "a1"))


def test_an_end_that_was_to_be_taken_over_stands_where_that_change_was_not_made(journal):
    make(journal, "a1")
    make(journal, "a2", Outcome.FAILED, until=UNTIL + timedelta(hours=1), takes=("a1",))
    assert [end.operation for end in journal.ends()] == ["a1"]


def test_a_change_without_an_end_lifts_an_earlier_one(journal):
    make(journal, "a1")
    make(journal, "a2", until=None, takes=("a1",))
    assert journal.ends() == []


def test_rehearsals_and_handovers_are_kept(journal, store, now):
    assert (journal.rehearsals(), journal.last_handover()) == ({}, None)
    first = Rehearsal("after-hours", WHEN, 12, 2, 9.0, ANN)
    journal.rehearse(first)
    journal.rehearse(replace(first, impossible=0))
    journal.hand_over(ANN)
    now.moment = UNTIL
    journal.hand_over(ANN)
    again = store.open()
    assert again.rehearsals() == {"after-hours": replace(first, impossible=0)}
    assert again.last_handover() == UNTIL


def test_the_newest_operations_are_read_alone_and_those_of_a_route(journal):
    for place in range(4):
        make(journal, f"a{place}", route="night" if place % 2 else None)
    found = journal.operations(JournalQuery(limit=2))
    assert [one.id for one in found] == ["a3", "a2"]
    found = journal.operations(JournalQuery(route="night", limit=1))
    assert [one.id for one in found] == ["a3"]
    journal.finish("a0", Outcome.FAILED, None, "no")
    found = journal.operations(JournalQuery(outcome=Outcome.FAILED, limit=1))
    assert [one.id for one in found] == ["a0"]
