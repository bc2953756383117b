"""Finding the numbers that a command names: exactly one account must hold each."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tui_numbers.cli import exits
from tui_numbers.cli.wording import failure_line, failure_lines
from tui_numbers.domain.e164 import E164, EXAMPLE, is_short_code
from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.inventory import Lookup, find_number
from tui_numbers.services.workspace import Workspace

_AT_ONCE = 8


@dataclass(frozen=True)
class Found:
    """One number as it was read afresh, or why it cannot be used."""

    number: E164
    owned: OwnedNumber | None = None
    problem: str = ""
    code: int = exits.DONE
    failures: Mapping[str, ProviderError] = field(default_factory=dict)

    @property
    def notices(self) -> list[str]:
        """Lines on accounts that could not say whether they hold it, where another one does."""
        return failure_lines(self.failures) if self.owned is not None else []


async def find_all(workspace: Workspace, numbers: Sequence[E164]) -> list[Found]:
    """Read several numbers afresh, at every account."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one(number: E164) -> Found:
        async with turns:
            return judged(workspace, number, await find_number(workspace, number))

    return list(await asyncio.gather(*map(one, numbers)))


def judged(workspace: Workspace, number: E164, lookup: Lookup) -> Found:
    """Say what a lookup means for a command that needs exactly one holder."""
    failures = lookup.failures
    if len(lookup.found) == 1:
        return Found(number, lookup.found[0], failures=failures)
    if lookup.found:
        holders = " and ".join(owned.account for owned in lookup.found)
        problem = f"{number} is held by {holders}: name one with --account"
        return Found(number, None, problem, exits.REFUSED, failures)
    asked = [account.name for account in workspace.accounts]
    if len(failures) == len(asked):
        problem = "; ".join(failure_line(*entry) for entry in failures.items())
        return Found(number, None, problem, exits.of_failures(failures.values()), failures)
    answered = [name for name in asked if name not in failures]
    problem = f"{number} is not held by {', '.join(answered)}"
    if is_short_code(number) and not failures:
        problem = (
            f"{str(number)!r} is not a complete phone number, and as a short code it is not held "
            f"by {', '.join(answered)}: write it with + and its country code, such as {EXAMPLE}"
        )
        return Found(number, None, problem, exits.USAGE)
    if failures:
        problem += f"; not known, without an answer: {'; '.join(failure_lines(failures))}"
    return Found(number, None, problem, exits.REFUSED, failures)
