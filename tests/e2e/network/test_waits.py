"""How long a read waits in a storm of 429 or 503, whatever the provider asks for."""

import pytest

from tests.e2e.network.faults import FAULTS
from tests.e2e.network.line import ACCOUNT

STORMS = [fault for fault in FAULTS if fault.status and fault.retry_after != "120"]
BEYOND = [fault for fault in FAULTS if fault.retry_after == "120"]
ASKED = {"2": ((2, 2),) * 3, "+30": ((20, 30),)}
"""Least and most seconds of the waits that are asked for; reading a date takes its time too."""
OWN = ((0.375, 0.625), (0.75, 1.25), (1.5, 2.5))
"""Least and most seconds of each wait where nothing sensible is asked for."""


@pytest.mark.parametrize("fault", STORMS, ids=lambda fault: fault.name)
def test_waits_are_as_asked_or_grow_and_are_never_nothing(line, fault):
    wanted = ASKED.get(fault.retry_after, OWN)
    with fault.on(line):
        assert line.run("--account", ACCOUNT, "accounts", "check").code == 1
    waits = line.clock.slept
    assert len(line.proxy.passed) == (2 if fault.retry_after == "+30" else 4)
    assert all(seconds > 0 for seconds in waits)
    for one, (least, most) in zip(waits, wanted, strict=False):
        assert least <= one <= most


@pytest.mark.parametrize("fault", BEYOND, ids=lambda fault: fault.name)
def test_a_wait_beyond_patience_is_told_and_not_made(line, fault):
    with fault.on(line):
        ran = line.run("--account", ACCOUNT, "accounts", "check")
    assert line.clock.slept == []
    assert len(line.proxy.passed) == 1
    wanted = "try again in 120 s" if fault.status == 429 else "try again in a minute"
    assert wanted in ran.err


@pytest.mark.parametrize("status", [429, 503])
def test_a_storm_that_ends_is_not_even_a_failure(line, status):
    fault = next(one for one in FAULTS if one.status == status and one.retry_after == "2")
    with fault.on(line, times=3):
        ran = line.run("--account", ACCOUNT, "accounts", "check")
    assert (ran.code, len(line.proxy.passed)) == (0, 4)
    assert "uk-sms: waiting" in ran.err
