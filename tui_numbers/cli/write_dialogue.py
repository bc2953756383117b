"""Show what is to be written, ask for consent or take it from the options, print the results."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import click

from tui_numbers.cli import errors
from tui_numbers.cli.options import WriteOptions
from tui_numbers.cli.output import (
    RESULT_FIRST,
    Column,
    chosen_format,
    flat,
    headings,
    stock_place,
    write_csv,
    write_json,
    write_table,
)
from tui_numbers.cli.process import OutputLost, say
from tui_numbers.cli.runtime import Job
from tui_numbers.cli.terminal import Notices, can_ask
from tui_numbers.domain.e164 import E164, InvalidNumber, international, is_short_code, parse_number
from tui_numbers.domain.numbers import Channel, OwnedNumber
from tui_numbers.domain.operations import Action, Outcome
from tui_numbers.domain.records import result_states
from tui_numbers.domain.text import nearest
from tui_numbers.services.planning import Consent, Plan, Result
from tui_numbers.services.preview import Purse
from tui_numbers.services.routing import Names, labels_of, with_names
from tui_numbers.services.settling import describe_open, to_agree_to
from tui_numbers.services.temporary import to_ask_about, until_words
from tui_numbers.services.writes import NOT_CONFIRMED, new_identifier
from tui_numbers.wording.changes import moved_words
from tui_numbers.wording.plans import (
    ALREADY,
    UNTIL,
    Line,
    offer_words,
    plan_lines,
    purchase_lines,
    shared_warnings,
)
from tui_numbers.wording.values import UNKNOWN, delivery_words, outcome_tone

_MOST_CONFIRMED_BY_YES = 5


def confirm_changes(job: Job, plans: Sequence[Plan], options: WriteOptions) -> Consent:
    """Return what a person, or a script, agrees to for changes of settings."""
    consent = Consent(
        given=options.yes or not plans,
        production=frozenset(options.confirmed),
        over=frozenset(options.over),
    )
    if options.end is not None:
        consent = _with_ends(consent, plans, stand=options.end == "stands")
    if not plans or not can_ask():
        return consent
    given = options.yes or _ask_to_send(job, len(plans))
    return _with_explicit_consent(job, plans, replace(consent, given=given))


def _with_ends(consent: Consent, plans: Sequence[Plan], *, stand: bool) -> Consent:
    found = frozenset(end.operation for plan in plans for end in to_ask_about(plan))
    return replace(consent, standing=found) if stand else replace(consent, lifted=found)


def _ask_about_ends(job: Job, plans: Sequence[Plan], consent: Consent) -> Consent:
    """Ask whether earlier temporary changes still end; without an answer nothing is sent."""
    known = consent.standing | consent.lifted
    found = [one for plan in plans for one in to_ask_about(plan) if one.operation not in known]
    if not found:
        return consent
    first = until_words(found[0])
    more = f", and {len(found) - 1} more like it" if found[1:] else ""
    question = f"{first[0].upper()}{first[1:]}{more}. Put it back then all the same? [y/n] "
    answer = job.ask(question).lower()
    if answer not in ("y", "yes", "n", "no"):
        return consent
    return _with_ends(consent, plans, stand=answer.startswith("y"))


def _ask_to_send(job: Job, count: int) -> bool:
    if count > _MOST_CONFIRMED_BY_YES:
        return job.ask(f"Type {count} to send these {count} changes: ") == str(count)
    what = "this change" if count == 1 else f"these {count} changes"
    return _is_yes(job.ask(f"Send {what}? [y/N] "))


def _is_yes(answer: str) -> bool:
    return answer.lower() in ("y", "yes")


def _with_explicit_consent(job: Job, plans: Sequence[Plan], consent: Consent) -> Consent:
    """Ask for what a plain yes does not cover: production accounts and open operations."""
    if not consent.given:
        return consent
    consent = _ask_about_ends(job, plans, consent)
    production = consent.production | _ask_about_production(job, plans, consent.production)
    return replace(
        consent,
        production=production,
        over=consent.over | _ask_about_open_operations(job, plans, consent),
    )


def _ask_about_open_operations(job: Job, plans: Sequence[Plan], consent: Consent) -> frozenset[str]:
    """Ask whether to write over the open operations that have not been named."""
    found = [one for plan in plans for one in to_agree_to(plan) if one.id not in consent.over]
    if not found:
        return frozenset()
    first = describe_open(found[0])
    more = f", and {len(found) - 1} more like it" if found[1:] else ""
    agreed = _is_yes(job.ask(f"{first[0].upper()}{first[1:]}{more}. Send all the same? [y/N] "))
    return frozenset(one.id for one in found) if agreed else frozenset()


def _ask_about_production(job: Job, plans: Sequence[Plan], named: frozenset[str]) -> frozenset[str]:
    """Ask for the name of each production account that has not been named."""
    open_ones = {plan.account.name for plan in plans if plan.account.production} - named
    return frozenset(
        name
        for name in sorted(open_ones)
        if job.ask(f"{name} is production: type its name to go on: ") == name
    )


def confirm_purchases(
    job: Job, plans: Sequence[Plan], *, yes: bool, confirmed: Sequence[str], over: Sequence[str]
) -> Consent:
    """Return what is agreed to for purchases."""
    consent = Consent(yes, frozenset(confirmed), over=frozenset(over))
    if not can_ask():
        return consent
    given = yes or _ask_to_buy(job, plans)
    return _with_explicit_consent(job, plans, replace(consent, given=given))


def _ask_to_buy(job: Job, plans: Sequence[Plan]) -> bool:
    warned = "This spends money and has no undo."
    count = len(plans)
    if count > _MOST_CONFIRMED_BY_YES:
        return job.ask(f"{warned} Type {count} to buy these {count}: ") == str(count)
    what = "it" if count == 1 else f"these {count}"
    return _is_yes(job.ask(f"Buy {what}? {warned} [y/N] "))


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
    return _with_explicit_consent(job, [plan], consent) if can_ask() else consent


def _number(text: str, plan: Plan) -> E164 | None:
    try:
        return parse_number(text, short_codes=is_short_code(plan.number))
    except InvalidNumber:
        return None


def check_confirmed(job: Job, confirmed: Sequence[str]) -> None:
    """Raise ``click.UsageError`` where ``--confirm`` names no account in use."""
    known = [account.name for account in job.session.workspace.accounts]
    for name in confirmed:
        if name not in known:
            raise click.UsageError(f"--confirm: no account {name!r}; {nearest(name, known)}")


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
        lines = [line for line in lines if line.label != UNTIL and (line.tone or not line.label)]
    return list(map(line_text, lines))


def line_text(line: Line) -> str:
    """Return a line of a plan, its label before it."""
    return f"{line.label}: {line.text}" if line.label else line.text


def show_purchases(
    notices: Notices, plans: Sequence[tuple[Plan, str | None]], known: Purse
) -> None:
    """Show what is to be bought, what it costs and what is known of the account that pays."""
    for plan, refusal in plans:
        assert plan.stock is not None
        notices.say(f"buy {international(plan.number)} at {plan.account.name} ({plan.info.title})")
        if len(plans) > 1:
            notices.say(f"  {refusal or offer_words(plan.stock)}")
            continue
        place = stock_place(plan.stock)
        for line in plan_lines(plan, refusal, known=known, place=place):
            notices.say(f"  {line_text(line)}")
    if len(plans) > 1:
        asked = [plan for plan, refusal in plans if refusal is None]
        account = plans[0][0].account.name
        for line in (*purchase_lines(asked, {account: known}), *shared_warnings(asked)):
            notices.say(line_text(line))


ADD_YES = f"{NOT_CONFIRMED}: add --yes"


@dataclass(frozen=True)
class Attempt:
    """How the write of one number ended, in the words of the JSON record."""

    operation: str
    account: str | None
    number: E164
    action: Action
    outcome: Outcome
    before: OwnedNumber | None = None
    requested: OwnedNumber | None = None
    observed: OwnedNumber | None = None
    error: str | None = None
    channel: Channel = Channel.VOICE
    code: int | None = None
    """The exit code, where the outcome alone does not say it."""
    names: Names = field(default_factory=dict)
    """Names of targets, as the preview had them, for people."""

    @property
    def exit_code(self) -> int:
        """The exit code of a command that made this attempt alone."""
        return errors.code_of_outcome(self.outcome) if self.code is None else self.code

    @property
    def after(self) -> OwnedNumber | None:
        """The number as it was read back; as it would become, in a dry run."""
        return self.requested if self.outcome is Outcome.PLANNED else self.observed

    @property
    def record(self) -> dict[str, Any]:
        """The JSON record."""
        return {
            "operation": self.operation,
            "account": self.account,
            "number": self.number,
            "action": self.action.value,
            "outcome": self.outcome.value,
            **result_states(self._named(self.before), self._named(self.after)),
            "error": self.error,
        }

    def _named(self, number: OwnedNumber | None) -> OwnedNumber | None:
        return number and with_names(number, self.names)


def attempt_of(result: Result, *, interactive: bool) -> Attempt:
    """Return the attempt that a result of the write service makes."""
    error = result.error
    if error == NOT_CONFIRMED and not interactive:
        error = ADD_YES
    return Attempt(
        operation=result.operation,
        account=result.plan.account.name,
        number=result.plan.number,
        action=result.plan.action,
        outcome=result.outcome,
        before=result.before,
        requested=result.plan.requested,
        observed=result.observed,
        error=error,
        channel=result.plan.channel or Channel.VOICE,
        names=_names(result.plan),
    )


def _names(plan: Plan) -> Names:
    states = [state for state in (plan.before, plan.requested) if state is not None]
    return {plan.account.name: labels_of(states)}


def not_sent(
    number: E164,
    action: Action,
    error: str,
    *,
    account: str | None = None,
    before: OwnedNumber | None = None,
    code: int = errors.REFUSED,
) -> Attempt:
    """Return an attempt that ended before anything could be planned."""
    refused = code in (errors.REFUSED, errors.USAGE)
    outcome = Outcome.REFUSED if refused else Outcome.FAILED
    return Attempt(
        new_identifier(), account, number, action, outcome, before, error=error, code=code
    )


def _explanation(attempt: Attempt) -> str:
    shown = attempt.after or attempt.before
    if attempt.error or shown is None:
        return attempt.error or ""
    shown = with_names(shown, attempt.names)
    if attempt.action is Action.RELEASE and attempt.outcome is Outcome.VERIFIED:
        return f"{attempt.account} does not hold it any more"
    if attempt.action in (Action.SET, Action.UNDO) and attempt.before is not None:
        before = with_names(attempt.before, attempt.names)
        moved = moved_words(before, shown, settings=attempt.action is Action.SET)
        return moved or ALREADY
    return delivery_words(attempt.channel, shown.routing.get(attempt.channel))


def _tone(attempt: Attempt) -> str:
    return outcome_tone(attempt.outcome)


_COLUMNS: Sequence[Column[Attempt]] = (
    Column("Number", lambda attempt: international(attempt.number)),
    Column("Account", lambda attempt: attempt.account or UNKNOWN),
    Column("Outcome", lambda attempt: attempt.outcome.value, tone=_tone),
    Column("", _explanation),
)


def write_attempts(attempts: Iterable[Attempt], form: str | None) -> int:
    """Print what was done; return the exit code, which tells of that and not of the printing."""
    done = list(attempts)
    try:
        _print(done, chosen_format(form))
    except OutputLost as error:
        say(f"{error}; the history has it: tui-numbers history")
    return errors.code_of_outcomes(attempt.exit_code for attempt in done)


def write_stopped(notices: Notices, attempt: Attempt, form: str | None) -> int:
    """Say and print why nothing was planned; return the exit code."""
    notices.say(attempt.error or "")
    return write_attempts([attempt], form)


def _rows(done: Sequence[Attempt]) -> list[Attempt]:
    """Return the rows for people: a purchase that is pointed at its target as well is one."""
    rows: list[Attempt] = []
    for attempt in done:
        last = rows[-1] if rows else None
        if (
            last is not None
            and (last.action, attempt.action) == (Action.BUY, Action.RETARGET)
            and (last.account, last.number) == (attempt.account, attempt.number)
            and last.outcome is attempt.outcome is Outcome.VERIFIED
        ):
            rows[-1] = replace(attempt, action=Action.BUY)
        else:
            rows.append(attempt)
    return rows


def _print(done: Sequence[Attempt], form: str) -> None:
    match form:
        case "json":
            write_json([attempt.record for attempt in done])
        case "csv":
            rows = [flat(attempt.record) for attempt in done]
            write_csv(headings(RESULT_FIRST, rows), rows)
        case _:
            write_table(_COLUMNS, _rows(done))
