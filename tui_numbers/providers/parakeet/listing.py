"""Listings that go on behind a cursor, which only the ``Link`` header tells."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urljoin, urlsplit

from tui_numbers.providers.errors import ListingIncomplete
from tui_numbers.providers.limits import Allowance
from tui_numbers.providers.parakeet.link import next_link, promises_next
from tui_numbers.providers.parakeet.replies import list_of

if TYPE_CHECKING:
    from tui_numbers.providers.exchange import Reply
    from tui_numbers.providers.http import Endpoint

_EXPIRED = frozenset({400, 404, 410, 422})
"""How a cursor that has expired may be refused; no document says."""

_LONGEST_URL = 8_000

_Key = tuple[str | None, str | None]


def _key(record: object) -> _Key | None:
    """Return what tells a record from others, or None where nothing does."""
    if not isinstance(record, dict):
        return None
    known = [record.get(name) for name in ("id", "number")]
    texts = [value if isinstance(value, str) else None for value in known]
    return (texts[0], texts[1]) if any(texts) else None


@dataclass
class _Walk:
    """One way through a listing, from its first page on."""

    cursors: set[str]
    """Cursors asked for, and the first page's URL, which has none."""
    keys: set[_Key] = field(default_factory=set)

    def repeats(self, records: Iterable[object]) -> bool:
        """Note what a page holds, and tell whether all of it was there before."""
        keys = {key for record in records if (key := _key(record)) is not None}
        known = bool(keys) and keys <= self.keys
        self.keys |= keys
        return known

    def repeats_cursor(self, url: str) -> bool:
        """Note where the next page is, and tell whether it was asked for before."""
        cursor = "\n".join(parse_qs(urlsplit(url).query).get("cursor", ())) or url
        known = cursor in self.cursors
        self.cursors.add(cursor)
        return known


class Listing:
    """One listing of an account, read page by page, each record once."""

    def __init__(
        self,
        endpoint: "Endpoint",
        account: str,
        base_url: str,
        path: str,
        params: Mapping[str, str | int] | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._account = account
        self._path = path
        self._first_url = base_url.rstrip("/") + path
        self._params = params
        self._given: set[_Key] = set()

    async def pages(self) -> AsyncGenerator[list[Any], None]:
        """Yield the records of each page; begins again, once, where a cursor has expired.

        Raises:
            ListingIncomplete: It goes in circles, leads to another host or expires again.
        """
        walk, url, begun_again = _Walk({self._first_url}), self._first_url, False
        allowance = Allowance(self._account, self._named)
        while True:
            first = url == self._first_url
            reply = await self._ask(url)
            if not first and reply.status in _EXPIRED:
                if begun_again:
                    raise self._incomplete("its cursors expire before the listing is read")
                walk, url, begun_again = _Walk({self._first_url}), self._first_url, True
                continue
            records = list_of(reply, self._account)
            allowance.take(len(records), len(reply.body))
            before = len(walk.keys)
            repeats = walk.repeats(records)
            yield self._new(records)
            following = self._following(reply, url)
            if following is None:
                return
            if repeats:
                raise self._incomplete("it gave the same records again")
            if walk.repeats_cursor(following):
                if not records:
                    return
                raise self._incomplete("it gave the same cursor again")
            allowance.brought(len(walk.keys) - before)
            url = following

    async def _ask(self, url: str) -> "Reply":
        if url == self._first_url:
            return await self._endpoint.get(self._path, self._params)
        return await self._endpoint.follow(url)

    def _following(self, reply: "Reply", url: str) -> str | None:
        header = reply.headers.get("link", "")
        link = next_link(header)
        if link is None and not promises_next(header):
            return None
        following = _joined(url, link or "")
        if following is None:
            raise self._incomplete("its link to the next page cannot be read")
        return following

    def _new(self, records: Iterable[Any]) -> list[Any]:
        new = []
        for record in records:
            key = _key(record)
            if key is None or key not in self._given:
                new.append(record)
            if key is not None:
                self._given.add(key)
        return new

    def _incomplete(self, reason: str) -> ListingIncomplete:
        return ListingIncomplete(f"{self._named} ends early: {reason}", account=self._account)

    @property
    def _named(self) -> str:
        return f"Parakeet's listing {self._path}"


def _joined(url: str, link: str) -> str | None:
    """Return the URL that ``link`` means on the page ``url``, or None where it means none."""
    try:
        following = urljoin(url, link)
        urlsplit(following)
    except ValueError:
        return None
    usable = bool(link) and following.isprintable() and len(following) <= _LONGEST_URL
    return following if usable else None
