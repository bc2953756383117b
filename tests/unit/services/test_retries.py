from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from tui_numbers.domain.accounts import Account
from tui_numbers.domain.query import Total
from tui_numbers.providers.contract import Page
from tui_numbers.providers.errors import (
    BadReply,
    CredentialsRejected,
    ListingIncomplete,
    NoAnswer,
    RateLimited,
    ServerFault,
    Unreachable,
)
from tui_numbers.providers.pacing import Timing
from tui_numbers.services.inventory import (
    AccountDone,
    AccountFailed,
    owned_with_retries,
    pause_after,
    targets_with_retries,
)

DESK = Account("desk", "x", {})
PASSING = (Unreachable("x"), NoAnswer("x"), BadReply("x"), ServerFault("x"), RateLimited("x"))
LASTING = (CredentialsRejected("x"), ListingIncomplete("x"))


@dataclass
class Failing:
    """An account that fails so often in a certain way, and a clock that notes the pauses."""

    error: Exception
    times: int
    slept: list = field(default_factory=list)

    async def owned(self, query):
        self._fail()
        yield Page((), Total(0))

    async def targets(self, number):
        self._fail()
        yield Page(())

    def _fail(self):
        self.times -= 1
        if self.times >= 0:
            raise self.error

    async def client(self, account):
        return self

    async def sleep(self, seconds):
        self.slept.append(seconds)

    @property
    def http(self):
        return SimpleNamespace(timing=Timing(sleep=self.sleep))


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
async def test_what_may_pass_is_asked_again_ever_more_seldom(error):
    failing = Failing(error, 7)
    events = [event async for event in owned_with_retries(failing, [DESK])]
    again = [event.again for event in events if isinstance(event, AccountFailed)]
    assert again == failing.slept == [5, 10, 20, 40, 60, 60, 60]
    assert isinstance(events[-1], AccountDone)


@pytest.mark.parametrize("error", LASTING, ids=lambda error: type(error).__name__)
async def test_what_no_waiting_changes_is_not(error):
    failing = Failing(error, 1)
    (event,) = [event async for event in owned_with_retries(failing, [DESK])]
    assert (event.error, event.again, failing.slept) == (error, None, [])
    failing = Failing(error, 1)
    with pytest.raises(type(error)):
        await targets_with_retries(failing, DESK, lambda error: None)
    assert failing.slept == []


async def test_a_first_failure_of_targets_is_told_and_the_others_are_not():
    told = []
    failing = Failing(NoAnswer("x"), 3)
    assert await targets_with_retries(failing, DESK, told.append) == ()
    assert (told, failing.slept) == ([failing.error], [5, 10, 20])


@pytest.mark.parametrize(("asked", "pause"), [(None, 5), (2, 5), (90, 90), (80_000, 3600)])
def test_an_account_is_not_asked_sooner_than_it_asks_for(asked, pause):
    assert pause_after(1, RateLimited("x", retry_after=asked)) == pause
