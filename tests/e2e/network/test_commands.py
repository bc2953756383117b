"""Every command, and every fault: exit code, words, requests and journal.

``list`` and ``retarget`` meet every fault. Each other command meets one fault of every kind, and
each fault a second read and a second write in turn: what a fault comes to is decided below the
commands, by its kind.
"""

import base64

import pytest

from tests.e2e.network import preparation
from tests.e2e.network.faults import FAULTS, Kind
from tests.e2e.network.line import SECRETS, UK
from tests.e2e.network.operations import (
    READS,
    WRITES,
    of_read,
    of_write_cut_off,
    of_write_hit,
    of_write_never_begun,
    pairs,
)
from tests.support.clock import age
from tui_numbers.sandbox.accounts import VONAGE_API_KEY, VONAGE_API_SECRET
from tui_numbers.services.paths import Paths

BASIC = base64.b64encode(f"{VONAGE_API_KEY}:{VONAGE_API_SECRET}".encode()).decode()
PATIENCE = 130
"""Seconds that nobody has to sit through longer than, whatever the command."""
RETARGET = WRITES[0]

# A write is never asked again, so what Retry-After says is of the retarget alone.
DISTINCT = tuple(fault for fault in FAULTS if fault.retry_after is None)
OF_READS = pairs(READS, FAULTS)
OF_WRITES = [
    (fault, operation)
    for fault, operation in pairs(WRITES, FAULTS)
    if operation is RETARGET or fault in DISTINCT
]

every_distinct_fault = pytest.mark.parametrize("fault", DISTINCT, ids=lambda fault: fault.name)


def reads_well(ran, fault):
    """What everything that a person reads has to be."""
    assert "Traceback" not in ran.said
    assert not any(secret in ran.said for secret in (*SECRETS, BASIC))
    assert "uk-sms" in ran.said
    assert fault.says in ran.said
    assert "try again" in ran.said or "check" in ran.said or "--settle" in ran.said
    assert ran.waited <= PATIENCE


@pytest.mark.parametrize(("fault", "operation"), OF_READS, ids=lambda one: one.name)
def test_a_read(line_for, fault, operation):
    line = line_for(fault)
    identifier = preparation.prepare(line, operation)
    expected = of_read(operation, fault)
    with fault.on(line):
        ran = preparation.run(line, operation, identifier)
    assert ran.code == expected.code, ran.said
    reads_well(ran, fault)
    assert line.proxy.writes() == []
    each = 1 if fault.once or fault.kind is Kind.NOT_LEFT else 4
    assert len(line.proxy.passed) <= each * operation.listings
    if expected.outcome:
        assert line.outcomes() == [expected.outcome]
    if operation.name in ("list", "history --settle"):
        assert preparation.run(line, operation).code == 0
        assert line.outcomes() == [expected.settled] * bool(expected.settled)


def written(line, fault, operation, expected, first, times):
    identifier = preparation.prepare(line, operation)
    before = line.outcomes()
    line.proxy.passed.clear()
    with fault.on(line, first, times):
        ran = preparation.run(line, operation, identifier)
    assert ran.code == expected.code, ran.said
    if expected.code:
        reads_well(ran, fault)
        assert operation.name == "buy" or UK in ran.said
    # Sent once, whatever came of it.
    assert len(line.proxy.writes()) <= 1
    assert len(line.made) == expected.made
    assert len(set(line.made)) == len(line.made)
    told = [row["outcome"] for row in ran.json]
    assert told == [expected.outcome or "failed"]
    assert line.outcomes() == [expected.outcome] * bool(expected.outcome) + before
    if expected.settled:
        assert "tui-numbers history --settle" in ran.err
        age(Paths.of_user().journal)
        settled = line.run("history", "--settle")
        assert (settled.code, line.outcomes()[0]) == (0, expected.settled), settled.said


@pytest.mark.parametrize(("fault", "operation"), OF_WRITES, ids=lambda one: one.name)
def test_a_write_that_is_hit(line_for, fault, operation):
    line = line_for(fault)
    first = preparation.write_at(line, operation)
    written(line, fault, operation, of_write_hit(operation, fault), first, 1)


@every_distinct_fault
def test_a_line_that_is_lost_with_the_write(line_for, fault):
    line = line_for(fault)
    first = preparation.write_at(line, RETARGET)
    written(line, fault, RETARGET, of_write_cut_off(RETARGET, fault), first, None)


@every_distinct_fault
def test_a_write_over_a_line_that_was_lost_before(line_for, fault):
    line = line_for(fault)
    written(line, fault, RETARGET, of_write_never_begun(RETARGET, fault), 0, None)
    assert line.proxy.writes() == []
