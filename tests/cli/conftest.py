import pytest

from tests.support.command_line import run
from tests.support.served import _sandbox, served

__all__ = ["_sandbox", "served"]


@pytest.fixture
def demo():
    """Run a command on a small demo."""
    return lambda *words, **more: run("--demo", "--numbers", "60", *words, **more)


@pytest.fixture
def faulty(demo, monkeypatch):
    """Run a command on a demo that misbehaves."""

    def faulty_run(faults, *words):
        monkeypatch.setenv("TUI_NUMBERS_SANDBOX_FAULTS", faults)
        return demo(*words)

    return faulty_run
