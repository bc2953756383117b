"""Parakeet's records, read into our values ("Numbers", "Available Numbers", "Users")."""

from collections.abc import Mapping
from typing import Any

from tui_numbers.domain import clock
from tui_numbers.domain.numbers import (
    Address,
    AvailableNumber,
    Channel,
    OwnedNumber,
    Routing,
    Target,
    TargetOption,
    ordered_capabilities,
    shared_routing,
    shared_settings,
)
from tui_numbers.providers.contract import AccountCheck
from tui_numbers.providers.parakeet.info import INFO
from tui_numbers.providers.wire import Fields, e164_of

_STATUSES = {"confirmed": "active"}
_KINDS_BY_PREFIX = {"US": "user", "TM": "team"}
_NO_POINTER = frozenset({"target"})
_CHANNELS = (Channel.VOICE, Channel.SMS)


def status_of(fields: Fields) -> str | None:
    """Return the status in our words; a further one is kept as it comes."""
    status = fields.word("status")
    return _STATUSES.get(status, status) if status else None


def owned_number(fields: Fields, account: str, received: bytes | None = None) -> OwnedNumber | None:
    """Read a number object; without a phone number there is nothing to show."""
    number = e164_of(fields.record.get("number"), plus=True)
    if number is None:
        return None
    target = _target(fields)
    capabilities = ordered_capabilities(fields.words("capabilities"))
    return OwnedNumber(
        account=account,
        provider=INFO.key,
        id=fields.text("id") or "",
        number=number,
        country=fields.country("country_code"),
        type=None,
        capabilities=capabilities,
        status=status_of(fields),
        name=fields.text("name"),
        region=None,
        city=None,
        monthly_cost=None,
        routing=shared_routing(_routing(target, capabilities)),
        settings=shared_settings({"target": target.text if target else None}),
        created_at=fields.time("created_at"),
        updated_at=fields.time("updated_at"),
        seen_at=clock.now(),
        received=received,
        untold=_NO_POINTER if target is not None and not target.disclosed else frozenset(),
    )


def _routing(target: Target | None, capabilities: tuple[str, ...]) -> Routing:
    return {
        channel: target if not capabilities or channel.value in capabilities else None
        for channel in _CHANNELS
    }


def _target(fields: Fields) -> Target | None:
    """Return where a number points; the name of a number is taken from its target."""
    kind = (fields.word("target_type") or "").replace(":", "-")
    name, value = fields.text("name"), _pointer(fields)
    if value is not None:
        return Target(kind or _KINDS_BY_PREFIX.get(value[:2], "unknown"), value, name)
    # A kind that the documents do not know may need no pointer.
    return Target(kind, "", name) if kind and INFO.target_kind(kind) is None else None


def _pointer(fields: Fields) -> str | None:
    """Return the id that ``target`` holds: an object when read, a string or an object when sent."""
    if isinstance(fields.record.get("target"), str):
        return fields.text("target")
    pointer = Fields(fields.mapping("target"))
    value = pointer.text("id")
    if pointer.unreadable:
        fields.unreadable.append("target")
    return value


def available_number(fields: Fields, account: str) -> AvailableNumber | None:
    """Read a stock record; "Addresses" names its address field otherwise, so both are taken."""
    number = e164_of(fields.record.get("number") or fields.record.get("id"), plus=True)
    if number is None:
        return None
    return AvailableNumber(
        account=account,
        provider=INFO.key,
        number=number,
        country=fields.country("country"),
        type=fields.word("type"),
        capabilities=(),
        address_requirement=fields.word("address_requirement") or fields.word("address_type"),
    )


def user_option(fields: Fields) -> TargetOption | None:
    """Read a user as a target, named after its profile or else its e-mail address."""
    value = fields.text("id")
    if value is None:
        return None
    profile = Fields(fields.mapping("profile"))
    names = (profile.text("first_name"), profile.text("last_name"))
    label = " ".join(name.strip() for name in names if name and name.strip())
    if profile.unreadable:
        fields.unreadable.append("profile")
    return TargetOption(Target("user", value, label or fields.text("email")), _CHANNELS)


def team_option(value: str, label: str | None) -> TargetOption:
    """Return a team that some number points at, under that number's name."""
    return TargetOption(Target("team", value, label), _CHANNELS)


def address(fields: Fields) -> Address | None:
    """Read a registered address on one line."""
    value = fields.text("id")
    if value is None:
        return None
    parts = [fields.text(key) for key in ("street", "street2", "city", "region", "postal_code")]
    return Address(
        id=value,
        name=fields.text("friendly_name") or fields.text("name"),
        lines=", ".join(part for part in parts if part),
        country=fields.country("country_code"),
    )


def account_check(record: Mapping[str, Any], account_id: str) -> AccountCheck:
    """Read the account object."""
    fields = Fields(record)
    told = {key: fields.text(key) for key in ("id", "domain", "country", "endpoint")}
    return AccountCheck(
        title=fields.text("name") or told["domain"] or account_id,
        details={key: value for key, value in told.items() if value},
        country=fields.country("country"),
    )
