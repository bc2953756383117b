"""The official package of Telnyx drives the sandbox, where it is installed (extra ``official``)."""

from collections.abc import Iterator
from typing import Any

import pytest

from tui_numbers.sandbox.accounts import TELNYX_API_KEY
from tui_numbers.sandbox.app import Sandbox, build_world
from tui_numbers.sandbox.server import background


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return Sandbox(build_world())


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Any]:
    telnyx = pytest.importorskip("telnyx", reason="pip install 'tui-numbers[official]'")
    with background(sandbox) as origin:
        yield telnyx.Telnyx(api_key=TELNYX_API_KEY, base_url=f"{origin}/telnyx", max_retries=0)


def test_it_lists_every_number_over_many_pages(client, sandbox):
    listed = list(client.phone_numbers.list(page_size=20, sort="phone_number"))
    owned = sandbox.world.telnyx.numbers.records
    assert [one.phone_number for one in listed] == sorted(row.number for row in owned.values())
    digits = listed[0].phone_number[1:]
    found = client.phone_numbers.list(filter={"phone_number": digits})
    assert [one.phone_number for one in found] == ["+" + digits]
    voices = {one.id: one for one in client.phone_numbers.voice.list(page_size=250)}
    assert voices.keys() == owned.keys()


def test_it_changes_record_voice_and_messages(client, sandbox):
    account = sandbox.world.telnyx
    row = next(iter(account.numbers.records.values()))
    connection = list(account.connections)[1]
    changed = client.phone_numbers.update(row.id, connection_id=connection, tags=["night"])
    assert (changed.data.connection_id, changed.data.tags) == (connection, ["night"])
    forwarding = {"forwards_to": "+4930231255", "forwarding_type": "always"}
    voice = client.phone_numbers.voice.update(row.id, call_forwarding=forwarding)
    assert voice.data.call_forwarding.forwards_to == "+4930231255"
    messages = client.phone_numbers.messaging.update(row.id, messaging_profile_id="")
    assert messages.data.messaging_profile_id is None
    assert account.numbers.records[row.id].profile is None


def test_it_searches_orders_and_releases(client, sandbox):
    telnyx = pytest.importorskip("telnyx")
    found = client.available_phone_numbers.list(
        filter={"country_code": "US", "phone_number": {"ends_with": "01"}, "limit": 2}
    ).data
    wanted = found[0].phone_number
    order = client.number_orders.create(phone_numbers=[{"phone_number": wanted}]).data
    assert order.status == "success"
    assert client.number_orders.retrieve(order.id).data.phone_numbers[0].phone_number == wanted
    (bought,) = client.phone_numbers.list(filter={"phone_number": wanted[1:]})
    with pytest.raises(telnyx.UnprocessableEntityError, match="85001"):
        client.number_orders.create(phone_numbers=[{"phone_number": wanted}])
    assert client.phone_numbers.delete(bought.id).data.status == "deleted"
    assert sandbox.world.telnyx.numbers.get(bought.id) is None


def test_it_lists_targets_and_the_balance(client, sandbox):
    named = {one.connection_name for one in client.connections.list()}
    assert named == {one.name for one in sandbox.world.telnyx.connections.values()}
    assert [one.name for one in client.messaging_profiles.list()]
    assert client.balance.retrieve().data.currency == "USD"
