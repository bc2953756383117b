import subprocess
import sys

from tests.support.scripted_http import desk
from tests.unit.providers.vonage.helpers import KEY, OK, stock
from tui_numbers.domain.numbers import Channel
from tui_numbers.providers.contract import BuyTarget
from tui_numbers.providers.vonage import PLUGIN

INFO = PLUGIN.info


def test_declaring_vonage_imports_no_http_client():
    code = "import sys, tui_numbers.providers.vonage; print('httpx' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"


def test_what_goes_first():
    assert INFO.precedence[Channel.VOICE] == ("voice", "application")
    assert INFO.precedence[Channel.SMS] == ("application", "sms")


def test_what_is_offered():
    assert INFO.search.offered
    assert INFO.buy.offered
    assert INFO.release.offered
    assert INFO.buy_target is BuyTarget.AFTERWARDS
    assert INFO.secret_field.key == "api_secret"
    assert INFO.not_carried_over == tuple(s.key for s in INFO.settings if not s.readable)
    assert INFO.currency == "EUR"


async def test_writes_are_one_a_second():
    opened = desk([OK, OK], fields={"api_key": KEY}, pace=INFO.pace)
    client = PLUGIN.connect(opened.api)
    for number in (stock("+442079460123"), stock("+442079460124")):
        await client.buy(number, None)
    assert opened.clock.slept == [1]
