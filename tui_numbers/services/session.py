"""Open and hold a session: accounts, write rules and journal, for commands and screens alike."""

import threading
from typing import TYPE_CHECKING, Any

from tui_numbers.domain.accounts import Account
from tui_numbers.domain.e164 import E164
from tui_numbers.services.config import Config, ConfigError, glance, with_remembered
from tui_numbers.services.owned_snapshot import OwnedSnapshot
from tui_numbers.services.paths import NoHome, Paths

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from tui_numbers.domain.operations import Operation
    from tui_numbers.providers.contract import Plugin
    from tui_numbers.providers.pacing import OnWaiting, Timing
    from tui_numbers.services.routes import RouteBook
    from tui_numbers.services.secrets import Secrets
    from tui_numbers.services.workspace import Workspace
    from tui_numbers.services.writes import Writer
    from tui_numbers.storage.journal import Journal


class Session:
    """Everything that one run of the program works with; closed once, at the end.

    What the dashboard's first frame shows is there at once; the rest is opened when it is first
    asked for, by whichever thread asks.
    """

    def __init__(
        self,
        paths: Paths,
        config: Config,
        accounts: tuple[Account, ...],
        opening: "Callable[[], Writer]",
        *,
        demo: bool = False,
        read_only: bool = False,
        only: tuple[str, ...] | None = None,
        snapshot: OwnedSnapshot | None = None,
    ) -> None:
        self.paths = paths
        self.accounts = accounts
        """The accounts in use, in the configuration's order."""
        self.demo = demo
        self.read_only = read_only
        self.only = only
        """The accounts that were asked for; None for all."""
        self.snapshot = snapshot
        """What the dashboard shows at first; None in the demo, or where it is switched off."""
        self._config = config
        self._opening = opening
        self._writer: Writer | None = None
        self._routes: RouteBook | None = None
        self._lock = threading.Lock()

    @classmethod
    def over(
        cls,
        writer: "Writer",
        paths: Paths,
        *,
        only: tuple[str, ...] | None = None,
        snapshot: OwnedSnapshot | None = None,
    ) -> "Session":
        """Return a session over what is open already."""
        space = writer.workspace
        session = cls(
            paths,
            space.config,
            space.accounts,
            lambda: writer,
            demo=space.demo,
            read_only=space.read_only,
            only=only,
            snapshot=snapshot,
        )
        session.open()
        return session

    def open(self) -> "Workspace":
        """Open workspace and journal; blocks for some tenths of a second the first time.

        Raises:
            ConfigError: The configuration cannot be used as it is.
        """
        return self.writer.workspace

    @property
    def config(self) -> Config:
        """The configuration; without locks until the rest is open."""
        return self._writer.workspace.config if self._writer is not None else self._config

    def remember(self, table: str, values: "Mapping[str, Any]") -> None:
        """Keep values of ``ui`` or ``views.NAME`` in the configuration, None taking a key out.

        They are in use at once, and in the demo nowhere else. Blocks, so call it in a thread.

        Raises:
            ConfigError: The file cannot be changed; for this session they are kept all the same.
        """
        config = with_remembered(self.config, table, values)
        self._config = config
        if self._writer is not None:
            self._writer.workspace.config = config
        if not self.demo:
            from tui_numbers.services.config_writing import remember

            remember(self.paths.config_file, table, values)

    @property
    def workspace(self) -> "Workspace":
        """The accounts and their clients."""
        return self.writer.workspace

    @property
    def locks(self) -> frozenset[E164]:
        """Numbers that the configuration locks; none until the rest is open."""
        return self._writer.workspace.locks if self._writer is not None else frozenset()

    @property
    def writer(self) -> "Writer":
        """The rules of a write."""
        with self._lock:
            if self._writer is None:
                self._writer = self._opening()
            return self._writer

    @property
    def journal(self) -> "Journal":
        """The journal of this session: the user's, or the demo's own in memory."""
        return self.writer.journal

    @property
    def routes(self) -> "RouteBook":
        """The saved routes: the user's, or the demo's own in memory."""
        if self._routes is None:
            from tui_numbers.services.routes import RouteBook

            if self.demo:
                self._routes = RouteBook(None, self.workspace.demo_routes)
            else:
                self._routes = RouteBook(self.config.routes or self.paths.config / "routes")
        return self._routes

    def operations_since(self, since: "datetime") -> "Sequence[Operation]":
        """Read from the journal what was begun since then, newest first; blocks.

        Raises:
            JournalError: The journal cannot be read.
        """
        from tui_numbers.storage.journal import JournalQuery

        return self.journal.operations(JournalQuery(since=since))

    def left_open(self) -> "Sequence[Operation] | None":
        """Return the operations left unknown or pending, or None where the journal is busy."""
        if self._writer is not None:
            return self.journal.left_open_at_once()
        if self.config.journal is not None:
            return None
        if not self.paths.journal.exists():
            # Nothing was changed from here yet, so the first frame need not load a journal.
            return ()
        from tui_numbers.storage.sqlite_journal import SqliteJournal

        return SqliteJournal(self.paths.journal).left_open_at_once()

    def follow(self, *, demo: bool = False, also: str | None = None) -> "Session":
        """Open a session like this one, because the configuration was edited, or over the demo.

        What was typed stays known, save for an account that is at another address by now, and a
        keyring that hangs is not asked again. ``also`` names an account that is to be in use too.
        """
        from tui_numbers.services.session_factory import configured_names

        old, http = self.workspace, self.workspace.http
        only = None
        if self.only is not None and not demo:
            known = configured_names(self.paths)
            only = tuple(name for name in (*self.only, also) if name in known)
        session = open_session(
            demo=demo,
            accounts=only,
            read_only=old.read_only,
            on_waiting=http.on_waiting,
            timing=http.timing,
        )
        if not demo and old.secrets.keyring is not None:
            secrets = session.workspace.secrets
            secrets.keyring = old.secrets.keyring.carried()
            before = {account.name: _address(account) for account in old.accounts}
            for account in session.workspace.accounts:
                address = _address(account)
                typed = old.secrets.typed(account)
                if typed and before.get(account.name, address) == address:
                    secrets.hold(account, typed)
        return session

    async def find_secrets(self) -> None:
        """Look up every secret first, then ask a person for the missing ones.

        Questions come one after another, and no request waits for an answer meanwhile.
        """
        import asyncio

        from tui_numbers.providers.errors import SecretMissing

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
        if self._writer is not None:
            self.workspace.learn_secrets()
            await self.workspace.aclose()
            self.journal.close()
        if self.snapshot is not None:
            self.snapshot.close()


def open_session(
    *,
    demo: bool = False,
    numbers: int | None = None,
    config: Config | None = None,
    plugins: "Mapping[str, Plugin] | None" = None,
    secrets: "Secrets | None" = None,
    accounts: tuple[str, ...] | None = None,
    read_only: bool = False,
    on_waiting: "OnWaiting" = lambda waiting: None,
    timing: "Timing | None" = None,
) -> Session:
    """Open a session over the user's accounts, those of ``config``, or the demo's.

    It creates no file. ``accounts`` leaves only those in use, in the configuration's order;
    ``plugins`` and ``secrets`` stand for the installed providers and the user's places of secrets.
    What the configuration cannot be used for stands in ``config.problems``.

    Raises:
        ConfigError: The configuration cannot be read, or the demo cannot be made as asked.
        NoHome: There is nowhere to read it from, and it is not the demo.
        InvalidInput: ``accounts`` names one that there is not.
    """
    from tui_numbers.providers.pacing import Timing
    from tui_numbers.services.session_factory import open_configured, open_demo

    paths = _paths(demo=demo)
    timing = timing or Timing()
    if demo:
        writer, snapshot = open_demo(numbers, on_waiting, timing, accounts), None
    else:
        writer = open_configured(
            paths, config, plugins, secrets, only=accounts, on_waiting=on_waiting, timing=timing
        )
        workspace = writer.workspace
        snapshot = _snapshot(paths, workspace.config, workspace.accounts)
    writer.workspace.read_only = read_only
    return Session.over(writer, paths, only=accounts, snapshot=snapshot)


def _address(account: Account) -> tuple[object, ...]:
    """Return what identifies where, and as whom, the account's secret is used."""
    return account.provider, account.base_url, dict(account.fields)


def _paths(*, demo: bool) -> Paths:
    try:
        return Paths.of_user()
    except NoHome:
        if not demo:
            raise
        return Paths.nowhere()


def begin_session(
    *,
    demo: bool = False,
    numbers: int | None = None,
    accounts: tuple[str, ...] | None = None,
    read_only: bool = False,
) -> Session:
    """Begin a session for the dashboard, whose parts are opened when they are first needed.

    In the demo, for single accounts, and where there is something to say of the configuration,
    all is opened at once.

    Raises:
        ConfigError: The configuration cannot be used; ``open`` raises what a glance does not see.
        InvalidInput: ``accounts`` names one that there is not.
    """
    paths = _paths(demo=demo)
    config = None if demo or accounts is not None else glance(paths.config_file)
    if config is None:
        session = open_session(demo=demo, numbers=numbers, accounts=accounts, read_only=read_only)
        _refuse_problems(session.config)
        return session

    def opening() -> "Writer":
        writer = open_session(read_only=read_only).writer
        _refuse_problems(writer.workspace.config)
        if writer.workspace.accounts != config.accounts:
            raise ConfigError(f"{paths.config_file} changed during the start: start again")
        return writer

    snapshot = _snapshot(paths, config, config.accounts)
    return Session(paths, config, config.accounts, opening, read_only=read_only, snapshot=snapshot)


def _refuse_problems(config: Config) -> None:
    if config.problems:
        raise ConfigError("\n".join(config.problems))


def _snapshot(paths: Paths, config: Config, accounts: tuple[Account, ...]) -> OwnedSnapshot | None:
    names = [account.name for account in config.accounts]
    return OwnedSnapshot(paths.snapshot, accounts, names) if config.snapshot else None
