"""Vonage's answers: a status of their own inside the body, and two shapes of error."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tui_numbers.domain.text import clean
from tui_numbers.providers import wire
from tui_numbers.providers.errors import BadReply, ProviderError

if TYPE_CHECKING:
    from tui_numbers.providers.exchange import Reply

_SUCCESS = "200"
_METHOD_FAILED = 420
_LONGEST_WORDS = 400
_OWN_KEYS = frozenset(
    {"error-code", "error_title", "title", "type", "detail", "error", "error_description"}
)


def body_of(reply: "Reply", account: str) -> Mapping[str, Any]:
    """Return the object that a reply holds.

    A failure may come inside HTTP 200, as an ``error-code`` (Numbers API 1.0.20, ``response``)
    or as a problem document.

    Raises:
        ProviderError: It is a failure, or no JSON object.
    """
    if not 200 <= reply.status < 300:
        raise _failure(reply, wire.try_decode(reply), account)
    body = wire.decode(reply, account)
    if not isinstance(body, dict):
        raise BadReply(f"{reply.host} sent JSON that is not an object", account=account)
    code = _code_in(body)
    if code is not None and code != _SUCCESS:
        raise _failure(replace(reply, status=_status_of(code)), body, account)
    if {"title", "detail"} <= body.keys() or "error_title" in body:
        status = body.get("status")
        told = str(status) if isinstance(status, int) else ""
        raise _failure(replace(reply, status=_status_of(told)), body, account)
    if code is None and "error-code" in body:
        raise BadReply(f"{reply.host} sent an error-code that is none", account=account)
    return body


def confirm(reply: "Reply", account: str) -> None:
    """Make sure that a write was accepted.

    Raises:
        ProviderError: It was refused, or the answer does not say so.
    """
    if "error-code" not in body_of(reply, account):
        raise BadReply(f"{reply.host} did not say whether it was done", account=account)


def _code_in(body: Mapping[str, Any]) -> str | None:
    """Return the ``error-code`` of a body, or None where it has none that can be read."""
    code = body.get("error-code")
    if isinstance(code, bool) or not isinstance(code, str | int):
        return None
    return clean(str(code).strip(), 40) or None


def _status_of(text: str) -> int:
    """Return the HTTP status that an ``error-code`` stands for; what is none is a refusal."""
    if text.isascii() and text.isdecimal() and len(text) == 3 and 400 <= int(text) < 600:
        return int(text)
    return _METHOD_FAILED


def _failure(reply: "Reply", body: object, account: str) -> ProviderError:
    fields: dict[str, str] = {}
    words = ""
    if isinstance(body, dict):
        fields = _field_words(reply.status, body)
        words = wire.words_in(body, _LONGEST_WORDS, between=": ") if _speaks(body) else ""
        unsaid = [f"{name}: {said}" for name, said in fields.items() if said not in words]
        listed = "; ".join(unsaid)
        words = f"{words} ({listed})" if words and listed else words or listed
    elif body is None and reply.body.lstrip()[:1] not in (b"<", b"{", b"["):
        words = reply.body[: _LONGEST_WORDS * 4].decode(errors="replace")
    return wire.status_error(reply, account, clean(words.strip(), _LONGEST_WORDS), fields)


def _speaks(body: Mapping[str, Any]) -> bool:
    """Tell whether a body is an error of some shape, rather than a map of fields."""
    return bool(body.keys() & _OWN_KEYS)


def _field_words(status: int, body: Mapping[str, Any]) -> dict[str, str]:
    """Return what is said of single fields: a bare map, or ``invalid_parameters``."""
    listed = body.get("invalid_parameters")
    if isinstance(listed, list):
        pairs = [(item.get("name"), item.get("reason")) for item in listed if type(item) is dict]
    elif status == 400 and not _speaks(body):
        pairs = list(body.items())
    else:
        pairs = []
    return {
        clean(name, 60): clean(said, _LONGEST_WORDS)
        for name, said in pairs
        if isinstance(name, str) and isinstance(said, str)
    }
