"""A session: the accounts, the rules of a write and the journal, for commands and screens alike."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass

from tui_numbers.domain.accounts import Account
from tui_numbers.providers.errors import SecretMissing
from tui_numbers.providers.http import Http
from tui_numbers.providers.pacing import OnWaiting, Timing
from tui_numbers.providers.registry import Registry, load_registry
from tui_numbers.services.changes import Changes
from tui_numbers.services.config import Config, ConfigError, load_config, nearest
from tui_numbers.services.demo import DEMO_NUMBERS, demo_workspace
from tui_numbers.services.kernel_keyring import KernelKeyring
from tui_numbers.services.keyrings import Keyring
from tui_numbers.services.paths import NoHome, Paths
from tui_numbers.services.secrets import Ask, Secrets
from tui_numbers.services.snapshot import OwnedSnapshot
from tui_numbers.services.values import InvalidInput
from tui_numbers.services.workspace import Workspace
from tui_numbers.storage.journal import Journal


@dataclass
class Session:
    """Everything that one run of the program works with; closed once, at the end."""

    workspace: Workspace
    changes: Changes
    config: Config
    paths: Paths
    provider_failures: Mapping[str, str]
    """Providers that could not be loaded, and why."""
    only: tuple[str, ...] = ()
    """The accounts that were asked for; empty for all."""
    snapshot: OwnedSnapshot | None = None
    """What the dashboard shows at first; None in the demo, or where it is switched off."""

    def follow(self, *, demo: bool = False, also: str | None = None) -> "Session":
        """Open a session like this one, because the configuration was edited, or over the demo.

        What was typed stays known, and a keyring that hangs is not asked again. ``also`` names an
        account that is to be in use too.
        """
        old, http = self.workspace, self.workspace.http
        only = (*self.only, also) if self.only and also else self.only
        known = () if demo else _names(self.paths)
        session = open_session(
            demo=demo,
            accounts=tuple(name for name in only if name in known),
            read_only=old.read_only,
            on_waiting=http.on_waiting,
            timing=http.timing,
        )
        if not demo and old.secrets.keyring is not None:
            secrets = session.workspace.secrets
            secrets.keyring = old.secrets.keyring.carried()
            for account in session.workspace.accounts:
                if typed := old.secrets.typed(account):
                    secrets.hold(account, typed)
        return session

    @property
    def journal(self) -> Journal:
        """The journal of this session: the user's, or the demo's own in memory."""
        return self.changes.journal

    async def find_secrets(self) -> None:
        """Look every secret up before anything is asked, and only then ask a person.

        Questions come one after another, and no request waits for an answer meanwhile.
        """
        secrets = self.workspace.secrets
        ask, secrets.ask = secrets.ask, None
        accounts = self.workspace.accounts
        try:
            answers = await asyncio.gather(
                *(secrets.find(account) for account in accounts), return_exceptions=True
            )
        finally:
            secrets.ask = ask
        if ask is None:
            return
        for account, answer in zip(accounts, answers, strict=True):
            if isinstance(answer, SecretMissing) and account.secret_command is None:
                typed = await ask(account)
                if typed:
                    secrets.hold(account, typed)
        secrets.ask = None

    async def aclose(self) -> None:
        """Close connections and files."""
        self.workspace.learn_secrets()
        await self.workspace.aclose()
        self.journal.close()
        if self.snapshot is not None:
            self.snapshot.close()


def open_session(
    *,
    demo: bool = False,
    numbers: int | None = None,
    accounts: tuple[str, ...] = (),
    read_only: bool = False,
    ask: Ask | None = None,
    on_waiting: OnWaiting = lambda waiting: None,
    timing: Timing | None = None,
) -> Session:
    """Open a session over the configured accounts, or over the demo's; creates no file.

    ``accounts`` leaves only those in use, in the configuration's order. What the configuration
    cannot be used for stands in ``config.problems``.

    Raises:
        ConfigError: The configuration cannot be read, or the demo cannot be made as asked.
        NoHome: There is nowhere to read it from, and it is not the demo.
        InvalidInput: ``accounts`` names one that there is not.
    """
    registry = load_registry()
    paths = _paths(demo=demo)
    timing = timing or Timing()
    if demo:
        config = Config()
        workspace = _demo(registry, numbers, on_waiting, timing)
        journal = Journal(None)
    else:
        config = _read(paths, registry)
        workspace = _own(registry, config, ask, Http(timing=timing, on_waiting=on_waiting))
        journal = Journal(paths.journal)
    workspace.read_only = read_only
    if not config.problems:
        workspace.accounts = chosen(workspace.accounts, accounts)
    changes = Changes(workspace, journal)
    snapshot = None
    if config.snapshot and not demo:
        names = [account.name for account in config.accounts]
        snapshot = OwnedSnapshot(paths.snapshot, workspace.accounts, names)
    return Session(workspace, changes, config, paths, registry.failures, accounts, snapshot)


def _paths(*, demo: bool) -> Paths:
    try:
        return Paths.of_user()
    except NoHome:
        if not demo:
            raise
        return Paths.nowhere()


def _own(registry: Registry, config: Config, ask: Ask | None, http: Http) -> Workspace:
    return Workspace(
        accounts=config.accounts,
        plugins=registry.plugins,
        secrets=Secrets(ask=ask, keyring=Keyring(), kernel=KernelKeyring()),
        http=http,
        locks=config.locks,
    )


def _names(paths: Paths) -> tuple[str, ...]:
    return tuple(account.name for account in _read(paths, load_registry()).accounts)


def _read(paths: Paths, registry: Registry) -> Config:
    infos = {key: plugin.info for key, plugin in registry.plugins.items()}
    return load_config(paths.config_file, infos)


def _demo(
    registry: Registry, numbers: int | None, on_waiting: OnWaiting, timing: Timing
) -> Workspace:
    try:
        return demo_workspace(
            registry.plugins,
            DEMO_NUMBERS if numbers is None else numbers,
            on_waiting=on_waiting,
            timing=timing,
        )
    except ValueError as error:
        variable = "TUI_NUMBERS_SANDBOX_FAULTS"
        where = f" ({variable} is set)" if os.environ.get(variable) else ""
        raise ConfigError(f"the demo cannot be made: {error}{where}") from None


def chosen(accounts: tuple[Account, ...], names: tuple[str, ...]) -> tuple[Account, ...]:
    """Return the accounts that ``names`` name, in their own order; all where it names none.

    Raises:
        InvalidInput: A name is not an account's.
    """
    known = [account.name for account in accounts]
    for name in names:
        if name not in known:
            fix = nearest(name, known) if known else "no account is configured"
            raise InvalidInput("account", f"no account {name!r}; {fix}")
    return tuple(account for account in accounts if not names or account.name in names)
