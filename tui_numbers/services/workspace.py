"""Hold the accounts in use with their providers, secrets and one client each."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from tui_numbers.domain.accounts import Account
from tui_numbers.domain.e164 import E164
from tui_numbers.providers.contract import Pace, Plugin, Provider, ProviderInfo
from tui_numbers.providers.http import Api, Http
from tui_numbers.providers.request import Telemetry
from tui_numbers.services.config import Config
from tui_numbers.services.containment import ContainedClient, contained
from tui_numbers.services.input_parsing import people_targets
from tui_numbers.services.routing import Labels
from tui_numbers.services.secrets import Secrets


@dataclass
class Workspace:
    """The accounts in use with their providers, secrets and clients; closed once, at the end."""

    accounts: tuple[Account, ...]
    """In the configuration's order."""
    plugins: Mapping[str, Plugin]
    secrets: Secrets
    http: Http
    locks: frozenset[E164] = frozenset()
    read_only: bool = False
    """Nothing is written anywhere, whatever the accounts permit."""
    demo: bool = False
    demo_routes: Mapping[str, str] = field(default_factory=dict)
    """The files of the demo's routes, by name."""
    config: Config = field(default_factory=Config)
    """What was read of the configuration; empty in the demo."""
    provider_failures: Mapping[str, str] = field(default_factory=dict)
    """Providers that could not be loaded, and why."""
    warnings: tuple[str, ...] = ()
    """Files of the program that others can change, a sentence each."""
    _clients: dict[str, ContainedClient] = field(default_factory=dict, repr=False)
    _replaced: list[ContainedClient] = field(default_factory=list, repr=False)
    """Clients that are not given out any more, and may still be read by."""
    _apis: dict[str, Api] = field(default_factory=dict, repr=False)
    _opening: dict[str, asyncio.Lock] = field(default_factory=dict, repr=False)

    def account(self, name: str) -> Account:
        """Return the account called ``name``; KeyError where it is not in use."""
        for account in self.accounts:
            if account.name == name:
                return account
        raise KeyError(name)

    def info(self, account: Account | str) -> ProviderInfo:
        """Return what the provider of an account declares."""
        found = self.account(account) if isinstance(account, str) else account
        return self.plugins[found.provider].info

    async def client(self, account: Account | str) -> Provider:
        """Return the client of an account, which raises nothing but a ``ProviderError``.

        Raises:
            ProviderError: Its secret cannot be found, or its address cannot be used.
        """
        found = self.account(account) if isinstance(account, str) else account
        async with self._opening.setdefault(found.name, asyncio.Lock()):
            if found.name not in self._clients:
                secret = await self.secrets.find(found)
                with contained(found.name, secret):
                    plugin = self.plugins[found.provider]
                    api = Api(
                        self.http,
                        found,
                        secret,
                        plugin.info.pace,
                        plugin.info.secrets_in_records,
                    )
                    client = plugin.connect(api)
                people = people_targets(plugin.info, self.config.people)
                names = Labels(people) if people else None
                self._clients[found.name] = ContainedClient(client, found.name, secret, names)
                self._apis[found.name] = api
            return self._clients[found.name]

    def pace(self, account: Account) -> Pace:
        """Return how quickly an account is asked: as documented, and without it on loopback."""
        api = self._apis.get(account.name)
        return api.pace if api is not None else self.info(account).pace

    def telemetry(self, account: Account) -> Telemetry:
        """Return the telemetry of an account's responses: rate limit, clock skew, last status."""
        api = self._apis.get(account.name)
        return api.telemetry if api is not None else Telemetry()

    def learn_secrets(self) -> None:
        """Cache typed secrets that work, and drop those that do not, where accounts say so."""
        for account in self.accounts:
            seen = self.telemetry(account)
            if seen.worked or seen.status == 401:
                self.secrets.learn(account, works=seen.worked)

    def reopen(self, account: Account) -> None:
        """Replace an account's client, so that the next one looks the secret up afresh.

        A write under way may still read back by the old one, which is closed with the others.
        """
        if account.name in self._clients:
            self._replaced.append(self._clients.pop(account.name))
        self._apis.pop(account.name, None)
        self.secrets.forget(account)

    async def aclose(self) -> None:
        """End the readings that are under way, and close every connection."""
        for client in (*self._replaced, *self._clients.values()):
            await client.aclose()
        await self.http.aclose()
