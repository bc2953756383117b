"""Ended at every step of a write: a change without a record is never left behind."""

import signal
import threading

import pytest

from tests.e2e.writes.killed import STEPS, WITHOUT_AN_ANSWER
from tests.support.clock import age
from tests.support.command_line import run
from tests.support.served import journal, start, writes
from tests.support.writes import PROVIDERS
from tui_numbers.domain.operations import Outcome
from tui_numbers.services.paths import Paths

TARGETS = {
    "parakeet": "user:{user}",
    "fonedynamics": "phone:+442079460999",
    "vonage": "phone:+442079460998",
}


def _killed(served, step, *words, turn=1):
    program = start(served, "tests.e2e.writes.killed", step, str(turn), *words)
    _, told = program.communicate(timeout=60)
    assert program.returncode == -9, told


def _world(served, provider, number):
    record = PROVIDERS[provider].record(served.sandbox.world, number)
    return record.target if provider == "parakeet" else record


CASES = [(step, list(TARGETS)[place % len(TARGETS)], place) for place, step in enumerate(STEPS)]


@pytest.mark.parametrize(("step", "provider", "place"), CASES, ids=str)
def test_a_retarget_is_never_without_a_record(served, step, provider, place):
    number = PROVIDERS[provider].owned(served.sandbox.world)[place]
    user = list(served.sandbox.world.parakeet.users)[7]
    before = _world(served, provider, number)
    words = ["retarget", number, "--to", TARGETS[provider].format(user=user), "--yes"]
    _killed(served, step, *words)
    changed = _world(served, provider, number) != before
    assert len(writes(served)) == changed
    operations = journal().operations()
    if step == "before the intention":
        assert (changed, operations) == (False, [])
        return
    (operation,) = operations
    assert operation.number == number
    known = step == "after the outcome"
    assert operation.outcome is (Outcome.VERIFIED if known else Outcome.UNKNOWN)
    assert changed is (step != "after the intention")
    ran = run("history", "--settle")
    if changed:
        assert (ran.code, ran.outcomes) == (0, ["verified"])
    else:
        assert (ran.code, ran.outcomes) == (5, ["unknown"])
        assert "too early, asked again at" in ran.err
        age(Paths.of_user().journal)
        ran = run("history", "--settle")
        assert (ran.code, ran.outcomes) == (0, ["failed"])
    assert len(writes(served)) == changed


def _heard(program, words):
    """Wait for a line that ends so."""
    patience = threading.Timer(60, program.kill)
    patience.start()
    try:
        assert any(line.rstrip().endswith(words) for line in program.stderr), words
    finally:
        patience.cancel()


@pytest.mark.parametrize(("name", "code", "place"), [("SIGINT", 130, 8), ("SIGTERM", 143, 9)])
def test_a_third_signal_leaves_a_write_unknown_until_it_is_settled(served, name, code, place):
    number = PROVIDERS["fonedynamics"].owned(served.sandbox.world)[place]
    words = ["retarget", number, "--to", "phone:+442079460555", "--yes"]
    with start(served, "tests.e2e.writes.killed", WITHOUT_AN_ANSWER, "1", *words) as program:
        _heard(program, WITHOUT_AN_ANSWER)
        for answer in (
            "stopping: waiting until what was sent is read back and recorded",
            "Ctrl+C once more leaves at once; the history then says unknown",
            "stopped; nothing further was sent",
        ):
            program.send_signal(getattr(signal, name))
            _heard(program, answer)
        assert program.wait(60) == code
    assert run("history").outcomes == ["unknown"]
    settled = run("history", "--settle")
    assert (settled.code, settled.outcomes) == (0, ["verified"])
    assert settled.json[0]["seen"]["routing"]["voice"]["value"] == "+442079460555"
    assert len(writes(served)) == 1


@pytest.mark.parametrize("step", ["after the intention", "before the answer"])
def test_a_batch_is_resumed_and_put_back(served, step):
    ledger = served.sandbox.world.fonedynamics.numbers
    owned = PROVIDERS["fonedynamics"].owned(served.sandbox.world)
    numbers = [number for number in owned if ledger.get(number).endpoint][:8]
    before = {number: ledger.get(number) for number in numbers}
    words = ["--to", "phone:+442079460777", "--yes", "--reason", "INC-9"]
    _killed(served, step, "retarget", *numbers, *words, turn=3)
    operations = journal().operations()
    assert {one.number for one in operations} == set(numbers)
    assert {one.outcome for one in operations} <= {
        Outcome.VERIFIED, Outcome.UNKNOWN, Outcome.REFUSED,
    }  # fmt: skip
    for one in operations:
        if ledger.get(one.number) != before[one.number]:
            assert one.outcome in (Outcome.VERIFIED, Outcome.UNKNOWN)
    (batch,) = {one.batch for one in operations}
    unsent = [row for row in run("history").json if "not sent" in (row["error"] or "")]
    # Four are sent at a time, and no more than two were done with when the third was come to.
    assert len(unsent) >= len(numbers) - 6 > 0
    sent = len(writes(served))
    resumed = run("resume", batch, "--yes")
    never_left = "unknown" in resumed.outcomes
    assert resumed.code == (5 if never_left else 0), resumed.err
    assert len(writes(served)) - sent == sum(row["outcome"] == "verified" for row in resumed.json)
    if never_left:
        age(Paths.of_user().journal)
        resumed = run("resume", batch, "--yes")
    assert resumed.code == 0, resumed.err
    assert {ledger.get(number).endpoint for number in numbers} == {"+442079460777"}
    assert {row["reason"] for row in run("history").json} == {"INC-9"}
    assert run("resume", batch, "--yes").err.startswith("everything in this batch was done")
    back = run("undo", batch, "--yes")
    assert back.code == 0, back.err
    assert len(back.json) == len(numbers)
    for number in numbers:
        assert ledger.get(number).endpoint == before[number].endpoint
