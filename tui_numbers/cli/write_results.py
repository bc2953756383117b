"""Print the results of a write command: one for each number, sent or not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tui_numbers.cli import errors
from tui_numbers.cli.output import (
    RESULT_FIRST,
    Column,
    chosen_format,
    flat,
    headings,
    write_csv,
    write_json,
    write_table,
)
from tui_numbers.cli.process import OutputLost, say
from tui_numbers.cli.terminal import Notices
from tui_numbers.domain.e164 import E164, international
from tui_numbers.domain.numbers import Channel, OwnedNumber
from tui_numbers.domain.operations import Action, Outcome
from tui_numbers.domain.records import result_states
from tui_numbers.services.planning import Plan, Result
from tui_numbers.services.routing import Names, labels_of, with_names
from tui_numbers.services.writes import NOT_CONFIRMED, new_identifier
from tui_numbers.wording.changes import moved_words
from tui_numbers.wording.plans import ALREADY
from tui_numbers.wording.values import UNKNOWN, delivery_words, outcome_tone

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
