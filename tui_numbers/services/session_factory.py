"""Build what a session works on, for configured accounts or for the demo."""

import asyncio
import contextlib
import os
from collections.abc import Mapping

from tui_numbers.domain.accounts import Account, Secret
from tui_numbers.domain.text import nearest
from tui_numbers.providers.contract import Plugin
from tui_numbers.providers.http import Http
from tui_numbers.providers.pacing import OnWaiting, Timing
from tui_numbers.providers.registry import Registry, load_registry
from tui_numbers.services.config import NO_ACCOUNT, Config, ConfigError, load_config
from tui_numbers.services.input_parsing import InvalidInput
from tui_numbers.services.kernel_keyring import KernelKeyring
from tui_numbers.services.keyring import Keyring, KeyringProblem
from tui_numbers.services.paths import Paths
from tui_numbers.services.secrets import Secrets
from tui_numbers.services.workspace import Workspace
from tui_numbers.services.writes import Writer, current_actor
from tui_numbers.storage.journal import Journal
from tui_numbers.storage.private_files import remedy_of, why_exposed
from tui_numbers.storage.sqlite_journal import SqliteJournal

_ORIGIN = "http://127.0.0.1:8470"
"""Nothing listens there for the demo; requests never leave the process."""

DEMO_NUMBERS = 1_248
JOURNAL_ENTRY = "journal"
"""The entry of the keyring that holds the password of the team's database."""


def open_configured(
    paths: Paths,
    config: Config | None,
    plugins: Mapping[str, Plugin] | None,
    secrets: Secrets | None,
    *,
    only: tuple[str, ...] | None,
    on_waiting: OnWaiting,
    timing: Timing,
) -> Writer:
    """Open the accounts of ``config``, or of the user's file, restricted to ``only``.

    Raises:
        ConfigError: The configuration cannot be read.
        InvalidInput: ``only`` names an account that there is not.
    """
    registry = load_registry() if plugins is None else Registry(dict(plugins), {})
    if config is None:
        config = _read(paths, registry)
    workspace = Workspace(
        accounts=config.accounts if config.problems else select_accounts(config.accounts, only),
        plugins=registry.plugins,
        secrets=secrets or Secrets(keyring=Keyring(), kernel=KernelKeyring()),
        http=Http(timing=timing, on_waiting=on_waiting),
        locks=config.locks,
        config=config,
        provider_failures=registry.failures,
        warnings=warnings_of(paths, config),
    )
    journal = journal_of(paths, config, workspace.secrets.keyring)
    return Writer(workspace, journal, current_actor(config.ui.name))


def journal_of(paths: Paths, config: Config, keyring: Keyring | None) -> Journal:
    """Return the journal that the configuration names: a database, or this user's file."""
    if config.journal is None:
        return SqliteJournal(paths.journal)
    from tui_numbers.storage.postgres_journal import PostgresJournal

    def password() -> Secret | None:
        # Journals are used off the event loop.
        with contextlib.suppress(KeyringProblem):
            return asyncio.run(keyring.read(JOURNAL_ENTRY)) if keyring is not None else None
        return None

    return PostgresJournal(config.journal, password)


def open_demo(
    numbers: int | None, on_waiting: OnWaiting, timing: Timing, only: tuple[str, ...] | None
) -> Writer:
    """Open the accounts of the demo, restricted to ``only``.

    Its journal is in memory.

    Raises:
        ConfigError: The demo cannot be made as asked.
        InvalidInput: ``only`` names an account that there is not.
    """
    registry = load_registry()
    try:
        workspace = demo_workspace(
            registry.plugins,
            DEMO_NUMBERS if numbers is None else numbers,
            on_waiting=on_waiting,
            timing=timing,
        )
    except ValueError as error:
        variable = "TUI_NUMBERS_SANDBOX_FAULTS"
        where = f" ({variable} is set)" if os.environ.get(variable) else ""
        raise ConfigError(f"the demo cannot be made: {error}{where}") from None
    workspace.accounts = select_accounts(workspace.accounts, only)
    workspace.provider_failures = registry.failures
    return Writer(workspace, SqliteJournal(None))


def demo_workspace(
    plugins: Mapping[str, Plugin],
    numbers: int = DEMO_NUMBERS,
    *,
    on_waiting: OnWaiting = lambda waiting: None,
    timing: Timing | None = None,
) -> Workspace:
    """Return a workspace over a fresh emulated world of ``numbers`` owned numbers."""
    from tui_numbers.providers.transport import in_process
    from tui_numbers.sandbox.accounts import ACCOUNTS
    from tui_numbers.sandbox.app import Sandbox, after_hours, build_world
    from tui_numbers.sandbox.faults import ConnectionDropped, Faults

    world = build_world(numbers)
    sandbox = Sandbox(world, Faults.from_environment(os.environ))
    secrets = Secrets(environment={})
    accounts = []
    for emulated in ACCOUNTS:
        if emulated.provider not in plugins:
            continue
        account = emulated.at(_ORIGIN)
        secrets.hold(account, Secret(emulated.secret))
        accounts.append(account)
    return Workspace(
        accounts=tuple(accounts),
        plugins=plugins,
        secrets=secrets,
        http=Http(
            transport=in_process(sandbox, ConnectionDropped),
            timing=timing or Timing(),
            on_waiting=on_waiting,
        ),
        demo=True,
        demo_routes={"after-hours": after_hours(world)},
    )


def warnings_of(paths: Paths, config: Config) -> tuple[str, ...]:
    """Say which files of the program others can change, and what to do."""
    warnings = [f"{config.path}: {config.exposed}"] if config.exposed is not None else []
    with contextlib.suppress(OSError):
        reason = why_exposed(paths.state)
        if reason is not None:
            warnings.append(
                f"others can change what was recorded in {paths.state}: {reason}; "
                f"{remedy_of(paths.state)}"
            )
    return tuple(warnings)


def configured_names(paths: Paths) -> tuple[str, ...]:
    """Read the names of the configured accounts afresh."""
    return tuple(account.name for account in _read(paths, load_registry()).accounts)


def _read(paths: Paths, registry: Registry) -> Config:
    return load_config(paths.config_file, registry.infos)


def select_accounts(
    accounts: tuple[Account, ...], names: tuple[str, ...] | None
) -> tuple[Account, ...]:
    """Select accounts by name, in their own order; all where ``names`` is None.

    Raises:
        InvalidInput: A name is not an account's.
    """
    if names is None:
        return accounts
    known = [account.name for account in accounts]
    for name in names:
        if name not in known:
            fix = nearest(name, known) if known else NO_ACCOUNT
            raise InvalidInput("account", f"no account {name!r}; {fix}")
    return tuple(account for account in accounts if account.name in names)
