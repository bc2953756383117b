"""Read and write the operating system's keyring: backend choice, deadlines, explained failures."""

import asyncio
import contextlib
import importlib
import importlib.util
import os
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from tui_numbers.domain.accounts import Secret
from tui_numbers.domain.text import clean

HEADLESS_RECIPE = (
    'dbus-run-session -- bash -c \'read -rsp "Keyring password: " p; echo; '
    'printf %s "$p" | gnome-keyring-daemon --unlock --components=secrets >/dev/null; exec bash\''
)
"""Starts a shell in which an encrypted keyring is open; the first password makes the keyring."""


class Trouble(StrEnum):
    """Reasons why a keyring cannot be used; a missing entry is none."""

    NO_BACKEND = "no keyring"
    CONFIGURED = "configured otherwise"
    """The user's own configuration names one that gives nothing."""
    LOCKED = "locked"
    TIMED_OUT = "timed out"
    DENIED = "denied"
    FAILED = "failed"


class KeyringProblem(Exception):
    """A keyring that cannot be used; holds words of this program only, never a backend's."""

    def __init__(self, trouble: Trouble, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.trouble = trouble
        self.message = message
        self.remedy = remedy
        """What to do about it, in one sentence."""

    @property
    def is_absent(self) -> bool:
        """Whether there is no keyring at all, so that it cannot hold an entry of ours either."""
        return self.trouble is Trouble.NO_BACKEND

    def again(self) -> "KeyringProblem":
        """Return the same problem without the trace of where it was raised before."""
        return KeyringProblem(self.trouble, self.message, self.remedy)


def no_bus(environment: Mapping[str, str]) -> KeyringProblem:
    """Return the problem of a session without D-Bus, with the address where there is one."""
    known = environment.get("DBUS_SESSION_BUS_ADDRESS")
    says = "nothing answers at DBUS_SESSION_BUS_ADDRESS" if known else "this session has no D-Bus"
    runtime = environment.get("XDG_RUNTIME_DIR") or f"/run/user/{_uid()}"
    socket = Path(runtime) / "bus"
    if _exists(socket) and known != f"unix:path={socket}":
        remedy = f"export DBUS_SESSION_BUS_ADDRESS=unix:path={socket}, then try again"
    else:
        remedy = f"start a shell that has one: {HEADLESS_RECIPE}"
    return KeyringProblem(Trouble.NO_BACKEND, says, remedy)


def _uid() -> int:
    return os.getuid() if hasattr(os, "getuid") else 0


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def timed_out(seconds: float) -> KeyringProblem:
    """Return the problem of a keyring that does not answer."""
    return KeyringProblem(
        Trouble.TIMED_OUT,
        f"the keyring did not answer within {seconds:.0f} s",
        "it may wait for a password in a window that is not seen from here: answer it and try "
        "again, or restart the keyring",
    )


def problem_of(error: BaseException, environment: Mapping[str, str]) -> KeyringProblem:
    """Return what a backend's exception means; its text may hold anything, so it is left out."""
    if isinstance(error, KeyringProblem):
        return error.again()
    names = {kind.__name__ for kind in type(error).__mro__}
    cause = error.__cause__ or error.__context__
    if cause is not None:
        names |= {kind.__name__ for kind in type(cause).__mro__}
    reply = str(getattr(cause or error, "name", ""))
    if "KeychainDenied" in names or reply.endswith("AccessDenied"):
        return _denied()
    if names & {"KeyringLocked", "LockedException", "PromptDismissedException"}:
        # Where nobody could see a prompt, that it was dismissed only means that it was never shown.
        return _denied() if _has_display(environment) else _locked()
    if names & {"NoKeyringError", "InitError", "SecretServiceNotAvailableException"}:
        return KeyringProblem(
            Trouble.NO_BACKEND,
            "no Secret Service answers on this session's D-Bus",
            f"install gnome-keyring, or start one: {HEADLESS_RECIPE}",
        )
    return KeyringProblem(
        Trouble.FAILED,
        f"the keyring failed ({type(error).__name__})",
        "tui-numbers doctor tries it with a throw-away entry",
    )


def named_in_vain(name: str, origin: str, undo: str, reason: str) -> KeyringProblem:
    """Return the problem of a keyring that the user configured and that cannot be used.

    ``origin`` is the variable or the file that names it, ``undo`` what to do to have another one.
    """
    return KeyringProblem(
        Trouble.CONFIGURED,
        f"{origin} names the keyring {name}, {reason}",
        f"{undo} to use this machine's own keyring, or do without one: tui-numbers help secrets",
    )


def _has_display(environment: Mapping[str, str]) -> bool:
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def _denied() -> KeyringProblem:
    return KeyringProblem(
        Trouble.DENIED,
        "access to the keyring was denied",
        "try again and allow it where the keyring asks",
    )


def _locked() -> KeyringProblem:
    return KeyringProblem(
        Trouble.LOCKED,
        "the keyring is locked",
        "unlock it: read -rsp 'Keyring password: ' p; "
        'printf %s "$p" | gnome-keyring-daemon --replace --unlock --components=secrets',
    )


VARIABLE = "PYTHON_KEYRING_BACKEND"


class Backend(Protocol):
    """The interface of a keyring backend."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return an entry, or None."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store an entry."""

    def delete_password(self, service: str, username: str) -> None:
        """Remove an entry."""


class Picked(NamedTuple):
    """A keyring backend with its title for people."""

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
    import configparser

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


T = TypeVar("T")
SERVICE = "tui-numbers"
"""The service of every entry; its user name is the account's name."""
DEADLINE = 3.0


@dataclass
class Keyring:
    """The keyring of this session, picked when it is first needed."""

    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    seconds: float = DEADLINE
    pick: Callable[[Mapping[str, str]], Picked] = pick
    title: str | None = None
    """What people call the keyring in use; None before it was needed."""
    _picked: Picked | None = field(default=None, repr=False)
    _down: KeyringProblem | None = field(default=None, repr=False)
    _known: dict[str, Secret | None] = field(default_factory=dict, repr=False)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def read(self, name: str) -> Secret | None:
        """Return the entry of an account, or None where it has none.

        Raises:
            KeyringProblem: It cannot be told.
        """
        if name not in self._known:
            value = await self._call(lambda backend: backend.get_password(SERVICE, name))
            self._known[name] = Secret(value) if isinstance(value, str) and value else None
        return self._known[name]

    async def write(self, name: str, secret: Secret) -> None:
        """Store the entry of an account, and read it back.

        Raises:
            KeyringProblem: It is not stored, or that cannot be told.
        """
        self._known.pop(name, None)

        def store(backend: Backend) -> bool:
            backend.set_password(SERVICE, name, secret.reveal())
            return backend.get_password(SERVICE, name) == secret.reveal()

        if not await self._call(store):
            raise KeyringProblem(
                Trouble.FAILED, f"{self.title} took the secret and does not have it"
            )
        self._known[name] = secret

    async def erase(self, name: str) -> bool:
        """Remove the entry of an account; tell whether there was one.

        Raises:
            KeyringProblem: It may still be there.
        """
        self._known.pop(name, None)

        def remove(backend: Backend) -> bool:
            if backend.get_password(SERVICE, name) is None:
                return False
            backend.delete_password(SERVICE, name)
            return True

        return await self._call(remove)

    @property
    def note(self) -> str:
        """What the user configured and is not in use; empty where there is nothing to say."""
        return self._picked.note if self._picked is not None else ""

    @property
    def problem(self) -> KeyringProblem | None:
        """Why the keyring is given up for this session; None while it is in use."""
        return self._down

    async def open(self) -> str:
        """Return what people call the keyring in use.

        Raises:
            KeyringProblem: There is none.
        """
        await self._call(lambda backend: None)
        return self.title or ""

    def forget(self, name: str) -> None:
        """Look an entry up afresh next time."""
        self._known.pop(name, None)

    def ask_again(self) -> None:
        """Try once more, although it failed before."""
        self._down = None
        self._known.clear()

    def carried(self) -> "Keyring":
        """Return the same keyring, and what is known of it, for another event loop."""
        return replace(self, _turn=asyncio.Lock())

    async def _call(self, work: Callable[[Backend], T]) -> T:
        # One at a time, so that a keyring that hangs is waited for once, not once an account.
        async with self._turn:
            if self._down is None:
                answer = await self._in_thread(work)
                if not isinstance(answer, KeyringProblem):
                    return answer
                if answer.trouble is Trouble.FAILED:
                    raise answer
                self._down = answer
            raise self._down.again()

    async def _in_thread(self, work: Callable[[Backend], T]) -> T | KeyringProblem:
        """Return what ``work`` returns or fails with; the thread is left behind if it hangs."""
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[Any] = loop.create_future()

        def tell(answer: object) -> None:
            if not answered.done():
                answered.set_result(answer)

        def body() -> None:
            answer: object
            try:
                answer = work(self._open())
            except BaseException as error:  # noqa: BLE001 - a backend may raise anything
                answer = self._problem_of(error)
            with contextlib.suppress(RuntimeError):  # the loop may be closed by now
                loop.call_soon_threadsafe(tell, answer)

        # Not a pool's thread: the interpreter would wait for that one at its end.
        threading.Thread(target=body, name="keyring", daemon=True).start()
        try:
            async with asyncio.timeout(self.seconds):
                answer: T | KeyringProblem = await answered
        except TimeoutError:
            return timed_out(self.seconds)
        return answer

    def _problem_of(self, error: BaseException) -> KeyringProblem:
        """Return what an exception means; a keyring that the user names bears its own blame."""
        problem = problem_of(error, self.environment)
        named = self._picked.named if self._picked is not None else None
        if named is not None and problem.trouble is Trouble.NO_BACKEND:
            return named.in_vain("which gives no access to any keyring here")
        return problem

    def _open(self) -> Backend:
        if self._picked is None:
            self._picked = self.pick(self.environment)
            self.title = self._picked.title
        return self._picked.backend
