import sys
from pathlib import Path

import pytest
from safety.served import fresh, serving

for folder in ("terminal", "ui/terminal_driver"):
    sys.path.insert(0, str(Path(__file__).parents[1] / folder))


@pytest.fixture(scope="module")
def _served():
    with serving() as served:
        yield served


@pytest.fixture
def served(_served, monkeypatch):
    """A sandbox on a port, configured for this test's own home."""
    for name, value in _served.environment.items():
        monkeypatch.setenv(name, value)
    return fresh(_served)
