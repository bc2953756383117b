"""What stands behind ``accounts add`` and ``set-secret``: ask, try at the provider, keep."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from tui_numbers.cli import exits
from tui_numbers.cli.flags import Flags
from tui_numbers.cli.running import Signals
from tui_numbers.cli.terminal import Notices, can_ask
from tui_numbers.domain.accounts import Account
from tui_numbers.domain.secret import Secret, secret_text
from tui_numbers.providers.registry import Registry, load_registry
from tui_numbers.services import account_files, account_setup
from tui_numbers.services.config import Config, ConfigError, load_config, nearest
from tui_numbers.services.kernel_keyring import KernelKeyring
from tui_numbers.services.keyrings import Keyring
from tui_numbers.services.opening import chosen
from tui_numbers.services.paths import Paths
from tui_numbers.services.secrets import Secrets
from tui_numbers.services.values import InvalidInput

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST_SECRET = 4096


def add_account(
    flags: Flags, *, name: str, fields: tuple[str, ...], provider: str, no_check: bool
) -> int:
    """Check an account and write it down; return the exit code."""
    registry = load_registry()
    plugin = registry.plugins.get(provider.lower())
    if plugin is None:
        fix = nearest(provider.lower(), registry.plugins)
        raise InvalidInput("provider", f"no provider {provider!r}; {fix}")
    account_files.check_name(name)
    path = Paths.of_user().config_file
    _refuse_taken(path, registry, name)
    stored = account_files.read_fields(plugin.info, _pairs(fields))
    account = account_setup.account_of(name, plugin.info.key, stored)

    def save() -> None:
        account_files.add_account(path, name, plugin.info.key, stored)
        Notices().say(f"saved account {name} in {path}")

    if no_check:
        save()
        Notices().say(f"next: tui-numbers accounts set-secret {name}")
        return exits.DONE
    secret = _read_secret(account, plugin.info.secret_field.label)
    return _take_in(flags, registry, account, secret, save)


def set_secret(flags: Flags, name: str) -> int:
    """Check another secret for a configured account, and keep it; return the exit code."""
    registry = load_registry()
    config = read_config(registry)
    (account,) = chosen(config.accounts, (name,))
    label = registry.plugins[account.provider].info.secret_field.label
    secret = _read_secret(account, label)
    return _take_in(flags, registry, account, secret, unkept=exits.NOT_DONE)


def read_config(registry: Registry) -> Config:
    """Return the configuration.

    Raises:
        ConfigError: It holds something that cannot be used.
    """
    config = load_config(Paths.of_user().config_file, registry.infos)
    if config.problems:
        raise ConfigError("\n".join(config.problems))
    return config


def own_secrets() -> Secrets:
    """Return the places that keep secrets on this machine."""
    return Secrets(keyring=Keyring(), kernel=KernelKeyring())


def _refuse_taken(path: "Path", registry: Registry, name: str) -> None:
    if name in {account.name for account in load_config(path, registry.infos).accounts}:
        raise account_files.taken(name)


def _pairs(words: tuple[str, ...]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            # The word itself is not repeated: it may be a secret in the wrong place.
            raise click.UsageError(
                "what follows the name is FIELD=VALUE; see: tui-numbers help accounts"
            )
        pairs[key.strip()] = value
    return pairs


def _read_secret(account: Account, label: str) -> Secret:
    """Ask for a secret without showing it, or take the first line of standard input."""
    if can_ask():
        typed: str = click.prompt(
            f"{label} of {account.name} (not shown)",
            hide_input=True,
            err=True,
            default="",
            show_default=False,
        )
    else:
        typed = sys.stdin.readline(_LONGEST_SECRET)
    secret = secret_text(typed)
    if not secret:
        raise InvalidInput(
            "secret", f"no secret was given for {account.name}: type it, or pipe it in"
        )
    return Secret(secret)


def _take_in(
    flags: Flags,
    registry: Registry,
    account: Account,
    secret: Secret,
    save: Callable[[], None] = lambda: None,
    *,
    unkept: int = exits.DONE,
) -> int:
    """Try a secret at the provider; only when it works, save the account and keep the secret.

    ``unkept`` is the exit code where no place keeps the secret.
    """
    notices, secrets = Notices(), own_secrets()

    async def work() -> int:
        answer = await account_setup.try_secret(registry.plugins, account, secret, flags.timing)
        notices.clear()
        balance = f", balance {answer.balance}" if answer.balance is not None else ""
        notices.say(f"{account.name}: the secret works: {answer.title}{balance}")
        save()
        kept = await _keep(secrets, account, secret, notices)
        _tell_kept(notices, account, secrets, kept)
        return exits.DONE if kept.where is not None else unkept

    notices.status(f"{account.name}: asking the provider")
    try:
        return Signals().run(work)
    finally:
        notices.clear()


async def _keep(
    secrets: Secrets, account: Account, secret: Secret, notices: Notices
) -> account_setup.Kept:
    notices.status("asking the keyring")
    try:
        return await account_setup.keep_secret(secrets, account, secret)
    finally:
        notices.clear()


def _tell_kept(
    notices: Notices, account: Account, secrets: Secrets, kept: account_setup.Kept
) -> None:
    if kept.where is not None:
        notices.say(f"its secret is in the {kept.where}")
    if kept.note:
        notices.say(f"note: {kept.note}")
    if kept.problem is not None:
        notices.say(f"its secret is not in a keyring: {kept.problem.message}")
    if kept.instead is not None:
        notices.say(f"note: {kept.instead} goes before all other places, and is used instead")
    if kept.where is not None or kept.problem is None:
        return
    kernel = secrets.kernel is not None and secrets.kernel.available()
    if kept.problem.remedy and not account_setup.is_absent(kept.problem):
        notices.say(f"to do: {kept.problem.remedy}")
    if kept.instead is None:
        notices.say("Commands and the dashboard will ask for it. To spare that, do one of these:")
        for line in account_setup.ways(account, secrets.keyring, kernel=kernel):
            notices.say(line)
