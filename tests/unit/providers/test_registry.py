import sys
from dataclasses import replace
from importlib.metadata import EntryPoint

import pytest

from tests.support.scripted_http import desk
from tui_numbers.providers.contract import ENTRY_POINT_GROUP
from tui_numbers.providers.registry import load_registry
from tui_numbers.providers.vonage import PLUGIN

OUTSIDE_MODULE = "tui_numbers_outside"
NO_SECRET = replace(PLUGIN, info=replace(PLUGIN.info, fields=()))

OUTSIDE = """
from dataclasses import replace
from tui_numbers.providers.contract import Plugin
from tui_numbers.providers.vonage import PLUGIN as KNOWN
PLUGIN = Plugin(replace(KNOWN.info, key="other", title="Other"), KNOWN.connect)
"""


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


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A package of somebody else's, with these entry points and this code."""

    def install(code, *points):
        information = tmp_path / "outside-1.0.dist-info"
        information.mkdir()
        (information / "METADATA").write_text("Metadata-Version: 2.1\nName: outside\nVersion: 1\n")
        lines = (f"[{ENTRY_POINT_GROUP}]", *points)
        (information / "entry_points.txt").write_text("\n".join(lines))
        (tmp_path / f"{OUTSIDE_MODULE}.py").write_text(code)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, OUTSIDE_MODULE, raising=False)
        return load_registry()

    return install


BUILT_IN = {"parakeet", "fonedynamics", "telnyx", "twilio", "vonage"}


def test_a_package_of_somebody_elses_is_a_provider_like_the_others(installed):
    registry = installed(OUTSIDE, f"other = {OUTSIDE_MODULE}:PLUGIN")
    assert set(registry.plugins) == BUILT_IN | {"other"}
    assert registry.failures == {}
    opened = desk([], fields={"api_key": "a1b2c3d4"}, provider="other")
    assert registry.plugins["other"].connect(opened.api)


@pytest.mark.parametrize("code", ["raise RuntimeError", "raise SystemExit('needs more')", "("])
def test_one_that_cannot_be_loaded_leaves_the_others(installed, code):
    registry = installed(code, f"other = {OUTSIDE_MODULE}:PLUGIN")
    assert set(registry.plugins) == BUILT_IN
    assert "while it was loaded" in registry.failures["other"]


def test_nobody_else_takes_the_accounts_of_a_built_in_provider(installed):
    registry = installed("PLUGIN = None", f"vonage = {OUTSIDE_MODULE}:PLUGIN")
    assert registry.plugins["vonage"] is PLUGIN
    assert registry.failures == {f"{OUTSIDE_MODULE}:PLUGIN": "there is another provider 'vonage'"}
