"""Several plans as one batch: side by side within bounds, each with its own outcome."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tui_numbers.domain.operations import Outcome
from tui_numbers.services.changes import Changes, Consent, Result, Step
from tui_numbers.services.identity import new_identifier
from tui_numbers.services.planning import Plan

_AT_ONCE_PER_ACCOUNT = 4

NOT_SENT = "not sent: the rest was cancelled"


@dataclass
class Batch:
    """One run over several plans; a failure in the middle stops nothing else."""

    changes: Changes
    plans: Sequence[Plan]
    consent: Consent
    reason: str = ""
    several: bool | None = None
    """Whether several numbers were named, where that is not the number of plans."""
    id: str = field(default_factory=new_identifier)
    _cancelled: bool = False

    def cancel(self) -> None:
        """Send nothing more; what has been sent is still read back and recorded."""
        self._cancelled = True

    async def run(
        self,
        on_result: Callable[[int, Result], None] = lambda place, result: None,
        on_step: Step = lambda plan, step: None,
    ) -> list[Result]:
        """Apply every plan; the results stand in the order of the plans."""
        several = len(self.plans) > 1 if self.several is None else self.several
        turns = {plan.account.name: asyncio.Semaphore(_AT_ONCE_PER_ACCOUNT) for plan in self.plans}

        async def one(place: int, plan: Plan) -> Result:
            async with turns[plan.account.name]:
                if self._cancelled:
                    result = Result(
                        new_identifier(), plan, Outcome.REFUSED, plan.seen, None, NOT_SENT
                    )
                else:
                    result = await self.changes.apply(
                        plan,
                        self.consent,
                        reason=self.reason,
                        batch=self.id,
                        several=several,
                        on_step=on_step,
                    )
            on_result(place, result)
            return result

        return list(await asyncio.gather(*(one(*entry) for entry in enumerate(self.plans))))
