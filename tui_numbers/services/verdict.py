"""What a read-back proves about a write."""

from dataclasses import dataclass

from tui_numbers.domain.changes import Change, Set
from tui_numbers.domain.numbers import OwnedNumber, Stored, Undisclosed
from tui_numbers.domain.operations import Action, Outcome
from tui_numbers.providers.contract import BuyTarget
from tui_numbers.services.planning import Plan


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome with the reason for it, where it is not the one hoped for."""

    outcome: Outcome
    reason: str | None = None


def judge(plan: Plan, fresh: OwnedNumber | None, seen: OwnedNumber | None) -> Verdict:
    """Compare what was read back with what was asked, after the provider accepted it.

    ``fresh`` is the number just before the write, ``seen`` just after; None means not owned.
    """
    if plan.action is Action.BUY:
        if seen is None:
            return Verdict(Outcome.DIFFERENT, "accepted, but the account does not show the number")
        return _judge_purchase(plan, seen)
    if plan.action is Action.RELEASE:
        if seen is not None:
            return Verdict(Outcome.DIFFERENT, "accepted, but the account still shows the number")
        return Verdict(Outcome.VERIFIED)
    if seen is None:
        return Verdict(Outcome.DIFFERENT, "accepted, but the account no longer shows the number")
    assert fresh is not None
    return _judge_change(plan, fresh, seen)


def _judge_purchase(plan: Plan, seen: OwnedNumber) -> Verdict:
    """Check where a number points whose purchase itself named the target."""
    if plan.target is None or plan.info.buy_target is not BuyTarget.REQUIRED:
        return Verdict(Outcome.VERIFIED)
    wanted = plan.target.text
    if any(value == wanted or may_be(value, wanted) for value in seen.settings.values()):
        return Verdict(Outcome.VERIFIED)
    told = ", ".join(target.text for target in seen.routing.values() if target) or "nowhere"
    return Verdict(Outcome.DIFFERENT, f"bought, but it points at {told}")


def _judge_change(plan: Plan, fresh: OwnedNumber, seen: OwnedNumber) -> Verdict:
    wrong = differences(plan.change, fresh, seen)
    if wrong:
        return Verdict(Outcome.DIFFERENT, "; ".join(wrong))
    if plan.channel is not None and plan.target is not None:
        shown = seen.routing.get(plan.channel)
        if shown != plan.target and not isinstance(shown, Undisclosed):
            told = shown.text if shown is not None else "nowhere"
            return Verdict(Outcome.DIFFERENT, f"{plan.channel} goes to {told}")
    hidden = _untold(plan.change, seen)
    if hidden:
        keys = ", ".join(hidden)
        return Verdict(
            Outcome.UNKNOWN, f"accepted, but the provider does not show {keys}: not verified"
        )
    return Verdict(Outcome.VERIFIED)


def differences(change: Change, fresh: OwnedNumber, seen: OwnedNumber) -> list[str]:
    """Name every readable setting that is not as it should be, asked for or not."""
    should = change.applied_to(fresh.settings)
    lines = []
    for key, value in seen.settings.items():
        wanted = should.get(key)
        if value == wanted or may_be(value, wanted):
            continue
        asked = "" if key in change.edits else ", which nobody asked for"
        lines.append(f"{key} is {value or 'empty'} instead of {wanted or 'empty'}{asked}")
    return lines


def may_be(shown: Stored, wanted: Stored) -> bool:
    """Tell whether only the kind of a target is shown, and it is the one wanted."""
    return isinstance(shown, Undisclosed) and isinstance(wanted, str) and shown.may_be(wanted)


def _untold(change: Change, seen: OwnedNumber) -> list[str]:
    return [
        key
        for key, edit in change.edits.items()
        if key not in seen.settings
        or (isinstance(edit, Set) and may_be(seen.settings[key], edit.value))
    ]


def moved(seen: OwnedNumber, fresh: OwnedNumber) -> list[str]:
    """Name what differs between what a user saw and what is there now."""
    lines = [
        f"{key} was {seen.settings.get(key) or 'empty'}, is {fresh.settings.get(key) or 'empty'}"
        for key in fresh.settings
        if fresh.settings.get(key) != seen.settings.get(key)
    ]
    for channel, target in fresh.routing.items():
        was = seen.routing.get(channel)
        if was != target and not lines:
            before = was.text if was else "nowhere"
            lines.append(
                f"{channel} went to {before}, goes to {target.text if target else 'nowhere'}"
            )
    return lines
