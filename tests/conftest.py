"""Every test runs in a home of its own: nothing of the user's is read, nothing is left there."""

import os
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tui_numbers.storage.journal import Journal
from tui_numbers.storage.snapshot import Snapshot

# How long an example takes tells of the machine, and of what else it does.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory, monkeypatch):
    # The factory looks through all that it has made each time.
    home = Path(tempfile.mkdtemp(prefix="home", dir=tmp_path_factory.getbasetemp()))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("CONFIG", "STATE", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    for name in os.environ:
        ours = name.startswith(("TUI_NUMBERS_", "_TUI_NUMBERS_")) and name != _SPECS
        if ours or name in _OF_THE_TERMINAL:
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _files_are_closed():
    """Close the journals and snapshots that a test makes, and leaves open."""
    made = []
    # Not the patch of the test, which it may undo on its way.
    with pytest.MonkeyPatch.context() as patch:
        for kind in (Journal, Snapshot):

            def remembered(self, *words, real=kind.__init__, **more):
                real(self, *words, **more)
                made.append(self)

            patch.setattr(kind, "__init__", remembered)
        yield
    for one in made:
        one.close()


@pytest.fixture
def local_zone():
    """Set the zone of this process, and of those that it starts, by its IANA name."""
    with pytest.MonkeyPatch.context() as patch:

        def chosen(name):
            patch.setenv("TZ", name)
            time.tzset()

        yield chosen
    time.tzset()


_SPECS = "TUI_NUMBERS_SPECS"
"""Where the providers' published documents are: of the tests, not of the user."""

_OF_THE_TERMINAL = (
    "NO_COLOR", "COLUMNS", "LINES", "SSH_CONNECTION", "SSH_CLIENT", "TMUX",
    "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "PYTHON_KEYRING_BACKEND", "DISPLAY",
    "WAYLAND_DISPLAY",
)  # fmt: skip
