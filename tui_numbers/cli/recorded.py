"""Plan and carry out what the journal holds, for `undo` and `resume`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tui_numbers.cli import errors
from tui_numbers.cli.runtime import Job
from tui_numbers.cli.terminal import can_ask
from tui_numbers.cli.write_results import Attempt, attempt_of, not_sent, write_attempts
from tui_numbers.cli.writes import confirm_changes, send, show_plans
from tui_numbers.domain.e164 import international
from tui_numbers.domain.operations import Action, Operation, Outcome
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.batch import Batch
from tui_numbers.services.input_parsing import InvalidInput
from tui_numbers.services.inventory import target_names
from tui_numbers.services.planning import Plan
from tui_numbers.services.preview import Prepare, Preview
from tui_numbers.services.resume import batch_of
from tui_numbers.services.routing import Names, with_names
from tui_numbers.services.settling import is_open


@dataclass(frozen=True)
class Again:
    """The options of a write that the journal tells."""

    reason: str = ""
    dry_run: bool = False
    yes: bool = False
    confirmed: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    form: str | None = None


Prepared = tuple[Operation, Plan | Attempt]


async def _batch(job: Job, identifier: str, what: str) -> list[Operation]:
    operations = await batch_of(job.session.journal, identifier)
    if not operations:
        raise InvalidInput(
            "identifier", f"the journal has no {what} {identifier!r}; see: tui-numbers history"
        )
    return operations


async def _prepare(
    job: Job,
    groups: Sequence[Sequence[Operation]],
    prepare: Prepare,
    action: Action | None,
) -> list[Prepared]:
    """Return for each number its plan, or why there is none."""
    job.notices.status(f"reading {len(groups)} numbers afresh")
    preview = Preview(job.session.workspace, job.session.journal)
    prepared: list[Prepared] = []
    entries = await preview.of_recorded(groups, prepare)
    for (latest, *_), entry in zip(groups, entries, strict=True):
        if isinstance(entry, Plan):
            prepared.append((latest, entry))
            continue
        why, code = str(entry), errors.REFUSED
        if isinstance(entry, ProviderError):
            why, code = f"not sent: {entry}", errors.of_error(entry)
        attempt = not_sent(
            latest.number, action or latest.action, why, account=latest.account, code=code
        )
        if action is None and is_open(latest):
            attempt = replace(attempt, outcome=Outcome.UNKNOWN, code=None)
        prepared.append((latest, attempt))
    job.notices.clear()
    return prepared


async def _carry_out(
    job: Job, prepared: Sequence[Prepared], again: Again, *, several: bool, batch: str | None
) -> int:
    changes = job.session.changes
    names: Names = {}
    if can_ask() and not again.yes:
        # Names are for the person who is about to be asked.
        accounts = {one.account for one, entry in prepared if isinstance(entry, Plan)}
        names = await target_names(job.session.workspace, accounts)
    planned = [
        (_named(entry, names), again.reason or (one.reason if batch else ""))
        for one, entry in prepared
        if isinstance(entry, Plan)
    ]
    plans = [plan for plan, _ in planned]
    reasons = [reason for _, reason in planned]
    forbidden = [changes.forbidden(plan, why, several=several) for plan, why in planned]
    show_plans(job.notices, list(zip(plans, forbidden, strict=True)))
    for _, entry in prepared:
        if isinstance(entry, Attempt):
            job.notices.say(f"{international(entry.number)} at {entry.account}: {entry.error}")
    if again.dry_run:
        results = [changes.planned(plan, why, several=several) for plan, why in planned]
    else:
        to_send = [
            plan for plan, no in zip(plans, forbidden, strict=True) if plan.is_needed and not no
        ]
        consent = confirm_changes(
            job, to_send, yes=again.yes, confirmed=again.confirmed, over=again.over
        )
        run = Batch(changes, plans, consent, again.reason, several, reasons=reasons)
        if batch is not None:
            run.id = batch
            run.resumes = [one for one, entry in prepared if isinstance(entry, Plan)]
        results = await send(job, run)
    found = iter([attempt_of(result, interactive=can_ask()) for result in results])
    attempts = [entry if isinstance(entry, Attempt) else next(found) for _, entry in prepared]
    return write_attempts(attempts, again.form)


def _named(plan: Plan, names: Names) -> Plan:
    before, requested = (one and with_names(one, names) for one in (plan.before, plan.requested))
    return replace(plan, before=before, requested=requested)
