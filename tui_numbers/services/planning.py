"""Plan one write: state before and requested, warnings, refusal; with its consent and result."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from tui_numbers.domain.accounts import Account
from tui_numbers.domain.changes import CLEAR, Change, Edit, Set
from tui_numbers.domain.countries import country_name
from tui_numbers.domain.e164 import (
    E164,
    country_of,
    in_other_country,
    is_e164,
    is_mobile,
    is_valid,
    malformed_phone,
)
from tui_numbers.domain.numbers import AvailableNumber, Channel, Destination, OwnedNumber, Target
from tui_numbers.domain.operations import Action, Asked, Operation, Outcome
from tui_numbers.domain.temporary import End
from tui_numbers.providers.contract import NO_EXTRAS, BuyTarget, ProviderInfo, ValueKind
from tui_numbers.services import routing
from tui_numbers.services.input_parsing import InvalidInput
from tui_numbers.services.protection import (
    bought_for,
    elsewhere,
    kept_from_release,
    release_refusal,
)

NO_UNDO = "this has no undo"


class NotPlanned(Exception):
    """What the journal holds cannot be planned again; the text says why."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One intended write; nothing is sent until it is applied."""

    action: Action
    account: Account
    info: ProviderInfo
    number: E164
    before: OwnedNumber | None = None
    """The number as the user saw it; None for a purchase."""
    requested: OwnedNumber | None = None
    """The number as it should become; None for a release, or where unknown."""
    change: Change = field(default_factory=lambda: Change({}))
    target: Target | None = None
    channel: Channel | None = None
    stock: AvailableNumber | None = None
    extras: Mapping[str, str] = field(default_factory=dict)
    """What a purchase names beside number and target, by the keys of the ``buy_fields``."""
    warnings: tuple[str, ...] = ()
    refusal: str | None = None
    """Why the rules of this program forbid it; None where they do not."""
    undoes: str | None = None
    """The operation that this plan puts back."""
    unsettled: tuple[Operation, ...] = ()
    """Earlier operations on the number that are open, whose requests may still arrive."""
    replaces: frozenset[str] = frozenset()
    """Operations that it puts back, open ones among them, so that nothing more is asked of them."""
    until: datetime | None = None
    """When it is to be put back; None where it has no end."""
    route: str | None = None
    """The route that it applies."""
    ends: tuple[End, ...] = ()
    """The open ends of earlier temporary changes of the number."""
    takes: tuple[str, ...] = ()
    """The ends whose place it takes, by operation, newest first."""
    claim: str = ""
    """The claim of a runner by which it carries out an end."""

    @property
    def is_needed(self) -> bool:
        """Whether the number is not already as asked."""
        if self.action in (Action.BUY, Action.RELEASE):
            return True
        return bool(self.change)


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person, or a script on a person's behalf, has agreed to."""

    given: bool = False
    production: frozenset[str] = frozenset()
    """Production accounts named in the confirmation."""
    released: frozenset[str] = frozenset()
    """Numbers typed again to confirm their release."""
    over: frozenset[str] = frozenset()
    """Open operations over which it is agreed to write."""
    standing: frozenset[str] = frozenset()
    """Earlier temporary changes, by operation, whose ends are to stand after this one."""
    lifted: frozenset[str] = frozenset()
    """Earlier temporary changes whose ends are to be lifted by this one."""


@dataclass(frozen=True, slots=True)
class Result:
    """How one operation ended, or what a dry run plans."""

    operation: str
    plan: Plan
    outcome: Outcome
    before: OwnedNumber | None
    observed: OwnedNumber | None
    """The number as it was read back; None where it was not, or is gone."""
    error: str | None = None
    current: OwnedNumber | None = None
    """In a conflict, the number as it really is now."""


Step = Callable[[Plan, str], None]
"""Told of each step of an operation, in a word."""
OwnedElsewhere = Callable[[E164], OwnedNumber | None]
"""Finds another owned number, for the warning of loops; None where it is not known."""


def _nowhere(number: E164) -> OwnedNumber | None:
    return None


def with_target_names(plan: Plan, named: Callable[[OwnedNumber], OwnedNumber]) -> Plan:
    """Return a plan whose targets have their names; ``named`` puts them to one number."""
    before, requested = (one and named(one) for one in (plan.before, plan.requested))
    return replace(plan, before=before, requested=requested)


def plan_retarget(
    account: Account,
    info: ProviderInfo,
    before: OwnedNumber,
    target: Target,
    channel: Channel | None = None,
    others: OwnedElsewhere = _nowhere,
) -> Plan:
    """Plan to have one channel of a number delivered to ``target``.

    Raises:
        InvalidInput: The provider cannot deliver that channel to that kind of target.
    """
    asked = routing.channel_for(info, target, channel)
    worked_out = routing.retarget(info, before, asked, target)
    warnings = (*worked_out.warnings, *target_warnings(info, before.number, target, asked, others))
    plan = _plan_change(Action.RETARGET, account, info, before, worked_out.change, target)
    return replace(
        plan,
        target=target,
        channel=asked,
        warnings=(*warnings, *plan.warnings),
        refusal=worked_out.refusal or plan.refusal,
    )


def plan_set(
    account: Account,
    info: ProviderInfo,
    before: OwnedNumber,
    change: Change,
    others: OwnedElsewhere = _nowhere,
) -> Plan:
    """Plan to set and clear settings; what already is as asked is left out."""
    plan = _plan_change(Action.SET, account, info, before, change)
    warnings = list(plan.warnings)
    for key, edit in plan.change.edits.items():
        spec = info.setting(key)
        if spec is None:
            raise InvalidInput(key, f"{info.title} has no setting {key!r}")
        if isinstance(edit, Set) and spec.kind is ValueKind.TARGET and spec.channels:
            target = spec.target_in(edit.value)
            warnings.extend(target_warnings(info, before.number, target, spec.channels[0], others))
    return replace(plan, warnings=tuple(dict.fromkeys(warnings)))


def _plan_change(
    action: Action,
    account: Account,
    info: ProviderInfo,
    before: OwnedNumber,
    change: Change,
    named: Target | None = None,
) -> Plan:
    needed = Change(
        {
            key: edit
            for key, edit in change.edits.items()
            if key not in before.settings
            or before.settings[key] != (edit.value if isinstance(edit, Set) else None)
        }
    )
    needed = Change({**_displaced(info, before, needed), **needed.edits})
    elsewhere_decided = routing.decided_elsewhere(info, before.elsewhere, needed)
    return Plan(
        action=action,
        account=account,
        info=info,
        number=before.number,
        before=before,
        requested=routing.number_after(info, before, needed, named),
        change=needed,
        warnings=(*state_warnings(before), *_one_way(info, before, needed)),
        refusal=_not_changeable(info, needed) or elsewhere_decided,
    )


def _displaced(info: ProviderInfo, before: OwnedNumber, change: Change) -> dict[str, Edit]:
    """Return the clearings that the provider makes beside what was asked, so that both show."""
    displaced: dict[str, Edit] = {}
    for key, edit in change.edits.items():
        spec = info.setting(key)
        for other in spec.displaces if spec is not None and isinstance(edit, Set) else ():
            if before.settings.get(other) is not None:
                displaced[other] = CLEAR
    return displaced


def _one_way(info: ProviderInfo, before: OwnedNumber, change: Change) -> tuple[str, ...]:
    """Warn of values that cannot be taken away again where none stands now."""
    keys = [
        key
        for key, edit in change.edits.items()
        if isinstance(edit, Set)
        and key in before.settings
        and before.settings[key] is None
        and (spec := info.setting(key)) is not None
        and not spec.clearable
    ]
    return tuple(f"{key} is empty now, and {info.title} cannot empty it again" for key in keys)


def plan_undo(
    account: Account,
    info: ProviderInfo,
    current: OwnedNumber,
    change: Change,
    undoes: Sequence[str],
) -> Plan:
    """Plan to put back what the operations ``undoes`` changed, newest first."""
    plan = _plan_change(Action.UNDO, account, info, current, change)
    targets = [
        spec.target_in(edit.value)
        for key, edit in plan.change.edits.items()
        if isinstance(edit, Set)
        and (spec := info.setting(key)) is not None
        and spec.kind is ValueKind.TARGET
    ]
    return replace(
        plan,
        undoes=undoes[0],
        replaces=frozenset(undoes),
        warnings=(*plan.warnings, *_malformed(targets)),
    )


def plan_again(
    account: Account,
    info: ProviderInfo,
    before: OwnedNumber,
    operation: Operation,
    asked: Asked,
    others: OwnedElsewhere = _nowhere,
) -> Plan:
    """Plan what a recorded operation asked for, from what the number is now."""
    plan = _plan_change(operation.action, account, info, before, asked.change, asked.target)
    warnings = list(plan.warnings)
    if asked.target is not None and asked.channel is not None:
        warnings += target_warnings(info, before.number, asked.target, asked.channel, others)
    return replace(
        plan,
        target=asked.target,
        channel=asked.channel,
        undoes=operation.undoes,
        warnings=tuple(warnings),
        until=operation.until,
        route=operation.route,
    )


def _not_changeable(info: ProviderInfo, change: Change) -> str | None:
    for key, edit in change.edits.items():
        spec = info.setting(key)
        if spec is not None and not spec.settable:
            return f"{key} is not set from here: {spec.why_not_settable}"
        others = spec.displaces if spec is not None and isinstance(edit, Set) else ()
        if both := [other for other in others if isinstance(change.edits.get(other), Set)]:
            return f"{key} and {both[0]} exclude each other: set one of them"
        if edit == CLEAR and spec is not None and not spec.clearable:
            return f"{key} cannot be cleared: {spec.why_not_clearable}"
    return None


def plan_buy(
    account: Account,
    info: ProviderInfo,
    stock: AvailableNumber,
    target: Target | None,
    others: OwnedElsewhere = _nowhere,
    extras: Mapping[str, str] = NO_EXTRAS,
) -> Plan:
    """Plan to buy a number; ``extras`` is what the purchase names beside number and target.

    Raises:
        InvalidInput: The provider buys only with a target, and none is given.
    """
    if target is None and info.buy_target is BuyTarget.REQUIRED and info.buy.offered:
        raise InvalidInput("to", f"{info.title} needs to know where a new number points: add --to")
    warnings = [NO_UNDO]
    if stock.monthly_cost is None:
        warnings.append(f"price unknown: {info.price_unknown or 'it is not told'}")
    if stock.address_requirement not in (None, "none"):
        names = " (address)" if any(one.key == "address" for one in info.buy_fields) else ""
        unnamed = f"; none is named{names}" if names and "address" not in extras else ""
        warnings.append(
            f"needs an address registered with the provider: {stock.address_requirement}{unnamed}"
        )
    if target is not None:
        warnings += target_warnings(info, stock.number, target, Channel.VOICE, others)
    refusal = None if info.buy.offered else f"not offered: {info.buy.reason}"
    other = bought_for(account, info)
    if other:
        warnings.append(f"{elsewhere(other)}: it will be pending, and its own key settles that")
        if target is not None:
            refusal = refusal or f"it cannot be pointed from here: {elsewhere(other)}"
    return Plan(
        action=Action.BUY,
        account=account,
        info=info,
        number=stock.number,
        stock=stock,
        target=target,
        channel=None if target is None else routing.channel_for(info, target, None),
        extras=extras,
        warnings=tuple(warnings),
        refusal=refusal,
    )


def plan_release(account: Account, info: ProviderInfo, before: OwnedNumber) -> Plan:
    """Plan to give a number up."""
    return Plan(
        action=Action.RELEASE,
        account=account,
        info=info,
        number=before.number,
        before=before,
        warnings=(f"{NO_UNDO}: the number may never come back", *state_warnings(before)),
        refusal=release_refusal(account, info) or kept_from_release(before),
    )


def state_warnings(before: OwnedNumber) -> tuple[str, ...]:
    """Warn of a number that is not in ordinary service, or points at what is no number."""
    lines = [f"stored now: {line}" for line in _malformed(before.routing.values())]
    if before.status in ("porting", "pending"):
        lines.append(f"the number is {before.status}: the provider may refuse, or apply it late")
    return tuple(lines)


def _malformed(targets: Iterable[Destination | None]) -> tuple[str, ...]:
    """Say of phone numbers that are stored as targets why they are none."""
    phones = [one.value for one in targets if isinstance(one, Target) and one.kind == "phone"]
    return tuple(dict.fromkeys(filter(None, map(malformed_phone, phones))))


def target_warnings(
    info: ProviderInfo,
    number: E164,
    target: Target,
    channel: Channel,
    others: OwnedElsewhere,
) -> tuple[str, ...]:
    """Warn of a phone target that loops, is in another country, or fits no numbering plan."""
    kind = info.target_kind(target.kind)
    if kind is None or kind.value is not ValueKind.PHONE:
        return target.notes
    malformed = malformed_phone(target.value)
    if malformed is not None:
        return (*target.notes, malformed)
    phone = E164(target.value)
    if phone == number:
        return (*target.notes, "the target is the number itself: calls would loop")
    lines = list(target.notes)
    if not is_valid(phone):
        lines.append(f"{phone} does not fit its country's numbering plan")
    lines += _abroad(number, phone)
    if channel is Channel.VOICE and others(phone) is None and is_mobile(phone):
        lines.append(f"{phone} is a mobile: where nobody answers, its own mailbox may")
    return (*lines, *_onward(number, phone, channel, others))


_LONGEST_WAY = 12
"""How many owned numbers are followed for the warning of loops."""


def _onward(number: E164, phone: E164, channel: Channel, others: OwnedElsewhere) -> tuple[str, ...]:
    """Say where calls go on to from a phone target that is held here, or that they loop."""
    way = [phone]
    end: Destination | None = None
    while len(way) <= _LONGEST_WAY:
        other = others(way[-1])
        if other is None:
            break
        end = other.routing.get(channel)
        if not isinstance(end, Target) or not is_e164(end.value):
            break
        if end.value == number and len(way) == 1:
            return (f"{phone} points back at {number}: calls would loop",)
        if end.value == number or end.value in way:
            ring = " -> ".join((number, *way, end.value))
            return (f"a ring of owned numbers, calls would loop: {ring}",)
        way.append(E164(end.value))
    if len(way) == 1 and others(phone) is None:
        return ()
    told = "nowhere" if end is None else end.label or end.text
    return (f"{phone} is held here too: from there they go on to {told}",)


def _abroad(number: E164, phone: E164) -> tuple[str, ...]:
    """Warn where a phone target is in another country than the number that points there."""
    if not is_e164(number) or not in_other_country(number, phone):
        return ()
    country = country_name(country_of(phone))
    where = f": {country}" if country else ""
    return (f"{phone} is in another country than the number{where}",)
