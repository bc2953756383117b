"""The real program in a terminal of its own, over the sandbox on a port."""

import pytest

from tests.support.real_program import Program
from tests.support.served import serving


@pytest.fixture(scope="module")
def sandbox():
    with serving(120) as served:
        yield served


@pytest.fixture
def program(sandbox):
    sandbox.fresh()
    with Program(sandbox) as running:
        yield running
