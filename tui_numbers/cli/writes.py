"""The course of a write command: plan, preview, confirm, send, progress."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import click

from tui_numbers.cli import errors
from tui_numbers.cli.lookup import Found, find_all, first_able, phones_in
from tui_numbers.cli.options import Flags
from tui_numbers.cli.output import stock_place
from tui_numbers.cli.runtime import Job
from tui_numbers.cli.terminal import Notices, can_ask
from tui_numbers.cli.write_results import Attempt, attempt_of, not_sent, write_attempts
from tui_numbers.domain.e164 import E164, InvalidNumber, international, is_short_code, parse_number
from tui_numbers.domain.numbers import Channel, OwnedNumber
from tui_numbers.domain.operations import Action, Outcome
from tui_numbers.providers.contract import ProviderInfo
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.batch import Batch
from tui_numbers.services.config import nearest
from tui_numbers.services.input_parsing import (
    InvalidInput,
    change_notes,
    knows_kind,
    read_change,
    read_target,
)
from tui_numbers.services.inventory import target_names
from tui_numbers.services.planning import (
    Consent,
    OwnedElsewhere,
    Plan,
    Result,
    Step,
    plan_retarget,
    plan_set,
)
from tui_numbers.services.preview import Preview, Purse
from tui_numbers.services.routing import Names, with_names
from tui_numbers.services.settling import to_agree_to, words
from tui_numbers.services.workspace import Workspace
from tui_numbers.wording.plans import Line, plan_lines

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


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


def show_plans(notices: Notices, plans: Sequence[tuple[Plan, str | None]]) -> None:
    """Show each plan with why it is refused, if it is; several take one line each."""
    if len(plans) == 1:
        plan, refusal = plans[0]
        notices.say(f"{_who(plan)}")
        for line in _details(plan, refusal):
            notices.say(f"  {line}")
        return
    for plan, refusal in plans:
        notices.say(f"{_who(plan)}  {'; '.join(_details(plan, refusal, short=True))}")


def _who(plan: Plan) -> str:
    name = plan.before.name if plan.before is not None else None
    called = f" {name!r}" if name else ""
    return f"{international(plan.number)}{called} at {plan.account.name} ({plan.info.title})"


def _details(plan: Plan, refusal: str | None, *, short: bool = False) -> list[str]:
    lines = plan_lines(plan, refusal)
    if short:
        # What has no tone says how the change comes about.
        lines = [line for line in lines if line.tone or not line.label]
    return list(map(_line_text, lines))


def _line_text(line: Line) -> str:
    return f"{line.label}: {line.text}" if line.label else line.text


def show_purchase(notices: Notices, plan: Plan, known: Purse, refusal: str | None) -> None:
    """Show what is to be bought, what it costs and what is known of the account that pays."""
    assert plan.stock is not None
    notices.say(f"buy {international(plan.number)} at {plan.account.name} ({plan.info.title})")
    place = stock_place(plan.stock)
    for line in plan_lines(plan, refusal, known=known, place=place):
        notices.say(f"  {_line_text(line)}")


_MOST_BY_Y = 5


def confirm_changes(
    job: Job, plans: Sequence[Plan], *, yes: bool, confirmed: Sequence[str], over: Sequence[str]
) -> Consent:
    """Return what a person, or a script, agrees to for changes of settings."""
    named, agreed = frozenset(confirmed), frozenset(over)
    if not plans or not can_ask():
        return Consent(given=yes or not plans, production=named, over=agreed)
    given = yes or _agree(job, len(plans))
    return _all_of(job, plans, Consent(given, named, over=agreed))


def _agree(job: Job, count: int) -> bool:
    if count > _MOST_BY_Y:
        return job.ask(f"Type {count} to send these {count} changes: ") == str(count)
    what = "this change" if count == 1 else f"these {count} changes"
    return _is_yes(job.ask(f"Send {what}? [y/N] "))


def _is_yes(answer: str) -> bool:
    return answer.lower() in ("y", "yes")


def _all_of(job: Job, plans: Sequence[Plan], consent: Consent) -> Consent:
    """Return the consent with what a plain yes does not cover, as far as that is agreed to."""
    if not consent.given:
        return consent
    production = consent.production | _production(job, plans, consent.production)
    return replace(consent, production=production, over=consent.over | _over(job, plans, consent))


def _over(job: Job, plans: Sequence[Plan], consent: Consent) -> frozenset[str]:
    """Ask whether to write over the open operations that have not been named."""
    found = [one for plan in plans for one in to_agree_to(plan) if one.id not in consent.over]
    if not found:
        return frozenset()
    first = words(found[0])
    more = f", and {len(found) - 1} more like it" if found[1:] else ""
    agreed = _is_yes(job.ask(f"{first[0].upper()}{first[1:]}{more}. Send all the same? [y/N] "))
    return frozenset(one.id for one in found) if agreed else frozenset()


def _production(job: Job, plans: Sequence[Plan], named: frozenset[str]) -> frozenset[str]:
    """Ask for the name of each production account that has not been named."""
    open_ones = {plan.account.name for plan in plans if plan.account.production} - named
    return frozenset(
        name
        for name in sorted(open_ones)
        if job.ask(f"{name} is production: type its name to go on: ") == name
    )


def confirm_purchase(
    job: Job, plan: Plan, *, yes: bool, confirmed: Sequence[str], over: Sequence[str]
) -> Consent:
    """Return what is agreed to for a purchase."""
    consent = Consent(yes, frozenset(confirmed), over=frozenset(over))
    if not can_ask():
        return consent
    given = yes or _is_yes(job.ask("Buy it? This spends money and has no undo. [y/N] "))
    return _all_of(job, [plan], replace(consent, given=given))


def confirm_release(job: Job, plan: Plan, confirmed: Sequence[str], over: Sequence[str]) -> Consent:
    """Return what is agreed to for a release: only the whole number, given again, counts."""
    released: set[E164] = set()
    named: set[str] = set()
    for text in confirmed:
        number = _number(text, plan)
        if number is None:
            named.add(text)
        else:
            released.add(number)
    if plan.number not in released and can_ask():
        typed = _number(job.ask("Type the whole number again to give it up for good: "), plan)
        if typed is not None:
            released.add(typed)
    given = plan.number in released
    consent = Consent(given, frozenset(named), frozenset(released), frozenset(over))
    return _all_of(job, [plan], consent) if can_ask() else consent


def _number(text: str, plan: Plan) -> E164 | None:
    try:
        return parse_number(text, short_codes=is_short_code(plan.number))
    except InvalidNumber:
        return None


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

    def plan(self, workspace: Workspace, before: OwnedNumber, others: OwnedElsewhere) -> Plan:
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

    def plan(self, workspace: Workspace, before: OwnedNumber, others: OwnedElsewhere) -> Plan:
        """Plan to point one number there."""
        account = workspace.account(before.account)
        info = workspace.info(account)
        target = read_target(info, self.to, before.country)
        channel = Channel(self.channel) if self.channel else None
        return plan_retarget(account, info, before, target, channel, others)


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

    def plan(self, workspace: Workspace, before: OwnedNumber, others: OwnedElsewhere) -> Plan:
        """Plan to change one number."""
        account = workspace.account(before.account)
        info = workspace.info(account)
        change = read_change(info, self.assigned, self.cleared, before.country)
        plan = plan_set(account, info, before, change, others)
        notes = change_notes(info, self.assigned, before.country)
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
    preview = Preview(workspace, job.session.journal)
    for one in found:
        for line in one.notices:
            job.notices.once(line)
        if one.owned is None:
            planned[one.number] = not_sent(
                one.number, wanted.order.action, one.problem, code=one.code
            )
            continue
        before = with_names(one.owned, names)
        try:
            plan = wanted.order.plan(workspace, before, known.get)
            plan = _named(await preview.of(plan), names)
        except InvalidInput as error:
            problems.append(error)
            planned[one.number] = _refused(wanted, before, str(error))
        except ProviderError as error:
            code = errors.of_error(error)
            planned[one.number] = replace(_refused(wanted, before, str(error)), code=code)
        else:
            planned[one.number] = plan
    if problems and len(problems) == len(held):
        raise problems[0]
    return planned


def _refused(wanted: Wanted, before: OwnedNumber, error: str) -> Attempt:
    return not_sent(
        before.number, wanted.order.action, error, account=before.account, before=before
    )


def _named(plan: Plan, names: Names) -> Plan:
    """Return the plan with the names of the targets that it leads to."""
    if plan.requested is None:
        return plan
    target, labels = plan.target, names.get(plan.account.name)
    if target is not None and labels is not None:
        target = labels.of(target)
    return replace(plan, requested=with_names(plan.requested, names), target=target)


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


def run_trade(
    flags: Flags, what: str, number: str, work: "Callable[[Job, E164], Awaitable[int]]"
) -> int:
    """Run the work of a command that concerns one number at one account."""
    from tui_numbers.cli.lookup import numbers_of
    from tui_numbers.cli.runtime import run

    (wanted,) = numbers_of([number], short_codes=what != "buy")
    if len(set(flags.accounts)) != 1:
        raise click.UsageError(f"{what} works at one account: add --account NAME, once")
    return run(flags, lambda job: work(job, wanted))
