"""Convert numbers, targets, money and operations to and from JSON records."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tui_numbers.domain import clock
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import (
    AvailableNumber,
    Channel,
    Destination,
    Finding,
    Money,
    OwnedNumber,
    Routing,
    Settings,
    Stored,
    Target,
    TargetOption,
    Undisclosed,
)

if TYPE_CHECKING:
    from tui_numbers.domain.operations import Operation
    from tui_numbers.domain.temporary import End

Record = dict[str, Any]
_CHANNELS = tuple(Channel)


def time_text(moment: datetime | None) -> str | None:
    """Return a time as ISO 8601 in UTC with milliseconds and ``Z``."""
    if moment is None:
        return None
    universal = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return universal.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def time_read(text: object) -> datetime | None:
    """Return the time that ``time_text`` wrote, or None."""
    return datetime.fromisoformat(text) if isinstance(text, str) and text else None


def money_record(money: Money | None) -> Record | None:
    """Return ``{amount, currency}``, the amount as text with the provider's digits."""
    return None if money is None else {"amount": money.digits, "currency": money.currency}


def target_record(target: Destination | None) -> Record | None:
    """Return ``{kind, value, label}``; the value is null where only the kind is told."""
    if target is None:
        return None
    value = target.value if isinstance(target, Target) else None
    return {"kind": target.kind, "value": value, "label": target.label}


def target_from_record(record: Mapping[str, Any] | None) -> Destination | None:
    """Return the target that ``target_record`` wrote."""
    if record is None:
        return None
    kind, value, label = record["kind"], record["value"], record.get("label")
    return Target(kind, value, label) if value else Undisclosed(kind, label)


class Deliveries:
    """The records of routings and settings: numbers that share one share its record."""

    def __init__(self) -> None:
        self._routings: dict[int, tuple[Routing, Record]] = {}
        self._settings: dict[int, tuple[Settings, Record]] = {}

    def routing(self, routing: Routing) -> Record:
        """Return where each channel goes."""
        # What is kept beside its record stays alive, and no other thing gets its identity.
        known = self._routings.get(id(routing))
        if known is None:
            record = {channel.value: target_record(routing.get(channel)) for channel in _CHANNELS}
            known = self._routings[id(routing)] = (routing, record)
        return known[1]

    def settings(self, settings: Settings) -> Record:
        """Return what is stored; a value that is not told is null."""
        known = self._settings.get(id(settings))
        if known is None:
            record = {
                key: None if isinstance(value, Undisclosed) else value
                for key, value in settings.items()
            }
            known = self._settings[id(settings)] = (settings, record)
        return known[1]


def owned_record(
    number: OwnedNumber,
    findings: Sequence[Finding] = (),
    end: "End | None" = None,
    deliveries: Deliveries | None = None,
) -> Record:
    """Return the JSON record of an owned number; a setting whose value is not told is null.

    ``findings`` is what is wrong with it, and ``end`` when it is put back: neither is looked for
    in a state before or after a write. ``deliveries`` is for the records of many numbers, which are
    then only read.
    """
    made = deliveries or Deliveries()
    return {
        "account": number.account,
        "provider": number.provider,
        "id": number.id,
        "number": number.number,
        "country": number.country,
        "type": number.type,
        "capabilities": list(number.capabilities),
        "status": number.status,
        "name": number.name,
        "region": number.region,
        "city": number.city,
        "monthly_cost": money_record(number.monthly_cost),
        "routing": made.routing(number.routing),
        "settings": made.settings(number.settings),
        "findings": [{"code": one.code, "text": one.text} for one in findings],
        "temporary": end and {"until": time_text(end.until), "operation": end.operation},
        "created_at": time_text(number.created_at),
        "updated_at": time_text(number.updated_at),
        "seen_at": time_text(number.seen_at),
    }


def finding_record(finding: Finding) -> Record:
    """Return the JSON record of a finding by itself."""
    return {
        "account": finding.account,
        "number": finding.number,
        "code": finding.code,
        "text": finding.text,
        "fix": finding.fix,
    }


def available_record(number: AvailableNumber) -> Record:
    """Return the JSON record of an available number."""
    return {
        "account": number.account,
        "provider": number.provider,
        "number": number.number,
        "country": number.country,
        "type": number.type,
        "capabilities": list(number.capabilities),
        "region": number.region,
        "city": number.city,
        "monthly_cost": money_record(number.monthly_cost),
        "setup_cost": money_record(number.setup_cost),
        "address_requirement": number.address_requirement,
    }


def option_record(account: str, option: TargetOption, numbers: int | None) -> Record:
    """Return the JSON record of a target that an account offers.

    ``numbers`` is how many numbers point there, None where that is not known.
    """
    return {
        "account": account,
        "channels": [channel.value for channel in option.channels],
        "kind": option.target.kind,
        "value": option.target.value,
        "label": option.target.label,
        "numbers": numbers,
    }


def result_states(before: OwnedNumber | None, after: OwnedNumber | None) -> Record:
    """Return the part of a write's JSON result that tells the number's states.

    Its ``after`` is what was observed, or what is requested in a dry run.
    """
    return {"before": _state(before), "after": _state(after)}


def operation_record(operation: "Operation") -> Record:
    """Return the JSON record of an operation in the journal.

    Its ``after`` is what was requested, and its ``seen`` what was observed.
    """
    return {
        "operation": operation.id,
        "account": operation.account,
        "number": operation.number,
        "action": operation.action.value,
        "outcome": operation.outcome.value if operation.outcome else None,
        "before": _state(operation.before),
        "after": _state(operation.requested),
        "error": operation.error,
        "batch": operation.batch,
        "provider": operation.provider,
        "started_at": time_text(operation.started_at),
        "finished_at": time_text(operation.finished_at),
        "actor": str(operation.actor),
        "reason": operation.reason,
        "seen": _state(operation.observed),
        "reference": operation.reference,
    }


def end_record(end: "End", now: datetime) -> Record:
    """Return the JSON record of the end of a temporary change."""
    return {
        "operation": end.operation,
        "batch": end.batch,
        "account": end.account,
        "number": end.number,
        "action": end.action.value,
        "until": time_text(end.until),
        "overdue": end.is_overdue(now),
        "state": end.state.value,
        "route": end.route,
    }


def _state(number: OwnedNumber | None) -> Record | None:
    return None if number is None else owned_record(number)


def kept_record(number: OwnedNumber) -> Record:
    """Return the record that ``owned_from_record`` reads without loss.

    Beside what ``owned_record`` says, it tells a setting that is not disclosed from an empty one.
    """
    record = owned_record(number)
    del record["findings"]
    for key, value in number.settings.items():
        if isinstance(value, Undisclosed):
            record["settings"][key] = {"kind": value.kind}
    if number.elsewhere:
        record["elsewhere"] = {channel.value: who for channel, who in number.elsewhere.items()}
    return record


def _setting_from_record(value: str | Mapping[str, str] | None) -> Stored:
    # The usual cases first: a page of history holds some thousands of them.
    return value if value is None or isinstance(value, str) else Undisclosed(value["kind"])


def owned_from_record(record: Mapping[str, Any]) -> OwnedNumber:
    """Return the owned number that ``kept_record`` wrote."""
    routed = record.get("routing") or {}
    routing: dict[Channel, Destination | None] = {
        channel: target_from_record(routed.get(channel)) for channel in _CHANNELS
    }
    cost = record.get("monthly_cost")
    return OwnedNumber(
        account=record["account"],
        provider=record["provider"],
        id=record["id"],
        number=E164(record["number"]),
        country=record.get("country"),
        type=record.get("type"),
        capabilities=tuple(record.get("capabilities") or ()),
        status=record.get("status"),
        name=record.get("name"),
        region=record.get("region"),
        city=record.get("city"),
        monthly_cost=cost and Money(Decimal(cost["amount"]), cost["currency"]),
        routing=routing,
        settings={
            key: _setting_from_record(value)
            for key, value in (record.get("settings") or {}).items()
        },
        created_at=time_read(record.get("created_at")),
        updated_at=time_read(record.get("updated_at")),
        seen_at=time_read(record.get("seen_at")) or clock.now(),
        elsewhere={Channel(name): who for name, who in (record.get("elsewhere") or {}).items()},
    )
