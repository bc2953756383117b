from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.writes import fresh_world
from tui_numbers.sandbox.accounts import ACCOUNTS
from tui_numbers.sandbox.app import Sandbox

CREDENTIALS = {
    account.provider: (next(iter(account.fields.values()), ""), account.secret)
    for account in ACCOUNTS
}
BASES = {account.provider: f"http://sandbox.test{account.base_path}" for account in ACCOUNTS}


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Sandbox:
    return Sandbox(fresh_world(), clock=clock)


def client_of(sandbox: Sandbox, provider: str, **options: object) -> httpx.AsyncClient:
    settings: dict = {"auth": CREDENTIALS[provider], "base_url": BASES[provider], **options}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=sandbox), **settings)


@pytest.fixture
async def parakeet(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(sandbox, "parakeet") as client:
        yield client


@pytest.fixture
async def fonedynamics(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(sandbox, "fonedynamics") as client:
        yield client


@pytest.fixture
async def vonage(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(sandbox, "vonage") as client:
        yield client


@pytest.fixture
async def telnyx(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    bearer = {"authorization": f"Bearer {CREDENTIALS['telnyx'][1]}"}
    async with client_of(sandbox, "telnyx", auth=None, headers=bearer) as client:
        yield client
