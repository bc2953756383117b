"""Plan, preview and send the changes that a command asks for, or that the journal records."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

import click

from tui_numbers.cli import errors
from tui_numbers.cli.global_flags import Flags
from tui_numbers.cli.lookup import Found, find_all, named_numbers, parse_numbers
from tui_numbers.cli.options import WriteOptions
from tui_numbers.cli.runtime import Job, run
from tui_numbers.cli.terminal import can_ask
from tui_numbers.cli.write_dialogue import (
    Attempt,
    attempt_of,
    check_confirmed,
    confirm_changes,
    line_text,
    not_sent,
    show_plans,
    write_attempts,
)
from tui_numbers.domain.e164 import E164, international, is_e164
from tui_numbers.domain.numbers import OwnedNumber, Target
from tui_numbers.domain.operations import Action, Operation, Outcome
from tui_numbers.domain.temporary import zoned_words
from tui_numbers.providers.contract import ProviderInfo
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.batch import Batch, batch_of, spaced_seconds
from tui_numbers.services.due import IN_DEMO, NEEDS_RUNNER
from tui_numbers.services.input_parsing import InvalidInput
from tui_numbers.services.inventory import target_names
from tui_numbers.services.planning import (
    OwnedElsewhere,
    Plan,
    Result,
    Step,
    with_target_names,
)
from tui_numbers.services.preview import Prepare, Preview
from tui_numbers.services.routing import Names, with_names
from tui_numbers.services.settling import is_open
from tui_numbers.services.workspace import Workspace
from tui_numbers.wording.plans import duration_lines


class Order(Protocol):
    """What a command does to every number that it names."""

    @property
    def action(self) -> Action:
        """The journal's word for it."""

    @property
    def phones(self) -> Sequence[E164]:
        """The phone numbers that it points at, as far as they are written in full."""

    def check(self, workspace: Workspace, infos: Sequence[ProviderInfo]) -> None:
        """Raise ``InvalidInput`` where none of these providers can do it, before asking any."""

    async def named_at(self, workspace: Workspace, accounts: Iterable[str]) -> "Order":
        """Return the same once the names in it were looked up at these accounts.

        Raises:
            InvalidInput: A name is that of several targets, or of none.
        """
        ...

    def plan(self, workspace: Workspace, before: OwnedNumber, others: OwnedElsewhere) -> Plan:
        """Plan it for one number; raises ``InvalidInput`` where its provider cannot do it."""


@dataclass(frozen=True)
class ChangeRequest:
    """A change of numbers as the command line asks for it."""

    numbers: list[E164]
    order: Order
    options: WriteOptions
    until: datetime | None = None
    """When it is to be put back."""


def run_change(flags: Flags, numbers: Sequence[str], order: Order, options: dict[str, Any]) -> int:
    """Run a command that changes every number named."""
    asked = WriteOptions(**options)
    request = ChangeRequest(named_numbers(numbers), order, asked, asked.ends_at())

    async def work(job: Job) -> int:
        return await change(job, request)

    return run(flags, work)


def run_at_one_account(
    flags: Flags,
    what: str,
    numbers: Sequence[str],
    work: Callable[[Job, Sequence[E164]], Awaitable[int]],
) -> int:
    """Run a command that concerns numbers at the one account that ``--account`` names."""
    wanted = parse_numbers(numbers, short_codes=what != "buy")
    if len(set(flags.accounts)) != 1:
        raise click.UsageError(f"{what} works at one account: add --account NAME, once")
    return run(flags, lambda job: work(job, wanted))


async def change(job: Job, request: ChangeRequest) -> int:
    """Carry out a change; return the exit code."""
    workspace = job.session.workspace
    check_confirmed(job, request.options.confirmed)
    found = await _found(job, request)
    holders = dict.fromkeys(one.owned.account for one in found if one.owned is not None)
    order = await request.order.named_at(workspace, holders)
    request = replace(request, order=order)
    planned = await _plans(job, request, found, await _pointed_at(workspace, request))
    job.notices.clear()
    plans = [plan for plan in planned.values() if isinstance(plan, Plan)]
    several = len(request.numbers) > 1
    forbidden = {
        plan.number: job.session.writer.forbidden(plan, request.options.reason, several=several)
        for plan in plans
    }
    await _preview(job, request, planned, forbidden)
    if request.options.dry_run:
        results = [
            job.session.writer.planned(p, request.options.reason, several=several) for p in plans
        ]
    else:
        results = await _send(job, request, plans, forbidden)
    attempts = [entry for entry in planned.values() if isinstance(entry, Attempt)]
    attempts += [attempt_of(result, interactive=can_ask()) for result in results]
    place = {number: at for at, number in enumerate(request.numbers)}
    attempts.sort(key=lambda attempt: place[attempt.number])
    return write_attempts(attempts, request.options.form)


async def _found(job: Job, request: ChangeRequest) -> Sequence[Found]:
    """Look the numbers up; what no provider could do is refused, in the words of their own.

    Raises:
        InvalidInput: None of the providers can do it, or none of those that hold the numbers.
    """
    workspace = job.session.workspace
    infos = {account.name: workspace.info(account) for account in workspace.accounts}
    problem: InvalidInput | None = None
    try:
        request.order.check(workspace, list(infos.values()))
    except InvalidInput as error:
        if len({info.key for info in infos.values()}) == 1:
            raise
        problem = error
    job.notices.status(f"looking up {len(request.numbers)} numbers")
    found = await find_all(workspace, request.numbers)
    if problem is not None:
        job.notices.clear()
        holders = dict.fromkeys(one.owned.account for one in found if one.owned is not None)
        if holders:
            request.order.check(workspace, [infos[name] for name in holders])
        raise problem
    return found


_LONGEST_WAY = 12
"""How many numbers are looked up behind those that are to be pointed at."""


async def _pointed_at(workspace: Workspace, request: ChangeRequest) -> Sequence[Found]:
    """Look up the numbers that are to be pointed at, which may be owned and point back."""
    found: list[Found] = []
    wanted = set(request.order.phones) - set(request.numbers)
    passed = set(request.numbers)
    while wanted and len(passed) < len(request.numbers) + _LONGEST_WAY:
        passed |= wanted
        step = await find_all(workspace, sorted(wanted))
        found += step
        wanted = {
            E164(target.value)
            for one in step
            if one.owned is not None
            for target in one.owned.routing.values()
            if isinstance(target, Target) and is_e164(target.value)
        } - passed
    return found


async def _plans(
    job: Job, request: ChangeRequest, found: Sequence[Found], pointed_at: Sequence[Found]
) -> dict[E164, Plan | Attempt]:
    """Return the plan of each number, or why there is none."""
    workspace = job.session.workspace
    held = {one.number: one.owned for one in found if one.owned is not None}
    known = held | {one.number: one.owned for one in pointed_at if one.owned is not None}
    names: Names = {}
    if can_ask() and not request.options.yes:
        # Names are for the person who is about to be asked.
        names = await target_names(workspace, {owned.account for owned in held.values()})
    planned: dict[E164, Plan | Attempt] = {}
    problems: list[InvalidInput] = []
    for one in found:
        for line in one.notices:
            job.notices.once(line)
        if one.owned is None:
            planned[one.number] = not_sent(
                one.number, request.order.action, one.problem, code=one.code
            )
            continue
        before = with_names(one.owned, names)
        try:
            plan = request.order.plan(workspace, before, known.get)
        except InvalidInput as error:
            problems.append(error)
            planned[one.number] = _refused(request, before, str(error))
        else:
            planned[one.number] = replace(plan, until=request.until)
    if problems and len(problems) == len(held):
        raise problems[0]
    plans = [plan for plan in planned.values() if isinstance(plan, Plan)]
    previewed = await Preview(job.session.writer).of_all(plans)
    for plan, shown in zip(plans, previewed, strict=True):
        if isinstance(shown, Plan):
            planned[plan.number] = _named(shown, names)
        else:
            assert plan.before is not None
            attempt = _refused(request, plan.before, str(shown))
            planned[plan.number] = replace(attempt, code=errors.code_of_error(shown))
    return planned


def _refused(request: ChangeRequest, before: OwnedNumber, error: str) -> Attempt:
    return not_sent(
        before.number, request.order.action, error, account=before.account, before=before
    )


def _named(plan: Plan, names: Names) -> Plan:
    """Return the plan with the names of the targets that it leads from and to."""
    target, labels = plan.target, names.get(plan.account.name)
    if labels is None:
        return plan
    target = labels.of(target) if target is not None else None
    return replace(with_target_names(plan, labels.on), target=target)


async def _preview(
    job: Job,
    request: ChangeRequest,
    planned: dict[E164, Plan | Attempt],
    forbidden: dict[E164, str | None],
) -> None:
    plans = [plan for plan in planned.values() if isinstance(plan, Plan)]
    show_plans(job.notices, [(plan, forbidden[plan.number]) for plan in plans])
    tell_runner(job, plans)
    going = [plan for plan in plans if forbidden[plan.number] is None]
    for line in duration_lines(spaced_seconds(job.session.workspace, going)):
        job.notices.say(line_text(line))
    for entry in planned.values():
        if isinstance(entry, Attempt):
            at = f"{international(entry.number)} at {entry.account}: " if entry.account else ""
            job.notices.say(f"{at}{entry.error}")


async def _send(
    job: Job, request: ChangeRequest, plans: list[Plan], forbidden: dict[E164, str | None]
) -> list[Result]:
    to_send = [plan for plan in plans if plan.is_needed and forbidden[plan.number] is None]
    consent = confirm_changes(job, to_send, request.options)
    several = len(request.numbers) > 1
    return await send(
        job, Batch(job.session.writer, plans, consent, request.options.reason, several)
    )


_DONE = frozenset({Outcome.VERIFIED, Outcome.UNCHANGED})


async def send(job: Job, batch: Batch) -> list[Result]:
    """Apply plans; Ctrl+C sends nothing more and waits for what has been sent."""

    def interrupted(count: int) -> None:
        batch.cancel()
        if count == 1:
            job.notices.say("stopping: waiting until what was sent is read back and recorded")
        else:
            job.notices.say("Ctrl+C once more leaves at once; the history then says unknown")

    with job.signals.held(interrupted):
        results = await batch.run(on_step=step_reporter(job, quiet=not batch.consent.given))
    job.notices.clear()
    report_open_outcomes(job, results)
    bought = any(plan.action is Action.BUY for plan in batch.plans)
    if batch.is_recorded and not bought and not job.session.workspace.demo:
        if any(result.outcome not in _DONE for result in results):
            job.notices.say(f"to go on with the rest: tui-numbers resume {batch.id}")
        job.notices.say(f"to put all of it back: tui-numbers undo {batch.id}")
    if job.session.journal.note is not None:
        job.notices.once(job.session.journal.note)
    return results


def step_reporter(job: Job, *, quiet: bool) -> Step:
    """Return the callback that reports each step: on the status line, or a line each."""

    def tell(plan: Plan, word: str) -> None:
        line = f"{international(plan.number)}: {plan.action.value}: {word}"
        if job.notices.live:
            job.notices.status(line)
        elif not quiet:
            job.notices.say(line)

    return tell


def report_open_outcomes(job: Job, results: Iterable[Result]) -> None:
    """Say how to settle open outcomes; not in the demo, whose journal ends with it."""
    outcomes = {result.outcome for result in results}
    if job.session.workspace.demo:
        return
    if Outcome.UNKNOWN in outcomes:
        job.notices.say("it may have been done; to read it again: tui-numbers history --settle")
    if Outcome.PENDING in outcomes:
        job.notices.say(
            "it is accepted, so do not buy it again; to ask for it: tui-numbers history --settle"
        )


def tell_runner(job: Job, plans: Iterable[Plan]) -> None:
    """Say what puts temporary changes back, where there are any."""
    untils = {plan.until for plan in plans if plan.until is not None and plan.is_needed}
    if untils:
        told = ", ".join(zoned_words(until) for until in sorted(untils))
        needs = IN_DEMO if job.session.workspace.demo else NEEDS_RUNNER
        job.notices.say(f"until {told}; {needs}")


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
        consent = confirm_changes(job, to_send, options)
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
