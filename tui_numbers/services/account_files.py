"""Editing accounts in ``config.toml``: comments and order kept, replaced in one step."""

import contextlib
import os
import stat
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from tui_numbers.domain.accounts import ACCOUNT_NAME
from tui_numbers.providers.contract import ProviderInfo
from tui_numbers.services.config import (
    CACHE_RULE,
    NO_ACCOUNT,
    ConfigError,
    field_problem,
    nearest,
    seconds_of,
)
from tui_numbers.services.locking import held
from tui_numbers.services.values import InvalidInput

_OPTIONS = ("base_url", "session_cache")


def check_name(name: str) -> str:
    """Return an account's name as it may stand in the file.

    Raises:
        InvalidInput: It may not.
    """
    if not ACCOUNT_NAME.fullmatch(name):
        raise InvalidInput(
            "name", f"account name {name!r} must be lower-case letters, digits and '-'"
        )
    return name


def taken(name: str) -> InvalidInput:
    """Return the problem of a name that another account has."""
    return InvalidInput(
        "name",
        f"there is an account {name!r} already: choose another name; for another secret of it: "
        f"tui-numbers accounts set-secret {name}",
    )


def read_fields(info: ProviderInfo, given: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of a new account as they are to be stored.

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
        problem = _option_problem(key, value) or (
            None if key in _OPTIONS else field_problem(info, key, value)
        )
        if problem:
            raise InvalidInput(key, problem)
    return fields


def _option_problem(key: str, value: str) -> str | None:
    from tui_numbers.providers.base_url import UnsafeBaseUrl, check_base_url

    if key == "session_cache" and seconds_of(value) is None:
        return CACHE_RULE
    if key != "base_url":
        return None
    try:
        check_base_url(value)
    except UnsafeBaseUrl as error:
        return f"base_url: {error}"
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
    """Give an account other fields; its options, and comments, stay as they are.

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

    def edit(accounts: Table) -> None:
        _known(accounts, name)
        if new in accounts:
            raise taken(new)
        entries = [(new if key == name else key, accounts[key]) for key in list(accounts)]
        for key in list(accounts):
            del accounts[key]
        for key, table in entries:
            accounts[key] = table

    _edit(path, edit)


def _known(accounts: Table, name: str) -> None:
    if name not in accounts:
        fix = nearest(name, list(accounts)) if len(accounts) else NO_ACCOUNT
        raise InvalidInput("name", f"no account {name!r}; {fix}")


def _edit(path: Path, change: Callable[[Any], None]) -> None:
    """Change the accounts; what another process changes meanwhile is kept too."""
    try:
        folder = path.resolve().parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with held(folder):
            document = _read(path)
            if "accounts" not in document:
                document["accounts"] = tomlkit.table(is_super_table=True)
            change(document["accounts"])
            _replace(path, tomlkit.dumps(document))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from None


def _read(path: Path) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return tomlkit.document()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(f"{path}: cannot be read: {reason}") from None
    except TOMLKitError as error:
        raise ConfigError(f"{path}: not valid TOML, so it is left alone: {error}") from None


def _replace(path: Path, text: str) -> None:
    """Put ``text`` in the place of the file, whole or not at all; a symbolic link stays one."""
    target = path.resolve()
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o600
    handle, name = tempfile.mkstemp(prefix=".config-", suffix=".toml", dir=target.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
