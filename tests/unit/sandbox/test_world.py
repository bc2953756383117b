import subprocess
import sys
import tomllib
from itertools import product

import phonenumbers
import pytest

from tui_numbers.sandbox.accounts import ACCOUNTS, config_toml, environment
from tui_numbers.sandbox.app import build_world
from tui_numbers.sandbox.seeds import CUSTOMER_SERVICE, SALES_DESK
from tui_numbers.sandbox.stock import KINDS, _segments, ordinary
from tui_numbers.sandbox.vonage_numbers import SHORT_CODE, SUPPORT_MOBILE
from tui_numbers.sandbox.world import World


def owned(world: World) -> list:
    accounts = (world.parakeet, world.vonage, world.fonedynamics, world.telnyx, world.twilio)
    return [record for account in accounts for record in account.numbers.records.values()]


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


SELLERS = ("vonage", "parakeet", "telnyx", "twilio")


def test_same_arguments_same_world(world):
    again = build_world()
    assert owned(again) == owned(world)
    assert again.parakeet.users == world.parakeet.users
    assert again.vonage.applications == world.vonage.applications
    other = build_world(seed=7)
    assert [r.number for r in owned(other)] == [r.number for r in owned(world)]
    assert owned(other) != owned(world)


def test_every_owned_number_is_valid_and_in_its_country(world):
    records = owned(world)
    assert len({record.number for record in records}) == len(records) == 1248
    records.remove(world.vonage.numbers.get(SHORT_CODE.number))
    for record in records:
        parsed = phonenumbers.parse(record.number)
        assert phonenumbers.is_valid_number_for_region(parsed, record.country), record


def test_each_account_spans_several_pages(world):
    assert world.size("parakeet") > 500
    assert world.size("vonage") > 400
    assert world.size("fonedynamics") > 200


def test_the_known_numbers(world):
    matches = [record.number for record in owned(world) if "6170" in record.number]
    assert sorted(matches) == sorted([CUSTOMER_SERVICE, SUPPORT_MOBILE, SALES_DESK])
    first = next(iter(world.parakeet.numbers.records.values()))
    assert first.number == CUSTOMER_SERVICE
    assert world.parakeet.teams[first.target] == "Customer Service"
    mobile = world.vonage.numbers.records[SUPPORT_MOBILE[1:]]
    assert world.vonage.applications[mobile.app_id].name == "Support IVR"
    assert mobile.features == ("VOICE", "SMS")


def test_every_interesting_case_is_there(world):
    parakeet = world.parakeet.numbers.records.values()
    assert {r.status for r in parakeet} == {"confirmed", "porting"}
    assert any(r.target is None for r in parakeet)
    assert any(r.target in world.parakeet.users for r in parakeet)
    fone = world.fonedynamics.numbers.records.values()
    assert {r.status for r in fone} == {"Active", "Pending"}
    assert any(r.routing == "Endpoint" and r.endpoint is None for r in fone)
    assert {r.flow_shown for r in fone if r.routing == "Flow"} == {True, False}
    assert {r.property_sid for r in fone} == {
        world.fonedynamics.numbers.records["+61255506170"].property_sid
    }
    vonage = world.vonage.numbers.records.values()
    assert any(r.app_id and r.voice_type == "tel" for r in vonage)
    assert any(r.voice_type == "sip" for r in vonage)
    assert any(r.voice_type == "app" and r.voice_value == r.app_id for r in vonage)
    assert any(r.voice_type == "app" and r.app_id is None for r in vonage)
    assert any(r.messages_type and r.app_id is None for r in vonage)
    assert any(r.voice_status_callback for r in vonage)
    assert any(r.smpp_system_type for r in vonage)
    assert any(not (r.app_id or r.mo_http_url or r.voice_type or r.messages_type) for r in vonage)


@pytest.mark.parametrize("numbers", [6, 50, 5000])
def test_worlds_of_other_sizes_have_exactly_so_many(numbers):
    assert len({record.number for record in owned(build_world(numbers))}) == numbers


@pytest.mark.parametrize("numbers", [0, -1, 10_000_000])
def test_sizes_that_make_no_sense(numbers):
    with pytest.raises(ValueError, match="a world has"):
        build_world(numbers)


@pytest.mark.slow
def test_stock_is_valid_in_every_country():
    without = []
    for country in sorted(phonenumbers.SUPPORTED_REGIONS):
        offered = 0
        for kind, seller in product(KINDS, SELLERS):
            for block, first, length in _segments(seller, country, kind)[:3]:
                for step in range(0, length, max(length // 4, 1)):
                    offered += 1
                    parsed = phonenumbers.parse(number := block.at(first + step))
                    assert phonenumbers.is_valid_number(parsed), number
        if not offered:
            without.append(country)
    assert without == []


@pytest.mark.slow
def test_most_countries_have_several_numbers_with_2020(world):
    countries = sorted(phonenumbers.SUPPORTED_REGIONS)[::6]
    rich = 0
    for country in countries:
        items = (i for kind in KINDS for i in world.stock.available("vonage", country, kind))
        rich += sum("2020" in item.number for item in items) >= 2
    assert rich > len(countries) * 0.7


def test_no_number_is_offered_twice(world):
    for country in ("GB", "US", "CA", "TK", "JM"):
        numbers = [
            item.number
            for seller in SELLERS
            for kind in KINDS
            for item in world.stock.available(seller, country, kind)
        ]
        assert len(numbers) == len(set(numbers)), country


def test_a_block_knows_where_its_numbers_stand():
    for block in ordinary("GB", "local"):
        assert list(block.run(7, 3)) == [block.at(index) for index in (7, 8, 9)]
        assert [block.position(block.at(index)) for index in (0, 1, 99_999)] == [0, 1, 99_999]
    assert block.position("+33142000000") is None


def test_the_configuration_is_toml_and_names_every_account():
    tables = tomllib.loads(config_toml("http://127.0.0.1:8470"))["accounts"]
    assert list(tables) == ["us-desk", "uk-sms", "au-sales", "us-hotline", "eu-care"]
    assert tables["us-desk"]["base_url"] == "http://127.0.0.1:8470/parakeet/api/v1"
    assert tables["au-sales"].keys() == {"provider", "base_url", "account_sid", "property_sid"}
    assert "TUI_NUMBERS_SECRET_US_DESK" in environment()
    assert not any(account.secret in repr(account) for account in ACCOUNTS)
    assert not any(account.secret in config_toml("x") for account in ACCOUNTS)


def test_the_package_is_cheap_to_import():
    code = (
        "import sys, tui_numbers.sandbox, tui_numbers.sandbox.accounts;"
        "sys.exit(any(name in sys.modules for name in ('starlette', 'phonenumbers', 'uvicorn')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
