"""The preview of a write on standard error: before -> after, warnings, refusals."""

from collections.abc import Sequence

from tui_numbers.cli.columns import stock_place
from tui_numbers.cli.terminal import Notices
from tui_numbers.cli.wording import moves
from tui_numbers.domain.changes import Set
from tui_numbers.domain.e164 import international
from tui_numbers.domain.operations import Action
from tui_numbers.services.planning import Plan
from tui_numbers.services.preview import Purse
from tui_numbers.wording.values import (
    EMPTY,
    UNKNOWN,
    capability_words,
    delivery_words,
    kind_words,
    money_words,
    target_words,
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
    name = plan.seen.name if plan.seen is not None else None
    called = f" {name!r}" if name else ""
    return f"{international(plan.number)}{called} at {plan.account.name} ({plan.info.title})"


def _details(plan: Plan, refusal: str | None, *, short: bool = False) -> list[str]:
    lines = _changes(plan, short=short) if plan.seen is not None and plan.after is not None else []
    if not lines and plan.action in (Action.SET, Action.RETARGET) and not plan.is_needed:
        lines = [] if refusal else ["already as asked: nothing to send"]
    if plan.action is Action.RELEASE and plan.seen is not None:
        for channel, target in plan.seen.routing.items():
            if target is not None:
                lines.append(f"{delivery_words(channel, target)} now")
    lines += [f"warning: {warning}" for warning in plan.warnings]
    if refusal is not None:
        lines.append(f"refused: {refusal}")
    return lines


def _changes(plan: Plan, *, short: bool) -> list[str]:
    assert plan.seen is not None
    assert plan.after is not None
    found = moves(plan.seen, plan.after)
    if short and any(not what.startswith("setting ") for what, _, _ in found):
        found = [move for move in found if not move[0].startswith("setting ")]
    lines = [f"{what}: {old} -> {new}" for what, old, new in found]
    for key, edit in plan.change.edits.items():
        if key not in plan.after.settings:
            asked = edit.value if isinstance(edit, Set) else EMPTY
            lines.append(f"setting {key}: not told -> {asked}")
    return lines


def show_purchase(notices: Notices, plan: Plan, known: Purse, refusal: str | None) -> None:
    """Show what is to be bought, what it costs and what is known of the account that pays."""
    stock = plan.stock
    assert stock is not None
    notices.say(f"buy {international(plan.number)} at {plan.account.name} ({plan.info.title})")
    facts = [
        ("type", kind_words(stock.type)),
        ("features", capability_words(stock.capabilities)),
        ("place", stock_place(stock)),
        ("address", stock.address_requirement),
    ]
    told = [f"{name} {value}" for name, value in facts if value and value != UNKNOWN]
    if told:
        notices.say(f"  {', '.join(told)}")
    if stock.monthly_cost is not None:
        setup = f", setup {money_words(stock.setup_cost)}" if stock.setup_cost else ""
        notices.say(f"  price: {stock.monthly_cost} a month{setup}")
    if known.balance is not None:
        notices.say(f"  balance: {known.balance}")
    if plan.target is not None:
        notices.say(f"  calls: -> {target_words(plan.target)}")
    for warning in plan.warnings:
        notices.say(f"  warning: {warning}")
    if refusal is not None:
        notices.say(f"  refused: {refusal}")
