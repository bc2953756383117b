"""What a confirmation says of plans: before -> after, warnings and refusals, as plain lines."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tui_numbers.domain.e164 import international
from tui_numbers.domain.numbers import Channel, Destination, OwnedNumber, Stored, Target
from tui_numbers.domain.operations import Action, Outcome
from tui_numbers.services.planning import Plan
from tui_numbers.services.writes import Result
from tui_numbers.wording.values import (
    EMPTY,
    NOWHERE,
    capability_words,
    channel_words,
    destination_words,
    kind_words,
    target_words,
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a preview: a label, what it says, and how it is meant."""

    label: str
    text: str
    tone: str = ""


def subject(plan: Plan) -> str:
    """Return the number and account that a plan is about."""
    return f"{international(plan.number)}  {plan.account.name}"


def plan_lines(plan: Plan) -> list[Line]:
    """Return everything to know before one plan is applied."""
    lines: list[Line] = []
    if plan.action is Action.BUY:
        lines.extend(_purchase_lines(plan))
    elif plan.action is Action.RELEASE and plan.before is not None:
        lines.extend(_now_lines(plan.before))
        lines.append(Line("after", "gone from the account", "bad"))
    elif plan.before is not None and plan.requested is not None:
        lines.extend(change_lines(plan.before, plan.requested, plan))
    if not plan.is_needed and plan.refusal is None:
        lines.append(Line("", "it already is so: nothing will be sent"))
    lines.extend(Line("!", warning, "warn") for warning in plan.warnings)
    if plan.refusal is not None:
        lines.append(Line("refused", plan.refusal, "bad"))
    return lines


def _purchase_lines(plan: Plan) -> list[Line]:
    stock = plan.stock
    if stock is None:
        return []
    price = f"{stock.monthly_cost} a month" if stock.monthly_cost else "price unknown"
    points_at = target_words(plan.target) if plan.target else "nowhere yet"
    return [
        Line("number", f"{kind_words(stock.type)}, {capability_words(stock.capabilities)}"),
        Line("price", price, "" if stock.monthly_cost else "warn"),
        Line("set-up", str(stock.setup_cost) if stock.setup_cost else "unknown"),
        Line("address", stock.address_requirement or "not told"),
        Line("calls", points_at),
    ]


def _now_lines(number: OwnedNumber) -> list[Line]:
    return [
        Line(channel_words(channel), target_words(target))
        for channel, target in number.routing.items()
        if target is not None
    ] or [Line(channel_words(Channel.VOICE), NOWHERE)]


def change_lines(before: OwnedNumber, after: OwnedNumber, plan: Plan | None = None) -> list[Line]:
    """Return what differs, channel by channel and then setting by setting."""
    lines = []
    told: set[tuple[Stored, Stored]] = set()
    for channel in Channel:
        was, will = before.routing.get(channel), after.routing.get(channel)
        if was != will:
            text = f"{destination_words(was)}  ->  {destination_words(will)}"
            lines.append(Line(channel_words(channel), text, "change"))
            told.add((_as_setting(was), _as_setting(will)))
    for key, value in after.settings.items():
        was_set = before.settings.get(key)
        # A setting that says just what a channel's line says would only be read twice.
        if was_set != value and (was_set, value) not in told:
            lines.append(
                Line(
                    key,
                    f"{_setting(was_set)}  ->  {_setting(value)}",
                    "change" if not lines else "",
                )
            )
    if plan is not None:
        for key, edit in plan.change.edits.items():
            spec = plan.info.setting(key)
            if spec is not None and not spec.readable:
                lines.append(
                    Line(key, f"not told  ->  {getattr(edit, 'value', 'cleared')}", "change")
                )
    return lines


def _as_setting(target: Destination | None) -> Stored:
    return target.text if isinstance(target, Target) else target


def _setting(value: Stored) -> str:
    return EMPTY if value is None else str(value)


def batch_line(plan: Plan, refusal: str | None) -> Line:
    """Return one plan among several as a single line."""
    number = international(plan.number)
    if refusal is not None:
        return Line(number, f"refused: {refusal}", "bad")
    if not plan.is_needed:
        return Line(number, "already so")
    changes = [line.text for line in plan_lines(plan) if line.tone == "change"]
    text = changes[0] if changes else ", ".join(plan.change.edits)
    return Line(number, text, "warn" if plan.warnings else "")


def shared_warnings(plans: Sequence[Plan]) -> list[Line]:
    """Return the warnings of several plans, each once, and how many numbers it concerns."""
    counts = Counter(warning for plan in plans for warning in plan.warnings)
    return [Line("!", f"{warning} ({count:,})", "warn") for warning, count in counts.items()]


_VERDICTS = {
    Outcome.VERIFIED: ("verified: read back, and as asked", "good"),
    Outcome.UNCHANGED: ("unchanged: it already was so, nothing was sent", "good"),
    Outcome.DIFFERENT: ("different: accepted, but it does not read back as asked", "bad"),
    Outcome.FAILED: ("failed: it was not done", "bad"),
    Outcome.UNKNOWN: ("unknown: it may have been done; History keeps it open", "warn"),
    Outcome.PENDING: ("pending: it is bought and not listed yet; do not buy it again", "warn"),
    Outcome.REFUSED: ("refused: nothing was sent", "warn"),
    Outcome.PLANNED: ("planned", ""),
}


def summary_lines(results: Sequence[Result]) -> list[Line]:
    """Return the verdict of one operation, or the count of each among several."""
    numbers = {result.plan.number for result in results}
    if len(numbers) < 2:
        return [line for result in results for line in result_lines(result)]
    counts = Counter(result.outcome for result in results)
    return [
        Line("", f"{count:,} {_VERDICTS[outcome][0]}", _VERDICTS[outcome][1])
        for outcome, count in counts.most_common()
    ]


def result_lines(result: Result) -> list[Line]:
    """Return the verdict of one operation, and the reason where it is not the one hoped for."""
    words, tone = _VERDICTS[result.outcome]
    lines = [Line("", words, tone)]
    if result.error:
        lines.append(Line("", result.error, "" if tone == "good" else tone))
    return lines
