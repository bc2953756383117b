"""Decode provider responses: JSON within bounds, fields read leniently, numbers strictly."""

import functools
import html
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from tui_numbers.domain import clock
from tui_numbers.domain.e164 import E164, has_country_code, is_e164, is_short_code
from tui_numbers.domain.numbers import Destination, Target, Undisclosed
from tui_numbers.domain.query import UNKNOWN_TOTAL, Total
from tui_numbers.domain.text import UNREADABLE, clean
from tui_numbers.providers import request
from tui_numbers.providers.contract import Page
from tui_numbers.providers.errors import (
    ASK_LATER,
    BadReply,
    CredentialsRejected,
    Forbidden,
    NotFound,
    ProviderError,
    RateLimited,
    Rejected,
    ServerFault,
)
from tui_numbers.providers.request import asked_wait

if TYPE_CHECKING:
    from tui_numbers.providers.contract import ProviderInfo
    from tui_numbers.providers.request import Reply

T = TypeVar("T")
NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError)
"""What ``parsed`` raises where a body is no JSON, or too much of it."""
# Numbers keep their digits: a price or a balance never passes through a float.
_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=str)
_FIRST_YEAR = 1
_LAST_YEAR = 9999
_LONGEST_TEXT = 4000
_LONGEST_KEPT = 200
"""Characters; more is no vocabulary, and keeping it would only hold memory."""
_WORDS_KEPT = 1024
_known_words: dict[tuple[object, ...], frozenset[str]] = {}
_SHORTEST_NUMBER = 7
"""Digits of a number with its country code; fewer are a short code."""
_MOST = 10**15
_BEGINNING = 1_000
_ROOT = re.compile(rb"<([a-z][\w.:-]*)")
_HTML_ROOTS = frozenset(
    {b"html", b"head", b"body", b"title", b"center", b"div", b"h1", b"h2", b"p", b"b", b"pre"}
)
_ELEMENT = re.compile(rb"<([A-Za-z][\w.:-]*)[^<>]*>([^<>]+)</\1\s*>")
_LONGEST_XML = 20_000
_LONGEST_WORDS = 400
_IN_BETWEEN = "something in between may have answered: check the network, and base_url"
_DEEPEST = 5
_MOST_PARTS = 6
_SAYING = (
    "error-code-label",
    "title",
    "error_title",
    "message",
    "detail",
    "error_detail",
    "description",
    "error_description",
    "error_text",
    "reason",
    "error",
    "errors",
    "code",
)
"""Where error bodies of many kinds, problem documents (RFC 9457) among them, put their words."""


@dataclass
class Fields:
    """Reads the fields of one record, and remembers which could not be read."""

    record: Mapping[str, Any]
    unreadable: list[str] = field(default_factory=list)
    at: datetime | None = None
    """When it was read; None for now."""

    @property
    def seen_at(self) -> datetime:
        """When the record was read; those of one page share the time."""
        return self.at or clock.now()

    def text(self, key: str) -> str | None:
        """Return a text cleaned for the screen, or None where it is absent, null or empty."""
        value = self.exact(key)
        return None if value is None else clean(value)

    def shared_text(self, key: str) -> str | None:
        """Return a text as ``text`` does, the same object for records that have the same."""
        value = self.text(key)
        return None if value is None else _kept_once(value)

    def exact(self, key: str) -> str | None:
        """Return a text as it is stored, or None where it is absent, null or empty.

        One that is longer than any setting is cut, and ends with the mark of what is unreadable.
        """
        value = self.record.get(key)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            return value if len(value) <= _LONGEST_TEXT else value[:_LONGEST_TEXT] + UNREADABLE
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        self.unreadable.append(key)
        return None

    def word(self, key: str) -> str | None:
        """Return one lower-case word of a set that may grow, or None."""
        text = self.text(key)
        return None if text is None else _word(text[:_LONGEST_KEPT]) or None

    def words(self, key: str) -> frozenset[str]:
        """Return lower-case words from an array or a comma-separated text."""
        value = self.record.get(key)
        if value is None:
            return frozenset()
        if isinstance(value, str):
            value = value.split(",")
        words = _words(value)
        if words is None:
            self.unreadable.append(key)
            return frozenset()
        return words

    def country(self, key: str) -> str | None:
        """Return an upper-case ISO 3166-1 alpha-2 code, or None."""
        text = self.text(key)
        if text is None:
            return None
        code = _country(text[:_LONGEST_KEPT])
        if code is None:
            self.unreadable.append(key)
        return code

    def time(self, key: str) -> datetime | None:
        """Return an ISO 8601 time in UTC, or None."""
        text = self.text(key)
        if text is None:
            return None
        try:
            moment = datetime.fromisoformat(text)
            moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            self.unreadable.append(key)
            return None
        # The first and the last year stand for no time at all, and exist in no other zone.
        return moment if _FIRST_YEAR < moment.year < _LAST_YEAR else None

    def mapping(self, key: str) -> Mapping[str, Any]:
        """Return a nested object, empty where it is absent or null."""
        value = self.record.get(key)
        if value is None:
            return {}
        if isinstance(value, dict):
            return value
        self.unreadable.append(key)
        return {}


def read_page(
    records: Iterable[Any],
    read: Callable[[Fields], T | None],
    total: Total = UNKNOWN_TOTAL,
    *,
    needs: str = "number",
) -> Page[T]:
    """Read the records of one page; a bad one costs a warning, never its neighbours.

    ``read`` returns None for a record that cannot be shown at all, for want of what it ``needs``.
    """
    items: list[T] = []
    now = clock.now()
    warnings = _Warnings()
    dropped = 0
    for record in records:
        fields = Fields(record, at=now) if isinstance(record, dict) else None
        item = read(fields) if fields is not None else None
        if item is None or fields is None:
            dropped += 1
            if warnings.room():
                warnings.lines.append(
                    f"a record without a usable {needs} was left out: {excerpt(record)}"
                )
            continue
        items.append(item)
        if fields.unreadable and warnings.room():
            target = getattr(item, "target", None)
            named = getattr(item, "number", "") or getattr(target, "text", "")
            keys = ", ".join(dict.fromkeys(fields.unreadable))
            warnings.lines.append(f"{named or 'a record'}: unreadable {keys}")
    return Page(tuple(items), total, warnings.told(), dropped)


def excerpt(value: object, longest: int = 80) -> str:
    """Return the beginning of a value on one harmless line."""
    try:
        text = value if isinstance(value, str) else repr(value)
    except RecursionError:
        text = "…"
    return clean(text[: longest * 2], longest)


def e164_of(
    value: object, *, plus: bool, country: str | None = None, kind: str | None = None
) -> E164 | None:
    """Return a provider's number, sent as text or as a JSON integer; None where it is none.

    ``plus`` tells whether the provider writes the ``+`` itself. Where it does and one is missing,
    the digits count with the country code of ``country``, if that is told: a national number is
    never taken for one of another country. A short code keeps its bare digits: by ``kind``, or
    by its length where no ``+`` tells numbers with a country code from others.
    """
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < _MOST:
        value = str(value)
    if not isinstance(value, str):
        return None
    text = value.strip()
    bare = text.removeprefix("+")
    if kind is not None and "short" in kind.lower() and is_short_code(bare):
        return E164(bare)
    if not plus and is_short_code(text) and len(text) < _SHORTEST_NUMBER:
        return E164(text)
    if not is_e164("+" + bare):
        return None
    if plus and bare is text and not has_country_code(bare, country):
        return None
    return E164("+" + bare)


def undocumented_target(
    info: "ProviderInfo", kind: str | None, value: str | None
) -> Destination | None:
    """Return a target whose kind no document of the provider names, with its value as stored.

    Only the kind is told of it where there is no value, or where ``kind:value`` would read as
    another target.
    """
    if kind is None:
        return None if value is None else Target("unknown", value)
    word = clean(kind, 60)
    if value is None or ":" in word or info.target_kind(word) is not None:
        return Undisclosed(word)
    return Target(word, value)


class Crowded(ValueError):
    """JSON whose values would take more memory than its bytes let expect."""


def parsed(body: bytes) -> Any:
    """Return the JSON value of a body; a character that is none becomes U+FFFD in its text.

    One name in another encoding, with half a surrogate pair or with a bare control character
    would otherwise cost the whole page.

    Raises:
        Crowded: It holds more values than any answer needs.
        ValueError: It is not JSON; ``NOT_JSON`` names the others.
    """
    if request.crowded(body):
        raise Crowded
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        lenient = json.JSONDecoder(parse_float=str, parse_constant=_no_number, strict=False)
        text = json.dumps(lenient.decode(body.decode("utf-8-sig", "replace")), ensure_ascii=False)
        whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return _decoder.decode(whole)


def decode(reply: "Reply", account: str) -> Any:
    """Return the JSON value of a reply; fractions come as text, digit for digit.

    Raises:
        BadReply: The body is not JSON.
    """
    try:
        return _read(reply)
    except Crowded:
        what, hint = "more values than any answer needs", ""
    except NOT_JSON:
        what = _kind_of(reply)
        hint = _IN_BETWEEN if what == "HTML" else ""
    raise BadReply(f"{reply.host} sent {what} (HTTP {reply.status})", account=account, hint=hint)


def try_decode(reply: "Reply") -> Any:
    """Return the JSON value of a reply, or None where the body is something else."""
    try:
        return _read(reply)
    except NOT_JSON:
        return None


def _read(reply: "Reply") -> Any:
    """Return the JSON value of a body without the fields that hold secrets."""
    value, body = parsed(reply.body), reply.body
    # An escape is the only other way in which JSON writes a name.
    if any(name.encode() in body for name in reply.hidden) or (reply.hidden and b"\\u" in body):
        _drop(value, reply.hidden)
    return value


def _drop(value: object, names: frozenset[str]) -> None:
    """Remove fields of these names from a JSON value, however deep they stand."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            for name in names & one.keys():
                del one[name]
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def encode(record: object) -> bytes:
    """Return a decoded record as JSON again, to be shown as it was received."""
    try:
        return msgspec.json.encode(record)
    except RecursionError:
        return b"null"


def status_error(
    reply: "Reply", account: str, words: str, fields: Mapping[str, str] | None = None
) -> ProviderError:
    """Return the error that a status stands for; ``words`` is what the provider said in JSON."""
    words = words or _xml_words(reply)
    said = f": {words}" if words else ""
    status = reply.status
    if status == 401:
        usual = f"check its identifier and secret: tui-numbers accounts check {account}"
        return CredentialsRejected(
            f"{reply.host} rejected the key{said}",
            account=account,
            hint="; ".join(filter(None, (usual, reply.if_rejected))),
        )
    if status == 403:
        return Forbidden(f"{reply.host} does not permit this{said}", account=account)
    if status in (404, 410):
        return NotFound(f"{reply.host} knows no such thing{said}", account=account)
    if status == 429:
        asked = asked_wait(reply.headers, clock.timestamp())
        hint = f"try again in {asked:.0f} s" if asked else ASK_LATER
        return RateLimited(
            f"{reply.host} is asked too often{said}", account=account, hint=hint, retry_after=asked
        )
    if status >= 500:
        hint = ASK_LATER if reply.method == "GET" else ""
        return ServerFault(f"{reply.host} failed (HTTP {status}){said}", account=account, hint=hint)
    if 300 <= status < 400:
        return BadReply(
            f"{reply.host} redirects elsewhere, and credentials are not sent there", account=account
        )
    return Rejected(f"{reply.host} refused (HTTP {status}){said}", account=account, fields=fields)


def words_in(value: object, longest: int, *, between: str = "; ") -> str:
    """Return what the body of a refusal says, on one line, whatever its shape."""
    parts = dict.fromkeys(text.strip() for text in _texts(value, "", _DEEPEST))
    return clean(between.join([part for part in parts if part][:_MOST_PARTS]), longest)


def _texts(value: object, name: str, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield f"{name}: {value}" if name else value
    elif isinstance(value, list) and depth:
        for item in value[:_MOST_PARTS]:
            yield from _texts(item, name, depth - 1)
    elif isinstance(value, dict) and depth:
        said = [key for key in _SAYING if key in value]
        for key in said:
            yield from _texts(value[key], name, depth - 1)
        if not said:
            for key, item in list(value.items())[:_MOST_PARTS]:
                yield from _texts(item, key, depth - 1)


def _kind_of(reply: "Reply") -> str:
    """Name what a body is that is not JSON."""
    body = reply.body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not body:
        return "an empty body"
    if not body.startswith(b"<"):
        return "something that is not JSON"
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    begins = body[:_BEGINNING].lower()
    root = _ROOT.search(begins)
    if kind.endswith("html") or b"<!doctype html" in begins or (root and root[1] in _HTML_ROOTS):
        return "HTML"
    return "XML" if root or kind.endswith("xml") or begins.startswith(b"<?xml") else "HTML"


def _xml_words(reply: "Reply") -> str:
    """Return what the elements of an XML body say, without their codes; of other bodies nothing."""
    if reply.body.lstrip()[:1] != b"<" or _kind_of(reply) != "XML":
        return ""
    texts = (
        html.unescape(text.decode(errors="replace")).strip()
        for _, text in _ELEMENT.findall(reply.body[:_LONGEST_XML])
    )
    said = dict.fromkeys(text for text in texts if text and not text.isdecimal())
    return clean("; ".join(said), _LONGEST_WORDS)


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


@dataclass
class _Warnings:
    """The lines about one page, as many as anyone could read."""

    lines: list[str] = field(default_factory=list)
    further: int = 0

    def room(self) -> bool:
        """Tell whether one more line is kept; otherwise it is counted."""
        if len(self.lines) < request.MOST_WARNINGS:
            return True
        self.further += 1
        return False

    def told(self) -> tuple[str, ...]:
        more = (f"{self.further:,} further records like these",) if self.further else ()
        return (*self.lines, *more)


@functools.lru_cache(maxsize=4096)
def _kept_once(text: str) -> str:
    return text


# Thousands of records repeat a few words, so each is made ready once.
@functools.lru_cache(maxsize=1024)
def _word(text: str) -> str:
    return sys.intern(clean(text.strip().lower(), 40))


def _words(value: object) -> frozenset[str] | None:
    """Return the words of an array, or None where it is no array of texts."""
    if not isinstance(value, list):
        return None
    key = tuple(value)
    try:
        known = _known_words.get(key)
    except TypeError:
        return None
    return known if known is not None else _new_words(key)


def _new_words(told: tuple[object, ...]) -> frozenset[str] | None:
    texts = [word for word in told if isinstance(word, str)]
    if len(texts) < len(told):
        return None
    words = frozenset(_word(text[:_LONGEST_KEPT]) for text in texts if text.strip())
    if len(_known_words) < _WORDS_KEPT and sum(map(len, texts)) + len(texts) <= _LONGEST_KEPT:
        _known_words[told] = words
    return words


@functools.lru_cache(maxsize=1024)
def _country(text: str) -> str | None:
    if len(text) == 2 and text.isascii() and text.isalpha():
        return sys.intern(text.upper())
    return None
