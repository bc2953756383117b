import pytest
from hypothesis import settings

from safety.kit import make_scene

settings.register_profile("long", max_examples=2_000, stateful_step_count=60)


@pytest.fixture
async def scene():
    made = make_scene()
    yield made
    await made.workspace.aclose()
    made.journal.close()
