"""Fone Dynamics' answers: which are successes, and what the others say ("Errors")."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tui_numbers.domain.text import clean
from tui_numbers.providers import wire
from tui_numbers.providers.errors import BadReply, NotFound, ProviderError, Rejected
from tui_numbers.providers.fonedynamics.envelope import Envelope

if TYPE_CHECKING:
    from tui_numbers.providers.exchange import Reply

_LONGEST_WORDS = 300
_BEYOND_REASON = 1_000_000_000
_OTHER_THINGS = ("ACCOUNT_", "PROPERTY_", "PROJECT_")


class NoSuchThing(NotFound):
    """A ``*_NOT_FOUND`` code or a 404 or 410, with the code where there is one."""

    def __init__(self, message: str, *, account: str, code: str) -> None:
        super().__init__(message, account=account)
        self.code = code

    @property
    def is_the_number(self) -> bool:
        """Whether it is the number that is missing, rather than what should hold it."""
        return not self.code.startswith(_OTHER_THINGS)


def records_of(reply: "Reply", envelope: Envelope, account: str) -> list[Any]:
    """Return the records that a successful reply holds.

    Raises:
        ProviderError: It is a refusal, or holds none of them.
    """
    return listed(reply, envelope, account)[0]


def listed(reply: "Reply", envelope: Envelope, account: str) -> tuple[list[Any], int | None]:
    """Return the records that a successful reply holds, and how many it says there are in all.

    Raises:
        ProviderError: It is a refusal, or holds none of them.
    """
    value = _value_of(reply, account)
    records = envelope.records(value)
    if records is None:
        raise BadReply(f"{reply.host} sent JSON without {envelope.plural}", account=account)
    total = value.get("TotalCount") if isinstance(value, dict) else None
    if not isinstance(total, int) or isinstance(total, bool) or total < 0:
        return records, None
    return records, min(total, _BEYOND_REASON)


def confirm(reply: "Reply", account: str) -> Any:
    """Return what a write was answered with; no document says what, so nothing will do.

    Raises:
        ProviderError: It was refused, or the answer is not JSON.
    """
    accepted = 200 <= reply.status < 300
    return None if accepted and not reply.body.strip() else _value_of(reply, account)


def _value_of(reply: "Reply", account: str) -> Any:
    if not 200 <= reply.status < 300:
        raise _refusal(reply, wire.try_decode(reply), account)
    value = wire.decode(reply, account)
    if _code(_status_part(value)):
        raise _refusal(reply, value, account)
    return value


def _status_part(value: object) -> Mapping[str, Any]:
    part = value.get("ResponseStatus") if isinstance(value, dict) else None
    return part if isinstance(part, dict) else {}


def _code(part: Mapping[str, Any]) -> str:
    code = part.get("ErrorCode")
    return clean(code.strip(), 80) if isinstance(code, str) else ""


def _refusal(reply: "Reply", value: object, account: str) -> ProviderError:
    part = _status_part(value)
    code, fields = _code(part), _field_words(part)
    words = _words(part, code, fields) or _plain_words(reply, value)
    missing = code.endswith("_NOT_FOUND") and reply.status not in (401, 429)
    if reply.status in (404, 410) or (missing and reply.status < 500):
        said = f": {words}" if words else ""
        return NoSuchThing(f"{reply.host} knows no such thing{said}", account=account, code=code)
    if reply.status < 300:
        return Rejected(f"{reply.host} refused: {words}", account=account, fields=fields)
    return wire.status_error(reply, account, words, fields)


def _words(part: Mapping[str, Any], code: str, fields: Mapping[str, str]) -> str:
    message = part.get("Message")
    message = message.strip() if isinstance(message, str) else ""
    unnamed = [name for name in fields if name not in message]
    words = f"{message} ({code})" if message and code else message or code
    if unnamed:
        words = f"{words} [{', '.join(unnamed)}]"
    return clean(words, _LONGEST_WORDS)


def _plain_words(reply: "Reply", value: object) -> str:
    """Return what a body says that is none of this API's; the web server may answer with HTML."""
    if isinstance(value, dict) and not isinstance(value.get("ResponseStatus"), dict):
        return wire.words_in(value, _LONGEST_WORDS)
    if value is not None or reply.body.lstrip()[:1] in (b"<", b"{", b"["):
        return ""
    text = reply.body[: _LONGEST_WORDS * 4].decode(errors="replace")
    return clean(text.strip(), _LONGEST_WORDS)


def _field_words(part: Mapping[str, Any]) -> dict[str, str]:
    """Return what is said of single fields, by the API's names; often only which they are."""
    listed = part.get("Errors")
    fields: dict[str, str] = {}
    for item in listed if isinstance(listed, list) else []:
        name = item.get("FieldName") if isinstance(item, dict) else None
        if isinstance(name, str) and name.strip():
            said = next(
                (
                    text
                    for text in (item.get("Message"), item.get("ErrorCode"))
                    if isinstance(text, str)
                ),
                "",
            )
            fields[clean(name.strip(), 60)] = clean(said.strip(), _LONGEST_WORDS)
    return fields
