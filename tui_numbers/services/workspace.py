"""The accounts in use, and one client of each, opened when it is first needed."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from tui_numbers.domain.accounts import Account
from tui_numbers.domain.e164 import E164
from tui_numbers.providers.contract import Plugin, Provider, ProviderInfo
from tui_numbers.providers.http import Api, Http
from tui_numbers.providers.seen import Seen
from tui_numbers.services.containment import ContainedClient, contained
from tui_numbers.services.secrets import Secrets


@dataclass
class Workspace:
    """What every service works on; closed once, at the end."""

    accounts: tuple[Account, ...]
    """In the configuration's order."""
    plugins: Mapping[str, Plugin]
    secrets: Secrets
    http: Http
    locks: frozenset[E164] = frozenset()
    read_only: bool = False
    """Nothing is written anywhere, whatever the accounts permit."""
    demo: bool = False
    _clients: dict[str, ContainedClient] = field(default_factory=dict, repr=False)
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
                    api = self.http.api(found, secret, plugin.info.pace)
                    client = plugin.connect(api)
                self._clients[found.name] = ContainedClient(client, found.name, secret)
                self._apis[found.name] = api
            return self._clients[found.name]

    def seen(self, account: Account) -> Seen:
        """Return what the answers to an account's requests told beside their bodies."""
        api = self._apis.get(account.name)
        return api.seen if api is not None else Seen()

    def learn_secrets(self) -> None:
        """Let typed secrets be kept that were seen to work, where accounts say so."""
        for account in self.accounts:
            seen = self.seen(account)
            if seen.worked or seen.status == 401:
                self.secrets.learn(account, works=seen.worked)

    def reopen(self, account: Account) -> None:
        """Make a new client next time, with the secret looked up afresh."""
        self._clients.pop(account.name, None)
        self._apis.pop(account.name, None)
        self.secrets.forget(account)

    async def aclose(self) -> None:
        """Close every connection."""
        await self.http.aclose()
