import pytest
from hypothesis import settings

from tests.support.writes import make_scene

settings.register_profile("long", max_examples=2_000, stateful_step_count=60)


@pytest.fixture
async def scene():
    made = make_scene()
    yield made
    await made.workspace.aclose()
    made.journal.close()


@pytest.fixture
def served(served, monkeypatch):
    """A sandbox on a port, configured for this test's own home."""
    for name, value in served.environment.items():
        monkeypatch.setenv(name, value)
    return served
