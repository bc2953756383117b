"""Reading a number back after a write: until it shows what was asked, or patience ends."""

from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.domain.operations import Outcome
from tui_numbers.providers.contract import Provider
from tui_numbers.providers.errors import ProviderError
from tui_numbers.providers.pacing import Timing
from tui_numbers.services.planning import Plan
from tui_numbers.services.verdict import Verdict, judge

_WAITS = (0.0, 0.3, 0.7, 1.0, 2.0, 3.0, 3.0)
"""Seconds before each read-back: ten in all."""
_PATIENCE = 10.0
"""Seconds after which no further read-back begins, since one alone may wait for minutes."""


async def read_back(
    client: Provider, plan: Plan, fresh: OwnedNumber | None, timing: Timing
) -> tuple[Verdict | None, OwnedNumber | None, str]:
    """Read until the number shows what was asked, for ten seconds at most.

    ``fresh`` is the number just before the write, None where it was not owned.

    Returns:
        The verdict on the last reading and that reading; a verdict of None with the reason, where
        there is no reading at all.
    """
    verdict: Verdict | None = None
    seen: OwnedNumber | None = None
    failure = ""
    started = timing.now()
    for wait in _WAITS:
        if timing.now() - started > _PATIENCE:
            break
        if wait:
            await timing.sleep(wait)
        try:
            seen = await client.find(plan.number, fresh)
        except ProviderError as error:
            failure = error.message
            continue
        verdict = judge(plan, fresh, seen)
        if verdict.outcome is not Outcome.DIFFERENT:
            break
    return verdict, seen, failure
