"""Word plans before they are confirmed, and the verdicts on what came of them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_numbers.domain.changes import Set
from tui_numbers.domain.e164 import international
from tui_numbers.domain.numbers import AvailableNumber, Channel, OwnedNumber
from tui_numbers.domain.operations import Action, Outcome
from tui_numbers.domain.temporary import zoned_words
from tui_numbers.wording.changes import distinct, moves
from tui_numbers.wording.values import (
    EMPTY,
    NOWHERE,
    capability_words,
    costs_words,
    kind_words,
    target_words,
)

if TYPE_CHECKING:
    from tui_numbers.services.planning import Plan, Result
    from tui_numbers.services.preview import Purse

UNTIL = "until"
"""The label of when a change is put back."""
ALREADY = "already as asked"
"""Said of a change that would change nothing."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a preview: a label, what it says, and how it is meant."""

    label: str
    text: str
    tone: str = ""
    """"change", "good", "warn" or "bad"; empty for what stands beside these."""


def subject(plan: "Plan") -> str:
    """Return the number and account that a plan is about."""
    return f"{international(plan.number)}  {plan.account.name}"


def plan_lines(
    plan: "Plan",
    refusal: str | None = None,
    *,
    known: "Purse | None" = None,
    place: str | None = None,
) -> list[Line]:
    """Return everything to know before one plan is applied.

    Args:
        plan: What is to be done.
        refusal: Why the rules forbid it, where the plan itself does not say so.
        known: What is known of the account that pays for a purchase.
        place: Where a number to be bought is.
    """
    refusal = refusal or plan.refusal
    lines: list[Line] = []
    if plan.action is Action.BUY:
        lines.extend(_purchase_lines(plan, known, place))
    elif plan.action is Action.RELEASE and plan.before is not None:
        lines.extend(_now_lines(plan.before))
        lines.append(Line("after", "gone from the account", "bad"))
    elif plan.before is not None and plan.requested is not None:
        lines.extend(change_lines(plan.before, plan.requested))
        lines.extend(_untold_lines(plan, plan.requested))
    if not plan.is_needed and refusal is None:
        lines.append(Line("", f"{ALREADY}: nothing will be sent"))
    if plan.until is not None and plan.is_needed:
        lines.append(Line(UNTIL, f"{zoned_words(plan.until)}, then put back", "change"))
    lines.extend(warning_lines(plan.warnings))
    if refusal is not None:
        lines.append(refusal_line(refusal))
    return lines


def change_lines(before: OwnedNumber, after: OwnedNumber) -> list[Line]:
    """Return what differs, channel by channel and then setting by setting.

    Where channels move, that is the change, and the settings say how it comes about.
    """
    found = distinct(moves(before, after))
    several_kinds = any(not move.is_setting for move in found)
    return [
        Line(move.label, move.text, "" if move.is_setting and several_kinds else "change")
        for move in found
    ]


def _untold_lines(plan: "Plan", requested: OwnedNumber) -> list[Line]:
    """Return what is changed that the provider never tells."""
    return [
        Line(
            f"setting {key}",
            f"not told -> {edit.value if isinstance(edit, Set) else EMPTY}",
            "change",
        )
        for key, edit in plan.change.edits.items()
        if key not in requested.settings
    ]


def warning_lines(warnings: Iterable[str]) -> list[Line]:
    """Return warnings as lines."""
    return [Line("warning", warning, "warn") for warning in warnings]


def refusal_line(refusal: str) -> Line:
    """Return the line that says why something is not sent."""
    return Line("refused", refusal, "bad")


def _purchase_lines(plan: "Plan", known: "Purse | None", place: str | None) -> list[Line]:
    stock = plan.stock
    if stock is None:
        return []
    price = f"{stock.monthly_cost} a month" if stock.monthly_cost else "unknown"
    balance = known.balance if known is not None else None
    points_at = target_words(plan.target) if plan.target else "nowhere yet"
    return [
        Line("type", kind_words(stock.type)),
        Line("features", capability_words(stock.capabilities)),
        *([Line("place", place)] if place else []),
        Line("address", stock.address_requirement or "not told"),
        *(Line(f"with {key}", value) for key, value in plan.extras.items()),
        Line("price", price, "" if stock.monthly_cost else "warn"),
        Line("setup", str(stock.setup_cost) if stock.setup_cost else "unknown"),
        Line("balance", str(balance) if balance else "unknown"),
        Line((plan.channel or Channel.VOICE).words, points_at),
    ]


def _now_lines(number: OwnedNumber) -> list[Line]:
    return [
        Line(channel.words, target_words(target))
        for channel, target in number.routing.items()
        if target is not None
    ] or [Line(Channel.VOICE.words, NOWHERE)]


def batch_line(plan: "Plan", refusal: str | None) -> Line:
    """Return one plan among several as a single line."""
    number = international(plan.number)
    if refusal is not None:
        return Line(number, f"refused: {refusal}", "bad")
    if not plan.is_needed:
        return Line(number, ALREADY)
    if plan.stock is not None:
        told = "" if plan.stock.monthly_cost else "warn"
        leads = f" -> {target_words(plan.target)}" if plan.target else ""
        return Line(number, f"{plan.account.name}: {offer_words(plan.stock)}{leads}", told)
    changes = [line.text for line in plan_lines(plan) if line.tone == "change"]
    text = changes[0] if changes else ", ".join(plan.change.edits)
    return Line(number, text, "warn" if plan.warnings else "")


def batch_notes(plans: "Sequence[Plan]", refusals: Sequence[str | None]) -> list[Line]:
    """Return how many of several plans will not be sent, where some will not."""
    refused = sum(why is not None for why in refusals)
    idle = sum(
        why is None and not plan.is_needed for plan, why in zip(plans, refusals, strict=True)
    )
    counts = [f"{refused:,} refused"] * bool(refused) + [f"{idle:,} {ALREADY}"] * bool(idle)
    if not counts:
        return []
    sent = len(plans) - refused - idle
    return [
        Line("warning", f"{sent:,} of {len(plans):,} will be sent: {', '.join(counts)}", "warn")
    ]


_WORTH_TELLING = 5.0
"""Seconds from which on a person is told beforehand how long sending takes."""


def duration_lines(seconds: float) -> list[Line]:
    """Return how long sending takes where an account spaces its writes, if it is worth telling."""
    if seconds < _WORTH_TELLING:
        return []
    minutes = round(seconds / 60)
    words = f"{minutes} minutes" if minutes > 1 else f"{round(seconds)} s"
    return [Line("takes", f"about {words}: the provider bears no more writes at a time")]


def offer_words(stock: AvailableNumber) -> str:
    """Return what one number among several costs and needs: ``EUR 1.25 a month``."""
    price = f"{stock.monthly_cost} a month" if stock.monthly_cost else "price unknown"
    setup = f" · set-up {stock.setup_cost}" if stock.setup_cost else ""
    needs = stock.address_requirement
    address = "" if needs in (None, "none") else f" · address: {needs}"
    return f"{price}{setup}{address}"


def purchase_lines(plans: "Sequence[Plan]", purses: "Mapping[str, Purse]") -> list[Line]:
    """Return what several purchases come to: the sum per currency, and balances by account."""
    stocks = [plan.stock for plan in plans if plan.stock is not None]
    balances = [f"{account} {known.balance or 'unknown'}" for account, known in purses.items()]
    lines = [
        Line(f"{len(stocks):,} together", costs_words(stocks), "change"),
        Line("balance", " · ".join(balances)),
    ]
    targets = {target_words(plan.target) if plan.target else "nowhere yet" for plan in plans}
    if len(targets) == 1:
        lines.append(Line(Channel.VOICE.words, targets.pop()))
    return lines


def shared_warnings(plans: "Sequence[Plan]") -> list[Line]:
    """Return the warnings of several plans, each once, and how many numbers it concerns."""
    counts = Counter(warning for plan in plans for warning in plan.warnings)
    return warning_lines(f"{warning} ({count:,})" for warning, count in counts.items())


_VERDICTS = {
    Outcome.VERIFIED: ("verified: read back, and as asked", "good"),
    Outcome.UNCHANGED: (f"unchanged: {ALREADY}, nothing was sent", "good"),
    Outcome.DIFFERENT: ("different: accepted, but it does not read back as asked", "bad"),
    Outcome.FAILED: ("failed: it was not done", "bad"),
    Outcome.UNKNOWN: ("unknown: it may have been done; History keeps it open", "warn"),
    Outcome.PENDING: ("pending: accepted, and not carried out yet; do not buy it again", "warn"),
    Outcome.REFUSED: ("refused: nothing was sent", "warn"),
    Outcome.PLANNED: ("planned", ""),
}


def summary_lines(results: "Sequence[Result]") -> list[Line]:
    """Return the verdict of one operation, or the count of each among several."""
    numbers = {result.plan.number for result in results}
    if len(numbers) < 2:
        return [line for result in results for line in result_lines(result)]
    counts = Counter(result.outcome for result in results)
    good = {outcome: count for outcome, count in counts.items() if _VERDICTS[outcome][1] == "good"}
    how = ", ".join(f"{count:,} {outcome.value}" for outcome, count in good.items())
    done = sum(good.values())
    head = f"{done:,} of {len(results):,} as asked" + (f": {how}" if how else "")
    bought = [result for result in results if result.plan.action is Action.BUY]
    if bought:
        pointed = [result for result in results if result.plan.action is not Action.BUY]
        head = _count_of(bought, "bought") + (f", {_count_of(pointed, 'pointed')}" * bool(pointed))
    return [
        Line("", head, "good" if done == len(results) else "warn"),
        *(
            Line("", f"{count:,} {_VERDICTS[outcome][0]}", _VERDICTS[outcome][1])
            for outcome, count in counts.most_common()
            if outcome not in good
        ),
    ]


def _count_of(results: "Sequence[Result]", done: str) -> str:
    well = sum(_VERDICTS[result.outcome][1] == "good" for result in results)
    return f"{well:,} of {len(results):,} {done}"


def result_lines(result: "Result") -> list[Line]:
    """Return the verdict of one operation, and the reason where it is not the one hoped for."""
    words, tone = _VERDICTS[result.outcome]
    lines = [Line("", words, tone)]
    if result.error:
        lines.append(Line("", result.error, "" if tone == "good" else tone))
    return lines
