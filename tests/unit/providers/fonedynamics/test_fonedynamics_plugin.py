import pytest

from tests.support.scripted_http import desk
from tui_numbers.providers.contract import BuyTarget, ValueKind
from tui_numbers.providers.errors import ConfigurationProblem
from tui_numbers.providers.fonedynamics import PLUGIN
from tui_numbers.providers.fonedynamics.info import INFO
from tui_numbers.providers.registry import load_registry


def test_it_is_registered() -> None:
    assert load_registry().plugins["fonedynamics"] is PLUGIN


def test_what_it_declares() -> None:
    assert INFO.secret_field.key == "token"
    assert INFO.buy_target is BuyTarget.AFTERWARDS
    assert INFO.buy.offered
    for offer in (INFO.search, INFO.release):
        assert not offer.offered
        assert offer.reason
    assert all(not spec.clearable and spec.why_not_clearable for spec in INFO.settings)
    assert [spec.key for spec in INFO.settings if not spec.readable] == [
        "address",
        "sms_from",
        "sms_to",
        "email_from",
        "email_to",
    ]
    assert [spec.key for spec in INFO.settings if spec.picker] == ["address"]
    kinds = {spec.key: spec.kind for spec in INFO.settings}
    assert kinds["sms_from"] is ValueKind.SENDER
    assert kinds["email_to"] is ValueKind.EMAIL


def test_it_needs_the_account_sid() -> None:
    with pytest.raises(ConfigurationProblem, match="account_sid"):
        PLUGIN.connect(desk([], provider="fonedynamics").api)
