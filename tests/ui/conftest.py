"""The same clock, zone and terminal for every test of the dashboard."""

import time
from typing import Any

import pytest
from textual.css.stylesheet import Stylesheet

from tests.support import dashboard as dashboard_kit
from tui_numbers.domain import clock
from tui_numbers.services import locations
from tui_numbers.services.locations import Place
from tui_numbers.ui import detail_pane
from tui_numbers.ui.views import available, owned


@pytest.fixture(autouse=True, scope="session")
def _styles_are_parsed_once():
    """Share the parsed style sheets of all dashboards of a run that have the same colours."""
    parsed: dict[Any, dict[Any, Any]] = {}

    def sharing(real: Any) -> Any:
        def shared(self: Any, *words: Any, **more: Any) -> None:
            self._parse_cache = {}  # What is shared is not emptied with new colours.
            real(self, *words, **more)
            self._parse_cache = parsed.setdefault(frozenset(self._variables.items()), {})

        return shared

    with pytest.MonkeyPatch.context() as patch:
        for name in ("__init__", "set_variables"):
            patch.setattr(Stylesheet, name, sharing(getattr(Stylesheet, name)))
        yield


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
    # Nobody watches, so no redraw has to be spared.
    monkeypatch.setattr(owned, "_REDRAW_SECONDS", 0.001)
    monkeypatch.setattr(detail_pane, "_REST_SECONDS", 0.001)
    with clock.use(clock.Clock(dashboard_kit.NOW.timestamp)):
        yield
    monkeypatch.undo()
    time.tzset()


def _place(number: Any) -> Place:
    return Place("GB", "United Kingdom", "London", ("Europe/London",))
