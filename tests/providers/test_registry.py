from dataclasses import replace
from importlib.metadata import EntryPoint

import pytest

from tui_numbers.providers.contract import ENTRY_POINT_GROUP
from tui_numbers.providers.registry import load_registry
from tui_numbers.providers.vonage import PLUGIN

NO_SECRET = replace(PLUGIN, info=replace(PLUGIN.info, fields=()))


def entry(name, value):
    return EntryPoint(name, value, ENTRY_POINT_GROUP)


def test_the_built_in_providers_come_by_entry_points():
    registry = load_registry()
    assert {"parakeet", "fonedynamics", "vonage"} <= set(registry.plugins)
    assert registry.failures == {}


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("other", "no_such_module_at_all:PLUGIN", "ModuleNotFoundError"),
        ("other", "tui_numbers.providers.vonage:NOTHING", "AttributeError"),
        ("other", "tui_numbers.providers.vonage.info:INFO", "not a Plugin"),
        ("other", "tui_numbers.providers.vonage:PLUGIN", "calls itself 'vonage'"),
        ("vonage", f"{__name__}:NO_SECRET", "exactly one secret"),
    ],
)
def test_one_that_fails_is_reported_and_the_others_work(name, value, reason):
    good = entry("parakeet", "tui_numbers.providers.parakeet:PLUGIN")
    registry = load_registry([entry(name, value), good])
    assert list(registry.plugins) == ["parakeet"]
    assert reason in registry.failures[name]
