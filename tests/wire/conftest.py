"""``TUI_NUMBERS_WIRE_EXAMPLES`` asks for so many mutations of each answer, anew on every run."""

from functools import cache

import pytest

from tui_numbers.providers import transport

from .kit import make_rig
from .loopback import listening

_load_trust = transport.trust


@cache
def _trusted_once():
    return _load_trust()


@pytest.fixture(scope="session")
def _server():
    with listening() as server:
        yield server


@pytest.fixture(scope="session")
def _elsewhere():
    with listening() as server:
        yield server


@pytest.fixture(autouse=True)
def _quick_trust(monkeypatch):
    monkeypatch.setattr(transport, "trust", _trusted_once)


@pytest.fixture
async def rig(request, _server):
    """The client of the provider that the test is parametrised with as ``case``."""
    made = make_rig(request.getfixturevalue("case"), _server)
    yield made
    await made.http.aclose()
