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
    NUMBERS = "list of numbers"
    KEY_NAME = "name of a key"


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
    """The attribute of ``Account`` or ``Config`` that its value becomes."""
    is_given: bool = False
    """Whether it can be given, as text, where an account is added."""


LOCKED = "never changed together with others, never released from here"
"""What a lock means."""

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

TABLES = ("accounts", "locks", "keymap")


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
