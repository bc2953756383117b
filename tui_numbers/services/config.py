"""Read and validate `config.toml`; every problem is a sentence with its line."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_numbers.domain.accounts import ACCOUNT_NAME, Account
from tui_numbers.domain.e164 import E164, InvalidNumber
from tui_numbers.domain.text import clean, nearest
from tui_numbers.providers.origins import UnsafeBaseUrl, check_base_url
from tui_numbers.services import config_keys
from tui_numbers.services.config_keys import ConfigKey, Holds, value_of, written_number
from tui_numbers.storage.private_files import places_of, remedy_of, why_exposed

if TYPE_CHECKING:
    from tui_numbers.providers.contract import ProviderInfo


_SECTIONS = (*config_keys.TABLES, *config_keys.names(config_keys.TOP_LEVEL))
_OPTIONS = config_keys.names(config_keys.ACCOUNT)
_VIEW_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")

NO_ACCOUNT = "none is configured: add one with tui-numbers accounts add"


class ConfigError(Exception):
    """The configuration cannot be used; the text names the file, the line and the fix."""


@dataclass(frozen=True, slots=True)
class UiConfig:
    """How the dashboard looks to this person: ``[ui]``."""

    theme: str | None = None
    """None for what fits the terminal."""
    mouse: bool = True
    refresh_seconds: int | None = None
    """How often accounts are asked again by themselves; None for never."""
    name: str | None = None
    """What the operator is called; None for the login name."""
    detail: bool = True
    """Whether the detail stands beside the table where there is room."""
    columns: tuple[str, ...] = ()
    """The columns of Owned by key, in their order; empty for those that fit."""
    sort: str | None = None
    """By which column Owned is sorted, ``-`` before it for the other way round."""
    others: Mapping[str, Any] = field(default_factory=dict)
    """Columns and sorts of the other views, by the key of ``[ui]`` that holds them."""

    def columns_of(self, view: str) -> tuple[str, ...]:
        """Return the columns chosen for a view; empty for those that fit."""
        key = view_key(view, "columns")
        return self.columns if key == "columns" else self.others.get(key, ())

    def sort_of(self, view: str) -> str | None:
        """Return the sort chosen for a view, or None for the usual one."""
        key = view_key(view, "sort")
        return self.sort if key == "sort" else self.others.get(key)


def view_key(view: str, key: str) -> str:
    """Return the key of ``[ui]`` that holds the ``columns`` or the ``sort`` of a view."""
    return key if view == "owned" else f"{view}_{key}"


@dataclass(frozen=True, slots=True)
class ViewConfig:
    """A saved view of owned numbers: ``[views.NAME]``."""

    filter: str = ""
    """As it is typed in the filter."""
    sort: str | None = None
    """The key of a column, with ``-`` before it for the other way round; None for the usual."""


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
    ui: UiConfig = field(default_factory=UiConfig)
    views: Mapping[str, ViewConfig] = field(default_factory=dict)
    """Saved views by name."""
    people: Mapping[str, E164] = field(default_factory=dict)
    """Phone numbers by the names of those who answer them."""
    routes: Path | None = None
    """The directory of saved routes; None for ``routes`` beside the file."""
    journal: str | None = None
    """The URL of the database that holds the journal; None for a file of this machine."""
    path: Path | None = None
    exposed: str | None = None
    """How others can change the file, in words; None where nobody can."""
    problems: tuple[str, ...] = ()
    """One sentence each; what they name is not in use."""


def load_config(path: Path, infos: "Mapping[str, ProviderInfo] | None") -> Config:
    """Read the configuration; a file that does not exist is an empty one.

    ``infos`` are the providers to check accounts against; without them fields stay unchecked and
    locks and people unread.

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

    Locks and people are left out, and nobody is asked whether a provider knows its fields. A file
    of which there is something to say is left to ``load_config``, which says it.
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


def with_remembered(config: Config, table: str, values: Mapping[str, Any]) -> Config:
    """Return a configuration in which keys of ``ui`` or ``views.NAME`` hold other values.

    None stands for a key that is taken out.
    """
    kept = {key: value for key, value in values.items() if value is not None}
    gone = [key for key in values if key not in kept]
    if table == "ui":
        return replace(config, ui=_ui_with(config.ui, kept, gone))
    name = table.removeprefix("views.")
    filled = {one.key: one.fills for one in config_keys.VIEW}
    view = config.views.get(name, ViewConfig())
    usual = ViewConfig()
    changes = {filled[key]: value for key, value in kept.items()}
    changes.update({filled[key]: getattr(usual, filled[key]) for key in gone})
    return replace(config, views={**config.views, name: replace(view, **changes)})


def _ui_with(ui: UiConfig, kept: Mapping[str, Any], gone: Iterable[str]) -> UiConfig:
    known = {one.key: one for one in config_keys.UI}
    usual, others = UiConfig(), {key: ui.others[key] for key in ui.others if key not in gone}
    changes: dict[str, Any] = {}
    for key in gone:
        if known[key].fills:
            changes[known[key].fills] = getattr(usual, known[key].fills)
    for key, written in kept.items():
        filled = changes if known[key].fills else others
        filled[known[key].fills or key] = value_of(known[key], written)
    return replace(ui, others=others, **changes)


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
        if "routes" in top:
            top["routes"] = self._directory("routes", top["routes"])
        whole = self._infos is not None
        return Config(
            accounts=tuple(accounts),
            locks=self._locks(document) if whole else frozenset(),
            keymap={key: value for key, value in keymap.items() if isinstance(value, str)},
            ui=self._ui(document),
            views=self._views(document),
            people=self._people(document) if whole else {},
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
        self._refuse_unknown(("locks",), table, config_keys.LOCKS)
        numbers = table.get("numbers", [])
        if not isinstance(numbers, list):
            self._problem(("locks",), "numbers", """numbers must be a list: ["+442079460000"]""")
            return frozenset()
        locks = set()
        for number in numbers:
            try:
                locks.add(written_number(number))
            except InvalidNumber as error:
                self._problem(("locks",), "numbers", str(error))
        return frozenset(locks)

    def _ui(self, document: Mapping[str, Any]) -> UiConfig:
        table = self._table(document, "ui")
        self._refuse_unknown(("ui",), table, config_keys.UI)
        others = [replace(one, fills=one.key) for one in config_keys.UI if not one.fills]
        return UiConfig(
            others=self._values(("ui",), table, others),
            **self._values(("ui",), table, config_keys.UI),
        )

    def _views(self, document: Mapping[str, Any]) -> dict[str, ViewConfig]:
        views = {}
        for name, table in self._table(document, "views").items():
            section = ("views", name)
            if not isinstance(table, dict):
                self._problem(("views",), name, f"view {name!r} must be a table: [views.{name}]")
                continue
            if not _VIEW_NAME.fullmatch(name):
                self._problem(
                    section, None, f"view name {name!r} must be lower-case letters, digits and '-'"
                )
            self._refuse_unknown(section, table, config_keys.VIEW)
            views[name] = ViewConfig(**self._values(section, table, config_keys.VIEW))
        return views

    def _people(self, document: Mapping[str, Any]) -> dict[str, E164]:
        people = {}
        for name, number in self._table(document, "people").items():
            try:
                people[clean(name)] = written_number(number)
            except InvalidNumber as error:
                self._problem(("people",), name, f"{name!r}: {error}")
        return people

    def _directory(self, key: str, written: str) -> Path | None:
        """Return a directory, which is relative to the file where it is not absolute."""
        try:
            return self._path.parent / Path(written).expanduser()
        except RuntimeError:
            self._problem((), key, f"{key}: there is no home directory that ~ could stand for")
            return None

    def _refuse_unknown(
        self, section: tuple[str, ...], table: Mapping[str, Any], keys: tuple[ConfigKey, ...]
    ) -> None:
        known = config_keys.names(keys)
        for key in table:
            if key not in known:
                self._problem(section, key, f"unknown key {key!r}; {nearest(key, known)}")

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
        kind = {"accounts": "account", "views": "view"}.get(section[0]) if section else None
        context = f"{kind} {section[1]!r}: " if len(section) > 1 else ""
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
