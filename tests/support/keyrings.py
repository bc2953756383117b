"""Keyrings: one in memory that can be told to misbehave, and a real Secret Service."""

import os
import shutil
import subprocess
import sys

import pytest

from tui_numbers.domain.accounts import Account
from tui_numbers.services.keyring import Keyring, Picked

ACCOUNT = Account("uk-sms", "vonage", {"api_key": "a1b2c3d4"})


class Memory:
    """A keyring in memory, which can be told to misbehave."""

    def __init__(self):
        self.entries = {}
        self.calls = []
        self.before = lambda: None

    def get_password(self, service, username):
        self.calls.append(("get", username))
        self.before()
        return self.entries.get((service, username))

    def set_password(self, service, username, password):
        self.calls.append(("set", username))
        self.before()
        self.entries[service, username] = password

    def delete_password(self, service, username):
        self.calls.append(("delete", username))
        self.before()
        del self.entries[service, username]


@pytest.fixture
def memory():
    return Memory()


@pytest.fixture
def keyring(memory):
    return Keyring({}, 3.0, lambda environment: Picked(memory, "Memory"))


_MISSING = [
    name for name in ("dbus-run-session", "gnome-keyring-daemon") if shutil.which(name) is None
]


class Desktop:
    """A D-Bus session of its own, with a real Secret Service in a home of its own."""

    UNLOCKED = 'printf %s "$PW" | gnome-keyring-daemon --unlock --components=secrets >/dev/null; '

    def __init__(self, home):
        self.home = home
        self.runtime = home / "run"
        self.runtime.mkdir(mode=0o700)

    def shell(self, script, **more):
        """Run a script in such a session; PYTHON and PW are set."""
        environment = {
            **os.environ,
            "HOME": str(self.home),
            "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "XDG_RUNTIME_DIR": str(self.runtime),
            "PYTHON": sys.executable,
            "PW": "keyring password",
            **more,
        }
        return subprocess.run(
            ["dbus-run-session", "--", "bash", "-c", script],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            stdin=subprocess.DEVNULL,
        )


@pytest.fixture
def desktop(tmp_path):
    if _MISSING:
        pytest.skip(f"not installed here: {', '.join(_MISSING)}")
    return Desktop(tmp_path)
