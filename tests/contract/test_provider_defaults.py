"""A provider implements what every one does, and leaves out what it does not have."""

import pytest

from tui_numbers.domain.changes import Change
from tui_numbers.providers.contract import Provider


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
    assert await client.find_many({}) == {}
    assert client.warnings(None, Change({})) == ()


@pytest.mark.parametrize("name", sorted(Least.__dict__.keys() & Provider.__abstractmethods__))
def test_a_provider_without_one_of_the_others_cannot_be_made(name):
    short = type("Short", (Provider,), {key: value for key, value in vars(Least).items()
                                        if key != name and not key.startswith("__")})  # fmt: skip
    with pytest.raises(TypeError, match=name):
        short()
