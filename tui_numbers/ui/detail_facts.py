"""List and draw the facts of a number or an operation, for the detail pane and History."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from tui_numbers.domain.clock import now
from tui_numbers.domain.e164 import international
from tui_numbers.domain.numbers import AvailableNumber, Channel, Finding, OwnedNumber
from tui_numbers.domain.operations import Operation
from tui_numbers.domain.temporary import zoned_words
from tui_numbers.providers.contract import ProviderInfo
from tui_numbers.services.config_keys import LOCKED
from tui_numbers.services.locations import Place
from tui_numbers.ui.text import content, fit, measure
from tui_numbers.wording.changes import change_words
from tui_numbers.wording.plans import change_lines
from tui_numbers.wording.values import (
    NOT_TOLD,
    UNKNOWN,
    capability_words,
    channel_heading,
    country_words,
    end_tone,
    finding_line,
    further_facts,
    kind_words,
    malformed_words,
    money_words,
    outcome_tone,
    outcome_words,
    path_lines,
    place_words,
    reads_words,
    routing_words,
    setting_words,
    status_tone,
    status_words,
    target_words,
    temporary_words,
    time_of_day,
    time_words,
    type_words,
)

if TYPE_CHECKING:
    from tui_numbers.domain.temporary import End
    from tui_numbers.services.call_path import Hop


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
    wrong: Sequence[Finding] = (),
    end: "End | None" = None,
    path: "Sequence[Hop]" = (),
) -> list[Fact]:
    """Return everything known of an owned number.

    Args:
        number: The number.
        info: What its provider declares.
        place: Where it is; None until that is known.
        latest: What was done to it from here.
        locked: Whether the configuration locks it.
        wrong: What is wrong with it.
        end: When it is put back, where it is temporary.
        path: Where its calls go on to.
    """
    facts = [
        Fact(HEADING, international(number.number)),
        Fact("Name", number.name or UNKNOWN),
        Fact("Status", status_words(number), status_tone(number.status)),
        *([Fact("Locked", LOCKED, "warn")] if locked else []),
        Fact("Account", f"{number.account} ({info.title})"),
        Fact(HEADING, "Delivery"),
        *(fact for channel in Channel for fact in _delivery(number, channel)),
        *_path_facts(path),
        *([Fact("Temporary", temporary_words(end), end_tone(end, now()) or "warn")] if end else []),
        *_finding_facts(wrong),
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
        facts.append(Fact("Created", time_words(number.created_at)))
        facts.append(Fact("Updated", time_words(number.updated_at)))
    facts.append(Fact("As of", time_words(number.seen_at)))
    facts.append(Fact(HEADING, "Settings"))
    for spec in info.settings:
        if spec.readable:
            shown = number.settings.get(spec.key)
            pointed = isinstance(shown, str) and spec.target_kinds
            target = spec.target_in(str(shown)) if pointed else None
            named = next((one for one in number.routing.values() if one == target), target)
            words = target_words(named) if named else setting_words(number, spec.key)
            facts.append(Fact(spec.label, words))
        else:
            facts.append(Fact(spec.label, NOT_TOLD, "dim"))
    return facts


def _path_facts(path: "Sequence[Hop]") -> list[Fact]:
    """Return where calls end; nothing where that says no more than where they go."""
    if len(path) < 2 and not any(hop.note for hop in path if hop.kind is not None):
        return []
    tone = "bad" if any(hop.is_ring for hop in path) else "dim"
    lines = path_lines(path)
    return [Fact("Calls end" if not at else "", line, tone) for at, line in enumerate(lines)]


def _delivery(number: OwnedNumber, channel: Channel) -> list[Fact]:
    label = channel_heading(channel)
    target = number.routing.get(channel)
    tone = ""
    if target is None:
        cannot = number.capabilities and channel.value not in number.capabilities
        tone = "dim" if cannot else "warn"
    malformed = malformed_words(target)
    said = (number.elsewhere.get(channel), malformed)
    warnings = [Fact("", words, "warn") for words in said if words]
    return [Fact(label, routing_words(number, channel), tone), *warnings]


_TOLD_BESIDE = frozenset({"malformed_target", "decided_elsewhere", "unknown"})
"""What is told already, beside the target or among what was changed from here."""


def _finding_facts(wrong: Sequence[Finding]) -> list[Fact]:
    """Return what is wrong with a number, and what to do about it."""
    facts = []
    for one in wrong:
        if one.code not in _TOLD_BESIDE:
            label, _ = finding_line(one)
            facts += [Fact(label, one.text, "bad" if one.urgent else "warn"), Fact("", one.fix)]
    return [Fact(HEADING, "What is wrong"), *facts] if facts else []


def _place_facts(number: OwnedNumber | AvailableNumber, place: Place | None) -> list[Fact]:
    area = place.area if place else None
    facts = [
        Fact("Country", country_words(number.country, number.number)),
        Fact("Place", place_words(number.city, number.region, area)),
    ]
    if place is not None:
        local = place.local_time(now())
        facts.append(Fact("Time there", f"{local} as of opening" if local else UNKNOWN))
    return facts


def stock_facts(number: AvailableNumber, info: ProviderInfo, place: Place | None) -> list[Fact]:
    """Return everything known of an available number."""
    unknown_price = info.price_unknown or NOT_TOLD
    return [
        Fact(HEADING, international(number.number)),
        Fact("Offered by", f"{number.account} ({info.title})"),
        Fact("Monthly", str(number.monthly_cost) if number.monthly_cost else "price unknown"),
        *([] if number.monthly_cost else [Fact("", unknown_price, "dim")]),
        Fact("Setup", str(number.setup_cost) if number.setup_cost else "unknown"),
        *([Fact("Reads", reads)] if (reads := reads_words(number.number, None)) else []),
        Fact("Address", number.address_requirement or "not told"),
        Fact(HEADING, "Number"),
        Fact("E.164", number.number),
        Fact("Type", kind_words(number.type)),
        Fact("Features", capability_words(number.capabilities)),
        *_place_facts(number, place),
    ]


MOST_SHOWN = 5
"""Operations told of one number."""


def latest_facts(operations: Sequence[Operation]) -> list[Fact]:
    """Return the last operations on a number; nothing where there was none."""
    if not operations:
        return []
    facts = [Fact(HEADING, "Changed from here")]
    for one in operations[:MOST_SHOWN]:
        outcome = outcome_words(one)
        facts.append(
            Fact(
                time_of_day(one.started_at)[:10],
                f"{one.action} {outcome}, {one.actor.short}",
                outcome_tone(one.outcome),
            )
        )
        facts.append(Fact("", change_words(one), "dim"))
    return facts


def operation_facts(operation: Operation) -> list[Fact]:
    """Return everything recorded of one operation."""
    facts = [
        Fact(HEADING, f"{operation.action} {international(operation.number)}"),
        Fact("Outcome", outcome_words(operation), outcome_tone(operation.outcome)),
        Fact("Account", operation.account),
        Fact("Who", str(operation.actor)),
        Fact("Reason", operation.reason or UNKNOWN),
        Fact("Began", time_words(operation.started_at)),
        Fact("Ended", time_words(operation.finished_at)),
    ]
    if operation.until is not None:
        facts.append(Fact("Until", zoned_words(operation.until)))
    if operation.route:
        facts.append(Fact("Route", operation.route))
    if operation.error:
        facts.append(Fact("Said", operation.error, "warn"))
    if operation.undoes:
        facts.append(Fact("Undoes", operation.undoes))
    facts.append(Fact("Operation", operation.id))
    facts.append(Fact("Batch", operation.batch))
    facts.extend(_states("Asked", operation.before, operation.requested))
    if operation.observed is not None and operation.observed != operation.requested:
        facts.extend(_states("Read back", operation.before, operation.observed))
    return facts


def _states(title: str, before: OwnedNumber | None, after: OwnedNumber | None) -> list[Fact]:
    if before is None or after is None:
        return []
    lines = change_lines(before, after) or []
    said = [Fact(line.label, line.text) for line in lines] or [Fact("", "no change", "dim")]
    return [Fact(HEADING, f"{title}: before -> after"), *said]


_NARROWEST = 12


_STYLES = {
    "good": "$text-success",
    "warn": "$text-warning",
    "bad": "$text-error bold",
    "dim": "$label",
}


def facts_content(facts: Sequence[Fact], width: int) -> Content:
    """Return facts as text for ``width`` cells."""
    longest = max((measure(fact.label) for fact in facts), default=0)
    labels = max(_NARROWEST, min(longest, width * 2 // 5))
    lines: list[Content] = []
    for fact in facts:
        if not fact.label and not fact.tone:
            if lines:
                lines.append(Content(""))
            lines.append(content(fact.value).stylize("bold $text-accent"))
            continue
        if measure(fact.label) > labels:
            # What tells one label from its neighbours often stands at its end.
            lines.append(Content.styled(fit(fact.label, width), "$label"))
            label = Content(" " * (labels + 1))
        else:
            label = Content.styled(f"{fit(fact.label, labels)} ", "$label")
        value = content(fact.value)
        lines.extend(hung(label, value.stylize(_STYLES.get(fact.tone, "")), width, labels + 1))
    return Content("\n").join(lines)


def hung(label: Content, value: Content, width: int, indent: int) -> list[Content]:
    """Return a label and its value, whose further lines stand below its first."""
    room = width - indent
    if room < _NARROWEST or value.cell_length <= room:
        return [label + value]
    first, *rest = value.wrap(room)
    return [label + first, *(Content(" " * indent) + line for line in rest)]
