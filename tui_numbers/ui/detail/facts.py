"""What the detail says of a number, as plain lines: the words without the drawing."""

from collections.abc import Sequence
from dataclasses import dataclass

from tui_numbers.domain.clock import now
from tui_numbers.domain.countries import country_name
from tui_numbers.domain.e164 import international, malformed_phone
from tui_numbers.domain.numbers import AvailableNumber, Channel, OwnedNumber, Target
from tui_numbers.providers.contract import ProviderInfo
from tui_numbers.services.places import Place
from tui_numbers.services.protection import LOCKED
from tui_numbers.ui.words import (
    UNKNOWN,
    capability_words,
    clock,
    status_tone,
    target_words,
    type_words,
    value_words,
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
        Fact("Status", number.status or UNKNOWN, status_tone(number.status)),
        *([Fact("Locked", LOCKED, "warn")] if locked else []),
        Fact("Account", f"{number.account} ({info.title})"),
        Fact(HEADING, "Delivery"),
        *(fact for channel in Channel for fact in _delivery(number, channel)),
        *latest,
        Fact(HEADING, "Number"),
        Fact("E.164", number.number),
        Fact("Type", type_words(number.type)),
        Fact("Features", capability_words(number.capabilities)),
        *_place_facts(number, place),
        Fact("Monthly", str(number.monthly_cost) if number.monthly_cost else "unknown"),
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
            facts.append(Fact(spec.label, target_words(named) if named else value_words(shown)))
        else:
            facts.append(Fact(spec.label, "not told by the provider", "dim"))
    return facts


def _delivery(number: OwnedNumber, channel: Channel) -> list[Fact]:
    label = "Calls go to" if channel is Channel.VOICE else "SMS goes to"
    target = number.routing.get(channel)
    if target is None and number.capabilities and channel.value not in number.capabilities:
        return [Fact(label, f"no {channel.value} on this number", "dim")]
    if target is None:
        return [Fact(label, "nowhere that is told", "warn")]
    phone = target.value if isinstance(target, Target) and target.kind == "phone" else None
    malformed = malformed_phone(phone) if phone is not None else None
    warning = [Fact("", malformed, "warn")] if malformed else []
    return [Fact(label, target_words(target)), *warning]


def _place_facts(number: OwnedNumber | AvailableNumber, place: Place | None) -> list[Fact]:
    told = ", ".join(filter(None, (number.city, number.region)))
    country = country_name(number.country)
    facts = [Fact("Country", f"{country} ({number.country})" if country else UNKNOWN)]
    area = told or (place.area if place else None)
    facts.append(Fact("Place", area or UNKNOWN))
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
        Fact("Type", type_words(number.type)),
        Fact("Features", capability_words(number.capabilities)),
        *_place_facts(number, place),
    ]
