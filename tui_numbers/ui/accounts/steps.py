"""What the accounts screen does: ask, try, save, remove; each ends in words."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from tui_numbers.domain.accounts import Account
from tui_numbers.domain.secret import Secret
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services import account_files, account_setup
from tui_numbers.services.keyring_problems import KeyringProblem
from tui_numbers.services.session import Session
from tui_numbers.ui.accounts.form import Draft
from tui_numbers.ui.accounts.standing import Standing

Say = Callable[[str], None]


async def ask(session: Session, account: Account) -> Standing:
    """Ask an account whether it works, with its secret looked up afresh unless it was typed."""
    workspace = session.workspace
    typed = workspace.secrets.typed(account)
    if not workspace.demo and typed is None:
        workspace.reopen(account)
    try:
        answer = await (await workspace.client(account)).check()
    except ProviderError as error:
        return Standing(account).failed(error, workspace.seen(account).retry_at)
    balance = f", balance {answer.balance}" if answer.balance is not None else ""
    return Standing(account).works(f"{answer.title}{balance}")


async def secret_source(session: Session, account: Account) -> str:
    """Say where an account's secret comes from."""
    try:
        return await session.workspace.secrets.expected(account) or "nowhere yet: s types it"
    except KeyringProblem as problem:
        return f"nowhere yet: {problem.message}; s types it"


async def use_typed(session: Session, account: Account, secret: Secret) -> Standing:
    """Use a secret that was typed, until the program ends, if the provider takes it."""
    workspace = session.workspace
    try:
        answer = await account_setup.try_secret(
            workspace.plugins, account, secret, workspace.http.timing
        )
    except ProviderError as error:
        return Standing(account).failed(error)
    workspace.reopen(account)
    workspace.secrets.hold(account, secret)
    workspace.secrets.learn(account, works=True)
    return Standing(account).works(answer.title)


async def save(session: Session, draft: Draft, old: Account | None, say: Say) -> list[str]:
    """Try an account, and when it works write it down and keep its secret.

    Raises:
        ProviderError: It does not work, and nothing was saved.
        ConfigError: The configuration cannot be written.
        InvalidInput: There is such an account already.
    """
    workspace, path = session.workspace, session.paths.config_file
    account = account_setup.account_of(draft.name, draft.info.key, draft.stored)
    if old is not None:
        account = replace(old, fields=account.fields)
    secret = draft.secret or await workspace.secrets.find(account)
    say("asking the provider")
    answer = await account_setup.try_secret(
        workspace.plugins, account, secret, workspace.http.timing
    )
    if old is None:
        await asyncio.to_thread(
            account_files.add_account, path, account.name, account.provider, draft.stored
        )
    else:
        await asyncio.to_thread(
            account_files.change_fields, path, account.name, draft.info, draft.stored
        )
    lines = [f"{account.name} works: {answer.title}", f"saved in {path}"]
    if draft.secret is not None:
        workspace.secrets.hold(account, draft.secret)
        say("asking the keyring")
        lines += _kept_words(
            account, session, await account_setup.keep_secret(workspace.secrets, account, secret)
        )
    return lines


def _kept_words(account: Account, session: Session, kept: account_setup.Kept) -> list[str]:
    secrets = session.workspace.secrets
    lines = [f"its secret is in the {kept.where}"] if kept.where else []
    lines += [kept.note] if kept.note else []
    if kept.problem is not None:
        lines.append(f"its secret is not in a keyring: {kept.problem.message}")
        if kept.problem.remedy and not account_setup.is_absent(kept.problem):
            lines.append(f"to do: {kept.problem.remedy}")
    if kept.instead is not None:
        lines.append(f"{kept.instead} goes before all other places, and is used instead")
    elif kept.where is None:
        kernel = secrets.kernel is not None and secrets.kernel.available()
        lines += ["it is known until this program ends. To have it next time, do one of these:"]
        lines += account_setup.ways(account, secrets.keyring, kernel=kernel)
    return lines


async def remove(session: Session, account: Account) -> list[str]:
    """Take an account out of the configuration and the keyring.

    Raises:
        ConfigError: The configuration cannot be written.
        InvalidInput: There is no such account.
    """
    path = session.paths.config_file
    await asyncio.to_thread(account_files.remove_account, path, account.name)
    lines = [f"removed {account.name}; its numbers are untouched"]
    session.workspace.secrets.forget(account)
    try:
        if await account_setup.drop_secret(session.workspace.secrets, account.name):
            lines.append("its secret is removed from the keyring")
    except KeyringProblem as problem:
        if not account_setup.is_absent(problem):
            lines.append(f"its secret may still be in the keyring: {problem.message}")
    return lines
