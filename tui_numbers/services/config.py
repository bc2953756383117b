"""Read and validate `config.toml`; every problem is a sentence with its line."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_numbers.domain.accounts import ACCOUNT_NAME, Account
from tui_numbers.domain.e164 import E164, InvalidNumber, parse_number
from tui_numbers.domain.text import clean, nearest
from tui_numbers.providers.origins import UnsafeBaseUrl, check_base_url
from tui_numbers.services import config_keys
from tui_numbers.services.config_keys import ConfigKey, Holds
from tui_numbers.storage.private_files import places_of, remedy_of, why_exposed

if TYPE_CHECKING:
    from tui_numbers.providers.contract import ProviderInfo


_SECTIONS = (*config_keys.TABLES, *config_keys.names(config_keys.TOP_LEVEL))
_OPTIONS = config_keys.names(config_keys.ACCOUNT)
_DURATION = re.compile(r"(\d{1,4})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_SHORT_CODE_DIGITS = (5, 6)
"""Of a short code in a lock; other few digits are more likely the end of a number."""
_LONGEST_CACHE = 7 * 86_400

NO_ACCOUNT = "none is configured: add one with tui-numbers accounts add"


class ConfigError(Exception):
    """The configuration cannot be used; the text names the file, the line and the fix."""


@dataclass(frozen=True, slots=True)
class Config:
    """What ``config.toml`` says; empty where there is no such file."""

    accounts: tuple[Account, ...] = ()
    """In the order of the file, which is the order of every listing."""
    locks: frozenset[E164] = frozenset()
    """Numbers that are never retargeted in bulk and never released from here."""
    keymap: Mapping[str, str] = field(default_factory=dict)
    """Keys by binding id."""
    snapshot: bool = True
    """Whether the dashboard keeps owned numbers on disk, to show them at its next start."""
    path: Path | None = None
    exposed: str | None = None
    """How others can change the file, in words; None where nobody can."""
    problems: tuple[str, ...] = ()
    """One sentence each; what they name is not in use."""


def load_config(path: Path, infos: "Mapping[str, ProviderInfo] | None") -> Config:
    """Read the configuration; a file that does not exist is an empty one.

    ``infos`` are the providers to check accounts against; without them fields stay unchecked and
    locks unread.

    Raises:
        ConfigError: It cannot be read, or is not TOML.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return Config(path=path)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(f"{path}: cannot be read: {reason}") from None
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(clean(f"{path}: not valid TOML: {error}")) from None
    return _Reader(path, text, infos).read(document)


def glance(path: Path) -> Config | None:
    """Read without providers what the first frame shows; None where that is not enough.

    The locks are left out, and nobody is asked whether a provider knows its fields. A file of
    which there is something to say is left to ``load_config``, which says it.
    """
    try:
        config = load_config(path, None)
    except ConfigError:
        return None
    return None if config.problems else config


def field_problem(info: "ProviderInfo", key: str, value: str) -> str | None:
    """Say what is wrong with the value of an account's field, or None."""
    spec = next(field for field in info.fields if field.key == key)
    if clean(value) != value:
        return f"{key} holds characters that cannot be printed"
    if spec.choices and value not in spec.choices:
        return f"{key} is one of {', '.join(spec.choices)}, not {value!r}"
    if key.endswith("_url"):
        try:
            check_base_url(value)
        except UnsafeBaseUrl as error:
            return f"{key}: {error}"
    if spec.pattern is not None and not re.fullmatch(spec.pattern, value.strip()):
        return f"{key} looks like {spec.example}, not {value!r}"
    return None


def value_of(key: ConfigKey, written: object) -> Any:
    """Return the value of a key as the program uses it.

    Raises:
        ValueError: It is not of the type that the key holds; the text says what is.
    """
    match key.holds:
        case Holds.SWITCH if not isinstance(written, bool):
            raise ValueError(f"{key.key} must be true or false")
        case Holds.URL:
            try:
                return check_base_url(str(written))
            except UnsafeBaseUrl as error:
                raise ValueError(f"{key.key}: {error}") from None
        case Holds.COMMAND:
            if isinstance(written, list) and written and all(isinstance(w, str) for w in written):
                return tuple(written)
            raise ValueError(f'{key.key} must be a list: ["pass", "show", "uk"]')
        case Holds.DURATION:
            seconds = _seconds_of(written) if isinstance(written, str) else None
            if seconds is None:
                raise ValueError(f'{key.key} is a time of up to 7d, such as "8h"')
            return seconds
    return written


class _Reader:
    """Reads a whole file; without ``infos`` it knows no provider, and takes fields as they are."""

    def __init__(self, path: Path, text: str, infos: "Mapping[str, ProviderInfo] | None") -> None:
        self._path = path
        self._lines = text.splitlines()
        self._infos = infos
        self._problems: list[str] = []
        self._exposed = _why_exposed(path)

    def read(self, document: Mapping[str, Any]) -> Config:
        for key in document:
            if key not in _SECTIONS:
                self._problem((), key, f"unknown key {key!r}; {nearest(key, _SECTIONS)}")
        accounts = []
        for name, table in self._table(document, "accounts").items():
            account = self._account(name, table)
            if account is not None:
                accounts.append(account)
        keymap = self._table(document, "keymap")
        for key, value in keymap.items():
            if not isinstance(value, str):
                self._problem(("keymap",), key, f'{key!r} must be a key\'s name in quotes: "f5"')
        top = self._values((), document, config_keys.TOP_LEVEL)
        locks = frozenset() if self._infos is None else self._locks(document)
        return Config(
            accounts=tuple(accounts),
            locks=locks,
            keymap={key: value for key, value in keymap.items() if isinstance(value, str)},
            path=self._path,
            exposed=self._exposed,
            problems=tuple(self._problems),
            **top,
        )

    def _table(self, document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        value = document.get(key, {})
        if isinstance(value, dict):
            return value
        self._problem((), key, f"{key!r} must be a table: [{key}]")
        return {}

    def _locks(self, document: Mapping[str, Any]) -> frozenset[E164]:
        table = self._table(document, "locks")
        for key in table:
            if key != "numbers":
                self._problem(("locks",), key, f"unknown key {key!r}; known are numbers")
        numbers = table.get("numbers", [])
        if not isinstance(numbers, list):
            self._problem(("locks",), "numbers", """numbers must be a list: ["+442079460000"]""")
            return frozenset()
        locks = set()
        for number in numbers:
            try:
                locks.add(_lock(number))
            except InvalidNumber as error:
                self._problem(("locks",), "numbers", str(error))
        return frozenset(locks)

    def _account(self, name: str, table: object) -> Account | None:
        section = ("accounts", name)
        found = len(self._problems)
        if not isinstance(table, dict):
            self._problem(("accounts",), name, f"account {name!r} must be a table")
            return None
        if not ACCOUNT_NAME.fullmatch(name):
            self._problem(
                section, None, f"account name {name!r} must be lower-case letters, digits and '-'"
            )
        fields = self._declared(section, table, table.get("provider"))
        if fields is None:
            return None
        account = Account(
            name=name,
            provider=table["provider"],
            fields=fields,
            **self._values(section, table, config_keys.ACCOUNT),
        )
        return account if len(self._problems) == found else None

    def _declared(
        self, section: tuple[str, str], table: Mapping[str, Any], provider: object
    ) -> dict[str, str] | None:
        """Return the fields that the account's provider declares; None without such a provider."""
        if self._infos is None:
            taken = {key: value for key, value in table.items() if key not in _OPTIONS}
            if isinstance(provider, str) and all(isinstance(one, str) for one in taken.values()):
                return {key: value.strip() for key, value in taken.items()}
            self._problem(section, "provider", "is left to whoever knows the provider")
            return None
        info = self._infos.get(provider) if isinstance(provider, str) else None
        if info is None:
            known = nearest(str(provider or ""), self._infos)
            wrong = f"no provider {provider!r}" if provider else "add provider = …"
            self._problem(section, "provider", f"{wrong}; {known}")
            return None
        return self._fields(section, table, info)

    def _fields(
        self, section: tuple[str, str], table: Mapping[str, Any], info: "ProviderInfo"
    ) -> dict[str, str]:
        known = {field.key for field in info.fields if not field.secret} | set(_OPTIONS)
        for key in table:
            if key == info.secret_field.key:
                self._problem(
                    section,
                    key,
                    f"{key!r} is the secret and never stands in this file: remove it, then run "
                    f"tui-numbers accounts set-secret {section[1]}",
                )
            elif key not in known:
                self._problem(section, key, f"unknown key {key!r}; {nearest(key, known)}")
        fields: dict[str, str] = {}
        for spec in info.fields:
            value = table.get(spec.key)
            if spec.secret or (value is None and not spec.required):
                continue
            if not isinstance(value, str) or not value.strip():
                self._problem(section, spec.key, f'{info.title} needs {spec.key} = "…"')
                continue
            problem = field_problem(info, spec.key, value)
            if problem:
                self._problem(section, spec.key, problem)
            fields[spec.key] = value.strip()
        return fields

    def _values(
        self, section: tuple[str, ...], table: Mapping[str, Any], keys: Iterable[ConfigKey]
    ) -> dict[str, Any]:
        """Return, by attribute, what a table says of the keys that fill one."""
        values: dict[str, Any] = {}
        for one in keys:
            if not one.fills or one.key not in table:
                continue
            try:
                value = value_of(one, table[one.key])
            except ValueError as error:
                where = "" if section else ", before the first [table]"
                self._problem(section, one.key, f"{error}{where}")
                continue
            if one.holds is Holds.COMMAND and self._exposed is not None:
                self._problem(section, one.key, f"{one.key} is not run: {self._exposed}")
                continue
            values[one.fills] = value
        return values

    def _problem(self, section: tuple[str, ...], key: str | None, message: str) -> None:
        line = line_of(self._lines, section, key)
        where = f"{self._path}, line {line}" if line else f"{self._path}"
        context = f"account {section[1]!r}: " if len(section) > 1 else ""
        self._problems.append(clean(f"{where}: {context}{message}"))


def _why_exposed(path: Path) -> str | None:
    """Say how others can change the file, or put another in its place, and what to do."""
    try:
        for place in places_of(path):
            reason = why_exposed(place)
            if reason is not None:
                what = "this file" if place == path else str(place)
                return f"others can change {what}: {reason}; {remedy_of(place)}"
    except OSError:
        return None
    return None


def _seconds_of(text: str) -> int | None:
    """Return a time such as ``8h`` in seconds; None where it is no such time, or above 7 days."""
    match = _DURATION.fullmatch(text)
    seconds = int(match[1]) * _SECONDS[match[2]] if match else 0
    return seconds if 0 < seconds <= _LONGEST_CACHE else None


def _lock(written: object) -> E164:
    """Return the number that a lock names; a short code where it cannot be a number's end.

    Raises:
        InvalidNumber: It names none, and so would protect none.
    """
    if isinstance(written, bool) or not isinstance(written, str | int | float):
        raise InvalidNumber(f"{written!r} is not a phone number: write it in quotes, with its +")
    text = str(written)
    return parse_number(text, short_codes=len(text.strip()) in _SHORT_CODE_DIGITS)


def line_of(lines: Sequence[str], section: tuple[str, ...], key: str | None) -> int | None:
    """Return the line (from 1) of a key, or of its section where the key is missing.

    ``section`` names the table, and is empty for what stands before the first one.
    """
    at: int | None = None
    inside = not section
    heading = re.compile(r"\s*\[\s*" + r"\s*\.\s*".join(map(_key_pattern, section)) + r"\s*\]")
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith("["):
            inside = bool(section) and heading.match(line) is not None
            at = number if inside else at
            if not section and key is not None and re.match(rf"\s*\[\s*{re.escape(key)}", line):
                return number
        elif inside and key is not None and re.match(rf"\s*{_key_pattern(key)}\s*[.=]", line):
            return number
    return at


def _key_pattern(key: str) -> str:
    return rf"[\"']?{re.escape(key)}[\"']?"
