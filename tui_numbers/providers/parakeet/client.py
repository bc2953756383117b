"""Read and change one Parakeet account: listings by cursor, writes."""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Hashable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from tui_numbers.domain.changes import Change, Clear
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import Address, AvailableNumber, OwnedNumber, Target, TargetOption
from tui_numbers.domain.query import OwnedQuery, StockQuery
from tui_numbers.providers import decoding
from tui_numbers.providers.contract import (
    NO_EXTRAS,
    AccountCheck,
    Api,
    Endpoint,
    Page,
    Provider,
    Purchase,
)
from tui_numbers.providers.errors import (
    BadReply,
    ConfigurationProblem,
    ListingIncomplete,
    NotFound,
    NotOffered,
    ProviderError,
    Rejected,
)
from tui_numbers.providers.paging import Answer, Listing, gathered, listed_among, one_by_one
from tui_numbers.providers.parakeet import records
from tui_numbers.providers.parakeet.info import INFO
from tui_numbers.providers.parakeet.records import checked, list_of, object_of
from tui_numbers.providers.request import MOST_PAGES, Basic, Reply

T = TypeVar("T")
Params = Mapping[str, str | int]
_NUMBER_ID = re.compile(r"PN[0-9A-Za-z]+", re.ASCII)
_PAGE: Params = {"limit": INFO.page_size}
_EXPIRED = frozenset({400, 404, 410, 422})
"""How a cursor that has expired may be refused; no document says."""
_LONGEST_HEADER = 16_000
_LONGEST_URL = 8_000
_ENTRY = re.compile(r'(?:<[^<>]*>|"(?:[^"\\]|\\.)*"|[^,])+', re.DOTALL)
_TARGET = re.compile(r"\s*<([^<>]*)>")
_PARAMETER = re.compile(
    r"""[\s;]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)"""
    r"""(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'([^';,]*)'|([^\s";,]*)))?\s*(?=;|$)""",
    re.DOTALL,
)
_NEXT = re.compile(r"""\brel\s*=\s*["']?[^",;]*\bnext\b""", re.IGNORECASE)


class Parakeet(Provider):
    """One account at Parakeet; remembers the teams that its numbers were seen to point at."""

    info = INFO

    def __init__(self, api: Api) -> None:
        self._name = api.account.name
        self._user = api.account.fields.get("account_id", "")
        if not self._user:
            raise ConfigurationProblem("account_id is missing", account=self._name)
        self._base_url = api.account.base_url or INFO.base_url
        self._endpoint = api.endpoint(self._base_url, Basic(self._user))
        self._teams: dict[str, str | None] = {}
        self._all_listed = False

    async def check(self) -> AccountCheck:
        """Read the account object, which the key alone decides."""
        reply = await self._endpoint.get("/account")
        return records.account_check(object_of(reply, self._name, "id"), self._user)

    async def owned(self, query: OwnedQuery) -> AsyncIterator[Page[OwnedNumber]]:
        """List owned numbers; "Numbers" documents no filter."""
        async with aclosing(self._numbers(self._owned_number)) as pages:
            async for page in pages:
                for number in page.items:
                    self._learn(number)
                yield page
        self._all_listed = True

    async def find(self, number: E164, known: OwnedNumber | None = None) -> OwnedNumber | None:
        """Read by ``known``'s identifier, or else search: a number alone addresses nothing."""
        if known is not None and _NUMBER_ID.fullmatch(known.id):
            reply = await self._endpoint.get(f"/numbers/{known.id}")
            if reply.status in (404, 410):
                return None
            return self._exactly(number, self._number_object(reply))

        def read(fields: decoding.Fields) -> OwnedNumber | None:
            return self._exactly(number, fields.record) or self._owned_number(fields)

        unreadable = 0
        async with aclosing(self._numbers(read)) as pages:
            async for page in pages:
                for found in page.items:
                    if found.number == number:
                        return found
                unreadable += page.dropped
        if unreadable:
            # That a number is gone, or not there yet, is proven by no such listing.
            raise ListingIncomplete(
                f"Parakeet listed {unreadable} record(s) without a number, so it is unclear "
                f"whether {number} is among them",
                account=self._name,
            )
        return None

    async def find_many(
        self, numbers: Mapping[E164, OwnedNumber | None]
    ) -> Mapping[E164, OwnedNumber | None]:
        """Read several numbers by the list: one without an identifier takes the list by itself."""

        def read(fields: decoding.Fields) -> OwnedNumber | None:
            found = records.owned_number(fields, self._name, decoding.encode(fields.record))
            if found is not None:
                self._learn(found)
            return found

        known = all(one is not None and _NUMBER_ID.fullmatch(one.id) for one in numbers.values())
        most = one_by_one(len(numbers), INFO.pace) if known else MOST_PAGES
        return await listed_among(self._numbers(read), numbers, most)

    def _number_object(self, reply: Reply) -> Mapping[str, Any]:
        record = object_of(reply, self._name, "number")
        if records.number_of(record) is None:
            raise BadReply(f"{reply.host} sent a record without a number", account=self._name)
        return record

    def _exactly(self, number: E164, record: Mapping[str, Any]) -> OwnedNumber | None:
        if records.number_of(record) != number:
            return None
        fields = decoding.Fields(record)
        found = records.owned_number(fields, self._name, decoding.encode(record))
        if found is not None:
            self._learn(found)
        return found

    async def available(self, query: StockQuery) -> AsyncIterator[Page[AvailableNumber]]:
        """List stock, one page for each type: a type must be named ("Available Numbers").

        A type that is refused counts as not in stock where another one is answered.
        """
        types = INFO.types if query.type is None else (query.type,)
        listing = Listing[AvailableNumber](
            self._name, "Parakeet's stock", lambda found: found.number
        )
        refusal: ProviderError | None = None
        answered = False
        for kind in types:
            if kind not in INFO.types:
                continue
            params = {"country": query.country, "type": kind}
            if query.digits:
                params["query"] = query.digits
            reply = await self._endpoint.get("/available_numbers", params)
            try:
                rows = list_of(reply, self._name)
            except (Rejected, NotFound) as error:
                refusal = refusal or error
                continue
            answered = True
            page = decoding.read_page(rows, self._available_number)
            yield listing.take(Answer(page, len(reply.body)))
        if refusal is not None and not answered:
            raise refusal

    async def targets(self, number: OwnedNumber | None = None) -> AsyncIterator[Page[TargetOption]]:
        """List users, and the teams that owned numbers point at: no document lists teams."""
        told = self._all_listed
        if told:
            yield self._known_teams()
        users = self._pages("/users", records.user_option, lambda user: user.target, params=_PAGE)
        async with aclosing(users) as pages:
            async for page in pages:
                yield page
        if told:
            return
        if self._all_listed:
            # Another listing came to its end meanwhile.
            yield self._known_teams()
            return
        trouble: ProviderError | None = None
        warnings: list[str] = []
        try:
            async for numbers in self.owned(OwnedQuery()):
                warnings += numbers.warnings
        except ProviderError as error:
            trouble = error
        yield replace(self._known_teams(), warnings=tuple(warnings))
        if trouble is not None:
            raise trouble

    async def addresses(self) -> tuple[Address, ...]:
        """List the registered addresses."""
        found = await gathered(
            self._pages("/addresses", records.address, lambda address: address.id)
        )
        if found.dropped and not found.items:
            raise BadReply("Parakeet sent no address that can be read", account=self._name)
        return found.items

    async def update(self, number: OwnedNumber, change: Change) -> None:
        """Point a number elsewhere; the target is all that can be changed ("Numbers")."""
        if not change:
            return
        body = self._update_body(change)
        reply = await self._endpoint.send("POST", self._path_of(number), json=body)
        if self._exactly(number.number, self._number_object(reply)) is None:
            raise BadReply(f"{reply.host} answered with another number", account=self._name)

    async def buy(
        self,
        number: AvailableNumber,
        target: Target | None,
        extras: Mapping[str, str] = NO_EXTRAS,
    ) -> Purchase:
        """Buy a number and point it at ``target``, without which none is sold here."""
        if target is None:
            raise NotOffered(
                "Parakeet documents no purchase without a user or a team to point the number at",
                account=self._name,
            )
        body = {"number": number.number, "target": self._target_id(target)}
        reply = await self._endpoint.send("POST", "/numbers", json=body)
        bought = self._exactly(number.number, self._number_object(reply))
        if bought is None:
            raise BadReply(f"{reply.host} answered with another number", account=self._name)
        return Purchase(bought.status)

    async def release(self, number: OwnedNumber) -> None:
        """Delete a number; the promised answer has no body ("Numbers")."""
        reply = await self._endpoint.send(
            "DELETE", self._path_of(number), content_type="application/json"
        )
        checked(reply, self._name)
        if reply.status != 204 and reply.body.strip():
            decoding.decode(reply, self._name)

    def _numbers(
        self, read: Callable[[decoding.Fields], OwnedNumber | None]
    ) -> AsyncGenerator[Page[OwnedNumber], None]:
        return self._pages(
            "/numbers",
            read,
            lambda found: (found.id, found.number),
            params=_PAGE,
            needs="number",
        )

    def why_not(self, change: Change) -> str | None:
        """Say which setting or target Parakeet does not take."""
        try:
            self._update_body(change)
        except NotOffered as error:
            return error.message
        return None

    def _pages(
        self,
        path: str,
        read: Callable[[decoding.Fields], T | None],
        key: Callable[[T], Hashable],
        *,
        params: Params | None = None,
        needs: str = "id",
    ) -> AsyncGenerator[Page[T], None]:
        """Read a listing whose ``Link`` headers lead on, each record once."""

        def read_page(reply: Reply) -> Page[T]:
            return decoding.read_page(list_of(reply, self._name), read, needs=needs)

        listing = Listing(self._name, f"Parakeet's listing {path}", key)
        first = self._base_url.rstrip("/") + path
        links = _Links(self._endpoint, listing, path, first, params or {}, read_page)
        return listing.linked(links.ask, first)

    def _owned_number(self, fields: decoding.Fields) -> OwnedNumber | None:
        return records.owned_number(fields, self._name)

    def _available_number(self, fields: decoding.Fields) -> AvailableNumber | None:
        return records.available_number(fields, self._name)

    def _learn(self, number: OwnedNumber) -> None:
        for target in number.routing.values():
            if isinstance(target, Target) and target.kind == "team":
                self._teams[target.value] = target.label or self._teams.get(target.value)

    def _known_teams(self) -> Page[TargetOption]:
        return Page(tuple(records.team_option(*team) for team in self._teams.items()))

    def _path_of(self, number: OwnedNumber) -> str:
        """Return where a number is changed; without its identifier a POST would be a purchase."""
        if _NUMBER_ID.fullmatch(number.id):
            return f"/numbers/{number.id}"
        raise ConfigurationProblem(
            f"{number.number} has no identifier that begins with PN, so nothing was sent",
            account=self._name,
        )

    def _update_body(self, change: Change) -> dict[str, str]:
        body: dict[str, str] = {}
        for key, edit in change.edits.items():
            spec = INFO.setting(key)
            if spec is None:
                raise NotOffered(f"Parakeet has no setting {key!r}", account=self._name)
            if isinstance(edit, Clear):
                raise NotOffered(spec.why_not_clearable, account=self._name)
            body[key] = self._target_id(Target.from_text(edit.value))
        return body

    def _target_id(self, target: Target) -> str:
        kind = INFO.target_kind(target.kind)
        if kind is None or kind.pattern is None or not re.fullmatch(kind.pattern, target.value):
            raise NotOffered(
                f"{decoding.excerpt(target.text)} is no target here: "
                "Parakeet takes user:US… and team:TM…",
                account=self._name,
            )
        return target.value


class _Links(Generic[T]):
    """Asks for the pages of one listing, each where the one before it leads."""

    def __init__(
        self,
        endpoint: Endpoint,
        listing: Listing[T],
        path: str,
        first: str,
        params: Params,
        read: Callable[[Reply], Page[T]],
    ) -> None:
        self._endpoint = endpoint
        self._listing = listing
        self._path = path
        self._first = first
        self._params = params
        self._read = read
        self._cursors = {first}
        """Cursors asked for, and the first page's URL, which has none."""
        self._begun_again = False

    async def ask(self, url: str) -> tuple[Answer[T], Callable[[], str | None]]:
        """Return a page, and what tells where the next one is.

        Begins again, once, where a cursor has expired.

        Raises:
            ListingIncomplete: It leads to another host, or expires again.
        """
        if url == self._first:
            reply = await self._endpoint.get(self._path, self._params or None)
        else:
            reply = await self._endpoint.follow(url)
            if reply.status in _EXPIRED:
                return await self._again()
        page = self._read(reply)
        held = len(page.items) + page.dropped
        return Answer(page, len(reply.body)), lambda: self._following(reply, url, held)

    async def _again(self) -> tuple[Answer[T], Callable[[], str | None]]:
        if self._begun_again:
            raise self._listing.incomplete(
                "ends early: its cursors expire before the listing is read"
            )
        self._begun_again = True
        self._cursors = {self._first}
        self._listing.begin_again()
        return await self.ask(self._first)

    def _following(self, reply: Reply, url: str, held: int) -> str | None:
        link = next_link(reply.headers.get("link", ""))
        if link is None:
            return None
        following = next_url(link, url, self._first, self._params)
        if following is None:
            raise self._listing.incomplete("ends early: its link to the next page cannot be read")
        cursor = cursor_of(following)
        if cursor in self._cursors:
            if not held:
                return None
            raise self._listing.incomplete("ends early: it gave the same cursor again")
        self._cursors.add(cursor)
        return following


@dataclass(frozen=True, slots=True)
class NextLink:
    """What a header says of the next page."""

    url: str
    """As it stands there, relative or not; empty where there is none, or none that is readable."""
    cursor: str | None = None
    """The attribute ``cursor``, which repeats the parameter of the URL or stands for it."""


def next_link(header: str) -> NextLink | None:
    """Return the link whose relation is ``next``, or None where the listing ends.

    Commas inside ``<>`` and quotes, empty entries and attributes, line ends between them and
    attributes in any order are understood: the sample in "Getting Started" has most of them.
    """
    entries = [header] if len(header) > _LONGEST_HEADER else _ENTRY.findall(header)
    return next((link for entry in entries if (link := _read(entry)) is not None), None)


def next_url(link: NextLink, page: str, first: str, params: Mapping[str, str | int]) -> str | None:
    """Return the URL that ``link`` means on the page at ``page``, or None where it means none.

    A cursor that stands in the attribute alone goes with the parameters of the first request,
    which it is bound to; without a URL, with that of the first page as well.
    """
    try:
        url = urljoin(page, link.url) if link.url else first
        parts = urlsplit(url)
    except ValueError:
        return None
    query = parse_qsl(parts.query, keep_blank_values=True)
    if link.cursor and not any(value for name, value in query if name == "cursor"):
        asked = {**params, **dict(query), "cursor": link.cursor}
        url = urlunsplit(parts._replace(query=urlencode(asked), fragment=""))
    elif not link.url:
        return None
    return url if url.isprintable() and len(url) <= _LONGEST_URL else None


def cursor_of(url: str) -> str:
    """Return the cursor in a URL, or the whole of one that has none."""
    query = parse_qsl(urlsplit(url).query)
    return "\n".join(value for name, value in query if name == "cursor") or url


def _read(entry: str) -> NextLink | None:
    """Return an entry of the header where it leads to the next page."""
    target = _TARGET.match(entry)
    told = _attributes(entry[target.end() :] if target else entry)
    if told is None:
        # What speaks of a next page and cannot be read is not the end.
        return NextLink("") if _NEXT.search(entry) else None
    if "next" not in told.get("rel", "").lower().split():
        return None
    return NextLink(target[1].strip() if target else "", told.get("cursor") or None)


def _attributes(text: str) -> dict[str, str] | None:
    """Return the attributes of an entry, or None where it holds anything else."""
    told: dict[str, str] = {}
    if len(text) > _LONGEST_HEADER:
        return None
    at = 0
    while attribute := _PARAMETER.match(text, at):
        at = attribute.end()
        name, quoted, apostrophed, bare = attribute.groups()
        if quoted is not None:
            quoted = re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL)
        # The first relation counts (RFC 8288, section 3.3).
        told.setdefault(name.lower(), quoted or apostrophed or bare or "")
    return None if text[at:].strip(" \t\r\n;") else told
