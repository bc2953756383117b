"""The built-in providers pass the contract suite, over the sandbox on a real port."""

import pytest

from tests.contract.cases import CASES, FONEDYNAMICS, PARAKEET, TELNYX, TWILIO, VONAGE
from tui_numbers.providers.registry import load_registry
from tui_numbers.testing import ProviderTests


class TestParakeet(ProviderTests):
    plugin = PARAKEET.plugin

    @pytest.fixture
    def case(self):
        return PARAKEET


class TestFoneDynamics(ProviderTests):
    plugin = FONEDYNAMICS.plugin

    @pytest.fixture
    def case(self):
        return FONEDYNAMICS


class TestTelnyx(ProviderTests):
    plugin = TELNYX.plugin

    @pytest.fixture
    def case(self):
        return TELNYX


class TestTwilio(ProviderTests):
    plugin = TWILIO.plugin

    @pytest.fixture
    def case(self):
        return TWILIO


class TestVonage(ProviderTests):
    plugin = VONAGE.plugin

    @pytest.fixture
    def case(self):
        return VONAGE


def test_every_provider_passes_the_contract():
    suites = (TestParakeet, TestFoneDynamics, TestTelnyx, TestTwilio, TestVonage)
    keys = {tests.plugin.info.key for tests in suites}
    assert keys == {case.key for case in CASES} == set(load_registry().plugins)
