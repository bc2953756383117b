"""Parakeet's answers: which are successes, and what the others say."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tui_numbers.providers import wire
from tui_numbers.providers.errors import BadReply

if TYPE_CHECKING:
    from tui_numbers.providers.exchange import Reply

_LONGEST_WORDS = 300


def checked(reply: "Reply", account: str) -> "Reply":
    """Return a reply that is a success.

    Raises:
        ProviderError: It is not; the error bears what the body says.
    """
    if 200 <= reply.status < 300:
        return reply
    raise wire.status_error(reply, account, words_of(reply))


def list_of(reply: "Reply", account: str) -> list[Any]:
    """Return the bare array that every listing answers with ("Getting Started").

    Raises:
        ProviderError: The reply is something else.
    """
    value = wire.decode(checked(reply, account), account)
    if isinstance(value, list):
        return value
    raise _unexpected(reply, account, "JSON that is not a list")


def object_of(reply: "Reply", account: str, needs: str) -> Mapping[str, Any]:
    """Return the one object that a reply holds; without a field ``needs`` it is not one of ours.

    Raises:
        ProviderError: The reply is something else.
    """
    value = wire.decode(checked(reply, account), account)
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
    value = wire.try_decode(reply)
    if value is None:
        if reply.body.lstrip()[:1] in (b"<", b"{", b"["):
            return ""
        value = reply.body[: _LONGEST_WORDS * 4].decode(errors="replace").strip()
    return wire.words_in(value, _LONGEST_WORDS)
