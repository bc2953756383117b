"""Declare the keys of ``config.toml``: the reader and the reference are driven by this table."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_numbers.providers.contract import ProviderInfo


class Holds(StrEnum):
    """The types of values, in words; ``config`` reads each of them."""

    TEXT = "text"
    SWITCH = "true or false"
    URL = "URL"
    COMMAND = "list of texts"
    DURATION = "time, at most 7d"
    INTERVAL = "time, at least 30s"
    NUMBERS = "list of numbers"
    NUMBER = "phone number"
    KEY_NAME = "name of a key"
    COLUMNS = "list of columns"
    DIRECTORY = "directory"
    DATABASE = "postgresql:// URL"


@dataclass(frozen=True, slots=True)
class ConfigKey:
    """One key of the configuration."""

    key: str
    holds: str
    """The type of its value: one of ``Holds``, or the choices in words."""
    default: str
    """What holds without it; ``required`` where nothing does."""
    meaning: str
    example: str
    """A value as TOML writes it."""
    fills: str = ""
    """The attribute of ``Account``, ``Config``, ``UiConfig`` or ``ViewConfig`` that it becomes."""
    choices: tuple[str, ...] = ()
    """What its text may be; any where there are none."""
    is_given: bool = False
    """Whether it can be given, as text, where an account is added."""


LOCKED = "never changed together with others, never released from here"
"""What a lock means."""

THEMES = ("numbers-dark", "numbers-light", "numbers-16")
"""The themes of the dashboard."""

_REQUIRED, _NONE, _FALSE = "required", "none", "false"

TOP_LEVEL = (
    ConfigKey(
        "snapshot",
        Holds.SWITCH,
        "true",
        "keep the last listing on disk, private, to show it at the next start; stands before the "
        "first [table]",
        "false",
        fills="snapshot",
    ),
    ConfigKey(
        "routes",
        Holds.DIRECTORY,
        "routes beside this file",
        "where saved routes are kept, one file each; relative to this file, ~ is your home",
        '"~/on-call/routes"',
        fills="routes",
    ),
    ConfigKey(
        "journal",
        Holds.DATABASE,
        "a file of this machine",
        "keep operations in PostgreSQL, shared by a team; its password never stands here",
        '"postgresql://numbers@db.example/numbers"',
        fills="journal",
    ),
)
LOCKS = (
    ConfigKey(
        "numbers",
        Holds.NUMBERS,
        "empty",
        LOCKED,
        '["+442079460000"]',
    ),
)
KEYMAP = (
    ConfigKey(
        '"number.retarget"',
        Holds.KEY_NAME,
        "as listed",
        "any id from the list of keys; several keys are separated by commas",
        '"f5"',
    ),
)
UI = (
    ConfigKey(
        "theme",
        " or ".join(THEMES),
        "what fits the terminal",
        "the colours; T keeps the one chosen here",
        f'"{THEMES[0]}"',
        fills="theme",
        choices=THEMES,
    ),
    ConfigKey(
        "mouse",
        Holds.SWITCH,
        "true",
        "headings, tabs, footer and rows take clicks; false leaves selecting to the terminal",
        "false",
        fills="mouse",
    ),
    ConfigKey(
        "refresh",
        Holds.INTERVAL,
        "never",
        "ask all accounts again by itself, so often",
        '"5m"',
        fills="refresh_seconds",
    ),
    ConfigKey(
        "name",
        Holds.TEXT,
        "the login name",
        "who you are, as others read it in the history",
        '"Anna"',
        fills="name",
    ),
    ConfigKey(
        "detail",
        Holds.SWITCH,
        "true",
        "show the detail beside the table where there is room; z keeps it",
        "false",
        fills="detail",
    ),
    ConfigKey(
        "columns",
        Holds.COLUMNS,
        "those there is room for",
        "the columns of Owned, in their order; C keeps them",
        '["number", "target", "account", "status"]',
        fills="columns",
    ),
    ConfigKey(
        "sort",
        Holds.TEXT,
        "by account, then number",
        "the column that Owned is sorted by, with - before it the other way round; s and I keep it",
        '"-changed"',
        fills="sort",
    ),
    *(
        key
        for view, column, others in (
            ("available", "monthly", '["number", "monthly", "account"]'),
            ("history", "number", '["when", "number", "change", "outcome"]'),
            ("targets", "account", '["target", "calls", "account"]'),
            ("routes", "name", '["name", "standing"]'),
        )
        for key in (
            ConfigKey(
                f"{view}_columns",
                Holds.COLUMNS,
                "those there is room for",
                f"the columns of {view.capitalize()}",
                others,
            ),
            ConfigKey(
                f"{view}_sort",
                Holds.TEXT,
                "as it comes",
                f"the column that {view.capitalize()} is sorted by",
                f'"{column}"',
            ),
        )
    ),
)
VIEW = (
    ConfigKey(
        "filter",
        Holds.TEXT,
        "all numbers",
        "what it shows, as the filter is written; :NAME and --view NAME open it",
        """'account:us-desk -is:porting'""",
        fills="filter",
    ),
    ConfigKey(
        "sort",
        Holds.TEXT,
        "by account",
        "the column it is sorted by; - before it is the other way round",
        '"-changed"',
        fills="sort",
    ),
)
PEOPLE = (
    ConfigKey(
        '"Dana (primary)"',
        Holds.NUMBER,
        "empty",
        "names of phone targets, shown beside them and offered where one is picked",
        '"+447700900556"',
    ),
)
ACCOUNT = (
    ConfigKey("provider", Holds.TEXT, _REQUIRED, "whose account it is", '"vonage"'),
    ConfigKey(
        "base_url",
        Holds.URL,
        "the provider's",
        "another address, such as a proxy or the sandbox; https, or http on loopback only",
        '"http://127.0.0.1:8470/vonage"',
        fills="base_url",
        is_given=True,
    ),
    ConfigKey(
        "secret_command",
        Holds.COMMAND,
        _NONE,
        "run without a shell when there is no variable; the first line of its output is the secret",
        '["pass", "show", "vonage/uk"]',
        fills="secret_command",
    ),
    ConfigKey(
        "session_cache",
        Holds.DURATION,
        _NONE,
        "keep a typed secret this long in the Linux kernel keyring: s, m, h or d",
        '"8h"',
        fills="session_cache_seconds",
        is_given=True,
    ),
    ConfigKey("read_only", Holds.SWITCH, _FALSE, "refuse every write to it", "true", "read_only"),
    ConfigKey(
        "require_reason",
        Holds.SWITCH,
        _FALSE,
        "refuse a write that gives no reason (--reason)",
        "true",
        "require_reason",
    ),
    ConfigKey(
        "production",
        Holds.SWITCH,
        _FALSE,
        "red badge; its name is typed before a write, or given as --confirm NAME",
        "true",
        fills="production",
    ),
)
"""Of every account, whatever its provider; the provider's own fields stand beside them."""

TABLES = ("accounts", "locks", "keymap", "ui", "views", "people")


def names(keys: tuple[ConfigKey, ...]) -> tuple[str, ...]:
    """Return the names of ``keys``."""
    return tuple(one.key for one in keys)


def provider_keys(info: "ProviderInfo") -> Iterator[ConfigKey]:
    """Yield the keys of an account that only this provider has."""
    for spec in info.fields:
        if spec.secret:
            continue
        holds = " or ".join(spec.choices) or (
            Holds.URL if spec.key.endswith("_url") else Holds.TEXT
        )
        meaning = ": ".join(filter(None, (spec.label, spec.help)))
        default = _REQUIRED if spec.required else next(iter(spec.choices), _NONE)
        yield ConfigKey(spec.key, holds, default, meaning, f'"{spec.example}"')


def sections(infos: "dict[str, ProviderInfo]") -> Iterator[tuple[str, tuple[ConfigKey, ...]]]:
    """Yield the parts of the file, each with its heading and its keys."""
    yield "Before the first [table]", TOP_LEVEL
    yield "[accounts.NAME], whatever its provider", ACCOUNT
    for key, info in sorted(infos.items()):
        yield f'[accounts.NAME] with provider = "{key}"', tuple(provider_keys(info))
    yield "[locks]", LOCKS
    yield "[keymap]", KEYMAP
    yield "[ui]", UI
    yield "[views.NAME]", VIEW
    yield "[people]", PEOPLE
