"""Listings beyond the suite: how many requests they take, and records that are not as promised."""

import pytest

from tui_numbers.domain.e164 import E164, is_shared
from tui_numbers.domain.query import OwnedQuery
from tui_numbers.testing.listings import listed, numbers_in, stock_of

LISTING_ROUTES = ("list", "voice", "services", "members")
"""What a listing reads: its pages, and what stands beside them."""


async def test_everything_is_listed_with_no_more_requests_than_pages_force(bench):
    pages = await listed(bench)
    owned = bench.case.owned(bench.world)
    assert sorted(numbers_in(pages)) == sorted(owned)
    assert sum(map(bench.asked, LISTING_ROUTES)) == len(bench.requests)
    assert len(bench.requests) == bench.case.requests_for(len(owned))
    assert not any(page.warnings or page.dropped for page in pages)
    assert {page.total.count for page in pages} <= {None, len(owned)}
    assert not any(page.total.capped for page in pages)


UNCERTAIN = ("country", "status", "name", "type", "region", "city", "created_at", "updated_at")


async def test_what_the_provider_does_not_tell_is_not_made_up(bench):
    numbers = [item for page in await listed(bench) for item in page.items]
    records = {row.number: row for row in bench.case.ledger(bench.world).records.values()}
    told = {key for key in UNCERTAIN if any(getattr(each, key) for each in numbers)}
    # Vonage lists what is active, and nothing else.
    assert told - {"status"} == bench.case.tells - {"status"}
    known = {"active", "pending", "porting", *bench.case.own_statuses}
    assert {each.status for each in numbers} <= known
    for number in numbers:
        assert number.monthly_cost is None
        shared = bench.case.derives_country and is_shared(number.number)
        assert number.country == (None if shared else records[number.number].country)


async def test_a_number_within_a_longer_one_is_the_one_that_is_found(bench):
    wanted = bench.case.ordinary(bench.world)
    bench.case.plant(bench.world, wanted, wanted + "7")
    for number in (wanted, wanted + "7"):
        found = await bench.client.find(E164(number))
        assert found is not None
        assert found.number == number


async def test_unknown_words_and_fields_pass(bench):
    bench.fault("list", "extra-fields")
    pages = await listed(bench)
    assert len(numbers_in(pages)) == len(bench.case.owned(bench.world))
    assert not any(page.warnings for page in pages)
    capabilities = {word for page in pages for item in page.items for word in item.capabilities}
    assert ("rcs" in capabilities) == bench.case.tells_capabilities


async def test_wrong_types_in_one_record_cost_one_warning(bench):
    bench.fault("list", "bad-record:times=1")
    pages = await listed(bench)
    assert len(numbers_in(pages)) == len(bench.case.owned(bench.world))
    assert sum(len(page.warnings) for page in pages) == 1
    assert sum(page.dropped for page in pages) == 0


async def test_a_record_without_a_number_is_left_out_and_told(bench):
    bench.fault("list", "bad-number:times=1")
    pages = await listed(bench)
    assert len(numbers_in(pages)) == len(bench.case.owned(bench.world)) - 1
    assert sum(len(page.warnings) for page in pages) == 1
    assert sum(page.dropped for page in pages) == 1


@pytest.mark.parametrize("wanted", [1, 2])
async def test_a_listing_that_is_left_asks_for_no_more_than_its_pages(bench, wanted):
    pages = bench.client.owned(OwnedQuery())
    for _ in range(wanted):
        await anext(pages, None)
    await pages.aclose()
    assert len(bench.requests) <= bench.case.requests_for(len(bench.owned()))


async def test_stock_costs_what_the_sandbox_asks(bench):
    if bench.stock is None:
        return
    items = await stock_of(bench, bench.stock)
    prices = [item.monthly_cost for item in items if item.monthly_cost is not None]
    costs = [bench.case.costs(item.country, item.type) for item in items]
    assert {price.digits for price in prices} <= {monthly for monthly, _ in costs}
    told = [item.setup_cost and item.setup_cost.digits for item in items]
    assert told == [setup for _, setup in costs]
