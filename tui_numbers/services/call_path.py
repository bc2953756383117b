"""Follow where calls of a number go, through every owned number, to the last thing known."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tui_numbers.domain.e164 import E164, is_e164, is_mobile, malformed_phone
from tui_numbers.domain.numbers import Channel, OwnedNumber, Target, Undisclosed
from tui_numbers.providers.contract import ProviderInfo, ValueKind
from tui_numbers.services.inventory import find_number, labelled
from tui_numbers.services.workspace import Workspace

LONGEST = 12
"""How many numbers are followed; a longer way is told as far as that."""

Holders = Callable[[E164], Sequence[OwnedNumber]]
"""The owned numbers, of any account, that are this one; none where it is not ours."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One step: an owned number, and where its calls go."""

    account: str
    number: E164
    kind: str | None
    """The kind of its target; None where calls go nowhere."""
    value: str | None
    label: str | None
    note: str | None = None
    """What is to be known of this step, or what cannot be known from here."""
    is_ring: bool = False

    @property
    def record(self) -> dict[str, str | None]:
        """The JSON record."""
        return {
            "account": self.account,
            "number": self.number,
            "kind": self.kind,
            "value": self.value,
            "label": self.label,
            "note": self.note,
        }

    @property
    def phone(self) -> E164 | None:
        """The phone number that calls go on to, if it is one."""
        is_phone = self.kind == "phone" and self.value is not None and is_e164(self.value)
        return E164(self.value or "") if is_phone else None


def follow(start: OwnedNumber, holders: Holders, infos: Callable[[str], ProviderInfo]) -> list[Hop]:
    """Return the steps from a number to the last thing known; a ring is named at its end.

    ``infos`` is what the provider of an account declares.
    """
    hops: list[Hop] = []
    passed = {start.number}
    current = start
    while len(hops) < LONGEST:
        hop = _hop(current, infos(current.account))
        onward = hop.phone
        if onward is None:
            return [*hops, hop]
        if onward in passed:
            ring = " -> ".join((*(one.number for one in hops), current.number, onward))
            return [*hops, _noted(hop, f"a ring, so calls loop: {ring}", is_ring=True)]
        held = holders(onward)
        if not held:
            return [*hops, _noted(hop, _outside(onward))]
        if len(held) > 1:
            names = " and ".join(one.account for one in held)
            note = f"held by {names}: which of them calls reach is not known from here"
            return [*hops, _noted(hop, note)]
        hops.append(hop)
        current = held[0]
        passed.add(onward)
    return [*hops[:-1], _noted(hops[-1], "followed no further: the way is very long")]


def _hop(number: OwnedNumber, info: ProviderInfo) -> Hop:
    target = number.routing.get(Channel.VOICE)
    decided = number.elsewhere.get(Channel.VOICE)
    if target is None:
        return Hop(number.account, number.number, None, None, None, decided or "calls go nowhere")
    if isinstance(target, Undisclosed):
        note = decided or f"{info.title} does not tell which {target.kind} it is"
        return Hop(number.account, number.number, target.kind, None, target.label, note)
    told = decided or _note(target, info)
    return Hop(number.account, number.number, target.kind, target.value, target.label, told)


def _note(target: Target, info: ProviderInfo) -> str | None:
    kind = info.target_kind(target.kind)
    match kind.value if kind is not None else None:
        case ValueKind.PHONE:
            return malformed_phone(target.value)
        case ValueKind.URL:
            return "what it answers is not known from here"
        case ValueKind.SIP:
            return "what rings there is decided by its exchange: not known from here"
        case _:
            return f"what happens there is decided at {info.title}: not known from here"


def _outside(number: E164) -> str:
    if is_mobile(number):
        return "a mobile, and not ours: its mailbox may answer"
    return "not ours: what answers there is not known from here"


def _noted(hop: Hop, note: str, *, is_ring: bool = False) -> Hop:
    return Hop(hop.account, hop.number, hop.kind, hop.value, hop.label, hop.note or note, is_ring)


async def path_of(workspace: Workspace, start: OwnedNumber) -> list[Hop]:
    """Return where calls of a number end, reading every number on the way afresh."""
    known: dict[E164, Sequence[OwnedNumber]] = {}
    unread: dict[E164, str] = {}
    while True:
        hops = follow(start, lambda number: known.get(number, ()), workspace.info)
        onward = hops[-1].phone
        if onward is None or onward in known or hops[-1].is_ring or len(hops) >= LONGEST:
            break
        lookup = await find_number(workspace, onward)
        known[onward] = await labelled(workspace, lookup.found)
        if lookup.failures and not lookup.found:
            unread[onward] = ", ".join(lookup.failures)
    onward = hops[-1].phone
    if onward in unread and not hops[-1].is_ring:
        last = hops[-1]
        note = f"not known whether it is ours: {unread[onward]} could not be asked"
        hops[-1] = Hop(last.account, last.number, last.kind, last.value, last.label, note)
    return hops
