import re
import subprocess
import sys

import pytest

from tests.support.scripted_http import desk
from tui_numbers.providers.contract import BuyTarget
from tui_numbers.providers.errors import ConfigurationProblem
from tui_numbers.providers.parakeet import PLUGIN
from tui_numbers.providers.parakeet.info import INFO
from tui_numbers.providers.registry import load_registry


def test_importing_it_loads_no_http_library() -> None:
    code = (
        "import sys, tui_numbers.providers.parakeet, tui_numbers.providers.fonedynamics;"
        "print(sorted({'httpx', 'httpcore', 'ssl', 'phonenumbers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_it_is_registered() -> None:
    assert load_registry().plugins["parakeet"] is PLUGIN


def test_what_it_declares() -> None:
    assert INFO.secret_field.key == "api_key"
    assert INFO.buy_target is BuyTarget.REQUIRED
    assert INFO.search_filters == {"type", "pattern:contains"}
    assert INFO.search.offered
    assert INFO.release.offered
    target = INFO.setting("target")
    assert target is not None
    assert not target.clearable
    assert target.why_not_clearable
    for kind in INFO.target_kinds:
        assert kind.pattern is not None
        assert re.fullmatch(kind.pattern, kind.example)


def test_it_needs_the_account_id() -> None:
    with pytest.raises(ConfigurationProblem, match="account_id"):
        PLUGIN.connect(desk([], provider="parakeet").api)


def test_it_refuses_an_address_without_tls() -> None:
    at = desk([], fields={"account_id": "AC1"}, base_url="http://api.parakeet.example")
    with pytest.raises(ConfigurationProblem, match="base_url"):
        PLUGIN.connect(at.api)
