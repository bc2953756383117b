"""A declaration fits together, so that forms, pickers and refusals can be made of it."""

import re
from typing import Any

import pytest

from tui_numbers.domain.numbers import NUMBER_TYPES, Channel
from tui_numbers.providers.contract import Plugin, ProviderInfo, ValueKind

FILTERS = {"type", "features", "place", "pattern"}
FILTERS |= {"pattern:contains", "pattern:starts", "pattern:ends"}


class PluginTests:
    """Tests of one plug-in, which a subclass names."""

    plugin: Plugin

    @pytest.fixture
    def info(self) -> ProviderInfo:
        """What the provider declares."""
        return self.plugin.info

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run what takes a ``setting`` once for each that is declared."""
        if "setting" in metafunc.fixturenames:
            plugin: Any = getattr(metafunc.cls, "plugin", None)
            assert plugin is not None, "name the plug-in: plugin = PLUGIN"
            metafunc.parametrize("setting", [spec.key for spec in plugin.info.settings])


class DeclarationTests(PluginTests):
    """What ``ProviderInfo`` must hold."""

    def test_fields(self, info: ProviderInfo) -> None:
        assert sum(field.secret for field in info.fields) == 1
        assert info.secret_field.required
        assert len({field.key for field in info.fields}) == len(info.fields)
        for field in info.fields:
            assert field.label
            if field.pattern is not None and field.example:
                assert re.fullmatch(field.pattern, field.example)
            assert not field.choices or field.example in field.choices

    def test_settings_fit_the_target_kinds_and_the_precedence(self, info: ProviderInfo) -> None:
        assert len({spec.key for spec in info.settings}) == len(info.settings)
        for spec in info.settings:
            kinds = [info.target_kind(key) for key in spec.target_kinds]
            assert (spec.kind is ValueKind.TARGET) == bool(kinds)
            assert all(kind and set(kind.channels) & set(spec.channels) for kind in kinds)
            assert (spec.kind is ValueKind.CHOICE) == bool(spec.choices)
            assert len(kinds) == 1 or not spec.bare
            assert spec.clearable != bool(spec.why_not_clearable)
            assert spec.settable != bool(spec.why_not_settable)
            assert spec.settable or not spec.clearable
            assert {info.setting(key) for key in spec.displaces} <= set(info.settings) - {spec}
        for kind in info.target_kinds:
            # A channel may have a setting of its own that takes the same kind.
            taking = [spec for spec in info.settings if kind.key in spec.target_kinds]
            taken = {channel for spec in taking for channel in spec.channels}
            assert set(kind.channels) <= taken
        assert set(info.precedence) == set(Channel)
        for channel, keys in info.precedence.items():
            assert {spec.key for spec in info.settings if channel in spec.channels} == set(keys)
        unread = {spec.key for spec in info.settings if not spec.readable}
        assert set(info.not_carried_over) <= unread

    def test_every_target_kind_can_be_written_and_set(self, info: ProviderInfo) -> None:
        settable = {key for spec in info.settings for key in spec.target_kinds}
        assert {kind.key for kind in info.target_kinds} == settable
        for kind in info.target_kinds:
            assert kind.pattern is None or re.fullmatch(kind.pattern, kind.example)

    def test_what_is_not_offered_says_why(self, info: ProviderInfo) -> None:
        for offer in (info.search, info.buy, info.release):
            assert offer.offered != bool(offer.reason)
        assert bool(info.currency) != bool(info.price_unknown)

    def test_what_a_purchase_takes_can_be_named(self, info: ProviderInfo) -> None:
        assert len({field.key for field in info.buy_fields}) == len(info.buy_fields)
        assert not info.buy_fields or info.buy.offered
        for field in info.buy_fields:
            assert field.label
            assert field.needed
            assert field.pattern is None or re.fullmatch(field.pattern, field.example)

    def test_the_search_and_the_pace_are_such_as_are_understood(self, info: ProviderInfo) -> None:
        assert info.search_filters <= FILTERS
        assert bool(info.search_filters) <= info.search.offered
        assert set(info.types) <= set(NUMBER_TYPES)
        assert info.page_size > 0
        assert info.pace.widest > 0
