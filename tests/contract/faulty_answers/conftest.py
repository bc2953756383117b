"""One loopback server for all, and one more that must never hear from us."""

from functools import cache

import pytest

from tests.contract.cases import CASES
from tests.contract.faulty_answers.loopback import Told, listening
from tests.contract.faulty_answers.rig import make_rig
from tui_numbers.providers import transport

_load_trust = transport.trust


@cache
def _trusted_once():
    return _load_trust()


@pytest.fixture(scope="session")
def server():
    with listening() as server:
        yield server


@pytest.fixture(scope="session")
def _elsewhere():
    with listening() as server:
        yield server


@pytest.fixture(autouse=True)
def _quick_trust(monkeypatch):
    monkeypatch.setattr(transport, "trust", _trusted_once)


@pytest.fixture(params=CASES, ids=lambda case: case.key)
def case(request):
    """Each provider, unless a test names its own."""
    return request.param


@pytest.fixture
async def rig(case, server):
    made = make_rig(case, server)
    yield made
    await made.http.aclose()


@pytest.fixture
def elsewhere(_elsewhere):
    """A second origin, which answers whoever comes."""

    async def welcome(asked):
        return Told(body=b"[]").raw()

    _elsewhere.answer = welcome
    _elsewhere.asked.clear()
    return _elsewhere
