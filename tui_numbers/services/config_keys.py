"""What ``config.toml`` may hold: the reader knows these keys, and the reference is made of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_numbers.providers.contract import ProviderInfo


@dataclass(frozen=True, slots=True)
class ConfigKey:
    """One key of the configuration."""

    key: str
    holds: str
    """The type of its value, in words."""
    default: str
    """What holds without it; ``required`` where nothing does."""
    meaning: str
    example: str
    """A value as TOML writes it."""


LOCKED = "never changed together with others, never released from here"
"""What a lock means."""

_TEXT, _SWITCH, _URL = "text", "true or false", "URL"
_REQUIRED, _NONE, _FALSE = "required", "none", "false"

TOP_LEVEL = (
    ConfigKey(
        "snapshot",
        _SWITCH,
        "true",
        "keep the last listing on disk, private, to show it at the next start; stands before the "
        "first [table]",
        "false",
    ),
)
LOCKS = (
    ConfigKey(
        "numbers",
        "list of numbers",
        "empty",
        LOCKED,
        '["+442079460000"]',
    ),
)
KEYMAP = (
    ConfigKey(
        '"number.retarget"',
        "name of a key",
        "as listed",
        "any id from the list of keys; several keys are separated by commas",
        '"f5"',
    ),
)
ACCOUNT = (
    ConfigKey("provider", _TEXT, _REQUIRED, "whose account it is", '"vonage"'),
    ConfigKey(
        "base_url",
        _URL,
        "the provider's",
        "another address, such as a proxy or the sandbox; https, or http on loopback only",
        '"http://127.0.0.1:8470/vonage"',
    ),
    ConfigKey(
        "secret_command",
        "list of texts",
        _NONE,
        "run without a shell when there is no variable; the first line of its output is the secret",
        '["pass", "show", "vonage/uk"]',
    ),
    ConfigKey(
        "session_cache",
        "time, at most 7d",
        _NONE,
        "keep a typed secret this long in the Linux kernel keyring: s, m, h or d",
        '"8h"',
    ),
    ConfigKey("read_only", _SWITCH, _FALSE, "refuse every write to it", "true"),
    ConfigKey(
        "require_reason", _SWITCH, _FALSE, "refuse a write that gives no reason (--reason)", "true"
    ),
    ConfigKey(
        "production",
        _SWITCH,
        _FALSE,
        "red badge; its name is typed before a write, or given as --confirm NAME",
        "true",
    ),
)
"""Of every account, whatever its provider; the provider's own fields stand beside them."""

TABLES = ("accounts", "locks", "keymap")


def names(keys: tuple[ConfigKey, ...]) -> tuple[str, ...]:
    """Return the names of ``keys``."""
    return tuple(one.key for one in keys)


def provider_keys(info: "ProviderInfo") -> Iterator[ConfigKey]:
    """Yield the keys that an account at this provider has beside those of every account."""
    for spec in info.fields:
        if spec.secret:
            continue
        holds = " or ".join(spec.choices) or (_URL if spec.key.endswith("_url") else _TEXT)
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
