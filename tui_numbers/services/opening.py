"""What a session opens: the accounts' workspace, the rules of a write, the journal."""

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from tui_numbers.domain.accounts import Account
from tui_numbers.providers.http import Http
from tui_numbers.providers.pacing import OnWaiting, Timing
from tui_numbers.providers.registry import Registry, load_registry
from tui_numbers.services.changes import Changes
from tui_numbers.services.config import NO_ACCOUNT, Config, ConfigError, load_config, nearest
from tui_numbers.services.demo import DEMO_NUMBERS, demo_workspace
from tui_numbers.services.kernel_keyring import KernelKeyring
from tui_numbers.services.keyrings import Keyring
from tui_numbers.services.paths import Paths
from tui_numbers.services.secrets import Ask, Secrets
from tui_numbers.services.values import InvalidInput
from tui_numbers.services.workspace import Workspace
from tui_numbers.storage.journal import Journal
from tui_numbers.storage.private import remedy_of, why_exposed


@dataclass(frozen=True)
class Opened:
    """The parts of a session that its first frame does not need."""

    workspace: Workspace
    changes: Changes
    config: Config
    provider_failures: Mapping[str, str] = field(default_factory=dict)
    """Providers that could not be loaded, and why."""
    warnings: tuple[str, ...] = ()
    """Files of the program that others can change, a sentence each."""


def open_own(
    paths: Paths,
    ask: Ask | None,
    on_waiting: OnWaiting,
    timing: Timing,
    only: tuple[str, ...] | None,
) -> Opened:
    """Open what belongs to the configured accounts, or to those of them that ``only`` names.

    Raises:
        ConfigError: The configuration cannot be read.
        InvalidInput: ``only`` names an account that there is not.
    """
    registry = load_registry()
    config = _read(paths, registry)
    workspace = Workspace(
        accounts=config.accounts,
        plugins=registry.plugins,
        secrets=Secrets(ask=ask, keyring=Keyring(), kernel=KernelKeyring()),
        http=Http(timing=timing, on_waiting=on_waiting),
        locks=config.locks,
    )
    if not config.problems:
        workspace.accounts = chosen(workspace.accounts, only)
    changes = Changes(workspace, Journal(paths.journal))
    return Opened(workspace, changes, config, registry.failures, warnings_of(paths, config))


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


def open_demo(
    numbers: int | None, on_waiting: OnWaiting, timing: Timing, only: tuple[str, ...] | None
) -> Opened:
    """Open what belongs to the demo, or to those of its accounts that ``only`` names.

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
    workspace.accounts = chosen(workspace.accounts, only)
    return Opened(workspace, Changes(workspace, Journal(None)), Config(), registry.failures)


def configured_names(paths: Paths) -> tuple[str, ...]:
    """Return the names of the accounts that the configuration holds now."""
    return tuple(account.name for account in _read(paths, load_registry()).accounts)


def _read(paths: Paths, registry: Registry) -> Config:
    return load_config(paths.config_file, registry.infos)


def chosen(accounts: tuple[Account, ...], names: tuple[str, ...] | None) -> tuple[Account, ...]:
    """Return the accounts that ``names`` name, in their own order; all where it is None.

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
