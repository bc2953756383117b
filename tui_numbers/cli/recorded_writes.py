"""Plan and send writes that the journal records, for `undo` and `resume`."""

from collections.abc import Sequence
from dataclasses import replace

from tui_numbers.cli import errors
from tui_numbers.cli.confirm import confirm_changes
from tui_numbers.cli.options import WriteOptions
from tui_numbers.cli.runtime import Job
from tui_numbers.cli.terminal import can_ask
from tui_numbers.cli.write_results import Attempt, attempt_of, not_sent, write_attempts
from tui_numbers.cli.writes import send, show_plans
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

Prepared = tuple[Operation, Plan | Attempt]


async def operations_of(job: Job, identifier: str, what: str) -> list[Operation]:
    """Return the operations of a batch.

    Raises:
        InvalidInput: The journal has no such batch.
    """
    operations = await batch_of(job.session.journal, identifier)
    if not operations:
        raise InvalidInput(
            "identifier", f"the journal has no {what} {identifier!r}; see: tui-numbers history"
        )
    return operations


async def plan_all(
    job: Job,
    groups: Sequence[Sequence[Operation]],
    prepare: Prepare,
    action: Action | None,
) -> list[Prepared]:
    """Return the plan of each number, or why there is none."""
    job.notices.status(f"reading {len(groups)} numbers afresh")
    preview = Preview(job.session.writer)
    prepared: list[Prepared] = []
    entries = await preview.of_recorded(groups, prepare)
    for (latest, *_), entry in zip(groups, entries, strict=True):
        if isinstance(entry, Plan):
            prepared.append((latest, entry))
            continue
        why, code = str(entry), errors.REFUSED
        if isinstance(entry, ProviderError):
            why, code = f"not sent: {entry}", errors.code_of_error(entry)
        attempt = not_sent(
            latest.number, action or latest.action, why, account=latest.account, code=code
        )
        if action is None and is_open(latest):
            attempt = replace(attempt, outcome=Outcome.UNKNOWN, code=None)
        prepared.append((latest, attempt))
    job.notices.clear()
    return prepared


async def carry_out(
    job: Job,
    prepared: Sequence[Prepared],
    options: WriteOptions,
    *,
    several: bool,
    batch: str | None,
) -> int:
    """Show the plans, send what is agreed to, and print the results; return the exit code.

    ``batch`` is the one that is gone on with, or None where a new one is made.
    """
    writer = job.session.writer
    names = await _names_to_show(job, prepared, options)
    planned = [
        (_named(entry, names), options.reason or (one.reason if batch else ""))
        for one, entry in prepared
        if isinstance(entry, Plan)
    ]
    plans = [plan for plan, _ in planned]
    reasons = [reason for _, reason in planned]
    forbidden = [writer.forbidden(plan, why, several=several) for plan, why in planned]
    show_plans(job.notices, list(zip(plans, forbidden, strict=True)))
    for _, entry in prepared:
        if isinstance(entry, Attempt):
            job.notices.say(f"{international(entry.number)} at {entry.account}: {entry.error}")
    if options.dry_run:
        results = [writer.planned(plan, why, several=several) for plan, why in planned]
    else:
        to_send = [
            plan for plan, no in zip(plans, forbidden, strict=True) if plan.is_needed and not no
        ]
        consent = confirm_changes(
            job,
            to_send,
            yes=options.yes,
            confirmed=options.confirmed,
            over=options.over,
            end=options.end,
        )
        run = Batch(writer, plans, consent, options.reason, several, reasons=reasons)
        if batch is not None:
            run.id = batch
            run.resumes = [one for one, entry in prepared if isinstance(entry, Plan)]
        results = await send(job, run)
    found = iter([attempt_of(result, interactive=can_ask()) for result in results])
    attempts = [entry if isinstance(entry, Attempt) else next(found) for _, entry in prepared]
    return write_attempts(attempts, options.form)


async def _names_to_show(job: Job, prepared: Sequence[Prepared], options: WriteOptions) -> Names:
    """Return the names of targets, which only a person who is about to be asked needs."""
    if options.yes or not can_ask():
        return {}
    accounts = {one.account for one, entry in prepared if isinstance(entry, Plan)}
    return await target_names(job.session.workspace, accounts)


def _named(plan: Plan, names: Names) -> Plan:
    before, requested = (one and with_names(one, names) for one in (plan.before, plan.requested))
    return replace(plan, before=before, requested=requested)
