"""Read the values of single keys of `config.toml`, each by what its key holds."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from tui_numbers.domain.e164 import E164, InvalidNumber, parse_number
from tui_numbers.domain.text import clean
from tui_numbers.providers.origins import UnsafeBaseUrl, check_base_url
from tui_numbers.services.config_keys import ConfigKey, Holds

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
