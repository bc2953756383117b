"""What a provider declares fits together, so that forms, pickers and refusals can be made of it."""

import re

import pytest

from tests.contract.cases import CASES
from tui_numbers.domain.changes import Change
from tui_numbers.domain.numbers import NUMBER_TYPES, Channel
from tui_numbers.providers.contract import Provider, ValueKind
from tui_numbers.providers.registry import load_registry

FILTERS = {"type", "features", "pattern", "pattern:contains", "pattern:starts", "pattern:ends"}


def test_every_provider_passes_the_contract():
    assert {case.key for case in CASES} == set(load_registry().plugins)


class Least(Provider):
    """A provider with nothing but what every one has."""

    async def check(self):
        raise NotImplementedError

    async def owned(self, query):
        raise NotImplementedError

    async def find(self, number, known=None):
        raise NotImplementedError

    async def available(self, query):
        raise NotImplementedError

    async def targets(self, number=None):
        raise NotImplementedError

    async def update(self, number, change):
        raise NotImplementedError

    async def buy(self, number, target):
        raise NotImplementedError

    async def release(self, number):
        raise NotImplementedError


async def test_a_provider_leaves_out_what_it_does_not_have():
    client = Least()
    assert await client.choices_for("voice", None) == ()
    assert await client.addresses() == ()
    assert client.warnings(None, Change({})) == ()


@pytest.mark.parametrize("name", sorted(Least.__dict__.keys() & Provider.__abstractmethods__))
def test_a_provider_without_one_of_the_others_cannot_be_made(name):
    short = type("Short", (Provider,), {key: value for key, value in vars(Least).items()
                                        if key != name and not key.startswith("__")})  # fmt: skip
    with pytest.raises(TypeError, match=name):
        short()


@pytest.fixture
def info(case):
    return case.info


def test_fields(info):
    assert info.secret_field.required
    assert len({field.key for field in info.fields}) == len(info.fields)
    for field in info.fields:
        assert field.label
        if field.pattern is not None and field.example:
            assert re.fullmatch(field.pattern, field.example)
        assert not field.choices or field.example in field.choices


def test_settings_fit_the_target_kinds_and_the_precedence(info):
    assert len({spec.key for spec in info.settings}) == len(info.settings)
    for spec in info.settings:
        kinds = [info.target_kind(key) for key in spec.target_kinds]
        assert (spec.kind is ValueKind.TARGET) == bool(kinds)
        assert all(kind and set(kind.channels) <= set(spec.channels) for kind in kinds)
        assert (spec.kind is ValueKind.CHOICE) == bool(spec.choices)
        assert spec.clearable != bool(spec.why_not_clearable)
    assert set(info.precedence) == set(Channel)
    for channel, keys in info.precedence.items():
        assert {spec.key for spec in info.settings if channel in spec.channels} == set(keys)
    assert set(info.not_carried_over) <= {spec.key for spec in info.settings if not spec.readable}


def test_every_target_kind_can_be_written_and_set(info):
    settable = {key for spec in info.settings for key in spec.target_kinds}
    assert {kind.key for kind in info.target_kinds} == settable
    for kind in info.target_kinds:
        assert kind.pattern is None or re.fullmatch(kind.pattern, kind.example)


def test_what_is_not_offered_says_why(info):
    for offer in (info.search, info.buy, info.release):
        assert offer.offered != bool(offer.reason)
    assert bool(info.currency) != bool(info.price_unknown)


def test_the_search_and_the_pace_are_such_as_are_understood(info):
    assert info.search_filters <= FILTERS
    assert bool(info.search_filters) <= info.search.offered
    assert set(info.types) <= set(NUMBER_TYPES)
    assert info.page_size > 0
    assert info.pace.widest > 0
