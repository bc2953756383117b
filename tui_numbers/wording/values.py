"""Word values: targets, types, statuses, places, settings, times, outcomes, account states."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tui_numbers.domain.clock import local, now
from tui_numbers.domain.countries import country_name
from tui_numbers.domain.e164 import (
    E164,
    digits_of,
    international,
    is_e164,
    is_shared,
    malformed_phone,
)
from tui_numbers.domain.numbers import (
    AvailableNumber,
    Channel,
    Destination,
    Money,
    OwnedNumber,
    Target,
    Undisclosed,
    sums,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tui_numbers.domain.numbers import Finding
    from tui_numbers.domain.operations import Operation, Outcome
    from tui_numbers.domain.query import StockQuery
    from tui_numbers.domain.temporary import End
    from tui_numbers.providers.errors import ProviderError
    from tui_numbers.services.call_path import Hop

UNKNOWN = "—"
"""Stands where nothing is told."""

SHARED = "shared"
"""Stands for the country of a number that belongs to none alone, such as +1 800."""

NOWHERE = "nowhere"
"""What a change leads from or to where there is no target."""
EMPTY = "empty"
"""What a change leads from or to where a setting holds nothing."""

UNTOLD = "unknown"
"""Said in a sentence of what is not told."""

NOT_TOLD = "not told by the provider"
"""Stands where a provider never tells a setting."""

ACCOUNT_WORKS = "ok"
"""The state of an account that answered."""

LOCKED_WORD = "locked"
"""Stands where the configuration locks a number."""

_STATUS_TONES = {"active": "good", "pending": "warn", "porting": "warn"}
_OUTCOME_TONES = {
    "verified": "good",
    "unchanged": "good",
    "planned": "",
    "different": "bad",
    "failed": "bad",
    "unknown": "warn",
    "pending": "warn",
    "refused": "warn",
}
_SHORT_KINDS = {"application": "app"}
_SAYS_ITS_KIND = {"webhook": ("https://", "http://")}


def short_kind(kind: str) -> str:
    """Return a kind of target as tables show it: ``app`` for ``application``."""
    return _SHORT_KINDS.get(kind, kind)


def target_words(target: Destination | None) -> str:
    """Return a target as ``app Support IVR``: its kind, and its name or else its value."""
    if target is None:
        return UNKNOWN
    kind = short_kind(target.kind)
    if target.label and isinstance(target, Target) and is_e164(target.value):
        # The digits are what a person checks; the name says whose they are.
        return f"{kind} {international(E164(target.value))} {target.label}"
    if target.label and (isinstance(target, Target) or target.label.casefold() != target.kind):
        return f"{kind} {target.label}"
    if isinstance(target, Undisclosed):
        return target.text
    if is_e164(target.value):
        return f"{kind} {international(E164(target.value))}"
    if target.value.startswith((f"{kind}:", *_SAYS_ITS_KIND.get(kind, ()))):
        return target.value
    return f"{kind} {target.value}"


def malformed_words(target: Destination | None) -> str | None:
    """Return why a phone number that is stored as a target is none, or None."""
    if not isinstance(target, Target) or target.kind != "phone":
        return None
    return malformed_phone(target.value)


def destination_words(target: Destination | None) -> str:
    """Return what a change leads from or to: a target in words, or that there is none."""
    return NOWHERE if target is None else target_words(target)


def routing_words(number: OwnedNumber, channel: Channel) -> str:
    """Return where a channel of a number is delivered, or why it is not."""
    target = number.routing.get(channel)
    if target is None and number.capabilities and channel.value not in number.capabilities:
        return f"no {channel.words} on this number"
    return "nowhere that is told" if target is None else target_words(target)


def delivery_words(channel: Channel, target: Destination | None) -> str:
    """Return where a channel is delivered, as ``calls go to app Support IVR``."""
    return f"{channel.goes} to {destination_words(target)}"


def channel_heading(channel: Channel) -> str:
    """Return the heading of where a channel is delivered."""
    return f"{channel.goes[:1].upper()}{channel.goes[1:]} to"


def path_lines(hops: "Sequence[Hop]") -> list[str]:
    """Return where calls end, a line for each further number, and what is not known of it."""
    if len(hops) == 1 and hops[0].note:
        return [hops[0].note]
    lines = []
    for at, hop in enumerate(hops):
        target = Target(hop.kind, hop.value, hop.label) if hop.kind and hop.value else None
        words = destination_words(target) if hop.kind is None or hop.value else hop.kind
        who = f"{international(hop.number)} at {hop.account} -> " if at else ""
        if at < len(hops) - 1 and not at:
            continue
        lines.append(f"{who}{words}" + (f": {hop.note}" if hop.note else ""))
    return lines


def kind_words(kind: str | None) -> str:
    """Return a number's type, ``toll free``."""
    return kind.replace("_", " ") if kind else UNKNOWN


def spelled(number: str, query: "StockQuery") -> str:
    """Return the digits of ``number`` with the letters searched for in the place they match."""
    word, span = query.word_in(number), query.span(number)
    if not word or span is None:
        return ""
    bare = digits_of(number)
    end = span[1]
    start = end - len(word)
    return bare[:start][-4:] + word + bare[end:]


def reads_words(number: str, query: "StockQuery | None") -> str:
    """Return what a number that is for sale spells, or else why it is easily remembered."""
    from tui_numbers.domain.memorable import memorable

    return (spelled(number, query) if query is not None else "") or memorable(number).reason


def costs_words(numbers: "Iterable[AvailableNumber]") -> str:
    """Return what numbers cost together: ``EUR 3.25 a month · set-up unknown``."""
    listed = list(numbers)
    monthly = _sum_words([one.monthly_cost for one in listed], " a month")
    setup = _sum_words([one.setup_cost for one in listed])
    return f"{f'price {UNTOLD}' if monthly == UNTOLD else monthly} · set-up {setup}"


def basket_words(numbers: "Iterable[AvailableNumber]", failed: int = 0) -> str:
    """Return what is chosen and costs: ``3 chosen · EUR 3.25 a month · set-up unknown``."""
    listed = list(numbers)
    problems = f" · {failed:,} not bought" if failed else ""
    return f"{len(listed):,} chosen · {costs_words(listed)}{problems}"


def _sum_words(prices: "Sequence[Money | None]", each: str = "") -> str:
    known, unknown = sums(prices)
    if not known:
        return UNTOLD
    words = " and ".join(map(str, known)) + each
    return f"{words}, {unknown:,} {UNTOLD}" if unknown else words


def type_words(number: OwnedNumber) -> str:
    """Return the type of an owned number, and the provider's own word where it is another."""
    return _with_own_word(kind_words(number.type), number.told.get("type"))


def status_words(number: OwnedNumber) -> str:
    """Return the status of an owned number, and the provider's own word where it is another."""
    return _with_own_word(number.status or UNKNOWN, number.told.get("status"))


def standing_words(number: OwnedNumber, *, locked: bool) -> str:
    """Return the status of an owned number in a table.

    That the configuration locks it comes first, and alone where nothing else is to be said.
    """
    if not locked:
        return number.status or UNKNOWN
    return LOCKED_WORD if number.status in (None, "active") else f"{LOCKED_WORD} {number.status}"


def _with_own_word(word: str, own: str | None) -> str:
    return f"{word} ({own})" if own else word


def capability_words(capabilities: tuple[str, ...]) -> str:
    """Return what a number carries."""
    return " ".join(capabilities) or UNKNOWN


def country_words(code: str | None, number: str | None = None) -> str:
    """Return a country by its name and its two letters, or that ``number`` belongs to none."""
    if code is None and number is not None and is_shared(number):
        return SHARED
    name = country_name(code)
    return f"{name} ({code})" if name else code or UNKNOWN


def place_words(city: str | None, region: str | None, area: str | None = None) -> str:
    """Return where a number is: as its record tells, or else by the ``area`` of its digits."""
    return ", ".join(filter(None, (city, region))) or area or UNKNOWN


def money_words(money: Money | None) -> str:
    """Return currency and amount."""
    return UNKNOWN if money is None else str(money)


def setting_words(number: OwnedNumber, key: str) -> str:
    """Return a stored setting as it is written."""
    value = number.settings.get(key)
    return UNKNOWN if value is None else str(value)


def further_facts(number: OwnedNumber) -> list[tuple[str, str]]:
    """Return what the provider tells of a number that has no place among the others."""
    headings = (("written", "Written there"), ("property", "Property"), ("kept", "Not released"))
    return [(heading, number.told[key]) for key, heading in headings if key in number.told]


def outcome_words(operation: "Operation") -> str:
    """Return how an operation ended, or that it has not."""
    return operation.outcome.value if operation.outcome else "under way"


def outcome_tone(outcome: "Outcome | None") -> str:
    """Return how an outcome is meant: "good", "warn", "bad", "dim", or "" for none of these."""
    return _OUTCOME_TONES[outcome] if outcome is not None else "dim"


def finding_words(code: str) -> str:
    """Return the code of a finding as words, ``target gone``."""
    return code.replace("_", " ")


def finding_line(finding: "Finding") -> tuple[str, str]:
    """Return what is wrong with a number as a heading and a sentence with its remedy."""
    words = finding_words(finding.code)
    return f"{words[:1].upper()}{words[1:]}", f"{finding.text}; {finding.fix}"


def status_tone(status: str | None) -> str:
    """Return how the status of a number is meant, in the words of ``outcome_tone``."""
    return _STATUS_TONES.get(status or "", "dim" if status is None else "")


def failure_words(error: "ProviderError") -> str:
    """Return how an account stands that failed, in a word or two."""
    return error.state


def failure_line(account: str, error: "ProviderError") -> str:
    """Return one line on what an account could not do."""
    return f"{account}: {error}"


def failure_lines(failures: "Mapping[str, ProviderError]") -> list[str]:
    """Return a line per account that failed."""
    return [failure_line(account, error) for account, error in failures.items()]


def end_state_words(end: "End", now: datetime) -> str:
    """Return how the end of a temporary change stands."""
    if end.state == "conflict":
        return f"conflict: {end.note or 'changed since'}"
    if end.state == "claimed":
        return "being put back" + (f": {end.note}" if end.note else "")
    if not end.is_overdue(now):
        return "waiting"
    return "overdue" + (f": {end.note}" if end.note else "")


def temporary_words(end: "End") -> str:
    """Return until when a number is temporary, by whom, and what became of its end."""
    from tui_numbers.domain.temporary import zoned_words

    who = f" by {end.actor}" if end.actor is not None else ""
    route = f", route {end.route}" if end.route else ""
    state = end_state_words(end, now())
    stands = "" if state == "waiting" else f"; {state}"
    return f"until {zoned_words(end.until)}{who}{route} ({end.operation}){stands}"


def end_tone(end: "End", now: datetime) -> str:
    """Return how the end of a temporary change is meant, in the words of ``outcome_tone``."""
    if end.state == "conflict":
        return "bad"
    return "warn" if end.is_overdue(now) else ""


def time_words(moment: datetime | None) -> str:
    """Return date and time in the user's zone."""
    return UNKNOWN if moment is None else local(moment).strftime("%Y-%m-%d %H:%M")


def recent_words(moment: datetime) -> str:
    """Return date and time in the user's zone, without the year where it is this one."""
    shown = local(moment)
    this_year = shown.year == local(now()).year
    return shown.strftime("%m-%d %H:%M" if this_year else "%Y-%m-%d %H:%M")


def brief_end(moment: datetime) -> str:
    """Return when something is put back, in the user's zone: a time of day where it is the next."""
    shown, ahead = local(moment), moment - now()
    if timedelta(0) <= ahead < timedelta(hours=24) or shown.date() == local(now()).date():
        return shown.strftime("%H:%M")
    return shown.strftime("%a %H:%M" if abs(ahead) < timedelta(days=6) else "%Y-%m-%d %H:%M")


def time_of_day(moment: datetime | None) -> str:
    """Return a time of day in the user's zone, with the date where it is another day."""
    if moment is None:
        return UNKNOWN
    shown = local(moment)
    return shown.strftime("%H:%M") if shown.date() == local(now()).date() else time_words(moment)
