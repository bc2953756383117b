"""Add, edit, rename and remove accounts in `config.toml`, and try their secrets."""

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Table

from tui_numbers.domain.accounts import ACCOUNT_NAME, Account, Secret
from tui_numbers.domain.text import nearest
from tui_numbers.providers.contract import AccountCheck, Plugin, ProviderInfo
from tui_numbers.providers.pacing import Timing
from tui_numbers.services import config_keys
from tui_numbers.services.config import NO_ACCOUNT, Config, field_problem
from tui_numbers.services.config_keys import value_of
from tui_numbers.services.config_writing import parse, rewrite
from tui_numbers.services.input_parsing import InvalidInput
from tui_numbers.services.secrets import Secrets
from tui_numbers.services.session import open_session

_OPTIONS = {one.key: one for one in config_keys.ACCOUNT if one.is_given}


def check_name(name: str) -> str:
    """Validate the name of an account.

    Raises:
        InvalidInput: It may not.
    """
    if not ACCOUNT_NAME.fullmatch(name):
        raise InvalidInput(
            "name", f"account name {name!r} must be lower-case letters, digits and '-'"
        )
    return name


def taken(name: str) -> InvalidInput:
    """Return the error for a name that another account has."""
    return InvalidInput(
        "name",
        f"there is an account {name!r} already: choose another name; for another secret of it: "
        f"tui-numbers accounts set-secret {name}",
    )


def read_fields(info: ProviderInfo, given: Mapping[str, str]) -> dict[str, str]:
    """Validate the fields of a new account, and return them as they are stored.

    Raises:
        InvalidInput: One is missing, unknown, not as its provider has it, or the secret itself.
    """
    known = {spec.key for spec in info.fields if not spec.secret} | set(_OPTIONS)
    fields: dict[str, str] = {}
    for key, value in given.items():
        if key == info.secret_field.key:
            raise InvalidInput(
                key,
                f"{key} is the secret and never an argument, since other users see arguments: "
                "leave it out, and it is asked for",
            )
        if key not in known:
            raise InvalidInput(key, f"{info.title} has no field {key!r}; {nearest(key, known)}")
        fields[key] = value.strip()
    for spec in info.fields:
        if spec.required and not spec.secret and not fields.get(spec.key):
            example = f"{spec.key}={spec.example or '…'}"
            raise InvalidInput(spec.key, f"{info.title} needs {example} ({spec.label})")
    for key, value in fields.items():
        option = _OPTIONS.get(key)
        problem = _option_problem(option, value) if option else field_problem(info, key, value)
        if problem:
            raise InvalidInput(key, problem)
    return fields


def _option_problem(option: config_keys.ConfigKey, value: str) -> str | None:
    try:
        value_of(option, value)
    except ValueError as error:
        return str(error)
    return None


def add_account(path: Path, name: str, provider: str, fields: Mapping[str, str]) -> None:
    """Write a new account at the end of the accounts.

    Raises:
        ConfigError: The file cannot be read or written.
        InvalidInput: There is such an account already.
    """
    check_name(name)

    def edit(accounts: Table) -> None:
        if name in accounts:
            raise taken(name)
        table = tomlkit.table()
        table["provider"] = provider
        for key, value in fields.items():
            table[key] = value
        accounts[name] = table

    _edit(path, edit)


def change_fields(path: Path, name: str, info: ProviderInfo, fields: Mapping[str, str]) -> None:
    """Change the fields of an account; its options and comments stay.

    Raises:
        ConfigError: The file cannot be read or written.
        InvalidInput: There is no such account.
    """

    def edit(accounts: Table) -> None:
        _known(accounts, name)
        table: Any = accounts[name]
        for spec in info.fields:
            if spec.secret:
                continue
            value = fields.get(spec.key)
            if value:
                if table.get(spec.key) != value:
                    table[spec.key] = value
            elif spec.key in table:
                del table[spec.key]

    _edit(path, edit)


def remove_account(path: Path, name: str) -> None:
    """Remove an account from the file.

    Raises:
        ConfigError: The file cannot be read or written.
        InvalidInput: There is no such account.
    """

    def edit(accounts: Table) -> None:
        _known(accounts, name)
        del accounts[name]

    _edit(path, edit)


def rename_account(path: Path, name: str, new: str) -> None:
    """Give an account another name, in its place.

    Raises:
        ConfigError: The file cannot be read or written.
        InvalidInput: There is no such account, or one with the new name.
    """
    check_name(new)

    def edited(text: str) -> str:
        document = parse(path, text)
        accounts: Any = document.get("accounts", {})
        _known(accounts, name)
        if new in accounts:
            raise taken(new)
        order = [new if key == name else key for key in accounts]
        renamed = _with_heading(text, name, new)
        was = [table for _, table in _accounts_in(text)]
        if _accounts_in(renamed) == list(zip(order, was, strict=True)):
            return renamed
        # It has no heading of its own, so that the parser writes the accounts anew.
        entries = list(zip(order, [accounts[key] for key in accounts], strict=True))
        for key in list(accounts):
            del accounts[key]
        for key, table in entries:
            accounts[key] = table
        return tomlkit.dumps(document)

    rewrite(path, edited)


def _with_heading(text: str, name: str, new: str) -> str:
    """Return a text in which the headings of an account bear another name."""
    before = r"""^[ \t]*\[[ \t]*["']?accounts["']?[ \t]*\.[ \t]*["']?"""
    heading = re.compile(rf"""({before}){re.escape(name)}(?=["'\s.\]])""", re.MULTILINE)
    return heading.sub(lambda found: found[1] + new, text)


def _accounts_in(text: str) -> list[tuple[str, Any]]:
    try:
        return list(tomllib.loads(text)["accounts"].items())
    except (tomllib.TOMLDecodeError, KeyError, AttributeError):
        return []


def _known(accounts: Table, name: str) -> None:
    if name not in accounts:
        fix = nearest(name, list(accounts)) if len(accounts) else NO_ACCOUNT
        raise InvalidInput("name", f"no account {name!r}; {fix}")


def _edit(path: Path, change: Callable[[Any], None]) -> None:
    """Change the accounts; what another process changes meanwhile is kept too."""

    def edited(text: str) -> str:
        document = parse(path, text)
        if "accounts" not in document:
            document["accounts"] = tomlkit.table(is_super_table=True)
        change(document["accounts"])
        return tomlkit.dumps(document)

    rewrite(path, edited)


def account_of(name: str, provider: str, stored: Mapping[str, str]) -> Account:
    """Return the account that fields from a form or the command line describe."""
    return Account(
        name,
        provider,
        {key: value for key, value in stored.items() if key not in _OPTIONS},
        **{
            option.fills: value_of(option, stored[key])
            for key, option in _OPTIONS.items()
            if key in stored
        },
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
    config = Config(accounts=(account,), snapshot=False)
    session = open_session(config=config, plugins=plugins, secrets=secrets, timing=timing)
    try:
        return await (await session.workspace.client(account)).check()
    finally:
        await session.aclose()
