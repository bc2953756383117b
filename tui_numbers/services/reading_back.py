"""Reading a number back after a write: until it shows what was asked, or patience ends."""

from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.domain.operations import Outcome
from tui_numbers.providers.contract import Provider
from tui_numbers.providers.errors import ProviderError
from tui_numbers.providers.pacing import Timing
from tui_numbers.services.planning import Plan
from tui_numbers.services.verdict import Verdict, after_sending

_WAITS = (0.0, 0.3, 0.7, 1.0, 2.0, 3.0, 3.0)
"""Seconds before each read-back: ten in all."""
_MAY_COME = frozenset({Outcome.DIFFERENT, Outcome.PENDING})
"""What the next reading may improve."""
_PATIENCE = 10.0
"""Seconds after which no further read-back begins, since one alone may wait for minutes."""


async def read_back(
    client: Provider,
    plan: Plan,
    fresh: OwnedNumber | None,
    timing: Timing,
    *,
    patient: bool = True,
) -> tuple[Verdict | None, OwnedNumber | None, str]:
    """Read until the number shows what was asked, for ten seconds at most, or once.

    ``fresh`` is the number just before the write, None where it was not owned.

    Returns:
        The verdict on the last reading and that reading; a verdict of None with the reason, where
        there is no reading at all.
    """
    verdict: Verdict | None = None
    seen: OwnedNumber | None = None
    failure = ""
    started = timing.now()
    for wait in _WAITS if patient else _WAITS[:1]:
        if timing.now() - started > _PATIENCE:
            break
        if wait:
            await timing.sleep(wait)
        try:
            seen = await client.find(plan.number, fresh)
        except ProviderError as error:
            failure = error.message
            continue
        verdict = after_sending(plan, fresh, seen)
        if verdict.outcome not in _MAY_COME:
            break
    return verdict, seen, failure
