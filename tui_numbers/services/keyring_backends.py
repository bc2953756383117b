"""Which keyring is used: by a list of classes, never by searching whatever is installed.

The keyring package's own search runs compilers, and prefers a file in plain text wherever a package
with such a backend is installed.
"""

import configparser
import importlib
import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from tui_numbers.domain.text import clean
from tui_numbers.services.keyring_problems import (
    KeyringProblem,
    named_in_vain,
    no_bus,
    problem_of,
)

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
    named: "Named | None" = None
    """How the user names it, where that is why it is used."""
    note: str = ""
    """What the user configured and is not in use; empty where there is nothing to say."""


class Named(NamedTuple):
    """A keyring that the user's own configuration names."""

    name: str
    origin: str
    """The variable or the file that names it."""
    undo: str

    def in_vain(self, reason: str) -> KeyringProblem:
        """Return the problem that it gives nothing, with the reason."""
        return named_in_vain(self.name, self.origin, self.undo, reason)


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


_KEEP_NOTHING = ("keyring.backends.fail.Keyring", "keyring.backends.null.Keyring")
"""What the keyring package has people name to switch it off."""


def pick(environment: Mapping[str, str]) -> Picked:
    """Return the keyring of this machine; may be slow, or hang.

    One that a variable names is used whatever it is. One that ``keyringrc.cfg`` names for all
    programs is used where it is on the list; where it is not, that is said.

    Raises:
        KeyringProblem: There is none that may be used.
    """
    if variable := environment.get(VARIABLE, "").strip():
        named = Named(clean(variable, 200), VARIABLE, f"unset {VARIABLE}")
        return _load(named, f"{named.name} ({VARIABLE})")
    allowed = _ALLOWED.get(sys.platform, _DESKTOP)
    configured = _configured(environment)
    if configured is not None and configured.name in _KEEP_NOTHING:
        raise configured.in_vain("which keeps nothing")
    if allowed is _DESKTOP and not environment.get("DBUS_SESSION_BUS_ADDRESS"):
        raise _with_note(no_bus(environment), _note(configured))
    for candidate in allowed:
        if configured is not None and configured.name == f"{candidate.module}.{candidate.name}":
            return _load(configured, candidate.title)
    note = _note(configured)
    try:
        return _best(allowed)._replace(note=note)
    except Exception as error:  # noqa: BLE001 - a backend may raise anything
        is_no_bus = isinstance(error, OSError)
        problem = no_bus(environment) if is_no_bus else problem_of(error, environment)
    raise _with_note(problem, note)


def _best(allowed: tuple[_Allowed, ...]) -> Picked:
    """Return the keyring on the list that fits best here; raises what the first one raised."""
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
    raise _unusable(failure)


def _unusable(failure: BaseException | None) -> BaseException:
    """Return the failure to report: what was meant by ``priority``, in the keyring's own type."""
    if isinstance(failure, RuntimeError) or failure is None:
        from keyring.errors import NoKeyringError

        return NoKeyringError()
    return failure


def _load(named: Named, title: str) -> Picked:
    """Return the keyring that the user names, whatever it is.

    Raises:
        KeyringProblem: It cannot be used.
    """
    module, _, kind = named.name.rpartition(".")
    if named.name in _KEEP_NOTHING:
        raise named.in_vain("which keeps nothing")
    try:
        backend: Backend = getattr(importlib.import_module(module), kind)()
    except Exception as error:  # noqa: BLE001 - a backend may raise anything
        reason = type(error).__name__
    else:
        return Picked(backend, title, named)
    raise named.in_vain(f"which cannot be used here ({reason})")


def _configured(environment: Mapping[str, str]) -> Named | None:
    """Return the keyring that the keyring package's own file names, if there is such a file.

    It is read without that package, which is not loaded where it would be of no use.
    """
    path = _configuration_folder(environment) / "keyringrc.cfg"
    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
        name = parser.get("backend", "default-keyring").strip()
    except (OSError, UnicodeDecodeError, configparser.Error):
        return None
    undo = f"remove default-keyring from {path}"
    return Named(clean(name, 200), str(path), undo) if name else None


def _configuration_folder(environment: Mapping[str, str]) -> Path:
    if sys.platform == "win32":
        root = environment.get("LOCALAPPDATA") or environment.get("ProgramData") or "."
        return Path(root) / "Python Keyring"
    home = environment.get("HOME")
    root = environment.get("XDG_CONFIG_HOME") or (f"{home}/.config" if home else "")
    return Path(root or Path.home() / ".config") / "python_keyring"


def _note(configured: Named | None) -> str:
    """Say that a keyring which is configured for all programs is not used by this one."""
    if configured is None:
        return ""
    return (
        f"{configured.origin} names the keyring {configured.name}, which is not among those that "
        f"are used unasked; to use it: export {VARIABLE}={configured.name}"
    )


def _with_note(problem: KeyringProblem, note: str) -> KeyringProblem:
    if not note:
        return problem
    return KeyringProblem(problem.trouble, f"{problem.message}; {note}", problem.remedy)
