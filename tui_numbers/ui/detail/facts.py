"""What the detail says of a number, as plain lines: the words without the drawing."""

from collections.abc import Sequence
from dataclasses import dataclass

from tui_numbers.domain.clock import now
from tui_numbers.domain.e164 import international
from tui_numbers.domain.numbers import AvailableNumber, Channel, OwnedNumber, Target
from tui_numbers.providers.contract import ProviderInfo
from tui_numbers.services.places import Place
from tui_numbers.services.protection import LOCKED
from tui_numbers.ui.words import clock, status_tone
from tui_numbers.wording.values import (
    UNKNOWN,
    capability_words,
    channel_heading,
    country_words,
    further_facts,
    kind_words,
    malformed_words,
    money_words,
    place_words,
    setting_words,
    status_words,
    target_words,
    type_words,
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: a label, what is known, and how it is meant."""

    label: str
    value: str
    tone: str = ""


HEADING = ""
"""The label of a line that begins a group."""


def owned_facts(
    number: OwnedNumber,
    info: ProviderInfo,
    place: Place | None,
    latest: Sequence[Fact] = (),
    *,
    locked: bool = False,
) -> list[Fact]:
    """Return everything known of an owned number; ``latest`` is what was done to it from here."""
    facts = [
        Fact(HEADING, international(number.number)),
        Fact("Name", number.name or UNKNOWN),
        Fact("Status", status_words(number), status_tone(number.status)),
        *([Fact("Locked", LOCKED, "warn")] if locked else []),
        Fact("Account", f"{number.account} ({info.title})"),
        Fact(HEADING, "Delivery"),
        *(fact for channel in Channel for fact in _delivery(number, channel)),
        *latest,
        Fact(HEADING, "Number"),
        Fact("E.164", number.number),
        Fact("Type", type_words(number)),
        Fact("Features", capability_words(number.capabilities)),
        *_place_facts(number, place),
        Fact("Monthly", money_words(number.monthly_cost)),
        *(Fact(label, value) for label, value in further_facts(number)),
    ]
    if number.created_at or number.updated_at:
        facts.append(Fact("Created", clock(number.created_at)))
        facts.append(Fact("Updated", clock(number.updated_at)))
    facts.append(Fact("As of", clock(number.seen_at)))
    facts.append(Fact(HEADING, "Settings"))
    for spec in info.settings:
        if spec.readable:
            shown = number.settings.get(spec.key)
            pointed = isinstance(shown, str) and spec.target_kinds
            target = Target.from_text(str(shown)) if pointed else None
            named = next((one for one in number.routing.values() if one == target), target)
            words = target_words(named) if named else setting_words(number, spec.key)
            facts.append(Fact(spec.label, words))
        else:
            facts.append(Fact(spec.label, "not told by the provider", "dim"))
    return facts


def _delivery(number: OwnedNumber, channel: Channel) -> list[Fact]:
    label = channel_heading(channel)
    target = number.routing.get(channel)
    if target is None and number.capabilities and channel.value not in number.capabilities:
        return [Fact(label, f"no {channel.value} on this number", "dim")]
    if target is None:
        return [Fact(label, "nowhere that is told", "warn")]
    malformed = malformed_words(target)
    warning = [Fact("", malformed, "warn")] if malformed else []
    return [Fact(label, target_words(target)), *warning]


def _place_facts(number: OwnedNumber | AvailableNumber, place: Place | None) -> list[Fact]:
    area = place.area if place else None
    facts = [
        Fact("Country", country_words(number.country)),
        Fact("Place", place_words(number.city, number.region, area)),
    ]
    if place is not None:
        local = place.local_time(now())
        facts.append(Fact("Time there", f"{local} as of opening" if local else UNKNOWN))
    return facts


def stock_facts(number: AvailableNumber, info: ProviderInfo, place: Place | None) -> list[Fact]:
    """Return everything known of an available number."""
    unknown_price = info.price_unknown or "not told by the provider"
    return [
        Fact(HEADING, international(number.number)),
        Fact("Offered by", f"{number.account} ({info.title})"),
        Fact("Monthly", str(number.monthly_cost) if number.monthly_cost else "price unknown"),
        *([] if number.monthly_cost else [Fact("", unknown_price, "dim")]),
        Fact("Set-up", str(number.setup_cost) if number.setup_cost else "unknown"),
        Fact("Address", number.address_requirement or "not told"),
        Fact(HEADING, "Number"),
        Fact("E.164", number.number),
        Fact("Type", kind_words(number.type)),
        Fact("Features", capability_words(number.capabilities)),
        *_place_facts(number, place),
    ]
