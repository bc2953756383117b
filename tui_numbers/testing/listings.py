"""Test declarations, and reads: nothing is hidden, and what fails is told and survived."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from typing import Any

import pytest

from tui_numbers.domain.changes import Change, Set
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import NUMBER_TYPES, AvailableNumber, Channel, OwnedNumber, Target
from tui_numbers.domain.query import Match, OwnedQuery, StockQuery, TargetPattern
from tui_numbers.providers.contract import Page, Plugin, ProviderInfo, ValueKind
from tui_numbers.providers.errors import (
    BadReply,
    CredentialsRejected,
    Forbidden,
    NoAnswer,
    NotFound,
    NotOffered,
    ProviderError,
    RateLimited,
    Rejected,
    ServerFault,
)
from tui_numbers.testing.bench import Bench, Failure, Fault

FILTERS = {"type", "features", "place", "pattern"}
FILTERS |= {"pattern:contains", "pattern:starts", "pattern:ends"}


class PluginTests:
    """Tests of one plug-in, which a subclass names."""

    plugin: Plugin

    @pytest.fixture
    def info(self) -> ProviderInfo:
        """What the provider declares."""
        return self.plugin.info

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run what takes a ``setting`` once for each that is declared."""
        if "setting" in metafunc.fixturenames:
            plugin: Any = getattr(metafunc.cls, "plugin", None)
            assert plugin is not None, "name the plug-in: plugin = PLUGIN"
            metafunc.parametrize("setting", [spec.key for spec in plugin.info.settings])


class DeclarationTests(PluginTests):
    """What ``ProviderInfo`` must hold."""

    def test_fields(self, info: ProviderInfo) -> None:
        assert sum(field.secret for field in info.fields) == 1
        assert info.secret_field.required
        assert len({field.key for field in info.fields}) == len(info.fields)
        for field in info.fields:
            assert field.label
            if field.pattern is not None and field.example:
                assert re.fullmatch(field.pattern, field.example)
            assert not field.choices or field.example in field.choices

    def test_settings_fit_the_target_kinds_and_the_precedence(self, info: ProviderInfo) -> None:
        assert len({spec.key for spec in info.settings}) == len(info.settings)
        for spec in info.settings:
            kinds = [info.target_kind(key) for key in spec.target_kinds]
            assert (spec.kind is ValueKind.TARGET) == bool(kinds)
            assert all(kind and set(kind.channels) & set(spec.channels) for kind in kinds)
            assert (spec.kind is ValueKind.CHOICE) == bool(spec.choices)
            assert len(kinds) == 1 or not spec.bare
            assert spec.clearable != bool(spec.why_not_clearable)
            assert spec.settable != bool(spec.why_not_settable)
            assert spec.settable or not spec.clearable
            assert {info.setting(key) for key in spec.displaces} <= set(info.settings) - {spec}
        for kind in info.target_kinds:
            # A channel may have a setting of its own that takes the same kind.
            taking = [spec for spec in info.settings if kind.key in spec.target_kinds]
            taken = {channel for spec in taking for channel in spec.channels}
            assert set(kind.channels) <= taken
        assert set(info.precedence) == set(Channel)
        for channel, keys in info.precedence.items():
            assert {spec.key for spec in info.settings if channel in spec.channels} == set(keys)
        unread = {spec.key for spec in info.settings if not spec.readable}
        assert set(info.not_carried_over) <= unread

    def test_every_target_kind_can_be_written_and_set(self, info: ProviderInfo) -> None:
        settable = {key for spec in info.settings for key in spec.target_kinds}
        assert {kind.key for kind in info.target_kinds} == settable
        for kind in info.target_kinds:
            assert kind.pattern is None or re.fullmatch(kind.pattern, kind.example)

    def test_what_is_not_offered_says_why(self, info: ProviderInfo) -> None:
        for offer in (info.search, info.buy, info.release):
            assert offer.offered != bool(offer.reason)
        assert bool(info.currency) != bool(info.price_unknown)

    def test_what_a_purchase_takes_can_be_named(self, info: ProviderInfo) -> None:
        assert len({field.key for field in info.buy_fields}) == len(info.buy_fields)
        assert not info.buy_fields or info.buy.offered
        for field in info.buy_fields:
            assert field.label
            assert field.needed
            assert field.pattern is None or re.fullmatch(field.pattern, field.example)

    def test_the_search_and_the_pace_are_such_as_are_understood(self, info: ProviderInfo) -> None:
        assert info.search_filters <= FILTERS
        assert bool(info.search_filters) <= info.search.offered
        assert set(info.types) <= set(NUMBER_TYPES)
        assert info.page_size > 0
        assert info.pace.widest > 0


EVERYTHING = OwnedQuery()
_TOGETHER = 8
"""How many numbers are read at once."""


async def listed(bench: Bench, query: OwnedQuery = EVERYTHING) -> list[Page[OwnedNumber]]:
    """Read a listing to its end."""
    return [page async for page in bench.client.owned(query)]


def numbers_in(pages: Iterable[Page[OwnedNumber]]) -> list[E164]:
    """Return the numbers of some pages."""
    return [item.number for page in pages for item in page.items]


async def stock_of(bench: Bench, query: StockQuery) -> tuple[AvailableNumber, ...]:
    """Return the first page of a search."""
    pages = bench.client.available(query)
    first = await anext(pages)
    await _left(pages)
    return first.items


async def _left(pages: AsyncIterator[object]) -> None:
    close = getattr(pages, "aclose", None)
    if close is not None:
        await close()


def _queries(info: ProviderInfo, everything: list[OwnedNumber]) -> list[OwnedQuery]:
    """Return every kind of filter, each of which some number may pass."""
    sample = everything[len(everything) // 2]
    queries = [
        OwnedQuery(country=sample.country),
        OwnedQuery(types=frozenset(filter(None, [sample.type]))),
        OwnedQuery(capabilities=frozenset({"voice", "sms"})),
        OwnedQuery(unrouted=True),
    ]
    for kind in info.target_kinds:
        pattern = TargetPattern(kind.key)
        queries += [OwnedQuery(target=pattern), OwnedQuery(linked=pattern)]
        queries += [OwnedQuery(not_linked=pattern), OwnedQuery(linked=pattern, not_linked=pattern)]
        told = [t for item in everything for t in item.routing.values() if t and t.kind == kind.key]
        values = [t.value for t in told if isinstance(t, Target)]
        for exact in [TargetPattern(kind.key, value) for value in values[:2]]:
            queries += [OwnedQuery(target=exact), OwnedQuery(linked=exact)]
            queries.append(OwnedQuery(not_linked=exact))
    return queries


class ListingTests(PluginTests):
    """What a client reads."""

    async def test_the_credential_is_checked_by_one_request(self, bench: Bench) -> None:
        check = await bench.client.check()
        assert check.title
        assert len(bench.requests) == 1
        assert bench.writes == 0

    async def test_everything_is_listed_once(self, bench: Bench) -> None:
        pages = await listed(bench)
        owned = bench.owned()
        assert sorted(numbers_in(pages)) == sorted(owned)
        assert not any(page.warnings or page.dropped for page in pages)
        assert {page.total.count for page in pages} <= {None, len(owned)}
        assert not any(page.total.capped for page in pages)
        assert bench.writes == 0

    async def test_every_number_bears_its_account_and_known_words(self, bench: Bench) -> None:
        info = self.plugin.info
        readable = {spec.key for spec in info.settings if spec.readable}
        pages = await listed(bench)
        assert len({item.account for page in pages for item in page.items}) == 1
        for page in pages:
            for number in page.items:
                assert number.account
                assert number.provider == info.key
                assert set(number.settings) == readable
                assert set(number.elsewhere) <= set(number.routing)
                assert set(number.routing) == {"voice", "sms"}
                assert number.received is None
                kinds = {target.kind for target in number.routing.values() if target is not None}
                documented = {kind.key for kind in info.target_kinds}
                assert kinds <= {*documented, *bench.undocumented_kinds}

    @pytest.mark.parametrize("wanted", [1, 2])
    async def test_a_listing_that_is_left_leaves_nothing_under_way(
        self, bench: Bench, wanted: int
    ) -> None:
        before = asyncio.all_tasks()
        pages = bench.client.owned(EVERYTHING)
        for _ in range(wanted):
            page = await anext(pages, None)
            assert page is None or page.items
        await _left(pages)
        assert asyncio.all_tasks() == before
        assert await bench.ordinary()

    async def test_filters_never_hide_what_matches(self, bench: Bench) -> None:
        everything = [item for page in await listed(bench) for item in page.items]
        info = self.plugin.info
        for query in _queries(info, everything):
            wanted = {
                item.number
                for item in everything
                if query.accepts(item, info.stored_targets(item.settings))
            }
            assert wanted <= set(numbers_in(await listed(bench, query))), query

    async def test_a_number_is_found_as_it_is_listed(self, bench: Bench) -> None:
        wanted = E164(bench.ordinary_number())
        pages = await listed(bench)
        (as_listed,) = [item for page in pages for item in page.items if item.number == wanted]
        for known in (None, as_listed):
            found = await bench.client.find(wanted, known)
            assert found is not None
            assert found.same_delivery(as_listed)
            assert (found.number, found.id, found.status) == (
                wanted,
                as_listed.id,
                as_listed.status,
            )
            assert found.received

    async def test_numbers_that_are_read_together_read_as_by_themselves(self, bench: Bench) -> None:
        every = {item.number: item for page in await listed(bench) for item in page.items}
        absent = E164(bench.ordinary_number() + "0")
        wanted = [E164(bench.ordinary_number()), *every][:_TOGETHER]
        for known in (dict.fromkeys(wanted), {number: every[number] for number in wanted}):
            together = dict(await bench.client.find_many({**known, absent: None}))
            assert set(together) <= {*wanted, absent}
            assert together.pop(absent, None) is None
            for number, told in together.items():
                alone = await bench.client.find(number, known[number])
                assert told is not None
                assert alone is not None
                assert replace(told, seen_at=alone.seen_at) == alone
                assert told.elsewhere == alone.elsewhere
                assert told.received

    async def test_neither_a_part_nor_a_longer_number_matches(self, bench: Bench) -> None:
        wanted = bench.ordinary_number()
        for other in (wanted[:-1], wanted + "0", "+" + wanted[2:]):
            assert await bench.client.find(E164(other)) is None

    async def test_targets_serve_what_is_declared(self, bench: Bench) -> None:
        options = [option async for page in bench.client.targets() for option in page.items]
        info = self.plugin.info
        assert bool(options) == any(kind.listed for kind in info.target_kinds)
        assert len({option.target for option in options}) == len(options)
        for option in options:
            kind = info.target_kind(option.target.kind)
            assert kind is not None
            assert option.channels or option.problem
            assert set(option.channels) <= set(kind.channels)
            assert option.target.value

    async def test_stock_is_listed_or_declared_as_not_offered(self, bench: Bench) -> None:
        query, search = bench.stock, self.plugin.info.search
        assert (query is not None) == search.offered
        if query is None:
            with pytest.raises(NotOffered) as failure:
                await anext(bench.client.available(StockQuery("AU")))
            assert search.reason in str(failure.value)
            assert not bench.requests
            return
        pages = bench.client.available(query)
        first = await anext(pages)
        assert first.items
        assert len(bench.requests) <= bench.search_reads
        for item in first.items:
            assert query.accepts(item) is not False
            assert (item.country, item.type) == (query.country, query.type)
        await _left(pages)
        nothing = StockQuery(query.country, query.type, pattern="123456789012345")
        rows = [item async for page in bench.client.available(nothing) for item in page.items]
        assert rows == []

    async def test_stock_has_the_prices_of_the_declared_currency_or_none(
        self, bench: Bench
    ) -> None:
        if bench.stock is None:
            return
        info = self.plugin.info
        items = await stock_of(bench, bench.stock)
        prices = [item.monthly_cost for item in items if item.monthly_cost is not None]
        assert bool(prices) == bool(info.currency)
        assert {price.currency for price in prices} <= {info.currency}

    async def test_the_search_filters_that_are_declared_are_the_providers_own(
        self, bench: Bench
    ) -> None:
        query, filters = bench.stock, self.plugin.info.search_filters
        if query is None:
            assert not filters
            return
        number = (await stock_of(bench, query))[-1].number
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

    async def test_choices_are_listed_where_a_setting_says_so_and_can_be_set(
        self, bench: Bench
    ) -> None:
        number = await bench.ordinary()
        for spec in self.plugin.info.settings:
            choices = await bench.client.choices_for(spec.key, number)
            assert bool(choices) == spec.picker
            for choice in choices[-1:]:
                assert choice.label
                await bench.client.update(number, Change({spec.key: Set(choice.value)}))


ATTEMPTS = 4


FAILURES: tuple[tuple[Fault, type[ProviderError], int], ...] = (
    (401, CredentialsRejected, 1),
    (403, Forbidden, 1),
    (404, NotFound, 1),
    (429, RateLimited, ATTEMPTS),
    (500, ServerFault, 1),
    (502, ServerFault, ATTEMPTS),
    (503, ServerFault, ATTEMPTS),
    (504, ServerFault, ATTEMPTS),
    (Failure.HTML, BadReply, 1),
    (Failure.HALF_JSON, BadReply, 1),
    (Failure.EMPTY, BadReply, 1),
    (Failure.DROPPED, NoAnswer, ATTEMPTS),
    (Failure.LOST, NoAnswer, ATTEMPTS),
)


PASSING = (
    429,
    502,
    503,
    504,
    Failure.DROPPED,
)


def assert_failed_as(failure: ProviderError, kind: type[ProviderError]) -> None:
    """A failure is of its kind, and names its account in one line that holds no page."""
    assert isinstance(failure, BadReply) == (kind is BadReply)
    assert failure.account
    assert "\n" not in str(failure)
    assert "<" not in str(failure)


class FailureTests(PluginTests):
    """What a client says of a read that fails."""

    @pytest.mark.parametrize(("kind", "error", "requests"), FAILURES)
    async def test_a_listing_that_fails(
        self, bench: Bench, kind: Fault, error: type[ProviderError], requests: int
    ) -> None:
        bench.fail_reads(kind)
        with pytest.raises(error) as failure:
            await listed(bench)
        assert_failed_as(failure.value, error)
        # What tells more of the numbers may be asked side by side; each path has its attempts.
        attempts = Counter(request.path for request in bench.requests)
        assert max(attempts.values()) == requests
        assert len(bench.waits) >= requests - 1

    async def test_a_refused_read(self, bench: Bench) -> None:
        for refusal in bench.refusals:
            bench.mend()
            bench.fail_reads(refusal)
            with pytest.raises(Rejected):
                await listed(bench)

    @pytest.mark.parametrize("kind", PASSING)
    async def test_a_read_recovers(self, bench: Bench, kind: Fault) -> None:
        bench.fail_reads(kind, times=2)
        assert sorted(numbers_in(await listed(bench))) == sorted(bench.owned())
