"""Declare the keys of ``config.toml``, and read the values that they hold."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tui_numbers.domain.e164 import E164, InvalidNumber, parse_number
from tui_numbers.domain.text import clean
from tui_numbers.providers.origins import UnsafeBaseUrl, check_base_url

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


_DURATION = re.compile(r"(\d{1,4})([smhd])")


_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


_LONGEST_SECONDS = 7 * 86_400


_SHORTEST_REFRESH = 30


_SHORT_CODE_DIGITS = (5, 6)
"""Of a short code in a value; other few digits are more likely the end of a number."""


_DATABASE = re.compile(r"postgres(?:ql)?://")


def value_of(key: ConfigKey, written: object) -> Any:
    """Return the value of a key as the program uses it.

    Raises:
        ValueError: It is not of the type that the key holds; the text says what is.
    """
    read = _READERS.get(key.holds)
    value = read(key, written) if read is not None else written
    if key.choices and value not in key.choices:
        raise ValueError(f"{key.key} is one of {', '.join(key.choices)}, not {value!r}")
    return value


def _switch(key: ConfigKey, written: object) -> bool:
    if isinstance(written, bool):
        return written
    raise ValueError(f"{key.key} must be true or false")


def _text(key: ConfigKey, written: object) -> str:
    if not isinstance(written, str) or not written.strip() or clean(written) != written:
        raise ValueError(f"{key.key} must be a text in quotes: {key.example}")
    return written


def _url(key: ConfigKey, written: object) -> str:
    try:
        return check_base_url(str(written))
    except UnsafeBaseUrl as error:
        raise ValueError(f"{key.key}: {error}") from None


def _command(key: ConfigKey, written: object) -> tuple[str, ...]:
    if isinstance(written, list) and written and all(isinstance(one, str) for one in written):
        return tuple(written)
    raise ValueError(f'{key.key} must be a list: ["pass", "show", "uk"]')


def _columns(key: ConfigKey, written: object) -> tuple[str, ...]:
    if isinstance(written, list | tuple) and all(isinstance(one, str) for one in written):
        return tuple(dict.fromkeys(written))
    raise ValueError(f"{key.key} must be a list: {key.example}")


def _duration(key: ConfigKey, written: object) -> int:
    seconds = _seconds_of(written)
    if seconds is None:
        raise ValueError(f'{key.key} is a time of up to 7d, such as "8h"')
    return seconds


def _interval(key: ConfigKey, written: object) -> int:
    seconds = _seconds_of(written)
    if seconds is None or seconds < _SHORTEST_REFRESH:
        raise ValueError(f'{key.key} is a time of at least 30s, such as "5m"')
    return seconds


def _seconds_of(written: object) -> int | None:
    """Return a time such as ``8h`` in seconds; None where it is no such time, or above 7 days."""
    match = _DURATION.fullmatch(written) if isinstance(written, str) else None
    seconds = int(match[1]) * _SECONDS[match[2]] if match else 0
    return seconds if 0 < seconds <= _LONGEST_SECONDS else None


def _database(key: ConfigKey, written: object) -> str:
    """Return the URL of a database; a message never repeats it, since it may hold a secret."""
    if not isinstance(written, str) or not _DATABASE.match(written):
        raise ValueError(f"{key.key} must be a URL of PostgreSQL: {key.example}")
    place, _, query = written.partition("://")[2].partition("?")
    # A password may hold a slash, so that the last @ ends it wherever it stands.
    user, at, _ = place.rpartition("@")
    names = re.findall(r"(?:^|&)([^=&]*)=", query)
    if (at and ":" in user) or any("password" in name.casefold() for name in names):
        raise ValueError(
            f"{key.key} holds a password, which never stands in this file: remove it, and use "
            "PGPASSFILE, PGSERVICE, peer authentication or the keyring entry 'journal'"
        )
    return written


_READERS: Mapping[str, Callable[[ConfigKey, object], Any]] = {
    Holds.SWITCH: _switch,
    Holds.TEXT: _text,
    Holds.URL: _url,
    Holds.COMMAND: _command,
    Holds.COLUMNS: _columns,
    Holds.DURATION: _duration,
    Holds.INTERVAL: _interval,
    Holds.DATABASE: _database,
    Holds.DIRECTORY: _text,
}


def written_number(written: object) -> E164:
    """Return the number that a value names; a short code where it cannot be a number's end.

    Raises:
        InvalidNumber: It names none: a lock would protect nothing, and a person answer nowhere.
    """
    if isinstance(written, bool) or not isinstance(written, str | int | float):
        raise InvalidNumber(f"{written!r} is not a phone number: write it in quotes, with its +")
    text = str(written)
    return parse_number(text, short_codes=len(text.strip()) in _SHORT_CODE_DIGITS)
