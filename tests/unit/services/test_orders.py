"""A purchase that leaves an order: how it ends at once, and how it is settled days later."""

from dataclasses import replace

import pytest

from tests.support.fake_provider import (
    ACCOUNT,
    INFO,
    OTHER,
    FakeProvider,
    available,
    instant,
    owned,
    session,
)
from tui_numbers.domain.operations import Outcome
from tui_numbers.domain.records import operation_record
from tui_numbers.providers.contract import OrderState, OrderStatus
from tui_numbers.providers.errors import NoAnswer, NotOffered
from tui_numbers.providers.pacing import Timing
from tui_numbers.services.planning import Consent, plan_buy, plan_release
from tui_numbers.services.settling import is_open, settle
from tui_numbers.testing import Clock

YES = Consent(given=True)
ORDER = "4d1f8e"
WAITS = OrderState(OrderStatus.PENDING, "an address is checked")
DONE = OrderState(OrderStatus.DONE)
REFUSED = OrderState(OrderStatus.FAILED, "the address was refused")


def _seller(*states, **more):
    return FakeProvider(order_id=ORDER, orders=list(states), **more)


async def _bought(provider):
    changes = session(provider)
    changes.workspace.http.timing = Clock().timing
    (result,) = await changes.buy(plan_buy(ACCOUNT, INFO, available(), None), YES)
    return changes, changes.journal.get(result.operation)


async def _settled(changes, operation, after=3600.0):
    began = operation.started_at.timestamp()
    changes.workspace.http.timing = Timing(wall=lambda: began + after, sleep=instant)
    reason = await settle(changes.workspace, changes.journal, operation)
    return reason, changes.journal.get(operation.id)


async def test_an_order_that_waits_is_pending_and_kept_with_the_purchase():
    changes, operation = await _bought(_seller(WAITS))
    assert operation.outcome is Outcome.PENDING
    assert operation.error == f"accepted, and not listed yet; order {ORDER}: an address is checked"
    assert operation.reference == ORDER
    assert operation_record(operation)["reference"] == ORDER
    assert is_open(operation)
    assert changes.journal.operations()[0].reference == ORDER


async def test_an_order_that_fails_at_once_is_failed():
    provider = _seller(WAITS, REFUSED)
    _, operation = await _bought(provider)
    assert operation.outcome is Outcome.FAILED
    assert operation.error == f"nothing was bought: order {ORDER}: the address was refused"
    assert provider.sent == [("buy", OTHER)]


async def test_a_number_that_an_order_lists_as_pending_is_not_bought_yet():
    _, operation = await _bought(_seller(WAITS, lists_as="pending"))
    assert operation.outcome is Outcome.PENDING
    assert operation.error.startswith("accepted, and listed as pending so far; order")


async def test_a_number_that_is_listed_within_the_patience_is_verified():
    provider = _seller(DONE, lists_as="active")
    _, operation = await _bought(provider)
    assert (operation.outcome, operation.reference) == (Outcome.VERIFIED, ORDER)


async def test_a_pending_number_without_an_order_is_bought():
    provider = FakeProvider(numbers={}, stock={})
    changes = session(provider)
    provider.numbers[OTHER] = owned(OTHER, status="pending")
    plan = plan_buy(ACCOUNT, INFO, available(), None)
    (result,) = await changes.buy(plan, YES)
    assert result.outcome is Outcome.UNCHANGED


async def test_an_order_that_cannot_be_asked_leaves_the_purchase_pending():
    _, operation = await _bought(_seller())
    assert operation.outcome is Outcome.PENDING
    assert f"order {ORDER}: no answer" in operation.error


@pytest.mark.parametrize(
    ("state", "listed", "outcome", "reason"),
    [
        (WAITS, None, Outcome.PENDING, "not listed yet; order 4d1f8e: an address is checked"),
        (WAITS, "pending", Outcome.PENDING, "not listed yet; order 4d1f8e: an address is checked"),
        (DONE, None, Outcome.PENDING, "not listed yet; order 4d1f8e is done"),
        (DONE, "active", Outcome.VERIFIED, None),
        (REFUSED, None, Outcome.FAILED, None),
        (REFUSED, "pending", Outcome.FAILED, None),
    ],
)
async def test_settling_asks_the_order(state, listed, outcome, reason):
    provider = _seller(WAITS)
    changes, operation = await _bought(provider)
    provider.orders = [state]
    if listed is not None:
        provider.numbers[OTHER] = owned(OTHER, status=listed)
    why, settled = await _settled(changes, operation)
    assert (why, settled.outcome) == (reason, outcome)
    assert settled.reference == ORDER


async def test_an_order_that_fails_and_cannot_be_asked_now_stays_pending():
    provider = _seller(WAITS)
    changes, operation = await _bought(provider)
    provider.orders = []
    why, settled = await _settled(changes, operation)
    assert (why, settled.outcome) == (
        "no answer; check the network, and the provider's status page",
        Outcome.PENDING,
    )


@pytest.mark.parametrize("after", [10.0, 3600.0])
@pytest.mark.parametrize(
    ("state", "outcome"),
    [(WAITS, Outcome.PENDING), (DONE, Outcome.PENDING), (REFUSED, Outcome.FAILED)],
)
async def test_the_order_of_a_purchase_whose_answer_was_lost_is_found_again(state, outcome, after):
    provider = _seller(state, lose_answer=NoAnswer("the answer was lost"))
    changes, operation = await _bought(provider)
    assert (operation.outcome, operation.reference) == (Outcome.UNKNOWN, None)
    why, settled = await _settled(changes, operation, after)
    assert (settled.outcome, settled.reference) == (outcome, ORDER)
    assert (why is None) == (outcome is Outcome.FAILED)


async def test_a_provider_without_orders_tells_nothing_of_one():
    class Plain(FakeProvider):
        order = FakeProvider.__mro__[1].order
        order_since = FakeProvider.__mro__[1].order_since

    with pytest.raises(NotOffered):
        await Plain().order(ORDER)
    assert await Plain().order_since(OTHER, available) is None


async def test_a_number_that_its_provider_keeps_is_not_released():
    locked = replace(owned(OTHER), told={"kept": "Fake's deletion lock is on"})
    provider = FakeProvider(numbers={OTHER: locked})
    changes = session(provider)
    consent = Consent(given=True, released=frozenset({OTHER}))
    seen_before = replace(locked, told={})
    for before in (locked, seen_before):
        result = await changes.apply(plan_release(ACCOUNT, INFO, before), consent)
        assert result.outcome is Outcome.REFUSED
        assert result.error == "kept by the provider: Fake's deletion lock is on"
    assert provider.sent == []
