"""Decode Twilio's records and errors, and encode changes as forms."""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from tui_numbers.domain.changes import Change, Clear, Set
from tui_numbers.domain.e164 import E164, home_country
from tui_numbers.domain.numbers import (
    NOT_KNOWN,
    Address,
    AvailableNumber,
    Channel,
    Destination,
    Elsewhere,
    Money,
    OwnedNumber,
    Stored,
    Target,
    TargetOption,
    Told,
    ordered_capabilities,
    shared_routing,
    shared_settings,
    shared_told,
)
from tui_numbers.domain.text import clean, word_key
from tui_numbers.providers import decoding
from tui_numbers.providers.contract import PickerChoice
from tui_numbers.providers.decoding import Fields, e164_of
from tui_numbers.providers.errors import BadReply, NotOffered, ProviderError, RateLimited, Rejected
from tui_numbers.providers.twilio.info import INFO, WIRE_KINDS, WIRE_NAMES

if TYPE_CHECKING:
    from tui_numbers.providers.request import Reply

_LONGEST_WORDS = 300
_SERVICE_SID = re.compile("MG[0-9a-fA-F]{32}")
_NUMBER_SID = re.compile("PN[0-9a-fA-F]{32}")
_TYPES = {"tollfree": "toll_free", "sharedcost": "shared_cost"}
"""Words that Twilio writes in other ways than ours; it spells types differently on each host."""
_IN_USE = "in-use"
_USUAL_TIME = re.compile(
    r"[A-Z][a-z]{2}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) \+0000", re.ASCII
)
"""How the times of nearly all records are written, which needs no general parser."""
_MONTH_NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_ADDRESS_GONE = frozenset({"unregistered", "registration-failure"})
"""States of an emergency address that does not keep its number from being released."""
_TOO_MANY_AT_ONCE = 20429
_HINTS = {
    20003: "check account_sid, key_id and the secret; a key belongs to one region",
    20429: "other programs use the account too: try again",
    21421: "check the digits",
    21422: "search again: somebody else may have it, or it was given up a short while ago",
    21452: "search again without the area code",
    21613: "the account must be certified for this country at Twilio first",
    21615: "name an address in the number's own country: --with address=AD…",
    21631: "name an address that is registered at Twilio: --with address=AD…",
    21649: "name the regulatory bundle: --with bundle=BU…",
    21669: "the number is processed in another region than the account's",
    22199: "the number has no record in this region",
}
"""What to do about refusals, by Twilio's own code."""


@dataclass(frozen=True, slots=True)
class Service:
    """A Messaging Service, and what it does with messages to its numbers."""

    sid: str
    name: str | None
    decides: bool
    """Whether it, rather than each number, says where messages go."""
    drops: bool
    """Whether it decides and names no address, so that messages are lost."""

    @property
    def words(self) -> str:
        """Say who decides where messages go."""
        said = f"the Messaging Service {self.name or self.sid} decides where messages go"
        return f"{said}, and drops them: it has no address for them" if self.drops else said


@dataclass(frozen=True, slots=True)
class Services:
    """Every Messaging Service of an account, and which number is in which."""

    known: Mapping[str, Service] = field(default_factory=dict)
    """By SID."""
    members: Mapping[str, str] = field(default_factory=dict)
    """The SID of the service by that of the number."""

    def of(self, number: str) -> Service | None:
        """Return the service that decides for the number of this SID, or None."""
        service = self.known.get(self.members.get(number, ""))
        return service if service is not None and service.decides else None


def body_of(reply: "Reply", account: str, needs: str | None = None) -> dict[str, Any]:
    """Return the object that a successful reply holds.

    Raises:
        ProviderError: It is a refusal, or something else.
    """
    if not 200 <= reply.status < 300:
        raise _refusal(reply, account)
    body = decoding.decode(reply, account)
    if not isinstance(body, dict):
        raise BadReply(f"{reply.host} sent JSON that is no object", account=account)
    status = body.get("status")
    if _code(body) is not None and isinstance(status, int) and status >= 400:
        # A refusal that claims to be a success is one all the same.
        raise _refusal(replace(reply, status=status), account)
    if needs is not None and not isinstance(body.get(needs), list):
        raise BadReply(f"{reply.host} sent JSON without {needs}", account=account)
    return body


def _refusal(reply: "Reply", account: str) -> ProviderError:
    value = decoding.try_decode(reply)
    body = value if isinstance(value, dict) else {}
    code = _code(body)
    message = body.get("message")
    words = message.strip() if isinstance(message, str) else ""
    if not words and value is not None:
        words = decoding.words_in(value, _LONGEST_WORDS)
    if words and code is not None and str(code) not in words:
        words = f"{words} ({code})"
    error = decoding.status_error(reply, account, clean(words, _LONGEST_WORDS))
    if code == _TOO_MANY_AT_ONCE and not isinstance(error, RateLimited):
        error = RateLimited(error.message, account=account)
    if code in _HINTS and isinstance(error, Rejected | RateLimited):
        error.hint = _HINTS[code]
    return error


def _code(body: Mapping[str, Any]) -> int | None:
    code = body.get("code")
    if isinstance(code, str) and re.fullmatch("[0-9]{1,6}", code):
        return int(code)
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def next_link(body: Mapping[str, Any], account: str) -> str | None:
    """Return where the next page is, as either kind of listing says it; None on the last.

    Raises:
        BadReply: It is said in a way that is no link.
    """
    meta = body.get("meta")
    link = meta.get("next_page_url") if isinstance(meta, dict) else body.get("next_page_uri")
    if link is None or link == "":
        return None
    if not isinstance(link, str):
        raise BadReply("Twilio sent a next page that is no link", account=account)
    return link


def number_of(record: object) -> E164 | None:
    """Return the number of a record, or None where it holds none."""
    return e164_of(record.get("phone_number"), plus=True) if isinstance(record, dict) else None


def owned_number(
    fields: Fields,
    account: str,
    seen_at: datetime,
    services: Services | None,
    *,
    kind: str | None = None,
    received: bytes | None = None,
    region: str | None = None,
) -> OwnedNumber | None:
    """Read a number; without a phone number or a SID there is nothing to show.

    Args:
        fields: The record.
        account: The account's name.
        seen_at: When it was read.
        services: The Messaging Services; None where they could not be read.
        kind: The type by which it was listed, for a record that has none.
        received: The record as it came.
        region: Why calls are decided in another region, in words, where they are.
    """
    number, sid = number_of(fields.record), fields.text("sid")
    if number is None or sid is None:
        return None
    capabilities = _capabilities(fields)
    service = services.of(sid) if services is not None else None
    settings = _settings(fields, services, service)
    word = fields.word("type")
    return OwnedNumber(
        account=account,
        provider=INFO.key,
        id=sid,
        number=number,
        country=home_country(number),
        type=_type(word) or kind,
        capabilities=capabilities,
        status="active" if (status := fields.word("status")) in (None, _IN_USE) else status,
        name=fields.text("friendly_name"),
        region=None,
        city=None,
        monthly_cost=None,
        routing=_routing(settings, capabilities, service),
        settings=shared_settings(settings),
        created_at=_time(fields, "date_created"),
        updated_at=_time(fields, "date_updated"),
        seen_at=seen_at,
        received=received,
        told=_told(fields, word),
        elsewhere=_elsewhere(service, region),
    )


def _settings(
    fields: Fields, services: Services | None, service: Service | None
) -> dict[str, Stored]:
    def target(kind: str, key: str) -> str | None:
        value = fields.exact(key)
        return None if value is None else f"{kind}:{value}"

    held: Stored = f"service:{service.sid}" if service is not None else None
    return {
        "trunk": target("trunk", "trunk_sid"),
        "voice_application": target("application", "voice_application_sid"),
        "voice": target("webhook", "voice_url"),
        "messaging_service": NOT_KNOWN if services is None else held,
        "sms_application": target("application", "sms_application_sid"),
        "sms": target("webhook", "sms_url"),
        "voice_fallback": fields.exact("voice_fallback_url"),
        "sms_fallback": fields.exact("sms_fallback_url"),
        "status_callback": fields.exact("status_callback"),
        "friendly": fields.exact("friendly_name"),
    }


def _routing(
    settings: Mapping[str, Stored], capabilities: tuple[str, ...], service: Service | None
) -> Mapping[Channel, Destination | None]:
    winners: dict[Channel, Stored] = {}
    for channel, keys in INFO.precedence.items():
        held = (settings[key] for key in keys)
        carried = not capabilities or channel.value in capabilities
        winners[channel] = next((one for one in held if one is not None), None) if carried else None
    name = service.name if service is not None else None
    return _routing_of(winners[Channel.VOICE], winners[Channel.SMS], name)


# Thousands of numbers lead to a few places, so each routing is made once.
@functools.lru_cache(maxsize=4096)
def _routing_of(
    voice: Stored, sms: Stored, service_name: str | None
) -> Mapping[Channel, Destination | None]:
    def destination(stored: Stored) -> Destination | None:
        if not isinstance(stored, str):
            return stored
        target = Target.from_text(stored)
        return replace(target, label=service_name) if target.kind == "service" else target

    return shared_routing({Channel.VOICE: destination(voice), Channel.SMS: destination(sms)})


def _elsewhere(service: Service | None, region: str | None) -> Elsewhere:
    said: dict[Channel, str] = {}
    if region is not None:
        said[Channel.VOICE] = region
    if service is not None:
        said[Channel.SMS] = service.words
    return said


def _told(fields: Fields, word: str | None) -> Told:
    told = {}
    if word is not None and word_key(word) != word_key(_type(word) or ""):
        told["type"] = word
    if (sid := fields.text("emergency_address_sid")) is not None:
        state = fields.word("emergency_address_status")
        if state not in _ADDRESS_GONE:
            told["kept"] = (
                f"the emergency address {sid} is registered with it; remove that at Twilio first"
            )
    return shared_told(told)


def _capabilities(fields: Fields) -> tuple[str, ...]:
    """Return what a number carries; the names come in small letters or in capitals."""
    held = fields.mapping("capabilities")
    return _carried(tuple(name for name, has in held.items() if has is True))


@functools.lru_cache(maxsize=256)
def _carried(names: tuple[str, ...]) -> tuple[str, ...]:
    return ordered_capabilities({clean(name.lower(), 20) for name in names})


@functools.lru_cache(maxsize=256)
def _type(word: str | None) -> str | None:
    """Return our word for a type, or Twilio's own in the spelling of ours."""
    if word is None:
        return None
    key = word_key(word)
    return _TYPES.get(key.replace("_", ""), key)


def _time(fields: Fields, key: str) -> datetime | None:
    """Return a time as RFC 2822 writes it, in UTC."""
    text = fields.text(key)
    if text is None:
        return None
    found = _USUAL_TIME.fullmatch(text)
    try:
        if found is not None:
            day, month, year, hour, minute, second = found.groups()
            clock_time = int(hour), int(minute), int(second)
            return datetime(int(year), _MONTHS[month], int(day), *clock_time, tzinfo=UTC)
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (KeyError, TypeError, ValueError, OverflowError):
        return fields.time(key)


def available_number(
    fields: Fields, account: str, kind: str, prices: Mapping[str, Money]
) -> AvailableNumber | None:
    """Read a number in stock; its price is that of its type in the price list."""
    number = number_of(fields.record)
    if number is None:
        return None
    return AvailableNumber(
        account=account,
        provider=INFO.key,
        number=number,
        country=fields.country("iso_country"),
        type=kind,
        capabilities=_capabilities(fields),
        region=fields.text("region"),
        city=fields.text("locality"),
        monthly_cost=prices.get(kind),
        address_requirement=fields.word("address_requirements"),
        received=decoding.encode(fields.record),
    )


def prices_of(body: Mapping[str, Any]) -> dict[str, Money]:
    """Return the monthly price of each type from a country's price list."""
    fields, prices = Fields(body), {}
    currency = (fields.text("price_unit") or "").upper()
    if len(currency) != 3 or not currency.isascii() or not currency.isalpha():
        return {}
    listed = body.get("phone_number_prices")
    for row in listed if isinstance(listed, list) else []:
        if not isinstance(row, dict):
            continue
        kind = _type(Fields(row).word("number_type"))
        # The schema calls prices numbers, and its examples have texts.
        price = Money.read(row.get("current_price"), currency)
        if kind is not None and price is not None:
            prices[kind] = price
    return prices


def kinds_of(body: Mapping[str, Any]) -> list[str]:
    """Return the types that a country's stock has, in our order, as its links name them.

    Where it has no links, any type may be there: asking tells.
    """
    links = Fields(body).mapping("subresource_uris")
    if not isinstance(body.get("subresource_uris"), dict):
        return list(WIRE_KINDS)
    offered = {_type(name) for name in links if isinstance(name, str)}
    return [kind for kind in WIRE_KINDS if kind in offered]


def application_option(fields: Fields) -> TargetOption | None:
    """Read an application as a target of what it has a URL for."""
    sid = fields.exact("sid")
    if sid is None:
        return None
    urls = {Channel.VOICE: "voice_url", Channel.SMS: "sms_url"}
    channels = tuple(channel for channel, key in urls.items() if fields.exact(key) is not None)
    return TargetOption(Target("application", sid, fields.text("friendly_name")), channels)


def trunk_option(fields: Fields) -> TargetOption | None:
    """Read a SIP trunk as a target of calls."""
    sid = fields.exact("sid")
    name = fields.text("friendly_name") or fields.text("domain_name")
    return None if sid is None else TargetOption(Target("trunk", sid, name), (Channel.VOICE,))


def service(fields: Fields) -> Service | None:
    """Read a Messaging Service."""
    sid = fields.exact("sid")
    if sid is None or not _SERVICE_SID.fullmatch(sid):
        return None
    decides = fields.record.get("use_inbound_webhook_on_number") is not True
    drops = decides and fields.exact("inbound_request_url") is None
    return Service(sid, fields.text("friendly_name"), decides, drops)


def service_option(found: Service) -> TargetOption:
    """Return a Messaging Service as the target of messages that it decides on."""
    return TargetOption(Target("service", found.sid, found.name), (Channel.SMS,))


def member(fields: Fields) -> str | None:
    """Return the SID of a number of a Messaging Service."""
    sid = fields.exact("sid")
    return sid if sid is not None and _NUMBER_SID.fullmatch(sid) else None


def address(fields: Fields) -> Address | None:
    """Read a registered address on one line."""
    sid = fields.text("sid")
    if sid is None:
        return None
    keys = ("street", "street_secondary", "city", "region", "postal_code")
    return Address(
        id=sid,
        name=fields.text("friendly_name") or fields.text("customer_name"),
        lines=", ".join(filter(None, map(fields.text, keys))),
        country=fields.country("iso_country"),
    )


def bundle(fields: Fields) -> PickerChoice | None:
    """Read a regulatory bundle as something that a purchase can name."""
    sid = fields.text("sid")
    return None if sid is None else PickerChoice(sid, fields.text("friendly_name") or sid)


def form_for(change: Change, account: str) -> dict[str, str]:
    """Return the form of an update; an empty value empties.

    Raises:
        NotOffered: Twilio has no such setting, or it is not changed from here.
    """
    form: dict[str, str] = {}
    for key, edit in change.edits.items():
        spec = INFO.setting(key)
        if spec is None:
            raise NotOffered(f"Twilio has no setting {key!r}", account=account)
        if not spec.settable:
            raise NotOffered(spec.why_not_settable, account=account)
        if isinstance(edit, Clear):
            if not spec.clearable:
                raise NotOffered(spec.why_not_clearable, account=account)
            form[WIRE_NAMES[key]] = ""
            continue
        if both := [one for one in spec.displaces if isinstance(change.edits.get(one), Set)]:
            raise NotOffered(f"{key} and {both[0]} exclude each other", account=account)
        target = Target.from_text(edit.value) if spec.target_kinds else None
        if target is not None and (target.kind not in spec.target_kinds or not target.value):
            shown = decoding.excerpt(edit.value)
            raise NotOffered(f"{shown} is no target of {key} at Twilio", account=account)
        form[WIRE_NAMES[key]] = target.value if target is not None else edit.value
    return form
