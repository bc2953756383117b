import contextlib

import pytest

from tests.e2e.network.authorities import authorities
from tests.e2e.network.line import serving
from tui_numbers.sandbox.accounts import environment


@pytest.fixture(scope="package")
def _lines():
    with serving(tls=False) as plain, serving(tls=True) as secure:
        yield {"http": plain, "https": secure}


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch, tmp_path):
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    # It is loaded with the first request, and the machine's own authorities take long.
    monkeypatch.setenv("SSL_CERT_FILE", str(authorities().write(tmp_path)))
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)


@pytest.fixture
def line(_lines):
    """The line over plain HTTP."""
    with _ready(_lines["http"]) as ready:
        yield ready


@pytest.fixture
def secure(_lines):
    """The line over TLS."""
    with _ready(_lines["https"]) as ready:
        yield ready


@pytest.fixture
def line_for(_lines):
    """Whichever line a fault needs."""
    with contextlib.ExitStack() as stack:
        yield lambda fault: stack.enter_context(_ready(_lines["https" if fault.tls else "http"]))


@contextlib.contextmanager
def _ready(line):
    line.reset()
    line.configure()
    yield line
    line.proxy.heal()
