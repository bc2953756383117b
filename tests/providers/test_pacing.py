import asyncio

import pytest

from tui_numbers.providers.contract import Pace
from tui_numbers.providers.pacing import Pacer

from .kit import Clock


def pacer(**pace):
    clock, waits = Clock(), []
    return Pacer("uk-sms", Pace(**pace), clock.timing, waits.append), clock, waits


async def test_no_more_requests_at_once_than_the_width():
    made, _, _ = pacer(widest=3)
    under_way = most = 0

    async def ask():
        nonlocal under_way, most
        async with made.turn(write=False):
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0)
            under_way -= 1

    await asyncio.gather(*(ask() for _ in range(20)))
    assert most == 3


async def test_a_request_that_fails_gives_its_place_back():
    made, _, _ = pacer(widest=1)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            async with made.turn(write=False):
                raise RuntimeError
    async with made.turn(write=False):
        pass


async def test_clean_answers_widen_and_429_halves():
    made, _, _ = pacer(widest=16)
    assert made.width == 8
    for _ in range(8):
        made.observe(200, {})
    assert made.width == 16
    for _ in range(40):
        made.observe(200, {})
    assert made.width == 16
    for width in (8, 4, 2, 1, 1):
        made.observe(429, {})
        assert made.width == width
    made.observe(200, {})
    assert made.width == 2


async def test_a_request_waits_out_a_hold_and_says_so():
    made, clock, waits = pacer()
    made.hold(5, "used up")
    made.hold(2, "shorter")
    async with made.turn(write=False):
        pass
    assert clock.slept == [5]
    assert [(wait.account, wait.reason, wait.seconds) for wait in waits] == [
        ("uk-sms", "used up", 5)
    ]


@pytest.mark.parametrize(
    ("remaining", "reset", "held"),
    [
        ("0", 30, True),
        ("1", 30, True),
        ("50", 30, False),
        ("0", -5, False),
        ("0", 9_999, False),
        ("x", 30, False),
        ("nan", 30, False),
    ],
)
async def test_an_announced_limit_is_obeyed(remaining, reset, held):
    made, clock, _ = pacer()
    headers = {
        "x-ratelimit-remaining": remaining,
        "x-ratelimit-reset": str(clock.now() + reset),
    }
    made.observe(200, headers)
    async with made.turn(write=False):
        pass
    assert clock.slept == ([reset] if held else [])


async def test_writes_side_by_side_are_spaced():
    made, clock, _ = pacer(writes_per_second=2.0)
    started = []

    async def write():
        async with made.turn(write=True):
            started.append(clock.now())

    await asyncio.gather(*(write() for _ in range(4)))
    assert [time - started[0] for time in started] == [0, 0.5, 1.0, 1.5]
