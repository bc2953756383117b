"""Progress of writes on standard error."""

from tui_numbers.cli.running import Job
from tui_numbers.domain.e164 import international
from tui_numbers.services.changes import Step
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
