"""Questions before a write. The default is always no, and a script must say yes itself."""

from collections.abc import Sequence

from tui_numbers.cli.running import Job
from tui_numbers.cli.terminal import can_ask
from tui_numbers.domain.e164 import E164, InvalidNumber, is_short_code, parse_number
from tui_numbers.services.changes import Consent
from tui_numbers.services.planning import Plan

_MOST_BY_Y = 5


def confirm_changes(
    job: Job, plans: Sequence[Plan], *, yes: bool, confirmed: Sequence[str]
) -> Consent:
    """Return what a person, or a script, agrees to for changes of settings."""
    named = frozenset(confirmed)
    if not plans or not can_ask():
        return Consent(given=yes or not plans, production=named)
    given = yes or _agree(job, len(plans))
    return Consent(given, named | _production(job, plans, named) if given else named)


def _agree(job: Job, count: int) -> bool:
    if count > _MOST_BY_Y:
        return job.ask(f"Type {count} to send these {count} changes: ") == str(count)
    what = "this change" if count == 1 else f"these {count} changes"
    return _is_yes(job.ask(f"Send {what}? [y/N] "))


def _is_yes(answer: str) -> bool:
    return answer.lower() in ("y", "yes")


def _production(job: Job, plans: Sequence[Plan], named: frozenset[str]) -> frozenset[str]:
    """Ask for the name of each production account that has not been named."""
    open_ones = {plan.account.name for plan in plans if plan.account.production} - named
    return frozenset(
        name
        for name in sorted(open_ones)
        if job.ask(f"{name} is production: type its name to go on: ") == name
    )


def confirm_purchase(job: Job, plan: Plan, *, yes: bool, confirmed: Sequence[str]) -> Consent:
    """Return what is agreed to for a purchase."""
    named = frozenset(confirmed)
    if not can_ask():
        return Consent(yes, named)
    given = yes or _is_yes(job.ask("Buy it? This spends money and has no undo. [y/N] "))
    return Consent(given, named | _production(job, [plan], named) if given else named)


def confirm_release(job: Job, plan: Plan, confirmed: Sequence[str]) -> Consent:
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
    production = frozenset(named)
    if given and can_ask():
        production |= _production(job, [plan], production)
    return Consent(given, production, frozenset(released))


def _number(text: str, plan: Plan) -> E164 | None:
    try:
        return parse_number(text, short_codes=is_short_code(plan.number))
    except InvalidNumber:
        return None
