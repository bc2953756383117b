"""Progress of writes on standard error."""

from collections.abc import Iterable

from tui_numbers.cli.running import Job
from tui_numbers.domain.e164 import international
from tui_numbers.domain.operations import Outcome
from tui_numbers.services.changes import Result, Step
from tui_numbers.services.planning import Plan


def step_teller(job: Job, *, quiet: bool) -> Step:
    """Return what tells each step: the status line on a terminal, a line each elsewhere."""

    def tell(plan: Plan, word: str) -> None:
        line = f"{international(plan.number)}: {plan.action.value}: {word}"
        if job.notices.live:
            job.notices.status(line)
        elif not quiet:
            job.notices.say(line)

    return tell


def tell_unknown(job: Job, results: Iterable[Result]) -> None:
    """Say what to do about outcomes that nobody knows; the demo's journal is gone with it."""
    outcomes = {result.outcome for result in results}
    if job.session.workspace.demo:
        return
    if Outcome.UNKNOWN in outcomes:
        job.notices.say("it may have been done; to read it again: tui-numbers history --settle")
    if Outcome.PENDING in outcomes:
        job.notices.say(
            "it is bought, so do not buy it again; to look for it: tui-numbers history --settle"
        )
