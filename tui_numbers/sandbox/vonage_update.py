"""Vonage's update, which replaces every setting: what is not sent is gone."""

from urllib.parse import urlsplit

from msgspec import structs
from starlette.responses import Response

from tui_numbers.sandbox.exchange import Exchange
from tui_numbers.sandbox.vonage_answers import done, failed, invalid
from tui_numbers.sandbox.vonage_numbers import number_form, own_numbers

DEAD_HOST = "dead.example"
"""A webhook on this host does not answer, so it cannot be saved."""

_VOICE_TYPES = ("sip", "tel", "app", "vxml")
"""The last is in no document, and in packages that once were the official ones."""


async def update(exchange: Exchange) -> Response:
    """Replace the settings of an owned number with those that are sent."""
    fields = await number_form(exchange)
    if isinstance(fields, Response):
        return fields
    ledger = own_numbers(exchange)
    record = ledger.get(fields["msisdn"])
    wrong = _wrong_word(fields)
    if wrong is not None:
        return wrong
    if record is None or record.country != fields["country"] or not _acceptable(exchange, fields):
        return failed()
    changed = structs.replace(
        record,
        app_id=fields.get("app_id") or None,
        mo_http_url=fields.get("moHttpUrl") or None,
        smpp_system_type=fields.get("moSmppSysType") or None,
        voice_type=fields.get("voiceCallbackType") or None,
        voice_value=fields.get("voiceCallbackValue") or None,
        voice_status_callback=fields.get("voiceStatusCallback") or None,
        messages_type=fields.get("messagesCallbackType") or None,
        messages_value=fields.get("messagesCallbackValue") or None,
    )
    exchange.put(ledger, fields["msisdn"], changed)
    return done()


def _wrong_word(fields: dict[str, str]) -> Response | None:
    """Return an error for a word that is not known."""
    # An empty value is no error, and removes nothing that omission would not.
    if (fields.get("voiceCallbackType") or "sip") not in _VOICE_TYPES:
        return invalid("voiceCallbackType")
    if (fields.get("messagesCallbackType") or "app") != "app":
        return invalid("messagesCallbackType")
    return None


def _acceptable(exchange: Exchange, fields: dict[str, str]) -> bool:
    """Say whether the settings can be saved: pairs complete, targets real, webhooks alive."""
    applications = exchange.world.vonage.applications
    linked = [fields.get("app_id"), fields.get("messagesCallbackValue")]
    if fields.get("voiceCallbackType") == "app":
        linked.append(fields.get("voiceCallbackValue"))
    if any(key and key not in applications for key in linked):
        return False
    for pair in ("voiceCallback", "messagesCallback"):
        if bool(fields.get(f"{pair}Type")) != bool(fields.get(f"{pair}Value")):
            return False
    hooks = (fields.get("moHttpUrl"), fields.get("voiceStatusCallback"))
    return _reachable(fields) and all(_web_address(hook) for hook in hooks if hook)


def _reachable(fields: dict[str, str]) -> bool:
    """Say whether the value of the voice callback is one of its type."""
    kind, value = fields.get("voiceCallbackType"), fields.get("voiceCallbackValue", "")
    if kind == "tel":
        digits = value.removeprefix("+")
        return digits.isascii() and digits.isdigit() and 3 <= len(digits) <= 17
    return kind != "sip" or (value.startswith(("sip:", "sips:")) or "@" in value)


def _web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    host = parts.hostname
    return parts.scheme in ("http", "https") and bool(host) and host != DEAD_HOST
