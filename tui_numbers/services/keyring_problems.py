"""How a keyring can fail, in one word for programs and one sentence for people."""

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

HEADLESS_RECIPE = (
    'dbus-run-session -- bash -c \'read -rsp "Keyring password: " p; echo; '
    'printf %s "$p" | gnome-keyring-daemon --unlock --components=secrets >/dev/null; exec bash\''
)
"""Starts a shell in which an encrypted keyring is open; the first password makes the keyring."""


class Trouble(StrEnum):
    """Why the keyring gives nothing; that it has no entry is not among them."""

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
    """Return the problem of a keyring that the user names, and that gives nothing.

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
