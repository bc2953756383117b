"""The same clock, zone and terminal for every test of the dashboard."""

import time
from typing import Any

import pytest

from tests.support import dashboard as dashboard_kit
from tui_numbers.domain import clock
from tui_numbers.services import locations
from tui_numbers.services.locations import Place
from tui_numbers.ui.views import available


@pytest.fixture(autouse=True)
def _same_everywhere(monkeypatch: pytest.MonkeyPatch):
    for name, value in {
        "TZ": "UTC",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
    }.items():
        monkeypatch.setenv(name, value)
    time.tzset()
    # The tables of places take half a second to load, and their words change with their release.
    monkeypatch.setattr(locations, "place_of", _place)
    monkeypatch.setattr(locations, "UsualAreas", dashboard_kit.SomeAreas)
    monkeypatch.setattr(available, "load_places", lambda: None)
    monkeypatch.setattr(available, "area_of", lambda number: None)
    with clock.use(clock.Clock(dashboard_kit.NOW.timestamp)):
        yield
    monkeypatch.undo()
    time.tzset()


def _place(number: Any) -> Place:
    return Place("GB", "United Kingdom", "London", ("Europe/London",))
