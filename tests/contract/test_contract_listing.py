"""Complete listings, exact matches, and records that are not what they should be."""

import asyncio
from dataclasses import replace

import pytest

from tui_numbers.domain.changes import Change, Set
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.query import Match, OwnedQuery, StockQuery, TargetPattern
from tui_numbers.providers.errors import NotOffered
from tui_numbers.sandbox.stock import vonage_cost

EVERYTHING = OwnedQuery()


async def listed(bench, query=EVERYTHING):
    return [page async for page in bench.client.owned(query)]


def numbers_in(pages):
    return [item.number for page in pages for item in page.items]


async def test_the_credential_is_checked_by_one_request(bench):
    check = await bench.client.check()
    assert check.title
    assert len(bench.requests) == 1
    assert bench.writes == 0


async def test_everything_is_listed_with_no_more_requests_than_pages_force(bench):
    pages = await listed(bench)
    owned = bench.case.owned(bench.world)
    assert sorted(numbers_in(pages)) == sorted(owned)
    assert bench.asked("list") == len(bench.requests)
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
    assert {each.status for each in numbers} <= {"active", "pending", "porting"}
    for number in numbers:
        assert number.monthly_cost is None
        assert number.country == records[number.number].country


UNDOCUMENTED = {("vonage", "vxml")}
"""Kinds of target that an API shows and no document names."""


async def test_every_number_bears_its_account_and_known_words(bench):
    info = bench.case.info
    readable = {spec.key for spec in info.settings if spec.readable}
    for page in await listed(bench):
        for number in page.items:
            assert (number.account, number.provider) == (pytest.approx(number.account), info.key)
            assert set(number.settings) == readable
            assert set(number.routing) == {"voice", "sms"}
            assert number.received is None
            for target in filter(None, number.routing.values()):
                documented = info.target_kind(target.kind) is not None
                assert documented or (info.key, target.kind) in UNDOCUMENTED


@pytest.mark.parametrize("wanted", [1, 2])
async def test_a_listing_that_is_left_leaves_nothing_under_way(bench, wanted):
    before = asyncio.all_tasks()
    pages = bench.client.owned(EVERYTHING)
    for _ in range(wanted):
        page = await anext(pages, None)
        assert page is None or page.items
    await pages.aclose()
    assert asyncio.all_tasks() == before
    assert len(bench.requests) <= bench.case.requests_for(len(bench.case.owned(bench.world)))
    assert await bench.ordinary()


@pytest.mark.slow_after(1)
async def test_filters_never_hide_what_matches(bench):
    everything = [item for page in await listed(bench) for item in page.items]
    sample = everything[len(everything) // 2]
    queries = [
        OwnedQuery(country=sample.country),
        OwnedQuery(types=frozenset({sample.type} - {None})),
        OwnedQuery(capabilities=frozenset({"voice", "sms"})),
        OwnedQuery(unrouted=True),
    ]
    for kind in bench.case.info.target_kinds:
        pattern = TargetPattern(kind.key)
        queries += [OwnedQuery(target=pattern), OwnedQuery(linked=pattern)]
        queries += [OwnedQuery(not_linked=pattern), OwnedQuery(linked=pattern, not_linked=pattern)]
        told = [t for item in everything for t in item.routing.values() if t and t.kind == kind.key]
        for exact in [TargetPattern(kind.key, t.value) for t in told[:2]]:
            queries += [OwnedQuery(target=exact), OwnedQuery(linked=exact)]
            queries.append(OwnedQuery(not_linked=exact))
    stored = bench.case.info.stored_targets
    for query in queries:
        wanted = {item.number for item in everything if query.accepts(item, stored(item.settings))}
        assert wanted <= set(numbers_in(await listed(bench, query))), query


async def test_a_number_is_found_as_it_is_listed(bench):
    wanted = E164(bench.case.ordinary(bench.world))
    pages = await listed(bench)
    (as_listed,) = [item for page in pages for item in page.items if item.number == wanted]
    for known in (None, as_listed):
        found = await bench.client.find(wanted, known)
        assert found is not None
        assert found.same_delivery(as_listed)
        assert (found.number, found.id, found.status) == (wanted, as_listed.id, as_listed.status)
        assert found.received


async def test_neither_a_part_nor_a_longer_number_matches(bench):
    wanted = bench.case.ordinary(bench.world)
    for other in (wanted[:-1], wanted + "0", "+" + wanted[2:]):
        assert await bench.client.find(E164(other)) is None


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
    assert "rcs" in capabilities


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


async def test_targets_serve_what_is_declared(bench):
    options = [option async for page in bench.client.targets() for option in page.items]
    info = bench.case.info
    assert options
    assert len({option.target for option in options}) == len(options)
    for option in options:
        kind = info.target_kind(option.target.kind)
        assert kind is not None
        assert option.channels
        assert set(option.channels) <= set(kind.channels)
        assert option.target.value


async def test_stock_is_listed_or_declared_as_not_offered(bench):
    query = bench.case.stock
    if query is None:
        assert not bench.case.info.search.offered
        with pytest.raises(NotOffered) as failure:
            await anext(bench.client.available(StockQuery("AU")))
        assert bench.case.info.search.reason in str(failure.value)
        assert not bench.requests
        return
    pages = bench.client.available(query)
    first = await anext(pages)
    assert first.items
    assert len(bench.requests) == 1
    for item in first.items:
        assert query.accepts(item) is not False
        assert (item.country, item.type) == (query.country, query.type)
    await pages.aclose()
    nothing = StockQuery(query.country, query.type, pattern="123456789012345")
    rows = [item async for page in bench.client.available(nothing) for item in page.items]
    assert rows == []


async def stock_of(bench, query):
    pages = bench.client.available(query)
    first = await anext(pages)
    await pages.aclose()
    return first.items


async def test_stock_has_the_prices_of_the_declared_currency_or_none(bench):
    if bench.case.stock is None:
        return
    items = await stock_of(bench, bench.case.stock)
    prices = [item.monthly_cost for item in items if item.monthly_cost is not None]
    assert bool(prices) == bool(bench.case.info.currency)
    assert {price.currency for price in prices} <= {bench.case.info.currency}
    costs = {vonage_cost(item.country, item.type) for item in items}
    assert {price.digits for price in prices} <= costs
    assert all(item.setup_cost is None for item in items)


async def test_the_search_filters_that_are_declared_are_the_providers_own(bench):
    query, filters = bench.case.stock, bench.case.info.search_filters
    if query is None:
        assert not filters
        return
    number = (await stock_of(bench, query))[3].number
    asked = [("type", query)]
    asked += [("features", replace(query, capabilities=frozenset({"voice", "sms"})))]
    parts = {Match.STARTS: number[1:6], Match.CONTAINS: number[4:8], Match.ENDS: number[-3:]}
    for match, part in parts.items():
        asked.append((f"pattern:{match}", replace(query, pattern=part, match=match)))
    for name, narrowed in asked:
        passed = [narrowed.accepts(item) for item in await stock_of(bench, narrowed)]
        # What the provider does not narrow itself must still hold what matches.
        assert any(verdict is not False for verdict in passed), name
        if {name, name.partition(":")[0]} & filters:
            assert all(passed), name


async def test_choices_are_listed_where_a_setting_says_so_and_can_be_set(bench):
    number = await bench.ordinary()
    for spec in bench.case.info.settings:
        choices = await bench.client.choices_for(spec.key, number)
        assert bool(choices) == spec.picker
        for choice in choices[-1:]:
            assert choice.label
            await bench.client.update(number, Change({spec.key: Set(choice.value)}))
