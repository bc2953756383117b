"""Accounts: one credential at one provider, under a name that the user chose."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

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
