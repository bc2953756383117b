"""Decode Parakeet's records and errors ("Numbers", "Available Numbers", "Users")."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tui_numbers.domain.e164 import E164, digits_of
from tui_numbers.domain.numbers import (
    Address,
    AvailableNumber,
    Channel,
    Destination,
    OwnedNumber,
    Routing,
    Stored,
    Target,
    TargetOption,
    Told,
    Undisclosed,
    ordered_capabilities,
    shared_routing,
    shared_settings,
    shared_told,
)
from tui_numbers.providers import decoding
from tui_numbers.providers.contract import AccountCheck
from tui_numbers.providers.decoding import Fields, e164_of, undocumented_target
from tui_numbers.providers.errors import BadReply
from tui_numbers.providers.parakeet.info import INFO

if TYPE_CHECKING:
    from tui_numbers.providers.request import Reply

_LONGEST_WORDS = 300
_STATUSES = {"confirmed": "active"}
_KINDS_BY_PREFIX = {"US": "user", "TM": "team"}
_CHANNELS = (Channel.VOICE, Channel.SMS)


def checked(reply: "Reply", account: str) -> "Reply":
    """Return a reply that is a success.

    Raises:
        ProviderError: It is not; the error bears what the body says.
    """
    if 200 <= reply.status < 300:
        return reply
    raise decoding.status_error(reply, account, words_of(reply))


def list_of(reply: "Reply", account: str) -> list[Any]:
    """Return the bare array that every listing answers with ("Getting Started").

    Raises:
        ProviderError: The reply is something else.
    """
    value = decoding.decode(checked(reply, account), account)
    if isinstance(value, list):
        return value
    raise _unexpected(reply, account, "JSON that is not a list")


def object_of(reply: "Reply", account: str, needs: str) -> Mapping[str, Any]:
    """Return the one object that a reply holds; without a field ``needs`` it is not one of ours.

    Raises:
        ProviderError: The reply is something else.
    """
    value = decoding.decode(checked(reply, account), account)
    if isinstance(value, dict) and needs in value:
        return value
    raise _unexpected(reply, account, f"JSON without {needs!r}")


def _unexpected(reply: "Reply", account: str, what: str) -> BadReply:
    said = words_of(reply)
    said = f": {said}" if said else ""
    return BadReply(f"{reply.host} sent {what} (HTTP {reply.status}){said}", account=account)


def words_of(reply: "Reply") -> str:
    """Return what an error body says, on one line.

    No document shows such a body, so any usual shape will do: an object, a list or plain text.
    """
    value = decoding.try_decode(reply)
    if value is None:
        if reply.body.lstrip()[:1] in (b"<", b"{", b"["):
            return ""
        value = reply.body[: _LONGEST_WORDS * 4].decode(errors="replace").strip()
    return decoding.words_in(value, _LONGEST_WORDS)


def status_of(fields: Fields) -> str | None:
    """Return the status in our words; a further one is kept as it comes."""
    status = fields.word("status")
    return _STATUSES.get(status, status) if status else None


def number_of(record: Mapping[str, Any]) -> E164 | None:
    """Return the number of a number object, or None where it holds none."""
    country = Fields(record).country("country_code")
    return e164_of(record.get("number"), plus=True, country=country)


def owned_number(fields: Fields, account: str, received: bytes | None = None) -> OwnedNumber | None:
    """Read a number object; without a phone number there is nothing to show."""
    number = number_of(fields.record)
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
        settings=shared_settings({"target": _stored(target)}),
        created_at=fields.time("created_at"),
        updated_at=fields.time("updated_at"),
        seen_at=fields.seen_at,
        received=received,
        told=_told(fields, number),
    )


def _told(fields: Fields, number: E164) -> Told:
    told = {}
    status = fields.word("status")
    if status in _STATUSES:
        told["status"] = status
    written = fields.text("formatted_number")
    # Kept only where the number's own digits do not say it: there are many numbers.
    if written and digits_of(written).removeprefix("0") not in number:
        told["written"] = written
    return shared_told(told)


def _stored(target: Destination | None) -> Stored:
    if isinstance(target, Undisclosed):
        return Undisclosed(target.kind)
    return None if target is None else target.text


def _routing(target: Destination | None, capabilities: tuple[str, ...]) -> Routing:
    return {
        channel: target if not capabilities or channel.value in capabilities else None
        for channel in _CHANNELS
    }


def _target(fields: Fields) -> Destination | None:
    """Return where a number points; the name of a number is taken from its target."""
    kind, value = fields.word("target_type"), _pointer(fields)
    if kind is None and value is not None:
        kind = _KINDS_BY_PREFIX.get(value[:2])
    if kind is not None and INFO.target_kind(kind) is not None:
        found: Destination | None = Target(kind, value) if value is not None else None
    else:
        # A kind that the documents do not know may need no pointer.
        found = undocumented_target(INFO, fields.exact("target_type"), value)
    return replace(found, label=fields.text("name")) if found is not None else None


def _pointer(fields: Fields) -> str | None:
    """Return the id that ``target`` holds: an object when read, a string or an object when sent."""
    if isinstance(fields.record.get("target"), str):
        return _last_segment(fields.exact("target"))
    pointer = Fields(fields.mapping("target"))
    value = _identifier(pointer)
    if pointer.unreadable:
        fields.unreadable.append("target")
    return value


def _identifier(fields: Fields) -> str | None:
    """Return what an object is known by: its ``id``, or else the end of its ``href``."""
    return fields.exact("id") or _last_segment(fields.exact("href"))


def _last_segment(href: str | None) -> str | None:
    """Return the last segment of a path or a URL, which is the id of what stands there."""
    if href is None:
        return None
    path = href.partition("#")[0].partition("?")[0]
    return path.rstrip("/").rpartition("/")[2] or None


def available_number(fields: Fields, account: str) -> AvailableNumber | None:
    """Read a stock record; "Addresses" names its address field otherwise, so both are taken."""
    told = fields.record.get("number") or fields.record.get("id")
    number = e164_of(told, plus=True, country=Fields(fields.record).country("country"))
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
    value = _identifier(fields)
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
    value = _identifier(fields)
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
