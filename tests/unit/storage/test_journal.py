import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.fake_provider import ACCOUNT, NUMBER, OTHER, owned
from tests.support.journals import forget_process
from tests.support.operations import WHEN, operation
from tui_numbers.domain.numbers import Undisclosed
from tui_numbers.domain.operations import Action, JournalError, Outcome, Overtaken
from tui_numbers.domain.records import owned_record
from tui_numbers.storage.operation_rows import ENDED_BEFORE, ENDED_UNDER_WAY, WAITING
from tui_numbers.storage.sqlite_journal import SqliteJournal

HERE = socket.gethostname()


@pytest.fixture
def journal(store):
    return store.open()


def _alone(journal):
    (found,) = journal.operations()
    return found


def test_everything_of_an_operation_is_kept(journal, store):
    journal.begin(operation())
    journal.finish("a1", Outcome.VERIFIED, owned(voice="phone:+442079460000"), None)
    journal.close()
    found = store.open().get("a1")
    wanted = replace(operation(), outcome=Outcome.VERIFIED, observed=found.observed)
    assert replace(found, finished_at=None) == wanted
    assert found.asked.target.label == "Desk"
    assert found.observed.settings["voice"] == "phone:+442079460000"


def test_the_order_of_a_purchase_is_kept_and_never_lost_again(journal):
    journal.begin(operation(action=Action.BUY, before=None))
    journal.finish("a1", Outcome.PENDING, None, "not listed yet", "order-1")
    assert _alone(journal).reference == "order-1"
    assert journal.settle(_alone(journal), Outcome.VERIFIED, owned(), None, None)
    assert _alone(journal).reference == "order-1"
    again = replace(_alone(journal), outcome=Outcome.VERIFIED)
    assert journal.settle(again, Outcome.FAILED, None, "refused", None, "order-2")
    assert _alone(journal).reference == "order-2"


@pytest.mark.parametrize(
    "stored", ["میز\u200cپشتیبانی", "a\u00a0b", "\x1b[2J", "🙂\u200d🙃", None, Undisclosed("flow")]
)
def test_a_setting_is_kept_as_it_is_stored(journal, stored):
    before = replace(owned(), settings={"voice": stored, "name": stored}, seen_at=WHEN)
    journal.begin(replace(operation(), before=before))
    found = _alone(journal)
    assert found.before == before
    assert found.exact


def test_a_setting_that_is_not_told_reads_as_null_for_programs():
    assert owned_record(owned(voice=Undisclosed("flow")))["settings"]["voice"] is None


def test_what_is_under_way_reads_unknown_once_its_process_is_gone(journal, store):
    journal.begin(operation(host=HERE))
    assert (_alone(journal).outcome, _alone(journal).error) == (None, None)
    forget_process(store)
    assert (_alone(journal).outcome, _alone(journal).error) == (Outcome.UNKNOWN, ENDED_UNDER_WAY)


def test_what_waits_for_its_turn_is_not_sent(journal, store):
    journal.plan([operation("a1", host=HERE), operation("a2", number=OTHER, host=HERE)])
    found = journal.operations()
    assert {(one.outcome, one.error) for one in found} == {(Outcome.PLANNED, WAITING)}
    forget_process(store)
    found = journal.operations()
    assert {(one.outcome, one.error) for one in found} == {(Outcome.REFUSED, ENDED_BEFORE)}
    assert not any(one.begun for one in found)


def _at(store, seconds):
    """The journal as another host reads it, so many seconds after its operations began."""
    return store.open(lambda: WHEN + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [0, 26, 179])
def test_what_another_host_began_is_under_way_for_as_long_as_it_may_take(journal, store, seconds):
    journal.begin(operation(host="another"))
    read = _at(store, seconds)
    assert (_alone(read).outcome, _alone(read).error) == (None, None)
    with pytest.raises(Overtaken, match="another write to this number is under way"):
        read.mark(ACCOUNT.name, NUMBER)
    read.close()


@pytest.mark.parametrize("seconds", [180, 3600, 86_400])
def test_what_another_host_began_reads_unknown_once_it_is_older_than_that(journal, store, seconds):
    journal.begin(operation(host="another"))
    read = _at(store, seconds)
    assert (_alone(read).outcome, _alone(read).error) == (Outcome.UNKNOWN, ENDED_UNDER_WAY)
    assert read.mark(ACCOUNT.name, NUMBER) == 1
    read.close()


def test_what_waits_on_another_host_waits_for_as_long_as_its_batch_goes_on(journal, store):
    waiting = [operation("a1", host="another"), operation("a2", number=OTHER, host="another")]
    journal.plan(waiting)
    for turn in range(1, 5):
        began = WHEN + timedelta(seconds=300 * turn)
        again = f"+44770090020{turn}"
        journal.begin(operation(f"b{turn}", number=again, host="another", started_at=began))
        read = _at(store, 300 * turn + 299)
        found = {one.id: one.outcome for one in read.operations() if one.id.startswith("a")}
        assert found == {"a1": Outcome.PLANNED, "a2": Outcome.PLANNED}
        read.close()
    read = _at(store, 1200 + 361)
    assert {read.get("a1").outcome, read.get("a2").outcome} == {Outcome.REFUSED}
    assert read.get("a1").error == ENDED_BEFORE
    read.close()


def test_a_turn_takes_the_place_of_what_was_planned(journal):
    journal.plan([operation("a1"), operation("a2", number=OTHER)])
    journal.begin(operation("a2", number=OTHER))
    journal.begin(operation("a1"))
    found = journal.operations()
    assert [one.id for one in found] == ["a1", "a2"]
    assert all(one.begun for one in found)


def test_a_turn_that_came_to_nothing_is_recorded_and_never_overwrites_one_that_did(journal):
    journal.plan([operation("a1"), operation("a2", number=OTHER)])
    error = "changed since it was shown"
    journal.end_unsent(operation("a1", outcome=Outcome.REFUSED, observed=owned(), error=error))
    assert journal.get("a1").error == "changed since it was shown"
    journal.begin(operation("a2", number=OTHER))
    journal.finish("a2", Outcome.VERIFIED, owned(OTHER), None)
    journal.end_unsent(operation("a2", outcome=Outcome.FAILED, error="no", number=OTHER))
    assert journal.get("a2").outcome is Outcome.VERIFIED
    journal.end_unsent(operation("a3", outcome=Outcome.REFUSED, error="locked"))
    alone = journal.get("a3")
    assert (alone.outcome, alone.error, alone.begun) == (Outcome.REFUSED, "locked", False)
    assert alone.finished_at is not None


def test_places_decide_the_order_when_the_clock_goes_back(journal):
    journal.begin(operation("a1"))
    journal.begin(operation("a2", started_at=WHEN - timedelta(hours=3)))
    assert [one.id for one in journal.operations()] == ["a2", "a1"]


@pytest.mark.parametrize("taken", [["a1"], ["a2"], ["a1", "a2"]])
def test_a_turn_that_was_taken_over_does_not_come_any_more(journal, taken):
    waiting = {"a1": operation("a1"), "a2": operation("a2", number=OTHER)}
    journal.plan(list(waiting.values()))
    journal.take_over([waiting[name] for name in taken])
    for name, one in waiting.items():
        if name in taken:
            with pytest.raises(Overtaken, match="its batch was resumed by another process"):
                journal.begin(one)
            assert journal.get(name).outcome is Outcome.REFUSED
        else:
            journal.begin(one)
            assert journal.get(name).begun


def test_what_has_begun_is_not_taken_over(journal):
    journal.plan([operation("a1", host=HERE)])
    journal.begin(operation("a1", host=HERE))
    journal.take_over([operation("a1")])
    assert (journal.get("a1").outcome, journal.get("a1").begun) == (None, True)


def test_another_write_under_way_is_noticed(journal):
    journal.begin(operation("a1", host=HERE))
    with pytest.raises(Overtaken, match="another write to this number is under way"):
        journal.mark(ACCOUNT.name, NUMBER)
    journal.finish("a1", Outcome.VERIFIED, None, None)
    assert journal.mark(ACCOUNT.name, NUMBER) == 1
    assert journal.mark("other", NUMBER) == 0


def test_another_write_since_the_fresh_read_is_noticed(journal):
    mark = journal.mark(ACCOUNT.name, NUMBER)
    journal.begin(operation("a1"))
    journal.finish("a1", Outcome.VERIFIED, None, None)
    with pytest.raises(Overtaken, match="changed since it was read, by ann"):
        journal.begin(operation("a2"), mark)
    journal.begin(operation("a3", number=OTHER), mark)
    journal.begin(operation("a4"), journal.mark(ACCOUNT.name, NUMBER))


def test_an_outcome_that_could_not_be_recorded_is_recorded_with_the_next_write(journal, store):
    journal.begin(operation("a1", host=HERE))
    with store.broken(journal), pytest.raises(JournalError):
        journal.finish("a1", Outcome.VERIFIED, owned(), None)
    assert journal.mark(ACCOUNT.name, NUMBER) == 1
    journal.begin(operation("a2", number=OTHER))
    assert journal.get("a1").outcome is Outcome.VERIFIED


def test_threads_share_one_journal(journal):
    def both(name):
        journal.begin(operation(name))
        journal.finish(name, Outcome.VERIFIED, None, None)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(both, [f"a{at}" for at in range(60)]))
    assert {one.outcome for one in journal.operations()} == {Outcome.VERIFIED}
    assert len(journal.operations()) == 60


def test_another_journal_is_taken_in_before_what_is_here_and_once(journal, tmp_path):
    old = SqliteJournal(tmp_path / "old.db")
    for at in range(3):
        old.begin(operation(f"old{at}", host=HERE, until=WHEN + timedelta(hours=1)))
        old.finish(f"old{at}", Outcome.VERIFIED, owned(), None)
    journal.begin(operation("new", host=HERE))
    assert journal.take_in(old) == (3, 3)
    assert [one.id for one in journal.operations()] == ["new", "old2", "old1", "old0"]
    assert {end.operation for end in journal.ends()} == {"old0", "old1", "old2"}
    old.begin(operation("old3", host=HERE))
    assert journal.take_in(old) == (1, 4)
    assert len(journal.operations()) == 5
    old.close()
