"""Decode Telnyx's records and errors: numbers, stock, targets, orders."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import (
    NOT_KNOWN,
    AvailableNumber,
    Channel,
    Money,
    OwnedNumber,
    Settings,
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
from tui_numbers.domain.text import clean, word_key
from tui_numbers.providers import decoding
from tui_numbers.providers.contract import OrderState, OrderStatus
from tui_numbers.providers.decoding import Fields
from tui_numbers.providers.errors import BadReply, Forbidden, ProviderError, Rejected
from tui_numbers.providers.telnyx.info import CURRENCY, INFO

if TYPE_CHECKING:
    from tui_numbers.providers.request import Reply

_LONGEST_WORDS = 400
_MOST_ERRORS = 4
_MOST_IN_ALL = 1_000_000_000
ON_FAILURE = "on-failure"
ALWAYS = "always"
_STATUSES = {
    "purchase_pending": "pending",
    "port_pending": "porting",
}
"""Ours, by the provider's; the light listing writes an underscore where others have a hyphen."""
GONE = "deleted"
"""The status of a number that the account holds no more, and may still list."""
_TYPES = {"longcode": "local", "tollfree": "toll_free"}
"""What numbers older than July 2023 have, and others right after their purchase."""
_SEARCH_AGAIN = frozenset({"85000", "85001", "85006"})
_LATER = frozenset({"10021", "10035", "10036"})
_ACCOUNT_LEVEL = frozenset({"10038", "10039"})
_KEPT = "Telnyx's deletion lock is on; its portal, or a bulk job of its API, lifts it"

Voice = Mapping[str, Any]
"""The voice settings of one number, as they came."""


def data_of(reply: "Reply", account: str) -> Any:
    """Return what a successful reply holds under ``data``.

    Raises:
        ProviderError: It is a refusal, or holds no such thing.
    """
    body = _body(reply, account)
    if not isinstance(body, dict) or "data" not in body:
        raise BadReply(f"{reply.host} sent JSON without data", account=account)
    return body["data"]


def object_of(reply: "Reply", account: str, needs: str = "") -> Mapping[str, Any]:
    """Return the one record of a successful reply, which has the field ``needs`` if one is named.

    Raises:
        ProviderError: It is a refusal, or holds none.
    """
    data = data_of(reply, account)
    if not isinstance(data, dict) or (needs and data.get(needs) is None):
        what = f"a record without {needs}" if needs else "data that is no record"
        raise BadReply(f"{reply.host} sent {what}", account=account)
    return data


def listed(reply: "Reply", account: str) -> tuple[list[Any], int | None, str]:
    """Return the records of a page, how many there are in all, and what is wrong with some.

    The total is None where it is not told.

    Raises:
        ProviderError: It is a refusal, or holds no list.
    """
    body = _body(reply, account)
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, list):
        raise BadReply(f"{reply.host} sent JSON without a list of data", account=account)
    errors, meta = body.get("errors"), body.get("meta")
    known = [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
    said = clean("; ".join(filter(None, map(_words, known[:_MOST_ERRORS]))), _LONGEST_WORDS)
    total = meta.get("total_results") if isinstance(meta, dict) else None
    if not isinstance(total, int) or isinstance(total, bool) or total < 0:
        return data, None, said
    return data, min(total, _MOST_IN_ALL), said


def bare_list(reply: "Reply", account: str) -> list[Any]:
    """Return the records of an answer that is no more than their list.

    Raises:
        ProviderError: It is a refusal, or no list.
    """
    body = _body(reply, account)
    if isinstance(body, dict) and isinstance(body.get("data"), list):
        return list(body["data"])
    if not isinstance(body, list):
        raise BadReply(f"{reply.host} sent JSON that is no list", account=account)
    return body


def _body(reply: "Reply", account: str) -> Any:
    if not 200 <= reply.status < 300:
        raise _refusal(reply, decoding.try_decode(reply), account)
    body = decoding.decode(reply, account)
    # A list may name a broken messaging profile beside its records; by itself it is a refusal.
    if isinstance(body, dict) and body.get("errors") and "data" not in body:
        raise _refusal(reply, body, account)
    return body


def _refusal(reply: "Reply", value: object, account: str) -> ProviderError:
    """Return the error of a refusal; the same code may mean other things at another status."""
    errors = value.get("errors") if isinstance(value, dict) else None
    known = [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
    codes = {code for one in known if isinstance(code := one.get("code"), str)}
    words = "; ".join(filter(None, map(_words, known[:_MOST_ERRORS])))
    words = clean(words, _LONGEST_WORDS) or decoding.words_in(value, _LONGEST_WORDS)
    if reply.status == 403 and codes & _ACCOUNT_LEVEL:
        return Forbidden(
            f"the level of the Telnyx account does not permit this: {words}",
            account=account,
            hint="verify the account in the Telnyx portal",
        )
    if reply.status < 300:
        return Rejected(f"{reply.host} refused: {words}", account=account, fields=_fields(known))
    error = decoding.status_error(reply, account, words, _fields(known))
    if isinstance(error, Rejected) and codes & _SEARCH_AGAIN:
        error.hint = "search again: the number may be gone"
    elif isinstance(error, Rejected) and codes & _LATER:
        error.hint = "another job is at this number: try again later"
    return error


def _words(error: Mapping[str, Any]) -> str:
    title, detail, code = (error.get(name) for name in ("title", "detail", "code"))
    said = [text.strip() for text in (title, detail) if isinstance(text, str) and text.strip()]
    shown = ": ".join(dict.fromkeys(said))
    if isinstance(code, str) and code.strip():
        shown = f"{shown} ({code.strip()})" if shown else f"code {code.strip()}"
    return shown


def _fields(errors: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return what is said of single fields, by the names that the pointers end with."""
    fields = {}
    for error in errors:
        source = error.get("source")
        pointer = source.get("pointer") if isinstance(source, dict) else None
        name = pointer.rpartition("/")[2] if isinstance(pointer, str) else ""
        if name:
            fields[clean(name, 60)] = clean(_words(error), _LONGEST_WORDS)
    return fields


def number_of(record: Mapping[str, Any]) -> E164 | None:
    """Return the number of a record, or None where it holds none."""
    kind = record.get("phone_number_type")
    return decoding.e164_of(
        record.get("phone_number"),
        plus=True,
        country=Fields(record).country("country_iso_alpha2"),
        kind=kind if isinstance(kind, str) else None,
    )


def identity_of(record: Mapping[str, Any]) -> str | None:
    """Return the identifier of a record, or None where it has none."""
    return Fields(record).exact("id")


def owned_number(
    fields: Fields,
    account: str,
    seen_at: datetime,
    voice: Voice | None,
    received: bytes | None = None,
) -> OwnedNumber | None:
    """Read a number; None where it has no phone number or no identifier.

    ``voice`` is None where its voice settings could not be read: where calls are forwarded is
    then not known, whatever the record itself says.
    """
    number, identity = number_of(fields.record), fields.exact("id")
    if number is None or identity is None:
        return None
    connection = _target("connection", fields, "connection_id", "connection_name")
    profile = _target("profile", fields, "messaging_profile_id", "messaging_profile_name")
    forward, on_failure = _forwarding(fields, voice)
    kind, status = fields.word("phone_number_type"), fields.word("status")
    settings: Settings = {
        "forward": forward,
        "connection": connection.text if connection else None,
        "sms": profile.text if profile else None,
        "forward_on_failure": on_failure,
        "reference": fields.exact("customer_reference"),
        "tags": _tags(fields),
    }
    calls = Target("phone", forward) if isinstance(forward, str) else forward or connection
    return OwnedNumber(
        account=account,
        provider=INFO.key,
        id=identity,
        number=number,
        country=fields.country("country_iso_alpha2"),
        type=_TYPES.get(kind, kind) if kind else None,
        # The record does not say what the number can carry.
        capabilities=(),
        status=_STATUSES.get(word_key(status), status) if status else None,
        name=fields.text("customer_reference"),
        region=None,
        city=None,
        monthly_cost=None,
        routing=shared_routing({Channel.VOICE: calls, Channel.SMS: profile}),
        settings=shared_settings(settings),
        created_at=fields.time("created_at"),
        updated_at=fields.time("updated_at"),
        seen_at=seen_at,
        received=received,
        told=_told(fields, kind, status),
    )


def _target(kind: str, fields: Fields, key: str, name: str) -> Target | None:
    value = fields.exact(key)
    return Target(kind, value, fields.text(name)) if value else None


def _forwarding(fields: Fields, voice: Voice | None) -> tuple[Stored, Stored]:
    """Return where every call is forwarded, and those that fail; one of them stands at most.

    That forwarding is enabled says nothing: it is by default, with and without a number.
    """
    if voice is None:
        return NOT_KNOWN, NOT_KNOWN
    told = Fields(Fields(voice, fields.unreadable).mapping("call_forwarding"), fields.unreadable)
    if told.record.get("call_forwarding_enabled") is False:
        return None, None
    written, kind = told.exact("forwards_to"), told.word("forwarding_type")
    if written is None or kind is None:
        return None, None
    number = decoding.e164_of(written, plus=True) or written
    match word_key(kind):
        case "always":
            return number, None
        case "on_failure":
            return None, number
        case _:
            # No document says when a forwarding of another kind takes calls.
            return Undisclosed(kind), None


def _tags(fields: Fields) -> Stored:
    """Return the tags by comma; one that holds a comma itself cannot be written like this."""
    told = fields.record.get("tags")
    if told is None:
        return None
    if not isinstance(told, list) or not all(isinstance(tag, str) for tag in told):
        fields.unreadable.append("tags")
        return None
    if any("," in tag for tag in told):
        return Undisclosed("tags")
    return ",".join(tag for tag in told if tag.strip()) or None


def _told(fields: Fields, kind: str | None, status: str | None) -> Told:
    told = {}
    if kind in _TYPES:
        told["type"] = kind
    if status is not None and word_key(status) in _STATUSES:
        told["status"] = status
    if fields.record.get("deletion_lock_enabled") is True:
        told["kept"] = _KEPT
    return shared_told(told)


def available_number(
    fields: Fields, account: str, country: str, kind: str | None
) -> AvailableNumber | None:
    """Read an offer; the search that found it named its country, and its type if ``kind`` does."""
    number = decoding.e164_of(fields.record.get("phone_number"), plus=True, country=country)
    if number is None:
        return None
    regions = _regions(fields)
    cost = Fields(fields.mapping("cost_information"), fields.unreadable)
    currency = cost.text("currency") or CURRENCY
    return AvailableNumber(
        account=account,
        provider=INFO.key,
        number=number,
        country=regions.get("country_code", country),
        type=kind,
        capabilities=_features(fields),
        region=regions.get("state"),
        city=regions.get("location") or regions.get("rate_center"),
        monthly_cost=Money.read(cost.record.get("monthly_cost"), currency),
        setup_cost=Money.read(cost.record.get("upfront_cost"), currency),
    )


def _regions(fields: Fields) -> dict[str, str]:
    told = fields.record.get("region_information")
    found: dict[str, str] = {}
    for one in told if isinstance(told, list) else ():
        region = Fields(one) if isinstance(one, dict) else Fields({})
        kind, name = region.word("region_type"), region.text("region_name")
        if kind and name:
            found.setdefault(kind, name.upper() if kind == "country_code" else name)
    return found


def _features(fields: Fields) -> tuple[str, ...]:
    told = fields.record.get("features")
    rows = [Fields(one) for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    return ordered_capabilities({word for row in rows if (word := row.word("name"))})


def connection_option(fields: Fields) -> TargetOption | None:
    """Read a connection of any kind; one that is switched off takes no calls."""
    target = _target("connection", fields, "id", "connection_name")
    if target is None:
        return None
    if fields.record.get("active") is False:
        return TargetOption(target, (), "the connection is not active")
    return TargetOption(target, (Channel.VOICE,))


def profile_option(fields: Fields) -> TargetOption | None:
    """Read a messaging profile; one that is switched off takes no messages."""
    target = _target("profile", fields, "id", "name")
    if target is None:
        return None
    if fields.record.get("enabled") is False:
        return TargetOption(target, (), "the messaging profile is not enabled")
    return TargetOption(target, (Channel.SMS,))


_DONE = frozenset({"success"})
_FAILED = frozenset({"failure", "failed", "cancelled", "canceled", "deleted"})
"""Beside ``failure`` other pages of the provider name what the document leaves out."""
_WAITS = {
    "requirement_info_pending": "papers that the country demands are missing",
    "requirement_info_under_review": "its papers are being checked",
    "requirement_info_exception": "its papers were not accepted",
}


def order_state(record: Mapping[str, Any], number: E164 | None = None) -> OrderState:
    """Read how an order stands, by its own status and that of its number."""
    fields = Fields(record)
    numbers = [Fields(row) for row in numbers_in(record)]
    asked = [one for one in numbers if number in (None, number_of(one.record))]
    words = [word for one in (fields, *asked) if (word := one.word("status"))]
    requirements = [word for one in asked if (word := one.word("requirements_status"))]
    if any(word in _FAILED for word in (*words, *requirements)):
        return OrderState(OrderStatus.FAILED, _order_words(words, requirements, asked, ended=True))
    if words and all(word in _DONE for word in words):
        return OrderState(OrderStatus.DONE)
    return OrderState(OrderStatus.PENDING, _order_words(words, requirements, asked, ended=False))


def numbers_in(order: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the records of the numbers of an order."""
    rows = order.get("phone_numbers")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _order_words(
    words: Sequence[str], requirements: Sequence[str], asked: Sequence[Fields], *, ended: bool
) -> str:
    """Say why an order waits, or how it ended, and until when papers can be handed in."""
    said = dict.fromkeys(words) | dict.fromkeys(
        _WAITS.get(word_key(word), word) for word in requirements if word != "approved"
    )
    # That an order waits, or failed, is said by its state.
    for word in ("pending", "success", "failure"):
        said.pop(word, None)
    lines = list(said)
    deadline = next((one.time("deadline") for one in asked), None)
    if not ended and deadline is not None and any(word_key(w) in _WAITS for w in requirements):
        lines.append(f"cancelled by itself after {deadline:%Y-%m-%d}")
    return clean(", ".join(lines), _LONGEST_WORDS)
