"""Describe accounts, and hold their secrets so that they are never printed or serialised."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

_MASK = "••••"


def secret_text(given: str) -> str:
    """Strip invisible characters from around a secret that was typed, pasted or piped.

    That is white space, a byte order mark, and the direction marks that a copy brings along.
    """
    edges = {one for one in given if one.isspace() or unicodedata.category(one) == "Cf"}
    return given.strip("".join(edges))


class Secret:
    """A credential; every way of printing it yields a mask, and it cannot be serialised."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the credential itself; only the code that sends it calls this."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({_MASK})"

    def __str__(self) -> str:
        return _MASK

    def __format__(self, spec: str) -> str:
        return _MASK

    def __rich_repr__(self) -> list[str]:
        return [_MASK]

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return False
        import hmac  # loads OpenSSL, which no start needs

        return hmac.compare_digest(
            self._value.encode(errors="surrogatepass"), other._value.encode(errors="surrogatepass")
        )

    def __hash__(self) -> int:
        return hash(Secret)

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Secret":
        return self

    def __getstate__(self) -> NoReturn:
        raise TypeError("a secret is never serialised")

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is never serialised")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is never serialised")


ACCOUNT_NAME = re.compile(r"[a-z0-9][a-z0-9-]*", re.ASCII)
SECRET_VARIABLES = "TUI_NUMBERS_SECRET_"  # noqa: S105 - a name, not a secret
"""What the names of all environment variables that hold secrets begin with."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account as the configuration describes it; its secret is kept elsewhere."""

    name: str
    """Matches ``ACCOUNT_NAME``; also the user name of its keyring entry."""
    provider: str
    fields: Mapping[str, str] = field(default_factory=dict)
    """The provider's own fields (identifier, property, …), by key; never the secret."""
    base_url: str | None = None
    secret_command: tuple[str, ...] | None = None
    """A command without a shell; the first line of its output is the secret."""
    session_cache_seconds: int | None = None
    read_only: bool = False
    require_reason: bool = False
    production: bool = False

    @property
    def secret_variable(self) -> str:
        """The environment variable that may hold this account's secret."""
        return SECRET_VARIABLES + self.name.upper().replace("-", "_")
