"""Which keyring is used: by a list of classes, never by searching whatever is installed.

The keyring package's own search runs compilers, and prefers a file in plain text wherever a package
with such a backend is installed.
"""

import importlib
import importlib.util
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from tui_numbers.services.keyring_problems import KeyringProblem, Trouble, no_bus

VARIABLE = "PYTHON_KEYRING_BACKEND"


class Backend(Protocol):
    """What is asked of a keyring."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return an entry, or None."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store an entry."""

    def delete_password(self, service: str, username: str) -> None:
        """Remove an entry."""


class Picked(NamedTuple):
    """A keyring, and what people call it."""

    backend: Backend
    title: str


class _Allowed(NamedTuple):
    title: str
    module: str
    name: str
    needs: str = ""
    """A module without which importing the backend is pointless."""


_DESKTOP = (
    _Allowed("Secret Service", "keyring.backends.SecretService", "Keyring"),
    _Allowed("KWallet", "keyring.backends.kwallet", "DBusKeyring", "dbus"),
)
_ALLOWED = {
    "darwin": (_Allowed("macOS Keychain", "keyring.backends.macOS", "Keyring"),),
    "win32": (
        _Allowed("Windows Credential Manager", "keyring.backends.Windows", "WinVaultKeyring"),
    ),
}


def pick(environment: Mapping[str, str]) -> Picked:
    """Return the keyring of this machine; may be slow, or hang.

    Raises:
        KeyringProblem: There is none that may be used.
    """
    named = environment.get(VARIABLE, "").strip()
    if named:
        return _named(named)
    allowed = _ALLOWED.get(sys.platform, _DESKTOP)
    if allowed is _DESKTOP and not environment.get("DBUS_SESSION_BUS_ADDRESS"):
        raise no_bus(environment)
    found: list[tuple[float, Picked]] = []
    failure: BaseException | None = None
    for candidate in allowed:
        if candidate.needs and importlib.util.find_spec(candidate.needs) is None:
            continue
        try:
            kind: Any = getattr(importlib.import_module(candidate.module), candidate.name)
            found.append((float(kind.priority), Picked(kind(), candidate.title)))
        except Exception as error:  # noqa: BLE001 - a backend may raise anything
            failure = failure or error
    if found:
        return max(found, key=lambda pair: pair[0])[1]
    if isinstance(failure, OSError):
        raise no_bus(environment) from None
    raise _unusable(failure)


def _unusable(failure: BaseException | None) -> BaseException:
    """Return the failure to report: what was meant by ``priority``, in the keyring's own type."""
    if isinstance(failure, RuntimeError) or failure is None:
        from keyring.errors import NoKeyringError

        return NoKeyringError()
    return failure


def _named(name: str) -> Picked:
    """Return the keyring that the user names, whatever it is."""
    module, _, kind = name.rpartition(".")
    try:
        backend: Backend = getattr(importlib.import_module(module), kind)()
    except Exception as error:  # noqa: BLE001 - a backend may raise anything
        reason = type(error).__name__
    else:
        return Picked(backend, f"{name} ({VARIABLE})")
    raise KeyringProblem(
        Trouble.NO_BACKEND,
        f"{VARIABLE} names {name}, which cannot be used ({reason})",
        f"install its package beside tui-numbers, or unset {VARIABLE}",
    )
