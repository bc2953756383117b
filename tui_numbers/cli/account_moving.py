"""What stands behind ``accounts remove`` and ``rename``: the file, then what the keyring has."""

import sys
from collections.abc import Awaitable, Callable

import click

from tui_numbers.cli import exits
from tui_numbers.cli.account_editing import own_secrets, read_config
from tui_numbers.cli.running import Signals
from tui_numbers.cli.terminal import Notices, can_ask
from tui_numbers.cli.text import shown
from tui_numbers.domain.accounts import Account
from tui_numbers.providers.registry import load_registry
from tui_numbers.services import account_files, account_setup
from tui_numbers.services.keyring_problems import KeyringProblem
from tui_numbers.services.paths import Paths
from tui_numbers.services.secrets import Secrets


def remove_account(name: str, *, yes: bool) -> int:
    """Take an account out of the configuration and the keyring; return the exit code."""
    path = Paths.of_user().config_file
    if not yes and can_ask():
        click.echo(shown(f"Remove account {name} from {path}? [y/N] "), nl=False, err=True)
        yes = sys.stdin.readline().strip().lower() in ("y", "yes")
    if not yes:
        Notices().say("not confirmed: add --yes; nothing was removed")
        return exits.REFUSED
    account_files.remove_account(path, name)
    Notices().say(f"removed account {name} from {path}; its numbers are untouched")
    secrets = own_secrets()

    async def work() -> int:
        return await _tell(
            lambda: account_setup.drop_secret(secrets, name),
            "removed its secret from the keyring ({title})",
            f"its secret may still be in the keyring, under service tui-numbers, user {name}",
            secrets,
        )

    return Signals().run(work)


def rename_account(name: str, new: str) -> int:
    """Give an account, and its secret, another name; return the exit code."""
    path = Paths.of_user().config_file
    known = {account.name: account for account in read_config(load_registry()).accounts}
    account_files.rename_account(path, name, new)
    account = known.get(name, Account(name, ""))
    notices, secrets = Notices(), own_secrets()
    notices.say(f"account {name} is called {new} now")
    if secrets.environment.get(account.secret_variable):
        variable = account_setup.renamed(account, new).secret_variable
        notices.say(f"its secret is looked for in {variable} now, not {account.secret_variable}")

    async def work() -> int:
        return await _tell(
            lambda: account_setup.move_secret(secrets, account, new),
            "moved its secret in the keyring ({title})",
            f"its secret was not moved in the keyring: tui-numbers accounts set-secret {new}",
            secrets,
        )

    return Signals().run(work)


async def _tell(
    act: Callable[[], Awaitable[bool]], done: str, uncertain: str, secrets: Secrets
) -> int:
    """Say what became of the keyring's entry; return the exit code."""
    notices = Notices()
    try:
        if await act():
            title = secrets.keyring.title if secrets.keyring is not None else ""
            notices.say(done.format(title=title))
    except KeyringProblem as problem:
        if account_setup.is_absent(problem):
            return exits.DONE
        notices.say(f"{uncertain} ({problem.message})")
        if problem.remedy:
            notices.say(f"to do: {problem.remedy}")
        return exits.PARTLY
    return exits.DONE
