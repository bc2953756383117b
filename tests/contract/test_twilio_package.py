"""The official package of Twilio drives the sandbox, where it is installed (extra ``official``)."""

from collections.abc import Iterator
from typing import Any

import pytest

from tui_numbers.sandbox.accounts import TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN
from tui_numbers.sandbox.app import Sandbox, build_world
from tui_numbers.sandbox.server import background

HOSTS = ("api", "messaging", "numbers", "pricing", "routes", "trunking")


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return Sandbox(build_world())


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Any]:
    rest = pytest.importorskip("twilio.rest", reason="pip install 'tui-numbers[official]'")
    with background(sandbox) as origin:
        made = rest.Client(TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN)
        for host in HOSTS:
            getattr(made, host).base_url = f"{origin}/twilio/{host}"
        yield made


def test_it_lists_every_number_over_many_pages(client, sandbox):
    listed = client.incoming_phone_numbers.list(page_size=20)
    owned = sandbox.world.twilio.numbers.records
    assert [one.phone_number for one in listed] == [row.number for row in owned.values()]
    tollfree = client.incoming_phone_numbers.toll_free.list()
    assert {row.number for row in owned.values() if row.kind == "toll_free"} == {
        one.phone_number for one in tollfree
    }


def test_it_changes_a_number_and_takes_it_off_its_trunk(client, sandbox):
    rows = sandbox.world.twilio.numbers.records
    row = next(one for one in rows.values() if one.trunk)
    changed = client.incoming_phone_numbers(row.id).update(
        trunk_sid="", voice_url="https://hooks.example/new", friendly_name="New"
    )
    assert (changed.trunk_sid, changed.voice_url) == (None, "https://hooks.example/new")
    assert client.incoming_phone_numbers(row.id).fetch().friendly_name == "New"
    assert rows[row.id].trunk is None


def test_it_searches_buys_and_releases(client, sandbox):
    base = pytest.importorskip("twilio.base.exceptions")
    found = client.available_phone_numbers("US").local.list(contains="415")
    assert found
    bought = client.incoming_phone_numbers.create(phone_number=found[0].phone_number)
    assert sandbox.world.twilio.numbers.get(bought.sid) is not None
    with pytest.raises(base.TwilioRestException) as failure:
        client.incoming_phone_numbers.create(phone_number=found[0].phone_number)
    assert failure.value.code == 21422
    assert client.incoming_phone_numbers(bought.sid).delete()
    with pytest.raises(base.TwilioRestException) as failure:
        client.incoming_phone_numbers(bought.sid).fetch()
    assert failure.value.code == 20404


def test_it_reads_what_numbers_point_at(client, sandbox):
    world = sandbox.world.twilio
    assert {one.sid for one in client.applications.list()} == set(world.applications)
    assert {one.sid for one in client.trunking.v1.trunks.list(page_size=1)} == set(world.trunks)
    services = client.messaging.v1.services.list(page_size=1)
    assert {one.sid for one in services} == set(world.services)
    for service in world.services.values():
        members = client.messaging.v1.services(service.sid).phone_numbers.list(page_size=1)
        assert {one.sid for one in members} == service.members & set(world.numbers.records)


def test_it_reads_regions_prices_addresses_and_bundles(client, sandbox):
    world = sandbox.world.twilio
    number, region = next(iter(world.regions.items()))
    assert client.routes.v2.phone_numbers(number).fetch().voice_region == region
    prices = client.pricing.v1.phone_numbers.countries("US").fetch().phone_number_prices
    assert {"local", "toll free"} <= {row["number_type"] for row in prices}
    assert {one.sid for one in client.addresses.list()} == set(world.addresses)
    approved = client.numbers.v2.regulatory_compliance.bundles.list(status="twilio-approved")
    assert len(approved) == 2
    assert client.balance.fetch().currency == "USD"
