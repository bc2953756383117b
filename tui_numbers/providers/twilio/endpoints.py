"""Ask the hosts of one Twilio account, which share a credential, and follow their listings."""

from collections.abc import AsyncGenerator, Callable, Hashable, Mapping
from contextlib import aclosing
from typing import Any, TypeVar
from urllib.parse import quote

from tui_numbers.providers import decoding
from tui_numbers.providers.contract import Api, Endpoint, Page
from tui_numbers.providers.errors import ConfigurationProblem
from tui_numbers.providers.origins import Hosts
from tui_numbers.providers.paging import Answer, Listing
from tui_numbers.providers.request import Basic
from tui_numbers.providers.twilio.info import DOMAIN, HOME_REGION, INFO, REGIONAL_HOSTS
from tui_numbers.providers.twilio.records import body_of, next_link

T = TypeVar("T")
Params = dict[str, str | int]


class Endpoints:
    """The hosts of one account; each is opened when it is first asked."""

    def __init__(self, api: Api) -> None:
        """Take the fields of the account.

        Raises:
            ConfigurationProblem: One is missing or unknown, or the address cannot be used.
        """
        account = api.account
        self.account = account.name
        self.sid = account.fields.get("account_sid", "")
        if not self.sid:
            raise ConfigurationProblem("account_sid is missing", account=self.account)
        self.region = account.fields.get("region") or HOME_REGION
        """Where the account's records are read and written."""
        if self.region not in REGIONAL_HOSTS:
            known = ", ".join(REGIONAL_HOSTS)
            raise ConfigurationProblem(f"region is one of {known}", account=self.account)
        self._api = api
        self._credentials = Basic(account.fields.get("key_id") or self.sid)
        self._hosts = Hosts(DOMAIN, account.base_url)
        self._opened: dict[str, Endpoint] = {}
        self.numbers = REGIONAL_HOSTS[self.region]
        """The name of the host that holds the number records of the region."""
        # An address that cannot be used is told before anything is asked.
        self.at(self.numbers)

    def at(self, name: str) -> Endpoint:
        """Return one of the hosts, by the first part of its name."""
        if name not in self._opened:
            self._opened[name] = self._api.endpoint(self._hosts.address(name), self._credentials)
        return self._opened[name]

    @property
    def main(self) -> Endpoint:
        """The host that holds the number records of the region."""
        return self.at(self.numbers)

    def path(self, *parts: str) -> str:
        """Return a path below the account."""
        every = ("2010-04-01", "Accounts", self.sid, *parts)
        return "/" + "/".join(quote(part, safe="/") for part in every)

    async def linked(
        self,
        host: str,
        path: str,
        key: str,
        read: Callable[[decoding.Fields], T | None],
        identity: Callable[[T], Hashable],
        *,
        params: Params | None = None,
        before_reading: Callable[[], Any] | None = None,
        goes_on: Callable[[], bool] = lambda: True,
    ) -> AsyncGenerator[Page[T], None]:
        """Yield the pages of a listing, each where the one before it says.

        Where another one follows, ``goes_on`` tells whether it is to be asked for.
        """
        first = {"PageSize": INFO.page_size, **(params or {})}

        async def ask(place: str) -> tuple[Answer[T], Callable[[], str | None]]:
            endpoint = self.at(host)
            reply = await (endpoint.follow(place) if place else endpoint.get(path, first))
            body = body_of(reply, self.account, key)
            if before_reading is not None:
                await before_reading()
            page = decoding.read_page(body[key], read, needs="identifier")
            return Answer(page, len(reply.body)), lambda: following(body)

        def following(body: Mapping[str, Any]) -> str | None:
            link = next_link(body, self.account)
            return None if link is None or not goes_on() else self._hosts.link(host, link)

        listing = Listing[T](self.account, f"Twilio's list of {key.replace('_', ' ')}", identity)
        async with aclosing(listing.linked(ask, "")) as pages:
            async for page in pages:
                yield page
