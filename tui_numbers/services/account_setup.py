"""Taking an account in: its secret is tried at the provider, then kept where it can be."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tui_numbers.domain.accounts import Account
from tui_numbers.domain.secret import Secret, secret_text
from tui_numbers.providers.contract import AccountCheck, Plugin
from tui_numbers.providers.http import Http
from tui_numbers.providers.pacing import Timing
from tui_numbers.services.keyring_problems import HEADLESS_RECIPE, KeyringProblem, Trouble
from tui_numbers.services.keyrings import Keyring
from tui_numbers.services.secrets import Secrets
from tui_numbers.services.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a secret."""

    where: str | None = None
    """The place that keeps it, in words; None where it is not kept."""
    problem: KeyringProblem | None = None
    """Why the keyring does not have it."""
    instead: str | None = None
    """The place that goes before all others and is used instead."""
    note: str = ""
    """What the user configured of keyrings and is not in use."""


def account_of(name: str, provider: str, stored: Mapping[str, str]) -> Account:
    """Return the account that fields from a form or the command line describe."""
    from tui_numbers.services.config import seconds_of

    options = ("base_url", "session_cache")
    return Account(
        name,
        provider,
        {key: value for key, value in stored.items() if key not in options},
        base_url=stored.get("base_url"),
        session_cache_seconds=seconds_of(stored.get("session_cache", "")),
    )


async def try_secret(
    plugins: Mapping[str, Plugin], account: Account, secret: Secret, timing: Timing | None = None
) -> AccountCheck:
    """Ask the provider whether the secret works.

    Raises:
        ProviderError: It does not, or that cannot be told.
    """
    secrets = Secrets(environment={})
    secrets.hold(account, secret)
    http = Http(timing=timing or Timing())
    workspace = Workspace((account,), plugins, secrets, http)
    try:
        return await (await workspace.client(account)).check()
    finally:
        await workspace.aclose()


async def keep_secret(secrets: Secrets, account: Account, secret: Secret) -> Kept:
    """Keep a secret that works: in the keyring, else in the kernel where the account says so."""
    instead = _instead(secrets, account)
    problem: KeyringProblem | None = None
    if secrets.keyring is not None:
        try:
            await secrets.keyring.write(account.name, secret)
        except KeyringProblem as error:
            problem = error
        else:
            if secrets.kernel is not None:
                secrets.kernel.erase(account.name)
            where = f"keyring ({secrets.keyring.title})"
            return Kept(where, instead=instead, note=secrets.keyring.note)
    seconds = account.session_cache_seconds
    if (
        seconds
        and secrets.kernel is not None
        and secrets.kernel.write(account.name, secret, seconds)
    ):
        return Kept(f"kernel keyring, for {_words(seconds)}", problem, instead)
    return Kept(None, problem, instead)


def _instead(secrets: Secrets, account: Account) -> str | None:
    variable = account.secret_variable
    if secret_text(secrets.environment.get(variable, "")):
        return f"environment ({variable})"
    return f"secret_command ({account.secret_command[0]})" if account.secret_command else None


def _words(seconds: int) -> str:
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds % length == 0:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


async def drop_secret(secrets: Secrets, name: str) -> bool:
    """Remove what is kept of an account; tell whether the keyring had an entry.

    Raises:
        KeyringProblem: Its entry may still be in the keyring.
    """
    if secrets.kernel is not None:
        secrets.kernel.erase(name)
    return secrets.keyring is not None and await secrets.keyring.erase(name)


async def move_secret(secrets: Secrets, account: Account, new: str) -> bool:
    """Give the keyring's entry another name; tell whether there was one.

    Raises:
        KeyringProblem: The entry under the new name, or the loss of the old one, is uncertain.
    """
    if secrets.kernel is not None:
        kept = secrets.kernel.read(account.name)
        if kept is not None and account.session_cache_seconds:
            secrets.kernel.write(new, kept, account.session_cache_seconds)
        secrets.kernel.erase(account.name)
    if secrets.keyring is None:
        return False
    secret = await secrets.keyring.read(account.name)
    if secret is None:
        return False
    await secrets.keyring.write(new, secret)
    return await secrets.keyring.erase(account.name)


def is_absent(problem: KeyringProblem) -> bool:
    """Whether there is no keyring at all, so that it cannot hold an entry of ours either."""
    return problem.trouble is Trouble.NO_BACKEND


def ways(account: Account, keyring: Keyring | None, *, kernel: bool) -> list[str]:
    """Return every way to supply an account's secret, as lines to follow to the letter."""
    variable = account.secret_variable
    section = f"[accounts.{account.name}]"
    lines = [
        "- in this shell:",
        f"    read -rs {variable}; export {variable}",
        f"- from a password store, under {section} in the configuration:",
        f'    secret_command = ["pass", "show", "{account.name}"]',
    ]
    if kernel and account.session_cache_seconds is None:
        lines += [
            f"- typed once in eight hours, held by the kernel, under {section}:",
            '    session_cache = "8h"',
        ]
    if keyring is not None:
        lines += [
            "- an encrypted keyring in a shell of its own (packages gnome-keyring and dbus):",
            f"    {HEADLESS_RECIPE}",
            f"    tui-numbers accounts set-secret {account.name}",
            "- one at every login, under systemd (package dbus-user-session too):",
            "    systemctl --user enable --now gnome-keyring-daemon.socket",
            "- any other keyring: export PYTHON_KEYRING_BACKEND=MODULE.CLASS",
        ]
    return lines


def renamed(account: Account, new: str) -> Account:
    """Return the account under another name."""
    return replace(account, name=new)
