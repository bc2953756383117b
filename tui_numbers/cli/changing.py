"""What stands behind ``retarget`` and ``set``: look up, plan, show, ask, send, report."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import click

from tui_numbers.cli import exits
from tui_numbers.cli.attempts import Attempt, attempt_of, not_sent, write_attempts
from tui_numbers.cli.choices import first_able, phones_in
from tui_numbers.cli.confirming import confirm_changes
from tui_numbers.cli.lookup import Found, find_all
from tui_numbers.cli.previewing import show_plans
from tui_numbers.cli.running import Job
from tui_numbers.cli.stepping import step_teller, tell_unknown
from tui_numbers.cli.terminal import can_ask
from tui_numbers.domain.e164 import E164, international
from tui_numbers.domain.numbers import Channel, OwnedNumber
from tui_numbers.domain.operations import Action, Outcome
from tui_numbers.providers.contract import ProviderInfo
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.batch import Batch
from tui_numbers.services.changes import Result
from tui_numbers.services.config import nearest
from tui_numbers.services.labels import Names, target_names, with_names
from tui_numbers.services.planning import OwnedElsewhere, Plan, plan_retarget, plan_set
from tui_numbers.services.preview import Preview
from tui_numbers.services.unsettled import with_unsettled
from tui_numbers.services.values import (
    InvalidInput,
    change_notes,
    knows_kind,
    read_change,
    read_target,
)
from tui_numbers.services.workspace import Workspace

_DONE = frozenset({Outcome.VERIFIED, Outcome.UNCHANGED})


class Order(Protocol):
    """What is to be done to every number named."""

    @property
    def action(self) -> Action:
        """The journal's word for it."""

    @property
    def phones(self) -> Sequence[E164]:
        """The phone numbers that it points at, as far as they are written in full."""

    def check(self, infos: Sequence[ProviderInfo]) -> None:
        """Raise ``InvalidInput`` where none of these providers can do it, before asking any."""

    def plan(self, workspace: Workspace, seen: OwnedNumber, others: OwnedElsewhere) -> Plan:
        """Plan it for one number; raises ``InvalidInput`` where its provider cannot do it."""


@dataclass(frozen=True)
class RetargetOrder:
    """Point a channel at a target."""

    to: str
    channel: str | None
    action = Action.RETARGET

    @property
    def phones(self) -> Sequence[E164]:
        """The phone number in the target."""
        return phones_in([self.to])

    def check(self, infos: Sequence[ProviderInfo]) -> None:
        """Raise ``InvalidInput`` where no provider can point at the target."""
        # Those that know the kind have more to say about its value than the others.
        knowing = [info for info in infos if knows_kind(info, self.to)]
        first_able(knowing or infos, lambda info: read_target(info, self.to))

    def plan(self, workspace: Workspace, seen: OwnedNumber, others: OwnedElsewhere) -> Plan:
        """Plan to point one number there."""
        account = workspace.account(seen.account)
        info = workspace.info(account)
        target = read_target(info, self.to, seen.country)
        channel = Channel(self.channel) if self.channel else None
        return plan_retarget(account, info, seen, target, channel, others)


@dataclass(frozen=True)
class SetOrder:
    """Set and clear settings."""

    assigned: dict[str, str]
    cleared: tuple[str, ...]
    action = Action.SET

    @property
    def phones(self) -> Sequence[E164]:
        """The phone numbers among the values."""
        return phones_in(self.assigned.values())

    def check(self, infos: Sequence[ProviderInfo]) -> None:
        """Raise ``InvalidInput`` where no provider has these settings with such values."""
        known = {setting.key for info in infos for setting in info.settings}
        for key in (*self.assigned, *self.cleared):
            if key not in known:
                raise InvalidInput(key, f"no setting {key!r}; {nearest(key, known)}")
        keys = {*self.assigned, *self.cleared}
        # Those that have the most of these settings have the most to say about them.
        had = {info.key: len(keys & {spec.key for spec in info.settings}) for info in infos}
        most = [info for info in infos if had[info.key] == max(had.values())]
        first_able(most, lambda info: read_change(info, self.assigned, self.cleared, None))

    def plan(self, workspace: Workspace, seen: OwnedNumber, others: OwnedElsewhere) -> Plan:
        """Plan to change one number."""
        account = workspace.account(seen.account)
        info = workspace.info(account)
        change = read_change(info, self.assigned, self.cleared, seen.country)
        plan = plan_set(account, info, seen, change, others)
        notes = change_notes(info, self.assigned, seen.country)
        return replace(plan, warnings=tuple(dict.fromkeys((*notes, *plan.warnings))))


@dataclass(frozen=True)
class Wanted:
    """A change of numbers as the command line asks for it."""

    numbers: list[E164]
    order: Order
    reason: str = ""
    dry_run: bool = False
    yes: bool = False
    confirmed: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    form: str | None = None


async def change(job: Job, wanted: Wanted) -> int:
    """Carry out a change; return the exit code."""
    workspace = job.session.workspace
    check_confirmed(job, wanted.confirmed)
    found = await _found(job, wanted)
    planned = await _plans(job, wanted, found, await _pointed_at(workspace, wanted))
    job.notices.clear()
    plans = [plan for plan in planned.values() if isinstance(plan, Plan)]
    several = len(wanted.numbers) > 1
    forbidden = {
        plan.number: job.session.changes.forbidden(plan, wanted.reason, several=several)
        for plan in plans
    }
    await _preview(job, wanted, planned, forbidden)
    if wanted.dry_run:
        results = [job.session.changes.planned(p, wanted.reason, several=several) for p in plans]
    else:
        results = await _send(job, wanted, plans, forbidden)
    attempts = [entry for entry in planned.values() if isinstance(entry, Attempt)]
    attempts += [attempt_of(result, interactive=can_ask()) for result in results]
    place = {number: at for at, number in enumerate(wanted.numbers)}
    attempts.sort(key=lambda attempt: place[attempt.number])
    return write_attempts(attempts, wanted.form)


async def _found(job: Job, wanted: Wanted) -> Sequence[Found]:
    """Look the numbers up; what no provider could do is refused, in the words of their own.

    Raises:
        InvalidInput: None of the providers can do it, or none of those that hold the numbers.
    """
    workspace = job.session.workspace
    infos = {account.name: workspace.info(account) for account in workspace.accounts}
    problem: InvalidInput | None = None
    try:
        wanted.order.check(list(infos.values()))
    except InvalidInput as error:
        if len({info.key for info in infos.values()}) == 1:
            raise
        problem = error
    job.notices.status(f"looking up {len(wanted.numbers)} numbers")
    found = await find_all(workspace, wanted.numbers)
    if problem is not None:
        job.notices.clear()
        holders = dict.fromkeys(one.owned.account for one in found if one.owned is not None)
        if holders:
            wanted.order.check([infos[name] for name in holders])
        raise problem
    return found


def check_confirmed(job: Job, confirmed: Sequence[str]) -> None:
    """Raise ``click.UsageError`` where ``--confirm`` names no account in use."""
    known = [account.name for account in job.session.workspace.accounts]
    for name in confirmed:
        if name not in known:
            raise click.UsageError(f"--confirm: no account {name!r}; {nearest(name, known)}")


async def _pointed_at(workspace: Workspace, wanted: Wanted) -> Sequence[Found]:
    """Look up the numbers that are to be pointed at, which may be owned and point back."""
    return await find_all(workspace, sorted(set(wanted.order.phones) - set(wanted.numbers)))


async def _plans(
    job: Job, wanted: Wanted, found: Sequence[Found], pointed_at: Sequence[Found]
) -> "dict[E164, Plan | Attempt]":
    """Return for each number its plan, or why there is none."""
    workspace = job.session.workspace
    held = {one.number: one.owned for one in found if one.owned is not None}
    known = held | {one.number: one.owned for one in pointed_at if one.owned is not None}
    names: Names = {}
    if can_ask() and not wanted.yes:
        # Names are for the person who is about to be asked.
        names = await target_names(workspace, {owned.account for owned in held.values()})
    planned: dict[E164, Plan | Attempt] = {}
    problems: list[InvalidInput] = []
    preview = Preview(workspace)
    for one in found:
        for line in one.notices:
            job.notices.once(line)
        if one.owned is None:
            planned[one.number] = not_sent(
                one.number, wanted.order.action, one.problem, code=one.code
            )
            continue
        seen = with_names(one.owned, names)
        try:
            plan = wanted.order.plan(workspace, seen, known.get)
            plan = _named(await preview.of(plan), names)
            plan = await with_unsettled(workspace, job.session.journal, plan)
        except InvalidInput as error:
            problems.append(error)
            planned[one.number] = _refused(wanted, seen, str(error))
        except ProviderError as error:
            code = exits.of_error(error)
            planned[one.number] = replace(_refused(wanted, seen, str(error)), code=code)
        else:
            planned[one.number] = plan
    if problems and len(problems) == len(held):
        raise problems[0]
    return planned


def _refused(wanted: Wanted, seen: OwnedNumber, error: str) -> Attempt:
    return not_sent(seen.number, wanted.order.action, error, account=seen.account, before=seen)


def _named(plan: Plan, names: Names) -> Plan:
    """Return the plan with the names of the targets that it leads to."""
    if plan.after is None:
        return plan
    target, labels = plan.target, names.get(plan.account.name)
    if target is not None and labels is not None:
        target = labels.of(target)
    return replace(plan, after=with_names(plan.after, names), target=target)


async def _preview(
    job: Job,
    wanted: Wanted,
    planned: "dict[E164, Plan | Attempt]",
    forbidden: dict[E164, str | None],
) -> None:
    plans = [plan for plan in planned.values() if isinstance(plan, Plan)]
    show_plans(job.notices, [(plan, forbidden[plan.number]) for plan in plans])
    for entry in planned.values():
        if isinstance(entry, Attempt):
            at = f"{international(entry.number)} at {entry.account}: " if entry.account else ""
            job.notices.say(f"{at}{entry.error}")


async def _send(
    job: Job, wanted: Wanted, plans: list[Plan], forbidden: dict[E164, str | None]
) -> list[Result]:
    to_send = [plan for plan in plans if plan.is_needed and forbidden[plan.number] is None]
    consent = confirm_changes(
        job, to_send, yes=wanted.yes, confirmed=wanted.confirmed, over=wanted.over
    )
    several = len(wanted.numbers) > 1
    return await send(job, Batch(job.session.changes, plans, consent, wanted.reason, several))


async def send(job: Job, batch: Batch) -> list[Result]:
    """Apply plans; Ctrl+C sends nothing more and waits for what has been sent."""

    def interrupted(count: int) -> None:
        batch.cancel()
        if count == 1:
            job.notices.say("stopping: waiting until what was sent is read back and recorded")
        else:
            job.notices.say("Ctrl+C once more leaves at once; the history then says unknown")

    with job.signals.held(interrupted):
        results = await batch.run(on_step=step_teller(job, quiet=not batch.consent.given))
    job.notices.clear()
    tell_unknown(job, results)
    if batch.is_recorded and not job.session.workspace.demo:
        if any(result.outcome not in _DONE for result in results):
            job.notices.say(f"to go on with the rest: tui-numbers resume {batch.id}")
        job.notices.say(f"to put all of it back: tui-numbers undo {batch.id}")
    if job.session.journal.note is not None:
        job.notices.once(job.session.journal.note)
    return results
